/** One place under one key, owned by who took it. */
export interface ConnectionSlot {
  /** Gives the place back. Again does nothing: close and error both come, and a place given back twice is one too many. */
  release (): void
}

export interface ConnectionSlots {
  /** Null where all places of the key are taken. Takes at once, so that of two who ask together one is second. */
  take (key: string, most: number): ConnectionSlot | null
  open (key: string): number
  /** How many keys have places taken. */
  size (): number
}

/** Counts places by key. Keys without any are forgotten: memory is bounded by open sockets. */
export function createConnectionSlots (): ConnectionSlots {
  const counts = new Map<string, number>()

  function open (key: string): number {
    return counts.get(key) ?? 0
  }

  return {
    open,
    size: () => counts.size,
    take (key, most) {
      if (open(key) >= most) return null
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
    }
  }
}
