import type { HolePart, Part } from '../template/layout.ts'
import type { Shape } from '../template/shape.ts'
import { List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { diffList } from './diff-list.ts'
import { partValue, ShapeCollector, treeValue } from './encode-tree.ts'
import type { Collector } from './encode-tree.ts'
import { layoutOf } from './layout-of.ts'
import { attributeSetChange } from './part-value.ts'
import { sameSlot } from './same-slot.ts'
import type { ListPatch, NewShapes, Patch, SentShapes, TreePatch, Value } from './wire.ts'

/**
 * What turns the client's `previous` into `next`, null where they show the same, and the shapes that it is the first to
 * need. Hands the row numbers of `previous` on to `next`, so every rendering must be diffed against the one before it.
 */
export function diffTree (previous: Tree, next: Tree, sent: SentShapes): { patch: Patch | null, shapes: NewShapes | null } {
  const collector = new ShapeCollector(sent)
  const patch = previous.shape.id === next.shape.id
    ? diffBody(next.shape, previous.slots, next.slots, collector)
    : treeValue(next, collector)
  return { patch, shapes: collector.shapes }
}

/** The patch of one body: slots are compared one by one, and only a changed one costs more than the comparison. */
export function diffBody (
  shape: Shape, previous: readonly Slot[], next: readonly Slot[], collector: Collector
): TreePatch | null {
  let patch: (number | Value | TreePatch | ListPatch)[] | null = null
  for (let k = 0; k < next.length; k++) {
    if (previous[k] === next[k]) continue
    const { parts, partOf } = layoutOf(shape)
    const number = partOf[k] as number
    if (patch !== null && patch[patch.length - 2] === number) continue
    const change = partChange(parts[number] as Part, previous, next, k, collector)
    if (change === null) continue
    patch ??= []
    patch.push(number, change)
  }
  return patch
}

function partChange (
  part: Part, previous: readonly Slot[], next: readonly Slot[], slot: number, collector: Collector
): Value | TreePatch | ListPatch | null {
  if (part.kind === 'hole') return holeChange(part, previous, next, collector)
  if (sameSlot(previous[slot] as Slot, next[slot] as Slot)) return null
  return part.kind === 'attributes' ? attributeSetChange(part, previous, next) : partValue(part, next, collector)
}

function holeChange (
  part: HolePart, previous: readonly Slot[], next: readonly Slot[], collector: Collector
): Value | TreePatch | ListPatch | null {
  const before = previous[part.slot] as Slot
  const after = next[part.slot] as Slot
  if (before instanceof Tree && after instanceof Tree && before.shape.id === after.shape.id) {
    return diffBody(after.shape, before.slots, after.slots, collector)
  }
  if (before instanceof List && after instanceof List && before.shape.id === after.shape.id) {
    return diffList(before, after, collector)
  }
  if (part.textless === true && typeof before !== 'object' && typeof after !== 'object') return null
  return sameSlot(before, after) ? null : partValue(part, next, collector)
}
