import type { SessionStore } from '@fastify/session'
import type { Db } from './database.ts'

type Done = (error?: unknown) => void

/** Sessions in the application's own database, so that a restart signs nobody out. */
export function sessionStore (db: Db, now: () => number = Date.now): SessionStore & { sweep: () => Promise<void> } {
  return {
    get (id, done) {
      db.selectFrom('sessions').select('data').where('id', '=', id).where('expires', '>', now()).executeTakeFirst()
        .then((row) => done(null, row === undefined ? null : JSON.parse(row.data)), done)
    },
    set (id: string, session, done: Done) {
      const row = { data: JSON.stringify(session), expires: new Date(session.cookie.expires ?? now()).getTime() }
      db.insertInto('sessions').values({ id, ...row }).onConflict((on) => on.column('id').doUpdateSet(row)).execute()
        .then(() => done(), done)
    },
    destroy (id: string, done: Done) {
      db.deleteFrom('sessions').where('id', '=', id).execute().then(() => done(), done)
    },
    // Every opened sign-in form makes a short session for its CSRF secret; without this the table would only grow.
    async sweep () {
      await db.deleteFrom('sessions').where('expires', '<=', now()).execute()
    }
  }
}
