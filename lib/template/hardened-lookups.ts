import type { Context } from './nunjucks.ts'

const { hasOwn, getOwnPropertyDescriptor, getPrototypeOf } = Object

/**
 * True when templates may read that member: an own one, or one of the class that made it. What every object and function
 * inherits is true in `{% if may[action] %}` for an action named `toString`, and leads to functions that compile code.
 */
export function mayRead (target: any, name: string | number): boolean {
  if (leadsToCode(name)) return false
  if (hasOwn(target, name)) return true
  let prototype: object = getPrototypeOf(Object(target))
  while (prototype !== null && prototype !== Function.prototype) {
    const above = getPrototypeOf(prototype)
    // The end of every chain is Object.prototype, of whichever realm.
    if (above === null) return false
    if (hasOwn(prototype, name)) return isOfClass(prototype, name)
    prototype = above
  }
  return false
}

/**
 * A value that is inherited and no class has: `Object.assign({}, JSON.parse('{"__proto__":{"isAdmin":true}}')).isAdmin`. JSON
 * makes prototypes, but no methods and no classes.
 */
function isOfClass (prototype: object, name: string | number): boolean {
  const { get, value } = getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
  if (get !== undefined || typeof value === 'function') return true
  return typeof prototype.constructor === 'function' && prototype.constructor.prototype === prototype
}

/** `range.constructor("…")()`: these lead from data to code, whoever owns them. */
export function leadsToCode (name: string | number): boolean {
  return name === 'constructor' || name === '__proto__' || name === 'prototype'
}

/** A name of the rendering, else a global of the environment, own ones only. */
export function ownName ({ ctx, env }: Context, name: string): unknown {
  if (leadsToCode(name)) return undefined
  if (hasOwn(ctx, name)) return ctx[name]
  return hasOwn(env.globals, name) ? env.globals[name] : undefined
}
