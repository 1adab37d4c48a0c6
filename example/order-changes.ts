import type { Db } from './database.ts'
import { priceOrder } from './pricing.ts'
import { nextStatuses } from './status.ts'
import type { Status } from './status.ts'

/** Moves an order on, if it may go there; gives its number, or undefined when it may not or is not this tenant's. */
export async function changeStatus (db: Db, tenant: string, id: number, status: Status): Promise<string | undefined> {
  return await db.transaction().execute(async (tx) => {
    const order = await tx.selectFrom('orders').select(['number', 'status'])
      .where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst()
    if (order === undefined || !nextStatuses(order.status).includes(status)) return undefined
    await tx.updateTable('orders').set({ status }).where('id', '=', id).execute()
    return order.number
  })
}

/** Sets how many of a line are ordered and prices the order anew; only an open order may still change. */
export async function changeQuantity (db: Db, tenant: string, id: number, line: number, quantity: number): Promise<boolean> {
  return await db.transaction().execute(async (tx) => {
    const order = await tx.selectFrom('order_list').select(['status', 'rebate'])
      .where('tenant', '=', tenant).where('id', '=', id).executeTakeFirst()
    const lines = await tx.selectFrom('line_list').select(['id', 'quantity', 'price'])
      .where('tenant', '=', tenant).where('order_id', '=', id).execute()
    if (order?.status !== 'open' || !lines.some((each) => each.id === line)) return false
    await tx.updateTable('order_lines').set({ quantity }).where('id', '=', line).execute()
    const priced = lines.map((each) => each.id === line ? { ...each, quantity } : each)
    const { goods, discount, total } = priceOrder(priced, order.rebate)
    await tx.updateTable('orders').set({ goods, discount, total }).where('id', '=', id).execute()
    return true
  })
}
