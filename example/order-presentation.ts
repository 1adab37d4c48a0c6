import { formatCount, formatDay, formatMoney } from './format.ts'
import { addressOf, columns, pageSize, sortedBy } from './listing.ts'
import type { Listing } from './listing.ts'
import type { OrderDetail, OrderRow, StatusSums } from './order-queries.ts'
import { nextStatuses, statuses } from './status.ts'

const verbs = { open: 'Reopen', packed: 'Pack', shipped: 'Ship', delivered: 'Deliver', cancelled: 'Cancel' } as const

export function presentColumns (listing: Listing) {
  return columns.map(({ name, label }) => ({
    name,
    label,
    href: addressOf(listing, sortedBy(listing, name)),
    sorted: listing.sort !== name ? '' : listing.descending ? 'descending' : 'ascending'
  }))
}

/** A row as the table shows it; of columns that were not asked for, nothing is shown either. */
export function presentOrder (order: Partial<OrderRow>, listing: Listing) {
  const { id = 0, number = '', customer = '', city = '', placed = '', status = 'open', total = 0 } = order
  const [next] = nextStatuses(status)
  return {
    id,
    number,
    customer,
    city,
    status,
    placed,
    day: placed === '' ? '' : formatDay(placed),
    total: formatMoney(total),
    next: next ?? '',
    verb: next === undefined ? '' : verbs[next],
    href: addressOf(listing, { open: listing.open === id ? 0 : id })
  }
}

/** Count, sums, tabs and pages of a listing. Cancelled orders are counted, but nobody pays them. */
export function presentSummary (sums: readonly StatusSums[], listing: Listing) {
  const shown = sums.filter(({ status }) => listing.status === '' || status === listing.status)
  const worth = shown.filter(({ status }) => status !== 'cancelled' || listing.status === 'cancelled')
  const count = add(shown, 'count')
  const pages = Math.max(1, Math.ceil(count / pageSize))
  const tabs = [
    { status: '' as const, count: add(sums, 'count') },
    ...statuses.map((status) => ({ status, count: add(sums.filter((each) => each.status === status), 'count') }))
  ]
  return {
    count: formatCount(count),
    goods: formatMoney(add(worth, 'goods')),
    discount: formatMoney(add(worth, 'discount')),
    total: formatMoney(add(worth, 'total')),
    pages,
    previous: addressOf(listing, { page: Math.min(listing.page - 1, pages), open: 0 }),
    next: addressOf(listing, { page: listing.page + 1, open: 0 }),
    tabs: tabs.map((tab) => ({
      status: tab.status,
      count: formatCount(tab.count),
      href: addressOf(listing, { status: tab.status, page: 1, open: 0 })
    }))
  }
}

export function presentDetail ({ order, lines, price }: OrderDetail) {
  return {
    id: order.id,
    number: order.number,
    open: order.status === 'open',
    steps: nextStatuses(order.status).map((status) => ({ status, verb: verbs[status] })),
    lines: lines.map((line) => ({ ...line, price: formatMoney(line.price), amount: formatMoney(line.quantity * line.price) })),
    goods: formatMoney(price.goods),
    tier: price.tier,
    tierDiscount: formatMoney(-price.tierDiscount),
    rebate: price.rebate,
    rebateDiscount: formatMoney(-price.rebateDiscount),
    total: formatMoney(price.total)
  }
}

function add (sums: readonly StatusSums[], key: 'count' | 'goods' | 'discount' | 'total'): number {
  return sums.reduce((all, each) => all + Number(each[key]), 0)
}
