import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { mergeLimits } from '../lib/limits/limit-options.ts'
import type { Limits, RouteRateLimit } from '../lib/limits/limit-options.ts'
import type { CompileSchema } from '../lib/view/payload-check.ts'
import { LIVE_ERR_OPTION } from '../lib/view/errors.ts'
import { show } from '../lib/view/show-value.ts'
import type { OnViolation, RouteSettings } from '../lib/view/connection-settings.ts'
import type { View } from '../lib/view/view.ts'
import { readFrameAncestors } from './frame-ancestors.ts'
import type { FrameAncestors, Framing } from './frame-ancestors.ts'

/** The `live` option of a route. */
export interface LiveRouteOptions {
  /** The view's name, or the view itself. */
  readonly view: string | View
  readonly rateLimit?: Partial<RouteRateLimit>
  readonly maxMessageSize?: number
  readonly maxStateSize?: number
  /** Instead of the plugin's. */
  readonly onViolation?: OnViolation
  /** Instead of the plugin's. */
  readonly frameAncestors?: FrameAncestors
}

/** A live route as the plugin knows it. `settings` are there once the application is ready. */
export interface LiveRoute {
  readonly view: string | View
  readonly url: string
  readonly limits: Limits
  readonly onViolation: OnViolation | null
  /** Null where the plugin's holds. */
  readonly framing: Framing
  readonly scope: FastifyInstance
  /** Whether the application gave the route a schema for its query. */
  readonly querySchema: 'own' | 'none'
  settings: RouteSettings | null
}

/** The `page` handler on a route that has no `live` option, or the other way round. */
export const LIVE_ERR_ROUTE: FastifyErrorConstructor<{ code: string }, [url: string, problem: string]> =
  createError('LIVE_ERR_ROUTE', "route '%s' %s", 500)

const OPTIONS = ['view', 'rateLimit', 'maxMessageSize', 'maxStateSize', 'onViolation', 'frameAncestors']

/** Reads and checks a route's `live` option; null for the other routes. */
export function readLiveRoute (route: RouteOptions, scope: FastifyInstance, base: Limits): LiveRoute | null {
  const { live } = route
  if (live === undefined) return null
  const where = `live of route '${route.url}'`
  if (typeof live !== 'object' || live === null) throw new LIVE_ERR_OPTION(where, show(live), "{ view: 'name' }")
  for (const key of Object.keys(live)) {
    if (!OPTIONS.includes(key)) throw new LIVE_ERR_OPTION(`${where}: ${key}`, show(live[key as keyof LiveRouteOptions]), OPTIONS.join(', '))
  }
  const { view } = live
  if (typeof view !== 'string' && (typeof view !== 'object' || view === null)) {
    throw new LIVE_ERR_OPTION(`${where}: view`, show(view), "a view's name, or a view made by defineView")
  }
  const limits = mergeLimits(base, live, where)
  const { onViolation = null } = live
  if (onViolation !== null && typeof onViolation !== 'function') throw new LIVE_ERR_OPTION(`${where}: onViolation`, show(onViolation), 'a function')
  const querySchema = (route.schema as { querystring?: object } | undefined)?.querystring === undefined ? 'none' : 'own'
  const framing = readFrameAncestors(live.frameAncestors, `${where}: frameAncestors`)
  return { view, url: route.url, limits, onViolation, framing, scope, querySchema, settings: null }
}

/** Compiles JSON Schemas with the scope's own validator compiler, so that its formats and keywords are the route's. */
export function schemaCompilerOf (route: LiveRoute): CompileSchema {
  return (schema) => {
    // There is one: the route has a schema, at least the empty one that it was given for this.
    const compile = route.scope.validatorCompiler as NonNullable<FastifyInstance['validatorCompiler']>
    // What a page sends is text, as a query is: compilers that coerce by part (TypeBox's own) do it for that one.
    return compile({ schema, method: 'GET', url: route.url, httpPart: 'querystring' }) as ReturnType<CompileSchema>
  }
}
