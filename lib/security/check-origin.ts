import { OriginOptionError } from './errors.ts'
import { showValue } from './show-value.ts'

export type OriginRefusal = 'origin-missing' | 'origin-null' | 'origin-multiple' | 'origin-malformed' | 'origin-not-allowed'
export type FetchMetadataRefusal = 'fetch-site' | 'fetch-mode'

export type FetchMetadataHeaders = Readonly<Record<string, string | string[] | undefined>>

export interface OriginOptions {
  /** Exact origins, scheme and host and port: `https://app.example.com`. */
  readonly origins: readonly string[]
}

export type OriginCheck = (originHeader: string | undefined | readonly string[]) => OriginRefusal | null

// What a browser may send: ASCII, nothing after the port. URL() alone would also take paths, user names, backslashes, tabs,
// soft hyphens and `blob:`, and answer with the origin inside them.
const serialisedOrigin = /^https?:\/\/(?:(?![/\\?#@,])[!-~])+$/i
const longestOrigin = 300

/**
 * Makes the check that stands before every handshake: browsers send cookies with cross-site sockets, and CORS does not
 * cover them (RFC 6455 10.2). The host header is never consulted: DNS rebinding makes both equal.
 */
export function createOriginCheck ({ origins }: OriginOptions): OriginCheck {
  if (!Array.isArray(origins) || origins.length === 0) {
    throw new OriginOptionError('origins', showValue(origins),
      "a list of at least one origin, such as ['https://app.example.com']")
  }
  const allowed: ReadonlySet<string> = new Set(origins.map(parseEntry))

  return (header) => {
    if (header === undefined || header === '') return 'origin-missing'
    // Node joins repeated Origin headers with a comma.
    if (typeof header !== 'string' || header.includes(',')) return 'origin-multiple'
    if (header === 'null') return 'origin-null'
    if (header.length > longestOrigin || !serialisedOrigin.test(header) || !URL.canParse(header)) return 'origin-malformed'
    return allowed.has(new URL(header).origin) ? null : 'origin-not-allowed'
  }
}

/**
 * Refuses a handshake that the browser itself labels as another site's, or as no socket. Absence proves nothing: older
 * browsers and other clients send neither header.
 */
export function checkFetchMetadata (headers: FetchMetadataHeaders): FetchMetadataRefusal | null {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return 'fetch-site'
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined && mode !== 'websocket') return 'fetch-mode'
  return null
}

function parseEntry (entry: unknown, index: number): string {
  const usable = typeof entry === 'string' && serialisedOrigin.test(entry) && !entry.includes('*') && URL.canParse(entry)
  if (!usable) {
    throw new OriginOptionError(`origins[${index}]`, showValue(entry),
      "one exact http or https origin in ASCII without path, wildcard or trailing slash, such as 'https://app.example.com'")
  }
  return new URL(entry).origin
}
