import type { FastifyReply, FastifyRequest } from 'fastify'
import { checkFetchMetadata } from '../lib/security/check-origin.ts'
import { hashForLog } from '../lib/security/hash-for-log.ts'
import { sanitizeForLog } from '../lib/security/sanitize-for-log.ts'
import { ipKey } from '../lib/limits/ip-key.ts'
import { LIVE_ERR_ORIGIN, LIVE_ERR_TOO_MANY, LIVE_ERR_UPGRADE } from '../lib/view/errors.ts'
import type { LiveViews } from './live-views.ts'
import { sessionStoreOf } from './session-access.ts'

/**
 * The onRequest hook of upgrades: origin, then a place for the address, before anything is awaited. The refusal is HTTP,
 * which an attacker's page cannot read; the browser's script sees no more than a failed socket.
 */
export function guardUpgrade (liveViews: LiveViews, request: FastifyRequest, reply: FastifyReply): void {
  const { config } = request.routeOptions
  if (config.liveRoute !== undefined) {
    const store = sessionStoreOf(request)
    if (store !== null) liveViews.watch(store)
  }
  if (!request.ws) return
  if (config.liveRoute === undefined) {
    // @fastify/websocket upgrades any GET route and closes it later; where we brought it in, we keep that door shut.
    if (liveViews.websocket === 'ours' && config.liveUpgrade !== true) throw new LIVE_ERR_UPGRADE()
    return
  }
  const refused = liveViews.checkOrigin(request) ?? checkFetchMetadata(request.headers)
  if (refused !== null) {
    request.log.warn({ reason: refused, origin: sanitizeForLog(request.headers.origin) }, 'live upgrade refused')
    throw new LIVE_ERR_ORIGIN()
  }
  const { limits } = config.liveRoute
  const key = ipKey(request.ip)
  const { slots } = liveViews
  const slot = slots.take(key, limits.rateLimit.maxConnectionsPerIp)
  if (typeof slot === 'string') {
    request.log.warn({ reason: slot, address: hashForLog(key) }, 'live upgrade refused')
    reply.header('retry-after', String(Math.max(1, slots.coolingFor(key))))
    throw new LIVE_ERR_TOO_MANY()
  }
  // The raw socket's end is the one thing that comes after every outcome: refusal, failure, close.
  request.raw.socket.once('close', () => { slot.release() })
}
