import { RAW_TEXT, VOID } from './element-names.ts'
import { pushMarked } from './close-element.ts'
import { push } from './parser-state.ts'
import type { ParserState } from './parser-state.ts'
import type { RawContent } from './scan.ts'

/** What the parser makes of a start tag: the tags it implies before it, and how the element's content is read. */
export interface Opened {
  readonly implied: string
  readonly raw: RawContent | null
}

export const PLAIN: Opened = Object.freeze({ implied: '', raw: null })

/** Opens an element where it stands, unless it has no content. */
export function insert (state: ParserState, name: string): Opened {
  if (VOID.has(name)) return PLAIN
  const kind = RAW_TEXT.get(name)
  if (kind !== undefined) {
    push(state, name)
    return { implied: '', raw: { name, kind, escaped: 0 } }
  }
  if (name === 'template') pushMarked(state, name)
  else push(state, name)
  return PLAIN
}
