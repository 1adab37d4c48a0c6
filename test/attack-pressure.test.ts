import { getEventListeners } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection } from '../plugin/index.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { LiveConnection } from '../lib/view/live-connection.ts'
import { startHeartbeat } from '../plugin/heartbeat.ts'
import { click, connect, counter, template } from './helpers/engine-connection.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { frame, openRaw } from './helpers/raw-socket.ts'
import type { RawSocket } from './helpers/raw-socket.ts'

type Test = Parameters<typeof startLiveApp>[0] & { intercept: typeof t.intercept }

const source = '<html><head></head><body><p>{{ text }}</p><button live-click="good"></button></body></html>'
const base = { name: 'v', template: 'v.njk', access: 'public', state: () => ({ text: 'one' }) } as const
const good = { run: ({ state }: { state: { text: string } }): void => { state.text += '!' } }
const plain = defineView({ ...base, events: { good } })

interface Started { readonly app: FastifyInstance, readonly url: string, readonly logs: string[] }

async function start (t: Test, view = plain as typeof plain, live: Partial<LiveAppOptions['live']> = {}): Promise<Started> {
  const logs: string[] = []
  const { app, url } = await startLiveApp(t, {
    live: { templates: { 'v.njk': source }, ...live },
    logger: { level: 'warn', stream: { write: (line: string) => { logs.push(line) } } },
    routes: (app) => app.live('/v', view)
  })
  return { app, url, logs }
}

/** A clock that the test moves, for everything that is made from now on. */
function stopClock (t: Test): { now: number } {
  const clock = { now: 1_000_000 }
  t.intercept(performance, 'now', { value: () => clock.now })
  return clock
}

const only = (app: FastifyInstance): LiveConnection => [...app.liveViews.connections.all()][0] as LiveConnection

/** Joined, and from then on in my hands. */
async function joinRaw (url: string): Promise<RawSocket> {
  const { html, token } = await new Visitor(url).page('/v')
  const raw = await openRaw(`${url}/v`)
  raw.write(frame(JSON.stringify(['j', token, pageDigest(html), 1])))
  await raw.frame()
  return raw
}

async function until (done: () => boolean): Promise<void> {
  while (!done()) await setImmediate()
}

t.test('D03 I begin a message, never end it, and send pings so that you do not notice', async (t) => {
  const clock = stopClock(t)
  const { app, url } = await start(t)
  const raw = await joinRaw(url)
  const honest = await new Visitor(url).open('/v')
  const [mine] = [...app.liveViews.connections.all()] as [LiveConnection]
  const { control } = mine.liveness
  let pings = 0
  mine.liveness.control = (length) => {
    control.call(mine.liveness, length)
    pings++
  }
  raw.write(frame('["e",1,"go', { fin: false }))
  for (let k = 0; k < 3; k++) {
    raw.write(frame('still here', { opcode: 9 }))
    await until(() => pings > k)
    clock.now += 3333
    app.liveViews.beat()
  }
  t.equal(app.liveViews.connections.size, 2, 'ten seconds may pass')
  clock.now += 2
  app.liveViews.beat()
  t.equal(await raw.closed(), 1008)
  t.match(await honest.event('good', 'click'), ['p', 1], 'others have nothing to do with it')
  clock.now += 3_600_000
  t.equal(honest.ws.readyState, honest.ws.OPEN)
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt = clock.now
  app.liveViews.beat()
  t.match(await honest.event('good', 'click'), ['p', 2], 'and an hour between two messages is no unfinished one')
  honest.close()
})

t.test('D03 I end what I began just in time, in many pieces', async (t) => {
  const clock = stopClock(t)
  const { app, url } = await start(t)
  const raw = await joinRaw(url)
  const text = JSON.stringify(['e', 1, 'good', 'click', [], 0, []])
  raw.write(frame(text.slice(0, 5), { fin: false }))
  clock.now += 9_000
  app.liveViews.beat()
  raw.write(frame(text.slice(5, 9), { fin: false, opcode: 0 }))
  raw.write(frame(text.slice(9), { opcode: 0 }))
  t.match(JSON.parse(String((await raw.frame())?.payload)), ['p', 1])
  clock.now += 60_000
  app.liveViews.beat()
  t.equal(app.liveViews.connections.size, 1)
  await raw.hangUp()
})

