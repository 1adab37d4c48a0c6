import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { LiveConnection } from '../lib/view/live-connection.ts'
import { Connections } from '../plugin/connections.ts'
import { defineView } from '../plugin/index.ts'
import type { LiveViewOptions } from '../plugin/index.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { ANN, clocks, gate, idOf, join, settled, startSessions } from './helpers/session-life.ts'
import type { TestStore } from './helpers/session-life.ts'

const FRAME = (...message: unknown[]): Buffer => Buffer.from(JSON.stringify(message))

type Timer = number | NodeJS.Timeout

/** Timers of our own deadlines that are still set; those of `soon` are over soon. */
function watchTimers (t: Test, soon: number | null): Set<Timer> {
  const { setTimeout, clearTimeout } = globalThis
  const set = new Set<Timer>()
  t.intercept(globalThis, 'setTimeout', {
    value: (run: () => void, ms: number, ...rest: unknown[]) => {
      const timer = setTimeout(() => { set.delete(timer); run() }, ms === soon ? 20 : ms, ...rest)
      if (ms === 5000 || ms === 10_000) set.add(timer)
      return timer
    }
  })
  t.intercept(globalThis, 'clearTimeout', { value: (timer: Timer) => { set.delete(timer); clearTimeout(timer) } })
  return set
}

interface Denial {
  readonly code: number
  readonly live?: Partial<LiveViewOptions>
  readonly access?: () => boolean | Promise<boolean>
  readonly state?: () => object
  readonly token?: string
  /** What the visitor does while `identify` waits. */
  readonly meanwhile?: 'leaves'
  readonly soon?: number
}

let joining = false
let slow = gate()

const DENIALS: Readonly<Record<string, Denial>> = {
  'you cannot tell who I am': { code: 1011, live: { identify: () => { if (joining) throw new Error('no database'); return ANN } } },
  'I may not': { code: 4403, access: () => !joining },
  'your rule about me fails': { code: 1011, access: () => { if (joining) throw new Error('no database'); return true } },
  'my token is another\'s': { code: 4409, token: 'v1.forged' },
  'your state() fails': { code: 1011, state: () => { if (joining) throw new Error('no state'); return { text: '' } } },
  'I give you no time to decide': { code: 4408, live: { identify: async () => { if (joining) await slow.passed; return ANN } }, soon: 10_000 },
  'you take too long to decide': { code: 1011, live: { identify: async () => { if (joining) await slow.passed; return ANN } }, soon: 5000 },
  'I leave while you decide': { code: 1006, live: { identify: async () => { if (joining) await slow.passed; return ANN } }, meanwhile: 'leaves' },
}

for (const [name, { code, live = {}, access = () => true, state = () => ({ text: '' }), token: forged, meanwhile, soon }] of Object.entries(DENIALS)) {
  t.test(`B07 I go on as if nothing had happened where ${name}: nothing of me is alive`, async (t) => {
    joining = false
    slow = gate()
    const log: string[] = []
    const view = defineView({
      name: 'v',
      template: 'v.njk',
      access,
      state: state as () => { text: string },
      events: { add: { run: () => { log.push('add') } } },
      onConnect: () => { log.push('connected') },
      onDisconnect: () => { log.push('disconnected') },
    })
    const templates = { 'v.njk': '<html><head></head><body><p>{{ text }}</p><button live-click="add">+</button></body></html>' }
    const { app, url } = await startLiveApp(t, { live: { templates, ...live }, routes: (app) => app.live('/v', view) })
    const visitor = new Visitor(url)
    await visitor.signIn(ANN)
    // A script's fetch: nothing is kept for a socket that comes.
    const html = await (await visitor.fetch('/v', { headers: { 'sec-fetch-dest': 'empty' } })).text()
    const token = /name="live-token" content="([^"]+)"/.exec(html)?.[1] ?? ''
    const timers = watchTimers(t, soon ?? null)
    const { connections } = app.liveViews
    const made: LiveConnection[] = []
    t.intercept(connections, 'add', {
      value: (connection: LiveConnection) => {
        made.push(connection)
        Connections.prototype.add.call(connections, connection)
      }
    })
    joining = true
    const socket = await visitor.socket('/v')
    const connection = made[0] as LiveConnection
    socket.send(['j', forged ?? token, 0, 0])
    if (meanwhile === 'leaves') {
      await settled(socket)
      socket.ws.terminate()
    }
    t.equal(await socket.closed, code)
    for (let k = 0; k < 1e4 && connection.phase !== 'closed'; k++) await setImmediate()
    // The browser's frames would be dropped by a socket that closes: they are put where they would arrive.
    connection.receive(FRAME('e', 1, 'add', 'click', [], 0), false)
    connection.receive(FRAME('j', token, 0, 0), false)
    connection.post(() => { log.push('posted') })
    connection.handle.update(() => { log.push('updated') })
    slow.open()
    for (let k = 0; k < 20; k++) await setImmediate()
    app.liveViews.beat()
    t.equal(connection.phase, 'closed', 'phases only go forward')
    t.equal(connection.joined, null)
    t.equal(connection.scopes.size, 0)
    t.equal(app.liveViews.connections.size, 0)
    t.equal(app.liveViews.retained.size, 0)
    t.equal(timers.size, 0, 'no deadline is left')
    t.same(log, [], 'no handler, no lifecycle')
  })
}

