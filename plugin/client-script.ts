import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'
import type { FastifyInstance, RouteShorthandOptions } from 'fastify'
import { sealHeaders } from './seal-headers.ts'

export const LIVE_ERR_CLIENT: FastifyErrorConstructor<{ code: string }, [places: string]> =
  createError('LIVE_ERR_CLIENT', "the browser runtime is not built; looked for %s. In a checkout run 'npm run build:client'", 500)

// Beside dist/plugin/ in the package, in dist/ of a checkout that runs from source.
const PLACES = ['../client.js', '../dist/client.js']

/** Serves the browser runtime and answers the address that pages name, with its hash: cached for good, never stale. */
export function serveClientScript (app: FastifyInstance, path: string, options: Pick<RouteShorthandOptions, 'errorHandler'>): string {
  const script = readFileSync(findClientScript(PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url)))))
  const hash = createHash('sha256').update(script).digest('base64url').slice(0, 12)
  app.get(path, { ...options, exposeHeadRoute: true, logLevel: 'warn' }, (request, reply) => {
    // Session plugins put their cookie on every answer; a shared cache would give one visitor's to the next.
    sealHeaders(reply.raw, (headers) => { delete headers['set-cookie'] })
    const current = (request.query as { v?: string }).v === hash
    return reply
      .type('text/javascript; charset=utf-8')
      .header('cache-control', current ? 'public, max-age=31536000, immutable' : 'no-cache')
      .header('x-content-type-options', 'nosniff')
      .header('cross-origin-resource-policy', 'same-origin')
      .send(script)
  })
  return `${app.prefix}${path}?v=${hash}`
}

/** The first of the files that exists; throws LIVE_ERR_CLIENT where none does. */
export function findClientScript (files: readonly string[]): string {
  const file = files.find((candidate) => existsSync(candidate))
  if (file === undefined) throw new LIVE_ERR_CLIENT(files.join(', '))
  return file
}
