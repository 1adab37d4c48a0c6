import websocket from '@fastify/websocket'
import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'
import type { FastifyInstance } from 'fastify'
import type { WebsocketPluginOptions } from '@fastify/websocket'

type ServerOptions = NonNullable<WebsocketPluginOptions['options']>

export const SUBPROTOCOL = 'live.v1'

const LARGEST = 16 * 1024 * 1024

/**
 * Of each live socket, whoever has registered the websocket server: the caps against floods of tiny fragments, the pongs that may
 * wait, and the time that a closing peer gets. Newer than the installed @types/ws.
 */
export const SOCKET_LIMITS: object = { maxFragments: 64, maxBufferedChunks: 1024, maxPendingAutoPongs: 60, closeTimeout: 3000 }

/** A websocket plugin registered by the application keeps limits that an attacker would choose. */
export const LIVE_ERR_WEBSOCKET: FastifyErrorConstructor<{ code: string }, [option: string, value: string, allowed: string]> =
  createError('LIVE_ERR_WEBSOCKET', '@fastify/websocket is registered with %s %s. Allowed: %s. ' +
    'Set it where you register it, or leave the registration to fastify-live-view', 500)

/**
 * Registers @fastify/websocket with narrow limits (ws defaults: 100 MiB a message, 16384 fragments, 30 s to close), or
 * checks those of one that the application has registered. Answers whether it is ours.
 */
export async function ensureWebsocket (app: FastifyInstance, maxMessageSize: number): Promise<'ours' | 'theirs'> {
  if (!app.hasPlugin('@fastify/websocket')) {
    await app.register(websocket, { options: serverOptions(maxMessageSize), errorHandler })
    return 'ours'
  }
  const options = app.websocketServer.options as ServerOptions
  if (!(Number(options.maxPayload) > 0 && Number(options.maxPayload) <= LARGEST)) {
    throw new LIVE_ERR_WEBSOCKET('options.maxPayload', String(options.maxPayload), `1 to ${LARGEST} bytes, 65536 is plenty`)
  }
  // Deflate costs memory for each socket, and compresses secrets beside what an attacker sends (CRIME).
  if (options.perMessageDeflate) throw new LIVE_ERR_WEBSOCKET('options.perMessageDeflate', 'on', 'false')
  if (options.skipUTF8Validation) throw new LIVE_ERR_WEBSOCKET('options.skipUTF8Validation', 'on', 'false')
  return 'theirs'
}

/** Whether ws could not read what came: a text of its own with a code, none of the client's. */
export function isFrameError (error: Error & { readonly code?: string }): error is Error & { readonly code: string } {
  return error.code?.startsWith('WS_ERR_') === true
}

// What the plugin does by itself, but for the frames of live sockets: those are refused, counted and logged like any other, and
// terminating would lose the close code, and give anybody a line in the log for each socket.
const errorHandler: NonNullable<WebsocketPluginOptions['errorHandler']> = (error, socket, request) => {
  if (request.routeOptions.config.liveRoute !== undefined && isFrameError(error)) return
  request.log.error(error)
  socket.terminate()
}

function serverOptions (maxPayload: number): ServerOptions {
  return {
    ...SOCKET_LIMITS,
    maxPayload,
    perMessageDeflate: false,
    // The application's own websocket routes share this server: for them, what ws does by itself.
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) ? SUBPROTOCOL : offered.values().next().value as string,
  }
}
