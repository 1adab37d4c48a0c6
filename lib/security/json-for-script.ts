import { jsonText } from '../template/output/encode-place.ts'
import { ScriptJsonError } from './errors.ts'

/**
 * JSON for the content of `<script type="application/json">`: no value can end the script or begin a comment in it, and
 * JSON.parse reads the same. Throws LIVE_ERR_SCRIPT_JSON for what JSON would leave out or change without a word: functions,
 * symbols, BigInt, NaN, undefined in lists, Map, Set, cycles; and for a key `__proto__`. Properties that are undefined are
 * left out.
 * @param indent spaces, 0 to 10
 */
export function jsonForScript (value: unknown, indent: number = 0): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value, check, indent)
  } catch (error) {
    if (error instanceof ScriptJsonError) throw error
    // A cycle, a `toJSON` that throws, nesting without end.
    throw new ScriptJsonError('jsonForScript: the value cannot be written as JSON', 'Give plain data without cycles', { cause: error })
  }
  if (json === undefined) throw refuse('undefined', '')
  return jsonText(json)
}

function check (this: unknown, key: string, value: unknown): unknown {
  // Where the script is run and not parsed, such a key sets a prototype.
  if (key === '__proto__') throw refuse('a key', key)
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') throw refuse(`a ${typeof value}`, key)
  if (typeof value === 'number' && !Number.isFinite(value)) throw refuse(String(value), key)
  if (value === undefined && Array.isArray(this)) throw refuse('undefined', key)
  if (value instanceof Map || value instanceof Set) throw refuse('a Map or Set', key)
  return value
}

function refuse (what: string, key: string): Error {
  return new ScriptJsonError(`jsonForScript: the value has ${what}${key === '' ? '' : ` at ${JSON.stringify(key)}`}, which JSON cannot hold`,
    'Give strings, finite numbers, booleans, null, lists and plain objects')
}
