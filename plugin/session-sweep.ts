import type { LiveConnection } from '../lib/view/live-connection.ts'

/** Looks that go on at once: a store is not asked about ten thousand pages in one moment. */
const AT_ONCE = 50

/**
 * Looks at the sessions of pages on which nothing happens: a logout in another process, an expiry, a role taken away reach
 * them too. Each look has its turn in the connection's mailbox, so that it never comes between the parts of a handler.
 */
export class SessionSweep {
  /** Due, and not yet begun: first come, first looked at. */
  readonly #due = new Set<LiveConnection>()
  /** Those whose look waits in their mailbox. */
  readonly #posted = new WeakSet<LiveConnection>()
  #looking = 0

  /** Finds out who is due, every few seconds. */
  beat (connections: Iterable<LiveConnection>): void {
    for (const connection of this.#due) if (connection.isClosed()) this.#due.delete(connection)
    for (const connection of connections) {
      if (connection.session.isIdle()) this.#due.add(connection)
    }
    this.#next()
  }

  /** Something has changed this connection's session: looked at as soon as its turn comes. */
  lookAt (connection: LiveConnection): void {
    connection.session.demand()
    this.#post(connection)
  }

  #next (): void {
    for (const connection of this.#due) {
      if (this.#looking >= AT_ONCE) return
      this.#due.delete(connection)
      this.#post(connection)
    }
  }

  #post (connection: LiveConnection): void {
    // The one that waits will find what has changed by then.
    if (this.#posted.has(connection)) return
    this.#posted.add(connection)
    connection.insist(() => this.#look(connection))
  }

  async #look (connection: LiveConnection): Promise<void> {
    this.#posted.delete(connection)
    // An event that came first may have looked already.
    if (connection.phase !== 'live' || !connection.session.isIdle()) return
    this.#looking++
    try {
      await connection.session.lookIdle()
    } finally {
      this.#looking--
      this.#next()
    }
  }
}
