import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { LiveConnection } from '../lib/view/live-connection.ts'
import { SessionSweep } from '../plugin/session-sweep.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { ANN, clocks, gate, idOf, join, settled, startSessions } from './helpers/session-life.ts'
import type { SessionLifeOptions } from './helpers/session-life.ts'

async function open (t: Test, options: SessionLifeOptions = {}) {
  const started = await startSessions(t, options)
  await started.visitor.signIn(ANN)
  const live = await started.visitor.open('/v')
  return { ...started, live }
}

/** Signs out, then lets go on what was held up: the session is not to be there again. */
async function signOutFirst (
  t: Test, { visitor, live, store }: Awaited<ReturnType<typeof open>>, goOn: () => void
): Promise<void> {
  const id = idOf(visitor)
  await visitor.fetch('/sign-out', { method: 'POST' })
  t.equal(await live.closed, 4401)
  goOn()
  for (let k = 0; k < 20; k++) await setImmediate()
  t.notOk(store().store.has(id))
}

t.test('B01 I join with a stolen token and no cookie, a forged one, one of a deleted session, one of another path', async (t) => {
  const { visitor, url, store, log } = await startSessions(t)
  await visitor.signIn(ANN)
  const { token } = await visitor.page('/v')
  const as = async (cookie: string): Promise<number | unknown[]> => {
    const thief = new Visitor(url)
    thief.cookie = cookie
    return join(await thief.socket('/v'), token)
  }
  t.equal(await as(''), 4401, 'no cookie')
  const other = visitor.cookie.endsWith('A') ? 'B' : 'A'
  t.equal(await as(visitor.cookie.slice(0, -1) + other), 4401, 'a forged signature')
  t.equal(await as(`sessionId=${idOf(visitor)}`), 4401, 'no signature')
  t.match(await as(visitor.cookie), ['j'], 'the whole cookie opens it')
  const late = await visitor.socket('/v')
  // By another process: nobody is told.
  store().store.delete(idOf(visitor))
  t.equal(await as(visitor.cookie), 4401, 'signed, and deleted')
  t.equal(await join(late, token), 4401, 'deleted between the upgrade and the join')
  t.same(log, ['connected'])

  const { default: cookie } = await import('@fastify/cookie')
  const { default: session } = await import('@fastify/session')
  const elsewhere = await startSessions(t, {
    sessions: 'none',
    before: async (app) => {
      await app.register(cookie)
      await app.register(session, { secret: 'a secret of the tests, forty characters or so', cookie: { secure: false, path: '/app' } })
      app.post('/app/sign-in', async (request) => { request.session.set('person', ANN); return 'in' })
    }
  })
  await elsewhere.visitor.fetch('/app/sign-in', { method: 'POST' })
  t.match(elsewhere.visitor.cookie, 'sessionId=')
  t.equal((await elsewhere.visitor.page('/v')).status, 401, 'the session is of another path')
  t.equal(await join(await elsewhere.visitor.socket('/v'), token), 4401)
})

t.test('B02 I keep two tabs open and sign out in a third: both end, and nobody else\'s', async (t) => {
  const { visitor, live, url, log } = await open(t)
  const second = await visitor.open('/v')
  const bob = new Visitor(url)
  await bob.signIn({ id: 2, name: 'Bob' })
  const his = await bob.open('/v')
  await visitor.fetch('/sign-out', { method: 'POST' })
  t.same(await Promise.all([live.closed, second.closed]), [4401, 4401])
  log.length = 0
  t.match(await his.event('add', 'click', [], 0), ['p', 1])
  t.same(log, ['add'])
  his.close()
})

for (const [name, destroy] of [
  ['answers nothing and gives a promise', async (): Promise<void> => {}],
  ['answers nothing at all, and hangs', (): void => {}],
  ['gives a promise that never settles', () => new Promise(() => {})],
] as const) {
  t.test(`B02 I sign out by code of yours that calls a store's destroy without a callback; it ${name}`, async (t) => {
    const { visitor, store } = await startSessions(t)
    await visitor.signIn(ANN)
    Object.assign(store(), { destroy })
    const live = await visitor.open('/v')
    store().destroy(idOf(visitor))
    t.equal(await live.closed, 4401)
  })
}

