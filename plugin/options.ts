import type { FastifyReply, FastifyRequest } from 'fastify'
import { normalizeLimits } from '../lib/limits/limit-options.ts'
import type { Limits, RateLimit } from '../lib/limits/limit-options.ts'
import { createOriginCheck } from '../lib/security/check-origin.ts'
import { checkSecrets } from '../lib/security/derive-key.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { TemplateSource } from '../lib/template/to-loaders.ts'
import type { EventSecurity } from '../lib/view/compiled-view.ts'
import { DEADLINES } from '../lib/view/connection-settings.ts'
import type { OnViolation } from '../lib/view/connection-settings.ts'
import { withDeadline } from '../lib/view/deadline.ts'
import { LIVE_ERR_OPTION } from '../lib/view/errors.ts'
import { show } from '../lib/view/show-value.ts'
import type { Identity, Tenant, View } from '../lib/view/view.ts'
import { readFrameAncestors } from './frame-ancestors.ts'
import type { FrameAncestors, Framing } from './frame-ancestors.ts'

/** The session as the application's session plugin types it, read-only; null where there is none. */
export type ReadOnlySession = (FastifyRequest extends { session: infer S } ? Readonly<Omit<S, 'cookie'>> : Readonly<Record<string, unknown>>) | null

export interface VisitContext {
  /** A fresh copy of the session's values at every call. */
  readonly session: ReadOnlySession
  readonly request: FastifyRequest
}

type Awaitable<T> = T | Promise<T>

type Globals = (
  context: { readonly request: FastifyRequest, readonly reply: FastifyReply }
) => Awaitable<Record<string, unknown>>

export interface LiveViewOptions {
  /** A folder, several (the first that has a template wins), nunjucks loaders, a record of sources by name, or an environment. */
  readonly templates: TemplateSource | TemplateEnvironment
  /** Exact origins that may open sockets. Required in production; else the listening origin. */
  readonly origins?: readonly string[]
  /** Who is there. Default: `session.user`. */
  readonly identify?: (context: VisitContext) => Awaitable<Identity | null>
  /** A string that stays the same for one identity. Default: `identity.id`. */
  readonly identityKey?: (identity: Identity) => string
  readonly tenant?: (context: VisitContext) => Awaitable<Tenant | null>
  /** Values for every template of a page: nonce, csrf token, navigation. */
  readonly globals?: Globals
  /** Whether an identity has the permission that a view's `access` names. Default: it is in `identity.permissions`. */
  readonly hasPermission?: (identity: Identity, permission: string) => Awaitable<boolean>
  /** Where a page that needs an identity sends visitors without one. Default: 401. */
  readonly signInUrl?: string
  /** `strict`: every event is declared; `warn`: bare functions run, with a warning; `open`: they run. */
  readonly eventSecurity?: EventSecurity
  readonly rateLimit?: Partial<RateLimit>
  /** Bytes of one message. */
  readonly maxMessageSize?: number
  /** Bytes of one connection's state, estimated. */
  readonly maxStateSize?: number
  /** Signs page tokens; the first signs, all verify. Default: new at each start, so that pages load anew after a restart. */
  readonly secret?: string | readonly string[]
  /** Where the browser runtime is served. */
  readonly clientPath?: string
  /** The nonce for the script element. Default: what @fastify/helmet puts on the reply. */
  readonly nonce?: (context: { readonly request: FastifyRequest, readonly reply: FastifyReply }) => string | undefined
  /**
   * Who may show live pages in a frame. Default: what the application's own headers say (helmet: its own origin), else nobody.
   * With it, a policy of its own is sent besides the application's, and both hold.
   */
  readonly frameAncestors?: FrameAncestors
  /** Told of every refusal; the connection is null where a page or an upgrade was refused. */
  readonly onViolation?: OnViolation
  readonly views?: readonly View[]
  /** Names that `globals` gives: with them, a name that means nothing in a template ends the boot, else the first page. */
  readonly globalNames?: readonly string[]
  /**
   * After each event, loaders that did not run are run once more in secret: what gives other data than is shown should have been
   * reloaded, and is reported. Default: with NODE_ENV=development.
   */
  readonly verifyReloads?: boolean
}

const FUNCTIONS = ['identify', 'identityKey', 'tenant', 'globals', 'hasPermission', 'nonce', 'onViolation'] as const
const NAMES: readonly string[] = [
  ...FUNCTIONS, 'templates', 'origins', 'signInUrl', 'eventSecurity', 'rateLimit', 'maxMessageSize', 'maxStateSize', 'secret', 'clientPath', 'views',
  'globalNames', 'verifyReloads', 'frameAncestors',
]

/** The options, checked once and frozen: what the rest of the plugin reads. */
export interface LiveViewSettings extends Omit<Required<LiveViewOptions>,
  'origins' | 'secret' | 'signInUrl' | 'rateLimit' | 'maxMessageSize' | 'maxStateSize' | 'templates' | 'globalNames' | 'frameAncestors'> {
  /** Null where nothing was chosen. */
  readonly framing: Framing
  /** Null where `globals` is a function and its names were not given. */
  readonly globalNames: readonly string[] | null
  readonly environment: TemplateEnvironment
  readonly origins: readonly string[] | null
  readonly secrets: readonly string[] | null
  readonly signInUrl: string | null
  readonly limits: Limits
  readonly production: boolean
}

