import { Html } from '../template/tree.ts'
import type { List, Slot } from '../template/tree.ts'
import { layoutOf } from './layout-of.ts'
import { sameSlots } from './same-slot.ts'

/** Which row of the previous list each row of the next one was. */
export interface RowMatch {
  /** Rows at the beginning, and at the end, that match one to one. */
  readonly prefix: number
  readonly suffix: number
  /** For each next row between them the index of its previous row, or -1 for a new one. Null where nothing lies between. */
  readonly sources: Int32Array | null
}

/** Matches rows by their keys; without keys, or where keys are missing or double, by what they say and then by position. */
export function matchRows (previous: List, next: List): RowMatch {
  const { keySlot } = layoutOf(next.shape)
  const before = previous.rows
  const after = next.rows
  const shorter = Math.min(before.length, after.length)
  let prefix = 0
  while (prefix < shorter && isSameRow(before[prefix] as Slot[], after[prefix] as Slot[], keySlot)) prefix++
  let suffix = 0
  while (suffix < shorter - prefix) {
    if (!isSameRow(before.at(-1 - suffix) as Slot[], after.at(-1 - suffix) as Slot[], keySlot)) break
    suffix++
  }
  const beforeEnd = before.length - suffix
  const afterEnd = after.length - suffix
  if (prefix === beforeEnd && prefix === afterEnd) return { prefix, suffix, sources: null }
  const sources = (keySlot === null ? null : byKey(before, after, prefix, beforeEnd, afterEnd, keySlot)) ??
    byPosition(prefix, beforeEnd, afterEnd)
  return { prefix, suffix, sources }
}

function isSameRow (a: Slot[], b: Slot[], keySlot: number | null): boolean {
  return keySlot === null ? sameSlots(a, b) : a[keySlot] === b[keySlot] || isSameKey(a, b, keySlot)
}

function isSameKey (a: Slot[], b: Slot[], keySlot: number): boolean {
  const key = keyOf(a, keySlot)
  return key !== '' && key === keyOf(b, keySlot)
}

/** '' stands for a missing key: undefined and null render as that. */
function keyOf (row: Slot[], keySlot: number): string | number | boolean {
  const slot = row[keySlot] as Slot
  if (typeof slot !== 'object') return slot
  return slot instanceof Html ? slot.toString() : ''
}

function byKey (
  before: Slot[][], after: Slot[][], start: number, beforeEnd: number, afterEnd: number, keySlot: number
): Int32Array | null {
  const indexes = new Map<string | number | boolean, number>()
  for (let k = start; k < beforeEnd; k++) indexes.set(keyOf(before[k] as Slot[], keySlot), k)
  if (indexes.size < beforeEnd - start || indexes.has('')) return null
  const sources = new Int32Array(afterEnd - start)
  const seen = new Set<string | number | boolean>()
  for (let k = start; k < afterEnd; k++) {
    const key = keyOf(after[k] as Slot[], keySlot)
    seen.add(key)
    sources[k - start] = indexes.get(key) ?? -1
  }
  return seen.size < sources.length || seen.has('') ? null : sources
}

function byPosition (start: number, beforeEnd: number, afterEnd: number): Int32Array {
  return Int32Array.from({ length: afterEnd - start }, (_, k) => start + k < beforeEnd ? start + k : -1)
}