t.test('B02 I join while your slow store still deletes my session: I am out when it has', async (t) => {
  const deleted = gate()
  const { visitor, store } = await startSessions(t)
  await visitor.signIn(ANN)
  Object.assign(store(), { destroy: async (id: string, answer: () => void) => { await deleted.passed; answer() } })
  const live = await visitor.open('/v')
  store().destroy(idOf(visitor), () => {})
  t.equal(await live.closed, 4401, 'at once')
  const again = await visitor.open('/v')
  t.match(again.joined, ['j'])
  deleted.open()
  t.equal(await again.closed, 4401)
})

t.test('B03 I act after my session has expired, a moment after it was looked at: no handler runs', async (t) => {
  const clock = clocks(t)
  const { visitor, live, store, log } = await open(t)
  const session = store().store.get(idOf(visitor)) as { cookie: object }
  Object.assign(session.cookie, { expires: new Date(Date.now() + 61_000) })
  clock.pass(16_000)
  t.match(await live.event('add', 'click', [], 0), ['p', 1], 'the look that learns of the expiry')
  clock.pass(44_000)
  t.match(await live.event('add', 'click', [], 0), ['p', 2])
  clock.pass(2_000)
  live.send(['e', 3, 'add', 'click', [], 0])
  t.equal(await live.closed, 4401)
  t.same(log, ['connected', 'add', 'add'])
})

t.test('B03 I only look on: the page ends with its session all the same, at its time', async (t) => {
  const clock = clocks(t)
  const { app, visitor, store, live } = await open(t)
  const session = store().store.get(idOf(visitor)) as { cookie: object }
  Object.assign(session.cookie, { expires: new Date(Date.now() + 20_000) })
  const second = await visitor.open('/v')
  clock.pass(19_000)
  app.liveViews.beat()
  await settled(second)
  clock.pass(2_000)
  app.liveViews.beat()
  t.equal(await second.closed, 4401, 'long before it is a minute old')
  clock.pass(40_000)
  app.liveViews.beat()
  t.equal(await live.closed, 4401, 'whose look did not know when')
})

t.test('B03 I am signed out by another process and only look on: within a minute the page is gone', async (t) => {
  const clock = clocks(t)
  const { app, visitor, store, live } = await open(t)
  let asked = 0
  const { get } = store()
  store().get = (id, answer) => { asked++; get.call(store(), id, answer) }
  clock.pass(59_000)
  app.liveViews.beat()
  await settled(live)
  t.equal(asked, 0)
  clock.pass(2_000)
  app.liveViews.beat()
  app.liveViews.beat()
  await settled(live)
  t.equal(asked, 1, 'well, and not asked twice')
  clock.pass(5_000)
  app.liveViews.beat()
  t.equal(asked, 1)
  store().store.delete(idOf(visitor))
  clock.pass(56_000)
  app.liveViews.beat()
  t.equal(await live.closed, 4401)
})

t.test('B03 the look at an idle page waits for the handler that runs, and does not come when the page has ended', async (t) => {
  const clock = clocks(t)
  const slow = gate()
  const running = gate()
  const { app, store, live } = await open(t, { wait: slow.passed, waiting: running.open })
  live.send(['e', 1, 'wait', 'click', [], 1])
  await running.passed
  let asked = 0
  const { get } = store()
  store().get = (id, answer) => { asked++; get.call(store(), id, answer) }
  clock.pass(61_000)
  app.liveViews.beat()
  app.liveViews.beat()
  await settled(live)
  t.equal(asked, 0)
  slow.open()
  t.match(await live.next(), ['p', 1])
  await settled(live)
  t.equal(asked, 1)
  live.close()
})

t.test('B03 I leave while you look at my idle page: nothing is refused to one who is gone', async (t) => {
  const clock = clocks(t)
  const refused: string[] = []
  const { app, visitor, store, live, connections } = await open(t, {
    live: { onViolation: ({ code }) => { refused.push(code) } }
  })
  const [connection] = connections()
  store().store.delete(idOf(visitor))
  const slow = gate()
  const { get } = store()
  store().get = async (id, answer) => {
    await slow.passed
    get.call(store(), id, answer)
  }
  clock.pass(61_000)
  app.liveViews.beat()
  live.close()
  while (connection?.isClosed() === false) await setImmediate()
  slow.open()
  for (let k = 0; k < 20; k++) await setImmediate()
  t.same(refused, [])
})

