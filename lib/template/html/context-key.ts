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
  return [state.phase, scopeName(top), open.join(' '), withoutOlder(formatting).join(' ')].join('|')
}

/** The browser's own limit for one kind of formatting element (HTML 13.2.4.3): older ones are not noticed. */
const MAX_ALIKE = 3

function withoutOlder (names: readonly string[]): string[] {
  return names.filter((name, index) => names.slice(index).filter((other) => other === name).length <= MAX_ALIKE)
}
