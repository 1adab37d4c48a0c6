import type { IncomingMessage } from 'node:http'
import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'

type Fault = FastifyErrorConstructor<{ code: string, statusCode: number }, []>

export const LIVE_ERR_HANDSHAKE: Fault = createError('LIVE_ERR_HANDSHAKE', 'Not a WebSocket handshake', 400, Error, false)
export const LIVE_ERR_WS_VERSION: Fault = createError('LIVE_ERR_WS_VERSION', 'WebSocket version 13 only', 426, Error, false)

export interface HandshakeFault {
  readonly error: Error & { readonly code: string }
  /** For the log. */
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * What is wrong with the request as a handshake (RFC 6455 4.2.1), before anybody asks where it comes from. Node calls
 * anything with an Upgrade header an upgrade, and ws checks only some of it, after all hooks have run.
 */
export function checkHandshake ({ method, headers }: IncomingMessage): HandshakeFault | null {
  if (method !== 'GET') return fault('method')
  // h2c and others: nothing of the kind is spoken here.
  if (headers.upgrade?.toLowerCase() !== 'websocket') return fault('upgrade')
  // A proxy may take for the body what we take for frames, or the other way round.
  if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') return fault('body')
  // ws takes 8 too, a draft without a rule about Origin.
  if (headers['sec-websocket-version'] !== '13') {
    return { error: new LIVE_ERR_WS_VERSION(), detail: 'version', headers: { 'sec-websocket-version': '13', upgrade: 'websocket' } }
  }
  return null
}

function fault (detail: string): HandshakeFault {
  return { error: new LIVE_ERR_HANDSHAKE(), detail, headers: {} }
}