t.test('F15 I pull the plug and say nothing: after forty-five seconds my connection is gone', async (t) => {
  const { app, url } = await start(t)
  const raw = await joinRaw(url)
  for (let k = 0; k < 8; k++) app.liveViews.beat()
  t.equal(app.liveViews.connections.size, 1)
  app.liveViews.beat()
  t.equal(app.liveViews.connections.size, 0)
  t.equal(await raw.closed(), 1006, 'without a close that nobody would hear')
  t.equal(app.server.listening, true)
})

t.test('F15 an idle page answers pings for an hour, at the lowest rate there is', async (t) => {
  const { app, url } = await start(t, plain, { rateLimit: { rate: 0.001, burst: 1, maxWarnings: 1 } })
  const live = await new Visitor(url).open('/v')
  const { liveness } = only(app)
  let answered = 0
  const pong = liveness.pong.bind(liveness)
  liveness.pong = (length) => {
    answered++
    return pong(length)
  }
  for (let k = 1; k <= 240; k++) {
    for (let beat = 0; beat < 3; beat++) app.liveViews.beat()
    await until(() => answered === k)
  }
  t.equal(live.ws.readyState, live.ws.OPEN)
  for (let k = 0; k < 10; k++) live.ws.pong()
  t.equal(await live.closed, 1008, 'those that nobody asked for are counted')
})

t.test('E06 I send 16 MB while my handler waits: the network keeps them, and every event is answered', async (t) => {
  let finish: ((value?: unknown) => void) | null = null
  const run = async ({ state }: { state: { text: string } }): Promise<void> => {
    if (state.text !== 'one') return
    await new Promise((resolve) => { finish = resolve })
    state.text = 'two'
  }
  const view = defineView({ ...base, events: { good: { run } } })
  const limits = { maxMessageSize: 16 * 1024 * 1024, rateLimit: { rate: 1_000_000, burst: 1_000_000 } }
  const { app, url } = await start(t, view as unknown as typeof plain, limits)
  const sockets: Socket[] = []
  app.server.on('connection', (socket) => { sockets.push(socket) })
  const raw = await joinRaw(url)
  const server = sockets.at(-1) as Socket
  const before = server.bytesRead
  const count = 2000
  const padding = ' '.repeat(8000)
  for (let ref = 1; ref <= count; ref++) raw.write(frame(JSON.stringify(['e', ref, 'good', 'click', [], 0, []]) + padding))
  const connection = only(app)
  await until(() => connection.isPaused())
  let [read, still] = [0, 0]
  while (still < 200) {
    still = server.bytesRead === read ? still + 1 : 0
    read = server.bytesRead
    await setImmediate()
  }
  t.ok(read - before < 1024 * 1024, `${read - before} of 16 MB were read`)
  t.ok(raw.socket.writableLength > 1024 * 1024, 'the rest waits with me')
  ;(finish as unknown as () => void)()
  const answered = new Set<number>()
  while (answered.size < count) {
    const [, ref] = JSON.parse(String((await raw.frame())?.payload)) as [string, number]
    answered.add(ref)
  }
  t.equal(answered.size, count)
  t.notOk(connection.isPaused())
  await raw.hangUp()
})

t.test('E05 I click ten times in one packet where three are allowed: each click sees what the one before has done', async (t) => {
  const taken: number[] = []
  const run = async ({ state }: { state: { text: string } }): Promise<void> => {
    const { length } = state.text
    await setImmediate()
    if (length >= 3) return
    taken.push(length)
    state.text += 'x'
  }
  const view = defineView({ ...base, state: () => ({ text: '' }), events: { good: { run } } })
  const { url } = await start(t, view as unknown as typeof plain)
  const raw = await joinRaw(url)
  const clicks = Array.from({ length: 10 }, (_, k) => frame(JSON.stringify(['e', k + 1, 'good', 'click', [], 0, []])))
  raw.write(Buffer.concat(clicks))
  for (let k = 0; k < 10; k++) t.match(JSON.parse(String((await raw.frame())?.payload)), ['p', k + 1])
  t.same(taken, [0, 1, 2])
  await raw.hangUp()
})

