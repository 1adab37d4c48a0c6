import { createHash } from 'node:crypto'

/** A short name for a session id, token or identity in logs: lines of one session can be found, the id cannot be used. */
export function hashForLog (id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 16)
}
