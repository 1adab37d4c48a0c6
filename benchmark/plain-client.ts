import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { BenchClient } from './socket-scenario.ts'

/** The other end of plain-app.ts: an event's name goes up, the whole page comes down. */
export async function openPlain (url: string): Promise<BenchClient> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'))
  const bytes = { up: 0, down: 0 }
  const waiting: Array<() => void> = []
  socket.on('message', (data: Buffer) => {
    bytes.down += data.length
    waiting.shift()?.()
  })
  await once(socket, 'open')
  return {
    bytes,
    click: (event) => new Promise<void>((resolve) => {
      bytes.up += event.length
      waiting.push(resolve)
      socket.send(event)
    }),
    close: () => { socket.close() }
  }
}
