export type RefusalReason = 'stale' | 'denied' | 'invalid' | 'limit' | 'busy' | 'error'

export type RefusalMessage = readonly ['r', ref: number, reason: RefusalReason, text: string, id: string, wait?: number]

/** What people are told, by reason. */
export const refusalTexts: ReadonlyMap<string, string> = new Map<RefusalReason, string>([
  ['stale', 'The page has changed in the meantime. Please look again.'],
  ['denied', 'You may not do this.'],
  ['invalid', 'Some of what was entered cannot be accepted.'],
  ['limit', 'That was too fast. Please wait a moment.'],
  ['busy', 'The server is busy. Please try again.'],
  ['error', 'Something went wrong. Please try again.']
])

/** The answer to event `ref` that failed: generic words and the id to find it by, never an error's own text (ASVS 16.5.1). */
export function createRefusalMessage (ref: number, reason: RefusalReason, id: string, wait: number = 0): RefusalMessage {
  const known = refusalTexts.has(reason) ? reason : 'error'
  const text = refusalTexts.get(known) as string
  return wait > 0 ? ['r', ref, known, text, id, wait] : ['r', ref, known, text, id]
}
