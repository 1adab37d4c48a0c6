import { deepest, poison } from './copy-plain.ts'

/*
 * Free of Node: the browser's utilities are built from this file, so that both sides give the same results.
 */

/** Why the arguments cannot be worked with, null where they can: mistakes of the program, never of its data. */
export function fieldsProblem (target: unknown, allowed: unknown): string | null {
  if (typeof target !== 'object' || target === null) return 'the target is no object'
  if (target instanceof Map || target instanceof Set) return 'the target is a Map or Set, whose entries are not fields'
  if (!Array.isArray(allowed) || !allowed.every((name) => typeof name === 'string')) return 'the allow-list is no list of names'
  return null
}

/**
 * Assigns to `target` a copy of each own field of `source` that is allowed, and gives the names of those. Accessors of the
 * source are not run: who made it chose what they do. The target's setters are, and a frozen target throws, as in any
 * assignment.
 */
export function assignFields (target: object, source: unknown, allowed: readonly string[]): string[] {
  if (typeof source !== 'object' || source === null) return []
  return allowed.filter((name, index) => {
    if (allowed.indexOf(name) !== index) return false
    const field = ownValue(source, name)
    return field !== null && assignField(target, name, field.value)
  })
}

/** Assigns a copy of the value; false for a name that reaches a prototype, and for what is not data. */
export function assignField (target: object, name: string, value: unknown): boolean {
  if (poison.has(name)) return false
  const copy = copyData(value, 0, new Map())
  if (copy === refused) return false
  ;(target as Record<string, unknown>)[name] = copy
  return true
}

const refused = Symbol('refused')

// Primitives, dates, lists and plain objects. An instance would bring methods and identity along: its field is refused whole.
function copyData (value: unknown, depth: number, copies: Map<object, unknown>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return refused
  if (typeof value !== 'object' || value === null) return value
  // What is shared in the source is copied once: ten lists that hold each other twice would be a thousand.
  const known = copies.get(value)
  if (known !== undefined) return known
  if (depth === deepest) return refused
  if (value instanceof Date) return new Date(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  const isList = Array.isArray(value)
  if (!isList && prototype !== Object.prototype && prototype !== null) return refused
  const copy: Record<string, unknown> | unknown[] = isList ? [] : {}
  copies.set(value, copy)
  for (const name of Object.keys(value)) {
    if (poison.has(name)) continue
    const field = ownValue(value, name)
    if (field === null) continue
    const item = copyData(field.value, depth + 1, copies)
    if (item === refused) return refused
    ;(copy as Record<string, unknown>)[name] = item
  }
  return copy
}

function ownValue (source: object, name: string): { readonly value: unknown } | null {
  const field = Object.getOwnPropertyDescriptor(source, name)
  return field !== undefined && field.enumerable === true && 'value' in field ? { value: field.value } : null
}
