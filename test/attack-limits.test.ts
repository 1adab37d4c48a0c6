import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import t from 'tap'
import { WebSocket } from 'ws'
import liveView, { defineView } from '../plugin/index.ts'
import type { LiveViewOptions, View, Violation } from '../plugin/index.ts'
import { trustProxyOf } from '../plugin/trust-proxy.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { LiveSocket, Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'

const templates = { 'v.njk': '<p>{{ n }}</p><button live-click="add">+</button><button live-click="dear">!</button>' }

function view (name: string = 'v'): View {
  return defineView({
    name,
    template: 'v.njk',
    access: 'public',
    state: () => ({ n: 0 }),
    events: {
      add: { run: ({ state }) => { state.n++ } },
      dear: { rateLimit: { rate: 0.001, burst: 2 }, run: ({ state }) => { state.n++ } }
    }
  })
}

type Test = Parameters<typeof startLiveApp>[0]
interface Options extends Partial<LiveViewOptions> {
  readonly routes?: (app: FastifyInstance) => unknown
  readonly before?: (app: FastifyInstance) => unknown
}

/** An application behind a proxy at 127.0.0.1: the header plays many addresses. */
async function start (
  t: Test, options: Options = {}, server: FastifyServerOptions = { trustProxy: '127.0.0.1' }
) {
  const { routes = (app) => app.live('/v', view()), before, ...live } = options
  const rest = before === undefined ? {} : { before }
  const started = await startLiveApp(t, { live: { templates, ...live }, routes, server, ...rest })
  return { ...started, caps: started.app.liveViews.caps }
}

interface From {
  readonly by?: Visitor
  readonly at?: string
  readonly localAddress?: string
  readonly path?: string
  readonly headers?: Record<string, string>
}

class Refused extends Error {
  readonly retryAfter: number
  constructor (status: number, retryAfter: number) {
    super(`status ${status}`)
    this.retryAfter = retryAfter
  }
}

/** Opens a socket as somebody, from an address; rejects with the status where the upgrade is refused. */
async function connect (url: string, { by, at, localAddress, path = '/v', headers }: From = {}): Promise<LiveSocket> {
  const own = {
    origin: url,
    ...by === undefined || by.cookie === '' ? {} : { cookie: by.cookie },
    ...at === undefined ? {} : { 'x-forwarded-for': at },
    ...headers
  }
  const ws = new WebSocket(url.replace('http', 'ws') + path, 'live.v1', { headers: own, ...localAddress === undefined ? {} : { localAddress } })
  return await new Promise((resolve, reject) => {
    const live = new LiveSocket(ws)
    ws.on('open', () => { resolve(live) })
    ws.on('unexpected-response', (request, { statusCode, headers }) => {
      reject(new Refused(statusCode as number, Number(headers['retry-after'])))
      request.destroy()
    })
    ws.on('error', reject)
  })
}

/** The page, the socket and the join; the close code where the join is refused. */
async function join (url: string, from: From = {}): Promise<LiveSocket | number> {
  const { html, token } = await (from.by ?? new Visitor(url)).page(from.path ?? '/v')
  const live = await connect(url, from)
  live.send(['j', token, pageDigest(html), 1])
  return await Promise.race([live.next().then(() => live), live.closed])
}

async function joined (url: string, from: From = {}): Promise<LiveSocket> {
  const live = await join(url, from)
  if (typeof live === 'number') throw new Error(`closed ${live}`)
  return live
}

async function signedIn (url: string, id: number): Promise<Visitor> {
  const visitor = new Visitor(url)
  await visitor.signIn({ id, name: `user ${id}` })
  return visitor
}

/** The server hears of a close after the client. */
async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate()
}

/** Replaces the clock that limits go by. */
function stopClock (t: Test): { time: number } {
  const clock = { time: Math.ceil(performance.now()) }
  performance.now = () => clock.time
  t.teardown(() => { delete (performance as { now?: unknown }).now })
  return clock
}

/** Sends what no honest page sends until the connection is closed for it. */
async function misbehave (live: LiveSocket): Promise<number> {
  for (let ref = 1; ref < 4; ref++) live.send(['e', ref, 'nothing', 'click', [], 0, []])
  return await live.closed
}

