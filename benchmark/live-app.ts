import { randomBytes } from 'node:crypto'
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import liveView from '../plugin/index.ts'
import { counterView, tableView } from './views.ts'
import { templates } from './workloads.ts'

const RAISED = { rate: 1_000_000, burst: 1_000_000, maxConnectionsPerIp: 1000, maxPagesPerIp: 1_000_000 }

/** The same pages as live views, with a session and every guard; only the limits may be raised to what a benchmark sends. */
export async function liveApp (origin: string, limits: 'raised' | 'default' = 'raised'): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(cookie)
  await app.register(session, { secret: randomBytes(32).toString('hex'), saveUninitialized: false, cookie: { secure: 'auto' } })
  await app.register(liveView, {
    templates,
    origins: [origin],
    ...limits === 'raised' ? { rateLimit: RAISED } : {}
  })
  app.live('/counter', counterView)
  app.live('/table', tableView)
  return app
}
