import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { checkSecrets, deriveKey } from './derive-key.ts'
import type { Secret } from './derive-key.ts'
import { TokenDigestError, TokenLifetimeError } from './errors.ts'
import { showValue } from './show-value.ts'

/** What a token is good for. None of it stands in the token: page and socket each work it out for themselves. */
export interface TokenBinding {
  /** The session's id where it came from the client's own cookie, else null: `anonymous`. */
  readonly session: string | null
  /** The identity key, null where nobody is signed in. */
  readonly identity: string | null
  readonly tenant: string | null
  readonly view: string
  /** The route's URL pattern. */
  readonly route: string
  readonly params: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  /** The id of the root shape: a page of another build does not fit. */
  readonly shape: string
}

export type TokenRefusal = 'malformed' | 'expired' | 'mismatch'

export type TokenVerdict =
  | { readonly ok: true, readonly nonce: string, readonly digest: string, readonly issuedAt: number }
  | { readonly ok: false, readonly reason: TokenRefusal }

export interface PageTokens {
  issue (bound: TokenBinding, digest: string): string
  verify (token: unknown, bound: TokenBinding): TokenVerdict
}

export interface PageTokenOptions {
  /** The newest signs, all verify. */
  readonly secrets: readonly Secret[]
  /** Seconds, 60 to 86400. */
  readonly lifetime?: number
  /** Wall clock in milliseconds: tokens outlive the process that issued them. */
  readonly now?: () => number
}

const purpose = 'page-token v1'
const longest = 120
const leeway = 30
const format = /^v1\.([0-9a-z]{1,9})\.([\w-]{22})\.([\w-]{1,32})\.([\w-]{43})$/
const digestFormat = /^[\w-]{1,32}$/

/** Makes the tokens that authorise a join: the cookie alone never does, since any site can make a browser send it. */
export function createPageTokens ({ secrets, lifetime = 3600, now = Date.now }: PageTokenOptions): PageTokens {
  checkSecrets(secrets, 'secrets')
  if (!Number.isFinite(lifetime) || lifetime < 60 || lifetime > 86400) {
    throw new TokenLifetimeError('lifetime', showValue(lifetime), 'seconds from 60 to 86400')
  }
  const keys = secrets.map((secret) => deriveKey(secret, purpose))

  return {
    issue (bound, digest) {
      if (!digestFormat.test(digest)) {
        throw new TokenDigestError('digest', showValue(digest), '1 to 32 letters, digits, dashes and underscores')
      }
      const issued = Math.floor(now() / 1000).toString(36)
      const nonce = randomBytes(16).toString('base64url')
      const mac = sign(keys[0] as Buffer, [issued, nonce, digest], bound.session, bound)
      return `v1.${issued}.${nonce}.${digest}.${mac}`
    },

    verify (token, bound) {
      if (typeof token !== 'string' || token.length > longest) return refuse('malformed')
      const match = format.exec(token)
      if (match === null) return refuse('malformed')
      const [, issued, nonce, digest, mac] = match as unknown as [string, string, string, string, string]
      // A token issued before the cookie existed stays good once it does; the identity is bound either way.
      const sessions = bound.session === null ? [null] : [null, bound.session]
      const genuine = keys.some((key) => sessions.some((session) => {
        // Compared as text of equal length: decoding base64url would take several spellings for one value.
        return timingSafeEqual(Buffer.from(mac), Buffer.from(sign(key, [issued, nonce, digest], session, bound)))
      }))
      if (!genuine) return refuse('mismatch')
      const issuedAt = parseInt(issued, 36)
      const age = Math.floor(now() / 1000) - issuedAt
      if (age > lifetime || age < -leeway) return refuse('expired')
      return { ok: true, nonce, digest, issuedAt: issuedAt * 1000 }
    }
  }
}

// A JSON array of strings and nulls has one reading only, and escapes lone surrogates, which UTF-8 would make equal.
function sign (key: Buffer, fields: readonly string[], session: string | null, bound: TokenBinding): string {
  return createHmac('sha256', key).update(JSON.stringify([
    purpose, ...fields, session, bound.identity, bound.tenant, bound.view, bound.route,
    sorted(bound.params), bound.query === undefined ? null : sorted(bound.query), bound.shape
  ])).digest('base64url')
}

function sorted (values: Readonly<Record<string, unknown>>): ReadonlyArray<readonly [string, unknown]> {
  return Object.keys(values).sort().map((name) => [name, values[name]] as const)
}

function refuse (reason: TokenRefusal): TokenVerdict {
  return { ok: false, reason }
}
