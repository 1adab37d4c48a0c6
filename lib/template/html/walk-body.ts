import { refuseGlued, takeSetSlot } from './attribute-set.ts'
import { takeAttributeSlot } from './attribute-values.ts'
import { bareFragments } from './bare-fragment.ts'
import { closeElement } from './close-element.ts'
import { TABLE_PARTS } from './element-names.ts'
import { htmlError } from './errors.ts'
import { firstTags } from './first-tags.ts'
import { isForeign } from './foreign-content.ts'
import { checkAddressable, checkHole } from './hole-place.ts'
import { addHole, createWriter, finishLayout, replace } from './layout-writer.ts'
import { openElement, openText } from './open-element.ts'
import { openTablePart } from './open-table-part.ts'
import { current, fork, pop } from './parser-state.ts'
import { positionAt } from './position-at.ts'
import { addContent, endContent, takeContentSlot } from './raw-content.ts'
import { readTag } from './read-tag.ts'
import { refuseEnd, refuseInside } from './refuse-mode.ts'
import { resolveBodies } from './resolve-bodies.ts'
import { addSentHole, addSentText, surroundings } from './sent-elements.ts'
import { DATA, scan } from './scan.ts'
import type { LayoutWriter } from './layout-writer.ts'
import type { BoundEvent } from './live-attributes.ts'
import type { ParserState } from './parser-state.ts'
import type { Content } from './raw-content.ts'
import type { Chain, Fillings, PlacesSource } from './resolve-bodies.ts'
import type { Mode, Sink } from './scan.ts'
import type { Layout } from '../layout.ts'
import type { Shape, SlotSource } from '../shape.ts'

/** Walks what fills a hole; the caller knows how it relates to the surroundings. */
export type EnterHole = (slot: SlotSource, fillings: Fillings, owner: Shape, index: number) => void

/** One body being walked. */
interface Walk {
  readonly source: PlacesSource
  readonly shape: Shape
  readonly chain: Chain
  readonly state: ParserState
  readonly writer: LayoutWriter
  content: Content | null
  /** What bodies among the attributes of the current tag bind. */
  events: BoundEvent[]
  /** True while only whitespace and comments were met. */
  untouched: boolean
  /** Behind <pre>: the parser drops a newline there. */
  dropsNewline: boolean
}

