import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import liveView from '../plugin/index.ts'
import { openDatabase } from './database.ts'
import type { Db } from './database.ts'
import { addErrorPages } from './error-pages.ts'
import { ListingQuery } from './listing.ts'
import { ordersView } from './orders.ts'
import { createRenderPage } from './render-page.ts'
import { hasPermission } from './roles.ts'
import { createSchema } from './schema.ts'
import { addSecurityHeaders } from './security-headers.ts'
import { demoUsers, seed } from './seed.ts'
import type { SeedOptions } from './seed.ts'
import { addSessions, sessionSecret } from './session.ts'
import { addSignIn, findIdentity } from './sign-in.ts'
import type { SignInOptions } from './sign-in.ts'
import { addStaticFiles } from './static-files.ts'
import { createTemplates } from './templates.ts'

const dataFolder = fileURLToPath(new URL('./data/', import.meta.url))

export interface ExampleOptions {
  readonly db: Db
  readonly secret: string
  readonly attempts?: SignInOptions['attempts']
  readonly seed?: SeedOptions
  readonly logger?: FastifyServerOptions['logger']
}

/** The whole application, not yet listening. */
export async function buildApp (options: ExampleOptions): Promise<FastifyInstance> {
  const { db, secret, attempts, seed: seedOptions, logger = false } = options
  await createSchema(db)
  await seed(db, seedOptions)
  const app = Fastify({ logger })
  app.addHook('onClose', () => db.destroy())
  const templates = createTemplates()
  const render = createRenderPage(templates)

  addSecurityHeaders(app)
  addErrorPages(app, render)
  addStaticFiles(app)
  await addSessions(app, { db, secret })
  await addSignIn(app, { db, render, ...attempts && { attempts } })

  const orders = ordersView(db)
  await app.register(liveView, {
    templates,
    // Asked again all along: a role that was taken away is gone at the next look, not at the next sign-in.
    identify: ({ session }) => findIdentity(db, session?.user),
    tenant: ({ session }) => session?.user?.tenant ?? null,
    hasPermission,
    globals: ({ request }) => ({ csrf: request.session.csrf ?? '' }),
    signInUrl: '/sign-in',
    // Without it pages would have to be loaded anew after a restart.
    secret,
    views: [orders]
  })
  app.live('/orders', orders, { schema: { querystring: ListingQuery } })
  app.get('/', async (request, reply) => reply.redirect('/orders', 303))
  return app
}

async function start (): Promise<void> {
  const app = await buildApp({
    db: openDatabase(process.env['DATABASE_FILE'] ?? `${dataFolder}example.sqlite`),
    secret: sessionSecret(`${dataFolder}session-secret`),
    seed: { progress: showProgress },
    logger: { level: 'warn' }
  })
  const url = await listen(app, Number(process.env['PORT'] ?? 3000))
  console.log(`\n  Orders at ${url}\n`)
  for (const { tenant, name, email, password, role } of demoUsers) {
    console.log(`  ${tenant}  ${name.padEnd(12)}  ${role.padEnd(6)}  ${email.padEnd(24)}  ${password}`)
  }
  console.log('\n  Ctrl-C ends it.\n')

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      app.close().then(() => process.exit(0), (error: unknown) => {
        console.error(error)
        process.exit(1)
      })
    })
  }
}

/** Listens on loopback; where the port is taken, on the next free one. */
async function listen (app: FastifyInstance, port: number): Promise<string> {
  for (let next = port; ; next++) {
    try {
      return await app.listen({ host: '127.0.0.1', port: next })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || next >= port + 20) throw error
    }
  }
}

function showProgress (done: number, of: number): void {
  process.stdout.write(`\r  Making ${of} orders for the first start: ${Math.round(done / of * 100)} %${done === of ? '\n' : ''}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await start()
