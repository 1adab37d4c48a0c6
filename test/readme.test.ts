import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { Kysely, SqliteDialect, sql } from 'kysely'
import Database from 'libsql'
import t from 'tap'
import type { Test } from 'tap'
import { openLive } from '../benchmark/live-client.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { FieldSelection } from '../lib/view/field-selection.ts'
import type { View } from '../lib/view/view.ts'
import { compareExposure } from '../plugin/cli/compare-exposure.ts'
import { explainApplication } from '../plugin/cli/explain-application.ts'
import { exposureOf } from '../plugin/cli/exposure.ts'
import type { ViewExposure } from '../plugin/cli/exposure.ts'
import { formatComparison } from '../plugin/cli/format-comparison.ts'
import { formatViews } from '../plugin/cli/format-views.ts'
import { createPaint } from '../plugin/cli/paint.ts'
import liveView, { defineView, tenantKey } from '../plugin/index.ts'
import { use } from './helpers/example-client.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageControls } from './helpers/page-controls.ts'
import { codeBlock } from './package/readme.ts'

const plugin = fileURLToPath(new URL('../plugin/index.ts', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))

/** Loads code of the README as a module, with the package's source in place of the package. */
async function loadBlock (t: Test, file: string, code: string): Promise<Record<string, unknown>> {
  return await loadFile(t.testdir({}), file, code)
}

async function loadFile (folder: string, file: string, code: string): Promise<Record<string, unknown>> {
  const source = relative(folder, plugin).replaceAll('\\', '/')
  writeFileSync(join(folder, file), code.replaceAll("'fastify-live-view'", `'${source}'`))
  return await import(pathToFileURL(join(folder, file)).href) as Record<string, unknown>
}

function addressOf (app: FastifyInstance): string {
  return `http://localhost:${(app.server.address() as AddressInfo).port}`
}

t.test('the quickstart counts', async (t) => {
  const code = codeBlock('Quickstart', 'js')
  t.ok(code.trim().split('\n').length < 30, 'it has fewer than 30 lines')
  process.env['PORT'] = '0'
  const quiet = code.replace('{ logger: true }', '{}')
  const { app } = await loadBlock(t, 'counter.mjs', `${quiet}export { app }\n`) as { app: FastifyInstance }
  t.teardown(() => app.close())
  const client = await openLive(`${addressOf(app)}/`)
  t.same(client.joined, ['j', 0], 'the page is current when the socket joins')
  t.same((await client.click('add')).slice(0, 3), ['p', 1, [0, 1]])
  t.same((await client.click('add')).slice(0, 3), ['p', 2, [0, 2]])
  client.close()
})

t.test('the view with loaders, payloads and a list shows and finishes the tasks of who has signed in', async (t) => {
  const folder = t.testdir({ views: { 'tasks.njk': codeBlock('Views', 'html') } })
  const load = (file: string, code: string) => loadFile(folder, file, code)
  await load('tasks.ts', codeBlock('Views', 'ts'))
  process.env['PORT'] = '0'
  const code = codeBlock('Who is there', 'ts').replace('{ logger: true }', '{}').replace("'./views'", JSON.stringify(join(folder, 'views')))
  const { app } = await load('app.ts', `${code}export { app }\n`) as { app: FastifyInstance }
  t.teardown(() => app.close())

  const ann = new Visitor(addressOf(app))
  t.equal((await ann.page('/tasks')).status, 401, 'an identity is required unless the view says otherwise')
  await ann.fetch('/sign-in-as/ann')
  const live = await ann.open('/tasks')
  t.match(live.html, /Water the plants[^]*Write to Bo/)
  t.notMatch(live.html, 'Feed the cat')
  live.send(['e', 1, 'finish', 'click', [2, 0], 0, ['1']])
  t.same(await live.next(), ['p', 1, [1, 1, 2, [0, 0, 1]]])
  live.send(['e', 2, 'search', 'input', [], 0, [], { q: 'cat' }])
  t.same(await live.next(), ['p', 2, [0, 'cat', 1, 0, 2, [0, 0, 1]]])
  await ann.fetch('/sign-out')
  t.equal(await live.closed, 4401, 'signing out ends the socket')
})

t.test('the clock is pushed', async (t) => {
  const { clock } = await loadBlock(t, 'clock.ts', codeBlock('Handlers', 'ts')) as { clock: View }
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveView, { templates: { 'clock.njk': '<!doctype html><title>Clock</title><body><p>{{ time }}</p>' } })
  app.live('/', clock)
  await app.listen({ port: 0 })
  const live = await new Visitor(addressOf(app)).open('/')
  t.match(await live.next(), ['p', 0, [0, /^\d\d:\d\d:\d\d$/]])
  live.ws.close()
})

