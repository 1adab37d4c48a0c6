import type { Identity, RouteValues, Tenant } from './view.ts'

export interface Flash {
  readonly kind: string
  readonly text: string
}

export type AskPermission = (identity: Identity, permission: string) => boolean | Promise<boolean>

/** Who and what a view is mounted for. */
export interface MountInput {
  readonly params: RouteValues
  readonly query: RouteValues
  readonly identity: Identity | null
  readonly tenant: Tenant | null
  /** Whether somebody has a permission. Without it nobody has any. */
  readonly hasPermission?: AskPermission
  readonly globals: Readonly<Record<string, unknown>>
  /** Milliseconds that loading may take, and rendering. */
  readonly deadline: number
  /** Bytes that the state may take, estimated. Without it any. */
  readonly maxStateSize?: number
  /** Told of a rendering that took longer than a second. */
  readonly slowRender?: (view: string, ms: number) => void
  /** In development: what a loader returned and nothing asked for. */
  readonly overDelivered: ((view: string, loader: string, paths: readonly string[]) => void) | null
}

/** What one turn gives to loading and rendering: its log, and its end. */
export interface Given {
  /** Aborted when nobody waits for the outcome any more. */
  readonly signal: AbortSignal
  /** Logs a loader's failure; answers the id under which it stands in the log. */
  failed (error: Error): string
}

export interface MountOptions extends Given {
  /** Whether deferred loaders run with the others, or are left for the socket. */
  readonly deferred: 'now' | 'later'
  /** Whether a failed loader without fallback fails the mount, or its own places only. */
  readonly failure: 'throws' | 'shows'
}
