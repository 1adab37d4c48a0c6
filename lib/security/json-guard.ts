import { deepest } from './copy-plain.ts'

export type JsonRefusal = 'depth' | 'tokens' | 'keys' | 'items' | 'string' | 'key' | 'malformed'

export type JsonScan =
  | { readonly ok: true, /** Of all objects together, repeated ones counted. */ readonly keys: number }
  | { readonly ok: false, readonly reason: JsonRefusal }

const limits = Object.freeze({ tokens: 2000, keys: 100, items: 1000, string: 16384, key: 64 })

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openArray = 0x5b
const backslash = 0x5c
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d
const letterU = 0x75

interface Container { readonly kind: number, members: number, expectsKey: boolean }

/**
 * Bounds a JSON text in one pass before JSON.parse builds anything: 60 KB of `[` parse in 17 ms and then overflow the
 * stack of every recursive walk. Bounds only; whether it is JSON at all is left to the parser.
 */
export function scanJson (text: string): JsonScan {
  const open: Container[] = []
  let container: Container | undefined
  let tokens = 0
  let keys = 0
  let index = 0

  while (index < text.length) {
    const code = text.charCodeAt(index)
    if (code <= 0x20 || code === colon) {
      if (code === colon && container !== undefined) container.expectsKey = false
      index++
      continue
    }
    if (code === comma) {
      if (container !== undefined) {
        container.expectsKey = container.kind === openObject
        if (container.kind === openArray && ++container.members >= limits.items) return refuse('items')
      }
      index++
      continue
    }
    if (code === closeArray || code === closeObject) {
      if (container === undefined || container.kind + 2 !== code) return refuse('malformed')
      open.pop()
      container = open.at(-1)
      index++
      continue
    }
    if (++tokens > limits.tokens) return refuse('tokens')
    if (code === openArray || code === openObject) {
      if (open.length === deepest) return refuse('depth')
      container = { kind: code, members: 0, expectsKey: code === openObject }
      open.push(container)
      index++
    } else if (code === quote) {
      const string = skipString(text, index + 1)
      if (string === null) return refuse('malformed')
      if (string.length > limits.string) return refuse('string')
      if (container?.expectsKey === true) {
        if (string.length > limits.key) return refuse('key')
        if (++container.members > limits.keys) return refuse('keys')
        keys++
      }
      index = string.end
    } else {
      index = skipLiteral(text, index + 1)
    }
  }
  return { ok: true, keys }
}

/** `length` counts decoded characters; null where the string does not end. */
function skipString (text: string, start: number): { length: number, end: number } | null {
  let length = 0
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === quote) return { length, end: index + 1 }
    if (code === backslash) index += text.charCodeAt(index + 1) === letterU ? 5 : 1
    length++
  }
  return null
}

function skipLiteral (text: string, start: number): number {
  let index = start
  while (index < text.length && !isDelimiter(text.charCodeAt(index))) index++
  return index
}

function isDelimiter (code: number): boolean {
  return code <= 0x20 || code === comma || code === colon || code === quote || code === openArray || code === closeArray ||
    code === openObject || code === closeObject
}

function refuse (reason: JsonRefusal): JsonScan {
  return { ok: false, reason }
}
