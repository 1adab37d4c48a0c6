import { Html, List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'

/** True when both say the same: for slots inside attributes and texts, and for rows that nothing else tells apart. */
export function sameSlot (a: Slot, b: Slot): boolean {
  if (a === b) return true
  if (typeof a !== 'object') return Object.is(a, b)
  if (a instanceof Tree) return b instanceof Tree && a.shape.id === b.shape.id && sameSlots(a.slots, b.slots)
  if (a instanceof Html) return b instanceof Html && a.toString() === b.toString()
  return b instanceof List && a.shape.id === b.shape.id && a.rows.length === b.rows.length &&
    a.rows.every((row, k) => sameSlots(row, b.rows[k] as Slot[]))
}

/** True when both rows say the same. */
export function sameSlots (a: readonly Slot[], b: readonly Slot[]): boolean {
  if (a === b) return true
  for (let k = 0; k < a.length; k++) if (!sameSlot(a[k] as Slot, b[k] as Slot)) return false
  return true
}
