import type { AttributePart, AttributeSetPart, ContentPart } from '../template/layout.ts'
import type { Slot } from '../template/tree.ts'
import { attributesOf } from '../template/output/attribute-set.ts'
import { addressText, attributeSource } from '../template/output/attribute-source.ts'
import { flatSource, flatText } from '../template/output/flat-text.ts'
import { jsonSource } from '../template/output/json-source.ts'
import { styleText } from '../template/output/style-text.ts'
import type { AttributesValue, HtmlValue, Text } from './wire.ts'

/** A primitive as JSON can carry it: NaN and Infinity would become null. */
export function textValue (value: Text): Text {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

/** What a quoted attribute says: text, or HTML source where only the browser can decode it. */
export function attributeValue (part: AttributePart, slots: readonly Slot[]): Text | HtmlValue {
  const only = part.pieces.length === 1 && part.place !== 'style' && part.place !== 'code' ? slots[part.pieces[0] as number] as Slot : null
  if (typeof only === 'number' || typeof only === 'boolean') return textValue(only)
  if (part.place === 'style') return styleText(part.pieces, slots)
  const text = flatText(part.pieces, slots)
  if (text === null) return sourceValue(attributeSource(part.place, part.pieces, slots))
  return part.place === 'plain' ? text : addressText(part.place, part.pieces, text)
}

/** What an element says whose content the parser takes as text. JSON in a script knows no entities and is always text. */
export function contentValue (part: ContentPart, slots: readonly Slot[]): string | HtmlValue {
  if (part.tag === 'script') return jsonSource(part, slots)
  return flatText(part.pieces, slots) ?? sourceValue(flatSource(part.pieces, slots))
}

/** All attributes that stand in the tag. */
export function attributeSetValue (part: AttributeSetPart, slots: readonly Slot[]): AttributesValue {
  const attributes: Record<string, string | HtmlValue> = {}
  for (const [name, source] of attributesOf(part, slots)) attributes[name] = sourceValue(source)
  return { a: attributes }
}

/** What changed in the tag; null when nothing did. */
export function attributeSetChange (
  part: AttributeSetPart, previous: readonly Slot[], next: readonly Slot[]
): AttributesValue | null {
  const before = attributesOf(part, previous)
  const after = attributesOf(part, next)
  const changes: Record<string, string | HtmlValue | null> = {}
  let changed = false
  for (const [name, source] of after) {
    if (before.get(name) === source) continue
    changes[name] = sourceValue(source)
    changed = true
  }
  for (const name of before.keys()) {
    if (after.has(name)) continue
    changes[name] = null
    changed = true
  }
  return changed ? { a: changes } : null
}

/** HTML source as a value: text where it has no entities. */
function sourceValue (source: string): string | HtmlValue {
  return source.includes('&') ? { h: source } : source
}
