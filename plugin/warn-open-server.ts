import type { FastifyInstance } from 'fastify'
import { liveWarning } from './live-warning.ts'

/** Node's own time for the head of a request. */
const LONGEST = 60_000
const LOOPBACK = /^http:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/i

/** What production leaves open that the plugin cannot close by itself. */
export function warnOpenServer ({ server }: FastifyInstance, origins: readonly string[]): void {
  const cleartext = origins.filter((origin) => /^http:/i.test(origin) && !LOOPBACK.test(origin))
  if (cleartext.length > 0) {
    liveWarning('LIVE_WARN_CLEARTEXT', `origins has ${cleartext.join(', ')}: without TLS anybody on the way reads the session's cookie ` +
      'and speaks for its owner. Serve the application over https')()
  }
  const { headersTimeout, requestTimeout } = server
  if (isOpen(headersTimeout) && isOpen(requestTimeout)) {
    liveWarning('LIVE_WARN_SLOW_HEADERS', `half a request may stay for ever, or for more than ${LONGEST} ms: headersTimeout is ` +
      `${headersTimeout}, requestTimeout ${requestTimeout}. Set requestTimeout where Fastify is created, or app.server.headersTimeout`)()
  }
}

// A server of HTTP/2 has no such times, and no half heads.
function isOpen (timeout: number): boolean {
  return timeout === 0 || timeout > LONGEST
}
