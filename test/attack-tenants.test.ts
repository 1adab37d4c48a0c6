import { EventEmitter } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import { Type } from '@sinclair/typebox'
import { openDatabase } from '../example/database.ts'
import type { Db } from '../example/database.ts'
import { ordersView } from '../example/orders.ts'
import { buildApp } from '../example/server.ts'
import { currentTenant, defineView, tenantKey, tenantScoped } from '../plugin/index.ts'
import type { LiveViewOptions, View } from '../plugin/index.ts'
import { listen, signedIn, use } from './helpers/example-client.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { findControl, pageControls } from './helpers/page-controls.ts'
import { pageDigest } from './helpers/page-digest.ts'

process.env['NODE_ENV'] = 'test'

async function start (t: Test): Promise<{ url: string, db: Db, statements: string[] }> {
  const statements: string[] = []
  const db = openDatabase(':memory:', ({ query }) => { statements.push(query.sql) })
  const app = await buildApp({ db, secret: 'a secret of forty characters for the tests', seed: { orders: 60, customers: 10 } })
  t.teardown(() => app.close())
  return { url: await listen(app), db, statements }
}

const { url, db, statements } = await start(t)
const north = await signedIn(url)
const south = await signedIn(url, 'clerk', 'south')

const text = (html: string): string => html.replace(/<!--.*?-->|<[^>]*>/g, ' ').replace(/\s+/g, ' ')

t.test('J04 I have the name of the other shop\'s clerk, and my orders have their numbers: I see mine', async (t) => {
  const names = await db.selectFrom('users').select(['tenant', 'name']).execute()
  t.same(names.filter(({ tenant }) => tenant === 'north').map(({ name }) => name), names.filter(({ tenant }) => tenant === 'south').map(({ name }) => name))
  const twins = await db.selectFrom('orders').select(['tenant', 'id', 'total']).where('number', '=', 'N-10003').orderBy('id').execute()
  t.same(twins.map(({ tenant }) => tenant), ['north', 'south'])
  for (const tenant of ['north', 'south'] as const) {
    const clerk = tenant === 'north' ? north : south
    const { html } = await clerk.page('/orders?q=N-10003')
    t.match(text(html), new RegExp(`Clara Winter clerk ?, ${tenant} `))
    t.same(pageControls(html).filter(({ event }) => event === 'show').map(({ seen }) => seen), [[String(twins.find((twin) => twin.tenant === tenant)?.id)]])
    const whole = await clerk.page('/orders')
    const own = await db.selectFrom('orders').select('id').where('tenant', '=', tenant).execute()
    t.match(text(whole.html), new RegExp(`Orders ${own.length} `))
    for (const { event, seen } of pageControls(whole.html)) {
      if (['show', 'move'].includes(event)) t.ok(own.some(({ id }) => String(id) === seen[0]), `${event} ${seen[0]} is of ${tenant}`)
    }
  }
})

