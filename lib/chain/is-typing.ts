import type { EventKind } from '../security/envelope.ts'

/** Of these only the latest counts: the browser sends what the field says then, and may be told to wait without harm. */
export function isTyping (kind: EventKind): boolean {
  return kind === 'input' || kind === 'change'
}
