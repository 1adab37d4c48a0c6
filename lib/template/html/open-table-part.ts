import { closeCell, pushMarked } from './close-element.ts'
import { htmlError } from './errors.ts'
import { insertionMode } from './insertion-mode.ts'
import { current, pop, push } from './parser-state.ts'
import type { OpenElement, ParserState } from './parser-state.ts'
import type { SourcePosition } from '../shape.ts'

const BODIES = new Set(['tbody', 'thead', 'tfoot'])
const FAMILY: Readonly<Record<string, string>> = { td: 'cells', th: 'cells', tr: 'rows', col: 'columns' }

/**
 * Opens a part of a table. Gives the tags that the parser implies before it: they are written out, because a row that is
 * inserted later would otherwise come to stand beside the implied <tbody> instead of in it.
 */
export function openTablePart (state: ParserState, name: string, at: SourcePosition): string {
  const cause = `<${name}>`
  let implied = ''
  for (;;) {
    const mode = insertionMode(state)
    const top = (current(state) as OpenElement).name
    if (mode === 'cell' || mode === 'caption') {
      const cell = mode === 'caption' ? 'caption' : lastCell(state)
      closeCell(state, cell, at, cause)
    } else if (mode === 'row' || mode === 'table body' || mode === 'colgroup') {
      if (belongs(mode, name)) return implied + put(state, name)
      if (mode === 'table body' && (name === 'td' || name === 'th')) implied += put(state, 'tr', '<tr>')
      else {
        pop(state, at, cause)
        if (mode === 'colgroup') implied += '</colgroup>'
      }
    } else if (mode === 'table') {
      if (name === 'caption' || name === 'colgroup' || BODIES.has(name)) return implied + put(state, name)
      implied += name === 'col' ? put(state, 'colgroup', '<colgroup>') : put(state, 'tbody', '<tbody>')
    } else if (top === '#fragment') {
      return fragment(state, name, at, cause)
    } else {
      throw htmlError('LIVE_ERR_HTML_PARSER', at, `${cause} stands outside of a table: the browser drops it`,
        'Put it in a <table>.')
    }
  }
}

function belongs (mode: string, name: string): boolean {
  if (mode === 'row') return name === 'td' || name === 'th'
  return mode === 'table body' ? name === 'tr' : name === 'col'
}

function put (state: ParserState, name: string, written = ''): string {
  if (name === 'td' || name === 'th' || name === 'caption') pushMarked(state, name)
  else if (name !== 'col') push(state, name)
  return written
}

function lastCell (state: ParserState): string {
  return (state.stack.findLast((element) => element.name === 'td' || element.name === 'th') as OpenElement).name
}

function fragment (state: ParserState, name: string, at: SourcePosition, cause: string): string {
  const family = FAMILY[name] ?? 'table'
  state.family ??= family
  if (state.family !== family) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `${cause} stands beside other content than its own kind: the browser drops or ` +
      'moves it',
    'Let one macro or included template give rows only, cells only, or ordinary content only.')
  }
  return put(state, name)
}
