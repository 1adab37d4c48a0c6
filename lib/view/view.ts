import type { LoaderDefinition } from './loader-definition.ts'
import type { DataOf, GuardColumns, Loaders } from './loader-types.ts'
import type { Schema, PayloadOf } from './payload-type.ts'

/**
 * Named types of an application: `declare module 'fastify-live-view' { interface Register { identity: User, tenant: string } }`.
 * `session` and `request` are typed by the plugin.
 */

export interface Register {}

export type Identity = Register extends { identity: infer I }
  ? I
  : { readonly id: string | number, readonly [key: string]: unknown }
export type Tenant = Register extends { tenant: infer T } ? T : string

export type RouteValues = Readonly<Record<string, string | undefined>>

/** `'user'`: an identity is required. `'public'`: none is. Another string: a permission's name. A function decides itself. */
export type Access = AccessName | AccessRule
export type AccessName = 'user' | 'public' | (string & {})
export type AccessRule = (context: AccessContext) => boolean | Promise<boolean>

/** Who may be anonymous: views that say `'public'`, and those that decide themselves. */
export type IdentityOf<A> = A extends 'public' | ((...context: never[]) => unknown) ? Identity | null : Identity

export interface Logger {
  debug (bindings: object, message: string): void
  info (bindings: object, message: string): void
  warn (bindings: object, message: string): void
  error (bindings: object, message: string): void
}

export interface AccessContext {
  readonly identity: Identity | null
  readonly tenant: Tenant | null
  /** The application's own option, asked for this identity; false without one. */
  hasPermission (permission: string): boolean | Promise<boolean>
  readonly params: RouteValues
  readonly query: RouteValues
}

export interface StateContext<A = Access> {
  readonly params: RouteValues
  readonly query: RouteValues
  readonly identity: IdentityOf<A>
  readonly tenant: Tenant | null
}

/** The connection as application code sees it. */
export interface Connection<S = unknown> {
  readonly id: string
  readonly view: string
  readonly identity: Identity | null
  readonly tenant: Tenant | null
  /** Changes the state from outside a handler (timer, job, subscription), in turn with the events. No-op once closed. */
  update (change: (state: S) => void | Promise<void>): void
  /** Ends the connection; the browser loads the page anew. */
  close (): void
}

export interface HandlerContext<S, D, A = Access> extends StateContext<A> {
  readonly state: S
  /** Loaded so far. */
  readonly data: Partial<D>
  readonly connection: Connection<S>
  readonly log: Logger
  readonly signal: AbortSignal
  /** The application's own option, asked for the identity of this moment; false without one. */
  hasPermission (permission: string): boolean | Promise<boolean>
  /** Runs that loader again before the next rendering. */
  reload (name: keyof D & string): void
  /** Replaces the query of the page's address, runs `onParams`, and then again the loaders that read the query. */
  patchUrl (query: Readonly<Record<string, string | number | null | undefined>>): void
  /** Sends the browser to another page of this site: an absolute path. */
  navigate (path: string): void
  /** Shown once: the template's `flash` list, or a message of the browser runtime where the template has none. */
  flash (kind: string, text: string): void
  /** Dispatches `live:NAME` on the browser's document, `data` in its `detail`. */
  pushEvent (name: string, data: unknown): void
  /** Reads the session from its store, changes it and writes it back; nothing happens if it has ended meanwhile. */
  updateSession (change: (session: Record<string, unknown>) => void | Promise<void>): Promise<void>
}

export interface EventContext<S, D, A, P> extends HandlerContext<S, D, A> {
  readonly payload: P
}

export interface EventLimit {
  /** Events a second, sustained. */
  readonly rate: number
  /** Events at once. */
  readonly burst: number
}

export interface EventDefinition<S, D, A, P> {
  /** TypeBox, JSON Schema or a Standard Schema. Without one the payload is empty, whatever the browser sends. */
  readonly payload?: P
  readonly rateLimit?: EventLimit
  readonly authorize?: (context: EventContext<S, D, A, PayloadOf<P>>) => boolean | Promise<boolean>
  /**
   * Loaders that run again after the handler; the names are checked at boot. Typed `keyof D`, a literal here makes
   * TypeScript fix the loaders' type before it has inferred the state: `state` would be `object` in every function.
   */
  readonly reloads?: readonly string[]
  readonly run: (context: EventContext<S, D, A, PayloadOf<P>>) => void | Promise<void>
}

/** A bare function is an undeclared event: `eventSecurity` says what becomes of it. */
export type UndeclaredEvent<S, D, A> = (context: EventContext<S, D, A, Readonly<Record<string, never>>>) => void | Promise<void>

export interface ViewDefinition<
  S extends object, L, P, A extends Access, Schemas = object, Columns extends GuardColumns = GuardColumns
> {
  /** Unique among the application's views: a lower-case letter, then lower-case letters, digits, `_` and `-`. */
  readonly name: string
  readonly template: string
  /** Templates that an `{% include name %}` may show whose name is only known when it is rendered. */
  readonly includes?: readonly string[]
  /**
   * Fields whose text is HTML that goes into the page as it is, as `explain` prints their paths: `['post.body',
   * 'comments[].html']`. A template's `| safe` prints only these; each of them has to be printed so. For HTML that anybody may
   * write, leave it out and let the template say `| sanitize`.
   */
  readonly trustedHtml?: readonly string[]
  readonly access?: A
  readonly state?: (context: StateContext<A>) => S
  readonly loaders?: Loaders<S, A, L, Schemas, Columns>
  readonly events?: { readonly [K in keyof P]: EventDefinition<S, DataOf<L>, A, P[K]> | UndeclaredEvent<S, DataOf<L>, A> }
  /** Runs when the socket is live, never in the GET: timers and subscriptions start here. */
  readonly onConnect?: (context: HandlerContext<S, DataOf<L>, A>) => void | Promise<void>
  /** Runs after `patchUrl`. */
  readonly onParams?: (context: HandlerContext<S, DataOf<L>, A>) => void | Promise<void>
  readonly onDisconnect?: (context: HandlerContext<S, DataOf<L>, A>) => void | Promise<void>
}

/** What the engine runs: a definition with its types forgotten. */
export interface View {
  readonly name: string
  readonly template: string
  readonly includes: readonly string[]
  readonly trustedHtml: readonly string[]
  readonly access: Access
  readonly state: (context: StateContext) => object
  readonly loaders: Readonly<Record<string, LoaderDefinition>>
  readonly events: ReadonlyMap<string, DeclaredEvent>
  readonly onConnect: Lifecycle | null
  readonly onParams: Lifecycle | null
  readonly onDisconnect: Lifecycle | null
}

export type AnyEventContext = EventContext<object, Record<string, unknown>, Access, unknown>
export type AnyHandlerContext = HandlerContext<object, Record<string, unknown>, Access>
export type Lifecycle = (context: AnyHandlerContext) => void | Promise<void>

export interface DeclaredEvent {
  readonly name: string
  /** False for a bare function. */
  readonly declared: boolean
  readonly payload: Schema | null
  readonly rateLimit: EventLimit | null
  readonly authorize: ((context: AnyEventContext) => boolean | Promise<boolean>) | null
  readonly reloads: readonly string[]
  readonly run: (context: AnyEventContext) => void | Promise<void>
}
