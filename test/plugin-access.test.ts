import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Identity, View } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'

const templates = { 'note.njk': '<html><head></head><body><p>{{ text }}</p><button live-click="more">+</button></body></html>' }

function note (access?: View['access']): View {
  return defineView({
    name: 'note',
    template: 'note.njk',
    ...access === undefined ? {} : { access: access as 'user' },
    state: ({ identity }) => ({ text: `for ${(identity as Identity | null)?.name ?? 'anyone'}` }),
    events: {
      more: {
        run: async ({ state, updateSession }) => {
          state.text += '!'
          await updateSession((session) => { session.noted = state.text })
        }
      }
    }
  })
}

const live = { templates, signInUrl: '/sign-in' }

async function start (t: Parameters<typeof startLiveApp>[0], view: View, options: Partial<LiveAppOptions> = {}) {
  const started = await startLiveApp(t, { live, routes: (app) => app.live('/note', view), ...options })
  return { ...started, visitor: new Visitor(started.url) }
}

/** Joins by hand with the token of another page. */
async function joinWith (visitor: Visitor, token: string): Promise<LiveSocket> {
  const socket = await visitor.socket('/note')
  socket.send(['j', token, 0, 0])
  return socket
}

t.test('a view wants somebody signed in, unless it says otherwise', async (t) => {
  const { visitor } = await start(t, note())
  const response = await visitor.fetch('/note')
  t.equal(response.status, 303)
  t.equal(response.headers.get('location'), '/sign-in')
  await visitor.signIn({ id: 1, name: 'Ann' })
  const socket = await visitor.open('/note')
  t.match(socket.html, 'for Ann')
  t.same(socket.joined, ['j', 0])
  socket.close()
})

t.test('without a sign-in address the answer is 401; for the wrong permission 403', async (t) => {
  const { visitor } = await start(t, note('notes.read'), { live: { templates } })
  t.equal((await visitor.page('/note')).status, 401)
  await visitor.signIn({ id: 1, name: 'Ann', permissions: ['other'] })
  t.equal((await visitor.page('/note')).status, 403)
  await visitor.signIn({ id: 1, name: 'Ann', permissions: ['notes.read'] })
  t.equal((await visitor.page('/note')).status, 200)
  const yes = await start(t, note('notes.read'), { live: { templates, hasPermission: () => 'yes' as unknown as boolean } })
  await yes.visitor.signIn({ id: 1, name: 'Ann' })
  t.equal((await yes.visitor.page('/note')).status, 403, 'something like yes is not true')
})

t.test('a function decides for itself, and only true lets pass', async (t) => {
  const truthy = note((() => 'yes') as unknown as () => boolean)
  const { visitor } = await start(t, truthy, { live: { templates } })
  t.equal((await visitor.page('/note')).status, 401)
  await visitor.signIn({ id: 1, name: 'Ann' })
  t.equal((await visitor.page('/note')).status, 403)
  const named = await start(t, note(({ identity, query }) => identity?.id === 1 || query.open === 'yes'))
  t.equal((await named.visitor.page('/note?open=yes')).status, 200)
})

t.test('a public view works without any session, and with one', async (t) => {
  const without = await start(t, note('public'), { sessions: 'none' })
  const socket = await without.visitor.open('/note')
  t.same(socket.joined, ['j', 0])
  t.same(await socket.event('more', 'click'), ['p', 1, [0, 'for anyone!']])
  socket.close()
  const { visitor } = await start(t, note('public'))
  await visitor.signIn({ id: 1, name: 'Ann' })
  const known = await visitor.open('/note')
  t.match(known.html, 'for Ann')
  known.close()
})

t.test('an anonymous page goes on when a cookie appears, and not when somebody signs in', async (t) => {
  const { visitor } = await start(t, note('public'), {
    before: (app) => app.get('/touch', async (request) => { request.session.set('touched' as 'person', { id: 0, name: '' }); return 'ok' })
  })
  const { token, html } = await visitor.page('/note')
  await visitor.fetch('/touch')
  const socket = await visitor.socket('/note')
  socket.send(['j', token, pageDigest(html), 1])
  t.same(await socket.next(), ['j', 0])
  socket.close()
  const { token: second } = await visitor.page('/note')
  await visitor.signIn({ id: 1, name: 'Ann' })
  t.equal(await (await joinWith(visitor, second)).closed, 4409)
})

