import { normalizeLimits } from '../../lib/limits/limit-options.ts'
import type { LimitOptions } from '../../lib/limits/limit-options.ts'
import { createRefusalLog } from '../../lib/security/refusal-log.ts'
import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import type { Channel } from '../../lib/view/channel.ts'
import { compilePayloads, compileView } from '../../lib/view/compiled-view.ts'
import type { CompiledView } from '../../lib/view/compiled-view.ts'
import { DEADLINES } from '../../lib/view/connection-settings.ts'
import type { Joined, RouteSettings } from '../../lib/view/connection-settings.ts'
import { Counters } from '../../lib/view/counters.ts'
import { defineView } from '../../lib/view/define-view.ts'
import { createHandlerBudgets } from '../../lib/view/handler-budgets.ts'
import { LiveConnection } from '../../lib/view/live-connection.ts'
import { Mount } from '../../lib/view/mount.ts'
import type { MountInput, MountOptions } from '../../lib/view/mount-input.ts'
import type { Logger, View } from '../../lib/view/view.ts'

/** A network that takes what it is given when it is told to. */
export class SlowChannel implements Channel {
  buffered: number = 0
  readonly texts: unknown[] = []
  readonly sent: Array<() => void> = []
  readonly calls: string[] = []
  ended: string | null = null

  send (text: string, sent: () => void): void {
    this.texts.push(JSON.parse(text))
    this.sent.push(sent)
  }

  ping (): void {
    this.calls.push('ping')
  }

  pause (): void {
    this.calls.push('pause')
  }

  resume (): void {
    this.calls.push('resume')
  }

  close (code: number, reason: string): void {
    this.ended = `${code} ${reason}`
  }

  terminate (): void {
    this.ended = 'terminated'
  }
}

export interface ConnectOptions {
  readonly view: View
  readonly template: string | TemplateEnvironment
  readonly limits?: LimitOptions
  readonly first?: unknown
  readonly join?: () => Promise<never>
  readonly onViolation?: (violation: { code: string, weight: string }) => void
  readonly deadlines?: Partial<RouteSettings['deadlines']>
  readonly slowRender?: (view: string, ms: number) => void
}

/** One connection of the engine, joined, with a clock and timers that the test moves. */
export interface Connected {
  readonly connection: LiveConnection
  readonly channel: SlowChannel
  readonly receive: (frame: unknown) => void
  readonly logs: string[]
  readonly clock: { now: number }
  /** Moves the clock and runs what is due by then. */
  readonly pass: (ms: number) => Promise<void>
  /** How many timers of the connection wait. */
  readonly waiting: () => number
  readonly mount: Mount
  readonly closed: () => number
}

export async function connect (
  t: { teardown (close: () => void): unknown },
  { view, template, limits = {}, join, onViolation = () => {}, deadlines = {}, first = ['j', 'v1.x', 0, 1], slowRender = () => {} }: ConnectOptions
): Promise<Connected> {
  const clock = { now: 0 }
  const logs: string[] = []
  const note = (bindings: object, message: string): void => { logs.push(`${message} ${(bindings as { err?: Error }).err?.message ?? ''}`.trim()) }
  const log: Logger = { debug: note, info: note, warn: note, error: note }
  const compiled = compileOnce(view, template)
  const now = (): number => clock.now
  const route: RouteSettings = {
    compiled,
    payloads: compilePayloads(view, () => () => true),
    limits: normalizeLimits(limits),
    deadlines: { ...DEADLINES, ...deadlines },
    handlerBuckets: createHandlerBudgets(now)(view),
    now,
    onViolation,
    counters: new Counters(),
    refusals: createRefusalLog({ now }),
    onUndeclared: null,
    verifyReloads: false,
  }
  const deadline = route.deadlines.mount
  const mount = await Mount.create(compiled, { ...nobody, deadline, slowRender }, mounting)
  const joined: Joined = { mount, reply: '["j",0]', handlerKey: (event) => event, recheck: async () => null, updateSession: async () => {} }
  const channel = new SlowChannel()
  let closed = 0
  const timers = new Map<() => void, number>()
  const later = (run: () => void, ms: number): (() => void) => {
    timers.set(run, now() + ms)
    return () => { timers.delete(run) }
  }
  const pass = async (ms: number): Promise<void> => {
    clock.now += ms
    for (const [run, at] of [...timers]) {
      if (at > clock.now) continue
      timers.delete(run)
      run()
    }
    await new Promise(setImmediate)
  }
  const onClosed = (): void => { closed++ }
  const options = { id: 'c', route, log, address: '192.0.2.1', join: join ?? (async () => joined), onClosed, later }
  const connection = new LiveConnection(options, channel)
  t.teardown(() => { connection.ended(1000) })
  const receive = (frame: unknown): void => { connection.receive(Buffer.from(JSON.stringify(frame)), false) }
  receive(first)
  await new Promise(setImmediate)
  return { connection, channel, receive, logs, clock, pass, waiting: () => timers.size, mount, closed: () => closed }
}

const compiledViews = new WeakMap<View, CompiledView>()

/** A view has one template here: thousands of connections of one cost one compilation. */
function compileOnce (view: View, template: string | TemplateEnvironment): CompiledView {
  const environment = typeof template === 'string' ? new TemplateEnvironment({ [view.template]: template }) : template
  const compiled = compiledViews.get(view) ?? compileView(view, environment, 'strict')
  compiledViews.set(view, compiled)
  return compiled
}

export const mounting: MountOptions = {
  deferred: 'now', failure: 'throws', signal: new AbortController().signal, failed: () => 'id'
}

/** A visitor of whom nothing is known, who asks for nothing. */
export const nobody: MountInput = {
  params: {}, query: {}, identity: null, tenant: null, globals: {}, deadline: 5000, overDelivered: null
}

export const counter = (rest: object = {}): View => defineView({
  name: 'counter', template: 'counter.njk', state: () => ({ count: 0 }), events: { add: { run: ({ state }) => { state.count++ } } }, ...rest
})
export const template: string = '<p>{{ count }}</p><button live-click="add"></button><input live-input="add">'
export const click = (ref: number): unknown[] => ['e', ref, 'add', 'click']
