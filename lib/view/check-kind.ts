import { isExotic, isPlain } from './is-leaf.ts'
import { isThenable } from './is-thenable.ts'
import type { ProjectionPlan } from './projection-plan.ts'

/** True where a value can be what the schema declares or, without one, what the template takes it for. */
export function fitsKind (value: unknown, plan: ProjectionPlan): boolean {
  if (typeof value === 'object' && value !== null) return objectFits(value, plan)
  if (typeof value === 'function' || typeof value === 'symbol') return plan.kind === 'unknown' || plan.kind === 'leaf'
  return scalarFits(value, plan)
}

function objectFits (value: object, plan: ProjectionPlan): boolean {
  if (isForgotten(value)) return false
  switch (plan.kind) {
    case 'array': return Array.isArray(value)
    case 'object': return !Array.isArray(value) && !isExotic(value)
    // A class of one's own may be a decimal or the like.
    case 'leaf': return !Array.isArray(value) && !isPlain(value)
    default: return true
  }
}

/** Texts are lists of characters, and have a length and methods. */
function scalarFits (value: unknown, plan: ProjectionPlan): boolean {
  switch (plan.kind) {
    case 'unknown': case 'leaf': return true
    case 'object': case 'array': return false
    case 'record': return plan.names.every(([name]) => name in Object(value))
    case 'list': return typeof value === 'string' && (plan.element === null || scalarFits(value, plan.element))
  }
}

/** A promise or a query inside the data: nobody awaited it. Own fields may be called `then`. */
function isForgotten (value: object): boolean {
  return !isPlain(value) && 'then' in Object.getPrototypeOf(value) && isThenable(value)
}

/** What a value is, never the value itself: errors are logged. */
export function describeKind (value: {}): string {
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return 'an array'
  if (isForgotten(value)) return 'a promise that nobody awaits'
  if (!isExotic(value)) return 'an object'
  return `an object of the class ${Object.prototype.toString.call(value).slice(8, -1)}`
}

export function describePlan ({ kind, names }: ProjectionPlan): string {
  switch (kind) {
    case 'array': return 'an array'
    case 'object': return 'an object'
    case 'list': return 'a list'
    case 'record': return `an object with ${names.slice(0, 5).map(([name]) => name).join(', ')}`
    default: return 'a single value'
  }
}
