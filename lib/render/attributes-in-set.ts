import { parseAttributes } from '../template/html/parse-attributes.ts'
import { interleave } from '../template/interleave.ts'
import type { AttributeSetPart, Piece } from '../template/layout.ts'
import type { Shape, SlotSource } from '../template/shape.ts'
import { layoutOf } from './layout-of.ts'

type Attributes = ReadonlyMap<string, readonly Piece[]>

// Stands for a value: no template can have it in a name.
const VALUE = '\0'

/** The attributes that are written out in a tag in which whole ones come and go: its own, and those of each body in it. */
export function attributesInSet (shape: Shape, set: number | null): Attributes[] {
  return set === null ? [] : written(shape, (layoutOf(shape).parts[set] as AttributeSetPart).pieces)
}

function written (shape: Shape, pieces: readonly Piece[]): Attributes[] {
  const text = pieces.map((piece) => typeof piece === 'string' ? piece : VALUE).join('')
  const own = new Map(Array.from(parseAttributes(text), ([name, source]) => [name, piecesOf(source)]))
  const slots = pieces.filter((piece) => typeof piece === 'number')
  const bodies = slots.flatMap((slot) => (shape.slots[slot] as SlotSource).bodies)
  return [own, ...bodies.flatMap((body) => written(body, interleave(body)))]
}

/** Which values stand between does not matter here. */
function piecesOf (source: string): Piece[] {
  return source.split(VALUE).flatMap((text, index): Piece[] => index === 0 ? [text] : [0, text]).filter((piece) => piece !== '')
}
