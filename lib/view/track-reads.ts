/** What a loader read of the state, with each value as it was: a loader runs again only when one of them has changed. */
export type Reads = Map<string, unknown>

const ALL = '*'
const UNKNOWN = Symbol('cannot be compared')

/** The state (or the query) as a loader sees it: read-only at its first level, every root that is read noted in `reads`. */
export function trackReads (state: object, reads: Reads): object {
  return new Proxy(state, {
    get (target, key) {
      if (typeof key === 'string') note(target, key, reads)
      return Reflect.get(target, key)
    },
    has (target, key) {
      if (typeof key === 'string') note(target, key, reads)
      return Reflect.has(target, key)
    },
    ownKeys (target) {
      reads.set(ALL, snapshot(target))
      return Reflect.ownKeys(target)
    },
    set (target, key) {
      throw new TypeError(`a loader does not change the state (it set '${String(key)}'); events do`)
    },
  })
}

export function readsChanged (state: object, reads: Reads): boolean {
  for (const [key, before] of reads) {
    const now = snapshot(key === ALL ? state : Reflect.get(state, key))
    if (before === UNKNOWN || now !== before) return true
  }
  return false
}

function note (state: object, key: string, reads: Reads): void {
  if (!reads.has(key)) reads.set(key, snapshot(Reflect.get(state, key)))
}

// State is changed in place, so an object is compared by its text at the time of loading, not by identity.
function snapshot (value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  try {
    return JSON.stringify(value)
  } catch {
    return UNKNOWN
  }
}
