import { fatal } from '../chain/refusal.ts'
import type { Refusal } from '../chain/refusal.ts'
import { CLOSE_RELOAD } from './close-codes.ts'
import { LIVE_ERR_STATE_SIZE } from './errors.ts'
import { estimateSize } from './estimate-size.ts'
import type { LiveConnection } from './live-connection.ts'

/** Milliseconds between two looks, and changes: a look at 1000 rows costs 0.15 ms, as much as their event. */
const PERIOD = 1000
const CHANGES = 64

/** Looks now and then whether one connection's state has grown over its `maxStateSize`. */
export class StateSize {
  readonly #connection: LiveConnection
  #lookedAt: number
  #changes = 0

  constructor (connection: LiveConnection) {
    this.#connection = connection
    this.#lookedAt = connection.route.now()
  }

  /** After each change. What was found is logged, and ends the connection: its page loads anew, with a fresh state. */
  ifDue (state: object): Refusal | null {
    const { route } = this.#connection
    const now = route.now()
    if (++this.#changes < CHANGES && now - this.#lookedAt < PERIOD) return null
    this.#changes = 0
    this.#lookedAt = now
    try {
      checkStateSize(route.compiled.view.name, state, route.limits.maxStateSize)
      return null
    } catch (err) {
      this.#connection.fail(err, 'live state too big')
      return fatal('LIVE_ERR_STATE_SIZE', CLOSE_RELOAD, (err as Error).message)
    }
  }
}

/** Throws LIVE_ERR_STATE_SIZE for a state that takes more than `limit` bytes. Answers its estimated size. */
export function checkStateSize (view: string, state: object, limit: number): number {
  const size = estimateSize(state, limit)
  if (size <= limit) return size
  // Looked at again for the message: how much is too much tells the one great value from what has slowly gathered.
  const most = 8 * limit
  const whole = estimateSize(state, most)
  throw new LIVE_ERR_STATE_SIZE(view, whole > most ? `more than ${most}` : `about ${whole}`, limit)
}