t.test('J04 I name the other shop\'s order in the address, the query, a control and a payload', async (t) => {
  const theirs = await db.selectFrom('order_list').selectAll().where('tenant', '=', 'north').where('status', '=', 'open').executeTakeFirstOrThrow()
  const lines = await db.selectFrom('line_list').selectAll().where('order_id', '=', theirs.id).execute()
  const before = JSON.stringify([theirs, lines])

  const addressed = await south.page(`/orders?open=${theirs.id}`)
  t.equal(addressed.status, 200)
  t.notMatch(addressed.html, /class="detail"/)
  const name = await db.selectFrom('customers').select('name').where('tenant', '=', 'north')
    .where('name', 'not in', (query) => query.selectFrom('customers').select('name').where('tenant', '=', 'south')).executeTakeFirstOrThrow()
  t.match((await south.page(`/orders?q=${encodeURIComponent(name.name)}`)).html, 'No orders here')

  const live = await south.open('/orders')
  const [show, move] = [findControl(live.html, 'show'), findControl(live.html, 'move')]
  t.match(await use(live, { ...show, seen: [String(theirs.id)] }), ['r', 1, 'stale'])
  t.match(await use(live, { ...move, seen: [String(theirs.id), 'packed'] }), ['r', 2, 'stale'])
  // A click has no data: that is no message of the protocol, and gets no answer.
  live.send(['e', 3, 'move', 'click', move.path, move.element, move.seen, { id: theirs.id, status: 'packed' }])
  live.send(['e', 4, 'show', 'click', show.path, show.element, show.seen])
  const answers = [await live.next()]
  while (answers.at(-1)?.[1] !== 4) answers.push(await live.next())
  t.notMatch(JSON.stringify(answers), ' is now packed')
  live.close()

  // Past all of that, should a control of theirs ever be rendered: the rule of the very order, and the change itself.
  const view: View = ordersView(db)
  const payload = { id: theirs.id, line: lines[0]?.id, quantity: 5 }
  const context = (tenant: string): any => ({ tenant, payload, hasPermission: () => true, flash: () => {} })
  t.equal(await view.events.get('quantity')?.authorize?.(context('south')), false)
  t.equal(await view.events.get('quantity')?.authorize?.(context('north')), true)
  const run = view.events.get('quantity')?.run
  await run?.(context('south'))
  const after = await db.selectFrom('order_list').selectAll().where('id', '=', theirs.id).executeTakeFirstOrThrow()
  const left = await db.selectFrom('line_list').selectAll().where('order_id', '=', theirs.id).execute()
  t.equal(JSON.stringify([after, left]), before, 'nothing of it has changed')
})

t.test('J04 I join with the other shop\'s token: I get neither their page nor what was kept for them', async (t) => {
  const { html, token } = await north.page('/orders')
  const thief = await south.socket('/orders')
  thief.send(['j', token, pageDigest(html), 1])
  t.equal(await thief.closed, 4409)
  statements.length = 0
  const owner = await north.socket('/orders')
  owner.send(['j', token, pageDigest(html), 1])
  t.same(await owner.next(), ['j', 0], 'what was kept is still there for whom it was kept')
  t.same(statements.filter((sql) => sql.includes('order_list')), [])
  owner.close()
})

t.test('J04 what one shop changes, the other\'s pages do not even hear of', async (t) => {
  const mine = await north.open('/orders')
  const colleague = await north.open('/orders')
  const theirs = await south.open('/orders')
  statements.length = 0
  const pushed = colleague.next()
  t.match(await use(mine, findControl(mine.html, 'move')), ['p', 1])
  t.match(await pushed, ['p', 0])
  t.equal(statements.filter((sql) => /limit \?/.test(sql) && sql.includes('"order_list"')).length, 2, 'two pages load, not three')
  for (const live of [mine, colleague, theirs]) live.close()
})

const templates = {
  'v.njk': '<!doctype html><title>V</title><p>{{ tenant }}</p><button live-click="go">{{ n }}</button><form live-submit="take"><input name="id"></form>' +
    '{% if n or full %}<ul>{% for row in rows %}<li>{{ row.text }}</li>{% endfor %}</ul>{% endif %}'
}

/** One person, whose tenant the header says: the worst case, in which nothing but the tenant differs. */
const byHeader: LiveViewOptions = {
  templates,
  identify: () => ({ id: 'clara', name: 'Clara Winter' }),
  tenant: ({ request }) => (request.headers['x-tenant'] as string | undefined) ?? null,
  globals: ({ request }) => ({ tenant: request.headers['x-tenant'], full: (request.query as Record<string, unknown>)['full'] === '1' }),
}

class Of extends Visitor {
  readonly tenant: string

  constructor (url: string, tenant: string) {
    super(url)
    this.tenant = tenant
  }

  override async fetch (path: string): Promise<Response> {
    return await super.fetch(path, { headers: { 'x-tenant': this.tenant } })
  }

