import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RenderPage } from './render-page.ts'

const texts: Readonly<Record<number, readonly [heading: string, text: string]>> = {
  400: ['That did not work', 'The page could not make sense of what was sent. Please go back and try again.'],
  403: ['That form is out of date', 'Please load the page again and send the form once more.'],
  404: ['There is no such page', 'The address may be mistyped, or the page has moved.'],
  413: ['That is too much', 'The form holds more than this page accepts.'],
  429: ['One moment, please', 'There were too many attempts from your address. Please wait a few minutes.']
}
const unexpected = ['Something went wrong', 'It is not your fault, and it has been noted. Please try again in a moment.'] as const

/** Readable error pages; what exactly happened goes to the log, under the number that the page shows. */
export function addErrorPages (app: FastifyInstance, render: RenderPage): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 500) request.log.error({ err: error }, 'request failed')
    return show(request, reply, status >= 400 ? status : 500)
  })
  app.setNotFoundHandler((request, reply) => show(request, reply, 404))

  function show (request: FastifyRequest, reply: FastifyReply, status: number): FastifyReply {
    const [heading, text] = texts[status] ?? unexpected
    return render(reply.code(status), 'error.njk', { status, heading, text, id: request.id })
  }
}
