/** Where a JSON text stands: between its values, in a string, or behind a backslash in one. */
export type JsonState = 'between' | 'string' | 'escape'

/** The state behind more of the text. */
export function afterJson (from: JsonState, text: string): JsonState {
  let state = from
  for (const sign of text) {
    if (state === 'escape') state = 'string'
    else if (sign === '"') state = state === 'string' ? 'between' : 'string'
    else if (sign === '\\' && state === 'string') state = 'escape'
  }
  return state
}