t.test('F13 I stop reading, and 50 MB are pushed at me: about what the network takes is made, then I am gone', async (t) => {
  const clock = stopClock(t)
  const connections: Connection[] = []
  const onConnect = ({ connection }: { connection: unknown }): void => { connections.push(connection as Connection) }
  const view = defineView({ ...base, onConnect, events: { good } })
  const { app, url, logs } = await start(t, view as unknown as typeof plain, { maxStateSize: 16 * 1024 * 1024 })
  const raw = await joinRaw(url)
  await until(() => connections.length > 0)
  raw.socket.pause()
  const connection = only(app)
  const megabyte = 'x'.repeat(1024 * 1024)
  let [made, held] = [0, 0]
  const { channel } = connection
  const send = channel.send.bind(channel)
  channel.send = (text, sent) => {
    made += text.length
    send(text, sent)
  }
  for (let k = 0; k < 50; k++) {
    clock.now += 50
    connections[0]?.update((state) => { (state as { text: string }).text = k + megabyte })
    await setImmediate()
    await setImmediate()
    held = Math.max(held, channel.buffered)
  }
  t.ok(made < 11 * 1024 * 1024, `${made} bytes were made`)
  t.ok(held < 1.1 * 1024 * 1024, `${held} bytes were held`)
  // It may be that the network takes no more than ten patches hold: then nothing waits here.
  await until(() => channel.buffered > 256 * 1024 || made > 10 * 1024 * 1024)
  if (channel.buffered > 256 * 1024) {
    app.liveViews.beat()
    clock.now += 10_001
    app.liveViews.beat()
    t.equal(app.liveViews.connections.size, 0)
    t.match(logs.join(''), 'LIVE_ERR_SLOW_READER')
  }
  raw.socket.resume()
  raw.socket.destroy()
})

t.test('F09 I find a page whose state is too big: it says so in the log, and nothing of it is kept', async (t) => {
  const view = defineView({ ...base, state: () => ({ text: 'x'.repeat(300_000) }), events: { good } })
  const { app, url, logs } = await start(t, view as unknown as typeof plain)
  t.equal((await new Visitor(url).page('/v')).status, 500)
  t.match(logs.join(''), /takes about 300\d\d\d bytes, and maxStateSize is 262144\. Keep rows in loaders.*LIVE_ERR_STATE_SIZE/)
  t.equal(app.liveViews.counts().retained, 0)
})

t.test('F09 I make one state grow: my page is loaded anew, and the one beside it goes on', async (t) => {
  const clock = stopClock(t)
  const grow = ({ state }: { state: { text: string } }): void => { state.text += 'x'.repeat(100_000) }
  const view = defineView({ ...base, events: { good: { run: grow } } })
  const { url } = await start(t, view as unknown as typeof plain)
  const [mine, other] = [await new Visitor(url).open('/v'), await new Visitor(url).open('/v')]
  await mine.event('good', 'click')
  await mine.event('good', 'click')
  clock.now += 1000
  await t.rejects(mine.event('good', 'click'), /closed 4409/)
  t.match(await other.event('good', 'click'), ['p', 1])
  other.close()
})

t.test('F11 I load pages and never open their sockets: they are forgotten, whether or not somebody comes after me', async (t) => {
  const clock = stopClock(t)
  const { app, url } = await start(t)
  const visitor = new Visitor(url)
  for (let k = 0; k < 25; k++) await visitor.page('/v')
  t.equal(app.liveViews.counts().retained, 20)
  t.ok(app.liveViews.retained.bytes > 20 * 2048)
  clock.now += 30_001
  app.liveViews.beat()
  t.equal(app.liveViews.counts().retained, 0)
  t.equal(app.liveViews.retained.bytes, 0)
})

