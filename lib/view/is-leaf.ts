import type { ProjectionPlan } from './projection-plan.ts'

/**
 * True for objects that are one value rather than a record: dates, buffers, maps, decimals. They keep their methods, without
 * which they could not be shown. A class instance whose fields the template names is a record (a row of an ORM).
 */
export function isLeaf (value: object, plan: ProjectionPlan): boolean {
  if (Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value)
  // Also the Object.prototype of another realm.
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return false
  if (Object.prototype.toString.call(value) !== '[object Object]' || Symbol.iterator in value) return true
  if (plan.names.length > 0) return false
  return value.toString !== Object.prototype.toString || value.valueOf !== Object.prototype.valueOf || Symbol.toPrimitive in value
}
