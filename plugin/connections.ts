import { CLOSE_RESTART, CLOSE_SESSION_ENDED } from '../lib/view/close-codes.ts'
import type { LiveConnection } from '../lib/view/live-connection.ts'
import { fits } from './connection-filter.ts'
import type { ConnectionOwner, Wanted } from './connection-filter.ts'

interface Known {
  /** As far as it is known: empty before the join, without identity and tenant while they are being asked for. */
  owner: Partial<ConnectionOwner>
  /** Whom to disconnect, from the time in which that could not yet be told of this one. */
  missed: Wanted[]
}

/** The open connections of one application. */
export class Connections {
  readonly #known = new Map<LiveConnection, Known>()

  get size (): number {
    return this.#known.size
  }

  all (): IterableIterator<LiveConnection> {
    return this.#known.keys()
  }

  add (connection: LiveConnection): void {
    this.#known.set(connection, { owner: {}, missed: [] })
  }

  /**
   * Who a connection belongs to, as far as it is known. A disconnect that came while it was not known takes effect now: what
   * `identify` answers late may have been read before somebody was locked out.
   */
  own (connection: LiveConnection, owner: Partial<ConnectionOwner>): void {
    const known = this.#known.get(connection)
    if (known === undefined) return
    known.owner = owner
    const { missed } = known
    known.missed = missed.filter((wanted) => fits(wanted, owner) === 'unknown')
    if (missed.some((wanted) => fits(wanted, owner) === 'yes')) end(connection)
  }

  /** Those of one session that have joined, or are joining. */
  ofSession (session: string): LiveConnection[] {
    return [...this.#known].filter(([, { owner }]) => owner.session === session).map(([connection]) => connection)
  }

  remove (connection: LiveConnection): void {
    this.#known.delete(connection)
  }

  /** Ends those that fit with 4401: their pages are wiped. Answers how many; those that are still joining end later. */
  disconnect (wanted: Wanted): number {
    let count = 0
    for (const [connection, { owner, missed }] of [...this.#known]) {
      const verdict = fits(wanted, owner)
      if (verdict === 'yes') {
        end(connection)
        count++
      } else if (verdict === 'unknown' && owner.view !== undefined) {
        // One that has not asked to join yet will be looked at from the beginning.
        missed.push(wanted)
      }
    }
    return count
  }

  /** The server goes down: browsers are to come back, each after a time of its own. */
  closeAll (): void {
    for (const connection of [...this.all()]) connection.close(CLOSE_RESTART, 'restart')
  }
}

function end (connection: LiveConnection): void {
  connection.close(CLOSE_SESSION_ENDED, 'session ended')
}