  override async socket (path: string): ReturnType<Visitor['socket']> {
    return await super.socket(path, { 'x-tenant': this.tenant })
  }
}

t.test('J04 I am the same person in both shops: token, kept page and open page are of one of them', async (t) => {
  let moved = false
  const view = defineView({ name: 'v', template: 'v.njk', state: () => ({ n: 0 }), loaders: { rows: () => [] }, events: { go: { run: ({ state }) => { state.n++ } }, take: { run: () => {} } } })
  const { app, url } = await startLiveApp(t, {
    live: { ...byHeader, tenant: ({ request }) => moved ? 'south' : request.headers['x-tenant'] as string },
    routes: (app) => app.live('/', view),
    sessions: 'none'
  })
  const me = new Of(url, 'north')
  const { html, token } = await me.page('/')
  for (const tenant of ['south', 'North', 'north ', 'north\u00a0']) {
    const socket = await new Of(url, tenant).socket('/').catch(() => null)
    if (socket === null) continue
    socket.send(['j', token, pageDigest(html), 1])
    if (tenant.trim() === 'north' && tenant !== 'north\u00a0') t.match(await socket.next(), ['j'], 'HTTP trims its headers')
    else t.equal(await socket.closed, 4409, tenant)
    socket.close()
  }
  const live = await me.open('/')
  t.match(await live.event('go', 'click'), ['p', 1])
  moved = true
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  live.send(['e', 2, 'go', 'click', [], 0, []])
  t.equal(await live.closed, 4401, 'what was open for one shop ends')
})

t.test('J04 I use up my budget: my namesake in the other shop has one of her own', async (t) => {
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    state: () => ({ n: 0 }),
    loaders: { rows: () => [] },
    events: { go: { rateLimit: { rate: 0.001, burst: 2 }, run: ({ state }) => { state.n++ } }, take: { run: () => {} } }
  })
  const { url } = await startLiveApp(t, { live: byHeader, routes: (app) => app.live('/', view), sessions: 'none' })
  const mine = await new Of(url, 'north').open('/')
  t.match(await mine.event('go', 'click'), ['p', 1])
  t.match(await mine.event('go', 'click'), ['p', 2])
  t.match(await mine.event('go', 'click'), ['r', 3, 'limit'])
  const again = await new Of(url, 'north').open('/')
  t.match(await again.event('go', 'click'), ['r', 1, 'limit'], 'nor by another socket')
  const hers = await new Of(url, 'south').open('/')
  t.match(await hers.event('go', 'click'), ['p', 1])
  for (const live of [mine, again, hers]) live.close()
})

t.test('J04 the query forgets its tenant: nothing is shown, on the page or over the socket, and the log says where', async (t) => {
  const logs: Array<Record<string, any>> = []
  const view = defineView({
    name: 'forgetful',
    template: 'v.njk',
    state: () => ({ n: 0 }),
    loaders: {
      rows: tenantScoped({
        schema: Type.Array(Type.Object({ tenant: Type.String(), text: Type.String() })),
        load: () => db.selectFrom('order_list').select(['tenant', 'customer as text']).where('number', '=', 'N-10001').execute()
      }, { column: 'tenant' })
    },
    events: { go: { run: ({ state }) => { state.n++ } }, take: { run: () => {} } }
  })
  const { url } = await startLiveApp(t, {
    live: byHeader,
    routes: (app) => app.live('/', view),
    sessions: 'none',
    logger: { level: 'error', stream: { write: (line: string) => { logs.push(JSON.parse(line)) } } }
  })
  const customers = (await db.selectFrom('order_list').select('customer').where('number', '=', 'N-10001').execute()).map(({ customer }) => customer)
  t.equal(customers.length, 2)
  for (const tenant of ['north', 'south']) {
    const visitor = new Of(url, tenant)
    const { status, html } = await visitor.page('/?full=1')
    t.equal(status, 500)
    const live = await visitor.open('/')
    const answer = JSON.stringify(await live.event('go', 'click'))
    live.close()
    for (const customer of customers) {
      t.notMatch(html, customer)
      t.notOk(answer.includes(customer))
    }
    const told = logs.splice(0)
    const failure = { err: { code: 'LIVE_ERR_TENANT', message: /view 'forgetful': loader 'rows': .*column 'tenant'/ }, errorId: String }
    t.match(told.filter(({ msg }) => msg === 'live loader failed'), [failure, failure])
    const written = JSON.stringify(told.map(({ err }) => err))
    t.notMatch(written, /south/)
    for (const customer of customers) t.notOk(written.includes(customer))
  }
})

