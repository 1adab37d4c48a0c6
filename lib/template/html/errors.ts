import createError from '@fastify/error'
import type { SourcePosition } from '../shape.ts'

/** A boot error about the HTML of a template: where it is, what stands there and what to write instead. */
export interface HtmlError extends Error, SourcePosition {
  readonly code: string
}

/**
 * - `LIVE_ERR_HTML_PLACE`: a value stands where no escaping makes it safe or the browser cannot address it
 * - `LIVE_ERR_HTML_BALANCE`: a branch, row or other body opens or closes elements of its surroundings
 * - `LIVE_ERR_HTML_PARSER`: the browser's parser would move or drop what is written
 * - `LIVE_ERR_HTML_CONTEXT`: one body is used in places that need different markup
 * - `LIVE_ERR_HTML_BINDING`: a live-* attribute that does not exist or has an impossible value
 */
export type HtmlErrorCode =
  | 'LIVE_ERR_HTML_PLACE' | 'LIVE_ERR_HTML_BALANCE' | 'LIVE_ERR_HTML_PARSER' | 'LIVE_ERR_HTML_CONTEXT' | 'LIVE_ERR_HTML_BINDING'

/** Makes a boot error; `what` is a sentence without its full stop, `fix` one or more whole sentences. */
export function htmlError (code: HtmlErrorCode, at: SourcePosition, what: string, fix: string): HtmlError {
  const Coded = createError<[string, number, number, string, string]>(code, '%s:%d:%d: %s. %s')
  const error = new Coded(at.template, at.line, at.column, what, fix)
  return Object.assign(error, { template: at.template, line: at.line, column: at.column })
}