t.test('B07 I send an event in the same breath as a join that is refused: no handler sees it', async (t) => {
  let allowed = true
  const { visitor, log } = await startSessions(t, {
    live: { identify: ({ session }) => allowed ? session?.person ?? null : null }
  })
  await visitor.signIn(ANN)
  const { token } = await visitor.page('/v')
  allowed = false
  const live = await visitor.socket('/v')
  live.send(['j', token, 0, 0])
  live.send(['e', 1, 'add', 'click', [], 0])
  t.equal(await live.closed, 1008)
  t.same(log, [])
})

/** Ann's page is open; from now on the store does what it is told. */
async function withStore (t: Test, options: Parameters<typeof startSessions>[1] = {}) {
  const clock = clocks(t)
  const logs: string[] = []
  const started = await startSessions(t, {
    logger: { level: 'error', stream: { write: (line: string) => { logs.push(line) } } } as LiveAppOptions['logger'] & object,
    ...options,
  })
  await started.visitor.signIn(ANN)
  const live = await started.visitor.open('/v')
  const real = started.store().get
  const asked = { times: 0 }
  const get = (how: TestStore['get']): void => {
    started.store().get = (id, answer) => { asked.times++; how.call(started.store(), id, answer) }
  }
  return { ...started, clock, live, logs, asked, get, real }
}

const DOWN: TestStore['get'] = (id, answer) => { answer(new Error('ECONNREFUSED')) }
const THROWS: TestStore['get'] = () => { throw new Error('ECONNREFUSED') }
const HANGS: TestStore['get'] = () => {}

for (const [name, how] of [['fails', DOWN], ['throws', THROWS], ['hangs', HANGS]] as const) {
  t.test(`B09 I am at work while your store ${name}: I go on for half a minute, and no longer`, async (t) => {
    const { live, clock, log, logs, asked, get, app } = await withStore(t)
    watchTimers(t, 5000)
    get(how)
    clock.pass(14_000)
    t.match(await live.event('add', 'click', [], 0), ['p', 1])
    t.equal(asked.times, 0)
    clock.pass(2_000)
    t.match(await live.event('add', 'click', [], 0), ['p', 2])
    t.equal(asked.times, 1)
    t.match(await live.event('add', 'click', [], 0), ['p', 3])
    t.equal(asked.times, 1, 'no event waits for the dead store again')
    clock.pass(3_000)
    t.match(await live.event('add', 'click', [], 0), ['p', 4])
    t.equal(asked.times, 2)
    clock.pass(24_500)
    t.match(await live.event('add', 'click', [], 0), ['p', 5], 'more than forty-three seconds after the last good look')
    clock.pass(1_400)
    t.match(await live.event('add', 'click', [], 0), ['p', 6])
    clock.pass(300)
    live.send(['e', 7, 'add', 'click', [], 0])
    t.equal(await live.closed, 1013)
    t.equal(log.filter((name) => name === 'add').length, 6)
    t.equal(app.liveViews.connections.size, 0)
    t.equal(asked.times, 4)
    t.equal(logs.filter((line) => line.includes('live session store failed')).length, 2, 'the log is not flooded')
  })
}

t.test('B09 your store comes back in time: nobody has noticed', async (t) => {
  const { live, clock, get, real, visitor, store } = await withStore(t)
  get(DOWN)
  clock.pass(40_000)
  t.match(await live.event('add', 'click', [], 0), ['p', 1])
  get(real)
  clock.pass(3_000)
  t.match(await live.event('add', 'click', [], 0), ['p', 2])
  get(DOWN)
  clock.pass(40_000)
  t.match(await live.event('add', 'click', [], 0), ['p', 3], 'the grace begins anew')
  get(real)
  store().store.delete(idOf(visitor))
  clock.pass(3_000)
  live.send(['e', 4, 'add', 'click', [], 0])
  t.equal(await live.closed, 4401, 'and who was signed out meanwhile is out')
})

