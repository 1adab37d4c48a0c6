import { htmlError } from './errors.ts'
import { positionAt } from './position-at.ts'
import { resolveBodies } from './resolve-bodies.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { Shape, SlotSource } from '../shape.ts'

const BINDING = /\slive-(?:click|submit|change|input|keydown|focus|blur)\s*=/

/**
 * Checks the bodies that are written as text into an attribute's value or an element's text. `refuse` says what is wrong
 * with a static, as "problem. Fix", or null.
 */
export function checkFlat (
  source: PlacesSource, slot: SlotSource, chain: Chain, refuse: (text: string) => string | null, seen: Set<Shape> = new Set()
): void {
  const { fillings, inherited } = resolveBodies(source, slot, chain)
  for (const { shape, chain: inner } of [...fillings, ...inherited]) {
    if (seen.has(shape)) continue
    seen.add(shape)
    shape.statics.forEach((text, index) => {
      const binding = text.search(BINDING)
      if (binding !== -1) {
        throw htmlError('LIVE_ERR_HTML_BINDING', positionAt(shape, index, binding + 1),
          'a live-* event stands in text, where no element is',
          'Write the element where elements can stand, outside of attributes, title, textarea and filters.')
      }
      const refused = refuse(text)
      if (refused === null) return
      const [what, ...fix] = refused.split('. ')
      throw htmlError('LIVE_ERR_HTML_PLACE', positionAt(shape, index, 0), what as string, fix.join('. ') + '.')
    })
    for (const next of shape.slots) checkFlat(source, next, inner, refuse, seen)
  }
}
