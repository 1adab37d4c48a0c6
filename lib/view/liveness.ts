import { fatal } from '../chain/refusal.ts'
import { createUnfinishedMessage } from '../limits/unfinished-message.ts'
import type { UnfinishedMessage } from '../limits/unfinished-message.ts'
import { CLOSE_POLICY } from './close-codes.ts'
import type { LiveConnection } from './live-connection.ts'

/** A ping each third beat: every 15 seconds. */
const BEATS = 3
/** Pings without any sign of life after which a peer is dead: a network that was gone for half a minute may come back. */
const MISSES = 2

/**
 * Whether the other side still is there, and ends what it begins. TCP says nothing of a peer whose network is gone, often for
 * hours; its connection would hold a place, a state and a session's slot all the while.
 */
export class Liveness {
  readonly #connection: LiveConnection
  readonly #unfinished: UnfinishedMessage
  #beats = 0
  #heard = true
  #missed = 0
  #awaited = 0

  constructor (connection: LiveConnection) {
    this.#connection = connection
    this.#unfinished = createUnfinishedMessage({ now: connection.route.now })
  }

  /** Bytes have come, before anything is made of them. */
  bytes (count: number): void {
    this.#unfinished.bytes(count)
  }

  /** A data message has come. */
  message (): void {
    this.#heard = true
    this.#unfinished.message()
  }

  /** A ping has come, or a pong. */
  control (length: number): void {
    this.#heard = true
    this.#unfinished.control(length)
  }

  /**
   * A pong has come: true where it answers a ping of ours. Such a pong is not metered: at a low rate of its own choice an
   * application would put out idle people for answering.
   */
  pong (length: number): boolean {
    this.control(length)
    if (this.#awaited === 0) return false
    this.#awaited--
    return true
  }

  /** Frames are read again. Nobody was heard while we did not listen. */
  resumed (): void {
    this.#heard = true
    this.#unfinished.resumed()
  }

  beat (): void {
    const connection = this.#connection
    const listening = !connection.isPaused()
    if (listening && this.#unfinished.overdue()) {
      connection.refuse(fatal('LIVE_ERR_FRAME_UNFINISHED', CLOSE_POLICY, 'a message was begun and not ended'), 0, null)
      return
    }
    if (++this.#beats % BEATS > 0) return
    this.#missed = this.#heard || !listening ? 0 : this.#missed + 1
    if (this.#missed === MISSES) {
      connection.log.debug({}, 'live peer is gone')
      connection.terminate()
      return
    }
    this.#heard = false
    this.#awaited = Math.min(this.#awaited + 1, MISSES)
    // While we do not listen, too: a ping to a peer that has left is how the network tells us of it then.
    connection.channel.ping()
  }
}
