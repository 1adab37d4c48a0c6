import { EventEmitter } from 'node:events'
import { Type } from '@sinclair/typebox'
import { defineView, requirePermission, tenantKey, tenantScoped } from '../plugin/index.ts'
import type { Db } from './database.ts'
import { columns, longestQuery, pageCount, readListing, sortedBy, writeListing } from './listing.ts'
import { changeQuantity, changeStatus } from './order-changes.ts'
import { countOrders, findOrder, hasOrder, listHistory, listLines, listOrders, sumOrders } from './order-queries.ts'
import { statuses } from './status.ts'
import { ListedOrder, Order, OrderLine, StatusCount, Totals, User } from './tables.ts'

const Id = Type.Integer({ minimum: 1 })
/** What an order's change may change; of these, only what a page shows just now is loaded again. */
const changing = ['orders', 'totals', 'tabs', 'detail', 'lines', 'history'] as const

/** What a shop's pages are told of: no other shop's hear it. */
const topicOf = (tenant: string | null): string => tenantKey(tenant, 'orders')

/** The orders page. `changes` tells every open page of a shop that somebody changed an order. */
export function ordersView (db: Db, changes: EventEmitter = new EventEmitter().setMaxListeners(0)) {
  const listeners = new Map<string, (by: string) => void>()

  return defineView({
    name: 'orders',
    template: 'orders.njk',
    state: ({ query }) => readListing(query),

    // Asked for besides, looked at in every row, and dropped: should a query forget its tenant, nothing is shown.
    loaders: {
      user: tenantScoped({
        schema: User,
        load: ({ fields, identity, tenant }) => db.selectFrom('users').select(fields.toKysely())
          .where('tenant', '=', tenant).where('id', '=', Number(identity?.id)).executeTakeFirstOrThrow()
      }, { column: 'tenant' }),
      orders: tenantScoped({
        schema: Type.Array(ListedOrder),
        load: ({ fields, state, tenant }) => listOrders(db, tenant, state, fields.columns)
      }, { column: 'tenant' }),
      totals: tenantScoped({
        schema: Totals,
        load: ({ fields, state, tenant }) => sumOrders(db, tenant, state, fields.columns)
      }, { column: 'tenant' }),
      tabs: tenantScoped({
        schema: Type.Array(StatusCount),
        load: ({ state, tenant }) => countOrders(db, tenant, state.q)
      }, { column: 'tenant' }),
      detail: tenantScoped({
        schema: ListedOrder,
        load: ({ fields, state, tenant }) => findOrder(db, tenant, state.open, fields.columns)
      }, { column: 'tenant' }),
      lines: tenantScoped({
        schema: Type.Array(OrderLine),
        load: ({ fields, state, tenant }) => listLines(db, tenant, state.open, fields.columns)
      }, { column: 'tenant' }),
      history: tenantScoped({
        schema: Type.Array(Order),
        // Nice to have, and nothing to wait for: the page stands, and this comes over the socket.
        deferred: true,
        fallback: 'parts/history-loading.njk',
        load: ({ fields, state, tenant }) => listHistory(db, tenant, state.open, fields.columns)
      }, { column: 'tenant' })
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
          const page = Math.min(state.page + payload.by, pageCount(data.totals?.count ?? 0))
          Object.assign(state, { page: Math.max(1, page), open: 0 })
          patchUrl(writeListing(state))
        }
      },
      cities: {
        run: ({ state, patchUrl }) => {
          state.cities = !state.cities
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
        // The same rule hides the buttons: can("move") in the template.
        authorize: requirePermission('orders.move'),
        reloads: changing,
        run: async ({ tenant, payload, flash, connection }) => {
          const number = await changeStatus(db, tenant ?? '', payload.id, payload.status)
          if (number === undefined) return flash('warning', 'Somebody changed this order meanwhile. Please look again.')
          flash('success', `Order ${number} is now ${payload.status}.`)
          changes.emit(topicOf(tenant), connection.id)
        }
      },
      quantity: {
        payload: Type.Object({ id: Id, line: Id, quantity: Type.Integer({ minimum: 1, maximum: 999 }) }),
        // Not only whether one may change orders, but this one: asked of the database with each use.
        authorize: async ({ hasPermission, tenant, payload }) =>
          await hasPermission('orders.change') && await hasOrder(db, tenant ?? '', payload.id),
        reloads: changing,
        run: async ({ tenant, payload, flash, connection }) => {
          const changed = await changeQuantity(db, tenant ?? '', payload.id, payload.line, payload.quantity)
          if (!changed) return flash('warning', 'This order is no longer open, so its lines stay as they are.')
          changes.emit(topicOf(tenant), connection.id)
        }
      }
    },

    onConnect: ({ connection, tenant, reload }) => {
      // Who changed it has loaded it anew by the event's own `reloads`.
      const listener = (by: string): void => {
        if (by !== connection.id) connection.update(() => changing.forEach(reload))
      }
      listeners.set(connection.id, listener)
      changes.on(topicOf(tenant), listener)
    },
    onDisconnect: ({ connection, tenant }) => {
      const listener = listeners.get(connection.id)
      if (listener !== undefined) changes.off(topicOf(tenant), listener)
      listeners.delete(connection.id)
    }
  })
}