t.test('B03 I keep a page open all night and come back: it was given a new token, and lost what my role lost', async (t) => {
  const clock = clocks(t)
  let admin = true
  const { app, live } = await open(t, {
    live: { identify: ({ session }) => session?.person === undefined ? null : { ...session.person, admin } }
  })
  clock.pass(31 * 60_000)
  app.liveViews.beat()
  t.match(await live.next(), ['p', 0, 0, 0, { t: /^v1\./ }], 'nothing else has changed')
  admin = false
  clock.pass(61_000)
  app.liveViews.beat()
  const [kind, ref, patch] = await live.next()
  t.same([kind, ref], ['p', 0])
  t.ok(patch, 'the button is gone')
  clock.pass(61_000)
  app.liveViews.beat()
  await settled(live)
  t.match(await live.event('add', 'click', [], 0), ['p', 1], 'and nothing is sent where nothing is new')
  live.close()
})

t.test('ten thousand idle pages do not ask the store at once, and those that end do not stay in the way', async (t) => {
  let looking = 0
  let most = 0
  let looked = 0
  const waiting: Array<() => void> = []
  const connections = Array.from({ length: 200 }, () => {
    const connection = {
      phase: 'live',
      isClosed: () => connection.phase === 'closed',
      insist: (task: () => Promise<void>) => { if (connection.phase !== 'closed') task().catch(() => {}) },
      session: {
        idle: true,
        isIdle: () => connection.session.idle,
        lookIdle: async () => {
          most = Math.max(most, ++looking)
          await new Promise<void>((resolve) => { waiting.push(resolve) })
          looking--
          looked++
          connection.session.idle = false
          if (looked <= 60) throw new Error('more often than there is room')
        }
      }
    }
    return connection
  })
  const sweep = new SessionSweep()
  sweep.beat(connections as unknown as LiveConnection[])
  sweep.beat(connections as unknown as LiveConnection[])
  t.equal(looking, 50)
  for (const connection of connections.slice(150)) connection.phase = 'closed'
  sweep.beat(connections as unknown as LiveConnection[])
  while (waiting.length > 0) {
    waiting.shift()?.()
    for (let k = 0; k < 5; k++) await Promise.resolve()
  }
  t.equal(most, 50)
  t.equal(looked, 150)
})

t.test('B04 I fix a session on you before you sign in: the socket from before cannot act, and its token opens nothing', async (t) => {
  const { visitor, url, log, store } = await startSessions(t, {
    access: 'public',
    before: (app) => app.post('/visit', async (request) => { request.session.set('cart' as never, 1 as never); return 'seen' })
  })
  await visitor.fetch('/visit', { method: 'POST' })
  const before = visitor.cookie
  const live = await visitor.open('/v')
  const { token } = await visitor.page('/v')
  t.ok(store().store.has(idOf(visitor)))
  await visitor.signIn(ANN)
  t.not(visitor.cookie, before)
  t.equal(await live.closed, 4401)
  t.equal(await join(await visitor.socket('/v'), token), 4409, 'the old token with the new session')
  const fixer = new Visitor(url)
  fixer.cookie = before
  t.equal(await join(await fixer.socket('/v'), token), 4409, 'and with the old one')
  t.same(log, ['connected'])
})

t.test('B05 your handler takes what I am known by out of the session: every tab of it ends, now', async (t) => {
  const { visitor, live, log } = await open(t)
  const second = await visitor.open('/v')
  t.match(await live.event('leave', 'click', [], 3), ['p', 1], 'the event itself is answered')
  t.same(await Promise.all([live.closed, second.closed]), [4401, 4401])
  t.same(log, ['connected', 'connected', 'leave'])
})

t.test('B05 I send the next event behind one that takes my identity away: it does not run', async (t) => {
  const { live, log } = await open(t)
  live.send(['e', 1, 'leave', 'click', [], 3])
  live.send(['e', 2, 'add', 'click', [], 0])
  t.equal(await live.closed, 4401)
  t.same(log, ['connected', 'leave'])
})

