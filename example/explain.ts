import type { FastifyInstance } from 'fastify'
import { openDatabase } from './database.ts'
import { buildApp } from './server.ts'

/** The application for `fastify-live-view explain` and `exposure`: a database that dies with the process, next to no rows. */
export default function buildForExplain (): Promise<FastifyInstance> {
  return buildApp({
    db: openDatabase(':memory:'),
    secret: 'never used: nothing listens, nobody signs in',
    seed: { orders: 1, customers: 1 }
  })
}
