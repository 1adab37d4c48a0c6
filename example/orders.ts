import { EventEmitter } from 'node:events'
import { Type } from '@sinclair/typebox'
import { defineView } from '../plugin/index.ts'
import type { Identity } from '../plugin/index.ts'
import type { Db } from './database.ts'
import { columns, longestQuery, readListing, sortedBy, writeListing } from './listing.ts'
import { changeQuantity, changeStatus } from './order-changes.ts'
import { presentColumns, presentDetail, presentOrder, presentSummary } from './order-presentation.ts'
import { findOrder, listOrders, sumOrders } from './order-queries.ts'
import type { OrderColumn } from './order-queries.ts'
import { statuses } from './status.ts'

const Id = Type.Integer({ minimum: 1 })
const changing = ['orders', 'summary', 'detail'] as const
const stored: readonly OrderColumn[] = ['id', 'number', 'customer', 'city', 'placed', 'status', 'total']

/** The orders page. `changes` tells every open page that somebody changed an order. */
export function ordersView (db: Db, changes: EventEmitter = new EventEmitter().setMaxListeners(0)) {
  const listeners = new Map<string, () => void>()
  const isClerk = (identity: Identity): boolean => identity['role'] === 'clerk'

  return defineView({
    name: 'orders',
    template: 'orders.njk',
    state: ({ query }) => readListing(query),

    loaders: {
      user: {
        load: ({ fields, identity }) => db.selectFrom('users').select(fields.columns as Array<'name' | 'role'>)
          .where('id', '=', Number(identity.id)).executeTakeFirstOrThrow()
      },
      columns: ({ state }) => presentColumns(state),
      orders: {
        load: async ({ fields, state, tenant }) => {
          const rows = await listOrders(db, tenant ?? '', state, stored.filter((column) => fields.has(column)))
          return rows.map((row) => presentOrder(row, state))
        }
      },
      summary: async ({ state, tenant }) => presentSummary(await sumOrders(db, tenant ?? '', state.q), state),
      detail: async ({ state, tenant }) => {
        const found = state.open === 0 ? undefined : await findOrder(db, tenant ?? '', state.open)
        return found === undefined ? null : presentDetail(found)
      }
    },

    events: {
      search: {
        payload: Type.Object({ q: Type.String({ maxLength: longestQuery }) }),
        rateLimit: { rate: 8, burst: 8 },
        run: ({ state, payload, patchUrl }) => {
          Object.assign(state, { q: payload.q, page: 1, open: 0 })
          patchUrl(writeListing(state))
        }
      },
      filter: {
        payload: Type.Object({ status: Type.Union([Type.Literal(''), ...statuses.map((status) => Type.Literal(status))]) }),
        run: ({ state, payload, patchUrl }) => {
          Object.assign(state, { status: payload.status, page: 1, open: 0 })
          patchUrl(writeListing(state))
        }
      },
      sort: {
        payload: Type.Object({ column: Type.Union(columns.map(({ name }) => Type.Literal(name))) }),
        run: ({ state, payload, patchUrl }) => {
          Object.assign(state, sortedBy(state, payload.column))
          patchUrl(writeListing(state))
        }
      },
      // A step, not a page's number: of two quick clicks both count, whatever the first has changed meanwhile.
      turn: {
        payload: Type.Object({ by: Type.Union([Type.Literal(1), Type.Literal(-1)]) }),
        run: ({ state, payload, data, patchUrl }) => {
          const page = Math.min(state.page + payload.by, data.summary?.pages ?? 1)
          Object.assign(state, { page: Math.max(1, page), open: 0 })
          patchUrl(writeListing(state))
        }
      },
      show: {
        payload: Type.Object({ id: Id }),
        run: ({ state, payload, patchUrl }) => {
          state.open = state.open === payload.id ? 0 : payload.id
          patchUrl(writeListing(state))
        }
      },
      move: {
        payload: Type.Object({ id: Id, status: Type.Union(statuses.map((status) => Type.Literal(status))) }),
        authorize: ({ identity }) => isClerk(identity),
        reloads: changing,
        run: async ({ tenant, payload, flash }) => {
          const number = await changeStatus(db, tenant ?? '', payload.id, payload.status)
          if (number === undefined) return flash('warning', 'Somebody changed this order meanwhile. Please look again.')
          flash('success', `Order ${number} is now ${payload.status}.`)
          changes.emit('order')
        }
      },
      quantity: {
        payload: Type.Object({ id: Id, line: Id, quantity: Type.Integer({ minimum: 1, maximum: 999 }) }),
        authorize: ({ identity }) => isClerk(identity),
        reloads: changing,
        run: async ({ tenant, payload, flash }) => {
          const changed = await changeQuantity(db, tenant ?? '', payload.id, payload.line, payload.quantity)
          if (!changed) return flash('warning', 'This order is no longer open, so its lines stay as they are.')
          changes.emit('order')
        }
      }
    },

    onConnect: ({ connection, reload }) => {
      const listener = (): void => connection.update(() => changing.forEach(reload))
      listeners.set(connection.id, listener)
      changes.on('order', listener)
    },
    onDisconnect: ({ connection }) => {
      const listener = listeners.get(connection.id)
      if (listener !== undefined) changes.off('order', listener)
      listeners.delete(connection.id)
    }
  })
}
