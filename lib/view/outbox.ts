import { fatal } from '../chain/refusal.ts'
import { CLOSE_LATER } from './close-codes.ts'
import type { LiveConnection } from './live-connection.ts'

/** Bytes on the way to a slow reader: from `SOFT` on nothing more is rendered for it, at `HARD` the connection ends. */
const SOFT = 256 * 1024
const HARD = 1024 * 1024
/** Milliseconds over `SOFT` after which it ends too: who reads nothing must not hold what waits for him for good. */
const PATIENCE = 10_000

/**
 * What is on the way to the browser. The websocket library takes whatever it is given and holds what the network does not
 * take: 50 MB sent to a reader that does not read are 46 MB of memory, and no error (measured).
 */
export class Outbox {
  readonly #connection: LiveConnection
  readonly #drained: () => void
  #slowSince: number | null = null

  /** @param drained called whenever the network has taken something */
  constructor (connection: LiveConnection, drained: () => void) {
    this.#connection = connection
    this.#drained = drained
  }

  /** Whether so much waits that nothing more is to be rendered. */
  isFull (): boolean {
    const full = this.#connection.channel.buffered > SOFT
    if (full) this.#slowSince ??= this.#connection.route.now()
    else this.#slowSince = null
    return full
  }

  write (text: string): void {
    const { channel } = this.#connection
    if (channel.buffered > HARD) this.#cutOff()
    else channel.send(text, this.#sent)
  }

  beat (): void {
    if (!this.isFull()) return
    if (this.#connection.route.now() - (this.#slowSince as number) > PATIENCE) this.#cutOff()
  }

  readonly #sent = (): void => {
    this.isFull()
    this.#drained()
  }

  #cutOff (): void {
    const connection = this.#connection
    connection.refuse(fatal('LIVE_ERR_SLOW_READER', CLOSE_LATER, `${connection.channel.buffered} bytes wait`), 0, null)
    // It would not read the close either.
    connection.terminate()
  }
}
