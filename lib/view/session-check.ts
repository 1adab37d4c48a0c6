import { fatal } from '../chain/refusal.ts'
import type { Refusal } from '../chain/refusal.ts'
import { CLOSE_LATER } from './close-codes.ts'
import type { Joined } from './connection-settings.ts'
import type { LiveConnection } from './live-connection.ts'

/** When one connection's session, identity and access were looked at last, and whether they are to be looked at again. */
export class SessionCheck {
  readonly #connection: LiveConnection
  /** Monotonic, milliseconds: the beginning of the last look that found everything well. */
  checkedAt: number = 0
  /** Wall clock, milliseconds: when the session ends by itself, as far as the last look knew; null where it does not. */
  expires: number | null = null
  #changed = false
  #retryAt = -Infinity

  constructor (connection: LiveConnection) {
    this.#connection = connection
  }

  /** The session has been written: what it says now is asked before anything else runs or is shown. */
  demand (): void {
    this.#changed = true
    this.#retryAt = -Infinity
  }

  /** Null while they were looked at a short time ago; else the answer of a new look. */
  ifDue (): null | Promise<Refusal | null> {
    const { session, grace } = this.#connection.route.deadlines
    if (this.#isPausing() && this.#age() <= session + grace) return null
    return this.#isOlderThan(session) ? this.look() : null
  }

  /** Whether it is time to look although nothing happens on the page. */
  isIdle (): boolean {
    return !this.#isPausing() && this.#isOlderThan(this.#connection.route.deadlines.idle)
  }

  /** @param due milliseconds after which this look had to come: the grace for a store that fails begins there */
  async look (due: number = this.#connection.route.deadlines.session): Promise<Refusal | null> {
    const { now, deadlines } = this.#connection.route
    // The look's beginning counts: what changes while it goes on may not be in it.
    const began = now()
    const wasChanged = this.#changed
    this.#changed = false
    const found = await (this.#connection.joined as Joined).recheck()
    if (found === null) this.checkedAt = Math.max(this.checkedAt, began)
    if (found !== 'store-down') return found
    if (this.#age() > due + deadlines.grace) return fatal('LIVE_ERR_SESSION_STORE', CLOSE_LATER, 'the session store does not answer')
    this.#retryAt = now() + deadlines.retry
    // What was written has not been seen yet.
    this.#changed ||= wasChanged
    return null
  }

  /** A look that no event and no push asked for, at its turn: what it finds changed is shown. */
  async lookIdle (): Promise<void> {
    const connection = this.#connection
    const { mount } = connection.joined as Joined
    const { holder } = mount
    const refused = await this.look(connection.route.deadlines.idle)
    if (connection.isClosed()) return
    if (refused !== null) {
      connection.refuse(refused, 0, null)
      return
    }
    const other = mount.holder !== holder
    // A new page token waits there too: a page that is only read keeps one that it can come back with.
    if (other || connection.reloads.size > 0 || connection.effects.pending() !== null) await connection.publisher.publish(0)
  }

  #isPausing (): boolean {
    return this.#connection.route.now() < this.#retryAt
  }

  #age (): number {
    return this.#connection.route.now() - this.checkedAt
  }

  #isOlderThan (age: number): boolean {
    return this.#changed || this.#age() > age || (this.expires !== null && this.expires <= Date.now())
  }
}
