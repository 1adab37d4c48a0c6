/** What is used of a session store: never `set`, which brings a logged-out session back to life. */
export interface ReadableSessionStore {
  get (id: string, callback: (error: unknown, session?: unknown) => void): void
}

export interface SessionProbe {
  readonly alive: boolean
  /** The session's own values as they are in the store now, without its cookie and methods; null where it is gone. */
  readonly data: Readonly<Record<string, unknown>> | null
  /** Wall clock, milliseconds; null where it does not expire. */
  readonly expires: number | null
}

const gone: SessionProbe = Object.freeze({ alive: false, data: null, expires: null })

/**
 * Asks the store whether a session still exists. `session.reload()` would invent an empty session after a logout and renew
 * an expired one, so nothing but `store.get` is used. A store that fails rejects: the caller decides how long to bear it.
 * @param now wall clock, since expiry is written in it
 */
export function probeSession (store: ReadableSessionStore, id: string, now: () => number = Date.now): Promise<SessionProbe> {
  return new Promise((resolve, reject) => {
    store.get(id, (error, session) => {
      if (isRecord(error) && error['code'] === 'ENOENT') resolve(gone)
      else if (error !== null && error !== undefined) reject(error)
      else resolve(isRecord(session) ? read(session, now()) : gone)
    })
  })
}

function read (session: Readonly<Record<string, unknown>>, now: number): SessionProbe {
  const expires = expiryOf(session['cookie'])
  // A date that cannot be read is NaN and counts as past: an unknown end is no licence.
  if (expires !== null && !(expires > now)) return gone
  // By name, not by spreading: the memory store hands out live sessions that hold their request under a symbol.
  const data = Object.fromEntries(Object.entries(session).filter(([name]) => name !== 'cookie'))
  return { alive: true, data: Object.freeze(data), expires }
}

function expiryOf (cookie: unknown): number | null {
  const expires = isRecord(cookie) ? cookie['expires'] : null
  if (expires === null || expires === undefined || expires === false) return null
  return new Date(expires as Date | string | number).getTime()
}

function isRecord (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
