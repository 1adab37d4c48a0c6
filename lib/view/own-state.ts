import { types } from 'node:util'
import { LIVE_ERR_VIEW } from './errors.ts'
import { isPlain } from './is-leaf.ts'

/** Instances that have been a state already. */
const taken = new WeakSet<object>()

/**
 * What one page may change without any other seeing it: plain objects, lists, maps, sets and dates are copied, since `state`
 * easily answers a default of its module, or one within. Instances of classes may be handles, and only they know how they are
 * copied: they stay, and one that was a state before is refused.
 */
export function ownState (view: string, state: object): object {
  const copied = copyOf(state, new Map())
  if (copied !== state) return copied as object
  if (taken.has(state)) {
    throw new LIVE_ERR_VIEW(view, 'its state answered an object that is the state of another page already', 'Answer a new one each time')
  }
  taken.add(state)
  return state
}

/** One copy for each object: what was one stays one. */
function copyOf (value: unknown, copies: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return value
  const known = copies.get(value)
  if (known !== undefined) return known
  const keep = <T extends object>(copy: T): T => {
    copies.set(value, copy)
    return copy
  }
  const prototype = Object.getPrototypeOf(value) as object | null
  if (isPlain(value)) return copyRecord(value, keep(Object.create(prototype) as object), copies)
  if (prototype === Array.prototype) {
    const list = keep([] as unknown[])
    for (const item of value as unknown[]) list.push(copyOf(item, copies))
    return list
  }
  if (prototype === Map.prototype) {
    const map = keep(new Map())
    for (const [key, item] of value as Map<unknown, unknown>) map.set(copyOf(key, copies), copyOf(item, copies))
    return map
  }
  if (prototype === Set.prototype) {
    const set = keep(new Set())
    for (const item of value as Set<unknown>) set.add(copyOf(item, copies))
    return set
  }
  return prototype === Date.prototype ? keep(new Date(value as Date)) : value
}

// A frozen default gives a state that may change; a property named `__proto__` stays one.
function copyRecord (record: object, copy: object, copies: Map<object, object>): object {
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(record))) {
    const given = 'value' in property ? { value: copyOf(property.value, copies), writable: true } : property
    Object.defineProperty(copy, name, { ...given, enumerable: property.enumerable === true, configurable: true })
  }
  return copy
}
