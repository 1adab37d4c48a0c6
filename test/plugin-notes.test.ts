import cookie from '@fastify/cookie'
import session from '@fastify/session'
import { once } from 'node:events'
import { get } from 'node:http'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { LiveViewOptions } from '../plugin/index.ts'
import { trackReads } from '../lib/view/track-reads.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'

const templates = { 'v.njk': '<html><head></head><body>{{ orders }}</body></html>' }

function orders (load: (context: { signal: AbortSignal }) => unknown) {
  return defineView({ name: 'v', template: 'v.njk', access: 'public', loaders: { orders: load } })
}

/** An application whose log lines are kept. */
async function start (
  t: Parameters<typeof startLiveApp>[0], live: Partial<LiveViewOptions>, options: Partial<LiveAppOptions> & Pick<LiveAppOptions, 'routes'>
) {
  const logs: string[] = []
  const logger = { level: 'info', stream: { write: (line: string) => { logs.push(line) } } }
  return { ...await startLiveApp(t, { live: { templates, ...live } as LiveViewOptions, logger, ...options }), logs }
}

/** Deadlines of loaders never come: who hears of an end hears it from somebody else. */
function withoutDeadlines (t: { teardown (back: () => void): unknown }): void {
  const { setTimeout: timer } = globalThis
  t.teardown(() => { globalThis.setTimeout = timer })
  const patient = (run: () => void, ms: number, ...rest: []): NodeJS.Timeout => timer(run, ms === 5000 ? 2 ** 30 : ms, ...rest)[ms === 5000 ? 'unref' : 'ref']()
  globalThis.setTimeout = patient as typeof setTimeout
}

/** NODE_ENV is `production` until the test is over. */
function inProduction (t: { teardown (back: () => void): unknown }): Partial<LiveViewOptions> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  t.teardown(() => { if (before === undefined) delete process.env.NODE_ENV; else process.env.NODE_ENV = before })
  return { origins: ['https://app.example'] }
}

t.test('a page that fails for one reason has one line in the log, under the id that the page shows', async (t) => {
  const { url, logs } = await start(t, inProduction(t), { routes: (app) => app.live('/v', orders(() => { throw new Error('no database') })) })
  const shown = await (await fetch(`${url}/v`)).text()
  const [, id] = /\(([0-9a-f]{12})\)/.exec(shown) as unknown as [string, string]
  const lines = logs.filter((line) => line.includes('no database'))
  t.equal(lines.filter((line) => line.includes('errorId')).length, 1)
  t.match(lines.find((line) => line.includes('errorId')), id)
})

t.test('a name that nothing gives is told with the first page, outside of production', async (t) => {
  const unknown = { 'v.njk': '<html><head></head><body>{{ csfr }}{{ orders }}</body></html>' }
  const live = { templates: unknown, globals: () => ({ csrf: 'x' }) }
  const routes = (app: Parameters<LiveAppOptions['routes']>[0]): unknown => app.live('/v', orders(() => 1))
  const development = await start(t, live, { routes })
  const shown = await fetch(`${development.url}/v`)
  t.equal(shown.status, 500)
  t.match(await shown.text(), /csfr.*csrf/s, 'with the nearest name')
  const production = await start(t, { ...live, ...inProduction(t) }, { routes })
  t.equal((await fetch(`${production.url}/v`)).status, 200, 'a page that was good for visitors yesterday is none the worse')
})

t.test('a loader is told that the visitor of its page has gone', async (t) => {
  withoutDeadlines(t)
  let started = (): void => {}
  let gone = (): void => {}
  const running = new Promise<void>((resolve) => { started = resolve })
  const told = new Promise<void>((resolve) => { gone = resolve })
  const { url } = await start(t, {}, {
    routes: (app) => app.live('/v', orders(async ({ signal }) => {
      started()
      await once(signal, 'abort')
      gone()
      return 1
    }))
  })
  const request = get(`${url}/v`)
  request.on('error', () => {})
  await running
  request.destroy()
  await told
  t.pass()
})

