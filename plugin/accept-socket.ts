import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { fatal } from '../lib/chain/refusal.ts'
import type { ConnectionPlace } from '../lib/limits/connection-place.ts'
import { ipKey } from '../lib/limits/ip-key.ts'
import { CLOSE_POLICY, CLOSE_PROTOCOL, CLOSE_RELOAD } from '../lib/view/close-codes.ts'
import { LiveConnection } from '../lib/view/live-connection.ts'
import { joinView } from './join-view.ts'
import type { LiveRoute } from './live-route.ts'
import type { LiveViews } from './live-views.ts'
import { SocketChannel } from './socket-channel.ts'
import { isFrameError, SUBPROTOCOL } from './websocket.ts'

/**
 * Bytes that may still come after the close frame: what an honest client had on its way. ws goes on reading, and taking frames
 * apart, until the other side answers or its time is over: three seconds of work as a gift for a flood.
 */
const LATE = 65_536

/** Makes a connection of an upgraded socket. Listeners are attached at once: a frame may already be there. */
export function acceptSocket (liveViews: LiveViews, route: LiveRoute, socket: WebSocket, request: FastifyRequest): void {
  let late = 0
  const count = (bytes: number): void => {
    late += bytes
    if (late > LATE) socket.terminate()
  }
  if (socket.protocol !== SUBPROTOCOL) {
    request.raw.socket.on('data', (chunk: Buffer) => { count(chunk.length) })
    liveViews.refuseRequest(request, 'LIVE_ERR_SUBPROTOCOL', 'invalid', `not ${SUBPROTOCOL}`)
    socket.close(CLOSE_RELOAD, 'subprotocol')
    return
  }
  const settings = liveViews.settingsOf(route)
  const id = randomUUID()
  const connection = new LiveConnection({
    id,
    route: settings,
    log: request.log.child({ live: id }),
    address: ipKey(request.ip),
    join: (message, joining) => joinView(liveViews, route, request, message, joining),
    onClosed: (closed, limit) => {
      liveViews.connections.remove(closed)
      if (limit !== null) (liveViews.places.get(request) as ConnectionPlace).cool()
    },
  }, new SocketChannel(socket))
  liveViews.connections.add(connection)
  // Before the websocket library's own listener, so that bytes are counted before the message that they end. Plain bytes with
  // TLS too, whose socket has counters for those of the wire only.
  request.raw.socket.prependListener('data', (chunk: Buffer) => {
    connection.liveness.bytes(chunk.length)
    if (connection.phase === 'closed') count(chunk.length)
  })
  socket.on('message', (data: RawData, isBinary: boolean) => { connection.receive(data as Buffer, isBinary) })
  // Pings never become messages: ws answers them itself, and a flood of them is metered here.
  const metered = (data: Buffer): void => {
    if (connection.phase !== 'closed' && !connection.meter.frame(data.length)) {
      connection.refuse(fatal('LIVE_ERR_PING_RATE', CLOSE_POLICY, 'pings come too fast'), 0, null)
    }
  }
  socket.on('ping', (data: Buffer) => {
    connection.liveness.control(data.length)
    metered(data)
  })
  socket.on('pong', (data: Buffer) => {
    if (!connection.liveness.pong(data.length)) metered(data)
  })
  // ws has sent the code that fits. Refused once more, the socket ends now instead of waiting for an answer.
  socket.on('error', (err) => {
    if (isFrameError(err)) connection.refuse(fatal('LIVE_ERR_FRAME_PROTOCOL', CLOSE_PROTOCOL, err.code), 0, null)
  })
  socket.on('close', (code) => { connection.ended(code) })
}
