export interface CookieEvidence {
  /** The request's session cookie as it came, decoded but not unsigned. */
  readonly cookie: string | null | undefined
  /** `session.encryptedSessionId`: id, dot, signature. */
  readonly encryptedId: string | null | undefined
  /** The session plugin's `cookiePrefix`. */
  readonly prefix?: string
}

/**
 * True where the request's session is the one that the client's own signed cookie names. A request without a usable cookie
 * also has a session id, fresh and in no store, that the next request will not have.
 *
 * Ids are compared, not signatures: after a rotation of secrets the cookie carries the old secret's signature, which the
 * session plugin has checked, and the session the new one's. A forged cookie's id never comes back: it gets a random one.
 */
export function cameFromCookie ({ cookie, encryptedId, prefix = '' }: CookieEvidence): boolean {
  if (typeof cookie !== 'string' || typeof encryptedId !== 'string' || !cookie.startsWith(prefix)) return false
  const id = idOf(encryptedId)
  return id !== '' && idOf(cookie.slice(prefix.length)) === id
}

function idOf (signed: string): string {
  return signed.slice(0, Math.max(0, signed.lastIndexOf('.')))
}
