/**
 * The prototype of projected objects. Printing, `~`, `join` and string filters turn what they get into text, and throw at an
 * object that has no toString; Object.prototype itself would make `{% if may[action] %}` true for an action named
 * `toString`. Template lookups take the last prototype of a chain for Object.prototype, and do not look into it.
 */
export const PLAIN_PROTOTYPE: object = Object.freeze(Object.create(null, {
  toString: { value: bare(() => '[object Object]') },
  toLocaleString: { value: bare(() => '[object Object]') },
  valueOf: { value: bare(function (this: object) { return this }) },
  hasOwnProperty: { value: bare(function (this: object, name: PropertyKey) { return Object.hasOwn(this, name) }) },
}))

/** Without a way from the function to the constructor of functions, which compiles code. */
function bare (method: (...args: any[]) => unknown): unknown {
  return Object.freeze(Object.setPrototypeOf(method, null))
}
