import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { Test } from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection, LiveViewOptions, Violation } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'

const templates = {
  'v.njk': `<html><head></head><body><p>{{ text }}</p><button live-click="drop" live-value-id="7"></button>
    <button live-click="denied"></button><button live-click="good"></button><form live-submit="save" live-input="save"><input name="v"></form>
    <button live-click="fails"></button><button live-click="unsure"></button></body></html>`
}
const [DROP, DENIED, GOOD, SAVE, FAILS, UNSURE] = [0, 1, 2, 3, 4, 5]
const roomy = { rate: 10_000, burst: 10_000, maxWarnings: 1000 }
const SECRET = 'hunter2'

const view = (name = 'v', access = () => true) => defineView({
  name,
  template: 'v.njk',
  access,
  state: () => ({ text: 'one' }),
  events: {
    drop: { payload: Type.Object({ id: Type.String() }), run: () => {} },
    denied: { authorize: () => false, run: () => {} },
    good: { run: () => {} },
    save: { payload: Type.Object({ v: Type.String({ format: 'email' }) }), run: () => {} },
    fails: { run: () => { throw new Error(SECRET) } },
    unsure: { authorize: () => { throw new Error(SECRET) }, run: () => {} }
  }
})

interface Told extends Violation { readonly connection: Connection | null }

async function start (t: Test, live: Partial<LiveViewOptions> = {}, rest: Partial<LiveAppOptions> = {}) {
  const told: Told[] = []
  const lines: Array<Record<string, unknown>> = []
  const started = await startLiveApp(t, {
    live: { templates, onViolation: (violation, connection) => { told.push({ ...violation, connection }) }, ...live },
    logger: { level: 'debug', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } },
    routes: (app) => { app.live('/v', view()) },
    ...rest
  })
  const visitor = new Visitor(started.url)
  const refusals = (): Array<Record<string, unknown>> => lines.filter(({ msg }) => msg === 'live refused')
  return { ...started, visitor, told, lines, refusals }
}

/** Time stands still; the answer lets it go on. */
function stopClock (t: Test): (milliseconds: number) => void {
  // Whole: budgets are counted to the last token.
  let at = Math.ceil(performance.now())
  t.intercept(performance, 'now', { value: () => at })
  return (milliseconds) => { at += milliseconds }
}

const stale = async (live: LiveSocket): Promise<string> => (await live.event('drop', 'click', [], DROP, ['8']))[2] as string
const invalid = async (live: LiveSocket, kind: string): Promise<string> =>
  (await live.event('save', kind, [], SAVE, [], { v: 'no address' }))[2] as string

t.test('D13 I try until something gives way: thirty refusals are free, then each is a warning, and the third ends me', async (t) => {
  const pass = stopClock(t)
  const { visitor, told } = await start(t, { rateLimit: { ...roomy, maxWarnings: 3 } })
  const live = await visitor.open('/v')
  for (let k = 0; k < 10; k++) {
    t.equal(await stale(live), 'stale')
    t.match(await live.event('denied', 'click', [], DENIED), ['r', Number, 'denied'])
    t.equal(await invalid(live, 'submit'), 'invalid')
  }
  t.ok(told.every(({ weight }) => weight === 'none'))
  t.equal(await stale(live), 'stale')
  t.match(told.at(-1), { code: 'LIVE_ERR_STALE', weight: 'warning', detail: /over the budget of refusals/ })
  pass(5000)
  for (let k = 0; k < 10; k++) t.equal(await stale(live), 'stale', 'two are given back each second')
  t.equal(told.at(-1)?.weight, 'none')
  t.equal(await stale(live), 'stale')
  await stale(live).catch(() => 'closed')
  t.equal(await live.closed, 4429)
  t.same(told.map(({ weight }) => weight).filter((weight) => weight !== 'none'), ['warning', 'warning', 'warning'])
})

