import { assignFields, fieldsProblem } from '../../lib/security/assign-fields.ts'

/**
 * Copies the allowed fields that `source` has of its own into `target`, and gives the names of those that were set:
 * `safeObjectAssign(settings, JSON.parse(text), ['theme', 'language'])`. Values are copied, plain data and dates only, and
 * `__proto__`, `constructor` and `prototype` are left out at any depth, even where they are listed. The same as `safeAssign`
 * on the server.
 */
export function safeObjectAssign<T extends object> (
  target: T, source: unknown, allowedFields: ReadonlyArray<Extract<keyof T, string>>
): Array<Extract<keyof T, string>> {
  const problem = fieldsProblem(target, allowedFields)
  if (problem !== null) {
    throw new TypeError(`safeObjectAssign: ${problem}. Call safeObjectAssign(target, source, ['theme', 'language'])`)
  }
  return assignFields(target, source, allowedFields) as Array<Extract<keyof T, string>>
}
