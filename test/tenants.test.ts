import { EventEmitter } from 'node:events'
import t from 'tap'
import type { Test } from 'tap'
import { Type } from '@sinclair/typebox'
import type { View } from '../lib/view/view.ts'
import liveView, { currentTenant, defineView, requirePermission, tenantKey, tenantScoped } from '../plugin/index.ts'
import type { Connection, Identity, LiveViewOptions, Tenant, TenantLoadContext } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'

declare module 'fastify' {
  interface Session {
    person?: { id: number, name: string, permissions?: string[] }
  }
}

function same<Expected> () {
  return <Given>(given: Given, ...equal: Equal<Given, Expected> extends true ? [] : [never]): void => { t.ok([given, equal]) }
}
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

const Row = Type.Object({ id: Type.Integer(), tenant: Type.String(), text: Type.String() })
interface State { page: number }

t.test('a tenant\'s loader keeps its types: fields, tenant, data; the state where it is named', async (t) => {
  const view = defineView({
    name: 'typed',
    template: 'x.njk',
    state: ({ query }) => ({ page: Number(query.page ?? 1) }),
    loaders: {
      rows: tenantScoped({
        schema: Type.Array(Row),
        deferred: true,
        fallback: 'x.njk',
        guard: { columns: ['id'], check: (row, { tenant }) => row.id > 0 && tenant !== null },
        load: ({ fields, tenant, identity, signal, state }) => {
          same<ReadonlyArray<'id' | 'tenant' | 'text'>>()(fields.columns)
          same<Tenant>()(tenant)
          same<Identity | null>()(identity)
          same<AbortSignal>()(signal)
          same<any>()(state)
          return [{ id: 1, tenant, text: 'a' }]
        }
      }, { column: 'tenant' }),
      bare: tenantScoped(async ({ state, tenant }: TenantLoadContext<State>) => {
        same<number>()(state.page)
        same<Tenant>()(tenant)
        return { tenant, page: state.page }
      }, { column: 'tenant' }),
      plain: ({ state }) => state.page
    },
    events: {
      go: {
        authorize: requirePermission('rows.go'),
        run: ({ data, state, hasPermission }) => {
          same<number>()(state.page)
          same<number | undefined>()(data.rows?.[0]?.id)
          same<number | undefined>()(data.bare?.page)
          same<boolean | Promise<boolean>>()(hasPermission('x'))
          // @ts-expect-error the schema does not name it
          t.ok(data.rows?.[0]?.hash)
        }
      }
    }
  })
  t.same(view.loaders.rows?.guard?.columns, ['tenant', 'id'])
  t.match(view.loaders.rows, { deferred: true, fallback: 'x.njk', schema: { kind: 'array' } })
  t.same(view.loaders.bare?.guard?.columns, ['tenant'])
  const unfit = () => {
    // @ts-expect-error a text
    defineView({ name: 'x', template: 'x.njk', loaders: { rows: tenantScoped({ schema: Row, load: () => ({ text: 1 }) }, { column: 'tenant' }) } })
  }
  t.doesNotThrow(unfit)
})

t.test('a column that is no name, and what is no loader, end the boot', async (t) => {
  const load = (): unknown[] => []
  for (const options of [undefined, {}, { column: '' }, { column: 5 }, { column: null }]) {
    t.throws(() => tenantScoped(load, options as never), { code: 'LIVE_ERR_OPTION', message: /column of tenantScoped.*\{ column: 'tenant' \}/ })
  }
  for (const loader of [null, undefined, 5, {}, { load: 1 }]) {
    t.throws(() => tenantScoped(loader as never, { column: 'tenant' }), { code: 'LIVE_ERR_OPTION', message: /loader of tenantScoped/ })
  }
  const view = (loader: object): View => defineView({ name: 'v', template: 'v.njk', loaders: { rows: loader as never } })
  t.throws(() => view(tenantScoped({ schema: Row, load }, { column: 'tenent' })), { message: /column 'tenent'.*Did you mean 'tenant'/ })
  for (const guard of [null, {}, { columns: [] }, { columns: ['id'] }, { columns: ['id'], check: 1 }, { columns: 'id', check: load }]) {
    t.throws(() => view(tenantScoped({ load, guard } as never, { column: 'tenant' })), { code: 'LIVE_ERR_VIEW' }, JSON.stringify(guard))
  }
  t.throws(() => view(tenantScoped({ load, guard: { columns: ['id'], check: () => true, strict: 1 } } as never, { column: 'tenant' })),
    { message: /no option 'strict'/ })
})

