import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { createUnfinishedMessage } from '../lib/limits/unfinished-message.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import { estimateSize } from '../lib/view/estimate-size.ts'
import { Mount } from '../lib/view/mount.ts'
import { RetainedMounts } from '../lib/view/retained-mounts.ts'
import { retainedSize } from '../lib/view/retained-size.ts'
import type { AnyEventContext } from '../lib/view/view.ts'
import { click, connect, counter, mounting, nobody, template } from './helpers/engine-connection.ts'

type Change = (state: never) => void
const add: Change = (state: { count: number }) => { state.count++ }

t.test('E06 I send more while a handler of mine works: TCP holds what is more than eight, and I am read again when two wait', async (t) => {
  const finish: Array<(outcome?: unknown) => void> = []
  const view = counter({ events: { add: { run: () => new Promise((resolve) => { finish.push(resolve) }) } } })
  const { connection, channel, receive } = await connect(t, { view, template })
  for (let ref = 1; ref <= 9; ref++) receive(click(ref))
  t.same(channel.calls, [], 'eight that wait are nobody\'s flood: the socket is read, and would tell if I left')
  t.notOk(connection.isPaused())
  for (let ref = 10; ref <= 13; ref++) receive(click(ref))
  t.same(channel.calls, ['pause'])
  t.ok(connection.isPaused())
  for (let done = 1; done <= 12; done++) {
    finish[done - 1]?.()
    await setImmediate()
    t.equal(finish.length, done + 1)
    t.same(channel.calls, done < 10 ? ['pause'] : ['pause', 'resume'], `${13 - done - 1} wait`)
  }
  t.notOk(connection.isPaused())
  finish[12]?.()
})

t.test('F13 I read nothing and hold ten seconds\' worth: I am cut off, and so is a megabyte', async (t) => {
  const slow = await connect(t, { view: counter(), template })
  slow.channel.buffered = 300_000
  slow.connection.beat()
  slow.clock.now = 9000
  slow.channel.buffered = 200_000
  slow.channel.sent.at(-1)?.()
  slow.channel.buffered = 300_000
  slow.receive(click(1))
  slow.clock.now = 19_000
  slow.connection.beat()
  t.equal(slow.channel.ended, null, 'what moves is slow, not stuck')
  slow.clock.now = 19_001
  slow.connection.beat()
  t.equal(slow.channel.ended, 'terminated')
  t.equal(slow.closed(), 1)
  t.same(slow.channel.calls, [], 'nor am I asked whether I am there')
  const { connection, channel } = await connect(t, { view: counter(), template })
  channel.buffered = 2_000_000
  connection.send(['p', 1])
  t.equal(channel.ended, 'terminated')
})

t.test('F13 I read nothing while 50 MB are pushed to me: a quarter of a megabyte is made, then one newest page', async (t) => {
  const text = 'x'.repeat(100_000)
  const view = counter({ state: () => ({ count: 0, text: '' }), events: {} })
  const { connection, channel, pass } = await connect(t, { view, template: '<p>{{ count }}</p><p>{{ text }}</p>' })
  const send = channel.send.bind(channel)
  let made = 0
  channel.send = (text, sent) => {
    made += text.length
    channel.buffered += text.length
    send(text, sent)
  }
  for (let k = 1; k <= 500; k++) {
    connection.handle.update(((state: { count: number, text: string }) => { state.count = k; state.text = k + text }) as Change)
    await pass(50)
  }
  t.ok(made < 400_000, `${made} bytes were made of 50 MB`)
  channel.buffered = 0
  channel.sent.at(-1)?.()
  await pass(50)
  t.match(channel.texts.at(-1), ['p', 0, [0, 500]], 'who reads at last is shown the newest, and nothing between')
})

t.test('F14 A thousand changes a second reach me: twenty renderings do', async (t) => {
  const seen: number[] = []
  const view = counter({ events: { add: { run: ({ state }: { state: { count: number } }) => { seen.push(state.count++) } } } })
  const { connection, channel, receive, pass, waiting } = await connect(t, { view, template })
  const shown = (): number[] => channel.texts.slice(1).map((message) => (message as [string, number, [number, number]])[2]?.[1])
  connection.handle.update(add)
  await setImmediate()
  t.same(shown(), [1], 'the first is shown at once')
  let acknowledged = 1
  for (let ms = 0; ms < 1000; ms++) {
    connection.handle.update(add)
    await pass(1)
    if (channel.texts.length > acknowledged) receive(['a', channel.texts.length - acknowledged])
    acknowledged = channel.texts.length
  }
  t.equal(channel.texts.length, 1 + 1 + 20)
  t.equal(shown().at(-1), 1001, 'the newest, every 50 ms')
  connection.handle.update(add)
  await setImmediate()
  t.equal(waiting(), 1)
  receive(click(1))
  t.same(seen, [1002], 'an event sees every change')
  t.same(channel.texts.at(-1), ['p', 1, [0, 1003]], 'and its answer waits for nothing')
  t.equal(waiting(), 0, 'what waited is shown with it')
  connection.handle.update(add)
  await setImmediate()
  t.equal(waiting(), 1)
  connection.ended(1006)
  t.equal(waiting(), 0)
})

