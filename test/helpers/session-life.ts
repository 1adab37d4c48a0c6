import type { FastifyInstance } from 'fastify'
import { defineView } from '../../plugin/index.ts'
import type { Identity, LiveViewOptions } from '../../plugin/index.ts'
import type { LiveConnection } from '../../lib/view/live-connection.ts'
import { startLiveApp } from './live-app.ts'
import type { LiveAppOptions } from './live-app.ts'
import { Visitor } from './live-client.ts'
import type { LiveSocket } from './live-client.ts'

interface Interceptor {
  intercept (object: object, name: string, property: { value: unknown }): unknown
}

export const ANN: { id: number, name: string } = { id: 1, name: 'Ann' }

/** Stops the clocks of the whole process, the one that never goes back and the one on the wall, and moves them by hand. */
export function clocks (t: Interceptor): { pass (milliseconds: number): void } {
  const monotonic = performance.now()
  const wall = Date.now()
  let passed = 0
  t.intercept(performance, 'now', { value: () => monotonic + passed })
  t.intercept(Date, 'now', { value: () => wall + passed })
  return { pass (milliseconds) { passed += milliseconds } }
}

export interface Gate { open: () => void, readonly passed: Promise<void> }

export function gate (): Gate {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => { open = resolve })
  return { open, passed }
}

type Answer = (error?: unknown, session?: unknown) => void

/** The memory store of the session plugin, whose functions tests replace. */
export interface TestStore {
  readonly store: Map<string, { cookie: object }>
  get: (id: string, answer: Answer) => void
  set: (id: string, session: unknown, answer: Answer) => void
  destroy: (id: string, answer?: Answer) => unknown
}

export interface Started {
  readonly app: FastifyInstance
  readonly visitor: Visitor
  readonly url: string
  /** What has run, in turn. */
  readonly log: string[]
  /** There from the first request on. */
  readonly store: () => TestStore
  readonly connections: () => LiveConnection[]
}

export const TEMPLATES: Record<string, string> = {
  'v.njk': '<html><head></head><body><p>{{ text }}</p>{% if can("drop") %}<button live-click="drop">x</button>{% endif %}' +
    ['add', 'wait', 'write', 'leave'].map((name) => `<button live-click="${name}">${name}</button>`).join('') + '</body></html>'
}

const OPEN = { 'v.njk': (TEMPLATES['v.njk'] as string).replace(/{%.*?%}/g, '') }

export interface SessionLifeOptions extends Partial<Omit<LiveAppOptions, 'live'>> {
  readonly live?: Partial<LiveViewOptions>
  /** The event `wait` waits for it. */
  readonly wait?: Promise<void>
  /** Called at the beginning of `wait`. */
  readonly waiting?: () => void
  readonly access?: 'public'
  /** Whether the button of `drop` is there for everybody. */
  readonly shown?: 'always'
}

/** One view, whose events log that they ran: `add`, `drop`, `wait`, and `write` and `leave`, which change the session. */
export async function startSessions (
  t: Parameters<typeof startLiveApp>[0],
  { live = {}, wait = Promise.resolve(), waiting = () => {}, access, shown, before, ...rest }: SessionLifeOptions = {}
): Promise<Started> {
  const log: string[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    ...access === undefined ? {} : { access: access as 'user' },
    state: () => ({ text: '' }),
    events: {
      add: { run: ({ state }) => { log.push('add'); state.text += '+' } },
      drop: { authorize: ({ identity }) => (identity as Identity | null)?.admin === true, run: () => { log.push('drop') } },
      wait: { run: async () => { log.push('wait'); waiting(); await wait } },
      write: {
        run: async ({ updateSession }) => {
          log.push('write')
          waiting()
          await wait
          await updateSession((session) => { session['cart'] = 1 })
        }
      },
      leave: { run: async ({ updateSession }) => { log.push('leave'); await updateSession((session) => { delete session['person'] }) } },
    },
    onConnect: () => { log.push('connected') }
  })
  let store: TestStore | null = null
  const { app, url } = await startLiveApp(t, {
    live: { templates: shown === undefined ? TEMPLATES : OPEN, ...live } as LiveViewOptions,
    routes: (app) => app.live('/v', view),
    before: async (app) => {
      app.addHook('onRequest', async (request) => { store = request.sessionStore as unknown as TestStore })
      await before?.(app)
    },
    ...rest,
  })
  return {
    app,
    url,
    log,
    visitor: new Visitor(url),
    store: () => store as TestStore,
    connections: () => [...app.liveViews.connections.all()],
  }
}

/** Waits until the server has read all that the socket has sent. */
export async function settled ({ ws }: LiveSocket): Promise<void> {
  ws.ping()
  await new Promise((resolve) => { ws.once('pong', resolve) })
}

/** The id that a signed cookie carries. */
export function idOf ({ cookie }: Visitor): string {
  return decodeURIComponent(cookie.slice(cookie.indexOf('=') + 1)).split('.')[0] as string
}

/** Joins by hand; gives the answer, or the close code. */
export async function join (live: LiveSocket, token: string): Promise<number | unknown[]> {
  live.send(['j', token, 0, 0])
  return await Promise.race([live.closed, live.next().catch(() => live.closed)])
}