interface Shown { readonly status: number, readonly html: string, readonly error: any }

/** The page of a view whose one tenant's loader gives this. */
async function shown (t: Test, given: unknown, tenant: unknown, guard?: object): Promise<Shown> {
  const errors: any[] = []
  const load = ({ tenant: mine }: { tenant: Tenant }): unknown => typeof given === 'function' ? given(mine) : given
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    loaders: { rows: tenantScoped((guard === undefined ? load : { load, guard }) as typeof load, { column: 'tenant' }) }
  })
  const { app } = await startLiveApp(t, {
    live: { templates: { 'v.njk': '<!doctype html><title>V</title><ul>{% for row in rows %}<li>{{ row.text }}</li>{% endfor %}</ul>' }, tenant: () => tenant as string },
    routes: (app) => app.live('/', view),
    logger: { level: 'error', stream: { write: (line: string) => { errors.push(JSON.parse(line)) } } }
  })
  const { statusCode, body } = await app.inject('/')
  return { status: statusCode, html: body, error: errors[0]?.err }
}

t.test('J04 I am shown a row of another tenant: nothing is shown, and the log says where, not what', async (t) => {
  const mine = { tenant: 'north', text: 'mine' }
  const theirs = { tenant: 'xq-south', text: 'xq-theirs' }
  t.match(await shown(t, [mine, mine], 'north'), { status: 200, html: /mine.*mine/ })
  for (const [what, given] of Object.entries({
    among: [mine, theirs, mine],
    alone: theirs,
    null: [mine, { tenant: null, text: 'xq-theirs' }],
    undefined: { tenant: undefined, text: 'xq-theirs' },
    object: [{ tenant: { toString: (): string => 'north' }, text: 'xq-theirs' }],
    list: [{ tenant: ['north'], text: 'xq-theirs' }],
    case: [{ tenant: 'North', text: 'xq-theirs' }],
  })) {
    const { status, html, error } = await shown(t, given, 'north')
    t.equal(status, 500, what)
    t.notMatch(html, 'xq-theirs')
    t.match(error, { code: 'LIVE_ERR_TENANT', message: /^view 'v': loader 'rows': a row is not this tenant's \(column 'tenant'\)/ }, what)
    t.notMatch(JSON.stringify(error), /xq-/, what)
  }
  for (const [what, given] of Object.entries({ map: new Map([[1, mine]]), missing: [{ text: 'xq' }], nested: [[mine]], accessor: { get tenant () { return 'north' } } })) {
    t.match(await shown(t, given, 'north'), { status: 500, error: { code: 'LIVE_ERR_LOADER_GUARD' } }, what)
  }
  for (const nothing of [null, undefined, []]) t.equal((await shown(t, nothing, 'north')).status, 200)
})

t.test('numbers and texts are one tenant, as in all keys', async (t) => {
  const load = (): unknown => null
  t.same(Object.keys(tenantScoped(load, { column: 'tenant' })), ['load', 'guard'])
  for (const [column, tenant] of [[7, '7'], ['7', 7], [7n, 7], [7, 7]]) {
    t.match(await shown(t, [{ tenant: column, text: 'mine' }], tenant), { status: 200, html: 'mine' })
  }
  t.equal((await shown(t, [{ tenant: 7, text: 'mine' }], '07')).status, 500)
})

t.test('J04 I come without a tenant: the loader is not even asked', async (t) => {
  let asked = 0
  const { status, error } = await shown(t, () => { asked++; return [] }, null)
  t.equal(status, 500)
  t.match(error, { code: 'LIVE_ERR_TENANT', message: /^view 'v': loader 'rows': there is no tenant.*option tenant/ })
  t.equal(asked, 0)
})

t.test('the loader\'s own guard is asked as well, and as strictly', async (t) => {
  const row = { tenant: 'north', owner: 1, text: 'mine' }
  const guard = (check: unknown): object => ({ columns: ['owner'], check })
  t.equal((await shown(t, [row], 'north', guard(({ owner }: any) => owner === 1))).status, 200)
  const refused = { status: 500, error: { code: 'LIVE_ERR_LOADER_GUARD', message: /columns: tenant, owner/ } }
  t.match(await shown(t, [row], 'north', guard(({ owner }: any) => owner === 2)), refused)
  t.match(await shown(t, [row], 'north', guard(() => 1)), refused, 'only true')
  t.match(await shown(t, [row], 'north', guard(async () => true)), { status: 500, error: { message: /promise/ } })
  t.match(await shown(t, [{ ...row, tenant: 'south' }], 'north', guard(() => true)), { status: 500, error: { code: 'LIVE_ERR_TENANT' } })
})

const page = '<!doctype html><title>W</title><button live-click="go">{{ n }}</button><p>{{ who() }}</p>{% if can("go") %}<b>{{ rows.text }}</b>{% endif %}'

t.test('work started from an application\'s functions carries the tenant, and none leaks from one connection to another', async (t) => {
  const seen: Array<[string, string | null]> = []
  const note = (what: string): void => { seen.push([what, currentTenant()]) }
  const connections = new Map<string, Connection<{ n: number }>>()
  const settled = new EventEmitter()
  const timer = new Promise((resolve) => { settled.once('timer', resolve) })
  const view = defineView({
    name: 'who',
    template: 'who.njk',
    access: ({ tenant }) => { note('access'); return tenant !== 'nobody' },
    state: () => { note('state'); return { n: 0 } },
    loaders: {
      rows: {
        deferred: true,
        fallback: 'wait.njk',
        guard: { columns: ['text'], check: () => { note('guard'); return true } },
        load: async ({ state, signal }) => {
          note(`load ${state.n}`)
          await null
          note(`load ${state.n} later`)
          signal.addEventListener('abort', () => note('load abort'))
          return { text: 'x' }
        }
      }
    },
    events: {
      go: {
        authorize: () => { note('authorize'); return true },
        run: async ({ state, connection, signal }) => {
          note('run')
          signal.addEventListener('abort', () => note('run abort'))
          state.n++
          setTimeout(() => { note('run timer'); settled.emit('timer') }, 1)
          Promise.resolve().then(() => { note('run promise') })
          await null
          note('run later')
          for (const [name, other] of connections) {
            if (other.id !== connection.id) other.update((state) => { state.n++; note(`update ${name}`) })
          }
        }
      }
    },
    onConnect: ({ connection, signal }) => {
      note('onConnect')
      connections.set(String(connection.tenant), connection)
      signal.addEventListener('abort', () => note('abort'))
    },
    onDisconnect: () => { note('onDisconnect'); settled.emit('gone') }
  })
  const templates = { 'who.njk': page, 'wait.njk': '…' }
  const { app, url } = await startLiveApp(t, {
    live: {
      templates,
      identify: ({ request }) => ({ id: String((request.query as any).t ?? 'none') }),
      tenant: ({ request }) => (request.query as any).t ?? null,
      globals: () => ({ who: () => { note('render'); return currentTenant() ?? '-' }, start: note('globals') }),
    },
    routes: (app) => app.live('/', view)
  })
  const all = (tenant: string | null): void => {
    t.same(seen.filter(([, who]) => who !== tenant), [], `all of ${tenant}`)
    t.ok(seen.length > 0)
    seen.length = 0
  }
  const took = (): string[] => [...new Set(seen.map(([what]) => what))].sort()

  const none = await new Visitor(url).open('/')
  await none.next()
  all(null)
  const twice = new Visitor(url)
  const { token, html } = await twice.page('/?t=east')
  for (let k = 0; k < 2; k++) {
    const socket = await twice.socket('/?t=east')
    socket.send(['j', token, pageDigest(html), 1])
    t.match(await socket.next(), ['j'])
    await socket.next()
    socket.close()
    await new Promise((resolve) => { settled.once('gone', resolve) })
  }
  t.equal(seen.filter(([what]) => what === 'globals').length, 2, 'the second joins without what was kept')
  connections.delete('east')
  all('east')
  const south = await new Visitor(url).open('/?t=south')
  await south.next()
  t.same(took(), ['access', 'globals', 'guard', 'load 0', 'load 0 later', 'onConnect', 'render', 'authorize', 'state'].sort())
  all('south')
  t.match(south.html, /<p>.*south/)
  const north = await new Visitor(url).open('/?t=north')
  await north.next()
  all('north')

  const pushed = [none.next(), south.next()]
  t.match(await north.event('go', 'click'), ['p', 1])
  await Promise.all(pushed)
  t.same(seen.filter(([what]) => what.startsWith('update')).sort(), [['update null', null], ['update south', 'south']])
  const others = seen.filter(([, who]) => who !== 'north').map(([what, who]) => `${what} ${who}`)
  t.same([...new Set(others)].sort(), [
    'authorize null', 'authorize south', 'load 1 later null', 'load 1 later south', 'load 1 null', 'load 1 south', 'guard null', 'guard south',
    'render null', 'render south', 'update null null', 'update south south'
  ].sort(), 'what the handler set off on another tenant\'s page is the other tenant\'s')
  await timer
  t.same(seen.filter(([what]) => what.startsWith('run')).map(([, who]) => who), ['north', 'north', 'north', 'north'])
  seen.length = 0

  // One tenant's code ends another tenant's connections: what listens there is not called in its name.
  const gone = new Promise((resolve) => { settled.once('gone', resolve) })
  await new Promise<void>((resolve) => {
    connections.get('north')?.update(() => {
      t.equal(currentTenant(), 'north')
      t.equal(app.liveViews.disconnect({ tenant: 'south' }), 1)
      resolve()
    })
  })
  await gone
  t.same(seen.filter(([what]) => /abort|onDisconnect/.test(what)).map(([, who]) => who), ['south', 'south'])
  t.equal(await south.closed, 4401)
  t.equal(currentTenant(), null)
  none.close()
  north.close()
})

t.test('requirePermission asks the application, for who is there at that moment', async (t) => {
  for (const name of ['', undefined, 5, null]) t.throws(() => requirePermission(name as never), { code: 'LIVE_ERR_OPTION', message: /requirePermission/ })
  const asked: string[] = []
  let answer: unknown = true
  const view = (access: 'user' | 'public'): View => defineView({
    name: `permits-${access}`,
    template: 'p.njk',
    access,
    state: () => ({ n: 0 }),
    events: {
      go: { authorize: requirePermission('orders.go'), run: ({ state }) => { state.n++ } },
      ask: { run: async ({ state, hasPermission }) => { state.n = await hasPermission('orders.ask') ? 10 : 20 } }
    }
  })
  const template = '<!doctype html><title>P</title><p>{{ n }}</p><button live-click="go">go</button><button live-click="ask">ask</button>' +
    '{% if show %}{{ "may" if can("go") else "may not" }}{% endif %}'
  const start = (live: Partial<LiveViewOptions>, show: boolean): ReturnType<typeof startLiveApp> => startLiveApp(t, {
    live: { templates: { 'p.njk': template }, globals: () => ({ show }), ...live },
    routes: (app) => { app.live('/', view('user')); app.live('/open', view('public')) }
  })
  const { url, app } = await start({
    hasPermission: (identity, permission) => { asked.push(`${identity.id} ${permission}`); return answer as boolean }
  }, true)
  const ann = new Visitor(url)
  await ann.signIn({ id: 1, name: 'Ann' })
  const live = await ann.open('/')
  t.match(live.html, '>may<')
  t.match(await live.event('go', 'click'), ['p', 1])
  t.same([...new Set(asked)], ['1 orders.go'])
  answer = false
  t.match(await live.event('go', 'click'), ['r', 2, 'denied'])
  t.match(JSON.stringify(await live.event('ask', 'click', [], 1)), '20')
  t.match((await ann.page('/')).html, '>may not<')
  answer = 1
  t.match(await live.event('go', 'click'), ['r', 4, 'denied'], 'nothing but true')
  answer = Promise.resolve(true)
  t.match(await live.event('ask', 'click', [], 1), ['r', 5, 'error'], 'can() needs an answer at once')
  live.close()
  answer = true
  asked.length = 0
  const anybody = await new Visitor(url).open('/open')
  t.match(anybody.html, '>may not<')
  t.match(await anybody.event('go', 'click'), ['r', 1, 'denied'])
  t.match(JSON.stringify(await anybody.event('ask', 'click', [], 1)), '20')
  t.same(asked, [], 'nobody is not even asked for')
  anybody.close()

  const slow = await start({ hasPermission: async () => { await null; return true } }, false)
  const bob = new Visitor(slow.url)
  await bob.signIn({ id: 2, name: 'Bob' })
  const waits = await bob.open('/')
  t.match(await waits.event('go', 'click'), ['p', 1], 'by promise too')
  waits.close()

  const usual = await start({}, true)
  const cleo = new Visitor(usual.url)
  await cleo.signIn({ id: 3, name: 'Cleo', permissions: ['orders.go'] })
  const lists = await cleo.open('/')
  t.match(await lists.event('go', 'click'), ['p', 1], 'identity.permissions, unless the application says otherwise')
  lists.close()
  t.ok(app)
})

t.test('a rule of access can ask for permissions too', async (t) => {
  const view = defineView({ name: 'ruled', template: 'r.njk', access: async ({ hasPermission }) => await hasPermission('see') })
  const { url } = await startLiveApp(t, {
    live: { templates: { 'r.njk': '<!doctype html><title>R</title>' } },
    routes: (app) => app.live('/', view)
  })
  const visitor = new Visitor(url)
  t.equal((await visitor.page('/')).status, 401)
  await visitor.signIn({ id: 1, name: 'Ann', permissions: [] })
  t.equal((await visitor.page('/')).status, 403)
  await visitor.signIn({ id: 1, name: 'Ann', permissions: ['see'] })
  t.equal((await visitor.page('/')).status, 200)
})

t.test('the permission that a view names is asked for as its tenant', async (t) => {
  const asked: unknown[] = []
  const view = defineView({ name: 'named', template: 'n.njk', access: 'orders.see' })
  const { url } = await startLiveApp(t, {
    live: {
      templates: { 'n.njk': '<!doctype html><title>N</title>' },
      tenant: () => 'north',
      hasPermission: (identity, permission) => { asked.push([permission, currentTenant()]); return true }
    },
    routes: (app) => app.live('/', view)
  })
  const visitor = new Visitor(url)
  await visitor.signIn({ id: 1, name: 'Ann' })
  t.equal((await visitor.page('/')).status, 200)
  t.same(asked, [['orders.see', 'north']])
})

t.test('tenantKey: no tenant and no segments give the key of others, and none leads out of a folder', async (t) => {
  t.equal(tenantKey('north', 'orders', 7), 'north:orders:7')
  t.equal(tenantKey(7, 'a'), tenantKey('7', 'a'))
  t.not(tenantKey('a', 'b:c'), tenantKey('a:b', 'c'))
  t.not(tenantKey('a', ''), tenantKey('a'))
  for (const bad of ['..', '.', '../../etc/passwd', '..\\..\\x', '/etc', 'a\0b', 'C:\\x', '...', '~/x', '%2e%2e', '\u2024\u2024']) {
    for (const key of [tenantKey(bad), tenantKey('a', bad), tenantKey(bad, bad)]) {
      t.match(key, /^[\w.%:-]+$/, key)
      for (const segment of key.split(':')) t.notMatch(segment, /^\.+$/, key)
    }
  }
  t.not(tenantKey('..'), tenantKey('%002e%002e'))
  t.equal(tenantKey('a', 'invoice.pdf', 'v1..2'), 'a:invoice.pdf:v1..2', 'dots within a name stay')
  for (const tenant of [null, undefined, '', {}, 1.5, NaN]) t.throws(() => tenantKey(tenant as never, 'a'), { code: 'LIVE_ERR_TENANT_KEY', message: /tenant/ })
  for (const part of [null, undefined, {}, ['a'], 1.5]) t.throws(() => tenantKey('a', part as never), { code: 'LIVE_ERR_TENANT_KEY', message: /segment/ })
  t.equal(liveView.tenantKey, tenantKey, 'for require() too')
})

t.test('J05 I change what my page was given: nobody else sees it, whatever state answered', async (t) => {
  class Cart { items: string[] = [] }
  const cart = new Cart()
  const list = ['default']
  const defaults = Object.freeze({
    list,
    again: list,
    map: new Map([['k', list]]),
    set: new Set([list]),
    date: new Date(0),
    nested: { deep: [{ list }] },
    bare: Object.create(null),
    cart,
    run: () => {},
    nothing: null,
    get computed () { return 'computed' },
    ...JSON.parse('{"__proto__":{"own":[1]}}') as object
  })
  const view = (state: () => object): View => defineView({
    name: 'shares',
    template: 's.njk',
    access: 'public',
    state,
    events: { go: { run: (context) => { seen.push(context.state as typeof defaults) } } }
  })
  const seen: Array<typeof defaults> = []
  const open = async (state: () => object, extra: string = ''): Promise<{ url: string }> => startLiveApp(t, {
    live: { templates: { 's.njk': `<!doctype html><title>S</title><button live-click="go">x</button>${extra}` } },
    routes: (app) => app.live('/', view(state))
  })
  const { url } = await open(() => defaults, '{{ list | join }}')
  const [mine, yours] = [await new Visitor(url).open('/'), await new Visitor(url).open('/')]
  await mine.event('go', 'click')
  await yours.event('go', 'click')
  const [a, b] = seen as [typeof defaults, typeof defaults]
  for (const name of ['list', 'map', 'set', 'date', 'nested', 'bare'] as const) {
    t.not(a[name], b[name], name)
    t.not(a[name], defaults[name], name)
    t.same(a[name], defaults[name], name)
  }
  t.equal(a.list, a.again, 'one object in one page stays one')
  t.equal(a.nested.deep[0]?.list, a.list)
  t.equal(a.map.get('k'), a.list)
  t.equal([...a.set][0], a.list)
  t.equal(a.cart, cart, 'instances stay')
  t.equal(a.computed, 'computed')
  t.notOk(Object.isFrozen(a))
  t.equal(Object.getPrototypeOf(a), Object.prototype)
  t.ok(Object.hasOwn(a, '__proto__'))
  a.list.push('mine')
  t.match((await new Visitor(url).page('/')).html, />default$/)
  mine.close()
  yours.close()

  const shared = await open(() => cart)
  t.equal((await new Visitor(shared.url).page('/')).status, 200)
  const refused = await new Visitor(shared.url).page('/')
  t.equal(refused.status, 500)
  t.match(refused.html, "view 'shares': its state answered an object that is the state of another page already")
  for (const nothing of [null, 5, undefined]) {
    const app = await open((() => nothing) as never)
    t.match((await new Visitor(app.url).page('/')).html, `its state answered ${nothing}`)
  }
})
