import type { FastifyRequest } from 'fastify'
import { liveWarning } from './live-warning.ts'
import { sessionStoreOf } from './session-access.ts'

const warnMemory = liveWarning('LIVE_WARN_SESSION_MEMORY', 'sessions are kept in the memory of this process: they are never evicted, end with it, and are seen by no ' +
  'other one. Give @fastify/session a store for production (store: new RedisStore(...)), and saveUninitialized: false')
const warnSecure = liveWarning('LIVE_WARN_SESSION_SECURE', 'the session cookie travels over plain http too. Set cookie: { secure: true }, and trustProxy where TLS ends before this process')
const warnHttpOnly = liveWarning('LIVE_WARN_SESSION_HTTP_ONLY', 'scripts of the page can read the session cookie. Set cookie: { httpOnly: true }')
const warnSameSite = liveWarning('LIVE_WARN_SESSION_SAME_SITE', "other sites' forms and links carry the session cookie. Set cookie: { sameSite: 'lax' } or 'strict'")

/** In any environment: to our hooks nobody has a session then, and people signed in share the few places of strangers. */
export const warnSessionOrder: () => void = liveWarning('LIVE_WARN_SESSION_ORDER', 'the session plugin was registered after fastify-live-view. ' +
  'Register @fastify/session before it: else everybody counts as a stranger until the join')

interface Cookie {
  readonly secure?: unknown
  readonly httpOnly?: unknown
  readonly sameSite?: unknown
}

/** In production, once each in a process: what is unwise about the sessions that live views stand on, as a request shows it. */
export function warnOfSession (request: FastifyRequest): void {
  const store = sessionStoreOf(request)
  if (store !== null && isMemory(store)) warnMemory()
  const { cookie } = (request as unknown as { session?: { cookie?: Cookie } | null }).session ?? {}
  // There is none where the route is outside of the cookie's path.
  if (cookie === undefined) return
  if (cookie.secure !== true) warnSecure()
  if (cookie.httpOnly !== true) warnHttpOnly()
  if (cookie.sameSite === null || cookie.sameSite === undefined || cookie.sameSite === false) warnSameSite()
}

/** @fastify/session's own is named Store and keeps a Map; express-session's is MemoryStore. */
function isMemory (store: object): boolean {
  const { name } = store.constructor
  return name === 'MemoryStore' || (name === 'Store' && (store as { store?: unknown }).store instanceof Map)
}
