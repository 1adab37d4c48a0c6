import t from 'tap'
import { createContext, runInContext } from 'node:vm'
import { analyseFields } from '../lib/template/fields/analyse-fields.ts'
import type { FieldSet } from '../lib/template/fields/field-set.ts'
import { Environment, SafeString, parse } from '../lib/template/nunjucks.ts'
import { selectFields } from '../lib/view/field-selection.ts'
import type { ColumnOf, FieldSelection } from '../lib/view/field-selection.ts'
import { loadData } from '../lib/view/load-data.ts'
import { createProjection } from '../lib/view/project.ts'
import { WHOLE, planOf } from '../lib/view/projection-plan.ts'

function analyse (template: string): FieldSet {
  return analyseFields({ ast: (name) => name === 'main' ? parse(template, new Environment([])) : null }, 'main')
}

function cut (template: string, value: unknown): any {
  const node = analyse(template).node('a')
  if (node === undefined) return createProjection()(value, WHOLE)
  const plan = planOf(node)
  if (plan !== planOf(node)) throw new Error('a plan is made once for each node')
  return createProjection()(value, plan)
}

/** With ordinary prototypes again, for comparison. */
function plain (value: unknown): unknown {
  return structuredClone(value)
}

t.test('a selection names columns and paths, lists and their elements as one', async (t) => {
  const fields = analyse('{% for o in orders %}{{ o.id }}{{ o.customer.name }}{{ o.customer.city }}{% for l in o.lines %}{{ l.sku }}{% endfor %}' +
    '{% if o.paid %}{% endif %}{% endfor %}{{ orders.length }}{{ orders[0].total }}')
  const selection = selectFields(fields, 'orders')
  t.same(selection.columns, ['customer', 'id', 'lines', 'paid', 'total'])
  t.same(selection.paths, ['customer.city', 'customer.name', 'id', 'lines.sku', 'paid', 'total'])
  t.equal(selection.whole, false)
  t.same(['customer', 'customer.name', 'lines.sku', 'id.more', 'length', 'secret', 'customer.secret'].map(selection.has), [true, true, true, true, false, false, false])
  t.same(selection.at('customer').columns, ['city', 'name'])
  t.same(selection.at('lines').paths, ['sku'])
  t.same(selection.at('secret').columns, [])
  t.ok(Object.isFrozen(selection) && Object.isFrozen(selection.columns) && Object.isFrozen(selection.paths))
  t.equal(selectFields(fields, 'orders'), selection, 'made once')
  t.same(selectFields(fields, 'unknown').columns, [])
})

t.test('a selection knows when all is read', async (t) => {
  t.equal(selectFields(analyse('{{ user | dump }}'), 'user').whole, true)
  t.equal(selectFields(analyse('{{ user[key] }}'), 'user').whole, true, 'a computed column is every column')
  const everything = selectFields(analyse('{{ user.name }}{% include x %}'), 'user')
  t.equal(everything.whole, true)
  t.ok(everything.has('anything.else') && everything.at('anything').whole)
  const inside = selectFields(analyse('{{ user.address | dump }}{{ user.name }}'), 'user')
  t.same([inside.whole, inside.at('address').whole, inside.at('address').has('zip'), inside.at('name').whole], [false, true, true, true])
  t.same(selectFields(analyse('{{ films[0].length }}{{ rows | length }}'), 'films').columns, ['length'], 'a field may be called length')
  t.same(selectFields(analyse('{{ rows | length }}'), 'rows').columns, [])
  t.same(selectFields(analyse('{% for id, user in users %}{{ id }}{{ user.name }}{% endfor %}'), 'users').columns, ['name'])
})

t.test('columns are typed by the data', async (t) => {
  type Row = { id: number, name: string }
  const selection = selectFields(analyse('{% for r in rows %}{{ r.id }}{% endfor %}'), 'rows') as FieldSelection<Row[]>
  const columns: readonly (keyof Row)[] = selection.columns
  t.same(columns, ['id'])
  const one: ColumnOf<Row | undefined> = 'name'
  // @ts-expect-error: not a column
  const wrong: ColumnOf<Row | undefined> = 'secret'
  t.ok(one !== wrong)
})

