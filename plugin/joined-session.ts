import type { FastifyRequest } from 'fastify'
import type { LiveConnection } from '../lib/view/live-connection.ts'
import type { ReadOnlySession } from './options.ts'
import { sessionIdOf, sessionStoreOf, storedSession, updateStoredSession } from './session-access.ts'
import type { SessionStore } from './session-access.ts'

/** Milliseconds for which one store's failures are told once: every page that is open comes to them. */
const QUIET = 5000

const told = new WeakMap<SessionStore, number>()

/** The session on which one connection stands: read from its store at every look, never held and never saved. */
export class JoinedSession {
  /** Null where no session came with the client's own cookie. */
  readonly id: string | null
  readonly #store: SessionStore | null
  readonly #connection: LiveConnection
  #last: ReadOnlySession = null

  constructor (request: FastifyRequest, connection: LiveConnection) {
    this.id = sessionIdOf(request)
    this.#store = sessionStoreOf(request)
    this.#connection = connection
  }

  /** The values as the store has them now; null where there is none (any more). Rejects with LIVE_ERR_SESSION_STORE. */
  async read (): Promise<ReadOnlySession> {
    if (this.#store === null || this.id === null) return null
    try {
      const { values, expires } = await storedSession(this.#store, this.id)
      this.#connection.session.expires = expires
      this.#last = values
      return values
    } catch (err) {
      this.#tell(this.#store, err)
      throw err
    }
  }

  /** The values as they were read last, for as long as they were to be valid. */
  last (): ReadOnlySession {
    const { expires } = this.#connection.session
    return expires !== null && expires <= Date.now() ? null : this.#last
  }

  /** Does nothing where the session has ended. */
  async update (change: (session: Record<string, unknown>) => void | Promise<void>): Promise<void> {
    if (this.#store !== null && this.id !== null) await updateStoredSession(this.#store, this.id, change)
  }

  #tell (store: SessionStore, err: unknown): void {
    const now = this.#connection.route.now()
    if (now - (told.get(store) ?? -Infinity) < QUIET) return
    told.set(store, now)
    this.#connection.fail(err, 'live session store failed')
  }
}