t.test('docs/errors.md has every code, and none that there is not', async (t) => {
  const told = codesIn(readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8'))
  const sources = ['lib', 'plugin'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(root, folder, name), 'utf8')))
  t.same(told, codesIn(sources.join('')))
})

function codesIn (text: string): string[] {
  return [...new Set(text.match(/LIVE_ERR_[A-Z_]+[A-Z]/g))].sort()
}

t.test('the browser runtime is as small as the README says', async (t) => {
  const [, kilobytes] = /one file of ([\d.]+) KB gzipped/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? []
  const script = readFileSync(new URL('../dist/client.js', import.meta.url))
  t.equal(Math.round(gzipSync(script, { level: 9 }).length / 100) / 10, Number(kilobytes))
})

t.test('the options table lists the options that there are', async (t) => {
  const table = /\n## Options\n[^]*?\n## /.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))?.[0] ?? ''
  const told = new Set([...table.matchAll(/^\| `(\w+)/gm)].map((match) => match[1] as string))
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => { await app.register(liveView, { templates: {}, none: 1 } as never) }, {
    message: new RegExp(`options are ${[...told].sort().join(', ')}$`)
  })
})

t.test('what is not rendered is not fetched', async (t) => {
  const statements: string[] = []
  const dialect = new SqliteDialect({ database: new Database(':memory:') })
  const db = new Kysely<any>({ dialect, log: ({ query }) => { statements.push(query.sql) } })
  t.teardown(() => db.destroy())
  await sql`create table users (name text, email text, password_hash text)`.execute(db)
  const views = `export const views = (db) => [false, true].map((contact) => defineView({
    name: 'users-' + contact, template: 'users.njk', access: 'public', state: () => ({ contact }), ${codeBlock('What is fetched', 'ts')} }))`
  const module = await loadBlock(t, 'users.ts', `import { defineView } from 'fastify-live-view'\n${views}`)
  const [without, having] = (module as { views: (given: object) => View[] }).views(db) as [View, View]
  const { app } = await startLiveApp(t, {
    live: { templates: { 'users.njk': `<!doctype html><title>U</title><body>${codeBlock('What is fetched', 'html')}` } },
    routes: (app) => app.live('/', without).live('/contact', having)
  })
  statements.length = 0
  await app.inject('/')
  t.same(statements.splice(0), [codeBlock('What is fetched', 'sql').trim()])
  await app.inject('/contact')
  t.same(statements, ['select "email", "name" from "users"'])
})

const data = readFileSync(new URL('../docs/data.md', import.meta.url), 'utf8')

/** The text of docs/data.md below a heading; above the first one where it is empty. */
function section (heading: string): string {
  const start = heading === '' ? 0 : data.indexOf(`\n## ${heading}\n`) + 1
  if (start === 0 && heading !== '') throw new Error(`docs/data.md has no heading "${heading}"`)
  const end = data.indexOf('\n## ', start)
  return data.slice(start, end < 0 ? undefined : end)
}

function blocksIn (heading: string, language: string): string[] {
  return [...section(heading).matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , code]) => code as string)
}

/** The cells of the first table below a heading, without its head. */
function rowsIn (heading: string): string[][] {
  const lines = section(heading).split('\n').filter((line) => line.startsWith('| ')).slice(1)
  return lines.map((line) => line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll('\\|', '|')))
}

function codeIn (cell: string): string[] {
  return [...cell.matchAll(/`([^`]*)`/g)].map(([, code]) => code as string)
}

const database = `import { Kysely, SqliteDialect, sql } from 'kysely'
  import Database from 'libsql'
  export const statements = []
  export const db = new Kysely({ dialect: new SqliteDialect({ database: new Database(':memory:') }), log: ({ query }) => { statements.push(query.sql) } })
  await sql\`create table orders (id integer, tenant text, number text, customer text, total integer, email text, margin integer, notes text)\`.execute(db)
  await db.insertInto('orders').values({ id: 1, tenant: 'north', number: 'N-1', customer: 'Ann', total: 5, email: 'e', margin: 9, notes: 'n' }).execute()
  statements.length = 0`

t.test('docs/data.md: its examples ask the database for what it says', async (t) => {
  const [template] = blocksIn('', 'html')
  const folders = t.testdir({ first: { 'database.ts': database }, second: { 'database.ts': database } })
  for (const [name, heading, tenant] of [['first', '', null], ['second', 'Loaders', 'north']] as const) {
    const folder = join(folders, name)
    const [code] = blocksIn(heading, 'ts')
    const { orders } = await loadFile(folder, 'orders.ts', code as string) as { orders: View }
    const { statements } = await import(pathToFileURL(join(folder, 'database.ts')).href) as { statements: string[] }
    const templates = { 'orders.njk': template as string, 'parts/no-orders.njk': '<li>None just now</li>' }
    const { url } = await startLiveApp(t, { live: { templates, tenant: () => tenant }, routes: (app) => app.live('/', orders) })
    const live = await new Visitor(url).open('/')
    t.match(live.html, /N-1[^]*: [^]*5/)
    t.notMatch(live.html, 'Ann')
    const [first, second] = blocksIn(heading, 'sql')
    t.same(statements.splice(0), [first?.trim()])
    if (second !== undefined) {
      t.match(JSON.stringify(await live.event('toggle', 'click', [], 0)), 'Ann')
      t.same(statements.splice(0), [second.trim()])
      await live.event('toggle', 'click', [], 0)
      t.same(statements, [], 'less is there already')
    }
    live.close()
  }
})

/** Renders a page with these loaders, and answers what they were asked for, round by round. */
async function roundsOf (
  body: string, given: Readonly<Record<string, unknown>>, seen: (fields: FieldSelection) => void = () => {}
): Promise<string[][]> {
  const rounds: string[][] = []
  let running = 0
  const load = (name: string) => async ({ fields }: { fields: FieldSelection }): Promise<unknown> => {
    if (running++ === 0) rounds.push([])
    rounds.at(-1)?.push(`${name}: ${fields.columns.join(', ')}`)
    seen(fields)
    await new Promise((resolve) => { setImmediate(resolve) })
    running--
    return given[name]
  }
  const loaders = Object.fromEntries(Object.keys(given).map((name) => [name, load(name)]))
  const view = defineView({ name: 'v', template: 'v.njk', access: 'public', state: () => ({ open: 1 }), loaders })
  const app = Fastify()
  await app.register(liveView, { templates: { 'v.njk': `<!doctype html><title>V</title><body>${body}` } })
  app.live('/', view)
  const { statusCode, body: answer } = await app.inject('/')
  await app.close()
  if (statusCode !== 200) throw new Error(answer)
  return rounds
}

const order = { id: 1, number: 'N-1', late: true, reason: 'r', total: 5, customer: { name: 'Ann', city: 'Oslo' }, lines: [] }
const loaded = { order, orders: [order], user: { role: 'admin', name: 'Ann' }, audit: {}, detail: {} }

t.test('docs/data.md: what its tables and lists say is read, is', async (t) => {
  for (const [templates, columns] of rowsIn('What counts as read') as Array<[string, string]>) {
    const expected = codeIn(columns).join(', ')
    for (const template of codeIn(templates)) {
      const [[asked = ''] = [], ...others] = await roundsOf(template, loaded)
      t.same([asked.replace(/^\w+: /, ''), others], [expected, []], template)
    }
  }
  for (const [template, ...rounds] of rowsIn('Rounds') as [string, ...string[]][]) {
    const told = rounds.filter((cell) => cell !== '').map((cell) => [cell.replaceAll('`', '')])
    t.same(await roundsOf(codeIn(template).join(), loaded), told, template)
  }
  const [template] = blocksIn('`fields`', 'html')
  const [list] = blocksIn('`fields`', 'js')
  const lines = list?.trim().split('\n') ?? []
  await roundsOf(template as string, { orders: loaded.orders }, (fields) => {
    for (const line of lines) {
      const [expression, value] = line.split('//') as [string, string]
      // eslint-disable-next-line no-new-func -- the code stands in the documents
      const evaluate = (text: string): unknown => new Function('fields', `return (${text})`)(fields)
      t.same(evaluate(expression), evaluate(value), line)
    }
  })
  t.equal(lines.length, 8)
})

t.test('docs/data.md: declarations are accepted, and boot errors say what it says', async (t) => {
  const environment = new TemplateEnvironment({ 'main.njk': '{{ lines | amount }}{{ initials(user) }}{{ order | badge }}{% if order is overdue(3) %}!{% endif %}' })
  const [code] = blocksIn('Filters, tests, functions and tags of your own', 'js')
  const tag = { tags: ['greet'], parse: () => {}, run: () => '' }
  // eslint-disable-next-line no-new-func -- the code stands in the documents
  new Function('environment', 'tag', code as string)(environment, tag)
  const user = { first: 'Ann', last: 'Bo' }
  t.equal(environment.render('main.njk', { lines: [{ quantity: 2, price: 4 }], user, order: { age: 5 } }), '8AByes!')

  const [messages] = blocksIn('Checked at boot', 'text')
  const schema = { type: 'object', properties: { salary: { type: 'number' } } }
  const told = ['user', 'usr'].map(async (name) => {
    const view = defineView({ name: 'v', template: 'user.njk', access: 'public', loaders: { user: { schema, load: () => null } } })
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(liveView, { templates: { 'user.njk': `\n\n<h1>Profile: {{ ${name}.salry }}</h1>` } })
    app.live('/', view)
    return await app.ready().then(() => '', (error: Error) => error.message)
  })
  t.same(await Promise.all(told), messages?.trim().split('\n'))
})

t.test('docs/data.md: explain and exposure print for the example what it shows', async (t) => {
  const { views, close } = await explainApplication(join(root, 'example/explain.ts'))
  t.teardown(close)
  // Lines of templates move with everything that is written above them.
  const still = (text: string): string[] => text.replace(/(\.njk):\d+/g, '$1').trimEnd().split('\n')
  const format = { width: 100, paint: createPaint({}, {}) }
  const printed = still(formatViews(views, format))
  let at = 0
  for (const line of still(blocksIn('`explain`', 'text')[0] as string).filter((line) => line.trim() !== '…')) {
    at = printed.indexOf(line, at) + 1
    if (at === 0) return t.fail(`explain does not print, or not here: ${line}`)
  }
  const now = exposureOf(views)
  const orders = now.views['orders'] as ViewExposure
  const written = { ...now, views: { orders: { ...orders, shows: orders.shows.filter((fact) => fact !== 'orders[].city') } } }
  const command = 'npx fastify-live-view exposure --write app.js'
  const found = formatComparison(compareExposure(written, views), { ...format, name: 'live-exposure.json', command })
  t.same(still(found), still(blocksIn('`exposure`', 'text')[0] as string))
})

const access = readFileSync(new URL('../docs/access.md', import.meta.url), 'utf8')
const accessBlocks = (language: string): string[] =>
  [...access.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , code]) => code as string)

