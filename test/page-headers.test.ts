import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import session from '@fastify/session'
import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyPluginCallback, LightMyRequestResponse, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import type { Test } from 'tap'
import { defineView, page } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'

const templates = {
  'hello.njk': '<html><head><title>Hello</title></head><body><p>{{ words }}</p></body></html>',
  'nonce.njk': '<html><head><script src="/own.js" nonce="{{ nonce }}"></script></head><body><p>{{ words }}</p></body></html>'
}
const state = (): { words: string } => ({ words: 'for me' })
const hello = defineView({ name: 'hello', template: 'hello.njk', access: 'public', state })
const mine = defineView({ name: 'mine', template: 'hello.njk', access: 'user', state })
const forbidden = defineView({ name: 'forbidden', template: 'hello.njk', access: () => false, state })
const broken = defineView({ name: 'broken', template: 'hello.njk', access: 'public', state: (): { words: string } => { throw new Error('broken') } })
const gone = defineView({
  name: 'gone',
  template: 'hello.njk',
  access: 'public',
  loaders: { words: () => { throw Object.assign(new Error('gone'), { statusCode: 404 }) } }
})

const start = async (t: Test, options: Partial<LiveAppOptions>): Promise<FastifyInstance> =>
  (await startLiveApp(t, { live: { templates, ...options.live }, routes: (app) => app.live('/hello', hello), ...options })).app

/** What no answer of a live route may lack, whoever gave it. */
function isSealed (t: Test, { headers, statusCode }: Pick<LightMyRequestResponse, 'headers' | 'statusCode'>, what: string): void {
  t.equal(headers['cache-control'], 'private, no-store', `${what} (${statusCode}): is stored by nobody`)
  t.equal(String(headers['vary']).match(/cookie/gi)?.length, 1, `${what}: varies by cookie, said once`)
  t.same([headers['etag'], headers['last-modified'], headers['expires'], headers['cdn-cache-control']], Array(4).fill(undefined), `${what}: no validator`)
  t.equal(headers['x-content-type-options'], 'nosniff', `${what}: is not sniffed`)
  t.ok(headers['referrer-policy'], `${what}: referrer policy`)
  t.ok(headers['cross-origin-opener-policy'], `${what}: opener policy`)
  t.match([headers['content-security-policy']].flat().join(), 'frame-ancestors', `${what}: frames`)
}

t.test('H07 I01 I04 every answer of a live route is sealed: pages, HEAD, redirects, refusals, failures', async (t) => {
  const app = await start(t, {
    live: { templates, identify: ({ request }) => request.url === '/forbidden' ? { id: 1 } : null },
    routes: (app) => {
      app.live('/hello', hello).live('/mine', mine).live('/forbidden', forbidden).live('/broken', broken).live('/gone', gone)
      app.live('/strict', hello, { schema: { querystring: { type: 'object', properties: { n: { type: 'integer' } } } } })
    }
  })
  for (const [url, status] of [['/hello', 200], ['/mine', 401], ['/forbidden', 403], ['/gone', 404], ['/broken', 500], ['/strict?n=x', 400]] as const) {
    const answer = await app.inject(url)
    t.equal(answer.statusCode, status)
    isSealed(t, answer, url)
    t.equal(answer.headers['referrer-policy'], 'same-origin')
    t.equal(answer.headers['cross-origin-opener-policy'], 'same-origin-allow-popups')
    t.equal(answer.headers['content-security-policy'], "frame-ancestors 'none'")
    t.equal(answer.headers['x-frame-options'], 'DENY')
  }
  const head = await app.inject({ method: 'HEAD', url: '/hello' })
  t.equal(head.headers['content-type'], 'text/html; charset=utf-8')
  isSealed(t, head, 'HEAD')
  let refused = head
  while (refused.statusCode === 200) refused = await app.inject('/hello')
  t.equal(refused.statusCode, 429)
  isSealed(t, refused, 'too many')
  const signIn = await (await start(t, { live: { templates, signInUrl: '/sign-in' }, routes: (app) => app.live('/mine', mine) })).inject('/mine')
  t.equal(signIn.statusCode, 303)
  isSealed(t, signIn, 'redirect')
})