t.test('D13 somebody types for long what is no address yet: told to wait in the end, and never warned', async (t) => {
  const pass = stopClock(t)
  const { visitor, told } = await start(t, { rateLimit: roomy })
  const live = await visitor.open('/v')
  const answers: string[] = []
  for (let k = 0; k < 200; k++) {
    pass(100)
    answers.push(await invalid(live, 'input'))
  }
  t.same([...new Set(answers)], ['invalid', 'limit'])
  live.send(['e', 1000, 'save', 'input', [], SAVE, [], { v: 'x'.repeat(20_000) }])
  t.match(await live.next(), ['r', 1000, 'limit'], 'nor for a text that is too long')
  t.ok(told.every(({ weight }) => weight === 'none'))
  pass(30_000)
  live.send(['e', 1001, 'save', 'input', [], SAVE, [], { v: 'x'.repeat(20_000) }])
  t.match(await live.next(), ['r', 1001, 'invalid'])
  live.close()
})

t.test('L02 I flood your log, and put lines of my own and other people\'s secrets into it', async (t) => {
  const pass = stopClock(t)
  const { app, visitor, told, refusals } = await start(t, { rateLimit: roomy })
  const live = await visitor.open('/v')
  const junk = async (count: number): Promise<void> => {
    for (let k = 0; k < count; k++) live.send('{')
    await live.event('good', 'click', [], GOOD)
  }
  await junk(60)
  t.equal(refusals().length, 20)
  pass(3000)
  await junk(5)
  t.same(refusals().map(({ suppressed }) => suppressed), [...Array(20), 40, undefined, undefined])
  pass(60_000)
  await junk(30)
  t.same(refusals().slice(23).map(({ suppressed }) => suppressed), [2, ...Array(19)])
  pass(20_500)
  await junk(20)
  pass(600)
  await junk(1)
  t.equal(refusals().length, 63, 'a second begins with my flood, not with what I did before')
  t.equal(told.length, 116, 'the hook and the counters hear of all')
  t.same(app.liveViews.counts().refusals, { LIVE_ERR_FRAME_JSON: 116 })
  t.match(await live.event('Good\r\n{"level":60}\u001b[31m', 'click'), ['r', Number, 'invalid'])
  const { event, detail } = refusals().at(-1) as { event: string, detail: string }
  t.same([event, detail], ['Good  {"level":60}', 'event name Good  {"level":60}'])
  t.match(told.at(-1), { event, detail }, 'nor can your hook log what I wrote')
  live.send(['e', 900, 'save', 'submit', [], SAVE, [], { v: SECRET, [SECRET]: SECRET }])
  t.match(await live.next(), ['r', 900, 'invalid'])
  live.send(['j', `v1.${SECRET}`, 0, 1])
  t.equal(await live.closed, 1008)
  t.match(refusals().slice(-2), [{ code: 'LIVE_ERR_PAYLOAD', reason: 'invalid', detail: /^does not fit #/ }, { code: 'LIVE_ERR_JOIN_TWICE' }])
  const text = JSON.stringify(refusals())
  t.notMatch(text, SECRET)
  t.notMatch(text, '127.0.0.1')
  t.ok(refusals().every(({ code, reason, address, view }) => code !== undefined && reason !== undefined && view === 'v' && /^[0-9a-f]{16}$/.test(String(address))))
})

t.test('L02 I come and go: the log names my session and me by a hash, and only at its finest', async (t) => {
  const { visitor, lines } = await start(t)
  await visitor.signIn({ id: 'ann@example.com', name: 'Ann' })
  const live = await visitor.open('/v')
  live.close()
  await live.closed
  const ended = (): Record<string, unknown> | undefined => lines.find(({ msg }) => msg === 'live ended')
  while (ended() === undefined) await new Promise(setImmediate)
  const hash = /^[0-9a-f]{16}$/
  t.match(lines.find(({ msg }) => msg === 'live joined'), { level: 20, live: String, view: 'v', address: hash, session: hash, identity: hash, tenant: null })
  t.match(ended(), { level: 20, view: 'v', address: hash, code: 1005 })
  const [id] = decodeURIComponent(visitor.cookie.split('=')[1] as string).split('.')
  const own = JSON.stringify(lines.filter(({ msg }) => String(msg).startsWith('live')))
  for (const secret of [id as string, 'ann@example.com', '127.0.0.1']) t.notMatch(own, secret)
})

t.test('L01 I make your code throw: I am told an id, and nothing of why', async (t) => {
  const { visitor, lines } = await start(t)
  const live = await visitor.open('/v')
  const answers = [await live.event('fails', 'click', [], FAILS), await live.event('unsure', 'click', [], UNSURE)]
  t.match(answers, [['r', 1, 'error'], ['r', 2, 'denied']])
  t.notMatch(JSON.stringify(answers), SECRET)
  for (const [, , , , id] of answers) t.ok(lines.some(({ errorId, err }) => errorId === id && JSON.stringify(err).includes(SECRET)), 'the log has both')
  live.close()
})

t.test('L03 each refusal is counted, logged under one message, and told to the hook', async (t) => {
  const { app, visitor, told, refusals } = await start(t, { rateLimit: roomy, maxMessageSize: 4096 })
  const once = async (frames: ReadonlyArray<string | Buffer>): Promise<number> => {
    const live = await visitor.open('/v')
    for (const frame of frames) live.ws.send(frame)
    return await live.closed
  }
  const live = await visitor.open('/v')
  await stale(live)
  await invalid(live, 'submit')
  await live.event('denied', 'click', [], DENIED)
  await live.event('Nothing', 'click')
  await live.event('nothing', 'click')
  await live.event('good', 'click', [], 900)
  live.send('[]')
  t.same(app.liveViews.counts().connections, 1)
  live.close()
  t.equal(await once([Buffer.from('x')]), 1003)
  t.equal(await once(['["j","",0,0]']), 1008)
  const unjoined = await visitor.socket('/v')
  unjoined.send(['j', 'v1.forged', 0, 0])
  t.equal(await unjoined.closed, 4409)
  const early = await visitor.socket('/v')
  early.send(['a', 1])
  t.equal(await early.closed, 1008)
  const codes = ['STALE', 'PAYLOAD', 'DENIED', 'EVENT_NAME', 'EVENT', 'BINDING', 'FRAME_ENVELOPE', 'FRAME_BINARY', 'JOIN_TWICE', 'TOKEN', 'JOIN_FIRST']
    .map((code) => `LIVE_ERR_${code}`)
  t.same(told.map(({ code }) => code), codes)
  t.same(app.liveViews.counts().refusals, Object.fromEntries(codes.map((code) => [code, 1])))
  t.same(refusals().map(({ code }) => code), codes)
  t.same(refusals().map(({ level }) => level), [20, 20, 30, ...Array(8).fill(40)], 'what is denied is for an audit, what is stale for nobody')
  t.ok(told.every(({ connection, address, view: name }) => connection !== null && address === '127.0.0.1' && name === 'v'))
})

t.test('L03 what is refused before there is a connection is counted and told too', async (t) => {
  const mine: string[] = []
  const { app, visitor, told } = await start(t, { rateLimit: { maxConnectionsPerIp: 1, maxPagesPerIp: 1 } }, {
    routes: (app) => {
      app.live('/v', view())
      app.live('/mine', view('mine', () => false), {
        live: { onViolation: ({ code, view: name }, connection) => { mine.push(`${code} ${name} ${String(connection)}`) } }
      })
      app.get('/plain', async () => 'plain')
    }
  })
  const socket = await visitor.open('/v')
  await t.rejects(visitor.socket('/v', { origin: 'https://evil.example' }), { message: 'status 403' })
  await t.rejects(visitor.socket('/v'), { message: 'status 429' })
  await t.rejects(visitor.socket('/plain'), { message: 'status 404' })
  const tuple = ({ code, reason, weight, view: name, event, address, connection }: Told): unknown[] =>
    [code, reason, weight, name, event, address, connection]
  t.same(told.map(tuple), [
    ['LIVE_ERR_ORIGIN', 'denied', 'close', 'v', null, '127.0.0.1', null],
    ['LIVE_ERR_TOO_MANY', 'limit', 'close', 'v', null, '127.0.0.1', null],
    ['LIVE_ERR_UPGRADE', 'invalid', 'close', null, null, '127.0.0.1', null]
  ])
  await t.rejects(visitor.socket('/mine', { origin: 'null' }), { message: 'status 403' })
  await visitor.signIn({ id: 1, name: 'Ann' })
  t.equal((await visitor.page('/mine')).status, 403)
  const statuses = new Set<number>()
  for (let k = 0; k < 6; k++) statuses.add((await visitor.page('/mine')).status)
  t.same([...statuses], [403, 429])
  t.same([...new Set(mine)], ['LIVE_ERR_ORIGIN mine null', 'LIVE_ERR_DENIED mine null', 'LIVE_ERR_TOO_MANY mine null'])
  const refusals = { LIVE_ERR_ORIGIN: 2, LIVE_ERR_TOO_MANY: Number, LIVE_ERR_DENIED: Number, LIVE_ERR_UPGRADE: 1 }
  t.match(app.liveViews.counts(), { connections: 1, refusals })
  socket.close()
})

t.test('I flood you while your hook is down: what is refused is refused, and your log stays readable', async (t) => {
  stopClock(t)
  const hooks = [() => { throw new Error('down') }, async () => { throw new Error('down') }]
  for (const onViolation of hooks) {
    const { visitor, lines } = await start(t, { onViolation })
    for (let k = 0; k < 30; k++) await t.rejects(visitor.socket('/v', { origin: 'https://evil.example' }), { message: 'status 403' })
    t.equal(lines.filter(({ msg }) => msg === 'onViolation failed').length, 20)
    t.equal(lines.filter(({ msg }) => msg === 'live refused').length, 20)
  }
})

t.test('E01 bare functions under warn: warned of once in each application, counted each time; under open neither', async (t) => {
  const warnings: string[] = []
  const listen = (warning: Error & { code?: string }): void => { warnings.push(`${warning.code} ${warning.message}`) }
  process.on('warning', listen)
  t.teardown(() => { process.off('warning', listen) })
  const counted: unknown[] = []
  for (const eventSecurity of ['warn', 'warn', 'open'] as const) {
    const bare = defineView({ name: 'bare', template: 'b.njk', access: 'public', events: { go () {}, stay: { run () {} } } })
    const buttons = '<button live-click="go"></button><button live-click="stay"></button>'
    const { app, url } = await startLiveApp(t, {
      live: { templates: { 'b.njk': `<html><head></head><body>${buttons}</body></html>` }, eventSecurity },
      routes: (app) => app.live('/bare', bare)
    })
    const live = await new Visitor(url).open('/bare')
    for (const [name, element] of [['go', 0], ['go', 0], ['stay', 1]] as const) {
      t.match(await live.event(name, 'click', [], element), ['p'])
    }
    counted.push(app.liveViews.counts().undeclared)
    live.close()
  }
  await new Promise(setImmediate)
  t.same(counted, [{ 'bare.go': 2 }, { 'bare.go': 2 }, {}])
  const own = warnings.filter((warning) => warning.startsWith('LIVE_DEP_UNDECLARED '))
  t.equal(own.length, 2)
  t.match(own[0], "event 'go' of live view 'bare' is a bare function")
})

t.test('L02 I say again and again that your page lost its markers: twenty lines are written of it', async (t) => {
  stopClock(t)
  const { visitor, lines } = await start(t, { rateLimit: { maxConnectionsPerIp: 100 } })
  const { token } = await visitor.page('/v')
  for (let k = 0; k < 25; k++) {
    const live = await visitor.socket('/v')
    live.send(['j', token, 1, 1])
    t.match(await live.next(), ['j'])
    live.close()
    await live.closed
  }
  t.equal(lines.filter(({ code }) => code === 'LIVE_ERR_MARKERS').length, 20)
})