t.test('docs/access.md: its views show and do what it says, and its keys are what it says', async (t) => {
  const shop = `export const done = []
    const rows = [{ id: 1, number: 'N-1', tenant: 'north', owner: 1 }, { id: 2, number: 'N-2', tenant: 'north', owner: 2 }]
    export const forgetful = { yes: false }
    export const db = {
      orders: (columns, tenant) => [...rows, { id: 3, number: 'N-3', tenant: 'south', owner: 1 }].filter((row) => forgetful.yes || row.tenant === tenant),
      pack: (id) => { done.push('pack ' + id) },
      cancel: (id) => { done.push('cancel ' + id) },
      mayCancel: (identity, id) => rows.some((row) => row.id === id && row.owner === identity.id)
    }`
  const template = `<!doctype html><title>O</title><body>${accessBlocks('html')[0]}`
  const folders = t.testdir({ first: { 'database.ts': shop }, second: { 'database.ts': shop } })
  interface Shop { readonly done: string[], readonly forgetful: { yes: boolean } }
  const start = async (name: string, code: string): Promise<{ url: string, module: Shop }> => {
    const folder = join(folders, name)
    const { orders } = await loadFile(folder, 'orders.ts', code) as { orders: View }
    const module = await import(pathToFileURL(join(folder, 'database.ts')).href) as Shop
    const { url } = await startLiveApp(t, {
      live: { templates: { 'orders.njk': template }, tenant: () => 'north' },
      routes: (app) => app.live('/', orders)
    })
    return { url, module }
  }
  const [first, second] = accessBlocks('ts') as [string, string]
  const { url, module: { done } } = await start('first', first)
  const ann = new Visitor(url)
  t.equal((await ann.page('/')).status, 401)
  await ann.signIn({ id: 1, name: 'Ann', permissions: ['orders.pack'] })
  const live = await ann.open('/')
  const shown = pageControls(live.html).map(({ event, seen }) => `${event} ${seen[0]}`)
  t.same(shown, ['pack 1', 'cancel 1', 'pack 2'])
  for (const control of pageControls(live.html)) t.match(await use(live, control), ['p'])
  t.same(done, shown)
  live.close()
  const bob = new Visitor(url)
  await bob.signIn({ id: 2, name: 'Bob' })
  t.same(pageControls((await bob.page('/')).html).map(({ event, seen }) => `${event} ${seen[0]}`), ['cancel 2'])

  const tenants = await start('second', second)
  const cleo = new Visitor(tenants.url)
  await cleo.signIn({ id: 3, name: 'Cleo' })
  t.match((await cleo.page('/')).html, /N-1[^]*N-2/)
  tenants.module.forgetful.yes = true
  const { status, html } = await cleo.page('/')
  t.equal(status, 500)
  t.notMatch(html, 'N-')

  for (const line of accessBlocks('js')[0]?.trim().split('\n') ?? []) {
    const [call, key] = line.split(' // ') as [string, string]
    // eslint-disable-next-line no-new-func -- the code stands in the documents
    const evaluate = (text: string): unknown => new Function('tenantKey', `return (${text})`)(tenantKey)
    t.equal(evaluate(call), evaluate(key), line)
  }
})
