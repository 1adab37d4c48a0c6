import { serialize } from 'node:v8'

/** What a loader read of the state, with each value as it was: a loader runs again only when one of them has changed. */
export type Reads = Map<PropertyKey, unknown>

const ALL = Symbol('all keys')
const UNKNOWN = Symbol('cannot be compared')

/** The state (or the query) as a loader sees it: read-only at its first level, every root that is read noted in `reads`. */
export function trackReads (state: object, reads: Reads): object {
  const refuse = (target: object, key: PropertyKey): never => {
    throw new TypeError(`a loader does not change the state (it set '${String(key)}'); events do`)
  }
  return new Proxy(state, {
    get (target, key) {
      note(target, key, reads)
      return Reflect.get(target, key)
    },
    has (target, key) {
      note(target, key, reads)
      return Reflect.has(target, key)
    },
    getOwnPropertyDescriptor (target, key) {
      note(target, key, reads)
      return Reflect.getOwnPropertyDescriptor(target, key)
    },
    ownKeys (target) {
      reads.set(ALL, keysOf(target))
      return Reflect.ownKeys(target)
    },
    // An assignment ends in a definition, on the proxy.
    defineProperty: refuse,
    deleteProperty: refuse,
    setPrototypeOf: (target) => refuse(target, '__proto__'),
    preventExtensions: (target) => refuse(target, 'extensible'),
  })
}

export function readsChanged (state: object, reads: Reads): boolean {
  for (const [key, before] of reads) {
    const now = key === ALL ? keysOf(state) : snapshot(state, key)
    if (before === UNKNOWN || !Object.is(now, before)) return true
  }
  return false
}

function note (state: object, key: PropertyKey, reads: Reads): void {
  // Symbols are asked for by whoever prints or spreads; no state has any.
  if (typeof key === 'string' && !reads.has(key)) reads.set(key, snapshot(state, key))
}

function keysOf (state: object): string {
  return JSON.stringify(Object.keys(state))
}

const ABSENT = Symbol('not there')

// State is changed in place, so an object is compared by what it holds at the time of loading, not by identity.
function snapshot (state: object, key: PropertyKey): unknown {
  const value: unknown = Reflect.get(state, key)
  if (value === undefined && !Reflect.has(state, key)) return ABSENT
  if (typeof value !== 'object' || value === null) return value
  try {
    // JSON would lose maps, sets and NaN; latin1 is one character a byte.
    return serialize(value).toString('latin1')
  } catch {
    return UNKNOWN
  }
}
