import { SafeString, escape } from './nunjucks.ts'
import type { Shape } from './shape.ts'

/** What one slot holds: raw text (escaped when it is written as HTML), trusted HTML, or structure. */
export type Slot = string | number | boolean | Html | Tree | List

/** HTML source that must not be escaped again: the outcome of `| safe`, `| escape` and other SafeStrings. */
export class Html extends SafeString {}

/**
 * One rendering of one shape. It is a SafeString to templates (`{{ m(x) | upper }}` sees text), and keeps its structure
 * where it is printed as it is.
 */
export class Tree extends SafeString {
  readonly shape: Shape
  readonly slots: Slot[]

  constructor (shape: Shape, slots: Slot[]) {
    super('')
    this.shape = shape
    this.slots = slots
  }

  override toString (): string {
    return flatten(this)
  }
}

/** The rows of one loop, all of one shape. */
export class List {
  readonly shape: Shape
  readonly rows: Slot[][]

  constructor (shape: Shape, rows: Slot[][]) {
    this.shape = shape
    this.rows = rows
  }
}

/** The text that nunjucks itself would have put out. */
export function flatten (slot: Slot): string {
  if (typeof slot === 'string') return escape(slot)
  if (slot instanceof Tree) return flattenBody(slot.shape, slot.slots)
  if (slot instanceof List) return slot.rows.map((row) => flattenBody(slot.shape, row)).join('')
  return String(slot)
}

function flattenBody (shape: Shape, slots: readonly Slot[]): string {
  let text = shape.statics[0] as string
  for (let k = 0; k < slots.length; k++) text += flatten(slots[k] as Slot) + (shape.statics[k + 1] as string)
  return text
}
