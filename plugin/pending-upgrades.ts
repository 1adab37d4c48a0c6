import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

/** Milliseconds that an upgrade may take until its socket is a WebSocket. */
const LONGEST = 30_000

/**
 * Sockets between their upgrade request and what becomes of it. Nobody else looks after them: Node has let go of them, with all
 * of its timeouts, and reads nothing, so that it does not even notice when the other side leaves. What answers before
 * @fastify/websocket's own hook (a hook registered earlier, the router for a path that cannot be decoded) would leave the socket
 * open for ever, and `app.close()` would wait for it.
 */
export class PendingUpgrades {
  readonly #now: () => number
  readonly #pending = new Map<IncomingMessage, { readonly socket: Duplex, readonly since: number }>()

  constructor (now: () => number) {
    this.#now = now
  }

  get size (): number {
    return this.#pending.size
  }

  add (request: IncomingMessage, socket: Duplex): void {
    this.#pending.set(request, { socket, since: this.#now() })
    socket.once('close', () => {
      // Whoever waits for this request learns that it is over, fastify's own timer included. What injectWS makes is no request.
      if (this.#pending.delete(request)) request.destroy?.()
    })
  }

  has (request: IncomingMessage): boolean {
    return this.#pending.has(request)
  }

  /** It is a WebSocket now, and ws looks after it. */
  done (request: IncomingMessage): void {
    this.#pending.delete(request)
  }

  /** It has been answered otherwise. */
  end (request: IncomingMessage): void {
    this.#nobodys(request)?.destroy()
  }

  /** It has been answered, and the answer may still be on its way. */
  finish (request: IncomingMessage): void {
    const socket = this.#nobodys(request)
    socket?.end(() => { socket.destroy() })
  }

  /** Ends those that have had their time. */
  sweep (): void {
    const oldest = this.#now() - LONGEST
    for (const [request, { since }] of this.#pending) if (since < oldest) this.#nobodys(request)?.destroy()
  }

  endAll (): void {
    for (const request of this.#pending.keys()) this.#nobodys(request)?.destroy()
  }

  /** A socket that is read has found somebody: another websocket server of the application, in a scope of its own. */
  #nobodys (request: IncomingMessage): Duplex | undefined {
    const socket = this.#pending.get(request)?.socket
    if (socket === undefined || socket.listenerCount('data') === 0) return socket
    this.#pending.delete(request)
    return undefined
  }
}

/** Follows every upgrade that reaches the application's server, whatever its route. */
export function watchUpgrades (app: FastifyInstance, pending: PendingUpgrades): void {
  const { server } = app
  const written = new WeakMap<Duplex, number>()
  const arrived = (request: IncomingMessage, socket: Socket): void => {
    pending.add(request, socket)
    written.set(socket, socket.bytesWritten)
    // Sent behind a request that is still being answered: @fastify/websocket can answer nothing then, and leaves it open.
    if ((socket as { _httpMessage?: object | null })._httpMessage != null) socket.destroy()
  }
  // A path that cannot be decoded is answered by the router itself, without any hook.
  const routed = (request: IncomingMessage, socket: Socket): void => {
    if (socket.bytesWritten > (written.get(socket) as number)) pending.finish(request)
  }
  // Before and after @fastify/websocket, which routes the request at once.
  server.prependListener('upgrade', arrived)
  server.on('upgrade', routed)
  app.websocketServer.on('connection', (_socket: unknown, request: IncomingMessage) => { pending.done(request) })
  app.addHook('onSend', (request, reply, payload, done) => {
    // What stands behind a refused upgrade in the same packet is not a second request, and no client shall wait for its answer.
    if (pending.has(request.raw)) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', (request, _reply, done) => {
    pending.end(request.raw)
    done()
  })
  app.addHook('preClose', async () => {
    server.off('upgrade', arrived)
    server.off('upgrade', routed)
    pending.endAll()
  })
}
