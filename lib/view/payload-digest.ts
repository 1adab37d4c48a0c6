import { createHash } from 'node:crypto'
import type { Schema } from './payload-type.ts'

/**
 * Changes with anything that a payload's schema says, in whatever order it says it. A Standard Schema does not tell what it
 * checks.
 */
export function payloadDigest (schema: Schema | null): string | null {
  if (schema === null) return null
  const told = '~standard' in schema
    ? { vendor: (schema as { '~standard': { vendor: string } })['~standard'].vendor, schema: 'unknown' }
    : schema
  return createHash('sha256').update(JSON.stringify(told, canonical)).digest('hex').slice(0, 12)
}

/** JSON leaves out functions and symbols by itself; numbers that it does not know must not all be alike. */
function canonical (_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return { [typeof value]: String(value) }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
}
