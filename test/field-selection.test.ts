import t from 'tap'
import { Type } from '@sinclair/typebox'
import { Kysely, SqliteDialect } from 'kysely'
import type { Selectable } from 'kysely'
import type { Tables } from '../example/database.ts'
import { analyseFields } from '../lib/template/fields/analyse-fields.ts'
import type { FieldTree } from '../lib/template/fields/field-tree.ts'
import { Environment, parse } from '../lib/template/nunjucks.ts'
import { selectFields } from '../lib/view/field-selection.ts'
import type { ColumnOf, FieldSelection } from '../lib/view/field-selection.ts'
import { UNKNOWN_SCHEMA, readLoaderSchema } from '../lib/view/loader-schema.ts'
import type { LoaderSchema } from '../lib/view/loader-schema.ts'

const EMPTY: FieldTree = { name: 'a', marks: new Set(), children: new Map() }

function treeOf (template: string): FieldTree {
  const fields = analyseFields({ ast: (name) => name === 'main' ? parse(template, new Environment([])) : null }, 'main')
  return fields.node('a') ?? EMPTY
}

function fail (problem: string, fix: string): never {
  throw new Error(`${problem}. ${fix}`)
}

function schemaOf (schema: unknown): LoaderSchema {
  return readLoaderSchema(schema, "loader 'a'", fail)
}

function select (template: string, schema: unknown = null, guard: readonly string[] = []): FieldSelection {
  return selectFields(treeOf(template), { schema: schema === null ? null : schemaOf(schema), guard })
}

/** A schema in short: kinds, names in braces, elements in brackets. */
function text (schema: LoaderSchema | null, depth = 4): string {
  if (schema === null || depth === 0) return '...'
  const names = schema.names === null ? '' : `{${[...schema.names].map(([name, part]) => `${name}:${text(part, depth - 1)}`).join(' ')}}`
  return schema.kind + names + (schema.element === null ? '' : `[${text(schema.element, depth - 1)}]`)
}

const Customer = Type.Object({ name: Type.String(), city: Type.String() })
const Line = Type.Object({ sku: Type.String() })
const Order = Type.Object({
  id: Type.Integer(), placed: Type.Date(), customer: Customer, lines: Type.Array(Line), tags: Type.Array(Type.String()),
})
const Node = Type.Recursive((This) => Type.Object({ value: Type.Number(), next: Type.Union([This, Type.Null()]) }))

t.test('a schema tells kinds and names', async (t) => {
  const cases: ReadonlyArray<readonly [unknown, string]> = [
    [Order, 'object{id:leaf placed:leaf customer:object{name:leaf city:leaf} lines:array[object{sku:leaf}] tags:array[leaf]}'],
    [Type.Array(Type.Optional(Type.Union([Customer, Type.Null()]))), 'array[object{name:leaf city:leaf}]'],
    [Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]), 'object{a:leaf b:leaf}'],
    [Type.Composite([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]), 'object{a:leaf b:leaf}'],
    [Type.Union([Type.Object({ a: Type.String() }), Type.Object({ a: Type.Object({ b: Type.String() }) })]), 'object{a:unknown{b:leaf}}'],
    [Type.Union([Type.String(), Customer]), 'unknown{name:leaf city:leaf}'],
    [Type.Union([Type.String(), Type.Array(Customer)]), 'unknown[object{name:leaf city:leaf}]'],
    [Type.Union([Type.Any(), Type.Array(Customer)]), 'unknown'],
    [Type.Union([Type.Literal('x'), Type.Literal('y')]), 'leaf'],
    [Type.Enum({ a: 1, b: 'x' }), 'leaf'],
    [Type.Record(Type.String(), Customer), 'object[object{name:leaf city:leaf}]'],
    [Type.Object({ a: Type.String() }, { additionalProperties: true }), 'object[unknown]'],
    [Type.Object({ a: Type.String() }, { additionalProperties: false }), 'object{a:leaf}'],
    [Type.Object({}), 'object{}'],
    [Type.Object({ a: Type.Uint8Array(), b: Type.BigInt(), c: Type.Any(), d: Type.Tuple([Type.String(), Customer]) }), 'object{a:leaf b:leaf c:unknown d:array[unknown{name:leaf city:leaf}]}'],
    [Node, 'object{value:leaf next:object{value:leaf next:object{value:leaf next:object{value:... next:...}}}}'],
    [Type.Module({ A: Type.Object({ b: Type.Ref('B') }), B: Type.Object({ a: Type.Array(Type.Ref('A')) }) }).Import('A'), 'object{b:object{a:array[object{b:...}]}}'],
    [{ type: ['object', 'null'], properties: { 'x/y': { $ref: '#/$defs/t~1u' } }, $defs: { 't/u': { properties: { z: true, no: false, none: null } } } }, 'object{x/y:object{z:unknown no:unknown none:unknown}}'],
    [{ $ref: 'Address', definitions: { Address: { type: 'string' } } }, 'leaf'],
    [{ $ref: 'other#/properties/a', $defs: { Other: { $id: 'other', properties: { a: { items: { type: 'string' } } } } } }, 'array[leaf]'],
    [{ type: 'object', properties: { a: { const: 1 } }, anyOf: [{ required: ['a'] }, { required: ['b'] }] }, 'object{a:leaf}'],
    [{ oneOf: [{ type: 'object' }, { type: 'object', properties: { a: {} } }] }, 'object'],
    [{ allOf: [{ type: 'object' }, { properties: { a: { enum: [null, 'x'] } } }] }, 'object{a:leaf}'],
    [{ type: 'object', patternProperties: { '^x': { type: 'string' } }, unevaluatedProperties: false }, 'object[leaf]'],
    [{ anyOf: [{ $ref: '#' }, { const: null }] }, 'unknown'],
    [{ const: [1] }, 'array'], [{ const: { a: 1 } }, 'object'], [{ type: ['string', 'number'] }, 'leaf'], [{ type: ['string', 'object'] }, 'unknown'],
    [{ prefixItems: [{ type: 'string' }], items: false, properties: null }, 'object{}[leaf]'],
    [{ '~standard': { version: 1, vendor: 'x', validate: () => ({ value: 1 }) } }, 'unknown'],
    [Object.assign(() => {}, { '~standard': { version: 1 } }), 'unknown'],
  ]
  for (const [schema, expected] of cases) t.equal(text(schemaOf(schema)), expected, JSON.stringify(schema)?.slice(0, 90))
  const node = schemaOf(Node)
  t.equal(node.names?.get('next'), node, 'a recursive schema leads back to itself')
  t.ok(Object.isFrozen(node))
})

