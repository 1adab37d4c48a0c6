import type { Piece } from './layout.ts'
import type { Shape } from './shape.ts'

const interleaved = new WeakMap<Shape, readonly Piece[]>()

/** A body that stands inside an attribute or text content has no parts of its own: statics and slots are its pieces. */
export function interleave (shape: Shape): readonly Piece[] {
  let pieces = interleaved.get(shape)
  if (pieces === undefined) {
    pieces = shape.statics.flatMap((text, k): Piece[] => k < shape.slots.length ? [text, k] : [text])
    interleaved.set(shape, pieces)
  }
  return pieces
}
