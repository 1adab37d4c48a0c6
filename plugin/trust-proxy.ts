import createError from '@fastify/error'
import type { FastifyErrorConstructor } from '@fastify/error'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { show } from '../lib/view/show-value.ts'
import { liveWarning } from './live-warning.ts'

const PROBLEM = "trustProxy is %s, which lets X-Forwarded-For choose the address that limits count by. Give Fastify the address range of your proxy (trustProxy: '10.0.0.0/8'), " +
  'a list of ranges, or a function that knows it: (address) => address === undefined for one behind a unix socket'

/** In production: whoever sends a header would have an address of their choice, and the limits of somebody else's. */
export const LIVE_ERR_TRUST_PROXY: FastifyErrorConstructor<{ code: string }, [value: string]> =
  createError('LIVE_ERR_TRUST_PROXY', PROBLEM, 500)

const warnTrustProxy = liveWarning('LIVE_WARN_TRUST_PROXY', `${PROBLEM}. In production this ends the boot`)

/** The option as it was given to Fastify, undefined where there is none. */
export function trustProxyOf (app: FastifyInstance): unknown {
  // Fastify leaves it out of initialConfig, and keeps its options under a symbol of its own. Scopes inherit it.
  for (let owner: object | null = app; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    const symbol = Object.getOwnPropertySymbols(owner).find(({ description }) => description === 'fastify.options')
    if (symbol !== undefined) return (owner as Readonly<Record<symbol, { readonly trustProxy?: unknown }>>)[symbol]?.trustProxy
  }
  return undefined
}

/** Throws LIVE_ERR_TRUST_PROXY in production, warns elsewhere, where Fastify trusts whoever connects. */
export function checkTrustProxy (app: FastifyInstance, production: boolean): void {
  const value = trustProxyOf(app)
  if (!trustsAnybody(value)) return
  if (production) throw new LIVE_ERR_TRUST_PROXY(show(value))
  warnTrustProxy(show(value))
}

function trustsAnybody (value: unknown): boolean {
  // A number of hops tells nothing of who sent them. A range of all addresses is refused by Fastify itself.
  return value === true || (typeof value === 'number' && value > 0)
}

/** Tells once that a proxy seems to stand in front while nothing is trusted: all its clients then are one address. */
export function noteForwarded (): (request: FastifyRequest) => void {
  let told = false
  return ({ headers, ips, log }) => {
    if (told || headers['x-forwarded-for'] === undefined || ips !== undefined) return
    told = true
    log.warn('X-Forwarded-For arrives and Fastify has no trustProxy: behind a proxy, all visitors share one address and its limits. ' +
      "Give Fastify the address range of your proxy, as trustProxy: '10.0.0.0/8'; without a proxy, this was somebody's attempt and changes nothing")
  }
}
