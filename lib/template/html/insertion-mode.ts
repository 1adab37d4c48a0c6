import type { ParserState } from './parser-state.ts'

export type InsertionMode =
  | 'template' | 'select' | 'cell' | 'row' | 'table body' | 'colgroup' | 'caption' | 'table' | 'head' | 'body' | 'document'

const MODES: ReadonlyMap<string, InsertionMode> = new Map([
  ['template', 'template'], ['select', 'select'], ['td', 'cell'], ['th', 'cell'], ['tr', 'row'], ['tbody', 'table body'],
  ['thead', 'table body'], ['tfoot', 'table body'], ['colgroup', 'colgroup'], ['caption', 'caption'], ['table', 'table'],
  ['head', 'head'], ['body', 'body'], ['#fragment', 'body']
])

/** The insertion mode (HTML 13.2.4.1), from the open elements as "reset the insertion mode" finds it. */
export function insertionMode (state: ParserState): InsertionMode {
  for (let i = state.stack.length - 1; i >= 0; i--) {
    const element = state.stack[i]!
    const mode = element.namespace === 'html' ? MODES.get(element.name) : undefined
    if (mode !== undefined) return mode
  }
  return 'document'
}
