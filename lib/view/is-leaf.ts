import type { ProjectionPlan } from './projection-plan.ts'

/** True for object literals and what JSON gives, also of another realm. */
export function isPlain (value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * Dates, buffers, maps: objects of the language, and whatever is walked through by an iterator. A class may give itself a name
 * (`Symbol.toStringTag`) too: with fields of its own it holds data, which is cut like any other.
 */
export function isExotic (value: object): boolean {
  if (Array.isArray(value) || isPlain(value)) return false
  return ArrayBuffer.isView(value) || Symbol.iterator in value || (isNamed(value) && Object.keys(value).length === 0)
}

function isNamed (value: object): boolean {
  return Object.prototype.toString.call(value) !== '[object Object]'
}

/**
 * True for objects that are one value rather than a record: dates, buffers, maps, decimals. They keep their methods, without
 * which they could not be shown. A class instance whose fields the template names is a record (a row of an ORM). One that names
 * its class is, where the names are fields of its own: decimals have such a name, and are asked for methods.
 */
export function isLeaf (value: object, plan: ProjectionPlan): boolean {
  if (Array.isArray(value) || isPlain(value)) return false
  if (isExotic(value)) return true
  if (plan.names.length > 0 && (!isNamed(value) || plan.names.some(([name]) => Object.hasOwn(value, name)))) return false
  return value.toString !== Object.prototype.toString || value.valueOf !== Object.prototype.valueOf || Symbol.toPrimitive in value
}
