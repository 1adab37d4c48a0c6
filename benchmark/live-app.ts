import { randomBytes } from 'node:crypto'
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import liveView, { defineView } from '../plugin/index.ts'
import { counterChanges, counterState, tableChanges, tableState, templates } from './workloads.ts'
import type { Change } from './workloads.ts'

/** The same pages as live views, with a session and every guard; only the rates are raised to what a benchmark sends. */
export async function liveApp (origin: string): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(cookie)
  await app.register(session, { secret: randomBytes(32).toString('hex'), cookie: { secure: 'auto' } })
  await app.register(liveView, {
    templates,
    origins: [origin],
    rateLimit: { rate: 1_000_000, burst: 1_000_000, maxConnectionsPerIp: 1000 }
  })
  app.live('/counter', defineView({
    name: 'counter',
    template: 'counter.njk',
    access: 'public',
    state: counterState,
    events: events(counterChanges)
  }))
  app.live('/table', defineView({
    name: 'table',
    template: 'table.njk',
    access: 'public',
    state: () => tableState(),
    events: events(tableChanges)
  }))
  return app
}

function events<State> (changes: readonly Change<State>[]): Record<string, { run: (context: { state: State }) => void }> {
  return Object.fromEntries(changes.map(({ name, run }) => [name, { run: ({ state }: { state: State }) => { run(state) } }]))
}