t.test('a projection keeps what is read and nothing else', async (t) => {
  const row = { id: 1, name: 'n', secret: 's', customer: { name: 'c', secret: 's' }, lines: [{ sku: 1, secret: 's' }] }
  t.same(plain(cut('{% for o in a %}{{ o.id }}{{ o.customer.name }}{% for l in o.lines %}{{ l.sku }}{% endfor %}{% endfor %}', [row, row])),
    [{ id: 1, customer: { name: 'c' }, lines: [{ sku: 1 }] }, { id: 1, customer: { name: 'c' }, lines: [{ sku: 1 }] }])
  t.same(plain(cut('{% if a.customer and a.lines %}{% endif %}', row)), { customer: {}, lines: [undefined] })
  t.same(plain(cut('{{ a | length }}', row)), { id: undefined, name: undefined, secret: undefined, customer: undefined, lines: undefined })
  t.same(plain(cut('{{ a | length }}{{ a.id }}', { id: 1, secret: 's' })), { id: 1, secret: undefined })
  t.same(plain(cut('{{ a.id }}{{ a | length }}', { id: 1, secret: 's' })), { id: 1, secret: undefined })
  t.same(plain(cut('{{ a[0].id }}{{ a.length }}{{ a.sum }}', [{ id: 1 }])), [{ id: 1 }], 'a list has no other parts')
  t.same(plain(cut('{% set unused = a.secret %}{{ a.id }}', row)), { id: 1 }, 'what is only named is not read')
  t.same(plain(cut('{% for x in a %}{% endfor %}', { length: 2, 0: 'x' })), { length: 2 })
  t.same(plain(cut('{% for x in a %}{% endfor %}', { length: 'x' })), {})
  t.same(plain(cut('{% for k, v in a %}{{ v.id }}{% endfor %}', { x: { id: 1, secret: 's' } })), { x: { id: 1 } })
  t.same(plain(cut('{% for k, v in a %}{{ k }}{{ v.id }}{% endfor %}', [['k', { id: 1, secret: 's' }], ['l']])), [['k', { id: 1 }], ['l']])
  t.same([cut('{{ a.b }}', null), cut('{{ a.b }}', undefined), cut('{{ a.b }}', 'text'), cut('{{ a.b }}', () => 1), cut('{{ a }}', 5n)], [null, undefined, 'text', undefined, 5n])
})

t.test('projected data is own, plain and without prototypes; poisonous names and accessors are left out', async (t) => {
  const evil = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"prototype":2,"name":"n","deep":{"__proto__":{"x":1},"y":2}}')
  let invoked = 0
  Object.defineProperty(evil, 'getter', { enumerable: true, get () { invoked++; return 1 } })
  Object.defineProperty(evil, 'hidden', { enumerable: false, value: 1 })
  evil.method = () => 1
  evil[Symbol('s')] = 1
  const whole = cut('{{ a | dump }}', evil)
  t.equal(Object.getPrototypeOf(whole), null)
  t.equal(Object.getPrototypeOf(whole.deep), null)
  t.same(Reflect.ownKeys(whole), ['name', 'deep', 'method'])
  t.equal(whole.method, undefined)
  t.same(Reflect.ownKeys(whole.deep), ['y'])
  t.same(Reflect.ownKeys(cut('{{ a["__proto__"].admin }}{{ a.constructor }}{{ a.getter }}{{ a.hidden }}{{ a.toString }}', evil)), [])
  t.equal(invoked, 0)
})

t.test('dates, buffers and other values stay what they are; rows that are class instances give their own data', async (t) => {
  class Decimal { digits = [1]; toString (): string { return '1.50' } }
  class User { name = 'n'; password = 'p'; get upper (): string { return this.name.toUpperCase() } }
  class Tagged { get [Symbol.toStringTag] (): string { return 'Tagged' } }
  const values = { date: new Date(0), bytes: Buffer.from('x'), map: new Map(), set: new Set(), big: 1n, money: new Decimal(), tagged: new Tagged(), safe: new SafeString('<b>') }
  const kept = cut('{{ a | dump }}', values)
  for (const [name, value] of Object.entries(values)) t.equal(kept[name], value, name)
  t.same(plain(cut('{{ a.name }}{{ a.upper }}', new User())), { name: 'n' })
  t.same(plain(cut('{% if a %}{% endif %}', new User())), {})
  t.same(plain(cut('{{ a.digits[0] }}', new Decimal())), { digits: [1] }, 'a record where its fields are named')
  t.equal(cut('{{ a.getTime() }}', values.date), values.date)
  const iterable = { [Symbol.iterator]: function * () { yield 1 } }
  t.equal(cut('{% for x in a %}{% endfor %}', Object.create(iterable)) !== undefined, true)
  const foreign = runInContext('({ name: 1, secret: 2 })', createContext())
  t.same(plain(cut('{{ a.name }}', foreign)), { name: 1 }, 'of another realm')
})

