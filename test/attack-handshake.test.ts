import { setImmediate } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { defineView } from '../plugin/index.ts'
import type { LiveOptions, LiveViewOptions } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { openRaw, RawSocket } from './helpers/raw-socket.ts'
import type { HandshakeOptions, RawAnswer } from './helpers/raw-socket.ts'

const templates = { 'v.njk': '<html><head></head><body><p>{{ n }}</p><button live-click="add">+</button></body></html>' }
const BEHIND = 'GET /secret HTTP/1.1\r\nHost: x\r\n\r\n'

type Headers = NonNullable<HandshakeOptions['headers']>
type Row = readonly [name: string, headers: Headers, status: number]

interface StartOptions {
  readonly live?: Partial<LiveViewOptions>
  readonly route?: LiveOptions
  readonly app?: Partial<LiveAppOptions>
}

async function start (t: Test, { live, route, app: rest }: StartOptions = {}) {
  const asked: string[] = []
  const view = defineView({
    name: 'v', template: 'v.njk', access: 'public', state: () => ({ n: 1 }), events: { add: { run: ({ state }) => { state.n++ } } }
  })
  const started = await startLiveApp(t, {
    live: { templates, rateLimit: { maxConnectionsPerIp: 1000, maxJoinsPerSecond: 10_000 }, ...live },
    routes: (app) => {
      app.addHook('onRequest', async ({ headers, url }, reply) => {
        asked.push(url)
        if (headers['x-answer'] === '403') return await reply.code(403).send('no')
        if (headers['x-answer'] === 'throw') throw new Error('the hook is broken')
        if (headers['x-answer'] === 'hang') await new Promise(() => {})
      })
      app.live('/v', view, route)
      app.get('/secret', () => 'secret')
      app.get('/plain', () => 'plain')
      app.post('/post', () => 'posted')
    },
    ...rest
  })
  return { ...started, asked, visitor: new Visitor(started.url) }
}

/** A hook before the plugin asks about `/v?slow` and waits for the answer. */
async function startSlow (t: Test) {
  let reached = (): void => {}
  let answer = (): void => {}
  const asked = new Promise<void>((resolve) => { reached = resolve })
  const answered = new Promise<void>((resolve) => { answer = resolve })
  const before: LiveAppOptions['before'] = (app) => {
    app.addHook('onRequest', async ({ url }) => {
      if (url !== '/v?slow') return
      reached()
      await answered
    })
  }
  const slow = { asked, answer: () => { answer() } }
  return { ...await start(t, { app: { before } }), slow }
}

/** Sends a handshake with another request behind it, and gives the answer and all that comes until the server ends the socket. */
async function knock (t: Test, url: string, options: HandshakeOptions = {}): Promise<RawAnswer & { rest: string }> {
  const raw = await RawSocket.connect(url)
  t.teardown(() => raw.socket.destroy())
  raw.request(url, { behind: BEHIND, ...options })
  const answer = await raw.answer()
  return { ...answer, rest: await raw.rest() }
}

async function refused (t: Test, base: string, rows: readonly Row[]): Promise<void> {
  for (const [name, headers, status] of rows) {
    const answer = await knock(t, `${base}/v`, { headers })
    t.equal(answer.status, status, name)
    t.equal(answer.headers['connection'], 'close', `${name}: nothing comes after it`)
  }
}

async function accepted (t: Test, url: string, rows: ReadonlyArray<readonly [name: string, headers: Headers]>): Promise<void> {
  for (const [name, headers] of rows) {
    const raw = await openRaw(`${url}/v`, { headers })
    t.pass(name)
    await raw.hangUp()
  }
}

/** What is warned of until the test is over, each with its code. */
function warnings (t: Test): string[] {
  const warned: string[] = []
  t.intercept(process, 'emitWarning', { value: (message: string, _name: string, code: string) => { warned.push(`${code} ${message}`) } })
  return warned
}