t.test('what is no schema is refused, and so is a reference that leads nowhere', async (t) => {
  for (const wrong of [null, 'text', 5, true, [Order], () => {}]) {
    t.throws(() => schemaOf(wrong), { message: /^loader 'a' has schema .*Give a TypeBox type, a JSON Schema object or a Standard Schema$/ })
  }
  for (const ref of ['User', 'User#/x', '#/$defs/nothing', '#/type/object', '#/$defs/toString']) {
    t.throws(() => schemaOf({ type: 'object', properties: { a: { items: { $ref: ref } } }, $defs: {} }), { message: /refers to '.*', which is not part of it\. Put/ })
  }
})

t.test('a selection names columns and paths, lists and their elements as one', async (t) => {
  const tree = treeOf('{% for o in a %}{{ o.id }}{{ o.customer.name }}{{ o.customer.city }}{% for l in o.lines %}{{ l.sku }}{% endfor %}' +
    '{% if o.paid %}{% endif %}{% endfor %}{{ a.length }}{{ a[0].total }}')
  const options = { schema: null, guard: [] }
  const selection = selectFields(tree, options)
  t.same(selection.columns, ['customer', 'id', 'lines', 'paid', 'total'])
  t.same(selection.paths, ['customer.city', 'customer.name', 'id', 'lines.sku', 'paid', 'total'])
  t.equal(selection.whole, false)
  t.same(['customer', 'customer.name', 'lines.sku', 'id.more', 'length', 'secret', 'customer.secret', 'paid.more'].map(selection.has), [true, true, true, true, false, false, false, false])
  t.same(selection.at('customer').columns, ['city', 'name'])
  t.same(selection.at('lines').paths, ['sku'])
  t.same(selection.at('secret').columns, [])
  t.ok(Object.isFrozen(selection) && Object.isFrozen(selection.columns) && Object.isFrozen(selection.paths))
  t.equal(selectFields(tree, options), selection, 'made once')
  t.not(selectFields(tree, { schema: null, guard: ['tenant'] }), selection)
  t.same(selectFields(EMPTY, options).columns, [])
})

t.test('a selection knows when all is read', async (t) => {
  t.equal(select('{{ a | dump }}').whole, true)
  t.equal(select('{{ a[key] }}').whole, true, 'a computed column is every column')
  t.ok(select('{{ a | dump }}').has('anything.else') && select('{{ a | dump }}').at('anything').whole)
  const inside = select('{{ a.address | dump }}{{ a.name }}')
  t.same([inside.whole, inside.at('address').whole, inside.at('address').has('zip'), inside.at('name').whole], [false, true, true, true])
  t.same(select('{% for id, user in a %}{{ id }}{{ user.name }}{% endfor %}').columns, ['name'])
})

