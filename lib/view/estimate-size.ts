/** What values take on V8's heap, roughly, in bytes: measured figures for small plain objects. */
const OBJECT = 24
const SLOT = 8
const STRING = 16
const ENTRY = 24
/** An object of more keys is a dictionary, whose keys are data; those of rows are shared by all rows. */
const DICTIONARY = 32

/** Functions that tell a handle (a timer, a socket, a pool) from data: it leads to what is no part of the state. */
const HANDLES = ['on', 'ref', 'close', 'end', 'addEventListener'] as const

/**
 * Estimates what a value holds in memory, objects that it holds twice counted once. Stops as soon as it is more than `limit`:
 * what is far too big costs no more to find than what is just too big. Never throws; what answers with an error counts nothing.
 */
export function estimateSize (value: unknown, limit: number): number {
  const seen = new Set<object>()
  const open: object[] = []
  let size = 0

  function add (item: unknown): void {
    if (typeof item === 'string') size += STRING + item.length
    else if (typeof item === 'bigint') size += STRING
    else if (typeof item === 'object' && item !== null && !seen.has(item)) {
      seen.add(item)
      open.push(item)
    }
  }

  add(value)
  for (let next = open.pop(); next !== undefined && size <= limit; next = open.pop()) {
    size += OBJECT
    try {
      if (Array.isArray(next)) {
        size += SLOT * next.length
        // Long lists are the usual way to be too big: not all of one is looked at then.
        for (let i = 0; i < next.length && size <= limit; i++) add(next[i])
      } else if (ArrayBuffer.isView(next) || next instanceof ArrayBuffer) {
        size += next.byteLength
      } else if (next instanceof Map) {
        size += ENTRY * next.size
        for (const [key, item] of next) {
          add(key)
          add(item)
        }
      } else if (next instanceof Set) {
        size += ENTRY * next.size
        for (const item of next) add(item)
      } else if (!isHandle(next)) {
        const keys = Object.keys(next)
        size += SLOT * keys.length
        if (keys.length > DICTIONARY) for (const key of keys) size += ENTRY + key.length
        for (const key of keys) add((next as Record<string, unknown>)[key])
      }
    } catch {
      // An accessor or a proxy of the application's: what it cannot show it cannot be asked about.
    }
  }
  return size
}

function isHandle (value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return false
  return HANDLES.some((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
