import { show } from '../lib/view/show-value.ts'

/** Whose a connection is, or a mount that waits for its connection. */
export interface ConnectionOwner {
  readonly session: string | null
  /** Identity key. */
  readonly identity: string | null
  readonly tenant: string | null
  readonly view: string
}

/** Which connections are meant: those that fit all that is given. */
export interface ConnectionFilter {
  readonly session?: string
  /** Identity key. */
  readonly identity?: string
  readonly tenant?: string
  readonly view?: string
}

/** A filter that has been checked. */
export type Wanted = ReadonlyArray<readonly [keyof ConnectionOwner, string]>

const KEYS: readonly string[] = ['session', 'identity', 'tenant', 'view']

/**
 * Throws where a filter does not say whom it means. A misspelt key would be a wider filter, and so would an undefined
 * value beside another key: `{ tenant, identity: user?.id }` would end the whole tenant.
 */
export function readFilter (filter: ConnectionFilter): Wanted {
  const entries = Object.entries(filter)
  if (entries.length === 0) throw new TypeError('disconnect: name a session, an identity, a tenant or a view')
  return entries.map(([key, value]: [string, unknown]) => {
    if (!KEYS.includes(key)) throw new TypeError(`disconnect: there is no '${key}' to go by; allowed: ${KEYS.join(', ')}`)
    // Keys of identities and tenants may be given as the numbers they were made of.
    const text = Number.isSafeInteger(value) ? String(value) : value
    if (typeof text === 'string' && text !== '') return [key as keyof ConnectionOwner, text]
    throw new TypeError(`disconnect: ${key} is ${show(value)}; allowed: a text that is not empty. Leave it out to mean any`)
  })
}

/** `unknown` where all that is known of the owner fits, and something that is asked for is not known yet. */
export function fits (wanted: Wanted, owner: Partial<ConnectionOwner>): 'yes' | 'no' | 'unknown' {
  if (wanted.some(([key, value]) => owner[key] !== undefined && owner[key] !== value)) return 'no'
  return wanted.every(([key]) => owner[key] !== undefined) ? 'yes' : 'unknown'
}
