import t from 'tap'
import { Type } from '@sinclair/typebox'
import { defineView } from '../lib/view/define-view.ts'
import type { Connection, FieldSelection, GuardContext, Identity, LoadContext, LoaderOptions, Tenant } from '../plugin/index.ts'

// What this file proves is proved by the type checker: each expected error that is none is an error.
function same<Expected> () {
  return <Given>(given: Given, ...equal: Equal<Given, Expected> extends true ? [] : [never]): void => { t.ok([given, equal]) }
}
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

interface Order { id: number, total: number }

t.test('state, payload, loader data and context are inferred from the definition', async (t) => {
  const standard = {
    '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: value as { on: Date } }), types: undefined as { input: unknown, output: { on: Date } } | undefined }
  } as const
  const view = defineView({
    name: 'orders',
    template: 'orders.njk',
    state: ({ query }) => ({ page: Number(query.page ?? 1), query: query.q ?? '' }),
    loaders: {
      orders: async ({ state, fields }): Promise<Order[]> => {
        same<number>()(state.page)
        // @ts-expect-error a loader does not change the state
        state.page = 2
        return fields.has('id') ? [{ id: 1, total: 2 }] : []
      },
      user: { load: ({ identity }) => ({ name: String(identity.id) }) }
    },
    events: {
      search: {
        payload: Type.Object({ q: Type.String() }),
        rateLimit: { rate: 5, burst: 3 },
        authorize: ({ payload }) => payload.q !== '',
        run: ({ state, payload, data, identity, connection }) => {
          same<string>()(payload.q)
          same<Order[] | undefined>()(data.orders)
          same<{ name: string } | undefined>()(data.user)
          same<Identity>()(identity)
          state.query = payload.q
          connection.update((later) => { later.page++ })
          // @ts-expect-error no such payload
          t.ok(payload.other)
          // @ts-expect-error a number
          state.page = 'one'
          // @ts-expect-error no such loader's data
          t.ok(data.customers)
        }
      },
      plan: { payload: standard, run: ({ payload }) => { same<Date>()(payload.on) } },
      cancel: {
        reloads: ['orders'],
        run: ({ payload, reload }) => {
          same<Readonly<Record<string, never>>>()(payload)
          reload('user')
          // @ts-expect-error no such loader
          reload('users')
        }
      },
      bare: ({ state }) => { same<{ page: number, query: string }>()(state) }
    },
    onConnect: ({ state, connection }) => {
      same<number>()(state.page)
      same<Connection<{ page: number, query: string }>>()(connection)
    }
  })
  t.equal(view.events.get('bare')?.declared, false)
})

t.test('an anonymous visitor is in the type where one can come', async (t) => {
  const view = defineView({
    name: 'open',
    template: 'open.njk',
    access: 'public',
    state: ({ identity }) => ({ known: identity !== null }),
    events: {
      greet: {
        run: ({ identity, state }) => {
          same<Identity | null>()(identity)
          // @ts-expect-error may be null
          t.ok(identity.id)
          state.known = false
        }
      }
    }
  })
  t.equal(view.access, 'public')
})

t.test('a rule of access gets its context, and lets anonymous visitors into the types', async (t) => {
  const view = defineView({
    name: 'ruled',
    template: 'ruled.njk',
    access: ({ query, identity }) => query.open === 'yes' || identity !== null,
    state: ({ identity }) => {
      same<Identity | null>()(identity)
      return { page: 1 }
    },
    events: { next: { run: ({ state }) => { same<number>()(state.page) } } }
  })
  t.type(view.access, 'function')
})

const Customer = Type.Object({ name: Type.String() })
const Row = Type.Object({
  id: Type.Integer(), total: Type.Number(), placed: Type.Date(), tenant: Type.String(), customer: Customer
})
interface Stored { id: number, total: number, placed: Date, tenant: string, customer: StoredCustomer, hash: string }
interface StoredCustomer { name: string, secret: string }
type Columns = ReadonlyArray<'id' | 'total' | 'placed' | 'tenant' | 'customer'>
const stored: Stored[] = []

