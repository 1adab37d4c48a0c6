import t from 'tap'
import type { Test } from 'tap'
import { Kysely, SqliteDialect, sql } from 'kysely'
import Database from 'libsql'
import { openDatabase } from '../example/database.ts'
import type { Db } from '../example/database.ts'
import { buildApp } from '../example/server.ts'
import { defineView } from '../plugin/index.ts'
import { listen, signedIn, use } from './helpers/example-client.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { findControl } from './helpers/page-controls.ts'

// In development loaders run once more to see what an event has changed.
process.env['NODE_ENV'] = 'test'

/** Every statement that the database was really given, in Kysely's own log. */
class Statements {
  readonly all: string[] = []
  #read = 0

  note (text: string): void {
    this.all.push(text)
  }

  /** Loaders' queries since the last look: which table, which columns. Without the sessions, and without who is there. */
  take (): string[] {
    const texts = this.all.slice(this.#read)
    this.#read = this.all.length
    return texts.map(summary).filter((text) => !/^(sessions|insert|update|delete|begin|commit)|^users: id, role$/.test(text)).sort()
  }
}

/** `select "id", "name" from "users" where ...` as `users: id, name`, columns in order. */
function summary (text: string): string {
  const [, list, table] = /^select (.*?) from "(\w+)"/.exec(text) ?? []
  if (list === undefined) return text
  const columns = list.split(/, (?=[^)]*(?:\(|$))/).map((column) => /"(\w+)"$/.exec(column)?.[1] ?? column)
  const rest = text.includes('limit ?') && table === 'order_list' ? ' (page)' : ''
  return `${table}${rest}: ${columns.sort().join(', ')}`
}

async function start (t: Test): Promise<{ url: string, db: Db, statements: Statements }> {
  const statements = new Statements()
  const db = openDatabase(':memory:', ({ query }) => statements.note(query.sql))
  const app = await buildApp({ db, secret: 'a secret of forty characters for the tests', seed: { orders: 60, customers: 10 } })
  t.teardown(() => app.close())
  const url = await listen(app)
  statements.take()
  return { url, db, statements }
}

const page = 'order_list (page): customer, discount, id, number, placed, status, tenant, total'
const pageWithCities = 'order_list (page): city, customer, discount, id, number, placed, status, tenant, total'
const totals = 'order_list: count, discount, goods, tenant, total'
const tabs = 'order_list: count, status, tenant'
const detail = 'order_list: id, number, rebate, status, tenant, total'
const lines = 'line_list: id, price, product, quantity, tenant'
const history = 'orders: id, number, placed, tenant, total'

t.test('a page asks for the columns that it shows, and the socket for nothing again', async (t) => {
  const { url, statements } = await start(t)
  const clerk = await signedIn(url)
  t.same(statements.take(), ['users: id, password_hash, tenant'], 'signing in alone looks at a password')
  const live = await clerk.open('/orders')
  t.same(live.joined, ['j', 0])
  t.same(statements.take(), [page, totals, tabs, 'users: name, role, tenant'])
  live.close()

  const viewer = await signedIn(url, 'viewer')
  statements.take()
  await viewer.page('/orders')
  t.same(statements.take(), [page.replace('discount, ', ''), tabs, 'order_list: count, tenant, total', 'users: name, role, tenant'],
    'discounts are the clerks\' business, so for anybody else they stay in the database')
  await viewer.page('/orders?open=60')
  t.same(statements.take(), [lines, page.replace('discount, ', ''), 'order_list: count, tenant, total', tabs, 'order_list: id, number, tenant, total', 'users: name, role, tenant'].sort())
})

t.test('a branch that comes asks for its columns besides; one that goes asks for nothing', async (t) => {
  const { url, statements } = await start(t)
  const live = await (await signedIn(url)).open('/orders')
  statements.take()
  const toggle = findControl(live.html, 'cities')
  t.match(await use(live, toggle), ['p', 1])
  t.same(statements.take(), [pageWithCities], 'exactly the union, in one query')
  t.match(await use(live, toggle), ['p', 2])
  t.same(statements.take(), [], 'less is there already')
  t.match(await use(live, toggle), ['p', 3])
  t.same(statements.take(), [], 'and so is what was loaded before')

  const sorted = await use(live, findControl(live.html, 'sort', 'customer'))
  t.equal(sorted[0], 'p')
  t.same(statements.take(), [pageWithCities], 'another order concerns the rows only')
  await use(live, toggle)
  await use(live, findControl(live.html, 'turn', '1'))
  t.same(statements.take(), [page], 'the next page: without the cities again')
})

t.test('each event loads what it changes', async (t) => {
  const { url, statements } = await start(t)
  const live = await (await signedIn(url)).open('/orders')
  statements.take()
  await use(live, findControl(live.html, 'filter', 'delivered'))
  t.same(statements.take(), [page, totals], 'another tab: rows and sums')
  const box = findControl(live.html, 'search')
  await live.event('search', 'submit', box.path, box.element, box.seen, { q: 'n-1001' })
  t.same(statements.take(), [page, totals, tabs], 'a search: the tabs count anew too')
  await live.event('search', 'submit', box.path, box.element, box.seen, { q: 'n-1001' })
  t.same(statements.take(), [], 'the same search again')
  live.close()
})

t.test('details are asked for while they are open, by all events alike', async (t) => {
  const { url, statements } = await start(t)
  const clerk = await signedIn(url)
  const live = await clerk.open('/orders')
  statements.take()
  const show = findControl(live.html, 'show', '60')
  t.match(await use(live, show), ['p', 1])
  t.same(statements.take(), [lines, detail, history])
  t.match(await use(live, show), ['p', 2])
  t.same(statements.take(), [], 'closed')

  t.match(await use(live, findControl(live.html, 'move')), ['p', 3])
  t.same(statements.take(), ['orders: number, status', page, totals, tabs].sort(), 'closed details stay where they are')
  await use(live, show)
  statements.take()
  const other = await clerk.open('/orders')
  statements.take()
  const patch = live.next()
  t.match(await use(other, findControl(other.html, 'move')), ['p', 1])
  t.match(await patch, ['p', 0])
  t.same(statements.take(), ['orders: number, status', page, totals, tabs, page, totals, tabs, lines, detail, history].sort(),
    'each open page loads what it shows')
  live.close()
  other.close()

  const shown = [lines, page, totals, tabs, detail, 'users: name, role, tenant'].sort()
  t.match((await clerk.page('/orders?open=60')).html, 'One moment')
  t.same(statements.take(), shown, 'the page does not wait for what is deferred')
  const opened = await clerk.open('/orders?open=60')
  t.match(await opened.next(), ['p', 0])
  t.same(statements.take(), [...shown, history].sort(), 'it comes over the socket, and nothing else does again')
  opened.close()
})

t.test('nothing but the check of a password reads one, and nothing reads the notes', async (t) => {
  const { url, statements } = await start(t)
  const clerk = await signedIn(url)
  const live = await clerk.open('/orders')
  for (const name of ['cities', 'sort', 'filter', 'show', 'turn', 'move']) await use(live, findControl(live.html, name))
  await clerk.page('/orders?q=north&open=3&cities=shown')
  live.close()
  // Those of the seed come before the first SELECT of a session.
  const reading = statements.all.filter((text) => /^select/.test(text))
  t.same([...new Set(reading.filter((text) => text.includes('password')))],
    ['select "id", "tenant", "password_hash" from "users" where "email" = ?'])
  t.same(reading.filter((text) => /notes|\*(?!\))/.test(text)), [])
})