function inProduction (t: Test): void {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  t.teardown(() => { if (before === undefined) delete process.env['NODE_ENV']; else process.env['NODE_ENV'] = before })
}

t.test('A01 I open your socket from a page of mine', async (t) => {
  const { url, app, asked } = await start(t, { live: { origins: ['http://app.example.com', 'https://safe.example.com'] } })
  const from = (origin: string | string[]): Headers => ({ Origin: origin })
  await refused(t, url, [
    ['from evil.example', from('http://evil.example'), 403],
    ['from a domain that begins with yours', from('http://app.example.com.evil.example'), 403],
    ['from a domain that ends in yours', from('http://evilapp.example.com'), 403],
    ['with your name as user', from('http://app.example.com@evil.example'), 403],
    ['from another port', from('http://app.example.com:8080'), 403],
    ['over https instead of http', from('https://app.example.com'), 403],
    ['over http instead of https', from('http://safe.example.com'), 403],
    ['from a sandboxed frame', from('null'), 403],
    ['with two Origin headers, yours first', from(['http://app.example.com', 'http://evil.example']), 403],
    ['with two Origin headers, yours last', from(['http://evil.example', 'http://app.example.com']), 403],
    ['with yours twice', from(['http://app.example.com', 'http://app.example.com']), 403],
    ['with a list', from('http://app.example.com http://evil.example'), 403],
    ['with a slash behind it', from('http://app.example.com/'), 403],
    ['with a tab in it', from('http://app.exa\tmple.com'), 403],
    ['with another header that draft 8 had', { Origin: undefined, 'Sec-WebSocket-Origin': 'http://app.example.com' }, 403],
  ])
  t.equal(app.liveViews.connections.size, 0)
  t.same(asked, [], 'refused before any hook of the application')
  await accepted(t, url, [
    ['yours', from('http://app.example.com')],
    ['yours in upper case', from('HTTP://APP.EXAMPLE.COM')],
    ['yours with the default port', from('https://safe.example.com:443')],
    ['yours with a space behind it, which is none of the value', from('http://app.example.com ')],
  ])
})

t.test('A02 I am no browser and send no Origin', async (t) => {
  const { url, visitor } = await start(t)
  await visitor.signIn({ id: 1, name: 'Ann' })
  await refused(t, url, [
    ['without a cookie', { Origin: undefined }, 403],
    ['with a cookie', { Origin: undefined, Cookie: visitor.cookie }, 403],
    ['with an empty one', { Origin: '' }, 403],
  ])
})

