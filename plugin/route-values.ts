import type { FastifyRequest } from 'fastify'
import type { RouteValues } from '../lib/view/view.ts'

export interface RequestValues {
  readonly params: RouteValues
  readonly query: RouteValues
}

/**
 * The route's parameters and query as views get them. A route with a schema of its own decides what its query is; without
 * one each name has one text, the last: `?q=a&q=b` would else bring an array where every view expects a string.
 */
export function valuesOf (request: FastifyRequest): RequestValues {
  const params = request.params as RouteValues
  const query = request.query as Record<string, string | string[]>
  if (request.routeOptions.config.liveRoute?.querySchema === 'own') return { params, query: query as RouteValues }
  return { params, query: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value].flat().at(-1)])) }
}