t.test('F15 My network is gone without a word: after two pings unanswered so is my connection', async (t) => {
  const { connection, channel, closed, receive } = await connect(t, { view: counter(), template })
  const beats = (count: number): void => { for (let k = 0; k < count; k++) connection.beat() }
  beats(2)
  t.same(channel.calls, [])
  beats(1)
  t.same(channel.calls, ['ping'], 'every fifteen seconds')
  t.ok(connection.liveness.pong(0), 'the answer to it')
  t.notOk(connection.liveness.pong(0), 'another is a frame like any other')
  beats(6)
  t.equal(channel.ended, null)
  receive(click(1))
  beats(6)
  t.equal(channel.ended, null, 'any frame is a sign of life')
  connection.liveness.control(0)
  beats(3 + 6)
  t.equal(channel.ended, 'terminated')
  t.equal(closed(), 1)
})

t.test('F15 You do not listen to me: I am not dead for that, nor is what I had begun overdue', async (t) => {
  const finish: Array<(outcome?: unknown) => void> = []
  const view = counter({ events: { add: { run: () => new Promise((resolve) => { finish.push(resolve) }) } } })
  const { connection, channel, receive, clock } = await connect(t, { view, template })
  for (let ref = 1; ref <= 10; ref++) receive(click(ref))
  connection.liveness.bytes(9)
  for (let k = 0; k < 30; k++) {
    clock.now += 5000
    connection.beat()
  }
  t.equal(channel.ended, null)
  t.equal(channel.calls.filter((call) => call === 'ping').length, 10, 'a ping to a peer that has left tells of it')
  for (let k = 0; connection.isPaused(); k++) {
    finish[k]?.()
    await setImmediate()
  }
  connection.beat()
  t.equal(channel.ended, null, 'time begins again')
  clock.now += 10_001
  connection.beat()
  t.equal(channel.ended, '1008 LIVE_ERR_FRAME_UNFINISHED')
  for (const done of finish) done()
})

t.test('D03 I begin a message and never end it, with pings in between', (t) => {
  let time = 0
  const message = createUnfinishedMessage({ now: () => time })
  message.bytes(500)
  t.notOk(message.overdue())
  for (time = 0; time <= 10_000; time += 1000) {
    message.bytes(6 + 4)
    message.control(4)
  }
  t.ok(message.overdue())
  message.message()
  t.notOk(message.overdue())
  message.bytes(6)
  message.control(0)
  time += 60_000
  t.notOk(message.overdue(), 'pings alone leave nothing')
  message.control(125)
  message.bytes(1)
  time += 10_000
  t.notOk(message.overdue())
  time += 1
  t.ok(message.overdue(), 'nor do they buy time for what comes later')
  message.resumed()
  t.notOk(message.overdue())
  t.end()
})

t.test('F09 sizes are estimated: what is held twice once, dictionaries with their keys, handles not at all', (t) => {
  const size = (value: unknown): number => estimateSize(value, Infinity)
  t.equal(size(1), 0)
  t.equal(size('abcd'), 20)
  t.equal(size(10n), 16)
  t.equal(size({}), 24)
  t.equal(size({ a: 1, b: null, c: undefined, d: true }), 24 + 32)
  t.equal(size([1, 2]), 24 + 16)
  const row = { name: 'abcd' }
  t.equal(size(row), 24 + 8 + 20)
  t.equal(size([row, row]), 24 + 16 + 52)
  t.equal(size(new Map([['k', row]])), 24 + 24 + 17 + 52)
  t.equal(size(new Set([row])), 24 + 24 + 52)
  t.equal(size(new Float64Array(10)), 24 + 80)
  t.equal(size(new ArrayBuffer(80)), 24 + 80)
  t.equal(size(new Date()), 24)
  const dictionary = Object.fromEntries(Array.from({ length: 33 }, (_, k) => [`k${k + 10}`, 0]))
  t.equal(size(dictionary), 24 + 33 * 8 + 33 * (24 + 3))
  const loop: { self?: unknown } = {}
  loop.self = loop
  t.equal(size(loop), 32)
  const timer = setTimeout(() => {}, 1)
  clearTimeout(timer)
  t.equal(size({ timer }), 32 + 24, 'a timer leads to all timers of the process')
  t.equal(size(new (class { list = [1] })()), 32 + 32, 'rows that are instances are rows')
  t.equal(size({ get a (): never { throw new Error('no') } }), 32)
  const hostile = new Proxy({}, { ownKeys () { throw new Error('no') } })
  t.equal(size([hostile]), 24 + 8 + 24)
  t.equal(size(Object.assign(Object.create(null), { on: () => {}, list: [] })), 24 + 16 + 24)
  t.end()
})

