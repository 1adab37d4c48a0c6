// The table of points is easier to read with a point a line.
/* eslint @stylistic/max-len: 'off' */
import { once } from 'node:events'
import t from 'tap'
import { findSecrets } from './helpers/find-secrets.ts'
import { NAMES, startLeakyApp } from './helpers/leaky-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { findControl } from './helpers/page-controls.ts'
import { recordBytes } from './helpers/record-bytes.ts'
import { defineView } from '../plugin/index.ts'

const SECRET = 'zq7markedsecret'
const PAGE = '/page/7'

/** Switched to production while the applications are made. */
function inProduction (t: { teardown (restore: () => unknown): unknown }): void {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  t.teardown(() => { if (before === undefined) delete process.env['NODE_ENV']; else process.env['NODE_ENV'] = before })
}

type Thrown = () => unknown

const error = (): Error => new Error(SECRET)
const THROWN: Readonly<Record<string, Thrown>> = {
  'an error': error,
  'an error with a status of the client\'s fault': () => Object.assign(error(), { statusCode: 499 }),
  'an error with a status, headers, code and name': () => {
    const headers = { 'x-upstream': `qxupstream ${SECRET}`, 'set-cookie': 'a=qxupstream' }
    return Object.assign(error(), { status: 503, headers, code: 'qxerrorcode', name: 'qxerrorname' })
  },
  'an error with a cause': () => new Error('qxerrorname', { cause: error() }),
  'several errors': () => new AggregateError([error()], SECRET),
  'a text': () => SECRET,
  'an object that prints': () => ({ message: SECRET, toString: () => SECRET }),
  'a validation error': () => {
    const validation = [{ instancePath: '/qxproperty', message: SECRET }]
    return Object.assign(error(), { code: 'FST_ERR_VALIDATION', validation, validationContext: 'qxquery' })
  },
}

