import { fileURLToPath } from 'node:url'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { formatCount, formatDay, formatMoney } from './format.ts'
import { addressOf, columns, pageCount, sortedBy } from './listing.ts'
import type { Column, Listing } from './listing.ts'
import { priceOrder } from './pricing.ts'
import type { PricedLine } from './pricing.ts'
import { nextStatuses } from './status.ts'
import type { Status } from './status.ts'

const folder = fileURLToPath(new URL('./views', import.meta.url))
const verbs = { open: 'Reopen', packed: 'Pack', shipped: 'Ship', delivered: 'Deliver', cancelled: 'Cancel' } as const

/**
 * The templates, with all that turns columns of the database into what people read. Done here and not in the loaders, so that
 * the names in a template are names of columns.
 */
export function createTemplates (): TemplateEnvironment {
  const templates = new TemplateEnvironment(folder)
  templates.addGlobal('columns', columns)

  templates.addFilter('money', formatMoney)
  templates.addFilter('day', formatDay)
  templates.addFilter('number', formatCount)
  templates.addFilter('pages', pageCount)

  templates.addFilter('next_statuses', (status: Status) => nextStatuses(status))
  templates.addFilter('verb', (status: Status) => verbs[status])
  // Said, since a filter could read any column of what it is given.
  templates.addFilter('price', (lines: readonly PricedLine[], rebate: number) => priceOrder(lines, rebate), { reads: ['[].quantity', '[].price'] })

  templates.addFilter('address', (listing: Listing, otherwise: Partial<Listing>) => addressOf(listing, otherwise))
  templates.addFilter('address_sorted_by', (listing: Listing, column: Column) => addressOf(listing, sortedBy(listing, column)))
  return templates
}
