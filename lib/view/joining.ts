import { fatal } from '../chain/refusal.ts'
import type { JoinMessage } from '../security/envelope.ts'
import { CLOSE_FAILED, CLOSE_JOIN_TIMEOUT } from './close-codes.ts'
import type { ConnectionOptions } from './connection-settings.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Mount } from './mount.ts'
import { runLifecycle } from './run-lifecycle.ts'

/** The way from an open socket to a live view: one join, in time; then its answer, deferred data, and `onConnect`. */
export class Joining {
  readonly #connection: LiveConnection
  readonly #ask: ConnectionOptions['join']
  readonly #timer: NodeJS.Timeout
  #seen = false
  /** Settles once `onConnect` has ended. */
  connecting: Promise<void> = Promise.resolve()

  constructor (connection: LiveConnection, ask: ConnectionOptions['join']) {
    this.#connection = connection
    this.#ask = ask
    // One deadline for the whole of it, the wait for the message included: a socket that never joins holds a place.
    this.#timer = setTimeout(() => {
      connection.refuse(fatal('LIVE_ERR_JOIN_TIMEOUT', CLOSE_JOIN_TIMEOUT, 'no join in time'), 0, null)
    }, connection.route.deadlines.join)
    this.#timer.unref()
  }

  /** The first message. A second join is impossible for our runtime, and refused by the caller. */
  begin (message: JoinMessage): boolean {
    if (this.#seen) return false
    this.#seen = true
    this.#connection.post(() => this.#join(message))
    return true
  }

  /** The connection is over, or live. */
  stop (): void {
    clearTimeout(this.#timer)
  }

  async #join (message: JoinMessage): Promise<void> {
    const connection = this.#connection
    const began = connection.route.now()
    try {
      const outcome = await this.#ask(message, connection)
      if (connection.isClosed()) return
      if ('weight' in outcome) {
        connection.refuse(outcome, 0, null)
        return
      }
      this.stop()
      connection.joined = outcome
      connection.phase = 'live'
      connection.session.checkedAt = began
      connection.publisher.write(outcome.reply)
      this.#fillIn(outcome.mount)
      const { onConnect } = connection.route.compiled.view
      if (onConnect === null) return
      this.connecting = runLifecycle(connection, onConnect, 'onConnect', 'stays')
      await this.connecting
      // There is one a connection: the first push after it need not wait.
      connection.insist(() => connection.publisher.publish(0, 'at once'))
    } catch (err) {
      connection.fail(err, 'live join failed')
      connection.close(CLOSE_FAILED, 'join failed')
    }
  }

  /** Deferred loaders run beside the mailbox: what people do meanwhile does not wait for them. */
  #fillIn (mount: Mount): void {
    const connection = this.#connection
    for (const coming of mount.startDeferred(connection)) {
      coming.then((take) => {
        connection.insist(() => {
          take()
          return connection.publisher.publish(0)
        })
      })
    }
  }
}