/** Throws LIVE_ERR_OPTION and its kin, which name the option, its value and what is allowed. */
export function normalizeOptions (options: LiveViewOptions): LiveViewSettings {
  const production = process.env.NODE_ENV === 'production'
  const wrong = (name: string, allowed: string): never => {
    throw new LIVE_ERR_OPTION(name, show((options as unknown as Record<string, unknown>)[name]), allowed)
  }
  // fastify adds these to the options of a plugin on its own account.
  const given = Object.keys(options).filter((name) => !['prefix', 'logLevel', 'logSerializers'].includes(name))
  for (const name of given) if (!NAMES.includes(name)) wrong(name, `no such option; options are ${[...NAMES].sort().join(', ')}`)
  for (const name of FUNCTIONS) if (options[name] !== undefined && typeof options[name] !== 'function') wrong(name, 'a function')
  if (options.templates === undefined) wrong('templates', "a folder ('./views'), folders, loaders, a record of sources or an environment")
  if (options.origins === undefined && production) wrong('origins', "in production the exact origins: ['https://app.example.com']")
  if (options.origins !== undefined) createOriginCheck({ origins: options.origins })
  const eventSecurity = options.eventSecurity ?? 'strict'
  if (!['strict', 'warn', 'open'].includes(eventSecurity)) wrong('eventSecurity', "'strict', 'warn', 'open'")
  if (options.signInUrl !== undefined && !isPath(options.signInUrl)) wrong('signInUrl', "a path of this site: '/sign-in'")
  if (options.clientPath !== undefined && !isPath(options.clientPath)) wrong('clientPath', "a path of this site: '/live-view.js'")
  if (options.views !== undefined && !Array.isArray(options.views)) wrong('views', 'an array of views')
  const { globalNames, verifyReloads } = options
  if (globalNames !== undefined && !(Array.isArray(globalNames) && globalNames.every((name) => typeof name === 'string'))) {
    wrong('globalNames', "an array of names: ['csrf']")
  }
  if (verifyReloads !== undefined && typeof verifyReloads !== 'boolean') wrong('verifyReloads', 'true or false')
  const secrets = options.secret === undefined ? null : Object.freeze([options.secret].flat())
  if (secrets !== null) checkSecrets(secrets, 'secret')
  const { templates } = options
  return Object.freeze({
    environment: templates instanceof TemplateEnvironment ? templates : new TemplateEnvironment(templates),
    origins: options.origins ?? null,
    identify: options.identify ?? identifyBySession,
    identityKey: options.identityKey ?? identityId,
    tenant: options.tenant ?? none,
    globals: inTime(options.globals ?? emptyGlobals),
    hasPermission: options.hasPermission ?? listsPermission,
    signInUrl: options.signInUrl ?? null,
    eventSecurity,
    limits: normalizeLimits(options),
    secrets,
    clientPath: options.clientPath ?? '/live-view.js',
    nonce: options.nonce ?? helmetNonce,
    onViolation: options.onViolation ?? ignore,
    framing: readFrameAncestors(options.frameAncestors, 'frameAncestors'),
    views: Object.freeze([...options.views ?? []]),
    globalNames: globalNames === undefined ? (options.globals === undefined ? [] : null) : Object.freeze([...globalNames]),
    verifyReloads: verifyReloads ?? process.env.NODE_ENV === 'development',
    production,
  })
}

function isPath (value: unknown): boolean {
  return typeof value === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(value)
}

function identifyBySession ({ session }: VisitContext): Identity | null {
  return ((session as { user?: Identity } | null)?.user) ?? null
}

function identityId (identity: Identity): string {
  const { id } = identity as { id?: unknown }
  // A number that is none, or too large to be told from the next one, would be many people's.
  if (!(typeof id === 'string' && id !== '') && !Number.isSafeInteger(id)) {
    throw new LIVE_ERR_OPTION('identityKey', 'not given', `a function, since this identity has no 'id' that is a text or a whole number (its keys: ${Object.keys(identity).join(', ')})`)
  }
  return String(id)
}

function listsPermission (identity: Identity, permission: string): boolean {
  const { permissions } = identity as { permissions?: unknown }
  return Array.isArray(permissions) && permissions.includes(permission)
}

function helmetNonce ({ reply }: { reply: FastifyReply }): string | undefined {
  return (reply as { cspNonce?: { script?: string } }).cspNonce?.script
}

/** A database that hangs must not hold up a page or a join for good. */
function inTime (globals: Globals): Globals {
  return async (context) => withDeadline((async () => globals(context))(), 'globals', DEADLINES.mount, () => {})
}

function emptyGlobals (): Record<string, unknown> {
  return {}
}

function none (): null {
  return null
}

function ignore (): void {}
