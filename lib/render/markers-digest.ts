import type { Shape } from '../template/shape.ts'
import { Html, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import type { HolePart } from '../template/layout.ts'
import { layoutOf } from './layout-of.ts'

const ROW = 4
const END = 5

/** What the browser must count from the page's markers if nothing between server and browser has touched them. */
export function markersDigest (tree: Tree): number {
  return bodyDigest(2166136261, tree.shape, tree.slots) >>> 0
}

function bodyDigest (start: number, shape: Shape, slots: readonly Slot[]): number {
  const { marks, parts } = layoutOf(shape)
  let hash = start
  for (const mark of marks) {
    hash = mark < 0
      ? feed(hash, -mark * 8 + 6)
      : holeDigest(hash, mark * 8, slots[(parts[mark] as HolePart).slot] as Slot)
  }
  return hash
}

function holeDigest (start: number, hole: number, slot: Slot): number {
  if (typeof slot !== 'object') return feed(start, hole)
  if (slot instanceof Tree) return feed(bodyDigest(feed(start, hole + 1), slot.shape, slot.slots), END)
  if (slot instanceof Html) return feed(feed(start, hole + 3), END)
  let hash = feed(start, hole + 2)
  for (const row of slot.rows) hash = bodyDigest(feed(hash, ROW), slot.shape, row)
  return feed(hash, END)
}

function feed (hash: number, value: number): number {
  return Math.imul(hash ^ value, 16777619)
}
