import { Html, List, Tree } from '../tree.ts'
import type { Slot } from '../tree.ts'
import type { Piece } from '../layout.ts'
import { interleave } from '../interleave.ts'
import type { Shape } from '../shape.ts'
import { enclosedSource, textSource } from './encode-place.ts'

/** The pieces as plain text, or null where an entity stands in a static or in trusted HTML: then only the source will do. */
export function flatText (pieces: readonly Piece[], slots: readonly Slot[]): string | null {
  let text = ''
  for (const piece of pieces) {
    const part = typeof piece === 'string' ? withoutEntities(piece) : slotText(slots[piece] as Slot)
    if (part === null) return null
    text += part
  }
  return text
}

function withoutEntities (source: string): string | null {
  return source.includes('&') ? null : source
}

function slotText (slot: Slot): string | null {
  if (slot instanceof Tree) return bodyText(slot.shape, slot.slots)
  if (slot instanceof List) {
    let text = ''
    for (const row of slot.rows) {
      const part = bodyText(slot.shape, row)
      if (part === null) return null
      text += part
    }
    return text
  }
  return slot instanceof Html ? withoutEntities(slot.toString()) : String(slot)
}

function bodyText (shape: Shape, slots: readonly Slot[]): string | null {
  return flatText(interleave(shape), slots)
}

/** The pieces as HTML source that cannot end the quoted attribute or the element it stands in. */
export function flatSource (pieces: readonly Piece[], slots: readonly Slot[]): string {
  let source = ''
  for (const piece of pieces) source += typeof piece === 'string' ? piece : slotSource(slots[piece] as Slot)
  return source
}

function slotSource (slot: Slot): string {
  if (typeof slot === 'string') return textSource(slot)
  // A body's own text comes out of the same quotes; that of a macro may hold quotes and tags.
  if (slot instanceof Tree) return enclosedSource(flatSource(interleave(slot.shape), slot.slots))
  if (slot instanceof List) return slot.rows.map((row) => enclosedSource(flatSource(interleave(slot.shape), row))).join('')
  return slot instanceof Html ? enclosedSource(slot.toString()) : String(slot)
}
