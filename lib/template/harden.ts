import { liveFilters } from './live-filters.ts'
import { liveTests } from './live-tests.ts'
import type { Environment } from './nunjucks.ts'
import { range } from './range.ts'
import { trustFilters } from './trust-filters.ts'

/** Gives an environment, as nunjucks has made it, the built-in filters, tests and functions that live pages have. */
export function harden (environment: Environment, sanitize: (value: unknown) => unknown): void {
  const { filters, tests, globals } = environment
  Object.assign(filters, liveFilters)
  // These are put around the hardened ones, not around nunjucks' own.
  Object.assign(filters, trustFilters(filters), { sanitize })
  Object.assign(tests, liveTests)
  globals['range'] = range
}