t.test('A03 the browser tells on me', async (t) => {
  const { url } = await start(t)
  await refused(t, url, [
    ['another site', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a neighbour', { 'Sec-Fetch-Site': 'same-site' }, 403],
    ['typed by hand', { 'Sec-Fetch-Site': 'none' }, 403],
    ['two answers', { 'Sec-Fetch-Site': ['same-origin', 'cross-site'] }, 403],
    ['no socket', { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'no-cors' }, 403],
  ])
  await accepted(t, url, [
    ['your own page', { 'Sec-Fetch-Site': 'same-origin', 'Sec-Fetch-Mode': 'websocket' }],
    ['an old browser', {}],
  ])
})

t.test('A04 I point my domain at your address: Origin and Host agree, and both are mine', async (t) => {
  const { url } = await start(t)
  const { port } = new URL(url)
  await refused(t, url, [
    ['by name', { Host: 'evil.example', Origin: 'http://evil.example' }, 403],
    ['with your port', { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` }, 403],
    ['as a proxy would', { Host: 'evil.example', 'X-Forwarded-Host': `127.0.0.1:${port}`, Origin: 'http://evil.example' }, 403],
  ])
})

t.test('A05 I speak another version, another protocol or no sense', async (t) => {
  const { url, app } = await start(t)
  const version = (value: string | string[] | undefined): Headers => ({ 'Sec-WebSocket-Version': value })
  await refused(t, url, [
    ['version 8, which had no rule about Origin', version('8'), 426],
    ['version 99', version('99'), 426],
    ['no version', version(undefined), 426],
    ['two versions', version(['13', '8']), 426],
    ['something that is 13 to a lenient reader', version('0xd'), 426],
  ])
  t.match(await knock(t, `${url}/v`, { headers: version('8') }), { headers: { 'sec-websocket-version': '13' } }, 'told which one')
  t.same(app.liveViews.counts().refusals, { LIVE_ERR_WS_VERSION: 6 }, 'and you are told how often')
  const protocol = (value: string | string[] | undefined): Headers => ({ 'Sec-WebSocket-Protocol': value })
  await refused(t, url, [
    ['a protocol that is no token', protocol('a b'), 400],
    ['one protocol twice', protocol(['live.v1', 'live.v1']), 400],
    ['no key', { 'Sec-WebSocket-Key': undefined }, 400],
    ['half a key', { 'Sec-WebSocket-Key': 'dGhl' }, 400],
    ['two keys', { 'Sec-WebSocket-Key': ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='] }, 400],
  ])
  for (const wrong of [undefined, 'chat', 'live.v2', 'x'.repeat(10_000)]) {
    const raw = await openRaw(`${url}/v`, { headers: protocol(wrong) })
    t.equal(await raw.closed(), 4409, `protocol ${String(wrong).slice(0, 20)}: told to load the page anew`)
    await raw.hangUp()
  }
  t.equal((await knock(t, `${url}/v`, { headers: protocol('x'.repeat(20_000)) })).status, 431)
  t.equal(app.liveViews.connections.size, 0)
})

t.test('A06 I upgrade what is no live view', async (t) => {
  const { url, asked } = await start(t)
  const paths: ReadonlyArray<readonly [name: string, path: string, options: HandshakeOptions, status: number]> = [
    ['a plain route', '/plain', {}, 404],
    ['what is not there', '/nothing', {}, 404],
    ['the script', '/live-view.js', {}, 404],
    ['a form that I post', '/post', { method: 'POST', headers: { 'Content-Length': '4', 'Content-Type': 'text/plain' }, behind: `aaaa${BEHIND}` }, 404],
    ['a live route that I post to', '/v', { method: 'POST' }, 404],
    ['a live route that I only ask about', '/v', { method: 'HEAD' }, 400],
    ['a live route with a body', '/v', { headers: { 'Content-Length': '4' }, behind: `aaaa${BEHIND}` }, 400],
    ['a live route with a body in chunks', '/v', { headers: { 'Transfer-Encoding': 'chunked' }, behind: `0\r\n\r\n${BEHIND}` }, 400],
    ['a live route to HTTP/2', '/v', { headers: { Upgrade: 'h2c' } }, 400],
    ['a live route to two things', '/v', { headers: { Upgrade: 'websocket, h2c' } }, 400],
    ['a plain route to HTTP/2', '/plain', { headers: { Upgrade: 'h2c' } }, 404],
  ]
  for (const [name, path, options, status] of paths) t.equal((await knock(t, url + path, options)).status, status, name)
  t.same(asked, [], 'no hook and no handler of the application ran')
  await accepted(t, url, [['in upper case', { Upgrade: 'WebSocket' }], ['with an empty body', { 'Content-Length': '0' }]])
})

t.test('A07 my upgrade waits in a hook of yours: it has an end', async (t) => {
  const { url, app } = await start(t, { route: { handlerTimeout: 50 } })
  const answer = await knock(t, `${url}/v`, { headers: { 'X-Answer': 'hang' } })
  t.match(answer, { status: 503, headers: { connection: 'close' } })
  t.equal(app.liveViews.upgrades.size, 0)
  const raw = await openRaw(`${url}/v`)
  t.equal((await fetch(`${url}/v`, { headers: { 'x-answer': 'hang' } })).status, 503, 'a page too')
  raw.write(Buffer.from([0x89, 0x80, 0, 0, 0, 0]))
  t.match(await raw.frame(), { opcode: 10 }, 'and does not end what has become a socket')
  await raw.hangUp()
})

t.test('A07 the time for hooks is the route\'s, the server\'s, or fifteen seconds', async (t) => {
  const times: Array<number | undefined> = []
  const watch: Partial<LiveAppOptions> = {
    before: (app) => { app.addHook('onRequest', async ({ routeOptions }) => { times.push(routeOptions.handlerTimeout) }) }
  }
  const { url } = await start(t, { app: watch })
  await fetch(`${url}/v`)
  await fetch(`${url}/plain`)
  const own = await start(t, { app: watch, route: { handlerTimeout: 70 } })
  await fetch(`${own.url}/v`)
  const server = await start(t, { app: { ...watch, server: { handlerTimeout: 900 } } })
  await fetch(`${server.url}/v`)
  t.same(times, [15_000, 0, 70, 900])
})

t.test('A07 I send upgrades that never become sockets, and leave: none of them stays', async (t) => {
  const clock = { time: 1000 }
  t.intercept(performance, 'now', { value: () => clock.time })
  const { slow, url, app } = await startSlow(t)
  const raw = await RawSocket.connect(url)
  raw.request(`${url}/v?slow`)
  await slow.asked
  t.equal(app.liveViews.upgrades.size, 1)
  clock.time += 30_000
  app.liveViews.beat()
  await fetch(`${url}/plain`)
  t.equal(app.liveViews.upgrades.size, 1, 'a slow store has half a minute')
  clock.time += 1
  app.liveViews.beat()
  await raw.ended
  t.equal(app.liveViews.upgrades.size, 0)
  raw.socket.destroy()
  t.match(await knock(t, `${url}/%zz`), { status: 400, rest: /FST_ERR_BAD_URL/ }, 'a path that the router answers by itself')
  t.equal(app.liveViews.upgrades.size, 0)
  const open = await openRaw(`${url}/v`)
  clock.time += 10_000
  t.equal(app.liveViews.upgrades.size, 0, 'a socket is no upgrade any more')
  await open.hangUp()
  slow.answer()
})

t.test('A07 you stop while my upgrade waits in a hook: you do not wait for me', async (t) => {
  const { slow, url, app } = await startSlow(t)
  const raw = await RawSocket.connect(url)
  raw.request(`${url}/v?slow`)
  await slow.asked
  const listening = app.server.listenerCount('upgrade')
  await app.close()
  await raw.ended
  t.equal(app.server.listenerCount('upgrade'), listening - 3, 'nobody listens for upgrades any more')
  slow.answer()
})

t.test('A07 I send half a head and wait: Node lets me go in its time, and you are told where it would not', async (t) => {
  const warned = warnings(t)
  inProduction(t)
  const live = { origins: ['https://app.example.com'] }
  const { url, app } = await start(t, { live, app: { server: { http: { connectionsCheckingInterval: 20 } } as object } })
  t.same(warned, [], 'the defaults are closed')
  app.server.headersTimeout = 50
  const raw = await RawSocket.connect(url)
  raw.write('GET /v HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgr')
  t.equal((await raw.answer()).status, 408)
  await raw.ended
  const times = [[0, 0, 1], [0, 30_000, 0], [61_000, 0, 1], [120_000, 300_000, 1], [60_000, 0, 0]] as const
  for (const [headersTimeout, requestTimeout, count] of times) {
    warned.length = 0
    await start(t, { live, app: { before: ({ server }) => { Object.assign(server, { headersTimeout, requestTimeout }) } } })
    t.match(warned, Array(count).fill(new RegExp(`^LIVE_WARN_SLOW_HEADERS .*headersTimeout is ${headersTimeout}, .* ${requestTimeout}\\.`)))
    t.equal(warned.length, count, `${headersTimeout} and ${requestTimeout}`)
  }
})

t.test('A11 I listen on the way to your page without TLS: you were warned', async (t) => {
  const warned = warnings(t)
  const cleartext = ['http://app.example.com', 'HTTP://127.0.0.1.evil.example', 'http://localhost.example:80']
  await start(t, { live: { origins: cleartext } })
  t.same(warned, [], 'not outside of production')
  inProduction(t)
  await start(t, { live: { origins: ['https://app.example.com', 'http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:80'] } })
  t.same(warned, [], 'nobody is on the way to loopback')
  await start(t, { live: { origins: ['https://app.example.com', ...cleartext] } })
  t.equal(warned.length, 1)
  t.ok(warned[0]?.startsWith(`LIVE_WARN_CLEARTEXT origins has ${cleartext.join(', ')}:`), String(warned[0]))
})

/** Answers before @fastify/websocket has seen the request, and not at once. */
async function early ({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (headers['x-answer'] !== 'early') return
  await setImmediate()
  await reply.code(401).send('no')
}

t.test('A13 I put a second request behind an upgrade that you refuse: you never read it', async (t) => {
  const { url, app, asked } = await start(t, {
    route: { handlerTimeout: 50 },
    live: { rateLimit: { maxConnectionsPerIp: 3 } },
    app: { before: (app) => { app.addHook('onRequest', early) } }
  })
  const rows: ReadonlyArray<readonly [name: string, path: string, headers: Headers, status: number]> = [
    ['for its origin', '/v', { Origin: 'http://evil.example' }, 403],
    ['for its version', '/v', { 'Sec-WebSocket-Version': '8' }, 426],
    ['for its key, which ws looks at', '/v', { 'Sec-WebSocket-Key': 'x' }, 400],
    ['on a plain route', '/plain', {}, 404],
    ['where there is nothing', '/nothing', {}, 404],
    ['by a hook before the plugin', '/v', { 'X-Answer': 'early' }, 401],
    ['by a hook of the route', '/v', { 'X-Answer': '403' }, 403],
    ['by a hook that throws', '/v', { 'X-Answer': 'throw' }, 500],
    ['by a hook that hangs', '/v', { 'X-Answer': 'hang' }, 503],
  ]
  const one = async ([name, path, headers, status]: typeof rows[number]): Promise<void> => {
    const answer = await knock(t, url + path, { headers })
    t.match(answer, { status, headers: { connection: 'close' } }, name)
    t.notMatch(answer.rest, /HTTP\/1\.1|secret/, `${name}: one answer`)
  }
  for (const row of rows) await one(row)
  const open = [await openRaw(`${url}/v`), await openRaw(`${url}/v`), await openRaw(`${url}/v`)]
  await one(['for one too many', '/v', {}, 429])
  for (const raw of open) await raw.hangUp()
  t.notOk(asked.includes('/secret'))
  t.equal(app.liveViews.upgrades.size, 0)
  const [count] = await new Promise<[number]>((resolve) => { app.server.getConnections((_error, count) => { resolve([count]) }) })
  t.equal(count, 0, 'no socket stays')
})

t.test('L10 I reset the connection while a hook of yours is asked about it', async (t) => {
  const { slow, url, app } = await startSlow(t)
  const raw = await RawSocket.connect(url)
  raw.request(`${url}/v?slow`)
  await slow.asked
  raw.socket.resetAndDestroy()
  const visitor = new Visitor(url)
  const other = await visitor.open('/v')
  slow.answer()
  t.match(await other.event('add', 'click', [], 0), ['p'], 'the process lives, and others are answered')
  other.close()
  await other.closed
  await app.close()
  t.equal(app.liveViews.connections.size, 0)
  t.equal(app.liveViews.upgrades.size, 0)
})
