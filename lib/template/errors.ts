import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'
import type { SourcePosition } from './shape.ts'
import { showPosition } from './show-position.ts'

type TemplateErrorConstructor = FastifyErrorConstructor<{ code: string, statusCode: 500 }, [string]>

/** A template failed while it was rendered. */
export const LIVE_ERR_TEMPLATE: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE', '%s', 500)
/** A template's source cannot be compiled. */
export const LIVE_ERR_TEMPLATE_SYNTAX: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE_SYNTAX', '%s', 500)
/** No loader has the template. */
export const LIVE_ERR_TEMPLATE_MISSING: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE_MISSING', '%s', 500)
/** A template uses a filter, a test or a tag that the environment does not have. */
export const LIVE_ERR_TEMPLATE_UNKNOWN: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE_UNKNOWN', '%s', 500)
/** A template's name is not written out, or names none of those listed: what a live page shows could not be known. */
export const LIVE_ERR_TEMPLATE_DYNAMIC: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE_DYNAMIC', '%s', 500)
/** A filter, test, function or tag of the application reads the page's data behind its arguments. */
export const LIVE_ERR_TEMPLATE_CONTEXT: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE_CONTEXT', '%s', 500)
/** HTML would go into the page that nobody has said to be trusted. */
export const LIVE_ERR_HTML_TRUST: TemplateErrorConstructor = createError('LIVE_ERR_HTML_TRUST', '%s', 500)
/** A number would make more of a page than a process should hold. */
export const LIVE_ERR_TEMPLATE_SIZE: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE_SIZE', '%s', 500)
/** An option that the template environment refuses. */
export const LIVE_ERR_TEMPLATE_OPTION: TemplateErrorConstructor = createError('LIVE_ERR_TEMPLATE_OPTION', '%s', 500)

/** An error that knows its place in a template. */
export type PositionedError = Error & { code: string } & SourcePosition

/** Creates a coded error that carries template, line and column, and names them in its message. */
export function positioned (
  create: TemplateErrorConstructor, position: SourcePosition, message: string, cause?: unknown
): PositionedError {
  const error = create(`${showPosition(position)}: ${message}`)
  if (cause !== undefined) Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  return Object.assign(error, { template: position.template, line: position.line, column: position.column })
}

/** What nunjucks' parser threw, as a coded error with its position. */
export function syntaxError (template: string, error: any): PositionedError {
  if (typeof error.code === 'string' && error.code.startsWith('LIVE_ERR_')) return error
  const position = { template, line: error.lineno ?? 1, column: error.colno ?? 1 }
  return positioned(LIVE_ERR_TEMPLATE_SYNTAX, position, String(error.message), error)
}

/** Errors of a rendering that are thrown where no position is known. */
const unplaced: Readonly<Record<string, TemplateErrorConstructor>> = {
  LIVE_ERR_TEMPLATE_CONTEXT, LIVE_ERR_TEMPLATE_DYNAMIC, LIVE_ERR_HTML_TRUST, LIVE_ERR_TEMPLATE_SIZE
}

/** The error of a rendering: the innermost position wins. */
export function renderError (position: SourcePosition, error: any): PositionedError {
  const isOurs = typeof error?.code === 'string' && /^LIVE_ERR_(?:TEMPLATE|HTML)/.test(error.code)
  if (isOurs && typeof error.line === 'number') return error
  if (isOurs) return positioned(unplaced[error.code] ?? LIVE_ERR_TEMPLATE_MISSING, position, error.message, error)
  return positioned(LIVE_ERR_TEMPLATE, position, error instanceof Error ? error.message : String(error), error)
}
