import { SafeString, escape } from './nunjucks.ts'
import type { Shape } from './shape.ts'

/** What one slot holds: raw text (escaped when it is written as HTML), trusted HTML, or structure. */
export type Slot = string | number | boolean | Html | Tree | List

/**
 * HTML source that must not be escaped again: the outcome of `| safe`, `| escape`, `| sanitize`. Outside of compatible mode only
 * the engine makes them, so that no other SafeString is believed.
 */
export class Html extends SafeString {}

/** What `| safe` makes of a text: in a script of JSON it may be JSON already, which HTML that was escaped or cleaned never is. */
export class SaidSafe extends Html {}

/**
 * One rendering of one shape. Templates never hold one: a macro called inside an expression gives them a plain SafeString,
 * so nothing of this can be reached as `{{ m().slots }}`. Only a call that is printed as it is keeps its structure.
 */
export class Tree {
  readonly shape: Shape
  readonly slots: Slot[]

  constructor (shape: Shape, slots: Slot[]) {
    this.shape = shape
    this.slots = slots
  }

  toString (): string {
    return flattenBody(this.shape, this.slots)
  }
}

/**
 * What a macro gives to templates that use it as a value: a text, and privately the tree that it is the text of. Printed as it
 * is, it is the tree again, whose values are encoded for their places; whatever a filter makes of it is a text like any other.
 */
export class TreeText extends SafeString {
  readonly #tree: Tree
  #isTaken = false

  constructor (tree: Tree, text: string) {
    super(text)
    this.#tree = tree
  }

  /** The tree behind a value; another one each time, since each place keeps count of its own lists. */
  static treeOf (value: object): Tree | null {
    if (!(#tree in value)) return null
    const tree = value.#isTaken ? copySlot(value.#tree) as Tree : value.#tree
    value.#isTaken = true
    return tree
  }
}

function copySlot (slot: Slot): Slot {
  if (slot instanceof Tree) return new Tree(slot.shape, slot.slots.map(copySlot))
  return slot instanceof List ? new List(slot.shape, slot.rows.map((row) => row.map(copySlot))) : slot
}

/** The rows of one loop, all of one shape. */
export class List {
  readonly shape: Shape
  readonly rows: Slot[][]
  /**
   * The rows' numbers on the wire; null while row k has number k, which costs nothing. Kept up by the diff, so a list belongs
   * to one place of one connection's trees: a rendering may take it over from the one before at that place only.
   */
  numbers: readonly number[] | null
  /** The number that the next inserted row takes; null as long as it is the count of rows, which a loop adds one by one. */
  nextNumber: number | null

  constructor (shape: Shape, rows: Slot[][]) {
    this.shape = shape
    this.rows = rows
    this.numbers = null
    this.nextNumber = null
  }

  toString (): string {
    return flatten(this)
  }
}

const special = /[&"'<>\\]/

/** The text that nunjucks itself would have put out. */
export function flatten (slot: Slot): string {
  // Most values need no escape; asking first is two to three times faster than replacing.
  if (typeof slot === 'string') return special.test(slot) ? escape(slot) : slot
  if (slot instanceof List) {
    let text = ''
    for (const row of slot.rows) text += flattenBody(slot.shape, row)
    return text
  }
  return String(slot)
}

/** The text of one body, from its statics and the values of its slots. */
export function flattenBody (shape: Shape, slots: readonly Slot[]): string {
  const statics = shape.statics
  let text = statics[0] as string
  for (let k = 0; k < slots.length; k++) text += flatten(slots[k] as Slot) + (statics[k + 1] as string)
  return text
}
