import { takeAttributeSlot } from './attribute-values.ts'
import { htmlError } from './errors.ts'
import { liveAttribute } from './live-attributes.ts'
import { positionAt } from './position-at.ts'
import { resolveBodies } from './resolve-bodies.ts'
import { createTag, readAttributes } from './start-tag.ts'
import type { BoundEvent } from './live-attributes.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { StartTag } from './start-tag.ts'
import type { Shape, SlotSource, SourcePosition } from '../shape.ts'

/** Takes a slot that stands in a start tag outside of quotes, or refuses it. Gives the events its bodies bind. */
export function takeSetSlot (source: PlacesSource, tag: StartTag, slot: number, shape: Shape, chain: Chain): BoundEvent[] {
  const from = shape.slots[slot] as SlotSource
  refuseGlued(tag, from.position)
  refuseState(source, tag, from, chain)
  const events: BoundEvent[] = []
  const { fillings, inherited } = resolveBodies(source, from, chain)
  for (const filling of [...fillings, ...inherited]) events.push(...readSetBody(source, tag, filling.shape, filling.chain))
  if (tag.set.length === 0) tag.fixed = tag.attributes.length
  tag.set.push(slot)
  tag.pieces.push(slot)
  tag.state = 'after slot'
  return events
}

/** Refuses a name that directly follows a slot: together they would make one dynamic name. */
export function refuseGlued (tag: StartTag, at: SourcePosition): void {
  if (!tag.glued) return
  const name = tag.attributes[tag.attributes.length - 1]!.name
  throw htmlError('LIVE_ERR_HTML_PLACE', at, name.startsWith('=')
    ? `a value is the name of an attribute in <${tag.name}>`
    : `a value is part of the attribute name in <${tag.name}> ("…${name}")`,
  'Attribute names are literal: write {% if … %}name="value"{% endif %} for each name, with a space behind {% endif %}.')
}

function refuseState (source: PlacesSource, tag: StartTag, from: SlotSource, chain: Chain): void {
  const { state } = tag
  if (state === 'before value' || state === 'unquoted') {
    const name = tag.attributes[tag.attributes.length - 1]!.name
    throw htmlError('LIVE_ERR_HTML_PLACE', from.position,
      `the value of ${name} in <${tag.name}> is not in quotes, so that a space in it starts a new attribute`,
      `Write ${name}="…" with the quotes outside of {{ }} and {% %}.`)
  }
  if (state !== 'tag name' && state !== 'name') return
  const { fillings } = resolveBodies(source, from, chain)
  if (fillings.length > 0 && fillings.every(({ shape }) => /^[\t\n\f\r ]/.test(shape.statics[0] as string))) {
    return
  }
  const what = state === 'name'
    ? `a value is part of the attribute name "${tag.attributes[tag.attributes.length - 1]!.name}…" in <${tag.name}>`
    : `a value is part of the tag name "${tag.name}…"`
  throw htmlError('LIVE_ERR_HTML_PLACE', from.position, what, state === 'name'
    ? 'Attribute names are literal: write {% if … %}name="value"{% endif %} for each name, with a space before it.'
    : 'Tag names are literal: write {% if … %}<h1>…</h1>{% else %}<h2>…</h2>{% endif %}, or put a space before attributes.')
}

/** A body among attributes must be whole attributes. */
function readSetBody (source: PlacesSource, outer: StartTag, shape: Shape, chain: Chain): BoundEvent[] {
  const tag = createTag(outer.name, { index: 0, offset: 0 }, { index: 0, offset: 0 })
  tag.state = 'between' as StartTag['state']
  const events: BoundEvent[] = []
  shape.statics.forEach((text, index) => {
    const end = readAttributes(tag, text, index, 0)
    if (end !== -1) {
      throw htmlError('LIVE_ERR_HTML_BALANCE', positionAt(shape, index, end),
        `">" ends <${outer.name}> inside a body that stands among its attributes`,
        'Write ">" behind {% endif %}, so that the body holds whole attributes only.')
    }
    if (index === shape.slots.length) return
    if (tag.state === 'quoted') takeAttributeSlot(source, tag, index, shape, chain)
    else events.push(...takeSetSlot(source, tag, index, shape, chain))
  })
  refuseGlued(tag, shape.position)
  if (tag.state === 'quoted' || tag.state === 'before value' || tag.state === 'unquoted') {
    throw htmlError('LIVE_ERR_HTML_BALANCE', shape.position,
      `a body among the attributes of <${outer.name}> ends inside the value of ${tag.attributes.at(-1)!.name}`,
      'Close the value inside the body: {% if … %} class="a"{% endif %}; or move the condition into the quotes: class="{% if ' +
        '… %}a{% endif %}".')
  }
  events.push(...checkSetAttributes(tag, shape, shape.position))
  outer.inBodies.push(...tag.inBodies, ...tag.attributes.map(({ name }) => name.toLowerCase()))
  outer.bodies.push(...tag.bodies, ...tag.attributes.map((attribute) => ({ attribute, shape, chain })))
  return events
}

/** Attributes of a tag in which whole attributes come and go are written anew at every rendering: they must be plain. */
export function checkSetAttributes (tag: StartTag, shape: Shape, at: SourcePosition): BoundEvent[] {
  const events: BoundEvent[] = []
  for (const attribute of tag.attributes) {
    const name = attribute.name.toLowerCase()
    if (/^on|^srcdoc$/.test(name)) {
      throw htmlError('LIVE_ERR_HTML_PLACE', at, `${name} stands in <${tag.name}>, in which whole attributes come and go: ` +
        'they are written anew at every rendering, and nothing that runs is ever written so',
      'Write live-* events instead, or move conditions into the quotes of single attributes.')
    }
    if (attribute.from !== null && attribute.quote === '') {
      throw htmlError('LIVE_ERR_HTML_PLACE', at, `the value of ${name} in <${tag.name}> is not in quotes, and whole ` +
        'attributes come and go in that tag',
        `Write ${name}="${attribute.pieces.join('')}".`)
    }
    if (name.startsWith('live-')) events.push(...liveAttribute(attribute, shape, at))
  }
  return events
}
