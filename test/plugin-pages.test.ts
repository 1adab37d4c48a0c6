import websocket from '@fastify/websocket'
import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import liveView, { defineView, page } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { LiveSocket, Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'

const templates = {
  'counter.njk': '<html><head><title>{{ title }}</title></head><body><p>{{ count }}</p><button live-click="add" live-value-by="{{ step }}">+</button>' +
    '<ul>{% for name in names %}<li id="{{ name.key }}">{{ name.text }}</li>{% endfor %}</ul></body></html>'
}

function counter (loads: string[] = []) {
  return defineView({
    name: 'counter',
    template: 'counter.njk',
    access: 'public',
    state: ({ query }) => ({ count: Number(query.from ?? 0), step: 2, title: 'Counter' }),
    loaders: {
      names: ({ state, fields }) => {
        loads.push(`${fields.columns.join()} at ${state.step}`)
        return [{ key: 'a', text: `step ${state.step}`, secret: 'never' }]
      }
    },
    events: {
      add: { payload: Type.Object({ by: Type.Integer() }), run: ({ state, payload }) => { state.count += payload.by } },
    }
  })
}

t.test('a page is joined without being sent again, and counts', async (t) => {
  const loads: string[] = []
  const { url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter(loads)) })
  const live = await new Visitor(url).open('/counter?from=3')
  t.match(live.html, '<p><!--0-->3</p>'.replace('0', '1'))
  t.same(live.joined, ['j', 0], 'nothing is sent again')
  t.same(await live.event('add', 'click', [], 0, ['2']), ['p', 1, [1, 5]])
  t.same(await live.event('add', 'click', [], 0, ['2']), ['p', 2, [1, 7]])
  t.same(loads, ['key,text at 2'], 'the loader ran once, for the page, and was asked for what is shown')
  live.close()
})

t.test('what a page mounted is claimed once; a second socket mounts again and shows the same', async (t) => {
  const loads: string[] = []
  const { url, app } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter(loads)) })
  const visitor = new Visitor(url)
  const { html, token } = await visitor.page('/counter')
  t.equal(app.liveViews.retained.size, 1)
  for (const expected of [1, 2]) {
    const live = await visitor.socket('/counter')
    live.send(['j', token, pageDigest(html), 1])
    t.same(await live.next(), ['j', 0])
    t.equal(loads.length, expected)
    live.close()
  }
})

t.test('a page that was patched since takes the whole tree over at the next join', async (t) => {
  const { url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter()) })
  const visitor = new Visitor(url)
  const { html, token } = await visitor.page('/counter?from=1')
  const live = await visitor.socket('/counter?from=1')
  live.send(['j', token, pageDigest(html), 0])
  const [kind, tree, shapes] = await live.next()
  t.equal(kind, 'j')
  t.match(tree.v, ['Counter', 1, 2, { l: String, r: [['a', 'step 2']] }])
  t.equal(Object.keys(shapes).length, 2)
  live.close()
})

t.test('a page whose markers were stripped on the way is built anew', async (t) => {
  const { url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter()) })
  const visitor = new Visitor(url)
  const { html, token } = await visitor.page('/counter')
  const live = await visitor.socket('/counter')
  live.send(['j', token, pageDigest(html.replace(/<!--.*?-->/g, '')), 1])
  const [, tree, shapes, info] = await live.next()
  t.ok(tree.s in shapes)
  t.same(info, { b: 1 })
  live.close()
})

t.test('HEAD answers as GET would and mounts nothing', async (t) => {
  const loads: string[] = []
  const { url, app } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter(loads)) })
  const response = await fetch(`${url}/counter`, { method: 'HEAD' })
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), 'text/html')
  t.same(loads, [])
  t.equal(app.liveViews.retained.size, 0)
})

t.test('a prefetch, and a fetch by a script, get the page, and nothing is kept for them', async (t) => {
  const { url, app } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter()) })
  await (await fetch(`${url}/counter`, { headers: { 'sec-purpose': 'prefetch' } })).text()
  t.equal(app.liveViews.retained.size, 0)
  const { headers } = await fetch(`${url}/counter`)
  t.equal(headers.get('cache-control'), 'private, no-store')
  t.match(headers.get('vary'), /\bcookie\b/i)
})

t.test('prefix and hooks of a child scope guard page and socket alike', async (t) => {
  const seen: string[] = []
  const { url } = await startLiveApp(t, {
    live: { templates },
    routes: (app) => app.register(async (child) => {
      child.addHook('preHandler', async (request, reply) => {
        seen.push(request.ws ? 'socket' : 'page')
        if (request.headers['x-key'] !== 'open') return reply.code(418).send('no')
      })
      child.live('/counter', counter())
    }, { prefix: '/inside' })
  })
  const visitor = new Visitor(url)
  t.equal((await visitor.page('/inside/counter')).status, 418)
  await t.rejects(visitor.socket('/inside/counter'), { message: 'status 418' })
  t.equal((await visitor.fetch('/inside/counter', { headers: { 'x-key': 'open' } })).status, 200)
  const live = await visitor.socket('/inside/counter', { 'x-key': 'open' })
  live.close()
  t.same(seen, ['page', 'socket', 'page', 'socket'])
})

