import { checkFlat } from './check-flat.ts'
import { checkJson } from './check-json.ts'
import { besideIn } from './check-values.ts'
import { htmlError } from './errors.ts'
import { refuseCode } from './hole-place.ts'
import { addPart, leaveOut } from './layout-writer.ts'
import { addText } from './start-tag.ts'
import type { LayoutWriter, MarkedElement } from './layout-writer.ts'
import type { Chain, PlacesSource } from './resolve-bodies.ts'
import type { RawContent } from './scan.ts'
import type { Point, StartTag } from './start-tag.ts'
import type { Piece } from '../layout.ts'
import type { Shape, SlotSource, SourcePosition } from '../shape.ts'

/** An element whose content is text to the parser, while it is read. */
export interface Content {
  readonly raw: RawContent
  readonly tag: StartTag
  readonly element: MarkedElement
  readonly pieces: Piece[]
  /** What the slots of a script print. */
  readonly prints: Map<number, 'text' | 'json'>
  readonly from: Point
  hasSlots: boolean
}

const JSON_TYPE = /^(?:application|text)\/(?:[\w.-]+\+)?json$/i

/** Adds static text; a textarea's first newline is dropped, as the parser drops it. */
export function addContent (writer: LayoutWriter, content: Content, index: number, from: number, to: number): void {
  const text = (writer.shape.statics[index] as string).slice(from, to)
  const start = content.from.index === index && content.from.offset === from
  if (start && content.raw.name === 'textarea' && text.startsWith('\n')) {
    writer.page[index]!.push({ from, to: from + 1, text: '' })
    addText(content.pieces, text.slice(1))
  } else {
    addText(content.pieces, text)
  }
}

/** Takes a slot in an element's text, or refuses it. */
export function takeContentSlot (
  source: PlacesSource, writer: LayoutWriter, content: Content, slot: number, shape: Shape, chain: Chain
): void {
  const { raw, tag } = content
  const from = shape.slots[slot] as SlotSource
  refuseRaw(content, from)
  const last = shape.statics[slot] as string
  if (/<(?:\/[a-z]*|!-{0,2})?$/i.test(last) || (raw.kind === 'script' && last.lastIndexOf('<') > last.lastIndexOf('>'))) {
    throw htmlError('LIVE_ERR_HTML_PLACE', from.position,
      `a value follows ${JSON.stringify(/<[^<]*$/.exec(last)![0])} in <${raw.name}> and could complete a tag`,
      'Write &lt; instead of <, or something between.')
  }
  checkFlat(source, from, chain, (text) => /<[/!]/.test(text) || (raw.kind === 'script' && text.includes('<'))
    ? `a ${from.kind} inside <${raw.name}> contains a tag or comment, which would end it or be shown as text. Write text only ` +
      `inside <${raw.name}>`
    : null)
  if (raw.kind === 'script') {
    checkJson(source, content.pieces, from, chain)
    if (from.kind === 'output' || from.kind === 'flat') content.prints.set(slot, from.json === true ? 'json' : 'text')
  }
  if (!content.hasSlots) {
    content.hasSlots = true
    const prints = raw.kind === 'script' ? { prints: content.prints } : {}
    content.element.items.push(`${addPart(writer, { kind: 'content', tag: tag.name, pieces: content.pieces, ...prints }, [])}=`)
  }
  writer.partOf[slot] = writer.parts.length - 1
  content.pieces.push(slot)
}

function refuseRaw ({ raw, tag }: Content, from: SlotSource): void {
  if (raw.kind === 'text') return
  const at = from.position
  if (raw.kind === 'script') {
    const type = besideIn(tag)('type')
    if (type === null) {
      throw htmlError('LIVE_ERR_HTML_PLACE', at, 'a value stands in a <script> whose type comes and goes with a condition, or stands ' +
        'behind one', 'Write the type first: <script type="application/json" {% if … %}…{% endif %}>.')
    }
    if (!JSON_TYPE.test(type?.trim() ?? '')) refuseScript(type?.trim().toLowerCase() ?? '', at)
    if (raw.escaped > 0) {
      throw htmlError('LIVE_ERR_HTML_PLACE', at, 'a value stands behind "<!--" in a <script>, where the end of the script is ' +
        'uncertain', 'Remove the "<!--".')
    }
    return
  }
  if (raw.name === 'style') refuseCode('style', at)
  const noscript = raw.name === 'noscript'
  const readers = noscript ? 'browsers with scripts' : 'browsers'
  throw htmlError('LIVE_ERR_HTML_PLACE', at, `a value stands in <${raw.name}>, whose content ${readers} read as mere text`,
    noscript
      ? 'Write static content only in <noscript>; what needs values stands in the page itself, which reads well without scripts.'
      : raw.name === 'iframe' ? 'Write its address into src.' : 'Use an ordinary element.')
}

/** Neither is data: both say what the browser loads and runs. */
const DECIDES = new Set(['importmap', 'speculationrules'])

function refuseScript (type: string, at: SourcePosition): never {
  if (!DECIDES.has(type)) refuseCode('script', at)
  throw htmlError('LIVE_ERR_HTML_PLACE', at, `a value stands in <script type="${type}">, which decides what the browser loads and runs`,
    'Write it out, with a condition around the whole <script> where it has to change.')
}

/** Ends the content: the template leaves out what a part's value brings. */
export function endContent (writer: LayoutWriter, content: Content, to: Point): void {
  if (content.hasSlots) leaveOut(writer, content.from, to)
}