t.test('what a loader returns beyond what is asked for is told once a page, in development only', async (t) => {
  const routes = (app: Parameters<LiveAppOptions['routes']>[0]): unknown => app.live('/v', orders(() => ({ name: 'x', secret: 'y' })))
  const named = { templates: { 'v.njk': '<html><head></head><body>{{ orders.name }}</body></html>' } }
  const development = await start(t, named, { routes })
  await (await fetch(`${development.url}/v`)).text()
  t.equal(development.logs.filter((line) => line.includes('returned what no template asked for')).length, 1)
  const production = await start(t, { ...named, ...inProduction(t) }, { routes })
  await (await fetch(`${production.url}/v`)).text()
  t.equal(production.logs.filter((line) => line.includes('returned what no template asked for')).length, 0)
})

t.test('a session store is listened to once, however many pages it serves, and no more after the end', async (t) => {
  let store: { destroy (id: string, callback: () => void): void } | null = null
  const { app, url } = await start(t, {}, {
    before: (app) => app.addHook('preHandler', async (request) => { store = request.sessionStore }),
    routes: (app) => app.live('/v', orders(() => 1))
  })
  const told = t.capture(app.liveViews, 'disconnect', () => 0)
  const toldOfSignOut = async (pages: number): Promise<number> => {
    const visitor = new Visitor(url)
    await visitor.signIn({ id: 1, name: 'Ann' })
    for (let page = 0; page < pages; page++) await visitor.page('/v')
    told()
    await visitor.fetch('/sign-out', { method: 'POST' })
    return told().length
  }
  const once = await toldOfSignOut(1)
  t.ok(once > 0)
  t.equal(await toldOfSignOut(3), once)
  await app.close()
  await new Promise<void>((resolve) => { store?.destroy('an id', resolve) })
  t.same(told(), [])
})

t.test('E07, F09 I come back to a page that has become too big, or leave while it loads: the join fails, its loader is told', async (t) => {
  withoutDeadlines(t)
  const signals: AbortSignal[] = []
  let size = 10
  let load = (signal: AbortSignal): unknown => signal.aborted
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ text: 'x'.repeat(size) }),
    loaders: {
      orders: ({ signal }) => {
        signals.push(signal)
        return load(signal)
      }
    }
  })
  const { url } = await start(t, { maxStateSize: 1024 }, { routes: (app) => app.live('/v', view) })
  const visitor = new Visitor(url)
  const { html, token } = await visitor.page('/v')
  const join = async (): Promise<LiveSocket> => {
    const live = await visitor.socket('/v')
    live.send(['j', token, pageDigest(html), 1])
    return live
  }
  const first = await join()
  t.same(await first.next(), ['j', 0])
  size = 5000
  const tooBig = await join()
  t.equal(await tooBig.closed, 1011)
  size = 10
  let asked = (): void => {}
  const loading = new Promise<void>((resolve) => { asked = resolve })
  load = async (signal) => {
    asked()
    await once(signal, 'abort')
  }
  const leaving = await join()
  await loading
  leaving.ws.terminate()
  const last = signals.at(-1) as AbortSignal
  if (!last.aborted) await once(last, 'abort')
  t.ok(last.aborted)
  first.close()
})

t.test('a session plugin that comes after this one is warned of: to its hooks everybody would be a stranger', async (t) => {
  const warnings: string[] = []
  const hear = (warning: Error & { code?: string }): void => { warnings.push(String(warning.code)) }
  process.on('warning', hear)
  t.teardown(() => process.off('warning', hear))
  const register = async (app: Parameters<LiveAppOptions['routes']>[0]): Promise<void> => {
    await app.register(cookie)
    await app.register(session, { secret: 'a secret of the tests, forty characters or so' })
  }
  await start(t, {}, { sessions: 'none', before: register, routes: (app) => app.live('/v', orders(() => 1)) })
  await new Promise(setImmediate)
  t.same(warnings.filter((code) => code.startsWith('LIVE_WARN')), [])
  await start(t, {}, {
    sessions: 'none',
    routes: async (app) => {
      await register(app)
      app.live('/v', orders(() => 1))
    }
  })
  await new Promise(setImmediate)
  t.same(warnings.filter((code) => code.startsWith('LIVE_WARN')), ['LIVE_WARN_SESSION_ORDER'])
})

t.test('a loader cannot close the state for the handlers', (t) => {
  const state = { page: 1 }
  t.throws(() => Object.preventExtensions(trackReads(state, new Map())), /a loader does not change the state/)
  t.ok(Object.isExtensible(state))
  t.end()
})
