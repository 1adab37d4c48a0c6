import { inspect } from 'node:util'

/** An option's value as error messages show it: one line, short, never a getter run. */
export function showValue (value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 80, maxArrayLength: 5, breakLength: Infinity })
}
