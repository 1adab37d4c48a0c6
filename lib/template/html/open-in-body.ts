import { closeP, endFormatting, pushMarked } from './close-element.ts'
import { CLOSES_P, FORMATTING, HEADINGS, NO_REOPEN, SPECIAL } from './element-names.ts'
import { htmlError } from './errors.ts'
import { openForeign } from './foreign-content.ts'
import { PLAIN, insert } from './insert-element.ts'
import { current, inScope, isOpen, pop, popImplied, popThrough, reopenFormatting, scopeName } from './parser-state.ts'
import type { Opened } from './insert-element.ts'
import type { OpenElement, ParserState } from './parser-state.ts'
import type { StartTag } from './start-tag.ts'
import type { SourcePosition } from '../shape.ts'

/** What the parser does at a start tag in the body (HTML 13.2.6.4.7). */
export function openInBody (state: ParserState, tag: StartTag, at: SourcePosition, cause: string): Opened {
  const { name } = tag
  if (name === 'form' && (state.formOpen || isOpen(state, 'form'))) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, '<form> stands inside another form: the browser drops it',
      'Close the outer form first, or tie fields to a form elsewhere with their form="id" attribute.')
  }
  if (name === 'table' && inScope(state, 'p', 'button')) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, '<table> stands in a <p>: browsers close the <p> or not, as the doctype is',
      'Write "</p>" before <table>.')
  }
  if (name === 'li') closeItem(state, ['li'], at, cause)
  if (name === 'dd' || name === 'dt') closeItem(state, ['dd', 'dt'], at, cause)
  if (CLOSES_P.has(name)) closeP(state, at, cause)
  if (HEADINGS.has(name) && HEADINGS.has((current(state) as OpenElement).name)) pop(state, at, cause)
  if (name === 'button' && inScope(state, 'button')) {
    popImplied(state, at, cause, '')
    popThrough(state, 'button', at, cause)
  }
  closeRuby(state, name, at, cause)
  if ((name === 'option' || name === 'optgroup') && current(state)?.name === 'option') pop(state, at, cause)
  if (name === 'a') closeLink(state, at, cause)
  if (!CLOSES_P.has(name) && !NO_REOPEN.has(name)) reopenFormatting(state, at)
  if (name === 'nobr' && inScope(state, 'nobr')) {
    endFormatting(state, name, at, cause)
    reopenFormatting(state, at)
  }
  if (name === 'svg' || name === 'math') {
    openForeign(state, tag, name)
    return PLAIN
  }
  if (name === 'applet' || name === 'marquee' || name === 'object') {
    pushMarked(state, name)
    return PLAIN
  }
  const opened = insert(state, name)
  if (name === 'form') state.formOpen = true
  if (FORMATTING.has(name)) pushFormatting(state)
  return opened
}

function closeItem (state: ParserState, items: readonly string[], at: SourcePosition, cause: string): void {
  const stops = (name: string): boolean => SPECIAL.has(name) && name !== 'address' && name !== 'div' && name !== 'p'
  const found = state.stack.findLast((element) => items.includes(element.name) || stops(scopeName(element)))
  if (found === undefined || !items.includes(found.name)) return
  popImplied(state, at, cause, found.name)
  popThrough(state, found.name, at, cause)
}

function closeRuby (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  if (!['rb', 'rtc', 'rp', 'rt'].includes(name) || !inScope(state, 'ruby')) return
  const depth = state.stack.length
  popImplied(state, at, cause, name === 'rp' || name === 'rt' ? 'rtc' : '')
  if (state.stack.length < depth && state.stack.findLastIndex((element) => element.name === 'ruby') < state.floor) {
    throw htmlError('LIVE_ERR_HTML_BALANCE', at, `${cause} closes the element before it only when it stands in a <ruby>, not ` +
      'in an update',
      `Write the end tag before ${cause}.`)
  }
}

function closeLink (state: ParserState, at: SourcePosition, cause: string): void {
  const open = state.formatting.slice(state.formatting.lastIndexOf(null) + 1).find((entry) => entry?.name === 'a')
  if (open === undefined) return
  endFormatting(state, 'a', at, cause)
  if (!state.formatting.includes(open)) return
  throw htmlError('LIVE_ERR_HTML_PARSER', at, '<a> stands inside another link: the browser takes both apart',
    'Write "</a>" before it.')
}

/** The "Noah's Ark clause" is left out: it only limits how many equal elements are opened again. */
function pushFormatting (state: ParserState): void {
  state.formatting.push(current(state) as OpenElement)
}
