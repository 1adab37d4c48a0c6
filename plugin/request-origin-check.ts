import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { createOriginCheck } from '../lib/security/check-origin.ts'
import type { OriginRefusal } from '../lib/security/check-origin.ts'
import { listeningOrigins } from './listening-origins.ts'

/** What is wrong with where a request comes from; null where nothing is. */
export type RequestOriginCheck = (request: FastifyRequest) => OriginRefusal | null

/** @param origins null in development: where the server listens is known only once it does */
export function createRequestOriginCheck (app: FastifyInstance, origins: readonly string[] | null): RequestOriginCheck {
  if (origins !== null) {
    const check = createOriginCheck({ origins })
    return ({ headers }) => check(headers.origin)
  }
  return ({ protocol, headers }) => {
    const listening = listeningOrigins(protocol, app.addresses() as unknown as AddressInfo[])
    return createOriginCheck({ origins: listening })(headers.origin)
  }
}
