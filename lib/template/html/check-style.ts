import { CSS_START, afterCss, behindValues, takesValue } from './css-state.ts'
import type { CssState } from './css-state.ts'
import { decodeSurely } from './decode-entities.ts'
import { htmlError } from './errors.ts'
import { resolveBodies } from './resolve-bodies.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import { interleave } from '../interleave.ts'
import type { Piece } from '../layout.ts'
import type { Shape, SlotSource, SourcePosition } from '../shape.ts'

type States = ReadonlySet<CssState>

/** Refuses values in a style attribute that stand where they cannot be kept in place, whichever bodies come and go. */
export function checkStyle (source: PlacesSource, pieces: readonly Piece[], shape: Shape, chain: Chain): void {
  throughPieces(source, pieces, shape, chain, new Set([CSS_START]), new Set())
}

function throughPieces (
  source: PlacesSource, pieces: readonly Piece[], shape: Shape, chain: Chain, from: States, open: ReadonlySet<Shape>
): States {
  let states = from
  let slot = pieces.find((piece) => typeof piece === 'number')
  for (const piece of pieces) {
    if (typeof piece === 'number') {
      slot = piece
      states = throughSlot(source, shape.slots[piece] as SlotSource, chain, states, open)
      continue
    }
    const css = decodeSurely(piece)
    const at = slot === undefined ? shape.position : (shape.slots[slot] as SlotSource).position
    if (css === undefined) {
      throw htmlError('LIVE_ERR_HTML_PLACE', at, `the style attribute has a character reference that only a browser knows: ${piece.trim()}`,
        'Write the character itself.')
    }
    states = new Set([...states].map((state) => afterCss(state, css)))
    if (![...states].some(({ at }) => at === 'odd')) continue
    throw htmlError('LIVE_ERR_HTML_PLACE', at, 'a value, or an escape, is part of a function\'s name or of an address\'s scheme in a style ' +
      'attribute', 'Write the function and the beginning of the address out: width: calc({{ … }}px + 1em), url("/images/{{ … }}").')
  }
  return states
}

function throughSlot (source: PlacesSource, slot: SlotSource, chain: Chain, states: States, open: ReadonlySet<Shape>): States {
  const { fillings } = resolveBodies(source, slot, chain)
  if (slot.kind === 'output' || slot.kind === 'flat') {
    for (const state of states) if (!takesValue(state)) refuse(state, slot.position)
    return new Set([...states].flatMap(behindValues))
  }
  const through = (from: States): States => new Set(fillings.flatMap(({ shape, chain }) => {
    // A template that includes itself ends somewhere, and what it ends with is known from the others.
    if (open.has(shape)) return []
    return [...throughPieces(source, interleave(shape), shape, chain, from, new Set([...open, shape]))]
  }))
  let reached = through(states)
  if (slot.optional || slot.kind === 'loop' || fillings.length === 0) reached = new Set([...states, ...reached])
  if (slot.kind !== 'loop') return reached
  for (let size = 0; size !== reached.size;) {
    size = reached.size
    reached = new Set([...reached, ...through(reached)])
  }
  return reached
}

function refuse ({ at, word }: CssState, position: SourcePosition): never {
  if (at === 'comment') {
    throw htmlError('LIVE_ERR_HTML_PLACE', position, 'a value stands in a CSS comment', 'Use a template comment, {# … #}.')
  }
  if (at === 'name') {
    throw htmlError('LIVE_ERR_HTML_PLACE', position, 'a value stands where a style attribute names a property, so that it could say anything',
      'Write the property out and only its value as a value: style="width: {{ … }}px", or a condition: style="{% if … %}display: none{% endif %}", or choose a class: class="{% if … %}wide{% endif %}".')
  }
  throw htmlError('LIVE_ERR_HTML_PLACE', position, word.startsWith('data:')
    ? 'a value stands in the type of a data: URL in a style attribute'
    : 'a value follows a backslash in a style attribute, which would change its first character',
  word.startsWith('data:') ? 'Write the type of an image out: url(data:image/png;base64,{{ … }}).' : 'Remove the backslash.')
}