t.test('F09 a look at what is far too big ends at the limit', (t) => {
  let read = 0
  const get = (target: object, key: PropertyKey): unknown => {
    read++
    return Reflect.get(target, key)
  }
  const list = new Proxy(Array.from({ length: 100_000 }, (_, k) => `text ${k}`), { get })
  t.ok(estimateSize(list, 1000) > 1000)
  t.ok(read < 10, `${read} of 100 000 were read`)
  t.ok(estimateSize(Array(10).fill(0).map(() => 'x'.repeat(300)), 1000) < 1700)
  t.end()
})

t.test('F09 I let a list of your state grow: my page loads anew, others go on', async (t) => {
  const codes: string[] = []
  const onViolation = ({ code }: { code: string }): void => { codes.push(code) }
  const grow = ({ state }: { state: { rows: string[] } }): void => { state.rows.push('x'.repeat(500)) }
  const view = counter({ state: () => ({ count: 0, rows: [] }), events: { add: { run: grow } } })
  const limits = { maxStateSize: 10_000, rateLimit: { rate: 1000, burst: 1000 } }
  const options = { view, template, limits, onViolation }
  const [mine, other] = [await connect(t, options), await connect(t, options)]
  for (let ref = 1; ref < 64; ref++) mine.receive(click(ref))
  t.equal(mine.channel.ended, null, 'not after each event: a look costs as much as an event')
  mine.receive(click(64))
  t.equal(mine.channel.ended, '4409 LIVE_ERR_STATE_SIZE')
  t.same(codes, ['LIVE_ERR_STATE_SIZE'])
  t.match(mine.logs.join(), /live state too big view 'counter': its state takes about \d+ bytes, and maxStateSize is 10000\. Keep rows in loaders/)
  other.receive(click(1))
  t.match(other.channel.texts.at(-1), ['p', 1])
  for (let ref = 2; ref < 40; ref++) other.receive(click(ref))
  other.clock.now += 1000
  other.connection.handle.update(add)
  await setImmediate()
  t.equal(other.channel.ended, '4409 LIVE_ERR_STATE_SIZE', 'after a second, by an update too')
})

t.test('F09 a state that is too big is not mounted', async (t) => {
  const compiled = (size: number) => compileView(
    counter({ state: () => ({ count: 0, text: 'x'.repeat(size) }) }), new TemplateEnvironment({ 'counter.njk': template }), 'strict')
  const input = { ...nobody, maxStateSize: 1024 }
  const refused = { code: 'LIVE_ERR_STATE_SIZE', statusCode: 500, message: /takes about 2\d\d\d bytes/ }
  await t.rejects(Mount.create(compiled(2000), input, mounting), refused)
  await t.rejects(Mount.create(compiled(100_000), input, mounting), { message: /more than 8192 bytes, and maxStateSize is 1024/ })
  const mount = await Mount.create(compiled(100), input, mounting)
  t.equal(mount.stateSize, 24 + 16 + 116)
  t.equal(retainedSize(mount, 'x'.repeat(50)), 2048 + 156 + 100)
})

t.test('F11 I load pages and open no socket: bytes are bounded too, of all and of one owner, and nothing stays for the night', async (t) => {
  let time = 0
  const retained = new RetainedMounts({ now: () => time, maxBytes: 100, maxBytesPerOwner: 40, lifetime: 100 })
  const mount = {} as unknown as Mount
  type Text = string | null
  const keep = (nonce: string, bytes: number, address: string, session: Text = null, tenant: Text = null): void => {
    retained.keep(nonce, mount, { address, session, identity: null, tenant, view: 'v' }, bytes)
  }
  keep('a1', 30, 'a')
  keep('a2', 11, 'a')
  t.equal(retained.claim('a2'), null, 'more than one address may hold')
  keep('a3', 10, 'a')
  keep('b1', 30, 'b', 's', 'north')
  keep('c1', 20, 'c', 's', 'north')
  t.equal(retained.claim('c1'), null, 'more than one session may hold, from whatever address')
  keep('c2', 20, 'c', 's', 'south')
  t.equal(retained.bytes, 90, 'which is another session in another tenant')
  keep('d1', 11, 'd')
  t.equal(retained.claim('d1'), null, 'more than all may hold')
  t.equal(retained.owners, 5)
  retained.claim('a1')
  t.equal(retained.bytes, 60)
  keep('a4', 30, 'a')
  t.equal(retained.bytes, 90)
  time = 101
  retained.expire()
  t.same([retained.size, retained.bytes, retained.owners], [0, 0, 0])
  keep('e1', 40, 'e')
  retained.clear()
  keep('e2', 40, 'e')
  t.equal(retained.bytes, 40)
})