t.test('a fresh view over a table of thirty columns asks for the three that it shows, with no configuration', async (t) => {
  const statements: string[] = []
  const db = new Kysely<any>({
    dialect: new SqliteDialect({ database: new Database(':memory:') }),
    log: ({ query }) => { statements.push(query.sql) }
  })
  const names = Array.from({ length: 30 }, (_, k) => `c${k + 1}`)
  await sql.raw(`create table wide (${names.map((name) => `${name} text`).join()})`).execute(db)
  await db.insertInto('wide').values([1, 2].map((row) => Object.fromEntries(names.map((name) => [name, `${name} of ${row}`])))).execute()

  const fresh = defineView({
    name: 'fresh',
    template: 'wide.njk',
    access: 'public',
    loaders: { rows: { load: ({ fields }) => db.selectFrom('wide').select(fields.columns).execute() } }
  })
  const guarded = defineView({
    name: 'guarded',
    template: 'wide.njk',
    access: 'public',
    loaders: {
      rows: {
        guard: { columns: ['c7'], check: ({ c7 }, { query }) => c7 === (query.only ?? c7) },
        load: ({ fields }) => db.selectFrom('wide').select(fields.columns).execute()
      }
    }
  })
  const template = '<!doctype html><title>Wide</title><ul>{% for row in rows %}<li>{{ row.c3 }}, {{ row.c14 }}{% if row.c30 %}, {{ row.c30 | upper }}{% endif %}</li>{% endfor %}</ul>'
  const { url } = await startLiveApp(t, {
    live: { templates: { 'wide.njk': template }, views: [fresh, guarded] },
    routes: (app) => app.live('/fresh', fresh).live('/guarded', guarded)
  })
  t.teardown(() => db.destroy())
  const visitor = new Visitor(url)
  const text = (html: string): string => html.replace(/<!--.*?-->/g, '')
  statements.length = 0
  t.match(text((await visitor.page('/fresh')).html), '<li>c3 of 1, c14 of 1, C30 OF 1</li><li>c3 of 2, c14 of 2, C30 OF 2</li>')
  t.same(statements, ['select "c14", "c3", "c30" from "wide"'])
  statements.length = 0
  const { html } = await visitor.page('/guarded')
  t.match(text(html), '<li>c3 of 1, c14 of 1, C30 OF 1</li><li>c3 of 2, c14 of 2, C30 OF 2</li>')
  t.same(statements, ['select "c14", "c3", "c30", "c7" from "wide"'], 'and the column of its guard')
  t.notMatch(html, 'c7 of')
  const refused = await visitor.page('/guarded?only=c7+of+2')
  t.equal(refused.status, 500, 'a row that the guard does not know')
  t.notMatch(refused.html, /of [12]/)
})
