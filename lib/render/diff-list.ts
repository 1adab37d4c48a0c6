import type { List, Slot } from '../template/tree.ts'
import { diffBody } from './diff-tree.ts'
import { listValue, NOT_SENT, rowValues } from './encode-tree.ts'
import type { Collector } from './encode-tree.ts'
import { matchRows } from './match-rows.ts'
import { passNumbers } from './row-numbers.ts'
import { reorder } from './reorder.ts'
import { CHANGE, INSERT, MOVE, REMOVE } from './wire.ts'
import type { ListPatch, ListValue, TreePatch, Value } from './wire.ts'

type Operations = (number | Value[][] | TreePatch)[]

/**
 * Remove, move, insert, then change: each kind in ascending order, so that an insert's or a change's index is the row's
 * final one. A list of which nothing is left, or most is new and the patch would be longer, is sent whole.
 */
export function diffList (previous: List, next: List, collector: Collector): ListPatch | ListValue | null {
  const { prefix, suffix, sources } = matchRows(previous, next)
  const operations: Operations = []
  let kept = prefix + suffix
  if (sources !== null) {
    const order = sources.filter((source) => source >= 0)
    kept += order.length
    if (kept === 0 && next.rows.length > 0) return listValue(next, collector)
    const end = previous.rows.length - suffix
    addRemovals(operations, order.toSorted(), prefix, end)
    addMoves(operations, order, prefix, end)
    addInsertions(operations, next, sources, prefix, collector)
  }
  passNumbers(previous, next, prefix, sources)
  addChanges(operations, previous, next, prefix, sources, collector)
  if (kept * 2 < next.rows.length) {
    const whole = wholeIfShorter(operations, next, collector)
    if (whole !== null) return whole
  }
  return operations.length === 0 ? null : operations
}

/** `remaining`: the previous indexes between `start` and `end` that stay, ascending. */
function addRemovals (operations: Operations, remaining: Int32Array, start: number, end: number): void {
  let index = start
  let expected = start
  for (const stays of remaining) {
    if (stays > expected) operations.push(REMOVE, index, stays - expected)
    expected = stays + 1
    index++
  }
  if (end > expected) operations.push(REMOVE, index, end - expected)
}

function addMoves (operations: Operations, order: Int32Array, start: number, end: number): void {
  if (order.every((source, k) => k === 0 || source > (order[k - 1] as number))) return
  const ranks = new Int32Array(end - start)
  order.toSorted().forEach((source, rank) => { ranks[source - start] = rank })
  const places = Array.from(order, (source) => ranks[source - start] as number)
  for (const { from, count, to } of reorder(places)) operations.push(MOVE, from + start, count, to + start)
}

function addInsertions (operations: Operations, next: List, sources: Int32Array, start: number, collector: Collector): void {
  for (let k = 0; k < sources.length; k++) {
    if ((sources[k] as number) >= 0) continue
    const first = k
    while (sources[k + 1] === -1) k++
    const rows = next.rows.slice(start + first, start + k + 1)
    operations.push(INSERT, start + first, rowValues(next.shape, rows, collector))
  }
}

function addChanges (
  operations: Operations, previous: List, next: List, prefix: number, sources: Int32Array | null, collector: Collector
): void {
  const middle = prefix + (sources === null ? 0 : sources.length)
  const shift = previous.rows.length - next.rows.length
  for (let k = 0; k < next.rows.length; k++) {
    const source = k < prefix ? k : k < middle ? (sources as Int32Array)[k - prefix] as number : k + shift
    if (source < 0) continue
    const before = previous.rows[source] as Slot[]
    const after = next.rows[k] as Slot[]
    if (before === after) continue
    const patch = diffBody(next.shape, before, after, collector)
    if (patch !== null) operations.push(CHANGE, k, patch)
  }
}

function wholeIfShorter (operations: Operations, next: List, collector: Collector): ListValue | null {
  // Only the values are compared here: creating the list must not start its numbers anew unless it is really sent.
  const size = JSON.stringify(operations).length
  const whole = JSON.stringify(rowValues(next.shape, next.rows, NOT_SENT)).length
  return size > whole ? listValue(next, collector) : null
}
