import { sanitizeForLog } from '../../lib/security/sanitize-for-log.ts'
import { escapeUnseen } from '../../lib/template/fields/escape-unseen.ts'

/** Nothing is cut: what is left out would be hidden. */
const WHOLE = { maxLength: Infinity }

/**
 * Plain data whose texts cannot move a cursor or begin a line. Names, messages and expressions are the application's, and
 * whoever writes a template must not be able to write over what the command says of it.
 */
export function printable<T> (value: T): T {
  if (typeof value === 'string') return sanitizeForLog(value, WHOLE) as T
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(printable) as T
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [sanitizeForLog(key, WHOLE), printable(part)])) as T
}

/** A message of the application: its lines after the first are indented, so that none looks like one of the command. */
export function printableLines (text: string): string {
  return text.split(/\r?\n/).map((line) => sanitizeForLog(line, WHOLE))
    .map((line, index) => index === 0 || /^ |^$/.test(line) ? line : `  ${line}`).join('\n')
}

export function printableJson (value: unknown): string {
  return `${escapeUnseen(JSON.stringify(value, null, 2))}\n`
}
