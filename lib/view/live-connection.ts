import type { Refusal } from '../chain/refusal.ts'
import { ARRIVAL } from '../chain/arrival.ts'
import type { Arrival } from '../chain/arrival.ts'
import { runChain } from '../chain/run-chain.ts'
import { createConnectionMeter } from '../limits/connection-meter.ts'
import type { ConnectionMeter } from '../limits/connection-meter.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import type { JoinMessage } from '../security/envelope.ts'
import { createErrorId } from '../security/error-id.ts'
import { hashForLog } from '../security/hash-for-log.ts'
import type { Channel } from './channel.ts'
import { CLOSE_LATER, CLOSE_LIMIT } from './close-codes.ts'
import { ConnectionHandle } from './connection-handle.ts'
import type { ConnectionOptions, Joined, RouteSettings } from './connection-settings.ts'
import { Effects } from './effects.ts'
import type { HandlerScope } from './handler-scope.ts'
import { Joining } from './joining.ts'
import { Liveness } from './liveness.ts'
import { logError } from './log-error.ts'
import { Mailbox } from './mailbox.ts'
import { laterByTimer } from './pace.ts'
import { Publisher } from './publisher.ts'
import { Refuser } from './refuser.ts'
import { runLifecycle } from './run-lifecycle.ts'
import { SessionCheck } from './session-check.ts'
import { StateSize } from './state-size.ts'
import { inTenant } from './tenant-scope.ts'
import type { Logger } from './view.ts'

const MAILBOX = 64

/**
 * One client's live instance of a view, from the upgrade to the close. Frames come in through `receive` and the arrival
 * chain; what passes waits in the mailbox for its turn. Phases only go forward: joining, live, closed.
 */
export class LiveConnection {
  readonly id: string
  readonly route: RouteSettings
  readonly channel: Channel
  readonly log: Logger
  readonly address: string
  readonly effects: Effects = new Effects()
  readonly meter: ConnectionMeter
  readonly bucket: TokenBucket
  /** How often a click over its event's budget is only refused: others may have used up what they share, and people click on. */
  readonly patience: TokenBucket
  readonly handle: ConnectionHandle = new ConnectionHandle(this)
  readonly publisher: Publisher
  readonly session: SessionCheck = new SessionCheck(this)
  readonly liveness: Liveness
  readonly stateSize: StateSize
  readonly #options: ConnectionOptions
  readonly #refuser: Refuser
  readonly #mailbox: Mailbox
  readonly #joining: Joining
  phase: 'joining' | 'live' | 'closed' = 'joining'
  joined: Joined | null = null
  lastRef = 0
  /** The scopes whose abort signals somebody holds: of the running handler, and of lifecycle functions. */
  readonly scopes: Set<HandlerScope> = new Set()
  #lifetime: AbortController | null = null
  /** Loaders to run before the next rendering. */
  readonly reloads: Set<string> = new Set()

