import type { AttributeSetPart, Layout, Piece, Surrounding } from '../template/layout.ts'
import { flatten } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { attributesOf } from '../template/output/attribute-set.ts'
import { decodeSurely } from '../template/html/decode-entities.ts'
import { flatSource, flatText } from '../template/output/flat-text.ts'

/** A text that the browser has; null where there is none; undefined where only the browser can know it. */
export type Read = string | null | undefined

/** What one of an element's deciding attributes says now. */
export function readAttribute (element: Surrounding, name: string, layout: Layout, slots: readonly Slot[]): Read {
  const pieces = element.attributes.get(name)
  if (pieces !== undefined) return flatText(pieces, slots) ?? decodeSurely(flatSource(pieces, slots))
  if (element.set === null) return null
  const source = attributesOf(layout.parts[element.set] as AttributeSetPart, slots).get(name)
  return source === undefined ? null : decodeSurely(source)
}

/** The value of an option without an attribute for it: its text, stripped and collapsed (HTML 4.10.10). */
export function optionText (pieces: readonly Piece[], slots: readonly Slot[]): string | undefined {
  const source = pieces.map((piece) => typeof piece === 'string' ? piece : flatten(slots[piece] as Slot)).join('')
  // Markup: which of it is text is for a parser to say.
  const text = source.includes('<') ? undefined : decodeSurely(source)
  return text?.replace(/[\t\n\f\r ]+/g, ' ').replace(/^ | $/g, '')
}

/** Line ends, NUL and half characters as the browser's parser leaves them. */
export function comparable (text: string): string {
  return UNSTABLE.test(text) ? text.replace(/\r\n?/g, '\n').replace(/\0|\p{Cs}/gu, '\ufffd') : text
}

const UNSTABLE = /[\r\0\ud800-\udfff]/

/** A type as the browser understands it. */
export function fieldType (tag: string, type: string): string {
  const lower = type.toLowerCase()
  if (tag === 'button') return lower === 'reset' || lower === 'button' ? lower : 'submit'
  return lower
}

/** Fields whose value is the template's alone: nobody types in them. */
export const FIXED: ReadonlySet<string> = new Set(['hidden', 'checkbox', 'radio', 'submit', 'image', 'button', 'reset'])
export const SUBMITTERS: ReadonlySet<string> = new Set(['submit', 'image'])
