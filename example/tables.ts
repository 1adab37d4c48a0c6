import { Type } from '@sinclair/typebox'
import type { Static, TUnsafe } from '@sinclair/typebox'
import { statuses } from './status.ts'
import type { Status } from './status.ts'

/*
 * Every table with all of its columns, as an application has them from its ORM. The loaders of a view are given these whole:
 * which columns are really asked for is the template's matter.
 */

const Id = Type.Integer({ minimum: 1 })
const Text = Type.String()
/** Cents, percent, pieces. */
const Whole = Type.Integer()
const OneStatus: TUnsafe<Status> = Type.Unsafe({ type: 'string', enum: statuses })

export const User = Type.Object({
  id: Id,
  tenant: Text,
  email: Text,
  name: Text,
  role: Type.Union([Type.Literal('clerk'), Type.Literal('viewer')]),
  password_hash: Text,
  admin_notes: Text
})

export const Order = Type.Object({
  id: Id,
  tenant: Text,
  number: Text,
  customer_id: Id,
  placed: Text,
  status: OneStatus,
  goods: Whole,
  discount: Whole,
  total: Whole
})

/** A view in the database: orders with what belongs to their customer. */
export const ListedOrder = Type.Object({ ...Order.properties, customer: Text, city: Text, rebate: Whole })

/** A view in the database: the lines of orders with what belongs to their product. */
export const OrderLine = Type.Object({
  id: Id,
  tenant: Text,
  order_id: Id,
  product_id: Id,
  product: Text,
  quantity: Whole,
  price: Whole
})

/** Count and sums of many orders. */
export const Totals = Type.Object({ tenant: Text, count: Whole, goods: Whole, discount: Whole, total: Whole })

/** How many orders have a status; '' for all of them. */
export const StatusCount = Type.Object({
  tenant: Text,
  status: Type.Unsafe<Status | ''>({ type: 'string', enum: ['', ...statuses] }),
  count: Whole
})

export type UserRow = Static<typeof User>
export type OrderRow = Static<typeof Order>
export type ListedOrderRow = Static<typeof ListedOrder>
export type OrderLineRow = Static<typeof OrderLine>
export type TotalsRow = Static<typeof Totals>
export type StatusCountRow = Static<typeof StatusCount>
