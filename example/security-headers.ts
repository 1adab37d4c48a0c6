import type { FastifyInstance } from 'fastify'

// Nothing inline and no string becomes markup: the runtime is one external script that sets text and attributes by address.
const policy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "img-src 'self'",
  "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
  "require-trusted-types-for 'script'", 'trusted-types fastify-live-view'
].join('; ')

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()'
}

/** The same headers on every answer, errors included. */
export function addSecurityHeaders (app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => { reply.headers(headers) })
}
