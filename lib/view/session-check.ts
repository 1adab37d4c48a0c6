import type { Refusal } from '../chain/refusal.ts'
import type { Joined } from './connection-settings.ts'
import type { LiveConnection } from './live-connection.ts'

/** When one connection's session, identity and access were looked at last, and whether they are to be looked at again. */
export class SessionCheck {
  readonly #connection: LiveConnection
  /** Monotonic, milliseconds: the beginning of the last look that found everything well. */
  checkedAt: number = 0

  constructor (connection: LiveConnection) {
    this.#connection = connection
  }

  /** Null while they were looked at a short time ago; else the answer of a new look. */
  ifDue (): null | Promise<Refusal | null> {
    const { now, deadlines } = this.#connection.route
    return now() - this.checkedAt <= deadlines.session ? null : this.look()
  }

  async look (): Promise<Refusal | null> {
    // The look's beginning counts: what changes while it goes on may not be in it.
    const began = this.#connection.route.now()
    const refused = await (this.#connection.joined as Joined).recheck()
    if (refused === null) this.checkedAt = began
    return refused
  }
}