t.test('with a schema, a key that is data may be any of its names', async (t) => {
  const user = Type.Object({ name: Type.String(), role: Type.String(), home: Type.Object({ city: Type.String() }) })
  for (const template of ['{{ a[key] }}', '{% for key, value in a %}{{ value }}{% endfor %}', '{% for key, value in a %}{{ key }}{% endfor %}', '{{ a | length }}']) {
    const selection = select(template, user)
    t.same(selection.columns, ['home', 'name', 'role'], template)
    t.same(Object.keys(selection.toMongo()).sort(), /\bkey \}|length/.test(template) ? ['_id', 'home', 'name', 'role'] : ['_id', 'home.city', 'name', 'role'])
  }
  t.same(select('{% for key, value in a %}{{ value.city }}{% endfor %}', user).columns, ['home', 'name', 'role'])
})

t.test('with a schema, all of something is what it names', async (t) => {
  const whole = select('{{ a | dump }}', Type.Array(Order))
  t.same(whole.columns, ['customer', 'id', 'lines', 'placed', 'tags'])
  t.same(whole.paths, ['customer.city', 'customer.name', 'id', 'lines.sku', 'placed', 'tags'])
  t.same([whole.whole, whole.has('customer.city'), whole.has('secret'), whole.has('customer.secret'), whole.has('id.more')], [true, true, false, false, true])
  t.same([whole.at('customer').whole, whole.at('customer').columns, whole.at('secret').whole], [true, ['city', 'name'], false])
  t.same(select('{% for o in a %}{{ o.customer | dump }}{% endfor %}', Type.Array(Order)).paths, ['customer.city', 'customer.name'])
  const tree = select('{{ a | dump }}', Node)
  t.same(tree.paths, ['next', 'value'], 'a recursive schema ends where it begins again')
  t.ok(tree.has('next.next.next.value'))
  t.notOk(tree.has('next.next.secret'))
  t.same(select('{{ a.next.next | dump }}', Node).paths, ['next.next.next', 'next.next.value'])
  t.same(select('{{ a | dump }}', { $id: 'L', type: 'array', items: { $ref: 'L' } }).columns, [], 'a list of itself')
  t.same([select('{{ a | dump }}', {}), select('{{ a | dump }}', Type.Array(Type.Any()))].map((fields) => [fields.columns, fields.has('x')]), [[[], true], [[], true]])
})

t.test('a list has a length, which is no column', async (t) => {
  t.same(select('{{ a.length }}').columns, [])
  t.same(select('{{ a | length }}').columns, [])
  t.same(select('{% for x in a %}{{ x.id }}{% endfor %}{{ a.length }}').columns, ['id'])
  t.same(select('{{ a.length }}{{ a.title }}').columns, ['length', 'title'], 'a film has one too')
  t.same(select('{{ a[0].length }}').columns, ['length'], 'what stands in a list is a record')
  t.same(select('{{ a[0].length }}', Type.Array(Order)).columns, [])
  t.same(select('{{ a.lines.length }}').paths, ['lines'])
  t.same(select('{{ a.length }}{{ a.title }}', Type.Array(Order)).columns, ['title'])
  t.same(select('{{ a.length }}', Type.Object({ length: Type.Number() })).columns, ['length'])
  t.same(select('{{ a.length }}{{ a.id }}', Order).columns, ['id'])
})

t.test('guard columns are asked for like the rest', async (t) => {
  const fields = select('{% for o in a %}{{ o.id }}{{ o.tenant.name }}{% endfor %}', null, ['tenant', 'owner'])
  t.same(fields.columns, ['id', 'owner', 'tenant'])
  t.same(fields.paths, ['id', 'owner', 'tenant'], 'all of a column, not a part of it beside it')
  t.ok(fields.has('owner'))
  t.same(select('{{ a.length }}', null, ['tenant']).toPrisma(), { select: { tenant: true } })
})

t.test('a Prisma select nests what is read below, and is never empty', async (t) => {
  const rows = '{% for o in a %}{{ o.id }}{{ o.customer.name }}{% if o.paid %}{% endif %}{% endfor %}'
  t.same(select(rows).toPrisma(), { select: { id: true, customer: { select: { name: true } }, paid: true } })
  t.same(select('{{ a | dump }}').toPrisma(), {}, 'every column')
  t.same(select('{{ a.customer | dump }}').toPrisma(), { select: { customer: true } })
  const customer = { select: { name: true, city: true } }
  t.same(select('{{ a | dump }}', Order).toPrisma(),
    { select: { id: true, placed: true, customer, lines: { select: { sku: true } }, tags: true } })
  t.same(select('{{ a.length }}').toPrisma(), { select: { id: true } })
  t.same(select('{{ a.length }}', Type.Array(Order)).toPrisma(), { select: { id: true } })
  const keyed = Type.Array(Type.Object({ lines: Type.Array(Customer), key: Type.String() }))
  t.same(select('{{ a.length }}', keyed).toPrisma(), { select: { key: true } })
  t.same(select('{% if a.customer %}{% endif %}{{ a.lines.length }}{{ a.tags.length }}', Order).toPrisma(),
    { select: { customer: { select: { name: true } }, lines: { select: { sku: true } }, tags: true } })
  t.same(select('{{ a.lines.length }}').toPrisma(), { select: { lines: true } })
  t.same(select('{{ a | dump }}', Node).toPrisma(), { select: { value: true, next: true } })
  t.not(select(rows).toPrisma(), select(rows).toPrisma(), 'one of the caller\'s own')
})

