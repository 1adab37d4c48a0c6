import type { FastifyReply } from 'fastify'
import type { TemplateEnvironment } from '../lib/template/template-environment.ts'

/** Answers with an ordinary page: rendered once, not live. */
export type RenderPage = (reply: FastifyReply, template: string, data: Readonly<Record<string, unknown>>) => FastifyReply

export function createRenderPage (templates: TemplateEnvironment): RenderPage {
  return (reply, template, data) => {
    // A form carries a CSRF token and perhaps an address: neither belongs in a cache.
    return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(templates.render(template, data))
  }
}