t.test('the spelled-out route with the handler page is the same', async (t) => {
  const { url } = await startLiveApp(t, {
    live: { templates, views: [counter()] },
    routes: (app) => app.get('/spelled', { live: { view: 'counter', maxMessageSize: 200 } }, page)
  })
  const live = await new Visitor(url).open('/spelled')
  t.same(live.joined, ['j', 0])
  live.send(`["e",1,"add","click",[],0,["2"],{"x":"${'y'.repeat(200)}"}]`)
  t.equal(await live.closed, 1009, 'its own message size holds')
})

t.test('a websocket plugin registered before is used, where its limits are narrow', async (t) => {
  const before = (options: object) => (app: FastifyInstance) => app.register(websocket, { options })
  const { url } = await startLiveApp(t, { live: { templates }, before: before({ maxPayload: 65536 }), routes: (app) => app.live('/counter', counter()) })
  const live = await new Visitor(url).open('/counter')
  t.same(await live.event('add', 'click', [], 0, ['2']), ['p', 1, [1, 2]])
  live.close()

  for (const [options, message] of [
    [{}, /maxPayload 104857600. Allowed: 1 to 16777216 bytes/],
    [{ maxPayload: 65536, perMessageDeflate: true }, /perMessageDeflate on. Allowed: false/],
    [{ maxPayload: 65536, skipUTF8Validation: true }, /skipUTF8Validation on. Allowed: false/],
  ] as const) {
    const app = Fastify()
    await app.register(websocket, { options })
    app.register(liveView, { templates })
    await t.rejects(async () => { await app.ready() }, { code: 'LIVE_ERR_WEBSOCKET', message })
  }
})

t.test('with that order the spelled-out route cannot work, and says at boot what to do', async (t) => {
  const app = Fastify()
  await app.register(websocket, { options: { maxPayload: 65536 } })
  await app.register(liveView, { templates, views: [counter()] })
  t.throws(() => app.get('/spelled', { live: { view: 'counter' } }, page), { code: 'LIVE_ERR_ROUTE', message: /let fastify-live-view register it/ })
  await app.close()
})

t.test('an upgrade on a route that is not live is refused, the application\'s own websocket routes go on', async (t) => {
  const { url } = await startLiveApp(t, {
    live: { templates },
    routes: (app) => {
      app.live('/counter', counter())
      app.get('/plain', async () => 'plain')
      app.get('/own', { websocket: true }, (socket) => { socket.send('["own"]') })
    }
  })
  const visitor = new Visitor(url)
  await t.rejects(visitor.socket('/plain'), { message: 'status 404' })
  const own = await visitor.socket('/own', { origin: 'https://elsewhere.example' })
  t.same(await own.next(), ['own'])
  own.close()
  t.equal(await (await visitor.fetch('/plain')).text(), 'plain')
})

t.test('where the application brought in its websocket server, what it does with other routes is its own', async (t) => {
  const { app, url } = await startLiveApp(t, {
    live: { templates },
    before: async (app) => { await app.register(websocket, { options: { maxPayload: 65536 } }) },
    routes: (app) => {
      app.live('/counter', counter())
      app.get('/plain', async () => 'plain')
    }
  })
  const opened = await new Visitor(url).socket('/plain').then(({ closed }) => closed, ({ message }: Error) => message)
  t.not(opened, 'status 404')
  t.same(app.liveViews.counts().refusals, {})
})

t.test('the page that lacks its option says so', async (t) => {
  const { url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.get('/lacks', page) })
  const response = await fetch(`${url}/lacks`)
  t.equal(response.status, 500)
  t.match(await response.json(), { code: 'LIVE_ERR_ROUTE' })
})

t.test('the browser runtime is one script with a hash in its address', async (t) => {
  const { url } = await startLiveApp(t, { live: { templates, nonce: () => 'abc"><script>' }, routes: (app) => app.live('/counter', counter()) })
  const { html } = await new Visitor(url).page('/counter')
  const src = /<script src="([^"]+)" defer nonce="abcscript"><\/script><\/head>/.exec(html)?.[1] as string
  const script = await fetch(url + src)
  t.match(script.headers.get('cache-control'), 'immutable')
  t.match(script.headers.get('content-type'), 'text/javascript')
  t.equal(script.headers.get('x-content-type-options'), 'nosniff')
  t.equal(script.headers.get('cross-origin-resource-policy'), 'same-origin')
  t.equal((await fetch(`${url}/live-view.js`)).headers.get('cache-control'), 'no-cache')
  const helmet = await startLiveApp(t, {
    live: { templates },
    before: (app) => app.addHook('onRequest', async (request, reply) => { Object.assign(reply, { cspNonce: { script: 'from-helmet', style: '' } }) }),
    routes: (app) => app.live('/counter', counter())
  })
  t.match((await new Visitor(helmet.url).page('/counter')).html, 'defer nonce="from-helmet"')
})

