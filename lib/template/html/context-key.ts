import { current, scopeName } from './parser-state.ts'
import type { OpenElement, ParserState } from './parser-state.ts'

/**
 * What a body can notice of its surroundings: the element it stands in, and which elements are open at all. A template that
 * includes itself ever deeper comes to an end this way.
 */
export function contextKey (state: ParserState): string {
  const open = [...new Set(state.stack.map(scopeName))].sort()
  const top = current(state) as OpenElement
  const formatting = state.formatting.slice(state.formatting.lastIndexOf(null) + 1).map((entry) => entry!.name)
  return [state.phase, scopeName(top), open.join(' '), formatting.join(' ')].join('|')
}