t.test('a schema that carries a type gives it to fields, load and data', async (t) => {
  const view = defineView({
    name: 'schemas',
    template: 'schemas.njk',
    state: ({ query }) => ({ page: Number(query.page ?? 1) }),
    loaders: {
      list: {
        schema: Type.Array(Row),
        eager: true,
        load: async ({ fields, state, tenant, signal }) => {
          same<Columns>()(fields.columns)
          same<number>()(state.page)
          same<Tenant | null>()(tenant)
          same<AbortSignal>()(signal)
          return stored
        }
      },
      one: {
        deferred: true,
        fallback: 'loading.njk',
        load: ({ fields }) => {
          same<Columns>()(fields.columns)
          same<ReadonlyArray<'name'>>()(fields.at('customer').columns)
          // @ts-expect-error the schema has no such name
          fields.at('hash')
          return stored[0]
        },
        schema: Row
      },
      parts: { schema: Type.Array(Row), load: () => [{ id: 1 }, { customer: { name: 'a', other: 1 }, hash: 'dropped' }, {}] },
      nothing: { schema: Type.Array(Row), load: () => null },
      json: { schema: { type: 'array', items: { type: 'object' } }, load: ({ fields }) => [fields.has('id') ? 1 : 2] },
      plain: { load: ({ state, fields }) => ({ page: state.page, first: fields.columns[0] }) },
      bare: async ({ state }) => [state.page]
    },
    events: {
      show: {
        run: ({ data, state, reload }) => {
          same<number>()(state.page)
          same<number | undefined>()(data.list?.[0]?.total)
          same<Date | undefined>()(data.list?.[0]?.placed)
          same<string | undefined>()(data.one?.customer?.name)
          same<number | undefined>()(data.parts?.at(-1)?.id)
          same<null | undefined>()(data.nothing === null || data.nothing === undefined ? data.nothing : null)
          same<number[] | undefined>()(data.json)
          same<{ page: number, first: any } | undefined>()(data.plain)
          same<number[] | undefined>()(data.bare)
          // @ts-expect-error the schema does not name it, so the data does not have it
          t.ok(data.list?.[0]?.hash)
          // @ts-expect-error only what the template reads is loaded
          t.ok(data.one?.customer.name)
          reload('json')
          // @ts-expect-error no such loader
          reload('rows')
        }
      }
    }
  })
  t.match(view.loaders, { list: { eager: true }, one: { deferred: true, fallback: 'loading.njk' }, bare: { schema: null } })
})

t.test('a Standard Schema gives its output, and a rule of access leaves the loaders typed', async (t) => {
  const output = undefined as { input: unknown, output: Array<{ on: Date, kind: 'a' | 'b' }> } | undefined
  const schema = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }), types: output } } as const
  const view = defineView({
    name: 'standard',
    template: 'standard.njk',
    access: ({ query }) => query.open === 'yes',
    state: () => ({ page: 1 }),
    loaders: {
      days: {
        schema,
        load ({ fields, state, identity }) {
          same<ReadonlyArray<'on' | 'kind'>>()(fields.columns)
          same<number>()(state.page)
          same<Identity | null>()(identity)
          return [{ kind: 'a' }, { on: new Date(0), kind: 'b' }]
        }
      }
    },
    events: { go: { run: ({ data }) => { same<'a' | 'b' | undefined>()(data.days?.[0]?.kind) } } }
  })
  t.match(view.loaders.days, { schema: { kind: 'unknown' } })
  defineView({
    name: 'kinds',
    template: 'kinds.njk',
    loaders: {
      // @ts-expect-error no such kind
      days: { schema, load: () => [{ kind: 'c' }] }
    }
  })
})

t.test('what a loader with a schema returns has to fit it, and options have their types', async (t) => {
  const schema = Type.Array(Row)
  const base = { name: 'unfit', template: 'unfit.njk', state: () => ({ page: 1 }) }
  const fits = defineView({
    ...base,
    loaders: { list: { schema, load: async ({ state }) => state.page === 1 ? stored : undefined } }
  })
  t.equal(fits.loaders.list?.schema?.kind, 'array')
  const unfit = () => {
    // @ts-expect-error a number
    defineView({ ...base, loaders: { list: { schema, load: () => [{ id: 1, total: 'much' }] } } })
    // @ts-expect-error a number, by promise
    defineView({ ...base, loaders: { list: { schema, load: async ({ state }) => [{ id: state.page, total: 'much' }] } } })
    // @ts-expect-error a text further in
    defineView({ ...base, loaders: { list: { schema, load: () => [{ customer: { name: 1 } }] } } })
    // @ts-expect-error a column may be missing, not null
    defineView({ ...base, loaders: { list: { schema, load: () => [{ total: null }] } } })
    // @ts-expect-error a list
    defineView({ ...base, loaders: { list: { schema, load: () => stored[0] } } })
    // @ts-expect-error one row
    defineView({ ...base, loaders: { list: { schema: Row, load: () => stored } } })
    // @ts-expect-error a date comes whole
    defineView({ ...base, loaders: { list: { schema, load: () => [{ placed: {} }] } } })
    // @ts-expect-error true or false
    defineView({ ...base, loaders: { list: { eager: 'yes', load: () => 1 } } })
    // @ts-expect-error a template's name
    defineView({ ...base, loaders: { list: { fallback: null, load: () => 1 } } })
    // @ts-expect-error columns and check belong together
    defineView({ ...base, loaders: { list: { guard: { columns: ['id'] }, load: () => 1 } } })
    // @ts-expect-error true or false, not a promise of it
    defineView({ ...base, loaders: { list: { guard: { columns: ['owner'], check: async () => true }, load: () => [] } } })
  }
  t.throws(unfit, { code: 'LIVE_ERR_VIEW', message: /eager 'yes'/ }, 'the types of options are checked at boot too')
})

