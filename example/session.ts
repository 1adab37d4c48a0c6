import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import cookie from '@fastify/cookie'
import csrf from '@fastify/csrf-protection'
import session from '@fastify/session'
import type { FastifyInstance } from 'fastify'
import type { Db } from './database.ts'
import { sessionStore } from './session-store.ts'

export interface SessionUser {
  readonly id: number
  readonly tenant: string
}

declare module 'fastify' {
  interface Session {
    user?: SessionUser
    /** The signed-in session's CSRF token: made once, so that a page renders to the same bytes each time. */
    csrf?: string
  }
}

const anonymousLife = 15 * 60_000
export const signedInLife: number = 8 * 60 * 60_000

export interface SessionOptions {
  readonly db: Db
  readonly secret: string
}

/** Cookie sessions kept in the database, and the CSRF guard of the ordinary forms. */
export async function addSessions (app: FastifyInstance, { db, secret }: SessionOptions): Promise<void> {
  const store = sessionStore(db)
  await app.register(cookie)
  await app.register(session, {
    secret,
    store,
    cookieName: 'session',
    saveUninitialized: false,
    rolling: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto', path: '/', maxAge: anonymousLife }
  })
  await app.register(csrf, { sessionPlugin: '@fastify/session' })

  const sweep = setInterval(() => {
    store.sweep().catch((err: unknown) => app.log.error({ err }, 'sweeping sessions failed'))
  }, 10 * 60_000)
  sweep.unref()
  app.addHook('onClose', async () => clearInterval(sweep))
}

/** The secret that signs cookies: SESSION_SECRET, else one made at the first start that only the owner can read. */
export function sessionSecret (file: string): string {
  const given = process.env['SESSION_SECRET']
  if (given !== undefined) return given
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  }
  return readFileSync(file, 'utf8')
}