t.test('J04 the application\'s cache, topics and files are by tenant, where it uses tenantKey', async (t) => {
  const cache = new Map<string, string>()
  const ticks = new EventEmitter()
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    state: () => ({ n: 1 }),
    loaders: {
      rows: async ({ query }) => {
        const key = tenantKey(currentTenant(), 'report', query.page ?? '')
        if (!cache.has(key)) cache.set(key, `of ${currentTenant()}`)
        return [{ text: cache.get(key) }]
      }
    },
    events: {
      go: { run: () => { setTimeout(() => { ticks.emit(`tick ${tenantKey(currentTenant(), 'orders')}`) }, 1) } },
      take: { run: () => {} }
    }
  })
  const { url } = await startLiveApp(t, { live: byHeader, routes: (app) => app.live('/', view), sessions: 'none' })
  const tenants = ['north', 'south', 'north:report', 'north:report:', '..', 'a/../north']
  for (const page of ['', 'x', 'report:', ':', '../north']) {
    for (const tenant of tenants) {
      const { html } = await new Of(url, tenant).page(`/?full=1&page=${encodeURIComponent(page)}`)
      t.ok(text(html).includes(`of ${tenant} `) || text(html).trimEnd().endsWith(`of ${tenant}`), `${tenant} with ${page}`)
    }
  }
  t.equal(cache.size, 5 * tenants.length)
  for (const key of cache.keys()) t.notMatch(key, /[/\\]|(^|:)\.+(:|$)/)
  for (const tenant of ['north', 'south']) {
    const live = await new Of(url, tenant).open('/')
    const ticked = new Promise((resolve) => { ticks.once(`tick ${tenant}:orders`, resolve) })
    await live.event('go', 'click')
    await ticked
    t.pass(`a timer that a handler has started knows its tenant: ${tenant}`)
    live.close()
  }
  t.throws(() => tenantKey(currentTenant(), 'orders'), { code: 'LIVE_ERR_TENANT_KEY' }, 'what has lost its tenant shares no key with others that have')
})

t.test('E04 I may take orders, but not that one: the very order is asked for, with each use', async (t) => {
  const owners = new Map([[1, 'clara'], [2, 'victor']])
  const taken: number[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    state: () => ({ n: 0 }),
    loaders: { rows: () => [] },
    events: {
      go: { run: () => {} },
      take: {
        payload: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        authorize: async ({ identity, payload }) => {
          t.type(payload.id, 'number', 'after validation')
          return owners.get(payload.id) === identity.id
        },
        run: ({ payload }) => { taken.push(payload.id) }
      }
    }
  })
  const { url } = await startLiveApp(t, { live: byHeader, routes: (app) => app.live('/', view), sessions: 'none' })
  const live = await new Of(url, 'north').open('/')
  const form = findControl(live.html, 'take')
  const take = (id: string): Promise<any> => use(live, form, { id })
  t.match(await take('1'), ['p', 1])
  t.match(await take('2'), ['r', 2, 'denied'])
  t.match(await take('3'), ['r', 3, 'denied'])
  t.match(await take('-1'), ['r', 4, 'invalid'], 'not even asked')
  owners.set(1, 'victor')
  t.match(await take('1'), ['r', 5, 'denied'], 'given away meanwhile')
  t.same(taken, [1])
  live.close()
})
