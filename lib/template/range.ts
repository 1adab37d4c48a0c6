import { checkItems } from './bounds.ts'
import { ordinary } from './ordinary.ts'

/** nunjucks' own `range`, as far as it may count. */
export function range (given: unknown, until?: unknown, by?: unknown): unknown[] {
  const isShort = until === undefined
  const start: any = isShort ? 0 : ordinary(given)
  const stop: any = ordinary(isShort ? given : until)
  const step: any = (isShort ? 1 : ordinary(by)) || 1
  const numbers: unknown[] = []
  const add = (at: any): void => {
    // A start that is a text grows by a digit each time, as in nunjucks: `range("1", "5")` would not end.
    checkItems('range()', typeof at === 'string' ? numbers.length * at.length : numbers.length + 1)
    numbers.push(at)
  }
  if (step > 0) for (let at = start; at < stop; at += step) add(at)
  else for (let at = start; at > stop; at += step) add(at)
  return numbers
}