t.test('a guard gets the columns that it names, and the context without fields', async (t) => {
  const view = defineView({
    name: 'guarded',
    template: 'guarded.njk',
    state: () => ({ page: 1 }),
    loaders: {
      list: {
        schema: Type.Array(Row),
        guard: {
          columns: ['tenant', 'id'],
          check: (row, context) => {
            same<{ readonly tenant: string, readonly id: number }>()(row)
            same<number>()(context.state.page)
            same<Identity>()(context.identity)
            // @ts-expect-error not asked for
            t.ok(row.total)
            // @ts-expect-error decided before anything is asked
            t.ok(context.fields)
            return row.tenant === context.tenant
          }
        },
        load: ({ fields, state }) => {
          same<Columns>()(fields.columns)
          return state.page === 1 ? stored : []
        }
      },
      untyped: {
        guard: {
          columns: ['owner'],
          check: (row, { identity }) => {
            same<{ readonly owner: any }>()(row)
            return row.owner === identity.id
          }
        },
        load: ({ state }) => [state.page]
      },
      bare: ({ state }) => state.page
    },
    events: {
      go: {
        run: ({ data }) => {
          same<number[] | undefined>()(data.untyped)
          same<number | undefined>()(data.bare)
          same<number | undefined>()(data.list?.[0]?.total)
        }
      }
    }
  })
  t.same(view.loaders.list?.guard?.columns, ['tenant', 'id'])
})

t.test('a view without loaders has no data, and loaders may be written on their own', async (t) => {
  defineView({
    name: 'none',
    template: 'none.njk',
    loaders: {},
    events: {
      go: {
        run: ({ data, reload }) => {
          same<Partial<{}>>()(data)
          // @ts-expect-error no loaders
          reload('rows')
        }
      }
    }
  })
  interface State { page: number }
  const rows: LoaderOptions<State, 'user'> = { load: ({ state, fields }: LoadContext<State>) => fields.has('id') ? [state.page] : [] }
  const owned = (row: { owner?: unknown }, { identity }: GuardContext<State>): boolean => row.owner === identity?.id
  const load = async (columns: FieldSelection<Stored[]>['columns']) => columns.map((column) => ({ [column]: 1 }))
  const view = defineView({
    name: 'apart',
    template: 'apart.njk',
    includes: ['a.njk', 'b.njk'],
    state: () => ({ page: 1 }),
    loaders: { rows, owned: { guard: { columns: ['owner'], check: owned }, load: ({ fields }) => load(fields.columns) } }
  })
  t.same(view.includes, ['a.njk', 'b.njk'])
})

t.test('wrong definitions do not compile, and throw at boot', async (t) => {
  // @ts-expect-error a view has a name
  t.throws(() => defineView({ template: 'x.njk' }), { code: 'LIVE_ERR_VIEW' })
  t.throws(() => defineView({
    name: 'x',
    template: 'x.njk',
    // @ts-expect-error run is a function
    events: { go: { run: 1 } }
  }), { code: 'LIVE_ERR_VIEW' })
  t.throws(() => defineView({
    name: 'x',
    template: 'x.njk',
    loaders: { orders: () => [1] },
    events: { go: { reloads: ['order'], run: () => {} } }
  }), { code: 'LIVE_ERR_VIEW', message: "view 'x': event 'go' reloads 'order'. Its loaders: orders" })
})