t.test('a token of another session, view, identity or none at all opens nothing', async (t) => {
  const { visitor, url } = await start(t, note(), {
    routes: (app) => {
      app.live('/note', note())
      app.live('/other/:id', defineView({ name: 'other', template: 'note.njk', state: () => ({ text: 'x' }), events: { more: { run () {} } } }))
    }
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { token } = await visitor.page('/note')
  const { token: other } = await visitor.page('/other/1')
  const eve = new Visitor(url)
  await eve.signIn({ id: 2, name: 'Eve' })
  const annAgain = new Visitor(url)
  await annAgain.signIn({ id: 1, name: 'Ann' })
  const flipped = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
  for (const [who, given] of [[visitor, other], [eve, token], [annAgain, token], [visitor, flipped], [visitor, 'v1.x']] as const) {
    t.equal(await (await joinWith(who, given)).closed, 4409)
  }
  const good = await joinWith(visitor, token)
  t.match(await good.next(), ['j'])
  const elsewhere = await visitor.socket('/other/2')
  elsewhere.send(['j', other, 0, 0])
  t.equal(await elsewhere.closed, 4409, 'the parameters are bound too')
  good.close()
})

t.test('signing out closes the sockets of that session at once, and no other', async (t) => {
  const { visitor, url } = await start(t, note())
  await visitor.signIn({ id: 1, name: 'Ann' })
  const [first, second] = [await visitor.open('/note'), await visitor.open('/note')]
  const bob = new Visitor(url)
  await bob.signIn({ id: 2, name: 'Bob' })
  const other = await bob.open('/note')
  await visitor.page('/note')
  await visitor.fetch('/sign-out', { method: 'POST' })
  t.same(await Promise.all([first.closed, second.closed]), [4401, 4401])
  t.match(await other.event('more', 'click'), ['p', 1])
  other.close()
})

t.test('a socket never brings a signed-out session back to life', async (t) => {
  const { visitor } = await start(t, note())
  await visitor.signIn({ id: 1, name: 'Ann' })
  const socket = await visitor.open('/note')
  t.match(await socket.event('more', 'click'), ['p', 1])
  const { cookie } = visitor
  await visitor.fetch('/sign-out', { method: 'POST' })
  t.equal(await socket.closed, 4401)
  visitor.cookie = cookie
  t.equal((await visitor.fetch('/note')).status, 303)
})

t.test('what a handler writes into the session is there at the next request', async (t) => {
  const { visitor } = await start(t, note(), {
    before: (app) => app.get('/session', async (request) => request.session)
  })
  await visitor.signIn({ id: 1, name: 'Ann' })
  const socket = await visitor.open('/note')
  await socket.event('more', 'click')
  t.match(await (await visitor.fetch('/session')).json(), { noted: 'for Ann!', person: { id: 1 } })
  socket.close()
})

t.test('disconnect ends whom it names', async (t) => {
  const { visitor, url, app } = await start(t, note(), { live: { ...live, tenant: ({ session }) => `tenant of ${session?.person?.name ?? ''}` } })
  const bob = new Visitor(url)
  await visitor.signIn({ id: 1, name: 'Ann' })
  await bob.signIn({ id: 2, name: 'Bob' })
  for (const filter of [{ identity: '1' }, { tenant: 'tenant of Ann' }, { view: 'note', identity: '1' }]) {
    const [ann, other] = [await visitor.open('/note'), await bob.open('/note')]
    t.equal(app.liveViews.disconnect(filter), 1)
    t.equal(await ann.closed, 4401)
    t.match(await other.event('more', 'click'), ['p', 1])
    other.close()
  }
  t.equal(app.liveViews.disconnect({ identity: 'nobody' }), 0)
  t.throws(() => app.liveViews.disconnect({}), /name a session/)
})

t.test('an expired session, a role taken away and a failing store end a view before the next event runs', async (t) => {
  // Not narrowed to null: a hook sets it.
  let store = null as { get: (id: string, callback: (error: unknown, session: unknown) => void) => void } | null
  const rights = { allowed: true, identity: { id: 1, name: 'Ann' } as Identity | null, tenant: 'a' }
  const { visitor, app } = await start(t, note(() => rights.allowed), {
    live: {
      templates,
      identify: ({ session }) => session?.person === undefined ? null : rights.identity,
      tenant: () => rights.tenant
    },
    before: (app) => app.addHook('onRequest', async (request) => { store = request.sessionStore as unknown as typeof store })
  })
  const reset = (): void => { Object.assign(rights, { allowed: true, identity: { id: 1, name: 'Ann' }, tenant: 'a' }) }
  const open = async (): Promise<LiveSocket> => {
    reset()
    await visitor.signIn({ id: 1, name: 'Ann' })
    const socket = await visitor.open('/note')
    t.match(await socket.event('more', 'click'), ['p', 1])
    return socket
  }
  // The last look was long ago.
  const age = (): void => { for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000 }

  const fresh = await open()
  age()
  t.match(await fresh.event('more', 'click'), ['p', 2], 'all is well: the event runs')
  fresh.close()

  for (const [change, code] of [
    [() => { rights.allowed = false }, 4403],
    [() => { rights.identity = null; rights.allowed = false }, 4401],
    [() => { rights.identity = { id: 3, name: 'Cid' } }, 4401],
    [() => { rights.tenant = 'b' }, 4401],
  ] as const) {
    const socket = await open()
    change()
    age()
    socket.send(['e', 2, 'more', 'click'])
    t.equal(await socket.closed, code)
  }

  reset()
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { token } = await visitor.page('/note')
  rights.allowed = false
  t.equal(await (await joinWith(visitor, token)).closed, 4403, 'a right taken away between the page and its socket')

  const gone = await open()
  const get = (store as unknown as NonNullable<typeof store>).get
  const sessions = store as unknown as NonNullable<typeof store>
  sessions.get = (id, callback) => { callback(null, null) }
  age()
  gone.send(['e', 2, 'more', 'click'])
  t.equal(await gone.closed, 4401)
  sessions.get = get

  const failing = await open()
  sessions.get = (id, callback) => { callback(new Error('down'), null) }
  for (let k = 0; k < 3; k++) age()
  failing.send(['e', 2, 'more', 'click'])
  t.equal(await failing.closed, 1013)
  sessions.get = get
})

t.test('A01 another site\'s page cannot open the socket, whatever cookies the browser adds', async (t) => {
  const { visitor, url } = await start(t, note())
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { port } = new URL(url)
  for (const origin of ['https://evil.example', 'null', 'x'.repeat(400), `https://127.0.0.1:${port}`, `http://127.0.0.1:${port}.evil.example`, `http://127.0.0.1:${port}@evil.example`, '']) {
    await t.rejects(visitor.socket('/note', { origin }), { message: 'status 403' }, origin)
  }
  await t.rejects(visitor.socket('/note', { 'sec-fetch-site': 'cross-site' }), { message: 'status 403' })
  const { visitor: strict } = await start(t, note('public'), { live: { templates, origins: ['https://app.example.com'] } })
  await t.rejects(strict.socket('/note'), { message: 'status 403' }, 'a list of origins replaces the listening one')
  const socket = await strict.socket('/note', { origin: 'https://app.example.com' })
  socket.close()
})

t.test('one address opens so many sockets and no more', async (t) => {
  const { visitor, app } = await start(t, note('public'), {
    live: { templates, rateLimit: { maxConnectionsPerIp: 3 } },
    routes: (app) => { app.live('/note', note('public')) }
  })
  const open = [await visitor.open('/note'), await visitor.open('/note'), await visitor.open('/note')]
  await t.rejects(visitor.socket('/note'), { message: 'status 429' })
  await t.rejects(visitor.socket('/note'), { message: 'status 429' }, 'a refused one takes no place and gives none back')
  const [first] = open
  first?.close()
  // The server hears of the close after the client.
  while (app.liveViews.caps.anonymous.open('127.0.0.1') > 2) await setImmediate()
  const again = await visitor.open('/note')
  for (const socket of [...open, again]) socket.close()
})

t.test('a token past half its life is renewed at the join and with the next look at the session', async (t) => {
  const { visitor, app } = await start(t, note())
  await visitor.signIn({ id: 1, name: 'Ann' })
  const { html, token } = await visitor.page('/note')
  const now = Date.now
  t.teardown(() => { Date.now = now })
  Date.now = () => now() + 31 * 60_000
  const socket = await visitor.socket('/note')
  socket.send(['j', token, pageDigest(html), 1])
  const [, , , info] = await socket.next()
  t.match(info.t, /^v1\./)
  t.not(info.t, token)
  const look = (): void => { for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000 }
  look()
  t.equal((await socket.event('more', 'click')).length, 3, 'renewed just now: not again')
  Date.now = () => now() + 62 * 60_000
  look()
  const [, , , , effects] = await socket.event('more', 'click')
  t.match(effects.t, /^v1\./)
  socket.close()
  const next = await joinWith(visitor, effects.t)
  t.match(await next.next(), ['j'])
  next.close()
})

t.test('A13 a refused upgrade is logged without what could forge a line, and without anybody\'s address', async (t) => {
  const logs: Array<Record<string, unknown>> = []
  const { visitor } = await start(t, note('public'), {
    live: { templates, rateLimit: { maxConnectionsPerIp: 1 } },
    logger: { level: 'warn', stream: { write: (line: string) => { logs.push(JSON.parse(line)) } } }
  })
  await t.rejects(visitor.socket('/note', { origin: 'http://evil.example\u0085level' }), { message: 'status 403' })
  const socket = await visitor.open('/note')
  await t.rejects(visitor.socket('/note'), { message: 'status 429' })
  socket.close()
  const refused = logs.filter(({ msg }) => msg === 'live refused')
  t.match(refused, [
    { code: 'LIVE_ERR_ORIGIN', reason: 'denied', detail: 'origin-malformed, origin http://evil.example level', view: 'note', address: /^[0-9a-f]{16}$/ },
    { code: 'LIVE_ERR_TOO_MANY', reason: 'limit', address: /^[0-9a-f]{16}$/ }
  ])
  t.notMatch(JSON.stringify(refused), '127.0.0.1')
})

t.test('a page without a session is bound to the identity that it was made for', async (t) => {
  const { visitor } = await start(t, note(), {
    sessions: 'none',
    live: { templates, identify: ({ request }) => ({ id: String(request.headers['x-user']), name: 'somebody' }) }
  })
  const response = await visitor.fetch('/note', { headers: { 'x-user': 'ann' } })
  const token = /name="live-token" content="([^"]+)"/.exec(await response.text())?.[1] as string
  for (const [user, code] of [['bob', 4409], ['ann', null]] as const) {
    const socket = await visitor.socket('/note', { 'x-user': user })
    socket.send(['j', token, 0, 0])
    if (code === null) t.match(await socket.next(), ['j'])
    else t.equal(await socket.closed, code)
    socket.close()
  }
})

t.test('a view on two routes has one budget for its events', async (t) => {
  const limited = defineView({
    name: 'limited',
    template: 'note.njk',
    access: 'public',
    state: () => ({ text: 'x' }),
    events: { more: { rateLimit: { rate: 0.001, burst: 1 }, run: () => {} } }
  })
  const { visitor } = await start(t, limited, { routes: (app) => { app.live('/a', limited); app.live('/b', limited) } })
  const [first, second] = [await visitor.open('/a'), await visitor.open('/b')]
  t.match(await first.event('more', 'click'), ['p', 1])
  t.match(await second.event('more', 'click'), ['r', 1, 'limit'])
  first.close()
  second.close()
})
