import { ipKey } from './ip-key.ts'
import { keyOf } from './key-of.ts'

export interface HandlerCaller {
  readonly tenant: string | null
  readonly view: string
  readonly event: string
  /** The identity key, null where nobody is signed in. */
  readonly identity: string | null
  readonly ip: string | undefined
}

/**
 * Whose budget for a handler is meant: the identity's, on however many sockets; where nobody is signed in, the address's.
 * The kind is a segment, so that a user who is called like an address has no part in that address's budget.
 */
export function handlerKey ({ tenant, view, event, identity, ip }: HandlerCaller): string {
  return identity === null ? keyOf(tenant, view, event, 'ip', ipKey(ip)) : keyOf(tenant, view, event, 'id', identity)
}
