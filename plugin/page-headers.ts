import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { LiveRoute } from './live-route.ts'
import { setFrameAncestors } from './frame-ancestors.ts'
import type { Framing } from './frame-ancestors.ts'
import { sealHeaders } from './seal-headers.ts'
import type { AnswerHeaders } from './seal-headers.ts'

/**
 * What makes an answer "not modified", or a part of itself. A page carries a token of its own, and nobody may hold a copy that
 * could be asked about. By these @fastify/etag throws the page away in its onSend: no later hook could bring it back.
 */
const CONDITIONS = ['if-none-match', 'if-modified-since', 'if-range', 'range']

/** Validators, and the headers by which shared caches overrule Cache-Control (RFC 9213, and before it each in its own words). */
const FOR_CACHES = /^(etag|last-modified|expires|pragma|surrogate-control|x-accel-expires|edge-control|(.+-)?cache-control)$/

const TEXT = /^\s*(text\/|application\/(xhtml\+)?xml)/i

/**
 * Seals every answer of the live routes: also redirects, refusals and what hooks of the application answer. It begins with the
 * request; where a hook that was registered before this plugin answers first, with that answer's onSend.
 */
export function addPageHeaders (app: FastifyInstance, framing: Framing): { readonly seal: (route: RouteOptions) => void } {
  const sealed = new WeakSet<FastifyReply>()
  const seal = (request: FastifyRequest, reply: FastifyReply): void => {
    const route = request.routeOptions.config.liveRoute
    if (route === undefined || sealed.has(reply)) return
    sealed.add(reply)
    for (const name of CONDITIONS) delete request.raw.headers[name]
    sealHeaders(reply.raw, (headers) => { setPageHeaders(headers, route, framing) })
  }
  app.addHook('onRequest', (request, reply, done) => {
    seal(request, reply)
    done()
  })
  return {
    seal (route) {
      route.onSend = [...[route.onSend ?? []].flat(), (request, reply, payload, done) => {
        seal(request, reply)
        done(null, payload)
      }]
    }
  }
}

function setPageHeaders (headers: AnswerHeaders, route: LiveRoute, framing: Framing): void {
  for (const name of Object.keys(headers)) if (FOR_CACHES.test(name)) delete headers[name]
  headers['cache-control'] = 'private, no-store'
  headers['vary'] = varyByCookie(headers['vary'])
  headers['x-content-type-options'] = 'nosniff'
  // Addresses of live pages hold what was searched for and opened; no other site needs to know even where its visitor was.
  headers['referrer-policy'] ||= 'same-origin'
  // A page of another site that opened this one could keep its window: count frames, and send it elsewhere later.
  headers['cross-origin-opener-policy'] ||= 'same-origin-allow-popups'
  setFrameAncestors(headers, route.framing ?? framing, route.url)
  const type = String(headers['content-type'] ?? '')
  // Without a charset a browser may guess ISO-2022-JP by escapes in the data: quotes then end elsewhere than was escaped.
  if (TEXT.test(type) && !/;\s*charset=/i.test(type)) headers['content-type'] = `${type}; charset=utf-8`
}

function varyByCookie (vary: AnswerHeaders['vary']): string {
  const names = [vary ?? []].flat().join(',').split(',').map((name) => name.trim()).filter((name) => name !== '')
  return names.some((name) => name === '*' || name.toLowerCase() === 'cookie') ? names.join(', ') : [...names, 'Cookie'].join(', ')
}
