/** A JSON value whose objects have no prototype: nothing is inherited, and `__proto__` is no way in. */
export type PlainValue = string | number | boolean | null | PlainValue[] | PlainObject
export interface PlainObject { [name: string]: PlainValue }

export type CopyRefusal = 'poison' | 'number' | 'depth' | 'type'

export type PlainCopy =
  | { readonly ok: true, readonly value: PlainValue, /** Of all objects together. */ readonly keys: number }
  | { readonly ok: false, readonly reason: CopyRefusal }

/** Deepest nesting of arrays and objects that a client may send; also what keeps every later recursive walk safe. */
export const deepest = 16

/** Keys that are refused at any depth. */
export const poison: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Copies what JSON can hold into objects without prototype. Refuses the keys through which a careless merge reaches
 * Object.prototype, at any depth, and numbers that are not finite (`1e999` parses to Infinity).
 */
export function copyPlain (source: unknown): PlainCopy {
  let keys = 0

  function copy (value: unknown, depth: number): PlainValue | Refused {
    if (typeof value === 'number') return Number.isFinite(value) ? value : new Refused('number')
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value !== 'object') return new Refused('type')
    if (depth === deepest) return new Refused('depth')
    return Array.isArray(value) ? copyArray(value, depth + 1) : copyObject(value, depth + 1)
  }

  function copyArray (value: readonly unknown[], depth: number): PlainValue | Refused {
    const result: PlainValue[] = []
    for (const item of value) {
      const copied = copy(item, depth)
      if (copied instanceof Refused) return copied
      result.push(copied)
    }
    return result
  }

  function copyObject (value: object, depth: number): PlainValue | Refused {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return new Refused('type')
    const result: PlainObject = Object.create(null)
    for (const [name, item] of Object.entries(value)) {
      if (poison.has(name)) return new Refused('poison')
      const copied = copy(item, depth)
      if (copied instanceof Refused) return copied
      result[name] = copied
      keys++
    }
    return result
  }

  const value = copy(source, 0)
  return value instanceof Refused ? { ok: false, reason: value.reason } : { ok: true, value, keys }
}

// Told apart from data by its class: no value that came from JSON has one.
class Refused {
  readonly reason: CopyRefusal

  constructor (reason: CopyRefusal) {
    this.reason = reason
  }
}