const MARKER_LIKE = /^(?:\d+|\/|\]|,|[[{]\d+:[^]*|\(\d+)$/

/** Runs tokenizer and tree construction over one body in text position, and gives its layout. */
export function walkBody (source: PlacesSource, shape: Shape, chain: Chain, state: ParserState, enter: EnterHole): Layout {
  const walk: Walk = {
    source,
    shape,
    chain,
    state,
    writer: createWriter(shape),
    content: null,
    events: [],
    untouched: true,
    dropsNewline: false
  }
  let mode: Mode = DATA
  for (let k = 0; k < shape.statics.length; k++) {
    mode = scan(shape.statics[k] as string, k, mode, createSink(walk, k))
    if (k === shape.slots.length) break
    if (mode.at === 'data') hole(walk, k, enter)
    else takeSlot(walk, mode, k)
  }
  if (mode.at !== 'data') refuseEnd(shape, state.body, mode)
  return finishLayout(walk.writer)
}

function createSink (walk: Walk, index: number): Sink {
  const { shape, state, writer } = walk
  const text = shape.statics[index] as string
  return {
    text (from, to) {
      const chunk = text.slice(from, to)
      if (chunk.trim() !== '') walk.untouched = false
      const kept = walk.dropsNewline && chunk.startsWith('\n') ? chunk.slice(1) : chunk
      walk.dropsNewline = false
      if (kept === '') return
      openText(state, kept, positionAt(shape, index, from))
      addSentText(writer.sent, state, kept)
    },
    comment (from, to, data) {
      walk.dropsNewline = false
      if (MARKER_LIKE.test(data)) replace(writer, index, from, to, `<!-- ${data}-->`)
    },
    doctype (from) {
      if (state.phase === 'prolog' && state.stack.length === 0 && state.body === null) state.doctype = true
      else {
        throw htmlError('LIVE_ERR_HTML_PARSER', positionAt(shape, index, from), 'the doctype stands behind other content',
          'Write it at the very beginning of the layout.')
      }
    },
    startTag (tag, end) {
      const at = positionAt(shape, tag.at.index, tag.at.offset)
      if (tag.name === 'body' && state.phase === 'head') writer.headEnd = tag.at
      const depth = state.stack.length
      const { implied, raw } = openElement(state, tag, at)
      if (implied !== '') replace(writer, tag.at.index, tag.at.offset, tag.at.offset, implied)
      const top = current(state)
      const foreign = isForeign(state, tag.name)
      const svg = tag.name === 'svg' || top?.namespace === 'svg' || foreign
      const first = walk.untouched
      const element = readTag(writer, {
        tag,
        end: { index, offset: end },
        events: walk.events,
        svg,
        first,
        at,
        state,
        foreign,
        source: walk.source,
        chain: walk.chain
      })
      walk.events = []
      walk.untouched = false
      walk.dropsNewline = tag.name === 'pre' || tag.name === 'listing'
      if (element.items.length > 0) mark(walk, at, top !== undefined && state.stack.length > depth)
      if (raw !== null) {
        walk.content = { raw, tag, element, pieces: [], prints: new Map(), from: { index, offset: end + 1 }, hasSlots: false }
      }
      return raw
    },
    endTag (name, from) {
      walk.dropsNewline = false
      const at = positionAt(shape, index, from)
      if (walk.content !== null) {
        endContent(writer, walk.content, { index, offset: from })
        walk.content = null
        pop(state, at, `</${name}>`)
        return
      }
      if (name === 'head' && state.phase === 'head') writer.headEnd = { index, offset: from }
      closeElement(state, name, at)
    },
    rawText (_raw, from, to) {
      addContent(writer, walk.content as Content, index, from, to)
    },
    foreign: () => isForeign(state, null)
  }
}

/** An element that the page addresses: it must be the only one the parser makes of its tag. */
function mark (walk: Walk, at: ReturnType<typeof positionAt>, opened: boolean): void {
  checkAddressable(walk.state, at)
  walk.state.marks++
  if (opened) current(walk.state)!.marked = true
}

function hole (walk: Walk, k: number, enter: EnterHole): void {
  const { source, shape, chain, state, writer } = walk
  const slot = shape.slots[k] as SlotSource
  const text = shape.statics[k] as string
  const fillings = resolveBodies(source, slot, chain)
  const begins = state.phase === 'prolog' && !fillings.always
  const textless = checkHole(state, fillings.always, slot.position)
  if (begins) bareFragments.add(shape)
  const top = current(state)?.name ?? ''
  if (TABLE_PARTS.has(top)) {
    const first = [...firstTags(source, slot, chain)]
    // The parser implies <tbody> at the first <tr>: written in front of the hole, it holds every row.
    const implied = first.includes('tr') && (top === 'table' || top === 'colgroup')
    if (implied) replace(writer, k, text.length, text.length, impliedBody(state, slot))
  }
  walk.untouched = false
  walk.dropsNewline = false
  addSentHole(writer.sent, state, k)
  addHole(writer, k, isClosed(shape.statics[k + 1] as string, state, slot.position),
    { ...textless ? { textless: true } : {}, ...surroundings(writer.sent, state) })
  state.marks++
  enter(slot, fillings, shape, k)
}

function impliedBody (state: ParserState, slot: SlotSource): string {
  const implied = openTablePart(state, 'tr', slot.position)
  state.stack.pop()
  return implied
}

/**
 * Plain text in a hole ends at the next tag or marker, and at the body's end, where the next marker follows. End tags that
 * close nothing are dropped, and text behind </body> joins the text before it.
 */
function isClosed (next: string, state: ParserState, at: SlotSource['position']): boolean {
  if (next === '' || /^<(?:[a-zA-Z?]|!(?!\[)|\/[^a-zA-Z>])/.test(next)) return true
  const name = /^<\/([a-zA-Z][^\t\n\f\r />]*)/.exec(next)?.[1]?.toLowerCase()
  if (name === undefined || state.stack.length <= state.floor) return false
  const probe = fork(state)
  try {
    closeElement(probe, name, at)
  } catch {
    return false
  }
  return probe.stack.length < state.stack.length
}

function takeSlot (walk: Walk, mode: Mode, k: number): void {
  const { source, shape, chain, writer } = walk
  const { position } = shape.slots[k] as SlotSource
  if (mode.at === 'tag') {
    refuseGlued(mode.tag, position)
    if (mode.tag.state === 'quoted') takeAttributeSlot(source, mode.tag, k, shape, chain)
    else walk.events.push(...takeSetSlot(source, mode.tag, k, shape, chain))
  } else if (mode.at === 'raw') {
    const content = walk.content as Content
    takeContentSlot(source, writer, content, k, shape, chain)
    mark(walk, position, true)
  } else if (mode.at === 'inside') {
    refuseInside(mode.what, position)
  }
}