t.test('L01, L02, L05, J02 whatever fails, wherever: nothing of it reaches a browser in production, and the log has it', async (t) => {
  inProduction(t)
  let armed = ''
  let make: Thrown = error
  let hits = 0
  const lines: string[] = []
  let heard: () => void = () => {}
  const at = (point: string): void => {
    if (point !== armed) return
    hits++
    throw make()
  }
  const { app, url, connections } = await startLeakyApp(t, at, {
    logger: { level: 'debug', stream: { write: (line: string) => { lines.push(line); heard() } } },
    live: { origins: ['http://a.example'] },
  })
  const sent = recordBytes(app.server)
  const sessions: string[] = []
  const tokens: string[] = []

  /** Resolves once a line of the log since then holds this. */
  const logged = async (text: string, since: number): Promise<void> => {
    while (!lines.slice(since).some((line) => line.includes(text))) await new Promise<void>((resolve) => { heard = resolve })
  }

  const visitor = new Visitor(url)
  /** Answers the session's id as the cookie has it, without its signature. */
  const signIn = async (): Promise<string> => {
    await visitor.signIn({ id: 'qxidentity', name: 'Ann' })
    return decodeURIComponent(visitor.cookie.slice(visitor.cookie.indexOf('=') + 1)).split('.')[0] as string
  }
  sessions.push(await signIn())
  const socket = (path: string): Promise<LiveSocket> => visitor.socket(path, { origin: 'http://a.example' })

  const load = async (path: string, headers: Record<string, string> = {}): Promise<{ status: number, html: string, token: string }> => {
    const response = await visitor.fetch(path, { headers })
    const html = await response.text()
    const token = /name="live-token" content="([^"]+)"/.exec(html)?.[1] ?? ''
    if (token !== '') tokens.push(token)
    return { status: response.status, html, token }
  }
  const join = async (path: string, headers: Record<string, string>, arm: () => void): Promise<LiveSocket | number> => {
    const { html, token } = await load(path, headers)
    arm()
    const live = await socket(path)
    live.html = html
    live.send(['j', token, pageDigest(html), 1])
    return live.next().then((message) => { live.joined = message; return live }, () => live.closed)
  }

  /** One point, thrown at while `act` goes on. Nothing of it may show in what is sent, and it must have been thrown and logged. */
  const attempt = async (
    name: string, point: string, act: (arm: () => void) => Promise<unknown>,
    expected: { readonly id: 'told' | 'logged' | 'nowhere', readonly thrown?: Thrown, readonly mark?: string }
  ): Promise<void> => {
    const [line, byte] = [lines.length, sent().length]
    hits = 0
    make = expected.thrown ?? error
    const live = await act(() => { armed = point })
    const mark = expected.mark ?? SECRET
    if (expected.id !== 'nowhere') await logged(mark, line)
    armed = ''
    t.ok(point === '' || hits > 0, `${name}: it was thrown`)
    const bytes = sent().subarray(byte)
    t.same([...findSecrets(bytes, [SECRET]), ...NAMES.filter((one) => bytes.includes(one))], [], name)
    if (expected.id === 'told') {
      const ids = bytes.toString('latin1').match(/\b[0-9a-f]{12}\b/g) ?? []
      const named = lines.slice(line).filter((one) => one.includes(mark)).map((one) => JSON.parse(one).errorId as string)
      t.ok(ids.some((id) => named.includes(id)), `${name}: what the browser was told leads to it`)
    }
    if (live instanceof Object && 'ws' in live) {
      const { closed } = live as LiveSocket
      ;(live as LiveSocket).close()
      await closed
    }
  }

  const page = (path: string, headers: Record<string, string> = {}) => async (arm: () => void): Promise<void> => {
    arm()
    for (const accept of ['text/html,application/xhtml+xml', '*/*']) {
      const { status, html } = await load(path, { accept, ...headers })
      t.ok(status >= 400, `${path}: ${status}`)
      t.equal(html.startsWith('<!doctype html>'), accept !== '*/*', html)
    }
  }
  const event = (name: string, path = PAGE) => async (arm: () => void): Promise<LiveSocket> => {
    const live = await join(path, {}, () => {}) as LiveSocket
    const { kind, path: place, element, seen } = findControl(live.html, name)
    arm()
    let answer = await live.event(name, kind, place, element, seen)
    // Deferred data comes in between.
    while (answer[1] !== 1) answer = await live.next()
    return live
  }
  const again = (path: string) => (arm: () => void): Promise<LiveSocket | number> => join(path, { 'sec-purpose': 'prefetch' }, arm)

  // One way for the page and for a socket that mounts again.
  const both = ['filter', 'test', 'function', 'tag', 'getter', 'toString', 'macro', 'state', 'identify', 'identityKey', 'tenant', 'globals', 'access']
  for (const point of both) {
    await attempt(`page: ${point}`, point, page(PAGE), { id: 'told' })
    await attempt(`join: ${point}`, point, again(PAGE), { id: 'logged' })
  }
  for (const point of ['loader', 'guarded loader', 'guard']) {
    await attempt(`page: ${point}`, point, page(PAGE), { id: 'told' })
    await attempt(`join: ${point}`, point, again(PAGE), { id: 'told' })
  }
  await attempt('page: hasPermission', 'hasPermission', page('/permission'), { id: 'told' })
  await attempt('join: hasPermission', 'hasPermission', again('/permission'), { id: 'logged' })
  await attempt('page: nonce', 'nonce', page(PAGE), { id: 'told' })
  await attempt('page: onViolation', 'onViolation', page('/denied'), { id: 'logged' })
  await attempt('page: fallback', 'fallback', async (arm) => { arm(); await load(PAGE) }, { id: 'logged' })

  const written = lines.length
  armed = 'state'
  await load(PAGE)
  armed = ''
  t.equal(lines.slice(written).filter((line) => line.includes(SECRET)).length, 1, 'a page that failed is one line in the log')

  // Hooks of the application, for page and upgrade.
  for (const hook of ['onRequest', 'preValidation', 'preHandler']) {
    for (const [what, thrown] of Object.entries(THROWN).slice(0, hook === 'preHandler' ? Infinity : 1)) {
      await attempt(`page: ${hook} throws ${what}`, hook, page(PAGE), { id: 'told', thrown })
      await attempt(`upgrade: ${hook} throws ${what}`, hook, async (arm) => { arm(); await t.rejects(socket(PAGE)) }, { id: 'told', thrown })
    }
  }
  for (const [what, thrown] of Object.entries(THROWN)) {
    await attempt(`page: onSend throws ${what}`, 'onSend', page(PAGE), { id: 'told', thrown })
    for (const point of ['state', 'loader']) await attempt(`page: ${point} throws ${what}`, point, page(PAGE), { id: 'told', thrown })
    for (const name of ['run', 'rejected run']) {
      await attempt(`event: ${name} throws ${what}`, name, event(name === 'run' ? 'fail' : 'reject'), { id: 'told', thrown })
    }
  }
  await attempt('page: after the answer', 'after the answer', async (arm) => { arm(); await load(PAGE, { 'x-answered': '1' }) }, { id: 'nowhere' })
  await attempt('page: onResponse', 'onResponse', async (arm) => { arm(); await load(PAGE) }, { id: 'logged' })
  await attempt('script: onRequest', 'onRequest', page('/live-view.js'), { id: 'told' })

  // Events, and what they set off.
  const told = { id: 'told' } as const
  await attempt('event: authorize', 'authorize', event('authorize'), told)
  await attempt('event: requirePermission', 'hasPermission', event('permission'), told)
  await attempt('event: validate', 'validate', event('broken'), told)
  await attempt('event: rejected validate', 'rejected validate', event('late'), told)
  for (const point of ['loader', 'guarded loader', 'guard']) await attempt(`event: ${point} again`, point, event('reload'), told)
  for (const point of ['patchUrl', 'flash', 'updateSession']) await attempt(`event: ${point}`, point, event({ patchUrl: 'patch', flash: 'flash', updateSession: 'session' }[point] as string), told)
  await attempt('event: onParams', 'onParams', async (arm) => { arm(); return event('patch')(() => {}) }, { id: 'logged' })
  for (const point of ['filter', 'test', 'function', 'macro', 'tag']) await attempt(`patch: ${point}`, point, event('fail'), told)
  await attempt('patch: toString of the state', 'toString of state', event('state'), told)
  await attempt('event: onViolation', 'onViolation', event('issues'), { id: 'logged' })
  for (const [name, mark] of Object.entries({ nothing: 'qxnothing', address: 'qxupstream', cycle: 'circular', big: 'BigInt', name: 'qxupstream', schema: '#/required', pattern: 'pattern', choice: 'enum', issues: 'qxproperty' })) {
    await attempt(`event: ${name} with bad arguments or payload`, '', event(name), { id: 'told', mark })
  }
  await attempt('event: a loader gives a promise that nobody awaits', '', event('unheard'), { id: 'told', mark: 'nobody awaits' })
  await attempt('event: a loader leaves a column out', '', event('shape'), { id: 'told', mark: 'its column' })
  // Whatever has no answer is logged.
  await attempt('onConnect', 'onConnect', (arm) => join(PAGE, {}, arm), { id: 'logged' })
  await attempt('deferred loader', 'deferred loader', (arm) => join(PAGE, {}, arm), { id: 'logged' })
  await attempt('update', 'update', event('push'), { id: 'logged' })
  await attempt('onDisconnect', 'onDisconnect', async (arm) => {
    const live = await join(PAGE, {}, () => {}) as LiveSocket
    arm()
    live.close()
    await live.closed
  }, { id: 'logged' })

  // What the session store says, to the session plugin and to the socket.
  await attempt('page: store get', 'store get', page(PAGE), told)
  await attempt('page: store set', 'store set', page(PAGE, { 'x-session': 'change' }), told)
  await attempt('page: store destroy', 'store destroy', page(PAGE, { 'x-session': 'end' }), told)
  sessions.push(await signIn())
  await attempt('upgrade: store get', 'store get', async (arm) => { arm(); await t.rejects(socket(PAGE)) }, told)
  await attempt('join: store get', 'store get', async (arm) => {
    const { html, token } = await load(PAGE)
    const live = await socket(PAGE)
    arm()
    live.send(['j', token, pageDigest(html), 1])
    t.equal(await live.closed, 1013)
  }, { id: 'logged' })
  await attempt('event: store set', 'store set', event('session'), told)

  // Fastify's own refusals name the part of the request and quote the schema.
  for (const path of ['/page/none', '/page/7?qxquery=other']) {
    await attempt(path, '', page(path), { id: 'told', mark: 'FST_ERR_VALIDATION' })
    await attempt(`upgrade: ${path}`, '', async () => { await t.rejects(socket(path), /status 400/) }, { id: 'told', mark: 'FST_ERR_VALIDATION' })
  }
  for (const path of ['/nowhere', '/static/1', '/page']) t.equal((await load(path)).status, 404)
  await t.rejects(socket('/nowhere'), /status 404/)
  await t.rejects(visitor.socket(PAGE, { origin: 'http://b.example' }), /status 403/)

  // What cannot even be looked at.
  const trap = (): never => { throw error() }
  const odd: Record<string, Thrown> = {
    null: () => null,
    undefined: () => undefined,
    'a proxy': () => new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap, getOwnPropertyDescriptor: trap }),
    accessors: () => Object.defineProperty(error(), 'statusCode', { get: trap, enumerable: true }),
    'a status that is none': () => Object.assign(error(), { statusCode: '404 qxupstream' }),
  }
  for (const [what, thrown] of Object.entries(odd)) {
    for (const hook of ['preHandler', 'onSend', 'state', 'loader']) {
      await attempt(`page: ${hook} throws ${what}`, hook, page(PAGE), { id: 'nowhere', thrown })
    }
    await attempt(`upgrade: preHandler throws ${what}`, 'preHandler', async (arm) => { arm(); await t.rejects(socket(PAGE), /status 500/) }, { id: 'nowhere', thrown })
    await attempt(`join: identify throws ${what}`, 'identify', again(PAGE), { id: 'nowhere', thrown })
    for (const name of ['fail', 'reject']) {
      await attempt(`event: ${name} throws ${what}`, name === 'fail' ? 'run' : 'rejected run', event(name), { id: 'nowhere', thrown })
    }
    await attempt(`event: authorize throws ${what}`, 'authorize', event('authorize'), { id: 'nowhere', thrown })
    await attempt(`event: validate throws ${what}`, 'validate', event('broken'), { id: 'nowhere', thrown })
    await attempt(`event: onViolation throws ${what}`, 'onViolation', event('issues'), { id: 'nowhere', thrown })
    await attempt(`update throws ${what}`, 'update', event('push'), { id: 'nowhere', thrown })
  }

  // All that was ever sent.
  const bytes = sent()
  const text = bytes.toString('latin1')
  t.same(findSecrets(bytes, [SECRET, 'qxsigningsecret']), [])
  t.same(NAMES.filter((name) => text.includes(name)), [])
  for (const inside of [/node_modules/, /\.ts:\d/, /\bat \w+ \(/, /nunjucks/i, /\r\n(x-powered-by|server):/i, /FST_ERR_VALIDATION/, /must be/]) t.notMatch(text, inside)
  t.match(text, 'HTTP/1.1 101 ', 'the record holds upgrades')
  t.match(text, '["r",1,"error",', 'and frames')
  t.match(text, 'could not be loaded', 'and what stands in for a loader')
  t.match(text, ' live-click="fail"', 'and pages')
  t.ok(connections.length > 0)
  const log = lines.join('')
  for (const secret of [...sessions, ...tokens, 'qxsigningsecret']) t.notOk(log.includes(secret), 'no session, token or key is in the log')
})
t.test('L01 a status and headers that a hook has set stay, and the error\'s own headers do not', async (t) => {
  inProduction(t)
  const { url } = await startLeakyApp(t, (point) => { if (point === 'with a status') throw Object.assign(error(), { headers: { 'x-upstream': 'yes' } }) })
  const response = await fetch(url + PAGE, { headers: { 'x-status': '402', accept: 'text/html' } })
  t.equal(response.status, 402)
  t.equal(response.headers.get('retry-after'), '7')
  t.equal(response.headers.get('www-authenticate'), 'Basic')
  t.equal(response.headers.get('x-upstream'), null)
  t.equal(response.headers.get('content-type'), 'text/html; charset=utf-8')
  t.match(response.headers.get('cache-control'), 'no-store')
  t.match(await response.text(), /<h1>Payment Required<\/h1><p>Reference: [0-9a-f]{12}<\/p>/)
})

