import { checkSetAttributes, refuseGlued } from './attribute-set.ts'
import { refuseDuplicates } from './attribute-values.ts'
import { placesOfValues } from './check-values.ts'
import { htmlError } from './errors.ts'
import { addPart, leaveOut } from './layout-writer.ts'
import { liveAttribute } from './live-attributes.ts'
import { addSent, sentElement, surroundings } from './sent-elements.ts'
import { svgAttributeName } from './svg-attribute-name.ts'
import type { LayoutWriter, MarkedElement } from './layout-writer.ts'
import type { BoundEvent } from './live-attributes.ts'
import type { ParserState } from './parser-state.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { Point, StartTag, TagAttribute } from './start-tag.ts'
import type { Piece, SentElement, ValuePlace } from '../layout.ts'
import type { SourcePosition } from '../shape.ts'

/** A start tag that is complete, and what surrounds it. */
export interface ReadTag {
  readonly tag: StartTag
  readonly end: Point
  /** What the bodies among its attributes bind. */
  readonly events: readonly BoundEvent[]
  readonly svg: boolean
  /** True when nothing but whitespace and comments stands before it in its body. */
  readonly first: boolean
  readonly at: SourcePosition
  readonly state: ParserState
  /** True for SVG and MathML, whose elements are no fields. */
  readonly foreign: boolean
  readonly source: PlacesSource
  readonly chain: Chain
}

/** Makes parts of what changes in a tag, and an element of what it binds. */
export function readTag (writer: LayoutWriter, read: ReadTag): MarkedElement {
  const { tag, at } = read
  refuseGlued(tag, at)
  refuseDuplicates(tag, at)
  const places = placesOfValues(read.source, tag, writer.shape, read.chain)
  const element: MarkedElement = { nameEnd: tag.nameEnd, items: [] }
  writer.marks.push(element)
  const reserved = tag.attributes.find(({ name }) => name.toLowerCase() === 'live-at')
  if (reserved !== undefined) {
    throw htmlError('LIVE_ERR_HTML_BINDING', at, `<${tag.name}> has the attribute live-at, which is reserved for the markers ` +
      'of the live page', 'Remove it.')
  }
  rowKey(writer, read)
  const set = tag.set.length > 0 ? attributeSet(writer, read, element) : null
  if (set === null) singleAttributes(writer, read, element, places)
  const events = [...(set === null ? ownEvents(writer, read) : checkSetAttributes(tag, writer.shape, at)), ...read.events]
  const sent = sentElement(tag, read.foreign, events, set)
  if (sent !== null) addSent(writer.sent, read.state, tag, sent)
  if (events.length > 0) bind(writer, read, element, events, set, sent)
  return element
}

function attributeSet (writer: LayoutWriter, { tag, end, svg }: ReadTag, element: MarkedElement): number {
  const slots = tag.pieces.filter((piece) => typeof piece === 'number')
  const part = addPart(writer, { kind: 'attributes', tag: tag.name, ...(svg ? { svg } : {}), pieces: tag.pieces }, slots)
  element.items.push(`${part}*`)
  leaveOut(writer, tag.nameEnd, tag.selfClosing ? { index: end.index, offset: end.offset - 1 } : end)
  return part
}

function singleAttributes (
  writer: LayoutWriter, { tag, svg }: ReadTag, element: MarkedElement, places: ReadonlyMap<TagAttribute, ValuePlace>
): void {
  for (const attribute of tag.attributes) {
    const slots = slotsOf(attribute)
    if (slots.length === 0) continue
    const lower = attribute.name.toLowerCase()
    const name = svg ? svgAttributeName(lower) : lower
    const part = addPart(writer, {
      kind: 'attribute',
      name,
      place: places.get(attribute) as ValuePlace,
      pieces: attribute.pieces
    }, slots)
    element.items.push(`${part}:${name}`)
    leaveOut(writer, attribute.from as Point, attribute.to as Point)
  }
}

function ownEvents (writer: LayoutWriter, { tag, at }: ReadTag): BoundEvent[] {
  return tag.attributes
    .filter(({ name }) => name.toLowerCase().startsWith('live-'))
    .flatMap((attribute) => liveAttribute(attribute, writer.shape, at))
}

function bind (
  writer: LayoutWriter, { tag, at, state }: ReadTag, element: MarkedElement, events: readonly BoundEvent[], set: number | null,
  sent: SentElement | null
): void {
  const attributes = new Map<string, readonly Piece[]>()
  for (const { name, pieces } of tag.attributes) {
    if (!attributes.has(name.toLowerCase())) attributes.set(name.toLowerCase(), pieces)
  }
  const unique = events.filter((one, i) => events.findIndex((other) => other.kind === one.kind &&
    other.event === one.event) === i)
  const around = surroundings(writer.sent, state)
  element.items.push(`@${writer.elements.length}`)
  writer.elements.push({ tag: tag.name, line: at.line, column: at.column, attributes, set, events: unique, sent, ...around })
}

/** Finds what tells rows apart, in case the body is a loop's row. */
function rowKey (writer: LayoutWriter, { tag, first, at }: ReadTag): void {
  const find = (wanted: string): TagAttribute | undefined =>
    tag.attributes.find(({ name }) => name.toLowerCase() === wanted)
  const key = find('live-key')
  if (key !== undefined && !(first && slotsOf(key).length === 1)) {
    throw htmlError('LIVE_ERR_HTML_BINDING', at, first
      ? 'live-key must have exactly one value'
      : 'live-key stands on ' +
      `<${tag.name}>, which is not the first element of its body`,
    'Write live-key="{{ row.id }}" on the first element of a loop\'s body.')
  }
  if (!first) return
  for (const attribute of [key, find('id'), find('data-key')]) {
    const slots = attribute === undefined ? [] : slotsOf(attribute)
    if (slots.length === 1) {
      writer.keySlot = slots[0] as number
      return
    }
  }
}

function slotsOf (attribute: TagAttribute): number[] {
  return attribute.pieces.filter((piece) => typeof piece === 'number')
}
