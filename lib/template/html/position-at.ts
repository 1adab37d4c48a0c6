import type { Shape, SourcePosition } from '../shape.ts'

/**
 * The position of a static construct. Counted back from the next slot where there is one: between two constructs the
 * statics are the source, while a slot before them has a length that the shape does not tell.
 */
export function positionAt (shape: Shape, index: number, offset: number): SourcePosition {
  const text = shape.statics[index] as string
  const next = shape.slots[index]
  if (next !== undefined) {
    const between = text.slice(offset).split('\n')
    if (between.length === 1) return move(next.position, 0, Math.max(1, next.position.column - between[0]!.length))
    const column = offset - (text.lastIndexOf('\n', offset - 1) + 1) + 1
    return move(next.position, 1 - between.length, offset > 0 ? column : 1)
  }
  const from = index === 0 ? shape.position : (shape.slots[index - 1]!).position
  const before = text.slice(0, offset).split('\n')
  if (before.length === 1) return move(from, 0, from.column + (index === 0 ? offset : 0))
  return move(from, before.length - 1, before[before.length - 1]!.length + 1)
}

function move (from: SourcePosition, lines: number, column: number): SourcePosition {
  return { template: from.template, line: Math.max(1, from.line + lines), column }
}