t.test('F06 I take all places of the process, and one more', async (t) => {
  const { url, caps } = await start(t, { rateLimit: { maxConnections: 2 } })
  const sockets = [await connect(url, { at: '192.0.2.1' }), await connect(url, { at: '192.0.2.2' })]
  const refused = await connect(url, { at: '192.0.2.3' }).catch((err: Refused) => err) as Refused
  t.equal(refused.message, 'status 503')
  t.ok(refused.retryAfter >= 5)
  sockets[0]?.close()
  await until(() => caps.open() < 2)
  sockets.push(await connect(url, { at: '192.0.2.3' }))
  for (const socket of sockets) socket.close()
})

t.test('F05, G03 I send everybody there at once after a restart: the gate lets in so many a second', async (t) => {
  const { url, caps } = await start(t, { rateLimit: { maxJoinsPerSecond: 3 } })
  const clock = stopClock(t)
  const storm = await Promise.all(Array.from({ length: 8 }, async (_, k) =>
    connect(url, { at: `192.0.2.${k}` }).catch((err: Refused) => err)))
  const refused = storm.filter((outcome) => outcome instanceof Refused)
  t.same(refused.map(({ message }) => message), Array(5).fill('status 503'))
  t.ok(refused.every(({ retryAfter }) => retryAfter >= 1 && retryAfter <= 3))
  t.equal(caps.open(), 3, 'the refused take no place')
  clock.time += 1000
  for (let k = 0; k < 3; k++) storm.push(await connect(url, { at: `192.0.2.2${k}` }))
  await t.rejects(connect(url, { at: '192.0.2.30' }), { message: 'status 503' })
  for (const outcome of storm) if (outcome instanceof LiveSocket) outcome.close()
})

t.test('F03, A07 I connect and hang up, over and over: the gate stays open for others', async (t) => {
  const { url, app, caps } = await start(t, { rateLimit: { maxConnectionsPerIp: 2, maxJoinsPerSecond: 10 } })
  const clock = stopClock(t)
  const hangUp = async (): Promise<void> => {
    const socket = await connect(url, { at: '192.0.2.1' })
    socket.ws.terminate()
    await until(() => caps.anonymous.open('192.0.2.1') === 0)
  }
  for (let k = 0; k < 8; k++) await hangUp()
  await t.rejects(hangUp(), { message: 'status 429', retryAfter: 1 })
  t.match(app.liveViews.counts().refusals, { LIVE_ERR_TOO_MANY: 1 })
  const other = await joined(url, { at: '192.0.2.2' })
  clock.time += 1000
  await hangUp()
  other.close()
})

t.test('A09 I write the header myself, to dodge the limit or to use up somebody else\'s', async (t) => {
  const { url, caps } = await start(t, { rateLimit: { maxConnectionsPerIp: 2 } })
  const sockets = [
    await connect(url, { at: '203.0.113.9', localAddress: '127.0.0.2' }),
    await connect(url, { at: '203.0.113.8', localAddress: '127.0.0.2' })
  ]
  await t.rejects(connect(url, { at: '203.0.113.7', localAddress: '127.0.0.2' }), { message: 'status 429' }, 'not from the proxy: not read')
  t.same([caps.anonymous.open('127.0.0.2'), caps.anonymous.open('203.0.113.9')], [2, 0])
  for (let k = 0; k < 2; k++) sockets.push(await connect(url, { at: '203.0.113.9, 192.0.2.1' }))
  await t.rejects(connect(url, { at: '203.0.113.5, 192.0.2.1' }), { message: 'status 429' }, 'what the proxy added counts, not what I wrote before it')
  sockets.push(await connect(url, { at: '203.0.113.9' }))
  t.equal(caps.anonymous.open('203.0.113.9'), 1, 'the victim comes in')
  for (const socket of sockets) socket.close()
})

t.test('A10 I come from many addresses of my network, and with my IPv4 address spelled as IPv6', async (t) => {
  const { url, caps } = await start(t, { rateLimit: { maxConnectionsPerIp: 2 } })
  const sockets = await Promise.all(['2001:db8:1:2::1', '2001:db8:1:2:ffff::2', '192.0.2.1', '::ffff:192.0.2.1'].map(async (at) => connect(url, { at })))
  for (const at of ['2001:db8:1:2:3:4:5:6', '::ffff:c000:201']) await t.rejects(connect(url, { at }), { message: 'status 429' }, at)
  sockets.push(await connect(url, { at: '2001:db8:1:3::1' }))
  t.same([caps.anonymous.open('2001:db8:1:2::'), caps.anonymous.open('192.0.2.1')], [2, 2])
  for (const socket of sockets) socket.close()
})

