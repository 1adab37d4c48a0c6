import t from 'tap'
import { Type } from '@sinclair/typebox'
import { defineView } from '../plugin/index.ts'
import type { Connection, Identity } from '../plugin/index.ts'

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