t.test('what a hook sends after its time was over goes nowhere', async (t) => {
  inProduction(t)
  let late: (sent: unknown) => void = () => {}
  const tried = new Promise((resolve) => { late = resolve })
  const { url } = await startLeakyApp(t, () => {}, {
    routes: (app) => app.live('/late', 'qxview', {
      handlerTimeout: 50,
      preHandler: async (request, reply) => {
        await once(reply.raw, 'finish')
        reply.send(error())
        late(reply.sent)
      },
    }),
  })
  const response = await fetch(`${url}/late`)
  t.equal(response.status, 503)
  t.match(await response.json(), { message: /^Try again later \([0-9a-f]{12}\)$/ })
  t.equal(await tried, true)
})

t.test('L01 an answer that was begun and then fails is cut off, and logged once', async (t) => {
  inProduction(t)
  const lines: string[] = []
  const { url } = await startLeakyApp(t, () => {}, {
    logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } },
    routes: (app) => app.get('/begun', { live: { view: 'qxview' } }, async (request, reply) => {
      await new Promise((resolve) => { reply.raw.write('the beginning', resolve) })
      throw error()
    }),
  })
  const response = await fetch(`${url}/begun`)
  t.equal(response.status, 200)
  await t.rejects(response.text(), 'the connection ends')
  t.equal(lines.length, 1)
  t.match(lines[0], /"errorId":"[0-9a-f]{12}"/)
})

