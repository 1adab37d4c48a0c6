import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createErrorId } from '../lib/security/error-id.ts'
import { logError } from '../lib/view/log-error.ts'
import { LIVE_ERR_PAGE } from './page.ts'

const texts: ReadonlyMap<number, string> = new Map([
  [400, 'The request could not be understood'],
  [401, 'Sign in first'],
  [403, 'Access denied'],
  [404, 'There is nothing here'],
  [429, 'Too many requests'],
  [503, 'Try again later'],
])

/**
 * The error handler of live routes in production, page and upgrade alike. Fastify's default answers the error's own message:
 * what a hook of the application threw, or the route's schema. Here it is a text that goes by the status alone, and the id of
 * the line in the log. Headers of the error are left out, since clients of other services hang on those that they were sent;
 * headers that were set on the reply stay. An application with an error handler of its own decides for itself.
 */
export function answerError (error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
  const { errorHandler } = request.server
  // A rejection goes to the next handler, the application's own, as if this one were not there. Thrown, a text would be sent.
  if (isApplications(errorHandler)) return Promise.reject(error)
  const status = statusOf(error, reply)
  const logged = loggedId(error)
  const errorId = logged ?? createErrorId()
  if (logged === null) logError(request.log, { err: error, errorId }, 'live request failed', status < 500 ? 'info' : 'error')
  if (reply.raw.headersSent) {
    // What the application began to write itself cannot become another answer, and nobody would ever end it: cut off, it is
    // seen to be incomplete.
    reply.hijack()
    reply.raw.destroy()
    return
  }
  const { type, body } = write(status, errorId, request)
  reply.code(status).type(type).header('cache-control', 'private, no-store')
  const { send } = reply
  // A hook onSend that fails for this as well would have Fastify's default handler answer its message.
  reply.send = (() => {
    if (reply.sent) return reply
    reply.hijack()
    reply.raw.writeHead(status, { 'content-type': type, 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' }).end(body)
    return reply
  }) as typeof send
  send.call(reply, body as never)
}

/** What setErrorHandler is given, it binds; the default is as it was written. Were that to change, less would be told. */
function isApplications (errorHandler: FastifyRequest['server']['errorHandler']): boolean {
  return errorHandler.name.startsWith('bound ')
}

/** A page that failed has logged why, under this id. */
function loggedId (error: unknown): string | null {
  try {
    return error instanceof LIVE_ERR_PAGE ? error.errorId : null
  } catch {
    return null
  }
}

/** As Fastify finds it: the error's own, else what was set on the reply. */
function statusOf (error: unknown, reply: FastifyReply): number {
  try {
    const { statusCode, status } = Object(error) as { statusCode?: unknown, status?: unknown }
    return [statusCode, status, reply.statusCode].find(isFailure) ?? 500
  } catch {
    return 500
  }
}

function isFailure (status: unknown): status is number {
  return Number.isInteger(status) && (status as number) >= 400 && (status as number) <= 599
}

/** A page for people, without style or script that a policy could refuse; for scripts what they get of other routes. */
function write (statusCode: number, errorId: string, { headers }: FastifyRequest): { type: string, body: string } {
  const error = STATUS_CODES[statusCode] ?? 'Error'
  const text = texts.get(statusCode) ?? (statusCode < 500 ? error : 'The page could not be shown')
  if (headers.accept?.includes('text/html') !== true) {
    return { type: 'application/json; charset=utf-8', body: JSON.stringify({ statusCode, error, message: `${text} (${errorId})`, errorId }) }
  }
  // eslint-disable-next-line live-security/no-html-template -- of the constants above
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${text}</title>`
  // eslint-disable-next-line live-security/no-html-template -- the id is hexadecimal
  const body = `<!doctype html>\n<html lang="en"><head>${head}</head><body><h1>${text}</h1><p>Reference: ${errorId}</p></body></html>\n`
  return { type: 'text/html; charset=utf-8', body }
}
