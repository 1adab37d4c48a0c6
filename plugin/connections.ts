import { CLOSE_RESTART, CLOSE_SESSION_ENDED } from '../lib/view/close-codes.ts'
import type { LiveConnection } from '../lib/view/live-connection.ts'

/** Whose connection it is, once it has joined. */
export interface ConnectionOwner {
  readonly session: string | null
  readonly identity: string | null
  readonly tenant: string | null
  readonly view: string
}

/** Which connections are meant: those that fit all that is given. */
export interface ConnectionFilter {
  readonly session?: string
  /** Identity key. */
  readonly identity?: string
  readonly tenant?: string
  readonly view?: string
}

/** The open connections of one application. */
export class Connections {
  readonly #owners = new Map<LiveConnection, ConnectionOwner | null>()

  all (): IterableIterator<LiveConnection> {
    return this.#owners.keys()
  }

  add (connection: LiveConnection): void {
    this.#owners.set(connection, null)
  }

  /** Who a connection belongs to, as far as it is known. */
  own (connection: LiveConnection, owner: ConnectionOwner): void {
    if (this.#owners.has(connection)) this.#owners.set(connection, owner)
  }

  remove (connection: LiveConnection): void {
    this.#owners.delete(connection)
  }

  /** Ends those that fit with 4401: their pages are wiped. Answers how many. */
  disconnect (filter: ConnectionFilter): number {
    const wanted = Object.entries(filter).filter(([, value]) => value !== undefined) as Array<[keyof ConnectionOwner, string]>
    if (wanted.length === 0) throw new TypeError('disconnect: name a session, an identity, a tenant or a view')
    let count = 0
    for (const [connection, owner] of [...this.#owners]) {
      if (owner === null || !wanted.every(([key, value]) => owner[key] === value)) continue
      connection.close(CLOSE_SESSION_ENDED, 'session ended')
      count++
    }
    return count
  }

  /** The server goes down: browsers are to come back, each after a time of its own. */
  closeAll (): void {
    for (const connection of [...this.all()]) connection.close(CLOSE_RESTART, 'restart')
  }
}
