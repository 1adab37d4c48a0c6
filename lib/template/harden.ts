import { liveFilters } from './live-filters.ts'
import { range } from './live-globals.ts'
import { liveTests } from './live-tests.ts'
import type { Environment } from './nunjucks.ts'

/** Gives an environment, as nunjucks has made it, the built-in filters, tests and functions that live pages have. */
export function harden (environment: Environment): void {
  const { filters, tests, globals } = environment
  Object.assign(filters, liveFilters)
  Object.assign(tests, liveTests)
  globals['range'] = range
}
