import type { WebSocket } from 'ws'
import type { Channel } from '../lib/view/channel.ts'

/** The ws socket as the engine wants it. */
export class SocketChannel implements Channel {
  readonly #socket: WebSocket

  constructor (socket: WebSocket) {
    this.#socket = socket
  }

  get buffered (): number {
    return this.#socket.bufferedAmount
  }

  send (text: string, sent: () => void): void {
    this.#socket.send(text, sent)
  }

  close (code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate (): void {
    this.#socket.terminate()
  }
}