t.test('E07 I find that your menu waits for a database that hangs: a page or a join fails in five seconds', async (t) => {
  let hangs = true
  const { setTimeout } = globalThis
  t.intercept(globalThis, 'setTimeout', {
    value: (run: () => void, ms: number, ...rest: unknown[]) => setTimeout(run, ms === 5000 ? 5 : ms, ...rest)
  })
  const { app, url, logs } = await start(t, plain, { globals: () => hangs ? new Promise<never>(() => {}) : {} })
  t.equal((await new Visitor(url).page('/v')).status, 500)
  t.match(logs.join(''), /globals took longer than 5000 ms/)
  hangs = false
  const { html, token } = await new Visitor(url).page('/v')
  app.liveViews.retained.clear()
  hangs = true
  const live = await new Visitor(url).socket('/v')
  live.send(['j', token, pageDigest(html), 1])
  t.equal(await live.closed, 1011)
})

t.test('E07 a page that takes a second to render is told once, of whichever view', async (t) => {
  const clock = stopClock(t)
  const templates = new TemplateEnvironment({ 'v.njk': '{{ text | slow }}' })
  templates.addFilter('slow', (text: string) => {
    clock.now += 1001
    return text
  })
  const { url, logs } = await start(t, defineView({ ...base, events: {} }) as unknown as typeof plain, { templates })
  for (let k = 0; k < 3; k++) await new Visitor(url).page('/v')
  t.equal(logs.filter((line) => line.includes("rendering view 'v' took longer than a second")).length, 1)
})

t.test('G09 the one timer outlives what throws in it', (t) => {
  const failed: unknown[] = []
  let tick = (): void => {}
  let [period, unref] = [0, 0]
  t.intercept(globalThis, 'setInterval', {
    value: (run: () => void, ms: number) => {
      tick = run
      period = ms
      return { unref: () => { unref++ } }
    }
  })
  let beats = 0
  startHeartbeat(() => { if (++beats === 1) throw new Error('oh') }, (error) => { failed.push(error) })
  tick()
  tick()
  t.same([beats, period, unref], [2, 5000, 1])
  t.match(failed, [{ message: 'oh' }])
  t.end()
})

t.test('G10 I come and go two thousand times: no timer, listener, scope or task of me stays', async (t) => {
  const nobody = { teardown: () => {} }
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  const signals: AbortSignal[] = []
  const view = counter({ onConnect: ({ signal }: { signal: AbortSignal }) => { signals.push(signal) } })
  const push = (state: { count: number }): void => { state.count++ }
  let [closed, left] = [0, 0]
  for (let k = 0; k < 2000; k++) {
    const { connection, receive, waiting, closed: ends } = await connect(nobody, { view, template })
    receive(click(1))
    for (let times = 0; times < 2; times++) connection.handle.update(push as (state: never) => void)
    if (k % 2 === 0) await setImmediate()
    connection.ended(1006)
    await setImmediate()
    closed += ends()
    left += waiting() + connection.scopes.size + getEventListeners(connection.signal, 'abort').length
  }
  t.equal(left, 0)
  t.equal(closed, 2000)
  t.ok(signals.every((signal) => signal.aborted && getEventListeners(signal, 'abort').length === 0))
  t.ok(timers() <= before, `${timers() - before} timers more`)
})

t.test('G10 I come and go over real sockets: the application is as empty as before', async (t) => {
  const { app, url } = await start(t, plain, { rateLimit: { maxPagesPerIp: 1000, maxConnectionsPerIp: 100 } })
  for (let round = 0; round < 10; round++) {
    const visits = await Promise.all(Array.from({ length: 8 }, async () => new Visitor(url).open('/v')))
    await Promise.all(visits.map(async (live, k) => {
      await live.event('good', 'click')
      if (k % 2 === 0) live.close()
      else live.ws.terminate()
      await live.closed
    }))
    await until(() => app.liveViews.connections.size === 0)
  }
  t.equal(app.liveViews.counts().retained, 0)
  t.equal(app.liveViews.retained.owners, 0)
})
