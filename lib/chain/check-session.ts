import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/**
 * A session, an identity and an access that were looked at a while ago are looked at again: logout elsewhere, a role
 * taken away. A store that fails closes: nobody acts on an unknown session.
 */
export function checkSession ({ connection }: Turn): null | Promise<Refusal | null> {
  return connection.session.ifDue()
}