  constructor (options: ConnectionOptions, channel: Channel) {
    this.id = options.id
    this.route = options.route
    this.log = options.log
    this.address = options.address
    this.channel = channel
    this.#options = options
    const { limits, now } = options.route
    const { rate, burst, maxWarnings } = limits.rateLimit
    this.meter = createConnectionMeter({ rate, burst, maxMessageSize: limits.maxMessageSize, now })
    this.bucket = new TokenBucket({ rate, burst, now })
    this.patience = new TokenBucket({ rate: 5, burst: 20, now })
    this.#refuser = new Refuser(this, maxWarnings)
    this.liveness = new Liveness(this)
    this.stateSize = new StateSize(this)
    this.#mailbox = new Mailbox({
      capacity: MAILBOX,
      failed: (err) => { this.fail(err, 'live rendering failed') },
      pause: () => { channel.pause() },
      resume: () => {
        channel.resume()
        this.liveness.resumed()
      },
    })
    this.publisher = new Publisher(this, options.later ?? laterByTimer)
    this.#joining = new Joining(this, options.join)
  }

  /** A frame, as it came from the socket. Never throws. */
  receive (data: Buffer, isBinary: boolean): void {
    if (this.phase === 'closed') return
    this.liveness.message()
    const arrival: Arrival = { connection: this, data, isBinary, ref: 0, value: null, message: null }
    // No step on arrival waits for anything: a flood is refused in the tick it comes in.
    const refused = runChain(ARRIVAL, arrival) as Refusal | null
    if (refused === null) return
    const event = arrival.message?.type === 'event' ? arrival.message : null
    this.refuse(refused, event?.ref ?? arrival.ref, event?.event ?? null)
  }

  /** False when the mailbox is full. */
  post (task: () => void | Promise<void>): boolean {
    return this.#mailbox.post(() => this.inTenant(task))
  }

  /** Of our own, one at a time each: past the mailbox's capacity. */
  insist (task: () => void | Promise<void>): void {
    this.#mailbox.insist(() => this.inTenant(task))
  }

  /** As its own tenant's, whoever sets it off: a job, or a handler on another tenant's connection. */
  inTenant<T> (work: () => T): T {
    return inTenant(this.joined?.mount.tenant ?? null, work)
  }

  /** Shows the state as it is, at its turn. */
  publishLater (): void {
    this.insist(() => this.publisher.publish(0))
  }

  /** Aborted when the connection ends, and with it what is loaded and rendered for it. */
  get signal (): AbortSignal {
    this.#lifetime ??= new AbortController()
    if (this.phase === 'closed') this.#lifetime.abort()
    return this.#lifetime.signal
  }

  failed (error: Error): string {
    return this.fail(error, 'live loader failed')
  }

  /** False for a second one. */
  join (message: JoinMessage): boolean {
    return this.#joining.begin(message)
  }

  /** Tells whom it concerns: the log, the hook, the browser, and the warnings that end a connection. */
  refuse (refused: Refusal, ref: number, event: string | null): void {
    this.#refuser.refuse(refused, ref, event)
  }

  /** Logs what a piece of application code threw, under an id that the browser may be told. */
  fail (err: unknown, message: string): string {
    const errorId = createErrorId()
    logError(this.log, { err, errorId, view: this.route.compiled.view.name }, message)
    return errorId
  }

  /** Every five seconds, by the application's one timer. */
  beat (): void {
    this.publisher.beat()
    if (!this.isClosed()) this.liveness.beat()
  }

  /** Whether nothing is read from the socket for now, since too much waits. */
  isPaused (): boolean {
    return this.#mailbox.paused
  }

  send (message: readonly unknown[]): void {
    if (this.phase !== 'closed') this.publisher.write(JSON.stringify(message))
  }

  close (code: number, reason: string): void {
    if (this.phase === 'closed') return
    this.channel.close(code, reason)
    this.ended(code)
  }

  /** Without waiting for the other side, which does not read or is gone. */
  terminate (): void {
    this.ended(CLOSE_LATER)
    this.channel.terminate()
  }

  /** The socket is gone, or is being closed by us: nothing runs for this connection any more. */
  ended (code: number): void {
    if (this.phase === 'closed') return
    this.phase = 'closed'
    this.log.debug({ view: this.handle.view, address: hashForLog(this.address), code }, 'live ended')
    this.#joining.stop()
    this.#mailbox.close()
    this.publisher.stop()
    this.inTenant(() => {
      this.#lifetime?.abort()
      for (const scope of this.scopes) scope.abort()
      this.scopes.clear()
    })
    this.#options.onClosed(this, code === CLOSE_LIMIT ? 'limit' : null)
    // After onConnect, however long that took: what it started late would never be stopped.
    this.#joining.connecting.then(() => runLifecycle(this, this.route.compiled.view.onDisconnect, 'onDisconnect', 'ends'))
  }

  /** A function, since TypeScript would take `phase` for unchanged over an await. */
  isClosed (): boolean {
    return this.phase === 'closed'
  }
}
