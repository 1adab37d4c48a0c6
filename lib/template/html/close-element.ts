import { BLOCKS, FORMATTING, HEADINGS, SPECIAL, TABLE_TAGS } from './element-names.ts'
import { htmlError } from './errors.ts'
import { endForeign, leaveForeign } from './foreign-content.ts'
import { insertionMode } from './insertion-mode.ts'
import { current, inScope, isOpen, pop, popImplied, popThrough, push, scopeName } from './parser-state.ts'
import type { OpenElement, ParserState } from './parser-state.ts'
import type { SourcePosition } from '../shape.ts'

/** Does with the open elements what the parser does at an end tag (HTML 13.2.6). */
export function closeElement (state: ParserState, name: string, at: SourcePosition): void {
  const cause = `</${name}>`
  const top = current(state)
  if (top !== undefined && top.namespace !== 'html') {
    if (name === 'p' || name === 'br') leaveForeign(state, at, cause)
    else if (endForeign(state, name, at)) return
  }
  if (name === 'html' || name === 'body') return endBody(state, at, cause)
  if (name === 'head') return endHead(state, at, cause)
  if (name === 'template') return isOpen(state, name) ? popThrough(state, name, at, cause) : closeNothing(state, name, at)
  const mode = insertionMode(state)
  if (mode === 'template') return endOther(state, name, at, cause)
  if (mode === 'select') return endInSelect(state, name, at, cause)
  if (mode === 'head' || mode === 'document' || name === 'col') return
  // HTML 13.2.6.4.12: any other end tag ends the column group.
  if (mode === 'colgroup' && name !== 'colgroup') pop(state, at, cause)
  if (state.phase === 'after body') state.phase = 'body'
  if (name === 'table' || TABLE_TAGS.has(name)) return endTablePart(state, name, at, cause)
  if (name === 'p' && inScope(state, 'p', 'button')) return closeUpTo(state, 'p', at, cause)
  if (name === 'p' || name === 'br') return closeNothing(state, name, at)
  if (name === 'li') return inScope(state, 'li', 'ol ul') ? closeUpTo(state, 'li', at, cause) : undefined
  if (name === 'form') return endForm(state, at, cause)
  if (BLOCKS.has(name) || name === 'dd' || name === 'dt') {
    return inScope(state, name) ? closeUpTo(state, name, at, cause) : undefined
  }
  if (HEADINGS.has(name)) return endHeading(state, at, cause)
  if (FORMATTING.has(name)) return endFormatting(state, name, at, cause)
  endOther(state, name, at, cause)
}

function closeUpTo (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  popImplied(state, at, cause, name)
  popThrough(state, name, at, cause)
}

/** The parser makes an element of these end tags, but not at the beginning of a body that is put in by itself. */
function closeNothing (state: ParserState, name: string, at: SourcePosition): void {
  if (state.body === null) return
  throw htmlError('LIVE_ERR_HTML_BALANCE', at, `</${name}> closes nothing in this ${state.body}`,
    name === 'br'
      ? 'Write <br>.'
      : `Remove it, or open the <${name}> in the same ` +
      `body${name === 'p' ? '; block elements close a <p> before them' : ''}.`)
}

/** Closes an open `<p>`, as many start tags do. */
export function closeP (state: ParserState, at: SourcePosition, cause: string): void {
  if (inScope(state, 'p', 'button')) closeUpTo(state, 'p', at, cause)
}

function endBody (state: ParserState, at: SourcePosition, cause: string): void {
  if (state.body !== null) {
    throw htmlError('LIVE_ERR_HTML_BALANCE', at, `${cause} stands in a ${state.body}`,
      `Write ${cause} in the layout, outside of every condition, loop and macro.`)
  }
  if (state.phase !== 'body') return
  state.phase = 'after body'
}

function endHead (state: ParserState, at: SourcePosition, cause: string): void {
  if (current(state)?.name !== 'head') return
  pop(state, at, cause)
  state.phase = 'after head'
}

function endInSelect (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  if (name === 'select') return popThrough(state, 'select', at, cause)
  const top = (current(state) as OpenElement).name
  if (name === 'optgroup' && top === 'option' && state.stack[state.stack.length - 2]!.name === 'optgroup') pop(state, at, cause)
  if (name === (current(state) as OpenElement).name) pop(state, at, cause)
}

function endTablePart (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  const found = state.stack.findLast((element) => [name, 'table', '#fragment', 'html'].includes(element.name))
  if (found?.name === name) popThrough(state, name, at, cause)
}

function endForm (state: ParserState, at: SourcePosition, cause: string): void {
  if (!state.formOpen) return
  const inside = inScope(state, 'form')
  if (inside) popImplied(state, at, cause, '')
  const inner = (current(state) as OpenElement).name
  if (!inside || inner !== 'form') {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `</form> stands inside <${inner}>, which is open in the form`,
      `Close <${inner}> first: write "</${inner}></form>".`)
  }
  pop(state, at, cause)
}

function endHeading (state: ParserState, at: SourcePosition, cause: string): void {
  const open = [...HEADINGS].filter((heading) => inScope(state, heading))
  if (open.length === 0) return
  popImplied(state, at, cause, '')
  while (!HEADINGS.has(pop(state, at, cause).name));
}

/** The adoption agency (HTML 13.2.6.4.7) as far as it moves no hole; where it would, the template is refused. */
export function endFormatting (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  const top = current(state) as OpenElement
  if (top.name === name && !state.formatting.includes(top)) {
    pop(state, at, cause)
    return
  }
  const since = state.formatting.lastIndexOf(null)
  const index = state.formatting.findLastIndex((entry) => entry?.name === name)
  if (index <= since) return endOther(state, name, at, cause)
  const element = state.formatting[index] as OpenElement
  const depth = state.stack.indexOf(element)
  if (depth === -1) {
    state.formatting.splice(index, 1)
    return
  }
  if (!inScope(state, name)) return
  const above = state.stack.slice(depth + 1)
  const block = above.findIndex((inner) => SPECIAL.has(scopeName(inner)))
  if (block === -1) {
    while (pop(state, at, cause) !== element);
    state.formatting.splice(index, 1)
    return
  }
  const inner = above[block] as OpenElement
  if (state.marks > element.marksBefore || depth < state.floor) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `${cause} stands inside <${inner.name}>, which is open in the <${name}>: ` +
      'the browser takes both apart, and with them the places of the values between',
    `Close <${inner.name}> first: write "</${inner.name}></${name}>".`)
  }
  state.formatting.splice(index, 1)
  const broken = `<${name}> was closed inside <${inner.name}>`
  const kept = above.slice(block).map((open) => ({ ...open, broken }))
  state.stack.splice(depth, state.stack.length, ...kept)
  state.formatting = state.formatting.filter((entry) => entry === null || !above.includes(entry))
}

function endOther (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  const isMeant = (element: OpenElement | undefined): boolean => element?.name === name && element.namespace === 'html'
  const index = state.stack.findLastIndex((element) => isMeant(element) || SPECIAL.has(scopeName(element)))
  if (!isMeant(state.stack[index])) return
  popImplied(state, at, cause, name)
  while (state.stack.length > index) pop(state, at, cause)
}

/** Opens an element that closes a list of its own kind: cells, captions, objects. */
export function pushMarked (state: ParserState, name: string): void {
  push(state, name)
  state.formatting.push(null)
}

/** Ends an open cell or caption before the next part of the table. */
export function closeCell (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  popImplied(state, at, cause, '')
  popThrough(state, name, at, cause)
}