t.test('a page that cannot be rendered answers 500 and keeps its reasons to itself in production', async (t) => {
  const broken = defineView({ name: 'broken', template: 'counter.njk', access: 'public', state: () => ({ count: 0, step: 2, title: 'x' }), loaders: { names: () => { throw new Error('the secret reason') } }, events: { add: { run () {} } } })
  const logs: string[] = []
  const { url } = await startLiveApp(t, {
    live: { templates },
    logger: { level: 'error', stream: { write: (line: string) => { logs.push(line) } } },
    routes: (app) => { app.live('/broken', broken); app.live('/counter', counter()) }
  })
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  t.teardown(() => { if (before === undefined) delete process.env.NODE_ENV; else process.env.NODE_ENV = before })
  const other = await startLiveApp(t, { live: { templates, origins: ['http://a.example'] }, routes: (app) => app.live('/broken', broken) })
  const shown = await (await fetch(`${url}/broken`)).text()
  t.match(shown, 'the secret reason', 'in development the page says why')
  const response = await fetch(`${other.url}/broken`)
  t.equal(response.status, 500)
  t.match(await response.text(), /The page could not be shown \([0-9a-f]{12}\)/)
  t.match(logs[0], 'LIVE_ERR_LOADER')
  t.equal((await fetch(`${url}/counter`)).status, 200, 'the other pages are as before')
})

t.test('G01 a server that goes down tells browsers to come back', async (t) => {
  const { url, app } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/counter', counter(), { preHandler: async () => {} }) })
  const live: LiveSocket = await new Visitor(url).open('/counter')
  const closed = app.close()
  t.equal(await live.closed, 1012)
  await closed
})

t.test('a name that comes twice in the query has one value, unless the route has a schema for it', async (t) => {
  const show = defineView({ name: 'show', template: 'q.njk', access: 'public', state: ({ query }) => ({ q: JSON.stringify(query.q) }) })
  const { url } = await startLiveApp(t, {
    live: { templates: { 'q.njk': '<p>{{ q }}</p>' } },
    routes: (app) => {
      app.live('/plain', show)
      app.live('/own', show, { schema: { querystring: { type: 'object', properties: { q: { type: 'array', items: { type: 'integer' } } } } } })
    }
  })
  t.match(await (await fetch(`${url}/plain?q=1&q=2`)).text(), '>&quot;2&quot;</p>')
  t.match(await (await fetch(`${url}/own?q=1&q=2`)).text(), '>[1,2]</p>')
})

t.test('an address that loads pages without end is told to wait', async (t) => {
  const { app } = await startLiveApp(t, { live: { templates, identify: undefined as never }, routes: (app) => app.live('/counter', counter()) })
  const { take } = app.liveViews.pageBuckets
  app.liveViews.pageBuckets.take = (key) => key !== '127.0.0.1'
  t.equal((await app.inject('/counter')).statusCode, 429)
  app.liveViews.pageBuckets.take = take
  const purpose = await app.inject({ url: '/counter', remoteAddress: '192.0.2.1', headers: { purpose: 'prefetch' } })
  t.equal(purpose.statusCode, 200)
  t.equal((await app.inject({ url: '/counter', remoteAddress: '192.0.2.1', headers: { 'sec-fetch-dest': 'empty' } })).statusCode, 200)
  t.equal(app.liveViews.retained.size, 0)
})

t.test('a hook of the route itself guards page and socket', async (t) => {
  const { url } = await startLiveApp(t, {
    live: { templates },
    routes: (app) => app.live('/counter', counter(), { preHandler: async (request, reply) => reply.code(418).send('no') })
  })
  const visitor = new Visitor(url)
  t.equal((await visitor.page('/counter')).status, 418)
  await t.rejects(visitor.socket('/counter'), { message: 'status 418' })
})

t.test('the socket itself keeps to the route\'s size: a long message is not even read', async (t) => {
  const codes: string[] = []
  const { url, app } = await startLiveApp(t, {
    live: { templates, maxMessageSize: 4096, onViolation: ({ code }) => { codes.push(code) } },
    routes: (app) => app.live('/counter', counter(), { live: { maxMessageSize: 200 } })
  })
  t.match(app.websocketServer.options, {
    maxPayload: 4096, maxFragments: 64, maxBufferedChunks: 1024, closeTimeout: 3000, perMessageDeflate: false
  })
  const live = await new Visitor(url).open('/counter')
  live.send('x'.repeat(201))
  t.equal(await live.closed, 1009)
  t.same(codes, ['LIVE_ERR_FRAME_PROTOCOL'], 'not LIVE_ERR_FRAME_SIZE, which is said of what was read')
})
