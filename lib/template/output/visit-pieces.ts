import { List, Tree } from '../tree.ts'
import type { Html, Slot } from '../tree.ts'
import { interleave } from '../interleave.ts'
import type { Piece } from '../layout.ts'

/** Told what stands in a place, in its order: the template's own text, and values. */
export interface PieceVisitor {
  /** Text of the template; that of a body too. */
  source (html: string): void
  value (slot: string | number | boolean | Html): void
}

/** Goes through pieces and the bodies in them: those of branches, loops, includes, macros. */
export function visitPieces (pieces: readonly Piece[], slots: readonly Slot[], visitor: PieceVisitor): void {
  for (const piece of pieces) {
    if (typeof piece === 'string') visitor.source(piece)
    else visitSlot(slots[piece] as Slot, visitor)
  }
}

function visitSlot (slot: Slot, visitor: PieceVisitor): void {
  if (slot instanceof Tree) visitPieces(interleave(slot.shape), slot.slots, visitor)
  else if (slot instanceof List) for (const row of slot.rows) visitPieces(interleave(slot.shape), row, visitor)
  else visitor.value(slot)
}
