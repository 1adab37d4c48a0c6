import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection, Identity, LiveViewOptions } from '../plugin/index.ts'
import { storedSession, updateStoredSession } from '../plugin/session-access.ts'
import type { SessionStore } from '../plugin/session-access.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'

const templates = {
  'v.njk': `<html><head></head><body><p>{{ text }}</p>{% if can("drop") %}<button live-click="drop">x</button>{% endif %}
    <button live-click="add">+</button></body></html>`
}

interface Gate { open: () => void, readonly passed: Promise<void> }

function gate (): Gate {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => { open = resolve })
  return { open, passed }
}

function view (log: string[], wait: { authorize?: Promise<void> } = {}) {
  const connections: Connection[] = []
  const defined = defineView({
    name: 'v',
    template: 'v.njk',
    state: ({ identity, query }) => ({ text: `${String(identity.name)} ${query.account ?? ''}`.trim() }),
    events: {
      drop: { authorize: ({ identity }) => identity.admin === true, run: () => { log.push('dropped') } },
      add: { authorize: async () => { await wait.authorize; return true }, run: ({ state }) => { log.push('added'); state.text += '!' } }
    },
    onConnect: ({ connection }) => { connections.push(connection as Connection) }
  })
  return { defined, connections }
}

async function start (
  t: Parameters<typeof startLiveApp>[0],
  live: Partial<LiveViewOptions> = {},
  wait: { authorize?: Promise<void> } = {},
  options: Partial<LiveAppOptions> = {}
) {
  const log: string[] = []
  const { defined, connections } = view(log, wait)
  const started = await startLiveApp(t, { live: { templates, ...live } as LiveViewOptions, routes: (app) => app.live('/v', defined), ...options })
  return { ...started, log, connections, visitor: new Visitor(started.url) }
}

/** A socket whose join waits in `identify` until `slow` is opened. */
async function startJoining (t: Parameters<typeof startLiveApp>[0]) {
  const slow = gate()
  const asked = gate()
  const started = await start(t, {
    identify: async ({ session, request }) => {
      if (request.ws) {
        asked.open()
        await slow.passed
      }
      return session?.person ?? null
    }
  })
  const { visitor } = started
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { html, token } = await visitor.page('/v')
  const live = await visitor.socket('/v')
  live.send(['j', token, pageDigest(html), 1])
  await asked.passed
  return { ...started, live, slow }
}

t.test('B02 I open the socket and sign out while it is still joining: it never goes live', async (t) => {
  const { visitor, log, live, slow } = await startJoining(t)
  await visitor.fetch('/sign-out', { method: 'POST' })
  slow.open()
  t.equal(await live.closed, 4401)
  t.same(log, [])
})

t.test('B02 I send an event and sign out while you ask whether I may: the handler does not run', async (t) => {
  const slow = gate()
  const { visitor, log } = await start(t, {}, { authorize: slow.passed })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  live.send(['e', 1, 'add', 'click', [], 0])
  live.ws.ping()
  await new Promise((resolve) => { live.ws.once('pong', resolve) })
  await visitor.fetch('/sign-out', { method: 'POST' })
  t.equal(await live.closed, 4401)
  slow.open()
  await setImmediate()
  t.same(log, [])
})

