import { isPlain } from './is-leaf.ts'

/** Rows that one page can show, and far more. An iterator need not end. */
export const MOST_ELEMENTS = 100_000

/** True for generators and other iterators: they are empty once something has walked through them. */
export function isWalkedOnce (value: object): value is Iterable<unknown> {
  if (Array.isArray(value) || isPlain(value) || !(Symbol.iterator in value) || !('next' in value)) return false
  return (value as Iterable<unknown>)[Symbol.iterator]() === value
}

/** The elements as a list; null where there are too many. */
export function walk (iterator: Iterable<unknown>): unknown[] | null {
  const list: unknown[] = []
  for (const element of iterator) {
    if (list.length === MOST_ELEMENTS) return null
    list.push(element)
  }
  return list
}