t.test('I01 code of the application drops none of it: hooks before and after, of the route, of other plugins, and handlers of errors', async (t) => {
  const spoil = (reply: any): void => {
    reply.headers({ 'cache-control': 'public, max-age=60', 'cdn-cache-control': 'max-age=60', etag: '"x"', 'last-modified': 'now', expires: 'later', vary: 'Accept, Cookie' })
    reply.removeHeader('x-content-type-options')
  }
  const onSend = (request: unknown, reply: any, payload: unknown, done: any): void => { spoil(reply); done(null, payload) }
  const owns = async (request: unknown, reply: any): Promise<void> => { reply.header('x-own', 'kept') }
  const addsHooks: FastifyPluginCallback = (app, options, done) => {
    app.addHook('onRoute', (route: RouteOptions) => { route.onSend = [route.onSend ?? [], onSend as never].flat() })
    done()
  }
  const app = await start(t, {
    before: (app) => {
      app.addHook('onRequest', async (request, reply) => {
        if (request.headers['x-early'] === 'reply') return reply.code(429).send('early')
        if (request.headers['x-early'] === 'fails') throw new Error('early')
      })
      app.addHook('onSend', onSend as never)
      app.setErrorHandler((_error, request, reply) => { spoil(reply); return reply.code(500).type('text/html').send('<p>ours</p>') })
    },
    routes: async (app) => {
      await app.register(fp(addsHooks))
      app.live('/hello', hello, { onSend: [owns, onSend] as never }).live('/broken', broken)
      app.get('/stream', { live: { view: hello } as never, onSend: onSend as never }, (request, reply) => reply.type('text/html').send(Readable.from(['streamed'])))
      app.get('/response', { live: { view: hello } as never }, async () => new Response('ours', { headers: { etag: '"x"', 'cache-control': 'public' } }))
      app.get('/lost', { live: { view: hello } as never }, (request, reply) => { reply.callNotFound() })
      app.get('/raw', { live: { view: hello } as never }, (request, reply) => {
        reply.hijack()
        reply.raw.setHeader('ETag', '"x"')
        if (request.headers['x-as'] === 'list') reply.raw.writeHead(200, 'Fine', ['Vary', 'Accept', 'Vary', 'Origin', 'Cache-Control', 'public', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Set-Cookie', 'c=3'])
        else if (request.headers['x-as'] === 'words') reply.raw.writeHead(200, 'Fine')
        else if (request.headers['x-as'] === 'pairs') reply.raw.writeHead(200, [['X-Own', ['kept', 'kept']], ['ETag', '"x"']] as never)
        // As libraries hand on what they were given.
        else if (request.headers['x-as'] === 'passed on') reply.raw.writeHead(200, { 'X-Own': 'kept, kept' } as never, undefined)
        else if (request.headers['x-as'] === 'nothing') reply.raw.writeHead(200, null as never)
        else if (request.headers['x-as'] === 'words and nothing') reply.raw.writeHead(200, 'Fine', null as never)
        else if (request.headers['x-as'] === 'late') reply.raw.writeHead(200, undefined, { 'x-own': 'kept, kept' })
        reply.raw.end('raw')
      })
      await app.register(async (child) => {
        child.addHook('onSend', onSend as never)
        child.addHook('preHandler', async (request, reply) => reply.type('text/html').send('<p>closed</p>'))
        child.live('/child', hello)
      })
      app.addHook('onSend', onSend as never)
    }
  })
  for (const url of ['/hello', '/broken', '/stream', '/response', '/lost', '/raw', '/child']) isSealed(t, await app.inject(url), url)
  for (const early of ['reply', 'fails']) isSealed(t, await app.inject({ url: '/hello', headers: { 'x-early': early } }), `a hook before the plugin's, ${early}`)
  t.equal((await app.inject('/hello')).headers['x-own'], 'kept', "the route's own hook runs")
  t.equal((await app.inject('/child')).headers['content-type'], 'text/html; charset=utf-8', 'H01 nobody guesses a charset')
  t.equal((await app.inject('/broken')).headers['content-type'], 'text/html; charset=utf-8')
  const list = await app.inject({ url: '/raw', headers: { 'x-as': 'list' } })
  isSealed(t, list, 'a list of headers')
  t.equal(list.headers['vary'], 'Accept, Origin, Cookie')
  t.same(list.headers['set-cookie'], ['a=1', 'b=2', 'c=3'])
  t.equal(list.statusMessage, 'Fine')
  for (const as of ['words', 'pairs', 'passed on', 'nothing', 'words and nothing', 'late']) {
    const answer = await app.inject({ url: '/raw', headers: { 'x-as': as } })
    t.equal(answer.statusCode, 200, as)
    isSealed(t, answer, as)
    if (/pairs|passed|late/.test(as)) t.equal([answer.headers['x-own']].flat().join(', '), 'kept, kept', as)
  }
})

t.test('I01 a reply that fails on its way out, and one without the plugin\'s other headers, is sealed too', async (t) => {
  const app = await start(t, {
    before: (app) => { app.addHook('onSend', async () => { throw new Error('on its way') }) },
    live: { templates, frameAncestors: 'self' },
    routes: (app) => app.live('/hello', hello).get('/other', async () => 'other')
  })
  const answer = await app.inject('/hello')
  t.equal(answer.statusCode, 500)
  isSealed(t, answer, 'failed')
  t.equal((await app.inject('/other')).headers['cache-control'], undefined)
})

t.test('I01 behind a shared cache I ask whether the page is still the same: it is always sent whole, with validators of no kind', async (t) => {
  for (const order of ['before', 'after']) {
    const app = await start(t, {
      before: (app) => order === 'before' && app.register(etag),
      routes: async (app) => {
        if (order === 'after') await app.register(etag)
        app.live('/mine', defineView({ name: 'mine', template: 'hello.njk', access: 'public', state })).get('/other', async () => 'other')
        app.get('/fixed', { live: { view: hello } as never }, async () => 'the same for all')
      }
    })
    const tag = (await app.inject('/other')).headers['etag'] as string
    t.equal((await app.inject({ url: '/other', headers: { 'if-none-match': tag } })).statusCode, 304, 'etag is at work, and stays so elsewhere')
    // The hash of a page that never changes, which its reader can work out.
    const { createHash } = await import('node:crypto')
    const fixed = `"${createHash('sha1').update('the same for all').digest('base64')}"`
    for (const headers of [{ 'if-none-match': fixed }, { 'if-none-match': '*' }, { 'if-modified-since': new Date().toUTCString() }, { range: 'bytes=0-3' }]) {
      const answer = await app.inject({ url: '/fixed', headers: headers as Record<string, string> })
      t.equal(answer.statusCode, 200)
      t.equal(answer.body, 'the same for all')
      isSealed(t, answer, `etag ${order}: ${Object.keys(headers).join()}`)
    }
    const [one, two] = [await app.inject('/mine'), await app.inject('/mine')]
    t.not(one.body, two.body, 'each page has its own token')
    isSealed(t, one, 'page')
  }
})

t.test('A03 a refused upgrade is stored by nobody', async (t) => {
  const { app, url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/hello', hello) })
  const socket = connect((app.server.address() as { port: number }).port, '127.0.0.1')
  socket.write(`GET /hello HTTP/1.1\r\nHost: ${url.slice(7)}\r\nOrigin: https://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
  const [data] = await once(socket, 'data') as [Buffer]
  socket.destroy()
  t.match(String(data), /^HTTP\/1\.1 403/)
  t.match(String(data), /cache-control: private, no-store/i)
})

t.test('I01 Vary keeps what is there, and a star stays a star', async (t) => {
  const app = await start(t, {
    before: (app) => { app.addHook('onRequest', async (request, reply) => { reply.header('vary', request.headers['x-vary'] === 'list' ? ['Accept', 'origin'] : request.headers['x-vary'] ?? '') }) }
  })
  const vary = async (value: string): Promise<unknown> => (await app.inject({ url: '/hello', headers: { 'x-vary': value } })).headers['vary']
  t.equal(await vary('list'), 'Accept, origin, Cookie')
  t.equal(await vary('accept,COOKIE'), 'accept, COOKIE')
  t.equal(await vary('*'), '*')
})

t.test('H07 I show the page in a frame of mine: who may is said once, and the application is not contradicted in silence', async (t) => {
  const framing = async (
    live: object, policy: string | string[] | null, frameOptions: string | null, route: object = {}
  ): Promise<unknown[]> => {
    const app = await start(t, {
      sessions: 'none',
      live: { templates, ...live },
      before: (app) => {
        app.addHook('onSend', async (request, reply) => {
          if (policy !== null) reply.header('content-security-policy', policy)
          if (frameOptions !== null) reply.header('x-frame-options', frameOptions)
        })
      },
      routes: (app) => app.live('/hello', hello, { live: route } as never)
    })
    const { headers } = await app.inject('/hello')
    await app.close()
    return [headers['content-security-policy'], headers['x-frame-options']]
  }
  const none = "frame-ancestors 'none'"
  const self = "frame-ancestors 'self'"
  t.same(await framing({}, null, null), [none, 'DENY'])
  t.same(await framing({ frameAncestors: 'none' }, null, 'SAMEORIGIN'), [none, 'DENY'])
  t.same(await framing({ frameAncestors: 'self' }, null, null), [self, 'SAMEORIGIN'])
  t.same(await framing({}, null, 'sameorigin'), [self, 'SAMEORIGIN'], 'what the application says in the older words stands')
  t.same(await framing({}, null, 'ALLOW-FROM https://evil.example'), [none, 'DENY'], 'words that no browser knows are none')
  t.same(await framing({}, "default-src 'self'; img-src *", null), [["default-src 'self'; img-src *", none], 'DENY'], 'a further policy')
  t.same(await framing({}, ["default-src 'self'", 'img-src *'], null), [["default-src 'self'", 'img-src *', none], 'DENY'])
  const theirs = "default-src 'self';Frame-Ancestors https://portal.example"
  t.same(await framing({}, theirs, null), [theirs, undefined], "the application's own word stands")
  t.same(await framing({}, "x-frame-ancestors 'self'; frame-ancestorsx 'self'", null), [["x-frame-ancestors 'self'; frame-ancestorsx 'self'", none], 'DENY'])
  const portal = { frameAncestors: ['self', 'https://portal.example'] }
  t.same(await framing(portal, null, 'DENY'), ["frame-ancestors 'self' https://portal.example", undefined])
  t.same(await framing(portal, null, null, { frameAncestors: 'none' }), [none, 'DENY'], "the route's own")

  const warnings: Error[] = []
  const note = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', note)
  t.teardown(() => process.off('warning', note))
  for (const [policy, live] of [
    [self, { frameAncestors: 'none' }], [self, { frameAncestors: 'self' }], ['frame-ancestors https:', portal],
    ['frame-ancestors *.example', portal], ["frame-ancestors https://portal.example 'self'", portal]
  ] as const) await framing(live, policy, null)
  await new Promise(setImmediate)
  t.same(warnings, [], 'both policies say the same, or ours is the narrower')
  t.same(await framing(portal, self, null), [[self, "frame-ancestors 'self' https://portal.example"], undefined])
  await new Promise(setImmediate)
  t.match(warnings, [{ code: 'LIVE_WARN_FRAMES', message: /'\/hello' has frameAncestors 'self' https:\/\/portal\.example, .* says 'frame-ancestors 'self''/ }])
})

t.test('H07 frameAncestors is checked at boot', async (t) => {
  for (const given of ["'none'", '*', [], ['none'], ['https://*.example.com'], ['https://a.example;x'], ['https://a.example:443'], ['https://a.example/'], ['https://a.example; script-src *'], ['data:'], [3], null, true]) {
    await t.rejects(start(t, { sessions: 'none', live: { templates, frameAncestors: given as never } }), { code: 'LIVE_ERR_OPTION', message: /^option 'frameAncestors' is .*'none', 'self', or a list/ })
  }
  const routes = (app: FastifyInstance): unknown => app.live('/hello', hello, { live: { frameAncestors: ['a.example'] } })
  await t.rejects(start(t, { sessions: 'none', routes }), { code: 'LIVE_ERR_OPTION', message: /live of route '\/hello': frameAncestors/ })
})

t.test('H06 I04 beside @fastify/helmet: its headers stay, its nonce is on the script, in whichever order they are registered', async (t) => {
  const globals = ({ reply }: any): { nonce?: string } => ({ nonce: reply.cspNonce?.script })
  const view = defineView({ name: 'nonce', template: 'nonce.njk', access: 'public', state })
  for (const order of ['before', 'after']) {
    const app = await start(t, {
      live: { templates, globals, globalNames: ['nonce'] },
      before: (app) => order === 'before' && app.register(helmet, { enableCSPNonces: true }),
      routes: async (app) => {
        if (order === 'after') await app.register(helmet, { enableCSPNonces: true })
        app.live('/nonce', view).live('/hello', hello)
        app.live('/off', hello, { helmet: { contentSecurityPolicy: false } } as never)
        app.live('/skipped', hello, { helmet: false } as never)
        app.live('/framed', hello, { helmet: { contentSecurityPolicy: { directives: { frameAncestors: ['https://portal.example'] } } } } as never)
        app.get('/other', async () => 'other')
      }
    })
    const { headers, body } = await app.inject('/hello')
    const policy = headers['content-security-policy'] as string
    const nonce = /script-src [^;]*'nonce-([0-9a-f]{32})'/.exec(policy)?.[1]
    t.ok(nonce)
    t.match(body, ` defer nonce="${nonce}"></script>`)
    t.match(policy, /frame-ancestors 'self'/, "helmet's own word on frames stands")
    t.equal(headers['x-frame-options'], 'SAMEORIGIN')
    t.equal(headers['referrer-policy'], 'no-referrer')
    t.equal(headers['cross-origin-opener-policy'], 'same-origin')
    isSealed(t, await app.inject('/hello'), `helmet ${order}`)
    const shown = await app.inject('/nonce')
    const [, own, runtime] = /nonce="(\w+)".*nonce="(\w+)"/s.exec(shown.body) ?? []
    t.equal(own, runtime, 'globals give templates the same one')
    t.match(shown.headers['content-security-policy'], `'nonce-${own}'`)
    for (const url of ['/off', '/skipped']) isSealed(t, await app.inject(url), url)
    t.match((await app.inject('/off')).headers, { 'content-security-policy': "frame-ancestors 'self'", 'x-frame-options': 'SAMEORIGIN' })
    t.match((await app.inject('/skipped')).headers, { 'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY' })
    t.notMatch((await app.inject('/skipped')).body, 'nonce=')
    t.match((await app.inject('/framed')).headers['content-security-policy'], /frame-ancestors https:\/\/portal\.example/)
    const other = await app.inject('/other')
    t.same([other.headers['cache-control'], other.headers['vary']], [undefined, undefined], "the application's other routes are its own")
    await app.close()
  }
})

t.test('I01 I04 the browser runtime stays cacheable, and no cache keeps a cookie with it', async (t) => {
  const app = await start(t, {
    sessions: 'none',
    before: async (app) => {
      await app.register(cookie)
      await app.register(session, { secret: 'a secret of the tests, forty characters or so', cookie: { secure: false } })
    }
  })
  const shown = await app.inject('/hello')
  t.ok(shown.headers['set-cookie'], 'the session plugin gives one to everybody')
  const script = await app.inject(/<script src="([^"]+)"/.exec(shown.body)?.[1] as string)
  t.equal(script.statusCode, 200)
  t.match(script.headers, { 'cache-control': 'public, max-age=31536000, immutable', 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' })
  t.equal(script.headers['set-cookie'], undefined)
})

t.test('the spelled-out route is sealed, and its socket joins', async (t) => {
  const { url } = await startLiveApp(t, { live: { templates, views: [hello] }, routes: (app) => app.get('/spelled', { live: { view: 'hello' } }, page) })
  const live = await new Visitor(url).open('/spelled')
  t.same(live.joined, ['j', 0])
  live.close()
})