t.test('B05 I load the page as admin, lose the role, then join: what was mounted for the admin is not mine', async (t) => {
  let admin = true
  const { visitor, log } = await start(t, {
    identify: ({ session }) => session?.person === undefined ? null : { ...session.person, admin }
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { html, token } = await visitor.page('/v')
  t.match(html, 'live-click="drop"')
  admin = false
  const live = await visitor.socket('/v')
  live.send(['j', token, pageDigest(html), 1])
  const [kind, tree] = await live.next()
  t.equal(kind, 'j')
  t.match(tree, { v: ['Ann', ''] }, 'the page is taken over without the button')
  t.match(await live.event('drop', 'click', [1], 0), ['r', 1, 'stale'])
  t.same(log, [])
  live.close()
})

t.test('C03 I load one account\'s page and open the socket on another\'s address: I get the other\'s page, not the first\'s', async (t) => {
  const { visitor } = await start(t)
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { html, token } = await visitor.page('/v?account=1')
  const live = await visitor.socket('/v?account=2')
  live.send(['j', token, pageDigest(html), 1])
  t.match(await live.next(), ['j', { v: ['Ann 2'] }])
  live.close()
})

t.test('whoever identify answers is somebody or nobody, nothing between', async (t) => {
  for (const wrong of [false, '', 0, 'ann', 7]) {
    const { url } = await start(t, { identify: (() => wrong) as never, identityKey: () => 'x' })
    const response = await fetch(`${url}/v`)
    t.equal(response.status, 500, JSON.stringify(wrong))
    t.match(await response.json(), { message: /identify answered .*; allowed: an object, null or undefined/ })
  }
  for (const [option, message] of [
    [{ identityKey: () => undefined as never }, /identityKey answered undefined/],
    [{ identityKey: () => '' }, /identityKey answered ''/],
    [{ identityKey: () => NaN as never }, /identityKey answered NaN/],
    [{ tenant: () => ({ id: 1 }) as never }, /tenant answered \{ id: 1 \}/],
  ] as const) {
    const { url } = await start(t, { identify: () => ({ id: 1, name: 'Ann' }) as Identity, ...option })
    t.match(await (await fetch(`${url}/v`)).json(), { message })
  }
  const identityKey = (({ id }: { id: number }) => id) as never
  const { visitor } = await start(t, { identify: () => ({ id: 1, name: 'Ann' }) as Identity, identityKey, tenant: (() => 5) as never })
  const live = await visitor.open('/v')
  t.match(await live.event('add', 'click', [], 0), ['p', 1], 'a number is as good as a text')
  live.close()
})

t.test('B03 I wait until my session has ended elsewhere: nothing more is pushed to me', async (t) => {
  let signedIn = true
  const { visitor, connections, app } = await start(t, { identify: ({ session }) => signedIn ? session?.person ?? null : null })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  t.match(await live.event('add', 'click', [], 0), ['p', 1])
  signedIn = false
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  connections[0]?.update((state) => { (state as { text: string }).text = 'a secret of later' })
  t.equal(await live.closed, 4401)
})

t.test('while the session still stands a push goes on', async (t) => {
  const { visitor, connections, app } = await start(t)
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  while (connections.length === 0) await setImmediate()
  connections[0]?.update((state) => { (state as { text: string }).text = 'news' })
  t.same(await live.next(), ['p', 0, [0, 'news']])
  live.close()
})

t.test('B01 a cookie with the prefix of Express sessions binds like any other', async (t) => {
  const { default: cookie } = await import('@fastify/cookie')
  const { default: session } = await import('@fastify/session')
  const { visitor } = await start(t, { identify: ({ session }) => session?.person ?? null }, {}, {
    sessions: 'none',
    before: async (app) => {
      await app.register(cookie)
      const secret = 'a secret of the tests, forty characters or so'
      await app.register(session, { secret, cookiePrefix: 's:', saveUninitialized: false, cookie: { secure: false } })
      app.post('/sign-in', async (request) => {
        request.session.set('person', request.body as { id: number, name: string })
        return 'in'
      })
    }
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  t.same(live.joined, ['j', 0])
  live.close()
})

t.test('identify gets values, not the machinery of the session', async (t) => {
  const seen: unknown[] = []
  const { visitor } = await start(t, {
    identify: ({ session }) => {
      seen.push(...Object.getOwnPropertySymbols(session ?? {}), Object.isFrozen(session))
      return session?.person ?? null
    }
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  await visitor.page('/v')
  t.same(seen, [true])
})

t.test('your database fails while you decide about me: I learn nothing of it in production', async (t) => {
  const before = process.env['NODE_ENV']
  t.teardown(() => { if (before === undefined) delete process.env['NODE_ENV']; else process.env['NODE_ENV'] = before })
  // eslint-disable-next-line no-throw-literal
  const talkative = await start(t, { identify: () => ({ id: 1, name: 'Ann' }) as Identity, globals: () => { throw null } })
  t.match(await (await fetch(`${talkative.url}/v`)).text(), 'could not be shown: null')
  process.env['NODE_ENV'] = 'production'
  for (const rest of [
    { identify: () => { throw new Error('connect 10.0.0.5:5432') } },
    { tenant: () => { throw new Error('connect 10.0.0.5:5432') } },
    // eslint-disable-next-line no-throw-literal
    { globals: () => { throw null } },
  ]) {
    const { url } = await start(t, { origins: ['http://a.example'], identify: () => ({ id: 1, name: 'Ann' }) as Identity, ...rest })
    const response = await fetch(`${url}/v`)
    t.equal(response.status, 500)
    t.match(await response.text(), /The page could not be shown \([0-9a-f]{12}\)/)
  }
})

t.test('B07 an access rule that throws at the join is logged and closes', async (t) => {
  const logs: string[] = []
  let broken = false
  const ruled = defineView({
    name: 'v',
    template: 'v.njk',
    access: () => {
      if (broken) throw new Error('no database')
      return true
    },
    state: () => ({ text: 'x' }),
    events: { drop: { run () {} }, add: { run () {} } }
  })
  const { visitor } = await start(t, {}, {}, {
    logger: { level: 'error', stream: { write: (line: string) => { logs.push(line) } } },
    routes: (app) => app.live('/v', ruled)
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { token } = await visitor.page('/v')
  broken = true
  const live = await visitor.socket('/v')
  live.send(['j', token, 0, 0])
  t.equal(await live.closed, 1011)
  t.match(logs.join(''), 'no database')
})

t.test('B03 I send an event after my session has ended: no rule of yours is asked about it', async (t) => {
  const asked: string[] = []
  let signedIn = true
  const ruled = defineView({
    name: 'v',
    template: 'v.njk',
    state: () => ({ text: 'x' }),
    events: { drop: { run () {} }, add: { authorize: () => { asked.push('add'); return true }, run () {} } }
  })
  const { visitor, app } = await start(t, { identify: ({ session }) => signedIn ? session?.person ?? null : null }, {}, {
    routes: (app) => app.live('/v', ruled)
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  t.match(await live.event('add', 'click', [], 0), ['p', 1])
  signedIn = false
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  live.send(['e', 2, 'add', 'click', [], 0])
  t.equal(await live.closed, 4401)
  t.same(asked, ['add'])
})

t.test('C03, E02, G12 I take a page\'s token to another tenant, route, view or build: it opens nothing there', async (t) => {
  const secret = 'a secret that both applications share, long enough'
  const open = (name: string) => defineView({ name, template: 'v.njk', access: 'public', state: () => ({ text: 'x' }), events: { drop: { run () {} }, add: { run () {} } } })
  const live = { secret, tenant: ({ request }) => String(request.headers['x-tenant'] ?? 'a') } satisfies Partial<LiveViewOptions>
  const routes = (name: string) => (app: Parameters<LiveAppOptions['routes']>[0]): void => {
    const defined = open(name)
    app.live('/v', defined).live('/w', defined)
  }
  const { visitor } = await start(t, live, {}, { routes: routes('v'), sessions: 'none' })
  const { token } = await visitor.page('/v')
  const renamed = await start(t, live, {}, { routes: routes('renamed'), sessions: 'none' })
  const rebuilt = await start(t, { ...live, templates: { 'v.njk': templates['v.njk'].replace('<p>', '<p class="new">') } }, {}, { routes: routes('v'), sessions: 'none' })
  const again = await start(t, live, {}, { routes: routes('v'), sessions: 'none' })
  const join = async (who: Visitor, path: string, headers: Record<string, string> = {}) => {
    const socket = await who.socket(path, headers)
    socket.send(['j', token, 0, 0])
    return socket
  }
  for (const [name, socket] of [
    ['tenant', await join(visitor, '/v', { 'x-tenant': 'b' })],
    ['route', await join(visitor, '/w')],
    ['view', await join(renamed.visitor, '/v')],
    ['build', await join(rebuilt.visitor, '/v')],
  ] as const) t.equal(await Promise.race([socket.closed, socket.next()]).catch(() => 4409), 4409, name)
  const same = await join(again.visitor, '/v')
  t.match(await same.next(), ['j'], 'the same page of another process is joined')
  same.close()
})

t.test('B07 I leave while I am still joining: nothing of me is kept', async (t) => {
  const { app, live, slow } = await startJoining(t)
  const kept = (): number => [...app.liveViews.connections.all()].length
  t.equal(kept(), 1)
  live.ws.terminate()
  for (let k = 0; k < 1e5 && kept() > 0; k++) await setImmediate()
  slow.open()
  for (let k = 0; k < 20; k++) await setImmediate()
  t.equal(kept(), 0)
})

t.test('C03 I come back with a page of yesterday: its token has expired', async (t) => {
  const now = Date.now
  let later = 0
  t.teardown(() => { Date.now = now })
  Date.now = () => now() + later
  const events = { drop: { run () {} }, add: { run () {} } }
  const open = defineView({ name: 'v', template: 'v.njk', access: 'public', state: () => ({ text: 'x' }), events })
  const { visitor } = await start(t, {}, {}, { sessions: 'none', routes: (app) => app.live('/v', open) })
  const { token } = await visitor.page('/v')
  later = 61 * 60_000
  const live = await visitor.socket('/v')
  live.send(['j', token, 0, 0])
  t.equal(await Promise.race([live.closed, live.next()]).catch(() => 4409), 4409)
})

t.test('B09 I make your store or your lookup of me hang: nobody waits for it for ever', async (t) => {
  const { setTimeout: timer } = globalThis
  t.teardown(() => { globalThis.setTimeout = timer })
  const hanging = await start(t, { identify: () => new Promise(() => {}) })
  // Their deadlines are over at once.
  const short = (run: () => void, ms: number, ...rest: []): NodeJS.Timeout => timer(run, ms === 5000 ? 1 : ms, ...rest)
  globalThis.setTimeout = short as typeof setTimeout
  const patience = (): Promise<string> => new Promise((resolve) => { timer(resolve, 3000, 'still waiting').unref() })
  t.match(await Promise.race([fetch(`${hanging.url}/v`).then((response) => response.text()), patience()]), 'identify took longer than 5000 ms')
  const store = { get () {}, set () {}, destroy () {} }
  await t.rejects(storedSession(store, 's'), { code: 'LIVE_ERR_SESSION_STORE', message: /took longer than 5000 ms/ })
  const down = { ...store, get: (id: string, answer: (error: unknown) => void) => { answer('connection lost') } }
  await t.rejects(storedSession(down, 's'), { code: 'LIVE_ERR_SESSION_STORE', message: /connection lost/ }, 'whatever a store calls an error')
  const throwing = { ...store, get: (): void => { throw new Error('not connected') } }
  await t.rejects(storedSession(throwing, 's'), { code: 'LIVE_ERR_SESSION_STORE', message: /not connected/ }, 'and however it says so')
})

t.test('B06 a handler\'s change to the session is written, not made in the store\'s own object', async (t) => {
  const kept = { list: ['a'], cookie: {} }
  const writes: unknown[] = []
  const store: SessionStore = {
    get: (id, answer) => { answer(null, kept) },
    set: (id, session, answer) => { writes.push(session); answer(new Error('disk full')) },
    destroy: (id, answer) => { answer() }
  }
  await t.rejects(updateStoredSession(store, 's', (session) => { (session['list'] as string[]).push('b') }), /disk full/)
  t.match(writes, [{ list: ['a', 'b'] }])
  t.same(kept.list, ['a'], 'what was not written is not there')
})

t.test('B05 I lose the admin\'s role while my page stays open: the next event is refused by the role of now', async (t) => {
  let admin = true
  const { visitor, app, log } = await start(t, {
    identify: ({ session }) => session?.person === undefined ? null : { ...session.person, admin }
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  admin = false
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  t.match(await live.event('drop', 'click', [1], 0), ['r', 1, 'denied'])
  t.same(log, [])
  live.close()
})

t.test('B05 I let your handler change the address to one that I may not see', async (t) => {
  const log: string[] = []
  const ruled = defineView({
    name: 'v',
    template: 'v.njk',
    access: ({ query }) => query.account === '1',
    state: () => ({ text: 'x' }),
    loaders: { data: ({ query }) => { log.push(`loaded ${query.account}`); return `account ${query.account}` } },
    events: {
      drop: { run: ({ patchUrl }) => { patchUrl({ account: '2' }) } },
      add: { run: ({ patchUrl }) => { patchUrl({ account: '1', page: 2 }) } }
    }
  })
  const { visitor } = await start(t, { templates: { 'v.njk': '<p>{{ data }}</p><button live-click="drop"></button><button live-click="add"></button>' } }, {}, {
    routes: (app) => app.live('/v', ruled)
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v?account=1')
  t.match(await live.event('add', 'click', [], 1), ['p', 1, 0, 0, { u: '?account=1&page=2' }], 'where I may go, I go')
  live.send(['e', 2, 'drop', 'click', [], 0])
  t.equal(await live.closed, 4403)
  t.same(log, ['loaded 1'], 'the page number is nothing to the loader, and the other account is not loaded')
})

t.test('B05 I lose a role while I look: what was loaded for it is loaded again, for me as I am', async (t) => {
  let admin = true
  const ruled = defineView({
    name: 'v',
    template: 'v.njk',
    state: () => ({ text: 'x' }),
    loaders: { secret: ({ identity }) => identity.admin === true ? 'SECRET' : 'nothing' },
    events: { drop: { run () {} }, add: { run: ({ state }) => { state.text = 'shown' } } }
  })
  const { visitor, app } = await start(t, {
    templates: { 'v.njk': '<p>{% if text == "shown" %}{{ secret }}{% endif %}</p><button live-click="add"></button>' },
    identify: ({ session }) => session?.person === undefined ? null : { ...session.person, admin }
  }, {}, { routes: (app) => app.live('/v', ruled) })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  admin = false
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  const answer = await live.event('add', 'click', [], 0)
  t.notMatch(JSON.stringify(answer), 'SECRET')
  t.match(JSON.stringify(answer), 'nothing')
  live.close()
})

t.test('B05 I am banned while you still think about my access: I do not come in', async (t) => {
  const slow = gate()
  const asked = gate()
  let joining = false
  const ruled = defineView({
    name: 'v',
    template: 'v.njk',
    access: async () => {
      if (joining) {
        asked.open()
        await slow.passed
      }
      return true
    },
    state: () => ({ text: 'x' }),
    events: { drop: { run () {} }, add: { run () {} } }
  })
  const { visitor, app } = await start(t, {}, {}, { routes: (app) => app.live('/v', ruled) })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { html, token } = await visitor.page('/v')
  joining = true
  const live = await visitor.socket('/v')
  live.send(['j', token, pageDigest(html), 1])
  await asked.passed
  t.equal(app.liveViews.disconnect({ identity: '1' }), 1)
  slow.open()
  t.equal(await live.closed, 4401)
})

t.test('B01 my session is gone, and the view is public: the socket that stood on it ends', async (t) => {
  let gone = false
  const open = defineView({
    name: 'v', template: 'v.njk', access: 'public', state: () => ({ text: 'x' }), events: { drop: { run () {} }, add: { run () {} } }
  })
  const { visitor, app } = await start(t, { identify: () => null }, {}, {
    routes: (app) => app.live('/v', open),
    before: (app) => app.addHook('onRequest', async (request) => {
      type Get = (id: string, answer: (error: null, session: unknown) => void) => void
      const store = request.sessionStore as unknown as { get: Get }
      const { get } = store
      store.get = (id, answer) => { if (gone) answer(null, null); else get.call(store, id, answer) }
    })
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  gone = true
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  live.send(['e', 1, 'add', 'click', [], 1])
  t.equal(await live.closed, 4401)
})