t.test('B05 I am disabled while you still ask who I am: the answer from before does not let me in', async (t) => {
  for (const filter of [{ identity: '1' }, { identity: 1 as never }, { tenant: 'a' }, { identity: '1', view: 'v' }, null]) {
    const slow = gate()
    const asked = gate()
    const { app, visitor, log } = await startSessions(t, {
      live: {
        identify: async ({ session, request }) => {
          if (request.ws) {
            asked.open()
            await slow.passed
          }
          return session?.person ?? null
        },
        tenant: () => 'a',
      }
    })
    await visitor.signIn(ANN)
    const { html, token } = await visitor.page('/v')
    const live = await visitor.socket('/v')
    live.send(['j', token, pageDigest(html), 1])
    await asked.passed
    if (filter !== null) t.equal(app.liveViews.disconnect(filter), 0, 'nobody yet')
    for (const other of [{ identity: '2' }, { tenant: 'b' }, { identity: '1', tenant: 'b' }, { view: 'other' }]) app.liveViews.disconnect(other)
    slow.open()
    if (filter === null) {
      t.match(await live.next(), ['j'], 'whom nobody meant comes in')
      live.close()
      continue
    }
    t.equal(await live.closed, 4401, JSON.stringify(filter))
    t.same(log, [])
    const again = await visitor.open('/v')
    t.match(again.joined, ['j'], 'what was meant for one join is not remembered for the next')
    again.close()
  }
})

t.test('I am disconnected between page and socket: what was mounted for me is thrown away, and for others not', async (t) => {
  const { app, visitor } = await startSessions(t, { live: { tenant: () => 'a' } })
  await visitor.signIn(ANN)
  const { liveViews } = app
  for (const filter of [{ identity: '1' }, { tenant: 'a' }, { view: 'v' }, { session: idOf(visitor) }]) {
    await visitor.page('/v')
    liveViews.disconnect({ ...filter, identity: '2' })
    t.equal(liveViews.retained.size, 1)
    liveViews.disconnect(filter)
    t.equal(liveViews.retained.size, 0, JSON.stringify(filter))
  }
})

t.test('a slip in whom to disconnect ends nobody, and says so', async (t) => {
  const { app, live } = await open(t)
  for (const [filter, message] of [
    [{}, /name a session/],
    [{ user: '1' }, /there is no 'user' to go by; allowed: session, identity, tenant, view/],
    [{ tenant: 'a', identiy: '1' }, /there is no 'identiy'/],
    [{ view: 'v', identity: undefined }, /identity is undefined; allowed: a text that is not empty/],
    [{ identity: null }, /identity is null/],
    [{ identity: '' }, /identity is ''/],
    [{ identity: { id: 1 } }, /identity is \{ id: 1 \}/],
  ] as const) t.throws(() => app.liveViews.disconnect(filter as object), { message })
  t.match(await live.event('add', 'click', [], 0), ['p', 1])
  live.close()
})

t.test('B06 I sign out while your handler runs, which then writes my session: it is not there again', async (t) => {
  const slow = gate()
  const running = gate()
  const started = await open(t, { wait: slow.passed, waiting: running.open })
  const { live } = started
  live.send(['e', 1, 'write', 'click', [], 2])
  await running.passed
  await signOutFirst(t, started, slow.open)
})

t.test('B06 I sign out while your handler\'s change to my session is being written: it is not there again', async (t) => {
  const started = await open(t)
  const { live, store } = started
  const slow = gate()
  const writing = gate()
  const { set } = store()
  store().set = async (id, session, answer) => {
    writing.open()
    await slow.passed
    set.call(store(), id, session, answer)
  }
  live.send(['e', 1, 'write', 'click', [], 2])
  await writing.passed
  await signOutFirst(t, started, slow.open)
})

t.test('B06 my session is gone in the store, unsaid: neither an event nor a look nor a write brings it back', async (t) => {
  const clock = clocks(t)
  const { app, visitor, live, store } = await open(t)
  const id = idOf(visitor)
  store().store.delete(id)
  t.match(await live.event('write', 'click', [], 2), ['p', 1])
  t.equal(await live.closed, 4401, 'the write is followed by a look')
  clock.pass(61_000)
  app.liveViews.beat()
  t.notOk(store().store.has(id))
})
