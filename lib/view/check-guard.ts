import { isThenable } from './is-thenable.ts'
import { LIVE_ERR_LOADER_GUARD } from './loader-error.ts'
import type { LoaderDefinition } from './loader-definition.ts'

/**
 * Throws LIVE_ERR_LOADER_GUARD for the first row that does not have the guard's columns as own fields, or that its check
 * does not answer with true. Nothing that was loaded is shown then. The error names columns, never values.
 */
export function checkGuard (view: string, loader: LoaderDefinition, value: unknown, context: object): void {
  const { guard, name } = loader
  if (guard === null) return
  const refuse = (problem: string): never => { throw new LIVE_ERR_LOADER_GUARD(view, name, problem) }
  for (const row of Array.isArray(value) ? value : [value]) {
    if (row === null || row === undefined) continue
    if (typeof row !== 'object') refuse(`a row is a ${typeof row}, not an object`)
    const missing = guard.columns.find((column) => !Object.hasOwn(row, column))
    if (missing !== undefined) refuse(`its column '${missing}' is missing. Select fields.columns, which holds the guard's columns too`)
    const answer: unknown = guard.check(row, context)
    if (answer === true) continue
    if (isThenable(answer)) {
      answer.then(undefined, () => {})
      refuse('check answers a promise, and has to answer true or false at once')
    }
    refuse(`check did not answer true (columns: ${guard.columns.join(', ')})`)
  }
}
