import { sql } from 'kysely'
import type { ExpressionBuilder, ExpressionWrapper, Selectable, SqlBool } from 'kysely'
import type { Db, Tables } from './database.ts'
import { pageSize } from './listing.ts'
import type { Listing } from './listing.ts'
import { priceOrder } from './pricing.ts'
import type { Price } from './pricing.ts'
import type { Status } from './status.ts'

type Rows = ExpressionBuilder<Tables, 'order_list'>
export type OrderRow = Selectable<Tables['order_list']>
export type OrderColumn = keyof OrderRow

/** One page of the orders that match, with the given columns only. */
export async function listOrders (
  db: Db, tenant: string, listing: Listing, columns: readonly OrderColumn[]
): Promise<Array<Partial<OrderRow>>> {
  const direction = listing.descending ? 'desc' : 'asc'
  return await db.selectFrom('order_list').select(columns as OrderColumn[])
    .where((rows) => matching(rows, tenant, listing.q, listing.status))
    .orderBy(listing.sort, direction).orderBy('id', direction)
    .limit(pageSize).offset((listing.page - 1) * pageSize)
    .execute()
}

export interface StatusSums { status: Status, count: number, goods: number, discount: number, total: number }

/** Count and sums of the orders that match the search, for each status that occurs. */
export async function sumOrders (db: Db, tenant: string, q: string): Promise<StatusSums[]> {
  return await db.selectFrom('order_list')
    .select(({ fn }) => ['status', fn.countAll<number>().as('count'), fn.sum<number>('goods').as('goods'),
      fn.sum<number>('discount').as('discount'), fn.sum<number>('total').as('total')])
    .where((rows) => matching(rows, tenant, q, ''))
    .groupBy('status').execute()
}

export interface OrderDetail {
  readonly order: { id: number, number: string, status: Status, rebate: number }
  readonly lines: ReadonlyArray<{ id: number, product: string, quantity: number, price: number }>
  readonly price: Price
}

export async function findOrder (db: Db, tenant: string, id: number): Promise<OrderDetail | undefined> {
  const order = await db.selectFrom('order_list').select(['id', 'number', 'status', 'rebate'])
    .where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst()
  if (order === undefined) return undefined
  const lines = await db.selectFrom('order_lines').innerJoin('products', 'products.id', 'product_id')
    .select(['order_lines.id', 'products.name as product', 'quantity', 'order_lines.price'])
    .where('order_id', '=', id).orderBy('order_lines.id').execute()
  return { order, lines, price: priceOrder(lines, order.rebate) }
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