t.test('E07 a filter that never calls back fails its rendering, and the next is shown', async (t) => {
  const codes: string[] = []
  const onViolation = ({ code }: { code: string }): void => { codes.push(code) }
  const environment = new TemplateEnvironment({ 'counter.njk': `${template}{{ count | later }}` })
  const held: unknown[] = []
  environment.addFilter('later', (value: number, cb: (error: null, text: string) => void) => {
    if (value === 1) held.push(cb)
    else if (value === 3) throw new Error('no filter for three')
    else cb(null, 'now')
  }, true)
  const { channel, receive } = await connect(t, { view: counter(), template: environment, deadlines: { mount: 5 }, onViolation })
  receive(click(1))
  while (channel.texts.length < 2) await setImmediate()
  t.match(channel.texts.at(-1), ['r', 1, 'error'])
  ;(held[0] as (error: null, text: string) => void)(null, 'too late')
  receive(click(2))
  while (channel.texts.length < 3) await setImmediate()
  t.match(channel.texts.at(-1), ['p', 2, [0, 2]], 'what came too late is not shown')
  receive(click(3))
  while (channel.texts.length < 4) await setImmediate()
  t.match(channel.texts.at(-1), ['r', 3, 'error'])
  t.same(codes, ['LIVE_ERR_RENDER', 'LIVE_ERR_RENDER'], 'and you are told that it was the rendering')
})

t.test('E07 a rendering of more than a second is told', async (t) => {
  const told: Array<[string, number]> = []
  let time = 0
  t.intercept(performance, 'now', { value: () => time })
  const environment = new TemplateEnvironment({ 'counter.njk': `${template}{{ count | slow }}` })
  environment.addFilter('slow', (value: number) => {
    if (value === 3) throw new Error('no filter for three')
    time += value * 1000
  })
  const slowRender = (view: string, ms: number): void => { told.push([view, ms]) }
  const codes: string[] = []
  const onViolation = ({ code }: { code: string }): void => { codes.push(code) }
  const { receive } = await connect(t, { view: counter(), template: environment, slowRender, onViolation })
  receive(click(1))
  t.same(told, [], 'a second is not more')
  receive(click(2))
  t.same(told, [['counter', 2000]])
  receive(click(3))
  await setImmediate()
  t.same(codes, ['LIVE_ERR_RENDER'], 'one that throws at once is told as such, too')
})

t.test('G09 whatever of yours throws at whatever time of my life: it is logged, and nobody else notices', async (t) => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', note)
  t.teardown(() => { process.off('unhandledRejection', note) })
  const bad = (): never => { throw new Error('oh') }
  const late = async (): Promise<never> => bad()
  const others = await connect(t, { view: counter(), template })
  for (const broken of [bad, late]) {
    const view = counter({
      onConnect: broken,
      onDisconnect: broken,
      onParams: broken,
      loaders: { rows: ({ state }: { state: { count: number } }) => state.count > 0 ? broken() : [] },
      events: {
        add: { run: ({ state }: { state: { count: number } }) => { state.count++; return broken() } },
        denied: { authorize: broken, run: () => {} },
        address: { run: ({ patchUrl }: AnyEventContext) => { patchUrl({ page: 2 }) } },
      }
    })
    const source = `${template}<a live-click="denied"></a><a live-click="address"></a>{{ rows }}`
    const { connection, receive, logs } = await connect(t, { view, template: source, onViolation: broken })
    receive(click(1))
    receive(['e', 2, 'denied', 'click', [], 2])
    receive(['e', 3, 'address', 'click', [], 3])
    connection.handle.update(broken as Change)
    connection.signal.addEventListener('abort', () => {})
    for (let k = 0; k < 20; k++) await setImmediate()
    t.equal(connection.phase, 'live')
    connection.beat()
    connection.ended(1006)
    for (let k = 0; k < 5; k++) await setImmediate()
    for (const name of ['onConnect', 'onDisconnect', 'onParams', 'authorize', 'event', 'update', 'loader']) {
      t.ok(logs.some((line) => line.startsWith(`live ${name} failed`)), `${name}: ${logs.filter((line) => line.includes(name)).length}`)
    }
    t.ok(logs.some((line) => line.startsWith('onViolation failed')))
  }
  others.receive(click(1))
  t.same(others.channel.texts.at(-1), ['p', 1, [0, 1]])
  t.same(unhandled, [])
})
