import { IMPLIED_END, MARKERS, SCOPE } from './element-names.ts'
import { htmlError } from './errors.ts'
import type { SourcePosition } from '../shape.ts'

export type Namespace = 'html' | 'svg' | 'math'

export interface OpenElement {
  readonly name: string
  readonly namespace: Namespace
  /** HTML content is read as HTML in it although it is foreign: `html` for all of it, `text` for the MathML text elements. */
  readonly integration: 'html' | 'text' | null
  /** Why holes cannot be addressed in it. */
  readonly broken: string | null
  /** How many holes and bound elements had been met when it was opened. */
  readonly marksBefore: number
  /** True when the page addresses it: the parser must not open it a second time. */
  marked: boolean
}

export type Phase = 'prolog' | 'html' | 'head' | 'after head' | 'body' | 'after body' | 'fragment'

/** The parser's state between two tokens: as much of HTML 13.2.4 as decides where a hole comes to stand. */
export interface ParserState {
  stack: OpenElement[]
  /** Active formatting elements; null is a marker. */
  formatting: Array<OpenElement | null>
  phase: Phase
  /** Elements below this index belong to the surroundings of a body that comes and goes. */
  floor: number
  /** What that body is, for errors; null while the body always stands. */
  body: string | null
  /** True once a doctype was read. */
  doctype: boolean
  formOpen: boolean
  marks: number
  /** What a fragment began with: its rows, cells and the rest cannot be mixed. */
  family: string | null
}

export function createState (phase: 'prolog' | 'fragment'): ParserState {
  const state: ParserState =
    { stack: [], formatting: [], phase, floor: 0, body: null, doctype: false, formOpen: false, marks: 0, family: null }
  if (phase === 'fragment') push(state, '#fragment')
  return state
}

/** A copy that can be walked without changing the original. */
export function fork (state: ParserState): ParserState {
  return { ...state, stack: state.stack.slice(), formatting: state.formatting.slice() }
}

export function push (state: ParserState, name: string, more: Partial<OpenElement> = {}): void {
  state.stack.push({ name, namespace: 'html', integration: null, broken: null, marksBefore: state.marks, marked: false, ...more })
}

export function current (state: ParserState): OpenElement | undefined {
  return state.stack[state.stack.length - 1]
}

/** The name with its namespace where that is not HTML, as the scope lists have it. */
export function scopeName (element: OpenElement): string {
  return element.namespace === 'html' ? element.name : `${element.namespace}:${element.name}`
}

/** Closes the innermost element. A body that comes and goes must not close what stands around it. */
export function pop (state: ParserState, at: SourcePosition, cause: string): OpenElement {
  const element = state.stack[state.stack.length - 1] as OpenElement
  if (state.stack.length <= state.floor) {
    throw htmlError('LIVE_ERR_HTML_BALANCE', at,
      `${cause} in this ${state.body} closes the <${element.name}> that was opened outside of it`,
      `Close it before the ${state.body} ("</${element.name}>"), or move the whole <${element.name}> into the ${state.body}.`)
  }
  if (element.name === 'form' && cause !== '</form>' && !isOpen(state, 'template')) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `${cause} closes a <form> that is still open: browsers then drop the next ` +
      'form of the page',
      `Write "</form>" before ${cause}.`)
  }
  if (element.name === 'form') state.formOpen = false
  state.stack.pop()
  return element
}

/** Closes up to and with the innermost element of that name, which must be open. */
export function popThrough (state: ParserState, name: string, at: SourcePosition, cause: string): void {
  let closed
  do {
    closed = pop(state, at, cause)
    if (closed.namespace === 'html' && MARKERS.has(closed.name)) clearToMarker(state)
  } while (closed.name !== name || closed.namespace !== 'html')
}

export function popImplied (state: ParserState, at: SourcePosition, cause: string, except: string): void {
  const isImplied = (element: OpenElement | undefined): boolean =>
    element?.namespace === 'html' && IMPLIED_END.has(element.name) && element.name !== except
  while (isImplied(current(state))) pop(state, at, cause)
}

/** True when an element of that name is open and no element between stops the search (`also`: list item, button scope). */
export function inScope (state: ParserState, name: string, also = ''): boolean {
  const stops = also.split(' ')
  const last = state.stack.findLast((element) => {
    const full = scopeName(element)
    return full === name || SCOPE.has(full) || stops.includes(full)
  })
  return scopeName(last as OpenElement) === name
}

export function isOpen (state: ParserState, name: string): boolean {
  return state.stack.some((element) => element.name === name && element.namespace === 'html')
}

export function clearToMarker (state: ParserState): void {
  while (state.formatting.pop() != null);
}

/** Formatting elements that were closed by something else than their end tag, and that the parser opens again. */
export function pendingFormatting (state: ParserState): OpenElement[] {
  const last = state.formatting.lastIndexOf(null)
  return state.formatting.slice(last + 1).filter((element) => !state.stack.includes(element as OpenElement)) as OpenElement[]
}

/** Opens them again, as the parser does before text and most elements. */
export function reopenFormatting (state: ParserState, at: SourcePosition): void {
  for (const pending of pendingFormatting(state)) {
    if (pending.marked) {
      throw htmlError('LIVE_ERR_HTML_PARSER', at, `<${pending.name}> with values in its attributes was not closed before its ` +
        'surroundings were: the browser opens it a second time here',
          `Write "</${pending.name}>" before the end of the element it stands in.`)
    }
    push(state, pending.name, { broken: pending.broken })
    state.formatting[state.formatting.indexOf(pending)] = current(state) as OpenElement
  }
}
