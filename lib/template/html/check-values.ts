import { attributePlace } from './attribute-place.ts'
import type { Beside } from './attribute-place.ts'
import { checkStyle } from './check-style.ts'
import { decodeEntities } from './decode-entities.ts'
import { htmlError } from './errors.ts'
import { pinnedFolder } from './pinned-folder.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { StartTag, TagAttribute } from './start-tag.ts'
import type { Piece, ValuePlace } from '../layout.ts'
import type { Shape, SlotSource, SourcePosition } from '../shape.ts'

/** How each attribute of a complete tag is encoded in which a value stands; refuses those that no encoding makes safe. */
export function placesOfValues (
  source: PlacesSource, tag: StartTag, shape: Shape, chain: Chain
): ReadonlyMap<TagAttribute, ValuePlace> {
  const places = new Map<TagAttribute, ValuePlace>()
  const beside = besideIn(tag)
  const own = tag.attributes.map((attribute) => ({ attribute, shape, chain }))
  for (const { attribute, shape, chain } of [...own, ...tag.bodies]) {
    const first = attribute.pieces.find((piece) => typeof piece === 'number')
    if (first === undefined) continue
    const at = (shape.slots[first] as SlotSource).position
    const place = placeOf(tag.name, attribute, shape, at, beside)
    if (place === 'style') checkStyle(source, attribute.pieces, shape, chain)
    places.set(attribute, place)
  }
  return places
}

/** Of attributes of a name the first counts, and behind a body that comes and goes it may be the body's. */
export function besideIn (tag: StartTag): Beside {
  const fixed = tag.set.length > 0 ? tag.attributes.slice(0, tag.fixed) : tag.attributes
  return (wanted) => {
    const first = fixed.find(({ name }) => name.toLowerCase() === wanted)
    if (first !== undefined) return first.pieces.some((piece) => typeof piece === 'number') ? null : decodeEntities(first.pieces.join(''))
    const later = tag.inBodies.includes(wanted) || tag.attributes.some(({ name }) => name.toLowerCase() === wanted)
    return later ? null : undefined
  }
}

function placeOf (tag: string, attribute: TagAttribute, shape: Shape, at: SourcePosition, beside: Beside): ValuePlace {
  const name = attribute.name.toLowerCase()
  const place = attributePlace(tag, name, beside)
  if (typeof place === 'object') throw htmlError('LIVE_ERR_HTML_PLACE', at, place.what, place.fix)
  const { pieces } = attribute
  const prefix = typeof pieces[0] === 'string' ? decodeEntities(pieces[0]) : ''
  if (place === 'code') {
    // Each of the addresses is written out: a condition only chooses.
    if (pieces.every((piece) => isLiteral(piece, shape))) return 'url'
    if (pinnedFolder(prefix) === null) refuseCode(tag, name, at)
  }
  if (place === 'url' || place === 'image' || place === 'code') checkScheme(prefix, name, place, at)
  return place
}

function isLiteral (piece: Piece, { slots }: Shape): boolean {
  if (typeof piece === 'string') return true
  const { kind, bodies } = slots[piece] as SlotSource
  return kind === 'branch' && bodies.every((body) => body.slots.every((_, slot) => isLiteral(slot, body)))
}

const LOADS: Readonly<Record<string, string>> = {
  link: 'a value chooses what a <link> loads whose rel does not say literally that it is harmless (icon, canonical, alternate, next …)',
  base: 'a value stands in the href of <base>, which moves every address of the page',
  use: 'a value chooses what an SVG <use> fetches and puts into the page'
}
const FIXED: Readonly<Record<string, string>> = {
  script: 'src="/assets/{{ … }}"; or let a function of yours answer with the whole tag: addGlobal(\'script\', tag, { html: true })',
  link: 'href="/assets/{{ … }}.css"; or write rel="icon" and the like literally, in front of conditions',
  base: 'href="/app/{{ … }}/"',
  use: 'href="#icon-{{ … }}" or href="/icons/{{ … }}.svg#icon"'
}

function refuseCode (tag: string, name: string, at: SourcePosition): never {
  throw htmlError('LIVE_ERR_HTML_PLACE', at, LOADS[tag] ?? `a value chooses what <${tag}> loads and runs`,
    `Write out where it begins, up to a folder in which nothing else is: ${FIXED[tag] ?? `${name}="/assets/{{ … }}"`}.`)
}

// As the URL parser finds it: control characters and spaces in front are skipped, tabs and newlines anywhere.
const SCHEME = /^[\0- ]*([a-z][a-z0-9+.-]*):/i
const PICTURE = /^[\0- ]*data:image\/(?:png|gif|jpeg|webp|avif)[;,]/i

function checkScheme (prefix: string, name: string, place: ValuePlace, at: SourcePosition): void {
  const text = prefix.replace(/[\t\n\r]/g, '')
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined || /^(?:https?|mailto|tel)$/.test(scheme) || (place === 'image' && PICTURE.test(text))) return
  if (/^(?:javascript|vbscript|data)$/.test(scheme)) {
    throw htmlError('LIVE_ERR_HTML_PLACE', at, `a value stands in a ${scheme}: URL in ${name}, which the browser runs or ` +
      'shows as a document',
    'Write live-click="event_name" with live-value-NAME="{{ … }}" instead, or link to a route.')
  }
  throw htmlError('LIVE_ERR_HTML_PLACE', at, `a value stands behind "${scheme}:" in ${name}, which may open another program`,
    'Begin the address with http:, https:, mailto: or tel:, or with a path.')
}
