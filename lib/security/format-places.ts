import { attributePlace } from '../template/html/attribute-place.ts'
import { DATA, scan } from '../template/html/scan.ts'
import type { Mode, RawContent, Sink } from '../template/html/scan.ts'
import type { StartTag, TagAttribute } from '../template/html/start-tag.ts'
import { FormatError } from './errors.ts'

/** How a value is written: between tags, in an element that has text only, into a quoted attribute, as a whole URL. */
export type FormatPlace = 'text' | 'enclosed' | 'attribute' | 'url' | 'image'

const CODE = new Set(('script style base object embed applet param meta link frame animate animatemotion animatetransform set').split(' '))
const RAW: ReadonlyMap<string, RawContent['kind']> = new Map([
  ['textarea', 'text'], ['title', 'text'], ['script', 'script'], ['style', 'raw'], ['xmp', 'raw'], ['iframe', 'raw'],
  ['noembed', 'raw'], ['noframes', 'raw'], ['plaintext', 'raw']
])

// What stands in front of a value in a URL has to settle the scheme. A `&` could begin a reference that the value completes.
const SETTLED = /^(?:https?:|mailto:|tel:|[^&:/?#\s]*[/?#])/i
const NO_SCHEME = /^[/?#]/

/**
 * The place of each value between the statics of a format; throws LIVE_ERR_FORMAT for a place that no encoding makes safe.
 * The statics are the author's: this keeps the author's slips from becoming an attacker's way in.
 */
export function formatPlaces (statics: readonly string[]): readonly FormatPlace[] {
  const places: FormatPlace[] = []
  let content = ''
  let cdata = false

  const sink: Sink = {
    text: ignore,
    comment (from, to, data) { cdata ||= data.startsWith('[CDATA[') },
    doctype: ignore,
    startTag (tag) {
      content = ''
      for (const attribute of tag.attributes) settle(tag, attribute, places)
      const kind = RAW.get(tag.name)
      return kind === undefined ? null : { name: tag.name, kind, escaped: 0 }
    },
    endTag: ignore,
    rawText (raw, from, to) { content += current.slice(from, to) },
    foreign: () => false
  }

  let mode: Mode = DATA
  let current = ''
  for (const [index, text] of statics.entries()) {
    current = text
    mode = scan(text, index, mode, sink)
    if (cdata) throw refuse('the format has a CDATA section, which only drawings have', 'Write the text with &lt; and &amp;', text)
    if (index === statics.length - 1) break
    // `&#` and a value `106;avascript:` would be one character reference.
    if (/&[#\w]*$/.test(text)) throw refuse('a value follows a "&" and could complete a character reference', 'Write &amp;', text)
    places.push(placeIn(mode, content, index, text))
  }
  if (mode.at !== 'data') {
    throw refuse('the format ends inside a tag, a comment or an element of text', 'Close it, so that what comes behind is not taken in',
      current)
  }
  return places
}

function ignore (): void {}

function placeIn (mode: Mode, content: string, index: number, text: string): FormatPlace {
  if (mode.at === 'data') return 'text'
  if (mode.at === 'inside') throw refuse(`a value stands in ${mode.what === 'end tag' ? 'an' : 'a'} ${mode.what}`, 'Put it between tags or into a quoted attribute', text)
  if (mode.at === 'tag') return inTag(mode.tag, index, text)
  // In a drawing, or where the format is put into one, a title has tags.
  if (mode.raw.kind === 'text' && !content.includes('<')) return 'enclosed'
  throw refuse(`a value stands in <${mode.raw.name}>`, mode.raw.name === 'script'
    ? 'Write the data with jsonForScript into <script type="application/json">, and read it with JSON.parse'
    : 'Put it between tags or into a quoted attribute', text)
}

function inTag (tag: StartTag, index: number, text: string): FormatPlace {
  if (tag.state !== 'quoted') {
    const unquoted = tag.state === 'before value' || tag.state === 'unquoted'
    throw refuse(unquoted ? `a value stands in <${tag.name}> without quotes` : `a value is part of a name in <${tag.name}>`,
      unquoted ? 'Write quotes: attribute="…"' : 'Write names of tags and attributes literally', text)
  }
  (tag.attributes.at(-1) as TagAttribute).pieces.push(index)
  return 'attribute'
}

/** Decides on the values in an attribute, of which all is known where its tag ends. */
function settle (tag: StartTag, { name, pieces }: TagAttribute, places: FormatPlace[]): void {
  const first = pieces.find((piece) => typeof piece === 'number')
  if (first === undefined) return
  const where = `a value stands in the attribute ${name} of <${tag.name}>`
  if (CODE.has(tag.name)) throw refuse(`${where}, which loads or is code`, 'Write that element literally')
  // What else the tag says may come from a value: the strictest reading counts.
  const place = attributePlace(tag.name, name.toLowerCase(), () => null)
  if (place === 'plain') return
  if (place !== 'url' && place !== 'image') throw refuse(`${where}, which is code or CSS`, 'Use a class, a data attribute or an event listener')
  const [start, next] = pieces
  if (typeof start === 'string') {
    if (!SETTLED.test(start)) {
      throw refuse(`${where} behind ${JSON.stringify(start)}, and could choose the scheme`,
        'Begin with /, ?, #, https:, mailto: or tel:, or give the whole URL as one value')
    }
  } else if (next !== undefined && (typeof next === 'number' || !NO_SCHEME.test(next))) {
    throw refuse(`${where}, and what follows it could complete a scheme`, 'Give the whole URL as one value')
  } else {
    places[first] = place
  }
}

function refuse (what: string, fix: string, text?: string): Error {
  return new FormatError(`formatHtml: ${what}${text === undefined ? '' : `, behind ${JSON.stringify(text.slice(-40))}`}`, fix)
}
