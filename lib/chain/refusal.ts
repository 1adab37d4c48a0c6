/** What the browser is told: one of the reasons of docs/protocol.md, with generic text. */
export type Reason = 'stale' | 'denied' | 'invalid' | 'limit' | 'busy' | 'error'

/**
 * Why a frame or an event goes no further.
 * - `weight: 'none'`: an honest client can come to this (a stale click, a denied action): answered, nothing else, within a
 *   budget that nobody honest uses up.
 * - `weight: 'warning'`: no honest client sends this often; after `maxWarnings` of them the connection ends with 4429.
 * - `weight: 'close'`: impossible for our runtime; the connection ends at once with `close`.
 */
export interface Refusal {
  /** LIVE_ERR_ code for logs, counters and `onViolation`. */
  readonly code: string
  readonly reason: Reason
  readonly weight: 'none' | 'warning' | 'close'
  readonly close: number
  /** Under which application code's own error was logged, where that was the reason. */
  readonly id?: string
  /** Milliseconds after which the same may pass, where that is known. */
  readonly wait?: number
  /**
   * What one of no weight becomes when the connection has used up its budget of them: a warning, unless it is of a text that
   * somebody is typing, which is told to wait.
   */
  readonly beyond?: 'limit'
  /** For the log only: never sent to a browser. */
  readonly detail: string
}

export function refusal (code: string, reason: Reason, detail: string): Refusal {
  return { code, reason, weight: 'none', close: 0, detail }
}

export function violation (code: string, reason: Reason, detail: string): Refusal {
  return { code, reason, weight: 'warning', close: 0, detail }
}

export function fatal (code: string, close: number, detail: string): Refusal {
  return { code, reason: 'invalid', weight: 'close', close, detail }
}
