import { ConnectionPlace, coolingKey } from './connection-place.ts'
import type { PlaceSlots } from './connection-place.ts'
import { createConnectionSlots } from './connection-slots.ts'
import type { ConnectionSlot, ConnectionSlots } from './connection-slots.ts'
import { createCooldowns } from './cooldowns.ts'
import type { Cooldowns } from './cooldowns.ts'
import { createKeyedBuckets } from './keyed-buckets.ts'
import type { KeyedBuckets } from './keyed-buckets.ts'
import type { RateLimit } from './limit-options.ts'
import { TokenBucket } from './token-bucket.ts'

export interface ConnectionCapsOptions {
  /** The plugin's. */
  readonly limits: RateLimit
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

/** Who asks for a connection, as the upgrade knows them. */
export interface Arriving {
  /** By `ipKey`. */
  readonly address: string
  /** The session that the request's own cookie names. */
  readonly session: string | null
  /** Nobody in particular for sure: sessions were looked for, and there is none. */
  readonly isStranger: boolean
  /** The route's. */
  readonly limits: RateLimit
}

/** Why there is no place. 503 where the process has none for anybody, 429 where this caller has had enough. */
export interface CapRefusal {
  readonly reason: 'process' | 'handshakes' | 'cooling' | 'address' | 'session' | 'joins'
  readonly status: 429 | 503
  /** Seconds, for Retry-After. */
  readonly retryAfter: number
}

export interface ConnectionCaps extends PlaceSlots {
  /** To be called before the first await of the handshake, else parallel handshakes all see room. Cheap before dear. */
  admit (arriving: Arriving): ConnectionPlace | CapRefusal
  /** Connections of the process, those in their handshake included. */
  open (): number
  readonly cooldowns: Cooldowns
  /** Handshakes a second: of an address's strangers, of its people with sessions, and of each session. */
  readonly handshakes: Readonly<Record<'strangers' | 'people' | 'sessions', KeyedBuckets>>
}

/** What one second gives to handshakes. Whole numbers, so that a burst is exact. */
const SECOND = 1_000_000

/** What keeps connections few: of the process, of an address, of a session and of an identity. */
export function createConnectionCaps ({ limits, now }: ConnectionCapsOptions): ConnectionCaps {
  const { maxConnections, maxJoinsPerSecond } = limits
  const all: ConnectionSlots = createConnectionSlots()
  const slots: PlaceSlots = {
    anonymous: createConnectionSlots(),
    signedIn: createConnectionSlots(),
    sessions: createConnectionSlots(),
    identities: createConnectionSlots(),
  }
  const cooldowns = createCooldowns({ now })
  // One bucket for all routes, which pays for a handshake by how many sockets the route allows: as many a second.
  const bucketsOf = (seconds: number): KeyedBuckets => createKeyedBuckets({ rate: SECOND, burst: seconds * SECOND, now })
  const handshakes = { strangers: bucketsOf(4), people: bucketsOf(1), sessions: bucketsOf(4) }
  const gate = new TokenBucket({ rate: maxJoinsPerSecond, burst: maxJoinsPerSecond, now })

  function coolingFor ({ address, session, isStranger }: Arriving): number {
    if (session !== null) return cooldowns.left(coolingKey.session(session))
    return isStranger ? cooldowns.left(coolingKey.address(address)) : 0
  }

  /** One address would else use up the gate for everybody, and one visitor what the address has for the others behind it. */
  function mayShakeHands ({ address, session, limits }: Arriving): boolean {
    const { strangers, people, sessions } = handshakes
    if (session === null) return strangers.take(address, Math.floor(SECOND / limits.maxConnectionsPerIp))
    return sessions.take(session, Math.floor(SECOND / limits.maxConnectionsPerSession)) &&
      people.take(address, Math.floor(SECOND / limits.maxSignedInPerIp))
  }

  return {
    ...slots,
    cooldowns,
    handshakes,
    open: () => all.open(''),
    admit (arriving) {
      const { address, session, limits } = arriving
      const process = all.take('', maxConnections)
      if (process === null) return { reason: 'process', status: 503, retryAfter: jittered(5) }
      const taken: ConnectionSlot[] = [process]
      const refuse = (refusal: CapRefusal): CapRefusal => {
        for (const place of taken) place.release()
        return refusal
      }
      if (!mayShakeHands(arriving)) return refuse({ reason: 'handshakes', status: 429, retryAfter: 1 })
      const wait = coolingFor(arriving)
      if (wait > 0) return refuse({ reason: 'cooling', status: 429, retryAfter: wait })
      // Until the join knows better, who has a session counts as signed in: ten strangers would else keep out a whole office.
      const pool = session === null ? 'anonymous' : 'signedIn'
      const slot = slots[pool].take(address, session === null ? limits.maxConnectionsPerIp : limits.maxSignedInPerIp)
      if (slot === null) return refuse({ reason: 'address', status: 429, retryAfter: 1 })
      taken.push(slot)
      // Now, not at the join: one session's sockets that never join would else keep out everybody behind the address.
      const own = session === null ? null : slots.sessions.take(session, limits.maxConnectionsPerSession)
      if (own !== null) taken.push(own)
      else if (session !== null) return refuse({ reason: 'session', status: 429, retryAfter: jittered(5) })
      if (!gate.take()) return refuse({ reason: 'joins', status: 503, retryAfter: jittered(1) })
      return new ConnectionPlace({ address, session, limits, slots, cooldowns, pool, slot, own, process })
    }
  }
}

/** Not all at the same second: everybody who was refused would come back together. */
function jittered (seconds: number): number {
  // eslint-disable-next-line live-security/no-weak-random -- nothing is won by guessing it
  return seconds + Math.floor(Math.random() * 3)
}
