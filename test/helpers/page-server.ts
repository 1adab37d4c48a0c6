import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'

export const strictPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; " +
  "require-trusted-types-for 'script'; trusted-types fastify-live-view"

/** One socket of a page, and the messages that came over it. */
export interface Peer {
  readonly socket: WebSocket
  readonly received: unknown[][]
  send (...message: unknown[]): void
  /** The next message of this type that has not been asked for yet. */
  next (type: string): Promise<unknown[]>
}

export interface PageServer {
  readonly url: string
  html: string
  /** What is answered to a join; null leaves it unanswered. */
  answer: unknown[] | null
  /** False refuses sockets. */
  open: boolean
  /** What the page itself is answered with. */
  status: number
  /** The page's content security policy; empty for none. */
  policy: string
  readonly peers: Peer[]
  /** The peer that joins next, or the last one that nobody has asked for. */
  joined (): Promise<Peer>
}

/** A bare server that plays the server's part from a script: a page under a strict policy, and its socket on the same URL. */
export async function servePage (test: { teardown (close: () => Promise<void>): unknown }): Promise<PageServer> {
  const bundle = await build({
    entryPoints: [new URL('../../runtime/client.ts', import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    charset: 'utf8',
    write: false
  })
  const script = (bundle.outputFiles[0] as { contents: Uint8Array }).contents
  const arrived: Peer[] = []
  const waiters: ((peer: Peer) => void)[] = []

  const http = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname
    if (path === '/live.js') return response.setHeader('content-type', 'text/javascript').end(script)
    if (path === '/style.css') return response.setHeader('content-type', 'text/css').end('p { margin: 0 }')
    if (path === '/favicon.ico') return response.writeHead(204).end()
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (server.policy) response.setHeader('content-security-policy', server.policy)
    response.statusCode = server.status
    response.end(server.html)
  })
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'live.v1' })
  http.on('upgrade', (request, socket, head) => {
    if (!server.open) return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (own) => {
      const peer = peerOf(own)
      server.peers.push(peer)
      void peer.next('j').then(() => {
        if (server.answer) peer.send(...server.answer)
        const waiter = waiters.shift()
        if (waiter) waiter(peer)
        else arrived.push(peer)
      })
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  test.teardown(async () => {
    for (const socket of sockets.clients) socket.terminate()
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const server: PageServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    html: '',
    answer: ['j', 0, 0],
    open: true,
    status: 200,
    policy: strictPolicy,
    peers: [],
    joined () {
      const peer = arrived.shift()
      return peer ? Promise.resolve(peer) : new Promise((resolve) => waiters.push(resolve))
    }
  }
  return server
}

function peerOf (socket: WebSocket): Peer {
  const received: unknown[][] = []
  const unread: unknown[][] = []
  const waiters: { type: string, resolve: (message: unknown[]) => void }[] = []
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as unknown[]
    received.push(message)
    const index = waiters.findIndex(({ type }) => type === message[0])
    if (index < 0) unread.push(message)
    else waiters.splice(index, 1)[0]?.resolve(message)
  })
  return {
    socket,
    received,
    send: (...message) => socket.send(JSON.stringify(message)),
    next (type) {
      const index = unread.findIndex(([one]) => one === type)
      if (index >= 0) return Promise.resolve(unread.splice(index, 1)[0] as unknown[])
      return new Promise((resolve) => waiters.push({ type, resolve }))
    }
  }
}

/** A page with the runtime and a token in its head. */
export function livePage (body: string, head = ''): string {
  return '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="live-token" content="t0">' +
    `<script src="/live.js" defer></script>${head}</head><body>${body}</body></html>`
}
