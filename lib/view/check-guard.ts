import { types } from 'node:util'
import { describeKind } from './check-kind.ts'
import { isExotic } from './is-leaf.ts'
import { isThenable } from './is-thenable.ts'
import { LIVE_ERR_LOADER_GUARD } from './loader-error.ts'
import type { LoaderDefinition } from './loader-definition.ts'

const WAY_OUT = 'Return plain objects, in an array where they are many'

/**
 * Throws LIVE_ERR_LOADER_GUARD for the first row that does not have the guard's columns as own fields, or that its check
 * does not answer with true. Nothing that was loaded is shown then. The error names columns, never values.
 * Answers what was checked, which is what may be shown: a list's rows are taken out of it once. What could stand for other rows
 * (a proxy, a set, a list in the place of a row) is refused.
 */
export function checkGuard (view: string, loader: LoaderDefinition, value: unknown, context: object): unknown {
  const { guard, name } = loader
  if (guard === null) return value
  const refuse: (problem: string) => never = (problem) => { throw new LIVE_ERR_LOADER_GUARD(view, name, problem) }
  if (types.isProxy(value)) refuse(`a proxy is not rows, but answers with some. ${WAY_OUT}`)
  const rows = Array.isArray(value) ? Array.from({ length: value.length }, (none, index) => value[index] as unknown) : [value]
  for (const row of rows) {
    if (row === null || row === undefined) continue
    if (typeof row !== 'object') refuse(`a row is a ${typeof row}, not an object`)
    if (types.isProxy(row)) refuse(`a row is a proxy, which need not answer the same again. ${WAY_OUT}`)
    if (Array.isArray(row) || isExotic(row)) refuse(`a row is ${describeKind(row)}, which may hold rows of its own. ${WAY_OUT}`)
    const missing = guard.columns.find((column) => !Object.hasOwn(row, column))
    if (missing !== undefined) refuse(`its column '${missing}' is missing. Select fields.columns, which holds the guard's columns too`)
    const computed = guard.columns.find((column) => !('value' in (Object.getOwnPropertyDescriptor(row, column) as object)))
    if (computed !== undefined) refuse(`its column '${computed}' is computed by an accessor. ${WAY_OUT}`)
    const answer: unknown = guard.check(row, context)
    if (answer === true) continue
    if (isThenable(answer)) {
      answer.then(undefined, () => {})
      refuse('check answers a promise, and has to answer true or false at once')
    }
    refuse(`check did not answer true (columns: ${guard.columns.join(', ')})`)
  }
  return Array.isArray(value) ? rows : value
}
