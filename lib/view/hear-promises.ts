import { types } from 'node:util'

/** Objects that are looked through: enough for any page. */
const MOST_OBJECTS = 100_000

/**
 * Listens to the promises that stand in a value itself: a list of promises that nobody awaited, an object of them. A rejection
 * that nobody listens to ends the process, and data is looked at only when every loader of its round has answered.
 */
export function hearParts (value: unknown): readonly unknown[] {
  try {
    const parts = partsOf(value)
    // By the method of the language: a class of promises may start its work in a `then` of its own.
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]
      if (types.isPromise(part)) Promise.prototype.then.call(part, undefined, () => {})
    }
    return parts
  } catch {
    // An accessor in a list, or a promise of a class that cannot be made again. It is not looked at, and ends nothing here.
    return []
  }
}

/** Listens to all promises in data that is refused, at any depth. */
export function hearPromises (data: unknown): void {
  const found = new Set([data])
  for (const value of found) {
    hearParts(value).forEach((part) => { if (typeof part === 'object' && found.size < MOST_OBJECTS) found.add(part) })
  }
}

function partsOf (value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null || types.isProxy(value) || ArrayBuffer.isView(value)) return []
  // As it is: this looks at all that is ever loaded.
  if (Array.isArray(value)) return value
  return Object.keys(value).map((name) => Object.getOwnPropertyDescriptor(value, name)?.value as unknown)
}
