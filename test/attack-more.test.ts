import { setImmediate } from 'node:timers/promises'
import websocket from '@fastify/websocket'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import liveView, { defineView } from '../plugin/index.ts'
import type { Connection, LiveViewOptions } from '../plugin/index.ts'
import { closedSchema } from '../lib/view/closed-schema.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { frame, openRaw, RawSocket } from './helpers/raw-socket.ts'

const templates = { 'v.njk': '<html><head></head><body><p>{{ n }}</p><button live-click="add">+</button></body></html>' }

async function start (t: Test, live: Partial<LiveViewOptions> = {}, rest: Partial<LiveAppOptions> = {}) {
  const view = defineView({
    name: 'v', template: 'v.njk', access: 'public', state: () => ({ n: 1 }), events: { add: { run: ({ state }) => { state.n++ } } }
  })
  const started = await startLiveApp(t, { live: { templates, ...live }, routes: (app) => app.live('/v', view), ...rest })
  return { ...started, live: started.app.liveViews }
}

/** The clock that limits go by. */
function stopClock (t: Test): { time: number } {
  const clock = { time: Math.ceil(performance.now()) }
  t.intercept(performance, 'now', { value: () => clock.time })
  return clock
}

async function signedIn (url: string, id: number): Promise<Visitor> {
  const visitor = new Visitor(url)
  await visitor.signIn({ id, name: `user ${id}` })
  return visitor
}

t.test('F06 I open sockets with my session and never join, second after second: my colleagues at the same address come in', async (t) => {
  const clock = stopClock(t)
  const { url, live } = await start(t)
  const me = await signedIn(url, 1)
  const sockets: LiveSocket[] = []
  const refused: string[] = []
  for (let k = 0; k < 120; k++) {
    clock.time += 60
    await me.socket('/v').then((socket) => sockets.push(socket), ({ message }: Error) => refused.push(message))
  }
  t.equal(sockets.length, 20, 'joined or not, I have what a session may have')
  t.same(refused, Array(100).fill('status 429'))
  const colleague = await (await signedIn(url, 2)).open('/v')
  t.same(await colleague.event('add', 'click'), ['p', 1, [0, 2]])
  for (const { ws } of [...sockets, colleague]) ws.terminate()
  await Promise.all([...sockets, colleague].map(({ closed }) => closed))
  while (live.caps.open() > 0) await setImmediate()
  t.equal(live.caps.sessions.size(), 0, 'and what was taken is given back, once')
})

t.test('F13 I acknowledge nothing, and act: what your handler tells me does not pile up, and after two minutes I am gone', async (t) => {
  const clock = stopClock(t)
  const handles: Array<Connection<{ n: number }>> = []
  const { url, live } = await start(t, {}, {
    routes: (app) => app.live('/v', defineView({
      name: 'v',
      template: 'v.njk',
      access: 'public',
      state: () => ({ n: 0 }),
      onConnect: ({ connection }) => { handles.push(connection) },
      events: { add: { run: ({ pushEvent }) => { pushEvent('told', 'x'.repeat(1000)) } } }
    }))
  })
  const mine = await new Visitor(url).open('/v')
  const push = (): void => {
    clock.time += 50
    handles[0]?.update((state) => { state.n++ })
  }
  for (let k = 1; k <= 10; k++) {
    push()
    t.same(await mine.next(), ['p', 0, [0, k]])
  }
  push()
  t.match(await mine.event('add', 'click'), ['p', 1, 0, 0, { e: [['told', /^x{1000}$/]] }], 'told at once, though nothing more is rendered')
  const [connection] = live.connections.all()
  t.equal(connection?.effects.pending(), null)
  clock.time += 119_000
  live.beat()
  mine.send(['a', 1])
  t.same(await mine.next(), ['p', 0, [0, 11]], 'who is back in time goes on')
  clock.time += 120_000
  live.beat()
  mine.send(['e', 2, 'add', 'click'])
  t.match(await mine.next(), ['p', 2], 'two minutes are allowed')
  clock.time += 1
  live.beat()
  t.equal(await mine.closed, 1013)
  t.match(live.counts().refusals, { LIVE_ERR_SLOW_READER: 1 })
})

