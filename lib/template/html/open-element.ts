import { METADATA, TABLE_PARTS, TABLE_TAGS } from './element-names.ts'
import { htmlError } from './errors.ts'
import { isForeign, startForeign } from './foreign-content.ts'
import { PLAIN, insert } from './insert-element.ts'
import { insertionMode } from './insertion-mode.ts'
import { openInBody } from './open-in-body.ts'
import { openTablePart } from './open-table-part.ts'
import { current, pop, push, reopenFormatting } from './parser-state.ts'
import type { Opened } from './insert-element.ts'
import type { OpenElement, ParserState } from './parser-state.ts'
import type { StartTag } from './start-tag.ts'
import type { SourcePosition } from '../shape.ts'

/** Does with the open elements what the parser does at a start tag (HTML 13.2.6); refuses what it would drop or move. */
export function openElement (state: ParserState, tag: StartTag, at: SourcePosition): Opened {
  const { name } = tag
  const cause = `<${name}>`
  if (isForeign(state, name) && startForeign(state, tag, at)) return PLAIN
  const mode = insertionMode(state)
  if (mode === 'template') return insert(state, name)
  if (name === 'html' || name === 'head' || name === 'body') return openDocumentPart(state, name, at)
  if (name === 'frameset' || name === 'frame' || name === 'plaintext') {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `${cause} is not supported`, 'Use ordinary elements.')
  }
  if (METADATA.has(name)) {
    if (mode === 'select' && name !== 'script' && name !== 'template') openInSelect(state, name, at, cause)
    if (name !== 'template' && (name !== 'script' || mode === 'colgroup') && (name !== 'style' ||
      mode === 'colgroup')) checkTable(state, tag, at)
    return openMetadata(state, name)
  }
  leaveHead(state, at, cause)
  if (mode === 'select') return openInSelect(state, name, at, cause)
  if (TABLE_TAGS.has(name)) return { implied: openTablePart(state, name, at), raw: null }
  checkTable(state, tag, at)
  if (TABLE_PARTS.has((current(state) as OpenElement).name)) return PLAIN
  note(state, 'flow', at, cause)
  return openInBody(state, tag, at, cause)
}

/** Text: whitespace stays where it is; anything else ends the head and cannot stand in a table. */
export function openText (state: ParserState, text: string, at: SourcePosition): void {
  const blank = /^[\t\n\f\r ]*$/.test(text)
  if (isForeign(state, null)) return
  if (insertionMode(state) === 'template') return
  if (blank) {
    if (state.phase === 'body' && !TABLE_PARTS.has((current(state) as OpenElement).name)) reopenFormatting(state, at)
    return
  }
  leaveHead(state, at, 'text')
  const name = (current(state) as OpenElement).name
  if (TABLE_PARTS.has(name)) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `text ${JSON.stringify(text.trim().slice(0, 30))} stands directly in ` +
      `<${name}>: ` +
      'the browser moves it out, before the table', 'Put it in a cell: <td>…</td>, or in a <caption>.')
  }
  note(state, 'flow', at, 'text')
  if (insertionMode(state) !== 'select') reopenFormatting(state, at)
}

/** A fragment's first tag tells the parser what it is a fragment of; what does not fit that is dropped. */
export function note (state: ParserState, family: string, at: SourcePosition, cause: string): void {
  if (state.phase !== 'fragment' || (current(state) as OpenElement).name !== '#fragment') return
  state.family ??= family
  if (state.family !== family) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `${cause} stands beside parts of a table of another kind: the browser drops ` +
      'or moves it',
    'Let one macro or included template give rows only, cells only, or ordinary content only.')
  }
}

/** Opens html, head and body as far as they are implied, so that content can follow. */
export function leaveHead (state: ParserState, at: SourcePosition, cause: string): void {
  if (state.phase === 'prolog') push(state, 'html')
  else if (state.phase === 'head') pop(state, at, cause)
  else if (state.phase === 'after body') state.phase = 'body'
  if (state.phase === 'body' || state.phase === 'fragment') return
  push(state, 'body')
  state.phase = 'body'
}

function openDocumentPart (state: ParserState, name: string, at: SourcePosition): Opened {
  const misplaced = state.body !== null ||
    (name === 'html' && state.phase !== 'prolog') ||
    (name === 'head' && state.phase !== 'prolog' && state.phase !== 'html') ||
    (name === 'body' && (state.phase === 'body' || state.phase === 'after body'))
  if (misplaced) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `<${name}> stands where the document already has one, or in a body that comes ` +
      'and goes',
      `Write <${name}> once, in the layout, before anything that shows; put conditions into its attributes.`)
  }
  if (state.phase === 'prolog') push(state, 'html')
  if (name === 'body' && state.phase === 'head') pop(state, at, '<body>')
  if (name !== 'html') push(state, name)
  state.phase = name as 'html' | 'head' | 'body'
  return PLAIN
}

function openMetadata (state: ParserState, name: string): Opened {
  if (state.phase === 'prolog' || state.phase === 'html') {
    if (state.phase === 'prolog') push(state, 'html')
    push(state, 'head')
    state.phase = 'head'
  }
  return insert(state, name)
}

function checkTable (state: ParserState, tag: StartTag, at: SourcePosition): void {
  const part = current(state)?.name ?? ''
  if (!TABLE_PARTS.has(part)) return
  const hidden = tag.attributes.some((attribute) => attribute.name.toLowerCase() === 'type' &&
    String(attribute.pieces[0]).toLowerCase() === 'hidden')
  if (tag.name === 'input' && hidden && part !== 'colgroup') return
  throw htmlError('LIVE_ERR_HTML_PARSER', at, `<${tag.name}> stands directly in <${part}>: the browser moves it out, before ` +
    'the table',
  'Put it in a cell, or around the whole table.')
}

function openInSelect (state: ParserState, name: string, at: SourcePosition, cause: string): Opened {
  if (name !== 'option' && name !== 'optgroup' && name !== 'hr') {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `${cause} stands in a <select>: browsers drop it or end the select there`,
      'Only <option>, <optgroup> and <hr> can stand in a <select>.')
  }
  for (const open of name === 'option' ? ['option'] : ['option', 'optgroup']) {
    if (current(state)?.name !== open) continue
    if (state.body !== null && name !== open) {
      throw htmlError('LIVE_ERR_HTML_BALANCE', at, `${cause} closes the <${open}> before it only when it stands in a ` +
        '<select>, not in an update',
        `Write "</${open}>" before ${cause}.`)
    }
    pop(state, at, cause)
  }
  return insert(state, name)
}
