import { createTag, readAttributes } from './start-tag.ts'
import type { StartTag } from './start-tag.ts'

/** Where the tokenizer is when a static ends and a slot (or the body's end) follows. */
export type Mode =
  | { readonly at: 'data' }
  | { readonly at: 'tag', readonly tag: StartTag }
  | { readonly at: 'raw', readonly raw: RawContent }
  | { readonly at: 'inside', readonly what: 'tag name' | 'end tag' | 'comment' | 'doctype' | 'cdata', readonly offset: number }

/** An element whose content is text to the parser. */
export interface RawContent {
  readonly name: string
  readonly kind: 'text' | 'raw' | 'script'
  /** Script data states: 1 behind `<!--`, 2 behind `<script` in it (HTML 13.2.5.18 to 31). */
  escaped: 0 | 1 | 2
}

/** Receives what the tokenizer finds in one static; offsets are into that static. */
export interface Sink {
  text (from: number, to: number): void
  comment (from: number, to: number, data: string): void
  doctype (from: number): void
  /** Gives how the content of the element is read. */
  startTag (tag: StartTag, end: number): RawContent | null
  endTag (name: string, from: number, to: number): void
  rawText (raw: RawContent, from: number, to: number): void
  foreign (): boolean
}

export const DATA: Mode = Object.freeze({ at: 'data' })

/** Runs the tokenizer over `text`, the static number `index`, and gives the mode it ends in. */
export function scan (text: string, index: number, mode: Mode, sink: Sink): Mode {
  let i = 0
  while (i < text.length) {
    if (mode.at === 'raw') {
      const end = rawEnd(text, i, mode.raw)
      sink.rawText(mode.raw, i, end === -1 ? text.length : end)
      if (end === -1) return mode
      mode = DATA
      i = end
    } else if (mode.at === 'tag') {
      const end = readAttributes(mode.tag, text, index, i)
      if (end === -1) return mode
      const raw = sink.startTag(mode.tag, end)
      mode = raw === null ? DATA : { at: 'raw', raw }
      i = end + 1
    } else {
      const open = nextMarkup(text, i)
      if (open > i) sink.text(i, open)
      if (open === text.length) return DATA
      const result = markup(text, index, open, sink)
      if (typeof result !== 'number') {
        if (result.at !== 'tag') return result
        mode = result
        i = result.tag.nameEnd.offset
      } else {
        i = result
      }
    }
  }
  return mode
}

function nextMarkup (text: string, i: number): number {
  const found = text.slice(i).search(/<(?:[a-zA-Z/!?]|$)/)
  return found === -1 ? text.length : i + found
}

function markup (text: string, index: number, i: number, sink: Sink): number | Mode {
  const rest = text.slice(i)
  const name = /^<(\/?)([a-zA-Z][^\t\n\f\r />]*)/.exec(rest)
  if (name !== null) {
    const nameEnd = i + name[0].length
    if (nameEnd === text.length && name[1] === '') {
      return { at: 'tag', tag: createTag(name[2]!.toLowerCase(), { index, offset: i }, { index, offset: nameEnd }) }
    }
    const tag = createTag(name[2]!.toLowerCase(), { index, offset: i }, { index, offset: nameEnd })
    if (name[1] === '') return { at: 'tag', tag }
    const end = readAttributes(tag, text, index, nameEnd)
    if (end === -1) return { at: 'inside', what: 'end tag', offset: i }
    sink.endTag(tag.name, i, end + 1)
    return end + 1
  }
  if (rest.startsWith('<!--')) {
    const end = /^<!--(?:-?>|([^]*?)--!?>)/.exec(rest)
    if (end === null) return { at: 'inside', what: 'comment', offset: i }
    sink.comment(i, i + end[0].length, end[1] ?? '')
    return i + end[0].length
  }
  if (rest.startsWith('<![CDATA[') && sink.foreign()) {
    const end = rest.indexOf(']]>')
    if (end === -1) return { at: 'inside', what: 'cdata', offset: i }
    sink.text(i, i + end + 3)
    return i + end + 3
  }
  if (rest === '<' || rest === '</') return { at: 'inside', what: rest === '<' ? 'tag name' : 'end tag', offset: i }
  const end = rest.indexOf('>')
  const doctype = /^<!doctype/i.test(rest)
  if (end === -1) return { at: 'inside', what: doctype ? 'doctype' : 'comment', offset: i }
  if (doctype) sink.doctype(i)
  else if (!rest.startsWith('</>')) sink.comment(i, i + end + 1, rest.slice(rest[1] === '?' ? 1 : 2, end))
  return i + end + 1
}

/** Offset of the end tag that ends raw content, or -1; keeps the script's escape state across statics. */
function rawEnd (text: string, i: number, raw: RawContent): number {
  // eslint-disable-next-line live-security/no-computed-regexp -- the name is one of this parser's own list
  const tokens = raw.kind === 'script' ? /<!--(?=(-?>)?)|-->|<(\/?)script(?=[\t\n\f\r />])/gi : new RegExp(`<(/)${raw.name}(?=[\\t\\n\\f\\r />])`, 'gi')
  tokens.lastIndex = i
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    if (raw.kind !== 'script') return found.index
    if (found[0] === '<!--') {
      if (raw.escaped === 0 && found[1] === undefined) raw.escaped = 1
    } else if (found[0] === '-->') {
      raw.escaped = 0
    } else if (found[2] === '/') {
      if (raw.escaped < 2) return found.index
      raw.escaped = 1
    } else if (raw.escaped === 1) {
      raw.escaped = 2
    }
  }
  return -1
}
