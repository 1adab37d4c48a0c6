import { Type } from '@sinclair/typebox'
import { isStatus } from './status.ts'
import type { Status } from './status.ts'

export const columns = [
  { name: 'number', label: 'Order' },
  { name: 'customer', label: 'Customer' },
  { name: 'placed', label: 'Placed' },
  { name: 'status', label: 'Status' },
  { name: 'total', label: 'Total' }
] as const
export type Column = typeof columns[number]['name']

/** What the orders page shows just now: all of it stands in the address, so that a reload or a bookmark shows the same. */
export interface Listing {
  q: string
  status: Status | ''
  sort: Column
  descending: boolean
  page: number
  /** Whether the customers' cities are shown, and so fetched. */
  cities: boolean
  /** The order whose details are open, 0 for none. */
  open: number
}

export const pageSize = 20
export const longestQuery = 80

type Query = Readonly<Record<string, string | undefined>>

const text = Type.Optional(Type.String())
/** Texts, each at most once: without a schema a repeated name (`?q=a&q=b`) comes as an array. */
export const ListingQuery = Type.Object({ q: text, status: text, sort: text, page: text, cities: text, open: text })

/** Reads an address as a person might have edited it: what makes no sense falls back to the usual. */
export function readListing ({ q, status, sort, page, cities, open }: Query): Listing {
  const column = sort?.replace(/^-/, '')
  const known = columns.find(({ name }) => name === column)?.name
  return {
    q: (q ?? '').slice(0, longestQuery),
    status: isStatus(status) ? status : '',
    sort: known ?? 'placed',
    descending: known === undefined || sort?.startsWith('-') === true,
    page: readNumber(page, 1),
    cities: cities === 'shown',
    open: readNumber(open, 0)
  }
}

/** The query of a listing's address; what is as usual is left out. */
export function writeListing ({ q, status, sort, descending, page, cities, open }: Listing): Record<string, string | null> {
  const order = (descending ? '-' : '') + sort
  return {
    q: q || null,
    status: status || null,
    sort: order === '-placed' ? null : order,
    page: page > 1 ? String(page) : null,
    cities: cities ? 'shown' : null,
    open: open > 0 ? String(open) : null
  }
}

/** The address that shows `listing` with some things otherwise. */
export function addressOf (listing: Listing, otherwise: Partial<Listing>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(writeListing({ ...listing, ...otherwise }))) {
    if (value !== null) query.set(name, value)
  }
  return query.size === 0 ? '/orders' : `/orders?${query.toString()}`
}

export function pageCount (orders: number): number {
  return Math.max(1, Math.ceil(orders / pageSize))
}

type Sorting = Pick<Listing, 'sort' | 'descending' | 'page'>

/** Sorting by the column that sorts already turns the direction. */
export function sortedBy ({ sort, descending }: Sorting, column: Column): Sorting {
  return { sort: column, descending: sort === column && !descending, page: 1 }
}

function readNumber (text: string | undefined, otherwise: number): number {
  return text !== undefined && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : otherwise
}
