import { sql } from 'kysely'
import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely'
import type { Db, Tables } from './database.ts'
import { pageSize } from './listing.ts'
import type { Listing } from './listing.ts'
import { statuses } from './status.ts'
import type { Status } from './status.ts'
import type { ListedOrderRow, OrderLineRow, OrderRow, StatusCountRow, TotalsRow } from './tables.ts'

/*
 * What the loaders ask the database. Each is told by its caller which columns to ask for, and adds none of its own: what
 * the template does not show never leaves the database.
 */

type Rows = ExpressionBuilder<Tables, 'order_list'>
type Some<Row> = ReadonlyArray<keyof Row & string>

/** One page of the orders that match. */
export async function listOrders (db: Db, tenant: string, listing: Listing, columns: Some<ListedOrderRow>) {
  const direction = listing.descending ? 'desc' : 'asc'
  return await db.selectFrom('order_list').select(columns)
    .where((rows) => matching(rows, tenant, listing.q, listing.status))
    .orderBy(listing.sort, direction).orderBy('id', direction)
    .limit(pageSize).offset((listing.page - 1) * pageSize)
    .execute()
}

type Search = Pick<Listing, 'q' | 'status'>

/**
 * Count and sums of the orders that match. Cancelled orders are counted, but nobody pays them. By tenant, so that sums say whose
 * they are, like rows.
 */
export async function sumOrders (db: Db, tenant: string, { q, status }: Search, columns: Some<TotalsRow>) {
  const sums = await db.selectFrom('order_list')
    .select(({ fn, lit, ref }) => columns.map((column) => {
      if (column === 'tenant') return ref(column).as(column)
      if (column === 'count') return fn.countAll<number>().as(column)
      const sum = fn.sum<number>(column)
      return fn.coalesce(status === 'cancelled' ? sum : sum.filterWhere('status', '!=', 'cancelled'), lit(0)).as(column)
    }))
    .where((rows) => matching(rows, tenant, q, status))
    .groupBy('tenant').executeTakeFirst()
  return sums ?? Object.fromEntries(columns.map((column) => [column, column === 'tenant' ? tenant : 0])) as Partial<TotalsRow>
}

/** How many of the orders that match the search are in each status, all of them first. */
export async function countOrders (db: Db, tenant: string, q: string): Promise<StatusCountRow[]> {
  const rows = await db.selectFrom('order_list').select(({ fn }) => ['tenant', 'status', fn.countAll<number>().as('count')])
    .where((rows) => matching(rows, tenant, q, ''))
    .groupBy(['tenant', 'status']).execute()
  const counted = statuses.flatMap((status) => {
    const found = rows.filter((row) => row.status === status)
    return found.length > 0 ? found : [{ tenant, status, count: 0 }]
  })
  return [{ tenant, status: '', count: counted.reduce((all, { count }) => all + count, 0) }, ...counted]
}

/** Whether that order is the tenant's. */
export async function hasOrder (db: Db, tenant: string, id: number): Promise<boolean> {
  return await db.selectFrom('orders').select('id').where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst() !== undefined
}

export async function findOrder (db: Db, tenant: string, id: number, columns: Some<ListedOrderRow>) {
  return await db.selectFrom('order_list').select(columns)
    .where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst() ?? null
}

export async function listLines (db: Db, tenant: string, order: number, columns: Some<OrderLineRow>) {
  return await db.selectFrom('line_list').select(columns)
    .where('tenant', '=', tenant).where('order_id', '=', order).orderBy('id').execute()
}

/** What else the customer of an order has ordered lately. */
export async function listHistory (db: Db, tenant: string, id: number, columns: Some<OrderRow>) {
  return await db.selectFrom('orders').select(columns)
    .where('tenant', '=', tenant).where('id', '!=', id)
    .where('customer_id', '=', ({ selectFrom }) =>
      selectFrom('orders as this').select('this.customer_id').where('this.tenant', '=', tenant).where('this.id', '=', id))
    .orderBy('placed', 'desc').orderBy('id', 'desc').limit(4).execute()
}

function matching (rows: Rows, tenant: string, q: string, status: Status | ''): ExpressionWrapper<Tables, 'order_list', SqlBool> {
  const conditions = [rows.eb('tenant', '=', tenant)]
  if (status !== '') conditions.push(rows.eb('status', '=', status))
  // Each word must stand somewhere; % and _ that a person types are text.
  for (const word of q.split(/\s+/).filter((part) => part !== '').slice(0, 5)) {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`
    conditions.push(rows.eb(sql<string>`number || ' ' || customer || ' ' || city`, 'like', sql<string>`${pattern} escape '\\'`))
  }
  return rows.and(conditions)
}