t.test('F06 I open many sockets of one session at once, and of one identity from everywhere', async (t) => {
  let asked = 0
  let answer = (): void => {}
  const all = new Promise<void>((resolve) => { answer = resolve })
  const { url, caps, app } = await start(t, {
    rateLimit: { maxConnectionsPerSession: 3, maxConnectionsPerIdentity: 5 },
    identify: async ({ session, request }) => {
      if (request.ws) {
        asked++
        await all
      }
      return session?.person ?? null
    }
  })
  const [one, two] = [await signedIn(url, 1), await signedIn(url, 1)]
  const storm = Array.from({ length: 12 }, async (_, k) => {
    return await join(url, { by: k % 2 === 0 ? one : two, at: `192.0.2.${k}` }).catch((err: Refused) => err.message)
  })
  await until(() => asked === 6 && app.liveViews.counts().refusals['LIVE_ERR_TOO_MANY'] === 6)
  answer()
  const outcomes = await Promise.all(storm)
  const live = outcomes.filter((outcome) => outcome instanceof LiveSocket)
  t.equal(live.length, 5, 'of six that the sessions may have, five that the identity may')
  t.same(outcomes.filter((outcome) => typeof outcome === 'string'), Array(6).fill('status 429'))
  t.same(outcomes.filter((outcome) => typeof outcome === 'number'), [1013])
  t.match(app.liveViews.counts().refusals, { LIVE_ERR_TOO_MANY: 6, LIVE_ERR_TOO_MANY_CONNECTIONS: 1 })
  t.equal(caps.cooldowns.size(), 0, 'nobody cools down for that')
  await until(() => caps.open() === 5)
  t.equal(caps.sessions.size() + caps.identities.size(), 3)
  t.same(await live[0]?.event('add', 'click'), ['p', 1, [0, '1']], 'those that are in are not touched')
  for (const socket of live) socket.ws.terminate()
  await until(() => caps.open() === 0)
  t.same([caps.sessions.size(), caps.identities.size(), caps.signedIn.size(), caps.anonymous.size()], [0, 0, 0, 0])
  t.type(await join(url, { by: one }), LiveSocket, 'and the places are there again')
})

t.test('F06 I have no account, only sessions: they get me no more sockets than strangers have', async (t) => {
  const { url } = await start(t, { rateLimit: { maxConnectionsPerIp: 2 }, identify: () => null })
  const sockets = [await joined(url), await joined(url, { by: await signedIn(url, 1) })]
  t.equal(await join(url, { by: await signedIn(url, 2) }), 1013)
  for (const socket of sockets) socket.close()
})

t.test('F04 I bring more sockets, sessions and addresses, and my budget for a handler stays one', async (t) => {
  const { url } = await start(t)
  const mine = await Promise.all([1, 2, 3].map(async (k) => joined(url, { by: await signedIn(url, 7), at: `192.0.2.${k}` })))
  const answers = []
  for (const live of mine) answers.push((await live.event('dear', 'click', [], 1)).slice(0, 3))
  t.match(answers, [['p', 1], ['p', 1], ['r', 1, 'limit']])
  const other = await joined(url, { by: await signedIn(url, 8), at: '192.0.2.1' })
  t.match(await other.event('dear', 'click', [], 1), ['p', 1])
  for (const live of [...mine, other]) live.close()
})

t.test('F07 I am sent away and come back, by other ways too; my colleagues behind the same address work on', async (t) => {
  const { url, caps } = await start(t, { rateLimit: { reconnectCooldown: 5 } })
  const clock = stopClock(t)
  const at = '192.0.2.1'
  const [me, colleague] = [await signedIn(url, 1), await signedIn(url, 2)]
  const working = await joined(url, { by: colleague, at })
  t.equal(await misbehave(await joined(url, { by: me, at })), 4429)
  await until(() => caps.open() === 1)
  const again = await connect(url, { by: me, at }).catch((err: Refused) => err) as Refused
  t.match(again, { message: 'status 429', retryAfter: 5 })
  await t.rejects(connect(url, { by: me, at: '192.0.2.9' }), { message: 'status 429', retryAfter: 5 }, 'my session from elsewhere')
  await t.rejects(connect(url, { at }), { message: 'status 429', retryAfter: 5 }, 'without my cookie')
  t.equal(await join(url, { by: await signedIn(url, 1), at: '192.0.2.9' }), 1013, 'a new session of mine')
  const stranger = await joined(url, { at: '192.0.2.9' })
  const returned = await joined(url, { by: colleague, at })
  t.match(await working.event('add', 'click'), ['p', 1])
  clock.time += 4000
  await t.rejects(connect(url, { at }), { message: 'status 429', retryAfter: 1 }, 'trying made it no longer')
  clock.time += 1000
  const back = await joined(url, { by: me, at })
  for (const socket of [stranger, returned, working, back]) socket.close()
})