t.test('one object stays one object, under every name; cycles end', async (t) => {
  const shared: any = { id: 1, name: 'n', secret: 's' }
  shared.self = shared
  const kept = cut('{{ a.first.id }}{{ a.list[0].name }}{% if a.first == a.list[0] %}{% endif %}', { first: shared, list: [shared] })
  t.equal(kept.first, kept.list[0])
  t.equal(kept.first.self, kept.first)
  const apart = cut('{{ a.first.id }}{{ a.list[0].name }}', { first: shared, list: [shared] })
  t.same(plain(apart.first), { id: 1, name: 'n' }, 'with what is read of it under either')
  let deep: any = {}
  const bottom = deep
  for (let n = 0; n < 50_000; n++) deep = { deep }
  bottom.v = 1
  t.doesNotThrow(() => cut('{{ a | dump }}', deep))
})

const base = { view: 'shop', context: { state: { page: 2 } }, deadline: 1000 }

t.test('loaders run in parallel, only those that are read, each asked for its fields', async (t) => {
  const asked: Record<string, unknown> = {}
  let release = (): void => {}
  const both = new Promise<void>((resolve) => { release = resolve })
  let started = 0
  const meet = (): Promise<void> => {
    if (++started === 2) release()
    return both
  }
  const data = await loadData({
    ...base,
    fields: analyse('{{ user.name }}{% for o in orders %}{{ o.id }}{% endfor %}'),
    loaders: {
      async user ({ fields, state, signal }) {
        asked['user'] = [fields.columns, state.page, signal instanceof AbortSignal]
        await meet()
        return { name: 'n', password: 'p' }
      },
      orders: { schema: {}, load: async ({ fields }) => { asked['orders'] = fields.columns; await meet(); return [{ id: 1, secret: 's' }] } },
      unread: () => t.fail('not read'),
    },
  })
  t.same(asked, { user: [['name'], 2, true], orders: ['id'] })
  t.same(plain(data), { user: { name: 'n' }, orders: [{ id: 1 }] })
})

t.test('only the named loaders run; a program that reads everything gets everything', async (t) => {
  const loaders = { a: () => ({ x: 1, y: 2 }), b: () => 2 }
  t.same(plain(await loadData({ ...base, loaders, names: ['a'], fields: analyse('{{ a.x }}{{ b }}') })), { a: { x: 1 } })
  t.same(plain(await loadData({ ...base, loaders, fields: analyse('{{ a.x }}{% include a.y %}') })), { a: { x: 1, y: 2 }, b: 2 })
})

t.test('a loader that throws, rejects or runs late fails by name and aborts the others', async (t) => {
  const fields = analyse('{{ a }}{{ b }}')
  let signal: AbortSignal | undefined
  const b = (input: { signal: AbortSignal }): Promise<never> => {
    signal = input.signal
    return new Promise(() => {})
  }
  const cause = new Error('no such table')
  await t.rejects(loadData({ ...base, fields, loaders: { b, a: () => { throw cause } } }),
    { code: 'LIVE_ERR_LOADER', message: "view 'shop': loader 'a' failed: no such table", cause })
  t.equal(signal?.aborted, true)
  // eslint-disable-next-line prefer-promise-reject-errors
  await t.rejects(loadData({ ...base, fields, loaders: { a: () => Promise.reject('text'), b: () => 1 } }), { message: /'a' failed: text/ })
  await t.rejects(loadData({ ...base, deadline: 5, fields, loaders: { a: () => 1, b } }),
    { code: 'LIVE_ERR_LOADER', cause: { code: 'LIVE_ERR_DEADLINE' } })
  t.equal(signal?.aborted, true)
})

t.test('the caller can give up', async (t) => {
  const controller = new AbortController()
  const load = ({ signal }: { signal: AbortSignal }): Promise<never> => new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  const loading = loadData({ ...base, fields: analyse('{{ a }}'), loaders: { a: load }, signal: controller.signal })
  controller.abort(new Error('connection ended'))
  await t.rejects(loading, { code: 'LIVE_ERR_LOADER', message: /connection ended/ })
})
