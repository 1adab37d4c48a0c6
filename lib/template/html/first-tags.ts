import { resolveBodies } from './resolve-bodies.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { Shape, SlotSource } from '../shape.ts'

/** The names of the start tags that what fills the slot can begin with, behind whitespace and comments. */
export function firstTags (source: PlacesSource, slot: SlotSource, chain: Chain, seen: Set<Shape> = new Set()): Set<string> {
  const names = new Set<string>()
  for (const filling of resolveBodies(source, slot, chain).fillings) {
    if (seen.has(filling.shape)) continue
    seen.add(filling.shape)
    for (let k = 0; k < filling.shape.statics.length; k++) {
      const text = (filling.shape.statics[k] as string).replace(/^(?:\s|<!--[^]*?-->)+/, '')
      const tag = /^<([a-zA-Z][^\t\n\f\r />]*)/.exec(text)
      if (tag !== null) names.add((tag[1] as string).toLowerCase())
      const next = filling.shape.slots[k]
      if (text !== '' || next === undefined) break
      for (const name of firstTags(source, next, filling.chain, seen)) names.add(name)
    }
  }
  return names
}
