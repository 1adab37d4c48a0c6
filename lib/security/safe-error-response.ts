import { createErrorId } from './error-id.ts'
import { isSafeEventName } from './is-safe-event-name.ts'
import { refusalTexts } from './refusal-message.ts'
import type { RefusalReason } from './refusal-message.ts'

/** What an answer may say of an error: kinds of an application's own errors, and the reasons of live views. */
export type ErrorKind = 'default' | 'mount' | 'event' | 'render' | 'validation' | 'not_found' | 'permission' | RefusalReason

export interface SafeErrorOptions {
  readonly error?: unknown
  /** What the person is told; without it, or with an unknown one, by the error's `statusCode`. */
  readonly kind?: ErrorKind
  /** The name of the event that failed; shown in development. */
  readonly event?: unknown
}

export interface SafeErrorResponse {
  readonly statusCode: number
  readonly kind: ErrorKind
  /** Generic words for the person. */
  readonly error: string
  /** What the person can quote, and the log has to have. */
  readonly errorId: string
  /** In development only. */
  readonly details?: { readonly event: string | null, readonly message: string, readonly stack: string }
}

const again = refusalTexts.get('error') as string

const answers: ReadonlyMap<unknown, readonly [statusCode: number, text: string]> = new Map<ErrorKind, readonly [number, string]>([
  ['default', [500, again]],
  ['mount', [500, 'The page could not be loaded. Please try again.']],
  ['event', [500, 'That did not work. Please try again.']],
  ['render', [500, 'The page could not be shown. Please try again.']],
  ['validation', [400, refusalTexts.get('invalid') as string]],
  ['not_found', [404, 'This was not found.']],
  ['permission', [403, refusalTexts.get('denied') as string]],
  ['stale', [409, refusalTexts.get('stale') as string]],
  ['denied', [403, refusalTexts.get('denied') as string]],
  ['invalid', [400, refusalTexts.get('invalid') as string]],
  ['limit', [429, refusalTexts.get('limit') as string]],
  ['busy', [503, refusalTexts.get('busy') as string]],
  ['error', [500, again]]
])

const kinds: ReadonlyMap<unknown, ErrorKind> = new Map<number, ErrorKind>([
  [400, 'validation'], [401, 'permission'], [403, 'permission'], [404, 'not_found'], [409, 'stale'], [422, 'validation'],
  [429, 'limit'], [503, 'busy']
])

/**
 * The answer to a request that failed: generic words by kind, and an id. Nothing of the error or of what the client sent is in
 * it; only where NODE_ENV is `development`, and not where it is unset or unknown, `details` has the message and the stack.
 * Never throws. Log the error with the same `errorId`.
 */
export function createSafeErrorResponse (options: SafeErrorOptions = {}): SafeErrorResponse {
  const [error, kind, event] = ['error', 'kind', 'event'].map((name) => read(options, name))
  const known = answers.has(kind) ? kind as ErrorKind : kinds.get(read(error, 'statusCode')) ?? 'default'
  const [statusCode, text] = answers.get(known) as readonly [number, string]
  const answer = { statusCode, kind: known, error: text, errorId: createErrorId() }
  if (process.env['NODE_ENV'] !== 'development') return answer
  const details = {
    // A client's own name could be anything.
    event: isSafeEventName(event) ? event : null,
    message: textOf(read(error, 'message')) ?? textOf(error) ?? 'no message',
    stack: textOf(read(error, 'stack')) ?? ''
  }
  return { ...answer, details }
}

// Anything can be thrown, and its getters may throw again.
function read (error: unknown, name: string): unknown {
  try {
    return (error as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}

function textOf (value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
