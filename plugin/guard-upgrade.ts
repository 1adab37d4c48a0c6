import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkFetchMetadata } from '../lib/security/check-origin.ts'
import { ipKey } from '../lib/limits/ip-key.ts'
import { LIVE_ERR_BUSY, LIVE_ERR_ORIGIN, LIVE_ERR_TOO_MANY, LIVE_ERR_UPGRADE } from '../lib/view/errors.ts'
import { checkHandshake } from './check-handshake.ts'
import type { LiveViews } from './live-views.ts'
import { hasSession, sessionIdOf, sessionStoreOf } from './session-access.ts'
import { warnOfSession } from './session-warnings.ts'

/**
 * The onRequest hook of upgrades: origin, then a place for the address, before anything is awaited. The refusal is HTTP,
 * which an attacker's page cannot read; the browser's script sees no more than a failed socket.
 */
export function guardUpgrade (liveViews: LiveViews, request: FastifyRequest, reply: FastifyReply): void {
  const { config } = request.routeOptions
  if (config.liveRoute !== undefined) {
    const store = sessionStoreOf(request)
    if (store !== null) liveViews.stores.watch(store)
    if (liveViews.settings.production) warnOfSession(request)
    liveViews.noteForwarded(request)
  }
  if (!request.ws) return
  if (config.liveRoute === undefined) {
    // @fastify/websocket upgrades any GET route and closes it later; where we brought it in, we keep that door shut.
    if (liveViews.websocket === 'ours' && config.liveUpgrade !== true) {
      liveViews.refuseRequest(request, 'LIVE_ERR_UPGRADE', 'invalid', 'the route is not live')
      throw new LIVE_ERR_UPGRADE()
    }
    return
  }
  const fault = checkHandshake(request.raw)
  if (fault !== null) {
    liveViews.refuseRequest(request, fault.error.code, 'invalid', fault.detail)
    reply.headers(fault.headers)
    throw fault.error
  }
  const refused = liveViews.checkOrigin(request) ?? checkFetchMetadata(request.headers)
  if (refused !== null) {
    liveViews.refuseRequest(request, 'LIVE_ERR_ORIGIN', 'denied', `${refused}, origin ${request.headers.origin}`)
    throw new LIVE_ERR_ORIGIN()
  }
  const { rateLimit } = config.liveRoute.limits
  const session = sessionIdOf(request)
  const isStranger = session === null && hasSession(request)
  const place = liveViews.caps.admit({ address: ipKey(request.ip), session, isStranger, limits: rateLimit })
  if ('reason' in place) {
    const error = place.status === 503 ? new LIVE_ERR_BUSY() : new LIVE_ERR_TOO_MANY()
    liveViews.refuseRequest(request, error.code, 'limit', place.reason)
    reply.header('retry-after', String(place.retryAfter))
    throw error
  }
  liveViews.places.set(request, place)
  const { socket } = request.raw
  // The raw socket's end is the one thing that comes after every outcome: refusal, failure, close. Where another plugin's
  // hook took its time, it may already have come.
  if (socket.destroyed) place.release()
  else socket.once('close', () => { place.release() })
}