t.test('a Mongo projection has no two paths of which one begins with the other', async (t) => {
  t.same(select('{{ a.customer.name }}').toMongo(), { 'customer.name': 1, _id: 0 })
  t.same(select('{{ a.customer.name }}{{ a._id }}').toMongo(), { 'customer.name': 1, _id: 1 })
  t.same(select('{{ a._id.part }}').toMongo(), { '_id.part': 1 })
  t.same(select('{{ a.customer.name }}{{ a.customer | dump }}').toMongo(), { customer: 1, _id: 0 })
  t.same(select('{{ a.length }}').toMongo(), { _id: 1 }, 'an empty one would be all of it')
  t.same(select('{{ a | dump }}').toMongo(), {})
  t.same(select('{{ a | dump }}', Type.Array(Customer)).toMongo(), { name: 1, city: 1, _id: 0 })
})

t.test('Kysely gets columns, typed, and never none', async (t) => {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: null as never }) })
  const sql = (fields: FieldSelection, table?: 'u'): string =>
    db.selectFrom('users as u').select(fields.toKysely(table === undefined ? {} : { table })).where('u.id', '=', 1).compile().sql
  const fields = select('{% for u in a %}{{ u.name }}{{ u.address.city }}{{ u.id }}{% endfor %}')
  t.equal(sql(fields), 'select "address", "id", "name" from "users" as "u" where "u"."id" = ?')
  t.equal(sql(fields, 'u'), 'select "u"."address", "u"."id", "u"."name" from "users" as "u" where "u"."id" = ?')
  t.equal(sql(select('{{ a.length }}')), 'select 1 as "present" from "users" as "u" where "u"."id" = ?')
  t.equal(sql(select('{{ a | dump }}')), 'select * from "users" as "u" where "u"."id" = ?')
  t.equal(sql(select('{{ a | dump }}'), 'u'), 'select "u".* from "users" as "u" where "u"."id" = ?')
  t.equal(db.selectFrom('users').select(fields.toKysely()).compile().sql, 'select "address", "id", "name" from "users"')

  const typed = select('{{ a.id }}{{ a.name }}') as FieldSelection<{ id: number, name: string, more: { deep: Date } } | undefined>
  const query = db.selectFrom('users').select(typed.toKysely()).select('role')
  t.ok(query)
  type Row = NonNullable<Awaited<ReturnType<typeof query.executeTakeFirst>>>
  const row: Row = { id: 1, name: undefined, more: undefined, role: 'clerk' }
  // @ts-expect-error: a column may not have been selected
  const id: number = row.id
  // @ts-expect-error: no column
  t.equal(row.nothing, undefined)
  const joined = db.selectFrom('users').innerJoin('orders', 'orders.id', 'users.id')
    .select(typed.toKysely<Selectable<Tables['users']>>({ table: 'users' }))
  t.ok(joined)
  type Joined = NonNullable<Awaited<ReturnType<typeof joined.executeTakeFirst>>>
  const email: Joined['email'] = undefined
  t.same([id, email], [1, undefined])
})

t.test('columns are typed by the data', async (t) => {
  type Rows = Array<{ id: number, customer: { name: string } | null }>
  const selection = select('{% for r in a %}{{ r.id }}{{ r.customer.name }}{% endfor %}') as FieldSelection<Rows>
  const columns: ReadonlyArray<'id' | 'customer'> = selection.columns
  t.same(columns, ['customer', 'id'])
  const names: ReadonlyArray<'name'> = selection.at('customer').columns
  t.same(names, ['name'])
  // @ts-expect-error: not a column
  t.same(selection.at('secret').columns, [])
  const one: ColumnOf<Rows | undefined> = 'customer'
  // @ts-expect-error: not a column
  const wrong: ColumnOf<Rows | undefined> = 'secret'
  t.ok(one !== wrong)
  const untyped: FieldSelection = selection
  t.same(untyped.at('anything').at('else').columns, [])
  t.equal(text(UNKNOWN_SCHEMA), 'unknown')
})
