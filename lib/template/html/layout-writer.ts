import type { BoundElement, HolePart, Layout, Part, Piece } from '../layout.ts'
import type { Shape } from '../shape.ts'
import type { SentElements } from './sent-elements.ts'
import type { Point } from './start-tag.ts'

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** An element of the body as it is read: what its `live-at` will say. */
export interface MarkedElement {
  readonly nameEnd: Point
  readonly items: string[]
}

/** Collects what the walk finds in one body, and makes its layout. */
export interface LayoutWriter {
  readonly shape: Shape
  readonly parts: Part[]
  readonly partOf: number[]
  readonly elements: BoundElement[]
  readonly sent: SentElements
  readonly marks: Array<number | MarkedElement>
  readonly page: Edit[][]
  readonly html: Edit[][]
  /** What stands in the template at a slot: a hole's marker, or nothing. */
  readonly markers: string[]
  headEnd: Point | null
  keySlot: number | null
}

export function createWriter (shape: Shape): LayoutWriter {
  const edits = (): Edit[][] => shape.statics.map(() => [])
  return {
    shape,
    parts: [],
    partOf: [],
    elements: [],
    sent: { items: [], open: [] },
    marks: [],
    page: edits(),
    html: edits(),
    markers: [],
    headEnd: null,
    keySlot: null
  }
}

/** Puts text into page and template, in place of what stands between the offsets. */
export function replace (writer: LayoutWriter, index: number, from: number, to: number, text: string): void {
  writer.page[index]!.push({ from, to, text })
  writer.html[index]!.push({ from, to, text })
}

/** Leaves statics out of the template: they belong to a part whose value brings them along. */
export function leaveOut (writer: LayoutWriter, from: Point, to: Point): void {
  for (let index = from.index; index <= to.index; index++) {
    const start = index === from.index ? from.offset : 0
    const end = index === to.index ? to.offset : writer.shape.statics[index]!.length
    if (end > start) writer.html[index]!.push({ from: start, to: end, text: '' })
  }
}

export function addPart (writer: LayoutWriter, part: Part, slots: readonly number[]): number {
  const number = writer.parts.push(part) - 1
  for (const slot of slots) writer.partOf[slot] = number
  return number
}

export function addHole (
  writer: LayoutWriter, slot: number, closed: boolean, more: Pick<HolePart, 'textless' | 'within'>
): void {
  const number = addPart(writer, { kind: 'hole', slot, closed, ...more }, [slot])
  writer.marks.push(number)
  // A clone of the template must not take the static text that follows for the hole's own.
  writer.markers[slot] = `<!--${number}-->${closed ? '' : '<!--/-->'}`
}

export function finishLayout (writer: LayoutWriter): Layout {
  const { shape, parts, partOf, elements, sent, keySlot } = writer
  const marks: number[] = []
  for (const mark of writer.marks) {
    if (typeof mark === 'number') marks.push(mark)
    else if (mark.items.length > 0) {
      marks.push(-mark.items.length)
      const { index, offset } = mark.nameEnd
      const text = ` live-at="${mark.items.join(' ')}"`
      writer.page[index]!.push({ from: offset, to: offset, text })
      writer.html[index]!.unshift({ from: offset, to: offset, text })
    }
  }
  const page = shape.statics.map((text, index) => apply(text, writer.page[index] as Edit[]))
  const html = shape.statics.map((text, index) => apply(text,
    writer.html[index] as Edit[]) + (writer.markers[index] ?? '')).join('')
  const head = writer.headEnd
  const headEnd = head === null ? null : { index: head.index, offset: moved(head.offset, writer.page[head.index] as Edit[]) }
  return { html, page, parts, partOf, marks, elements, sent: sent.items, keySlot, headEnd }
}

function apply (text: string, edits: readonly Edit[]): string {
  let result = ''
  let done = 0
  for (const edit of edits.toSorted((a, b) => a.from - b.from)) {
    result += text.slice(done, edit.from) + edit.text
    done = edit.to
  }
  return result + text.slice(done)
}

function moved (offset: number, edits: readonly Edit[]): number {
  return edits.reduce((sum, edit) => edit.from < offset ? sum + edit.text.length - (edit.to - edit.from) : sum, offset)
}

/** A layout's content as text, to tell whether two walks of one body came out the same. */
export function layoutKey (layout: Layout): string {
  return JSON.stringify(layout, (_key, value) => value instanceof Map
    ? [...value] as ReadonlyArray<[string,
      readonly Piece[]]>
    : value)
}
