import { BREAKOUT } from './element-names.ts'
import { current, pop, push, scopeName } from './parser-state.ts'
import type { OpenElement, ParserState } from './parser-state.ts'
import type { StartTag } from './start-tag.ts'
import type { SourcePosition } from '../shape.ts'

const SVG_HTML = new Set(['foreignobject', 'desc', 'title'])
const MATH_TEXT = new Set(['mi', 'mo', 'mn', 'ms', 'mtext'])

/** True when the next token, a start tag of that name or text (null), is read by the rules for foreign content. */
export function isForeign (state: ParserState, name: string | null): boolean {
  const element = current(state)
  if (element === undefined || element.namespace === 'html' || element.integration === 'html') return false
  if (element.integration === 'text') return name === 'mglyph' || name === 'malignmark'
  return !(scopeName(element) === 'math:annotation-xml' && name === 'svg')
}

/** Opens a foreign element. False when the tag ends foreign content and is to be read as HTML. */
export function startForeign (state: ParserState, tag: StartTag, at: SourcePosition): boolean {
  const has = (name: string): boolean => tag.attributes.some((attribute) => attribute.name.toLowerCase() === name)
  if (BREAKOUT.has(tag.name) || (tag.name === 'font' && (has('color') || has('face') || has('size')))) {
    leaveForeign(state, at, `<${tag.name}>`)
    return false
  }
  openForeign(state, tag, (current(state) as OpenElement).namespace as 'svg' | 'math')
  return true
}

export function openForeign (state: ParserState, tag: StartTag, namespace: 'svg' | 'math'): void {
  if (tag.selfClosing) return
  const encoding = tag.attributes.find((attribute) => attribute.name.toLowerCase() === 'encoding')?.pieces[0]
  const html = namespace === 'svg'
    ? SVG_HTML.has(tag.name)
    : tag.name === 'annotation-xml' && /^(text\/html|application\/xhtml\+xml)$/i.test(String(encoding))
  const integration = html ? 'html' : namespace === 'math' && MATH_TEXT.has(tag.name) ? 'text' : null
  push(state, tag.name, { namespace, integration })
}

/** Closes a foreign element. False when the tag is to be read by the rules for HTML. */
export function endForeign (state: ParserState, name: string, at: SourcePosition): boolean {
  const i = state.stack.findLastIndex((element) => element.namespace === 'html' || element.name === name)
  if ((state.stack[i] as OpenElement).namespace === 'html') return false
  while (state.stack.length > i) pop(state, at, `</${name}>`)
  return true
}

/** Closes foreign elements up to HTML, or up to the place in them where HTML stands. */
export function leaveForeign (state: ParserState, at: SourcePosition, cause: string): void {
  while ((current(state) as OpenElement).namespace !== 'html' && (current(state) as OpenElement).integration === null) {
    pop(state, at, cause)
  }
}
