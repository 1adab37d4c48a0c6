import { promisify } from 'node:util'
import type { FastifyRequest } from 'fastify'
import { cameFromCookie } from '../lib/security/came-from-cookie.ts'
import { probeSession } from '../lib/security/session-probe.ts'
import type { SessionProbe } from '../lib/security/session-probe.ts'
import { withDeadline } from '../lib/view/deadline.ts'
import { LIVE_ERR_SESSION_STORE } from '../lib/view/errors.ts'
import { show } from '../lib/view/show-value.ts'
import type { ReadOnlySession } from './options.ts'

/** What is used of a session store (express-session's interface, as @fastify/session has it). */
export interface SessionStore {
  get (id: string, callback: (error: unknown, session?: unknown) => void): void
  set (id: string, session: unknown, callback: (error?: unknown) => void): void
  destroy (id: string, callback: (error?: unknown) => void): void
}

interface SessionRequest {
  readonly session?: (Record<string, unknown> & { readonly sessionId?: string, readonly encryptedSessionId?: string }) | null
  readonly sessionStore?: SessionStore
  readonly cookies?: Readonly<Record<string, string | undefined>>
}

/** The id of the request's session where it came from the client's own cookie, else null: only then does anything bind to it. */
export function sessionIdOf (request: FastifyRequest): string | null {
  const { session, cookies } = request as unknown as SessionRequest
  const encryptedId = session?.encryptedSessionId
  if (session == null || typeof encryptedId !== 'string' || cookies == null) return null
  const id = session.sessionId as string
  // The session plugin's cookie name and cookiePrefix are not known here: what stands before the id is the prefix.
  const own = Object.values(cookies).some((cookie = '') =>
    cameFromCookie({ cookie, encryptedId, prefix: cookie.slice(0, Math.max(0, cookie.indexOf(id))) }))
  return own ? id : null
}

/** Whether the session plugin has looked at the request: only then does no session mean that there is none. */
export function hasSession (request: FastifyRequest): boolean {
  return (request as unknown as SessionRequest).session != null
}

/** The session's values as this request has them: own, without cookie and methods, frozen. */
export function sessionValues (request: FastifyRequest): ReadOnlySession {
  const { session } = request as unknown as SessionRequest
  if (session == null) return null
  // By entries: a spread would take the symbols along, under which the session keeps its store and its cookies' signer.
  const values = Object.fromEntries(Object.entries(session).filter(([name]) => name !== 'cookie'))
  return Object.freeze(values) as ReadOnlySession
}

export function sessionStoreOf (request: FastifyRequest): SessionStore | null {
  return (request as unknown as SessionRequest).sessionStore ?? null
}

/** Milliseconds that a session store may take: an event waits for it. */
const STORE_DEADLINE = 5000

/** A session as the store has it. */
export interface StoredSession {
  /** Null once it has ended. */
  readonly values: ReadOnlySession
  /** Wall clock, milliseconds; null where it does not expire. */
  readonly expires: number | null
}

/** Rejects with LIVE_ERR_SESSION_STORE when the store fails or does not answer. */
export async function storedSession (store: SessionStore, id: string): Promise<StoredSession> {
  try {
    const { data, expires } = await withDeadline(probeSession(store, id), 'the session store', STORE_DEADLINE, () => {})
    return { values: data as ReadOnlySession, expires }
  } catch (err) {
    throw new LIVE_ERR_SESSION_STORE(err instanceof Error ? err.message : show(err), { cause: err })
  }
}

/**
 * Reads, changes and writes back, if the session still is there: the socket never saves a session that it holds, which would
 * bring a logged-out one back to life.
 */
export async function updateStoredSession (
  store: SessionStore, id: string, change: (session: Record<string, unknown>) => void | Promise<void>
): Promise<void> {
  let ended = false
  const unwatch = watchSessionStore(store, (endedId) => { ended ||= endedId === id })
  try {
    const { data } = await sessionWithCookie(store, id)
    if (data === null) return
    const changed = structuredClone(data) as Record<string, unknown>
    await change(changed)
    // It may have ended in another process meanwhile, of which nobody tells us, or have been given more time.
    const { data: still, cookie } = await sessionWithCookie(store, id)
    if (still === null || ended) return
    await promisify((answer: (error?: unknown) => void) => { store.set(id, { ...changed, cookie }, answer) })()
    // Signed out while it was being written: a slow store would now have it back.
    if (ended) await promisify((answer: (error?: unknown) => void) => { store.destroy(id, answer) })()
  } finally {
    unwatch()
  }
}

async function sessionWithCookie (store: SessionStore, id: string): Promise<Pick<SessionProbe, 'data'> & { cookie: unknown }> {
  let cookie: unknown
  const { data } = await probeSession({
    get: (sessionId, answer) => {
      store.get(sessionId, (error, session) => {
        cookie = Object(session).cookie
        answer(error, session)
      })
    }
  }, id)
  return { data, cookie }
}

type Ended = (id: string) => void

const watchers = new WeakMap<SessionStore, Set<Ended>>()

/**
 * Tells of sessions that end in this process, by logout or regeneration, until the answer is called. Told even when the
 * store fails: closed, not open. Several applications may share one store.
 */
export function watchSessionStore (store: SessionStore, ended: Ended): () => void {
  let told = watchers.get(store)
  if (told === undefined) {
    told = new Set()
    watchers.set(store, told)
    tellOfDestroy(store, told)
  }
  told.add(ended)
  return () => { told.delete(ended) }
}

/** How many are told of ends in this store. */
export function listenersOf (store: SessionStore): number {
  return watchers.get(store)?.size ?? 0
}

function tellOfDestroy (store: SessionStore, told: ReadonlySet<Ended>): void {
  const destroy: (id: string, ...rest: Array<(error?: unknown) => void>) => unknown = store.destroy
  const tell = (id: string): void => { for (const ended of [...told]) ended(id) }
  // Other code may call it without a callback, or wait for a promise: its answers stay as they are.
  store.destroy = function (id: string, callback?: (error?: unknown) => void) {
    // Twice: now, since a store that hangs would keep what is to end alive; and for who joined before the store had done it.
    tell(id)
    try {
      const outcome = callback === undefined
        ? destroy.call(this, id)
        : destroy.call(this, id, (error) => { tell(id); callback(error) })
      if (callback === undefined) Promise.resolve(outcome).then(() => { tell(id) }, () => { tell(id) })
      return outcome as undefined
    } catch (error) {
      tell(id)
      throw error
    }
  }
}