t.test('B09 I only look on while your store fails: the page waits half a minute after its look was due', async (t) => {
  const { live, clock, get, real, app, asked } = await withStore(t)
  get(DOWN)
  clock.pass(61_000)
  app.liveViews.beat()
  await settled(live)
  app.liveViews.beat()
  t.equal(asked.times, 1)
  clock.pass(5_000)
  app.liveViews.beat()
  await settled(live)
  t.equal(asked.times, 2)
  get(real)
  clock.pass(5_000)
  app.liveViews.beat()
  await settled(live)
  get(DOWN)
  clock.pass(91_000)
  app.liveViews.beat()
  t.equal(await live.closed, 1013)
})

t.test('B09 I sign out, am found out or expire while your store is down: the grace is not for me', async (t) => {
  const out = await withStore(t)
  out.get(DOWN)
  out.store().destroy(idOf(out.visitor), () => {})
  t.equal(await out.live.closed, 4401)

  let disabled = false
  const found = await withStore(t, { live: { identify: ({ session }) => disabled ? null : session?.person ?? null } })
  found.get(DOWN)
  disabled = true
  found.clock.pass(16_000)
  found.live.send(['e', 1, 'add', 'click', [], 0])
  t.equal(await found.live.closed, 4401, 'identify is asked, of the session as it was')

  let broken = false
  const failing = await withStore(t, {
    live: { identify: ({ session }) => { if (broken) throw new Error('no database'); return session?.person ?? null } }
  })
  broken = true
  failing.clock.pass(16_000)
  failing.live.send(['e', 1, 'add', 'click', [], 0])
  t.equal(await failing.live.closed, 4409, 'identify is not the store: it has no grace')

  const expired = await withStore(t)
  const session = expired.store().store.get(idOf(expired.visitor)) as { cookie: object }
  Object.assign(session.cookie, { expires: new Date(Date.now() + 20_000) })
  expired.clock.pass(16_000)
  t.match(await expired.live.event('add', 'click', [], 0), ['p', 1])
  expired.get(DOWN)
  expired.clock.pass(5_000)
  expired.live.send(['e', 2, 'add', 'click', [], 0])
  t.equal(await expired.live.closed, 4401, 'what was known to end has ended')
})

t.test('B09 I come while your store is down: neither page nor socket nor join lets me in', async (t) => {
  const { visitor, get, log } = await withStore(t)
  const { token } = await visitor.page('/v')
  const live = await visitor.socket('/v')
  get(DOWN)
  log.length = 0
  t.equal(await join(live, token), 1013)
  t.equal((await visitor.page('/v')).status, 500, 'the session plugin\'s own answer')
  await t.rejects(visitor.socket('/v'), { message: 'status 500' })
  t.same(log, [])
})

t.test('B08, B10 your sessions in production: what is unwise about them is told once', async (t) => {
  const warnings: string[] = []
  const note = (warning: Error & { code?: string }): void => {
    if (warning.code?.startsWith('LIVE_WARN_SESSION')) warnings.push(warning.code.slice(18))
  }
  process.on('warning', note)
  t.teardown(() => { process.off('warning', note) })
  const before = process.env['NODE_ENV']
  t.teardown(() => { if (before === undefined) delete process.env['NODE_ENV']; else process.env['NODE_ENV'] = before })
  const visit = async (options: Parameters<typeof startSessions>[1] = {}): Promise<string[]> => {
    const { visitor } = await startSessions(t, { access: 'public', ...options, live: { origins: ['https://app.example.com'] } })
    t.equal((await visitor.page('/v')).status, 200)
    t.equal((await visitor.page('/v')).status, 200)
    await setImmediate()
    return warnings.splice(0).sort()
  }
  const { default: cookie } = await import('@fastify/cookie')
  const { default: session, MemoryStore } = await import('@fastify/session')
  class OwnStore extends MemoryStore {}
  const own = (options: object) => ({
    sessions: 'none' as const,
    before: async (app: Parameters<NonNullable<LiveAppOptions['before']>>[0]) => {
      await app.register(cookie)
      await app.register(session, { secret: 'a secret of the tests, forty characters or so', saveUninitialized: false, store: new OwnStore(), ...options })
    }
  })
  t.same(await visit(), [], 'in development nothing')
  process.env['NODE_ENV'] = 'production'
  t.same(await visit({ sessions: 'none' }), [], 'nothing where there are no sessions')
  t.same(await visit(own({ cookie: { sameSite: 'lax' } })), [], 'nothing where all is well')
  t.same(await visit(own({ cookie: { secure: false, path: '/app' } })), [], 'nor outside of the cookie\'s path')
  t.same(await visit(own({ cookie: { secure: false, httpOnly: false } })), ['HTTP_ONLY', 'SAME_SITE', 'SECURE'])
  t.same(await visit(own({ store: new MemoryStore(), cookie: { sameSite: 'lax' } })), ['MEMORY'])
  t.same(await visit(), [], 'once each')
})