t.test('A05 I speak another protocol and send a flood behind your goodbye: you hear about as much as honest people send late', async (t) => {
  const { url, live } = await start(t)
  const raw = await openRaw(`${url}/v`, { headers: { 'Sec-WebSocket-Protocol': 'chat' } })
  const { socket } = raw
  const flood = frame('x'.repeat(60_000))
  let written = 0
  const state = { over: false }
  void raw.ended.then(() => { state.over = true })
  while (!state.over && written < 2000) {
    written++
    if (!socket.write(flood)) await Promise.race([new Promise((resolve) => { socket.once('drain', resolve) }), raw.ended])
    await setImmediate()
  }
  t.ok(written < 500, `${written} times 60 KB were taken`)
  t.match(live.counts().refusals, { LIVE_ERR_SUBPROTOCOL: 1 }, 'and it is counted')
  socket.destroy()
})

t.test('A07 I send an upgrade behind a request that you still answer: it does not stay open', async (t) => {
  let answer = (): void => {}
  const { url, live } = await start(t, {}, {
    before: (app) => app.get('/slow', async () => await new Promise<string>((resolve) => { answer = () => { resolve('late') } }))
  })
  const raw = await RawSocket.connect(url)
  raw.socket.cork()
  raw.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n')
  raw.request(`${url}/v`)
  raw.socket.uncork()
  await raw.ended
  answer()
  t.same([live.upgrades.size, live.caps.open()], [0, 0])
  raw.socket.destroy()
})

t.test('A07 your application has a websocket server of its own in another scope: its sockets are not ours to end', async (t) => {
  const clock = stopClock(t)
  const app = Fastify()
  t.teardown(() => app.close())
  let live: typeof app.liveViews | undefined
  await app.register(async (scope) => {
    await scope.register(liveView, { templates })
    live = scope.liveViews
  })
  await app.register(async (scope) => {
    await scope.register(websocket)
    for (const path of ['/at-once', '/later']) {
      scope.get(path, { websocket: true, onRequest: async () => { if (path === '/later') await setImmediate() } }, (socket) => {
        socket.on('message', (data) => { socket.send(String(data)) })
      })
    }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`
  for (const path of ['/at-once', '/later']) {
    const raw = await openRaw(url + path)
    for (let k = 0; k < 2; k++) {
      raw.write(frame('still here'))
      t.match(await raw.frame(), { payload: Buffer.from('still here') }, path)
      clock.time += 30_001
      live?.beat()
    }
    t.equal(live?.upgrades.size, 0)
    await raw.hangUp()
  }
})

t.test('D02 you registered the websocket server with its own limits: for my live socket yours count all the same', async (t) => {
  const { url, app } = await start(t, {}, {
    before: (app) => app.register(websocket, { options: { maxPayload: 65_536 } })
  })
  const raw = await openRaw(`${url}/v`)
  raw.write(frame('x', { fin: false }))
  for (let k = 0; k < 64; k++) raw.write(frame('x', { opcode: 0, fin: false }))
  t.equal(await raw.closed(), 1008)
  raw.socket.destroy()
  t.match(app.websocketServer.options, { maxPayload: 65_536, maxFragments: 16_384, closeTimeout: 30_000 }, 'other sockets keep theirs')
  const ours = await start(t)
  t.match(ours.app.websocketServer.options, { maxFragments: 64, closeTimeout: 3000 }, 'on a server of yours all have yours')
})

t.test('D10 your schema says additionalProperties: undefined, as a builder may: I may not add any', (t) => {
  t.match(closedSchema({ type: 'object', properties: {}, additionalProperties: undefined }, 'e'), { additionalProperties: false })
  t.end()
})

t.test('E06 I write my session over and over on one page while a handler runs on the other: its mailbox does not fill with looks', async (t) => {
  let finish = (): void => {}
  const { url, live } = await start(t, { rateLimit: { rate: 1000, burst: 1000 } }, {
    routes: (app) => app.live('/v', defineView({
      name: 'v',
      template: 'two.njk',
      access: 'public',
      state: () => ({ n: 0 }),
      events: {
        wait: { run: async () => { await new Promise<void>((resolve) => { finish = resolve }) } },
        write: { run: async ({ updateSession }) => { await updateSession((session) => { session['seen'] = true }) } },
      }
    })),
    live: { templates: { 'two.njk': '<html><head></head><body><b live-click="wait"></b><b live-click="write"></b></body></html>' } },
  })
  const me = await signedIn(url, 1)
  const [busy, writing] = [await me.open('/v'), await me.open('/v')]
  const [connection] = live.connections.all()
  const answer = busy.event('wait', 'click')
  for (let k = 0; k < 20; k++) t.match(await writing.event('write', 'click', [], 1), ['p'])
  t.equal(connection?.isPaused(), false, 'one look waits, whatever the number of reasons')
  finish()
  t.same(await answer, ['p', 1])
  for (const { ws } of [busy, writing]) ws.terminate()
})
