import { refusal } from '../chain/refusal.ts'
import type { Refusal } from '../chain/refusal.ts'
import { ARRIVAL } from '../chain/arrival.ts'
import type { Arrival } from '../chain/arrival.ts'
import { TURN } from '../chain/turn.ts'
import type { Turn } from '../chain/turn.ts'
import { runChain } from '../chain/run-chain.ts'
import { createConnectionMeter } from '../limits/connection-meter.ts'
import type { ConnectionMeter } from '../limits/connection-meter.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import type { EventMessage, JoinMessage } from '../security/envelope.ts'
import { createErrorId } from '../security/error-id.ts'
import type { Channel } from './channel.ts'
import { CLOSE_FAILED, CLOSE_JOIN_TIMEOUT, CLOSE_LIMIT } from './close-codes.ts'
import { ConnectionHandle } from './connection-handle.ts'
import type { ConnectionOptions, Joined, RouteSettings } from './connection-settings.ts'
import { withDeadline } from './deadline.ts'
import { Effects } from './effects.ts'
import { HandlerScope } from './handler-scope.ts'
import { Mailbox } from './mailbox.ts'
import type { Mount } from './mount.ts'
import { Publisher } from './publisher.ts'
import { Refuser } from './refuser.ts'
import { SessionCheck } from './session-check.ts'
import type { Lifecycle, Logger } from './view.ts'

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
  readonly handle: ConnectionHandle
  readonly publisher: Publisher
  readonly session: SessionCheck = new SessionCheck(this)
  readonly #options: ConnectionOptions
  readonly #refuser: Refuser
  readonly #mailbox: Mailbox
  readonly #joinTimer: NodeJS.Timeout
  #joinSeen = false
  phase: 'joining' | 'live' | 'closed' = 'joining'
  joined: Joined | null = null
  lastRef = 0
  /** The scopes whose abort signals somebody holds: of the running handler, and of lifecycle functions. */
  readonly scopes: Set<HandlerScope> = new Set()
  #lifetime: AbortController | null = null
  #connecting: Promise<void> = Promise.resolve()
  /** Loaders to run before the next rendering. */
  readonly reloads: Set<string> = new Set()

  constructor (options: ConnectionOptions, channel: Channel) {
    this.id = options.id
    this.route = options.route
    this.log = options.log
    this.address = options.address
    this.channel = channel
    this.#options = options
    const { limits, now, deadlines } = options.route
    const { rate, burst, maxWarnings } = limits.rateLimit
    this.meter = createConnectionMeter({ rate, burst, maxMessageSize: limits.maxMessageSize, now })
    this.bucket = new TokenBucket({ rate, burst, now })
    this.patience = new TokenBucket({ rate: 5, burst: 20, now })
    this.#refuser = new Refuser(this, maxWarnings)
    this.#mailbox = new Mailbox({ capacity: MAILBOX, failed: (err) => { this.fail(err, 'live rendering failed') } })
    this.handle = new ConnectionHandle(this)
    this.publisher = new Publisher(this)
    this.#joinTimer = setTimeout(() => { this.close(CLOSE_JOIN_TIMEOUT, 'no join in time') }, deadlines.join)
    this.#joinTimer.unref()
  }

  /** A frame, as it came from the socket. Never throws. */
  receive (data: Buffer, isBinary: boolean): void {
    if (this.phase === 'closed') return
    const arrival: Arrival = { connection: this, data, isBinary, ref: 0, value: null, message: null }
    // No step on arrival waits for anything: a flood is refused in the tick it comes in.
    const refused = runChain(ARRIVAL, arrival) as Refusal | null
    if (refused === null) return
    const { message } = arrival
    this.refuse(refused, message?.type === 'event' ? message.ref : arrival.ref, message?.type === 'event' ? message.event : null)
  }

  /** False when the mailbox is full. */
  post (task: () => void | Promise<void>): boolean {
    return this.#mailbox.post(task)
  }

  /** Of our own, one at a time each: past the mailbox's capacity. */
  insist (task: () => void | Promise<void>): void {
    this.#mailbox.insist(task)
  }

  /** Shows the state as it is, at its turn. */
  publishLater (): void {
    this.insist(() => this.publisher.publish(0))
  }

  /** Aborted when the connection ends. */
  get lifetime (): AbortSignal {
    this.#lifetime ??= new AbortController()
    if (this.phase === 'closed') this.#lifetime.abort()
    return this.#lifetime.signal
  }

  /** Of what is loaded and rendered for this connection. */
  get signal (): AbortSignal {
    return this.lifetime
  }

  failed (error: Error): string {
    return this.fail(error, 'live loader failed')
  }

  /** The first message. A second join is impossible for our runtime, and refused by the caller. */
  join (message: JoinMessage): boolean {
    if (this.#joinSeen) return false
    this.#joinSeen = true
    this.post(() => this.#join(message))
    return true
  }

  /** An event at its turn. */
  run (message: EventMessage): void | Promise<void> {
    const turn: Turn = { connection: this, message, event: null, binding: null, payload: null, scope: null, failed: false }
    // A validator or a key of the application may throw where no step expects it: that fails this event, not the process.
    const broken = (err: unknown): Refusal =>
      ({ ...refusal('LIVE_ERR_CHAIN', 'error', `event '${message.event}'`), id: this.fail(err, 'live event failed') })
    try {
      const outcome = runChain(TURN, turn)
      if (outcome instanceof Promise) return outcome.catch(broken).then((refused) => { this.#finish(refused, turn) })
      this.#finish(outcome, turn)
    } catch (err) {
      this.#finish(broken(err), turn)
    }
  }

  /** Tells whom it concerns: the log, the hook, the browser, and the warnings that end a connection. */
  refuse (refused: Refusal, ref: number, event: string | null): void {
    this.#refuser.refuse(refused, ref, event)
  }

  /** Logs what a piece of application code threw, under an id that the browser may be told. */
  fail (err: unknown, message: string): string {
    const errorId = createErrorId()
    this.log.error({ err, errorId, view: this.route.compiled.view.name }, message)
    return errorId
  }

  /** Every few seconds, by the application's one timer. Never throws. */
  beat (): void {
  }

  send (message: readonly unknown[]): void {
    if (this.phase !== 'closed') this.publisher.write(JSON.stringify(message))
  }

  /**
   * Runs a lifecycle function of the view, under the handlers' deadline. What it throws is logged.
   * @param signal whether its abort signal ends with the function, or goes on as long as the connection
   */
  async lifecycle (run: Lifecycle | null, name: string, signal: 'ends' | 'stays'): Promise<void> {
    const mount = this.joined?.mount
    if (run === null || mount === undefined) return
    const scope = new HandlerScope(this, mount, null)
    try {
      const work = async (): Promise<void> => run(scope)
      await withDeadline(work(), name, this.route.deadlines.handler, () => { scope.abort() })
    } catch (err) {
      this.fail(err, `live ${name} failed`)
    }
    if (signal === 'ends') scope.end()
  }

  close (code: number, reason: string): void {
    if (this.phase === 'closed') return
    this.channel.close(code, reason)
    this.ended(code)
  }

  /** The socket is gone, or is being closed by us: nothing runs for this connection any more. */
  ended (code: number): void {
    if (this.phase === 'closed') return
    this.phase = 'closed'
    clearTimeout(this.#joinTimer)
    this.#mailbox.close()
    this.#lifetime?.abort()
    for (const scope of this.scopes) scope.abort()
    this.#options.onClosed(this, code === CLOSE_LIMIT ? 'limit' : null)
    const { onDisconnect } = this.route.compiled.view
    // After onConnect, however long that took: what it started late would never be stopped.
    this.#connecting.then(() => this.lifecycle(onDisconnect, 'onDisconnect', 'ends'))
  }

  async #join (message: JoinMessage): Promise<void> {
    const began = this.route.now()
    try {
      const outcome = await this.#options.join(message, this)
      if (this.isClosed()) return
      if ('weight' in outcome) {
        this.refuse(outcome, 0, null)
        return
      }
      clearTimeout(this.#joinTimer)
      this.joined = outcome
      this.phase = 'live'
      this.session.checkedAt = began
      this.publisher.write(outcome.reply)
      this.#fillIn(outcome.mount)
      const { onConnect } = this.route.compiled.view
      if (onConnect === null) return
      this.#connecting = this.lifecycle(onConnect, 'onConnect', 'stays')
      await this.#connecting
      this.publishLater()
    } catch (err) {
      this.fail(err, 'live join failed')
      this.close(CLOSE_FAILED, 'join failed')
    }
  }

  /** Development only: data that an event changed without saying so stays as it was on every open page. */
  async #verifyReloads (event: string): Promise<void> {
    const loaders = await (this.joined as Joined).mount.changedUnnoticed(this)
    for (const loader of loaders) {
      this.log.warn({ event, loader }, `event '${event}' changed what loader '${loader}' gives, and the page still shows what it gave before: ` +
        `add reloads: ['${loader}'] to the event, or call reload('${loader}')`)
    }
  }

  /** Deferred loaders run beside the mailbox: what people do meanwhile does not wait for them. */
  #fillIn (mount: Mount): void {
    for (const coming of mount.startDeferred(this)) {
      coming.then((take) => {
        this.insist(() => {
          take()
          return this.publisher.publish(0)
        })
      })
    }
  }

  /** A function, since TypeScript would take `phase` for unchanged over an await. */
  isClosed (): boolean {
    return this.phase === 'closed'
  }

  #finish (refused: Refusal | null, turn: Turn): void {
    turn.scope?.end()
    if (this.phase === 'closed') return
    if (refused === null) {
      if (this.route.verifyReloads) this.insist(() => this.#verifyReloads(turn.message.event))
      return
    }
    this.refuse(refused, turn.message.ref, turn.message.event)
    // A handler that failed may have changed the state before: the page shows what the state is, whatever became of the event.
    if (turn.failed) this.publishLater()
  }
}
