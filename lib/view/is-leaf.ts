import type { ProjectionPlan } from './projection-plan.ts'

/** True for object literals and what JSON gives, also of another realm. */
export function isPlain (value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Dates, buffers, maps: objects of the language, and whatever is walked through by an iterator. */
export function isExotic (value: object): boolean {
  return !Array.isArray(value) && !isPlain(value) &&
    (Object.prototype.toString.call(value) !== '[object Object]' || Symbol.iterator in value)
}

/**
 * True for objects that are one value rather than a record: dates, buffers, maps, decimals. They keep their methods, without
 * which they could not be shown. A class instance whose fields the template names is a record (a row of an ORM).
 */
export function isLeaf (value: object, plan: ProjectionPlan): boolean {
  if (Array.isArray(value) || isPlain(value)) return false
  if (isExotic(value)) return true
  if (plan.names.length > 0) return false
  return value.toString !== Object.prototype.toString || value.valueOf !== Object.prototype.valueOf || Symbol.toPrimitive in value
}
