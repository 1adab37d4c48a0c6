import parse from 'secure-json-parse'
import { copyPlain } from './copy-plain.ts'
import type { CopyRefusal, PlainValue } from './copy-plain.ts'
import { scanJson } from './json-guard.ts'
import type { JsonRefusal } from './json-guard.ts'

export type FrameRefusal = JsonRefusal | CopyRefusal | 'duplicate'

export type ParsedFrame =
  | { readonly ok: true, readonly value: PlainValue }
  | { readonly ok: false, readonly reason: FrameRefusal }

/**
 * Reads a client's text frame: bounded before it is parsed, without poison, every object without prototype. Never throws.
 */
export function parseFrame (text: string): ParsedFrame {
  // The parser would strip a byte order mark; JSON on the wire has none (RFC 8259 8.1).
  if (text.startsWith('\ufeff')) return { ok: false, reason: 'malformed' }
  const scan = scanJson(text)
  if (!scan.ok) return scan
  const parsed = tryParse(text)
  if (!parsed.ok) return parsed
  const copy = copyPlain(parsed.value)
  if (!copy.ok) return copy
  // The parser keeps the last of two equal keys, whoever looked at the text before us may have read the first.
  if (copy.keys !== scan.keys) return { ok: false, reason: 'duplicate' }
  return { ok: true, value: copy.value }
}

function tryParse (text: string): { ok: true, value: unknown } | { ok: false, reason: FrameRefusal } {
  try {
    return { ok: true, value: parse(text, { protoAction: 'error', constructorAction: 'error' }) }
  } catch (error) {
    const poisoned = (error as Error).message === 'Object contains forbidden prototype property'
    return { ok: false, reason: poisoned ? 'poison' : 'malformed' }
  }
}
