export interface ConnectionSlotsOptions {
  /** Most open connections of one key. */
  readonly maxPerKey: number
  /** Monotonic, milliseconds. */
  readonly now: () => number
  /** Most keys that cool down at once; the oldest is let off for a new one. */
  readonly maxCooldowns?: number
}

/** One open connection's place, owned by that connection alone. */
export interface ConnectionSlot {
  /** Gives the place back. Again does nothing: close and error both come, and a place given back twice is one too many. */
  release (): void
}

export type SlotRefusal = 'full' | 'cooling'

export interface ConnectionSlots {
  /**
   * To be called before the first await of the handshake, else parallel handshakes all see room.
   * @param most where a route has its own `maxConnectionsPerIp`
   */
  take (key: string, most?: number): ConnectionSlot | SlotRefusal
  open (key: string): number
  /** How many keys have open connections. */
  size (): number
  /** Keeps a key out for so many seconds. A shorter time never replaces a longer one. */
  cooldown (key: string, seconds: number): void
  /** Seconds that a key still has to wait, rounded up, for Retry-After; 0 where it need not. */
  coolingFor (key: string): number
}

/** Counts open connections by key. Keys without connections are forgotten: memory is bounded by open sockets. */
export function createConnectionSlots ({ maxPerKey, now, maxCooldowns = 10_000 }: ConnectionSlotsOptions): ConnectionSlots {
  const counts = new Map<string, number>()
  const cooling = new Map<string, number>()

  function open (key: string): number {
    return counts.get(key) ?? 0
  }

  function coolingFor (key: string): number {
    const left = (cooling.get(key) ?? 0) - now()
    if (left > 0) return Math.ceil(left / 1000)
    cooling.delete(key)
    return 0
  }

  return {
    open,
    size: () => counts.size,
    coolingFor,
    take (key, most = maxPerKey) {
      if (coolingFor(key) > 0) return 'cooling'
      if (open(key) >= most) return 'full'
      counts.set(key, open(key) + 1)
      let released = false
      return {
        release () {
          if (released) return
          released = true
          const left = open(key) - 1
          if (left === 0) counts.delete(key)
          else counts.set(key, left)
        }
      }
    },
    cooldown (key, seconds) {
      const until = Math.max(cooling.get(key) ?? 0, now() + seconds * 1000)
      // Set anew, so that the map's order is the order of the last offence.
      cooling.delete(key)
      cooling.set(key, until)
      if (cooling.size > maxCooldowns) cooling.delete(cooling.keys().next().value as string)
    }
  }
}
