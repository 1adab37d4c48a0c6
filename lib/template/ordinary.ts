const standIns = new WeakMap<object, StandIn>()

/**
 * What converts to text and numbers as the value would if its keys had ordinary names: `{"toString":1}` from a payload
 * throws where it is printed, added or compared, and one person's JSON would end a page. One for each object, so that `==`
 * goes on to compare objects by identity.
 */
export function ordinary (value: any): any {
  return typeof value === 'object' && value !== null && !converts(value, null) ? standInFor(value) : value
}

/** The text of any value, as JavaScript has it. */
export function textOf (value: unknown): string {
  return String(ordinary(value))
}

/**
 * For functions that also ask a value for members, such as its `length`: plain data has none there. Lists stay lists, and
 * what an application's own class gives stays what it is.
 */
export function opaque (value: any): any {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return converts(value, null) ? value : value.map(ordinary)
  return isPlain(value) ? standInFor(value) : ordinary(value)
}

/** What is indexed and measured: `{"length":1e9}` is no list, though JavaScript would walk it like one. */
export function sequence (value: any): any {
  return typeof value === 'object' && value !== null && !(Symbol.iterator in value) ? NO_LIST : value
}

const NO_LIST: object = Object.freeze({})

/** Converts where the object cannot. Nothing of JSON is a function: what has one as its toString is the application's. */
class StandIn {
  readonly #of: object
  #isOpen = false

  constructor (of: object) {
    this.#of = of
  }

  toString (): string {
    if (!Array.isArray(this.#of)) return '[object Object]'
    // A list inside of itself is nothing, as in JavaScript.
    if (this.#isOpen) return ''
    this.#isOpen = true
    try {
      return String(this.#of.map(ordinary))
    } finally {
      this.#isOpen = false
    }
  }
}

function standInFor (value: object): StandIn {
  let standIn = standIns.get(value)
  if (standIn === undefined) standIns.set(value, standIn = new StandIn(value))
  return standIn
}

interface Around {
  readonly list: readonly unknown[]
  readonly around: Around | null
}

/** JavaScript converts a list by its elements. */
function converts (value: object, around: Around | null): boolean {
  if (!Array.isArray(value)) return typeof value.toString === 'function'
  for (let at = around; at !== null; at = at.around) if (at.list === value) return true
  const here = { list: value, around }
  for (const item of value) if (typeof item === 'object' && item !== null && !converts(item, here)) return false
  return true
}

/** Made of JSON, by a loader's projection, or written out. */
function isPlain (value: object): boolean {
  if (Object.hasOwn(value, 'toString') && typeof value.toString === 'function') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