t.test('F07 without sessions nobody is a stranger before the join: who is somebody comes in, who is nobody waits', async (t) => {
  const { app, url } = await startLiveApp(t, {
    sessions: 'none',
    live: { templates, identify: ({ request }) => request.headers['x-user'] === undefined ? null : { id: String(request.headers['x-user']) } },
    routes: (app) => app.live('/v', view())
  })
  const token = async (headers: Record<string, string>): Promise<unknown[]> => {
    const html = await (await fetch(`${url}/v`, { headers })).text()
    return ['j', /name="live-token" content="([^"]+)"/.exec(html)?.[1], pageDigest(html), 1]
  }
  const open = async (headers: Record<string, string>): Promise<LiveSocket | number> => {
    const message = await token(headers)
    const live = await connect(url, { headers })
    live.send(message)
    return await Promise.race([live.next().then(() => live), live.closed])
  }
  const rude = await open({ 'x-user': 'rude' }) as LiveSocket
  t.equal(await misbehave(rude), 4429)
  t.equal(await open({}), 1013)
  t.equal(await open({ 'x-user': 'rude' }), 1013)
  const colleague = await open({ 'x-user': 'ann' })
  t.type(colleague, LiveSocket)
  await until(() => app.liveViews.caps.open() === 1)
})

t.test('F06 however it ends, the place is there again', async (t) => {
  let late = false
  const { url, caps, app } = await start(t, {
    rateLimit: { maxConnectionsPerIp: 30 },
    identify: ({ request }) => {
      if (request.ws && request.headers['x-fail'] !== undefined) throw new Error('no')
      return null
    },
    before: (app) => {
      app.addHook('onRequest', async (request) => {
        if (request.headers['x-slow'] === undefined) return
        request.raw.socket.destroy()
        await once(request.raw.socket, 'close')
        late = true
      })
    },
    routes: (app) => {
      app.live('/v', view())
      app.register(async (child) => {
        child.addHook('preValidation', async () => { throw Object.assign(new Error('no'), { statusCode: 418 }) })
        child.live('/teapot', view('teapot'))
      })
    }
  })
  app.log.level = 'silent'
  const empty = async (outcome: string): Promise<void> => {
    await until(() => caps.open() === 0)
    t.same([caps.anonymous.size(), caps.signedIn.size(), caps.sessions.size(), caps.identities.size()], [0, 0, 0, 0], outcome)
  }
  await t.rejects(connect(url, { headers: { origin: 'https://evil.example' } }), { message: 'status 403' })
  await empty('refused for its origin')
  await t.rejects(connect(url, { path: '/teapot' }), { message: 'status 418' })
  await empty('refused by a hook of the application')
  t.equal(await join(url, { headers: { 'x-fail': '1' } }), 1011)
  await empty('a join that failed')
  const forged = await connect(url)
  forged.send(['j', 'v1.forged', 0, 0])
  t.equal(await forged.closed, 4409)
  await empty('a forged token')
  const other = new WebSocket(`${url.replace('http', 'ws')}/v`, 'other.v1', { headers: { origin: url } })
  other.on('error', () => {})
  await empty('another subprotocol')
  ;(await joined(url)).close()
  await empty('closed')
  ;(await joined(url)).ws.terminate()
  await empty('killed')
  const silent = await connect(url)
  silent.ws.terminate()
  await empty('never joined')
  const somebody = await signedIn(url, 1)
  await joined(url, { by: somebody })
  t.equal(caps.sessions.size(), 1)
  await somebody.fetch('/sign-out', { method: 'POST' })
  await empty('signed out')
  await t.rejects(connect(url, { headers: { 'x-slow': '1' } }), { code: 'ECONNRESET' })
  await until(() => late)
  for (let k = 0; k < 20; k++) await setImmediate()
  await empty('gone while another hook took its time')
})

