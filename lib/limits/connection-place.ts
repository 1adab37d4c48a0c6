import { fatal } from '../chain/refusal.ts'
import type { Refusal } from '../chain/refusal.ts'
import { CLOSE_LATER } from '../view/close-codes.ts'
import type { ConnectionSlot, ConnectionSlots } from './connection-slots.ts'
import type { Cooldowns } from './cooldowns.ts'
import { keyOf } from './key-of.ts'
import type { RateLimit } from './limit-options.ts'

/** Whose connection it is, as far as it is known. */
export interface PlaceHolder {
  readonly session: string | null
  /** The identity key. */
  readonly identity: string | null
  readonly tenant: string | null
}

/** Where places are counted. */
export interface PlaceSlots {
  /** By address: visitors who have not signed in, and those who may not have. */
  readonly anonymous: ConnectionSlots
  /** By address: visitors who have. */
  readonly signedIn: ConnectionSlots
  readonly sessions: ConnectionSlots
  readonly identities: ConnectionSlots
}

/** Who cools down, by kind: a session that is called like an address has no part in that address's time. */
export const coolingKey = {
  address: (address: string): string => keyOf('ip', address),
  session: (session: string): string => keyOf('session', session),
  identity: (tenant: string | null, identity: string): string => keyOf('identity', tenant, identity),
} as const

export interface ConnectionPlaceOptions {
  readonly address: string
  readonly session: string | null
  /** The route's. */
  readonly limits: RateLimit
  readonly slots: PlaceSlots
  readonly cooldowns: Cooldowns
  /** What was taken at the upgrade: the address's slot, of the anonymous or of the signed in, the session's and the process's. */
  readonly pool: 'anonymous' | 'signedIn'
  readonly slot: ConnectionSlot
  /** Null where the upgrade knew no session. */
  readonly own: ConnectionSlot | null
  readonly process: ConnectionSlot
}

/** All that one connection takes of what is limited, from the upgrade until its raw socket closes. */
export class ConnectionPlace {
  readonly #options: ConnectionPlaceOptions
  #holder: PlaceHolder
  #address: ConnectionSlot
  #owned: readonly ConnectionSlot[] = []
  #released = false

  constructor (options: ConnectionPlaceOptions) {
    this.#options = options
    this.#holder = { session: options.session, identity: null, tenant: null }
    this.#address = options.slot
  }

  /**
   * Once the join knows who is there: moves between the address's slots, and takes the identity's, and the session's where the
   * upgrade did not know it. All of them or none, and nothing is awaited: parallel joins cannot overshoot. Answers the refusal
   * where one is full or cools.
   */
  settle (holder: PlaceHolder): Refusal | null {
    // The socket has gone while it was being found out who that was: what is taken now would never be given back.
    if (this.#released) return refused('the connection has ended')
    this.#holder = holder
    if (this.#isCooling()) return refused('cooling down')
    const { address, limits, slots, pool, own } = this.#options
    const { session, identity, tenant } = holder
    const owned: ConnectionSlot[] = []
    const take = (from: ConnectionSlots, key: string, most: number): ConnectionSlot | null => {
      const slot = from.take(key, most)
      if (slot !== null) owned.push(slot)
      return slot
    }
    const full = (of: string): Refusal => {
      for (const slot of owned) slot.release()
      return refused(`as many connections as the ${of} may have`)
    }
    if (session !== null && own === null && take(slots.sessions, session, limits.maxConnectionsPerSession) === null) return full('session')
    if (identity !== null && take(slots.identities, keyOf(tenant, identity), limits.maxConnectionsPerIdentity) === null) return full('identity')
    const right = identity === null ? 'anonymous' : 'signedIn'
    if (right !== pool) {
      const most = identity === null ? limits.maxConnectionsPerIp : limits.maxSignedInPerIp
      const slot = slots[right].take(address, most)
      if (slot === null) return full('address')
      this.#address.release()
      this.#address = slot
    }
    this.#owned = owned
    return null
  }

  /**
   * It was closed for too many violations. Its session and identity wait wherever they come from, its address only for those
   * who are nobody in particular: colleagues behind it have done nothing.
   */
  cool (): void {
    const { address, cooldowns, limits } = this.#options
    const { session, identity, tenant } = this.#holder
    const seconds = limits.reconnectCooldown
    cooldowns.add(coolingKey.address(address), seconds)
    if (session !== null) cooldowns.add(coolingKey.session(session), seconds)
    if (identity !== null) cooldowns.add(coolingKey.identity(tenant, identity), seconds)
  }

  release (): void {
    this.#released = true
    this.#options.process.release()
    this.#options.own?.release()
    this.#address.release()
    for (const slot of this.#owned) slot.release()
  }

  #isCooling (): boolean {
    const { address, cooldowns } = this.#options
    const { session, identity, tenant } = this.#holder
    if (session !== null && cooldowns.left(coolingKey.session(session)) > 0) return true
    return cooldowns.left(identity === null ? coolingKey.address(address) : coolingKey.identity(tenant, identity)) > 0
  }
}

function refused (detail: string): Refusal {
  return fatal('LIVE_ERR_TOO_MANY_CONNECTIONS', CLOSE_LATER, detail)
}
