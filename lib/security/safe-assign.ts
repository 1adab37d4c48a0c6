import { assignField, assignFields, fieldsProblem } from './assign-fields.ts'
import { FieldsError } from './errors.ts'

/**
 * Copies the allowed fields that `source` has of its own into `target`, and gives the names of those that were set:
 * `safeAssign(user, request.body, ['name', 'email'])`. Values are copied, plain data and dates only, and `__proto__`,
 * `constructor` and `prototype` are left out at any depth, even where they are listed. A field that holds anything else, or
 * is an accessor, is not set. Throws LIVE_ERR_FIELDS where the target is no object or the allow-list is missing.
 */
export function safeAssign<T extends object> (
  target: T, source: unknown, allowed: ReadonlyArray<Extract<keyof T, string>>
): Array<Extract<keyof T, string>> {
  check('safeAssign', target, allowed)
  return assignFields(target, source, allowed) as Array<Extract<keyof T, string>>
}

/**
 * Sets one field whose name came from outside, if it is allowed, to a copy of the value: `safeSet(settings, name, value,
 * ['theme', 'language'])`. True where it was set. The name is one field's, never a path; all else is as with `safeAssign`.
 */
export function safeSet<T extends object> (
  target: T, name: unknown, value: unknown, allowed: ReadonlyArray<Extract<keyof T, string>>
): boolean {
  check('safeSet', target, allowed)
  return (allowed as readonly unknown[]).includes(name) && assignField(target, name as string, value)
}

function check (caller: string, target: unknown, allowed: unknown): void {
  const problem = fieldsProblem(target, allowed)
  if (problem !== null) {
    throw new FieldsError(`${caller}: ${problem}`, `Call ${caller}(${caller === 'safeSet' ? 'target, name, value' : 'target, source'}, ['name', 'email'])`)
  }
}
