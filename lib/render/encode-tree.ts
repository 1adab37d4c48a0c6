import type { HolePart, Part } from '../template/layout.ts'
import type { Shape } from '../template/shape.ts'
import { Html, List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { htmlSource } from '../template/output/encode-place.ts'
import { layoutOf } from './layout-of.ts'
import { attributeSetValue, attributeValue, contentValue, textValue } from './part-value.ts'
import type { ListValue, NewShapes, SentShapes, TreeValue, Value } from './wire.ts'

/** Told what a value shows for the first time. */
export interface Collector {
  /** A body of this shape is encoded. */
  need (shape: Shape): void
  /** The client creates this list. */
  create (list: List): void
}

/** For values that are only looked at, not sent. */
export const NOT_SENT: Collector = Object.freeze({ need () {}, create () {} })

/**
 * Collects the shapes that a message is the first to need on this connection. A shape is noted when a body of it is
 * encoded, so the statics of a branch, or of rows, never travel before something of theirs is shown.
 */
export class ShapeCollector implements Collector {
  readonly #sent: SentShapes
  shapes: NewShapes | null = null

  constructor (sent: SentShapes) {
    this.#sent = sent
  }

  need (shape: Shape): void {
    if (this.#sent.has(shape.id)) return
    this.#sent.add(shape.id)
    this.shapes ??= {}
    this.shapes[shape.id] = layoutOf(shape).html
  }

  /** A list that is sent whole begins to count anew, even if the server's tree took it over from the tree before. */
  create (list: List): void {
    list.numbers = null
    list.nextNumber = list.rows.length
  }
}

/** The whole tree as a value, with the shapes that this connection lacks. */
export function encodeTree (tree: Tree, sent: SentShapes): { tree: TreeValue, shapes: NewShapes | null } {
  const collector = new ShapeCollector(sent)
  const value = treeValue(tree, collector)
  return { tree: value, shapes: collector.shapes }
}

export function treeValue (tree: Tree, collector: Collector): TreeValue {
  collector.need(tree.shape)
  return { s: tree.shape.id, v: bodyValues(layoutOf(tree.shape).parts, tree.slots, collector) }
}

export function listValue (list: List, collector: Collector): ListValue {
  collector.create(list)
  return { l: list.shape.id, r: rowValues(list.shape, list.rows, collector) }
}

export function rowValues (shape: Shape, rows: readonly Slot[][], collector: Collector): Value[][] {
  if (rows.length > 0) collector.need(shape)
  const { parts } = layoutOf(shape)
  return rows.map((row) => bodyValues(parts, row, collector))
}

function bodyValues (parts: readonly Part[], slots: readonly Slot[], collector: Collector): Value[] {
  return parts.map((part) => partValue(part, slots, collector))
}

export function partValue (part: Part, slots: readonly Slot[], collector: Collector): Value {
  switch (part.kind) {
    case 'hole': return holeValue(part, slots, collector)
    case 'attribute': return attributeValue(part, slots)
    case 'attributes': return attributeSetValue(part, slots)
    case 'content': return contentValue(part, slots)
  }
}

function holeValue (part: HolePart, slots: readonly Slot[], collector: Collector): Value {
  const slot = slots[part.slot] as Slot
  // The parser would move the text in front of the table; the browser shows none either way.
  if (typeof slot !== 'object') return part.textless === true ? '' : textValue(slot)
  if (slot instanceof Tree) return treeValue(slot, collector)
  return slot instanceof Html ? { h: htmlSource(slot.toString()) } : listValue(slot, collector)
}