t.test('a loader is normalised to what the engine runs, and cannot be changed afterwards', async (t) => {
  const load = (): Stored[] => []
  const check = (): boolean => true
  const { loaders, includes } = defineView({
    name: 'normal',
    template: 'x.njk',
    loaders: {
      bare: load,
      full: {
        schema: Type.Array(Row),
        load,
        deferred: true,
        eager: false,
        fallback: 'x.njk',
        guard: { columns: ['tenant', 'id', 'tenant'], check }
      }
    }
  })
  t.same(loaders.bare, { name: 'bare', schema: null, eager: false, deferred: false, fallback: null, guard: null, load })
  t.match(loaders.full, { name: 'full', schema: { kind: 'array' }, eager: false, deferred: true, fallback: 'x.njk', load })
  t.same(loaders.full?.guard, { columns: ['tenant', 'id'], check })
  t.ok([loaders, loaders.bare, loaders.full, loaders.full?.guard, loaders.full?.guard?.columns, includes].every(Object.isFrozen))
  t.equal(Object.getPrototypeOf(loaders), null)
  t.same(includes, [])
})

t.test('a loader that cannot work ends the boot, and the message says what to write', async (t) => {
  const load = (): unknown[] => []
  const check = (): boolean => true
  const guard = (columns: unknown, schema: object = Type.Array(Row)): object => ({ schema, load, guard: { columns, check } })
  const open = { type: 'array', items: { type: 'object', properties: { id: {} }, additionalProperties: true } }
  const cases: Array<[unknown, string | RegExp]> = [
    [{ load, shema: {} }, "loader 'a' has no option 'shema'. Did you mean 'schema'? Options: schema, load, eager, deferred, fallback, guard"],
    [null, "loader 'a' is null. Give a function, or an object with a load function"],
    [{}, "loader 'a' has load undefined. Give a function"],
    [{ load, schema: null }, /loader 'a' has schema null/],
    [{ load, schema: 1 }, /loader 'a' has schema 1/],
    [{ load, eager: 1 }, "loader 'a' has eager 1. Allowed: true or false"],
    [{ load, deferred: 'yes' }, "loader 'a' has deferred 'yes'. Allowed: true or false"],
    [{ load, eager: true, deferred: true }, /loader 'a' is eager and deferred. .*leave one out/],
    [{ load, fallback: '' }, "loader 'a' has fallback ''. Give a template's name: 'parts/loading.njk'"],
    [{ load, fallback: 1 }, /fallback 1/],
    [{ load, guard: check }, /loader 'a' has guard a function. Give { columns: \['tenant'\], check: /],
    [{ load, guard: null }, /loader 'a' has guard null/],
    [{ load, guard: { columns: ['id'], chek: check } }, /the guard of loader 'a' has no option 'chek'. Did you mean 'check'\?/],
    [{ load, guard: { columns: ['id'] } }, /the guard of loader 'a' has check undefined/],
    [{ load, guard: { check } }, /the guard of loader 'a' has columns undefined/],
    [guard([]), /columns \[\]/],
    [guard('id'), /columns 'id'/],
    [guard(['id', '']), /columns \[ 'id', '' \]/],
    [guard(['tennant']), "the guard of loader 'a' has column 'tennant', which its schema does not have. Did you mean 'tenant'? " +
      'Its columns: id, total, placed, tenant, customer'],
    [guard(['zzzzzzzz'], Row), "the guard of loader 'a' has column 'zzzzzzzz', which its schema does not have. " +
      'Its columns: id, total, placed, tenant, customer'],
    [guard(['id'], Type.Array(Type.String())), /Its columns: none/]
  ]
  const define = (loaders: object) => () => defineView({ name: 'v', template: 'x.njk', loaders: loaders as {} })
  for (const [a, message] of cases) {
    t.throws(define({ a }), { code: 'LIVE_ERR_VIEW', message: typeof message === 'string' ? `view 'v': ${message}` : message })
  }
  for (const schema of [open, { type: 'array' }, {}]) t.doesNotThrow(define({ a: guard(['tenant'], schema) }), 'the schema does not say')
  t.doesNotThrow(define({ a: { load, guard: { columns: ['tenant'], check } } }))
})

t.test('loaders have names under which templates find their data', async (t) => {
  const define = (name: string) => () => defineView({ name: 'v', template: 'x.njk', loaders: { [name]: () => 1 } })
  const reasons: Record<string, RegExp> = {
    'true false none null not': /a word of the template language. Give it another name/,
    'loop caller super': /means something else inside loops, macros or blocks/,
    'flash can': /every live view's template has already/,
    'constructor prototype': /undefined in every template/,
    '_own a-b 1a': /cannot be named in a template. Use letters, digits and _/
  }
  for (const [names, message] of Object.entries(reasons)) {
    for (const name of names.split(' ')) t.throws(define(name), { code: 'LIVE_ERR_VIEW', message }, name)
  }
  for (const name of ['True', 'loops', 'canDo', 'a_1']) t.doesNotThrow(define(name), name)
})
