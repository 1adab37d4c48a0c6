import { checkFlat } from './check-flat.ts'
import { htmlError } from './errors.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { StartTag, TagAttribute } from './start-tag.ts'
import type { Shape, SlotSource, SourcePosition } from '../shape.ts'

const NAME = /^[a-zA-Z_@:][\w:.@-]*$/

/** Takes a slot inside a quoted attribute value, or refuses it. */
export function takeAttributeSlot (source: PlacesSource, tag: StartTag, slot: number, shape: Shape, chain: Chain): void {
  const attribute = tag.attributes[tag.attributes.length - 1] as TagAttribute
  const name = attribute.name.toLowerCase()
  const from = shape.slots[slot] as SlotSource
  const at = from.position
  if (!NAME.test(name)) {
    throw htmlError('LIVE_ERR_HTML_PLACE', at, `a value stands in the attribute ${JSON.stringify(attribute.name)}, whose name ` +
      'is none',
    'Names of attributes that change are letters, digits, "-", "_", ":" and ".".')
  }
  checkFlat(source, from, chain, (text) => text.includes(attribute.quote)
    ? `a ${from.kind} inside the value of ${name} contains ${attribute.quote}, which ends the value. Use the other kind of ` +
      'quotes there'
    : null)
  attribute.pieces.push(slot)
  tag.pieces.push(slot)
}

/** Refuses attributes that the parser drops: the second of a name, where a value depends on either. */
export function refuseDuplicates (tag: StartTag, at: SourcePosition): void {
  const seen = new Map<string, TagAttribute>()
  for (const attribute of tag.attributes) {
    const name = attribute.name.toLowerCase()
    const first = seen.get(name)
    seen.set(name, attribute)
    if (first === undefined) continue
    if (![...first.pieces, ...attribute.pieces].some((piece) => typeof piece === 'number')) continue
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `<${tag.name}> has the attribute ${name} twice: the browser drops the second`,
      `Write one ${name} with both values in it.`)
  }
}
