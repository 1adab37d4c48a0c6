import { htmlError } from './errors.ts'
import { afterJson } from './json-state.ts'
import type { JsonState } from './json-state.ts'
import { positionAt } from './position-at.ts'
import { resolveBodies } from './resolve-bodies.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { Piece } from '../layout.ts'
import type { Shape, SlotSource } from '../shape.ts'

/**
 * Checks a slot in a script of JSON: a value may stand in a string or anywhere else, but it has to be known which. So a body
 * that comes and goes ends as it began. `before` is what stands in front of the slot.
 */
export function checkJson (source: PlacesSource, before: readonly Piece[], slot: SlotSource, chain: Chain): void {
  const text = before.filter((piece) => typeof piece === 'string').join('')
  checkSlot(source, slot, chain, afterJson('between', text), new Set())
}

function checkSlot (source: PlacesSource, slot: SlotSource, chain: Chain, state: JsonState, open: ReadonlySet<Shape>): void {
  if (state === 'escape') {
    throw htmlError('LIVE_ERR_HTML_PLACE', slot.position, 'a value follows a backslash in a string of JSON, which would change its first ' +
      'character', 'Remove the backslash, or write it twice for one that is shown.')
  }
  const { fillings, inherited } = resolveBodies(source, slot, chain)
  for (const { shape, chain } of [...fillings, ...inherited]) {
    if (!open.has(shape)) checkBody(source, shape, chain, state, slot, new Set([...open, shape]))
  }
}

function checkBody (
  source: PlacesSource, shape: Shape, chain: Chain, from: JsonState, { kind }: SlotSource, open: ReadonlySet<Shape>
): void {
  let state = from
  shape.statics.forEach((text, index) => {
    const quote = from === 'string' ? leaves(state, text) : -1
    state = afterJson(state, text)
    if (quote !== -1) {
      throw htmlError('LIVE_ERR_HTML_PLACE', positionAt(shape, index, quote), `a ${kind} inside a string of JSON contains ", which ends the string`,
        'Put the condition around the whole string: {% if … %}"a"{% else %}"b"{% endif %}.')
    }
    const next = shape.slots[index]
    if (next !== undefined) checkSlot(source, next, chain, state, open)
  })
  if (state === from) return
  const last = shape.statics.length - 1
  throw htmlError('LIVE_ERR_HTML_BALANCE', positionAt(shape, last, (shape.statics[last] as string).length),
    `this ${kind} begins ${from === 'string' ? 'in' : 'outside of'} a string of JSON and ends ${from === 'string' ? 'behind a backslash' : 'in one'}`,
    'Write whole strings inside the body, or only text inside the string.')
}

/** Where text that begins in a string ends it; -1 where it does not. */
function leaves (from: JsonState, text: string): number {
  let state = from
  for (let k = 0; k < text.length; k++) {
    state = afterJson(state, text[k] as string)
    if (state === 'between') return k
  }
  return -1
}