t.test('F06 a route has limits of its own', async (t) => {
  const { url } = await start(t, {
    routes: (app) => {
      app.live('/v', view())
      app.live('/few', view('few'), { live: { rateLimit: { maxConnectionsPerSession: 1, maxConnectionsPerIp: 1, reconnectCooldown: 60, maxWarnings: 1 } } })
    }
  })
  const visitor = await signedIn(url, 1)
  const sockets = [await joined(url, { by: visitor, path: '/few' })]
  await t.rejects(join(url, { by: visitor, path: '/few' }), { message: 'status 429' })
  sockets.push(await joined(url, { by: visitor }))
  const rude = await joined(url, { path: '/few', at: '192.0.2.1' })
  rude.send('{')
  t.equal(await rude.closed, 4429, 'the first warning')
  await t.rejects(connect(url, { at: '192.0.2.1' }), { message: 'status 429', retryAfter: 60 })
  for (const socket of sockets) socket.close()
})

t.test('onViolation hears of who was sent away before and at the join', async (t) => {
  const violations: Violation[] = []
  const rateLimit = { maxConnectionsPerIp: 1, maxConnectionsPerIdentity: 1 }
  const { url } = await start(t, { rateLimit, onViolation: (violation) => { violations.push(violation) } })
  const visitor = await signedIn(url, 1)
  const sockets = [await connect(url, { at: '192.0.2.1' }), await joined(url, { by: visitor, at: '192.0.2.2' })]
  await t.rejects(connect(url, { at: '192.0.2.1' }), { message: 'status 429' })
  t.equal(await join(url, { by: visitor, at: '192.0.2.2' }), 1013)
  t.match(violations, [
    { code: 'LIVE_ERR_TOO_MANY', reason: 'limit', weight: 'close', detail: 'address', view: 'v', address: '192.0.2.1' },
    { code: 'LIVE_ERR_TOO_MANY_CONNECTIONS', weight: 'close', detail: /identity/, view: 'v', address: '192.0.2.2' }
  ])
  for (const socket of sockets) socket.close()
})

t.test('A09 a trustProxy that lets a header choose the address ends the boot in production, and is warned of elsewhere', async (t) => {
  const before = process.env['NODE_ENV']
  const warnings: Error[] = []
  const listen = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', listen)
  t.teardown(() => {
    process.off('warning', listen)
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  })
  const boot = async (trustProxy: unknown): Promise<unknown> => {
    const app = Fastify({ trustProxy } as FastifyServerOptions)
    let seen: unknown
    try {
      await app.register(async (scope) => {
        seen = trustProxyOf(scope)
        await scope.register(liveView, { templates, origins: ['https://app.example.com'], secret: 'x'.repeat(32) })
      })
      await app.ready()
    } finally {
      await app.close()
    }
    return seen
  }
  const byHand = (address: string): boolean => address === '10.0.0.1'
  process.env['NODE_ENV'] = 'production'
  for (const trusted of [true, 1, 2]) {
    await t.rejects(boot(trusted), { code: 'LIVE_ERR_TRUST_PROXY', message: /^trustProxy is .+X-Forwarded-For.+trustProxy: '10\.0\.0\.0\/8'/ }, String(trusted))
  }
  for (const nonsense of ['0.0.0.0/0', '::/0']) await t.rejects(boot(nonsense), { name: 'TypeError' }, 'Fastify itself')
  for (const fine of [undefined, false, 0, '127.0.0.1', 'loopback', '10.0.0.0/8,192.168.0.0/16', ['10.0.0.0/8'], byHand]) {
    t.same(await boot(fine), fine, String(fine))
  }
  process.env['NODE_ENV'] = 'test'
  t.same([await boot(true), await boot(2)], [true, 2])
  await setImmediate()
  t.match(warnings, [{ name: 'LiveViewWarning', code: 'LIVE_WARN_TRUST_PROXY', message: /^trustProxy is true, which lets/ }])
  t.equal(trustProxyOf(Object.create(null) as FastifyInstance), undefined)
})

t.test('A09 a proxy that nobody told Fastify of is noticed, once', async (t) => {
  const lines: string[] = []
  const logger = { level: 'warn', stream: { write: (line: string) => { lines.push(line) } } }
  const page = async (server: FastifyServerOptions, headers: Record<string, string>): Promise<number> => {
    lines.length = 0
    const { url } = await start(t, {}, { ...server, logger })
    for (let k = 0; k < 3; k++) await fetch(`${url}/v`, { headers })
    return lines.filter((line) => line.includes('X-Forwarded-For arrives')).length
  }
  const forwarded = { 'x-forwarded-for': '192.0.2.1' }
  t.same([await page({}, forwarded), await page({}, {}), await page({ trustProxy: '127.0.0.1' }, forwarded)], [1, 0, 0])
})
