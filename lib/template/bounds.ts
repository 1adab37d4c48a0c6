import { LIVE_ERR_TEMPLATE_SIZE } from './errors.ts'

/** What one call may make. Numbers come from data: `range(count)` with a count of 1e9 would take the process's memory. */
const MOST_ITEMS = 100_000
export const MOST_CHARACTERS = 1_000_000

export function checkItems (what: string, count: number): void {
  if (count > MOST_ITEMS) throw tooLarge(what, `${MOST_ITEMS} items`)
}

export function checkCharacters (what: string, count: number): void {
  if (count > MOST_CHARACTERS) throw tooLarge(what, `${MOST_CHARACTERS} characters`)
}

function tooLarge (what: string, most: string): Error {
  return new LIVE_ERR_TEMPLATE_SIZE(`${what} would make more than ${most}. Bound the number where it comes from, in the view's state or ` +
    'loader: Math.min(count, 100); or add a function of your own under that name to the environment')
}
