import type { KeyedBuckets } from '../limits/keyed-buckets.ts'
import type { Limits } from '../limits/limit-options.ts'
import type { JoinMessage } from '../security/envelope.ts'
import type { RefusalLog } from '../security/refusal-log.ts'
import type { Refusal } from '../chain/refusal.ts'
import type { Counters } from './counters.ts'
import type { CompiledView } from './compiled-view.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Mount } from './mount.ts'
import type { Later } from './pace.ts'
import type { PayloadCheck } from './payload-check.ts'
import type { Connection, Logger } from './view.ts'

/** A refusal as the `onViolation` hook gets it. */
export interface Violation {
  readonly code: string
  readonly reason: string
  /** `none`: an honest client can come to this. `warning`: counted. `close`: the connection has ended. */
  readonly weight: 'none' | 'warning' | 'close'
  readonly detail: string
  /** Null where it was refused before a view was known. */
  readonly view: string | null
  readonly event: string | null
  /** The address as limits see it: IPv4, or the /64 of an IPv6 address. */
  readonly address: string
}

/** Told of every refusal. The connection is null where a page or an upgrade was refused. */
export type OnViolation = (violation: Violation, connection: Connection | null) => void | Promise<void>

/** Milliseconds. */
export interface Deadlines {
  readonly join: number
  readonly mount: number
  readonly handler: number
  /** A session that was looked at longer ago is looked at again before an event runs, and before anything is pushed. */
  readonly session: number
  /** Pages on which nothing happens: their sessions are looked at at least that often. */
  readonly idle: number
  /** While the session store fails, connections go on for that long after the look that was due. */
  readonly grace: number
  /** Between two looks at a session whose store fails: events do not each wait for a dead store. */
  readonly retry: number
}

export const DEADLINES: Deadlines = Object.freeze({
  join: 10_000, mount: 5_000, handler: 10_000, session: 15_000, idle: 60_000, grace: 30_000, retry: 2_000,
})

/** What all connections of one route share. */
export interface RouteSettings {
  readonly compiled: CompiledView
  readonly payloads: ReadonlyMap<string, PayloadCheck>
  readonly limits: Limits
  readonly deadlines: Deadlines
  /** Budgets of the events that have one, by event name. */
  readonly handlerBuckets: ReadonlyMap<string, KeyedBuckets>
  readonly now: () => number
  readonly onViolation: OnViolation
  readonly counters: Counters
  readonly refusals: RefusalLog
  /** Counts and warns of an undeclared event that runs under `eventSecurity: 'warn'`; null where it is silent. */
  readonly onUndeclared: ((view: string, event: string) => void) | null
  /** Whether loaders that an event did not reload are looked at after it. */
  readonly verifyReloads: boolean
}

/**
 * What a look at the session, the identity and the access found: null where all is well; `store-down` where the identity and
 * the access are, by the session as it was read last, and the store does not say whether it still is there.
 */
export type Look = Refusal | 'store-down' | null

/** What is known once a join has been accepted. */
export interface Joined {
  readonly mount: Mount
  /** The reply, a whole message. */
  readonly reply: string
  /** The key of the caller's budget for an event: by tenant, view, event and identity, else address. */
  readonly handlerKey: (event: string) => string
  /** Null while the session, the identity and the access still hold. */
  readonly recheck: () => Promise<Look>
  readonly updateSession: (change: (session: Record<string, unknown>) => void | Promise<void>) => Promise<void>
}

/** What one connection is made of. */
export interface ConnectionOptions {
  readonly id: string
  readonly route: RouteSettings
  readonly log: Logger
  /** The address as limits see it. */
  readonly address: string
  readonly join: (message: JoinMessage, connection: LiveConnection) => Promise<Joined | Refusal>
  /** Runs once, when the connection is over. `limit` tells that it was closed for too many violations. */
  readonly onClosed: (connection: LiveConnection, limit: 'limit' | null) => void
  /** Default: a timer. */
  readonly later?: Later
}