t.test('L01 a status is a number', async (t) => {
  inProduction(t)
  const { url } = await startLeakyApp(t, (point) => { if (point === 'preHandler') throw Object.assign(error(), { statusCode: '450' }) })
  t.equal((await fetch(url + PAGE)).status, 500)
})

t.test('L01 an application\'s own error handler is given what was thrown, and decides', async (t) => {
  inProduction(t)
  const seen: unknown[] = []
  let thrown: unknown = null
  const { url } = await startLeakyApp(t, (point) => { if (point === 'preHandler' || point === thrown) throw thrown }, {
    before: (app) => app.setErrorHandler((err, request, reply) => {
      seen.push(err)
      return reply.code(418).send({ own: 'answer' })
    }),
    routes: (app) => app.register(async (scope) => {
      scope.setErrorHandler(async (err, request, reply) => {
        seen.push(err)
        throw err
      })
      scope.live('/inner', defineView({ name: 'inner', template: 'qxfolder/qxwaiting.njk', access: 'public' }))
      scope.live('/routes', 'inner', { errorHandler: (err, request, reply) => { seen.push(err); reply.code(419).send('own') } })
    }),
  })
  for (thrown of [error(), 'a text']) {
    for (const path of [PAGE, '/inner']) {
      const response = await fetch(url + path)
      t.equal(response.status, 418)
      t.same(await response.json(), { own: 'answer' })
    }
    t.equal((await fetch(`${url}/routes`)).status, 419)
    t.equal(seen.filter((err) => err === thrown).length, 4, 'each once: the inner one passes it on')
  }
})

t.test('L01 a page that failed tells that handler why, and under which id the log has it', async (t) => {
  inProduction(t)
  const lines: string[] = []
  let seen: any = null
  const failure = Object.assign(error(), { detail: SECRET })
  const { url } = await startLeakyApp(t, (point) => { if (point === 'state') throw failure }, {
    logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } },
    before: (app) => app.setErrorHandler((err, request, reply) => {
      seen = err
      return reply.code(500).send({ ...err as object })
    }),
  })
  const text = await (await fetch(url + PAGE)).text()
  t.equal(seen.cause, failure)
  t.match(seen.message, seen.errorId)
  t.equal(JSON.parse(lines[0] as string).errorId, seen.errorId)
  t.notMatch(text, SECRET, 'an answer that spreads it has only what may be shown')
})

t.test('while developing, the page says what is wrong', async (t) => {
  let armed = ''
  const { url } = await startLeakyApp(t, (point) => { if (point === armed) throw error() })
  for (armed of ['preHandler', 'state', 'filter', 'loader']) t.match(await (await fetch(url + PAGE)).text(), SECRET, armed)
  armed = ''
  t.match(await (await fetch(`${url}/page/none`)).text(), 'params/qxparameter must be integer')
})
