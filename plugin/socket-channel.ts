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

  ping (): void {
    this.#socket.ping()
  }

  pause (): void {
    this.#socket.pause()
  }

  resume (): void {
    this.#socket.resume()
  }

  close (code: number, reason: string): void {
    // Else the other side's answer is not read, and an honest page learns of its end only when the time to close is over.
    this.#socket.resume()
    this.#socket.close(code, reason)
  }

  terminate (): void {
    this.#socket.terminate()
  }
}
