import { BOOT_GUARDS } from './boot-guards.ts'
import { CHAIN_GUARDS } from './chain-guards.ts'
import { COMMAND_GUARDS } from './command-guards.ts'
import { DATA_GUARDS } from './data-guards.ts'
import type { Guarded } from './guarded.ts'
import { HANDSHAKE_GUARDS } from './handshake-guards.ts'
import { HTML_GUARDS } from './html-guards.ts'
import { LIMIT_GUARDS } from './limit-guards.ts'
import { LOAD_GUARDS } from './load-guards.ts'
import { OUTPUT_GUARDS } from './output-guards.ts'
import { PAGE_GUARDS } from './page-guards.ts'
import { PLUGIN_GUARDS } from './plugin-guards.ts'
import { PRESSURE_GUARDS } from './pressure-guards.ts'
import { REFUSAL_GUARDS } from './refusal-guards.ts'
import { RUNTIME_GUARDS } from './runtime-guards.ts'
import { SECURITY_GUARDS } from './security-guards.ts'
import { SESSION_GUARDS } from './session-guards.ts'
import { TEMPLATE_GUARDS } from './template-guards.ts'
import { TENANT_GUARDS } from './tenant-guards.ts'
import { VIEW_GUARDS } from './view-guards.ts'

/** Every guard that can be switched off, by file. */
export const GUARDED: Readonly<Record<string, Guarded>> = {
  ...CHAIN_GUARDS,
  ...LIMIT_GUARDS,
  ...VIEW_GUARDS,
  ...LOAD_GUARDS,
  ...DATA_GUARDS,
  ...HTML_GUARDS,
  ...BOOT_GUARDS,
  ...PLUGIN_GUARDS,
  ...OUTPUT_GUARDS,
  ...PAGE_GUARDS,
  ...PRESSURE_GUARDS,
  ...HANDSHAKE_GUARDS,
  ...REFUSAL_GUARDS,
  ...SECURITY_GUARDS,
  ...SESSION_GUARDS,
  ...TEMPLATE_GUARDS,
  ...TENANT_GUARDS,
  ...COMMAND_GUARDS,
  ...RUNTIME_GUARDS,
}
