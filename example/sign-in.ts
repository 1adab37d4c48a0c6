import formbody from '@fastify/formbody'
import rateLimit from '@fastify/rate-limit'
import { Type } from '@sinclair/typebox'
import type { Static } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Selectable } from 'kysely'
import type { Db, Tables } from './database.ts'
import { verifyPassword } from './passwords.ts'
import type { RenderPage } from './render-page.ts'
import { signedInLife } from './session.ts'
import type { SessionUser } from './session.ts'

const Form = Type.Object({
  _csrf: Type.String({ maxLength: 200 }),
  email: Type.String({ maxLength: 200 }),
  password: Type.String({ maxLength: 200 })
})

export interface SignInOptions {
  readonly db: Db
  readonly render: RenderPage
  /** Attempts in five minutes, by one address and on one account. */
  readonly attempts?: { readonly address: number, readonly account: number }
}

/** Ordinary forms for signing in and out: they work without scripts, and every one carries a CSRF token. */
export async function addSignIn (app: FastifyInstance, options: SignInOptions): Promise<void> {
  const { db, render, attempts = { address: 30, account: 8 } } = options
  await app.register(formbody)
  await app.register(rateLimit, { global: false })
  const timeWindow = 5 * 60_000
  const perAccount = app.createRateLimit({ max: attempts.account, timeWindow, keyGenerator: (request) => accountName(request) })

  const show = (reply: FastifyReply, status: number, email: string, problem: string): FastifyReply =>
    render(reply.code(status), 'sign-in.njk', { csrf: reply.generateCsrf(), email, problem })

  app.get('/sign-in', async (request, reply) => {
    if (request.session.user !== undefined) return reply.redirect('/orders', 303)
    return show(reply, 200, '', '')
  })

  app.post<{ Body: Static<typeof Form> }>('/sign-in', {
    schema: { body: Form },
    attachValidation: true,
    bodyLimit: 4096,
    config: { rateLimit: { max: attempts.address, timeWindow, groupId: 'sign-in' } },
    preHandler: app.csrfProtection
  }, async (request, reply) => {
    if (request.validationError !== undefined) return show(reply, 400, '', 'Please fill in both fields.')
    const { email, password } = request.body
    // Counted before the password is looked at: guesses made at the same time count too.
    const account = await perAccount(request)
    if (!account.isAllowed && account.isExceeded) {
      return show(reply, 429, email, 'Too many attempts. Please wait a few minutes and try again.')
    }
    const user = await db.selectFrom('users').select(['id', 'tenant', 'password_hash'])
      .where('email', '=', accountName(request)).executeTakeFirst()
    if (!await verifyPassword(password, user?.password_hash) || user === undefined) {
      return show(reply, 401, email, 'E-mail address or password is wrong.')
    }
    // A fresh id: whoever planted or saw the session of the form has nothing.
    await request.session.regenerate()
    request.session.options({ maxAge: signedInLife })
    request.session.user = { id: user.id, tenant: user.tenant }
    request.session.csrf = reply.generateCsrf()
    return reply.redirect('/orders', 303)
  })

  // A session that has ended meanwhile has no token to compare, and nothing to sign out of.
  const unlessSignedOut = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.session.user === undefined) await reply.redirect('/sign-in', 303)
  }
  app.post('/sign-out', { bodyLimit: 4096, preHandler: [unlessSignedOut, app.csrfProtection] }, async (request, reply) => {
    await request.session.destroy()
    reply.header('clear-site-data', '"cache", "storage"')
    return reply.redirect('/sign-in', 303)
  })
}

function accountName (request: FastifyRequest): string {
  const { email } = request.body as { email: string }
  return email.trim().toLowerCase()
}

type User = Pick<Selectable<Tables['users']>, 'id' | 'role'>

/** Who a session belongs to, with the role of this moment; null once the account is gone. */
export async function findIdentity (db: Db, user: SessionUser | undefined): Promise<User | null> {
  if (user === undefined) return null
  return await db.selectFrom('users').select(['id', 'role']).where('id', '=', user.id).executeTakeFirst() ?? null
}
