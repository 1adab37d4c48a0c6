import { PLAIN_PROTOTYPE } from './plain-prototype.ts'
import type { ProjectionPlan } from './projection-plan.ts'

/** Copies one row; null where the row needs a closer look: it is no plain object, or holds more than single values. */
export type RowCopier = (row: object) => object | null

const copiers = new WeakMap<ProjectionPlan, RowCopier | null>()

/**
 * A copier for rows of which named fields are read, generated once for each plan: with the names written out, a thousand rows of
 * five fields take a tenth of what looking at each property's descriptor takes. Null where rows cannot be copied that way.
 */
export function rowCopierOf (plan: ProjectionPlan): RowCopier | null {
  let copier = copiers.get(plan)
  if (copier === undefined) {
    copier = isFlat(plan) ? createCopier(plan.names.map(([name]) => name)) : null
    copiers.set(plan, copier)
  }
  return copier
}

/**
 * Whether the rows of a list are data by the look of the first: an own accessor under a name that is asked for is left out, and
 * reading it would run it. Rows of one list are made by one piece of code. What is read of a later plain row is what its name
 * answers, own accessors and hidden properties included: looking at each property of each row would cost ten times as much.
 */
export function isData (row: object, plan: ProjectionPlan): boolean {
  return plan.names.every(([name]) => {
    const descriptor = Object.getOwnPropertyDescriptor(row, name)
    return descriptor === undefined || (descriptor.enumerable === true && 'value' in descriptor)
  })
}

function isFlat ({ keys, iter, values, names, kind }: ProjectionPlan): boolean {
  return !keys && !iter && values === null && names.length > 0 && (kind === 'record' || kind === 'object' || kind === 'unknown') &&
    names.every(([name, part]) => !(name in PLAIN_PROTOTYPE) && (part.kind === 'unknown' || part.kind === 'leaf'))
}

function createCopier (names: readonly string[]): RowCopier {
  const fields = names.map((name) => {
    const key = JSON.stringify(name)
    return `value = row[${key}]
      if (typeof value === 'object' ? value !== null : typeof value === 'function' || typeof value === 'symbol') return null
      if (value !== undefined || hasOwn(row, ${key})) copy[${key}] = value`
  })
  // Names of fields only, each quoted: they come from templates and schemas, which are code of the application.
  // eslint-disable-next-line no-new-func -- of names that are quoted as JSON
  return new Function('Row', 'hasOwn', 'plain', `return function copyRow (row) {
    const prototype = Object.getPrototypeOf(row)
    if (prototype !== plain && prototype !== null) return null
    const copy = new Row()
    let value
    ${fields.join('\n')}
    return copy
  }`)(rowClass(), Object.hasOwn, Object.prototype) as RowCopier
}

/** A constructor of its own gives the rows of a plan their fields in place; objects without any constructor are dictionaries. */
function rowClass (): new () => object {
  const Row = function (): void {} as unknown as { new (): object, prototype: object }
  Row.prototype = PLAIN_PROTOTYPE
  return Row
}
