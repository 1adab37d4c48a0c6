import { inspect } from 'node:util'

/** A value as an error message names it: short, one line. */
export function show (value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 80 })
  return text.length > 120 ? `${text.slice(0, 117)}...` : text
}
