import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import liveView from '../../plugin/index.ts'
import type { LiveViewOptions } from '../../plugin/index.ts'

declare module 'fastify' {
  interface Session {
    person?: { id: number, name: string, permissions?: string[] }
  }
}

interface Test {
  teardown (close: () => unknown): unknown
}

export interface LiveAppOptions {
  readonly live: LiveViewOptions
  /** Registers routes; the plugin is there. */
  readonly routes: (app: FastifyInstance) => unknown
  /** Before the plugin is registered. */
  readonly before?: (app: FastifyInstance) => unknown
  readonly sessions?: 'none' | 'memory'
  readonly logger?: FastifyServerOptions['logger']
  /** Further options of the server. */
  readonly server?: FastifyServerOptions
  /** That of an application before it, for a restart. Default: a free one. */
  readonly port?: number
}

/** An application with sessions, POST /sign-in (body: the user), POST /sign-out, and the plugin. Listens on a free port. */
export async function startLiveApp (t: Test, options: LiveAppOptions): Promise<{ app: FastifyInstance, url: string }> {
  const app = Fastify({ logger: options.logger ?? false, ...options.server })
  t.teardown(() => app.close())
  if (options.sessions !== 'none') {
    await app.register(cookie)
    await app.register(session, { secret: 'a secret of the tests, forty characters or so', saveUninitialized: false, cookie: { secure: false } })
    app.post('/sign-in', async (request, reply) => {
      await request.session.regenerate()
      request.session.set('person', request.body as { id: number, name: string })
      return reply.send('in')
    })
    app.post('/sign-out', async (request, reply) => {
      await request.session.destroy()
      return reply.send('out')
    })
  }
  await options.before?.(app)
  await app.register(liveView, { identify: ({ session }) => session?.person ?? null, ...options.live })
  await options.routes(app)
  await app.listen({ port: options.port ?? 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  return { app, url: `http://127.0.0.1:${port}` }
}
