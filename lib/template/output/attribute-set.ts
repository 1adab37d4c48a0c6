import { attributePlace } from '../html/attribute-place.ts'
import { decodeEntities } from '../html/decode-entities.ts'
import type { Beside, Refusal } from '../html/attribute-place.ts'
import { parseAttributes } from '../html/parse-attributes.ts'
import { pinnedFolder } from '../html/pinned-folder.ts'
import { addText } from '../html/start-tag.ts'
import { svgAttributeName } from '../html/svg-attribute-name.ts'
import { interleave } from '../interleave.ts'
import type { AttributeSetPart, Piece, ValuePlace } from '../layout.ts'
import { Html, List, Tree } from '../tree.ts'
import type { Slot } from '../tree.ts'
import { attributeSource } from './attribute-source.ts'
import { enclosedSource, textSource } from './encode-place.ts'
import { visitPieces } from './visit-pieces.ts'

/** The attributes that stand in a tag where whole attributes come and go: name -> value source that fits either quote. */
export function attributesOf (part: AttributeSetPart, slots: readonly Slot[]): Map<string, string> {
  const { text, own, values } = new TagText().add(part.pieces, slots)
  const found = parseAttributes(text)
  // A name that a value brought in front would else be the first, which counts: `method` makes a form send by GET.
  if (own !== text) for (const [name, source] of parseAttributes(own)) if (found.has(name)) found.set(name, source)
  const value = (name: string): Value | undefined => values[Number(found.get(name) || -1)]
  const beside: Beside = (name) => found.has(name) ? literal(value(name)) : undefined
  const attributes = new Map<string, string>()
  for (const name of found.keys()) {
    const source = sourceOf(part.tag, name, value(name), beside)
    if (source !== null) attributes.set(part.svg === true ? svgAttributeName(name) : name, source)
  }
  return attributes
}

/** A value in quotes: its pieces and what stands in them. */
interface Value {
  readonly pieces: Piece[]
  readonly slots: Slot[]
  /** Where trusted HTML brought the whole attribute. */
  readonly isTrusted: boolean
}

type Author = 'template' | 'trusted'

/** What the template itself writes out; null where a value has a part in it, or brought the name. */
function literal (value: Value | undefined): string | null {
  return value === undefined || value.isTrusted || value.slots.length > 0 ? null : decodeEntities(value.pieces.join(''))
}

/** What the template writes out, conditions that only choose among its addresses too; null where a value has a part in it. */
function ownSource (place: ValuePlace | Refusal, value: Value): string | null {
  const { pieces, slots, isTrusted } = value
  if (literal(value) !== null) return pieces.join('')
  if (isTrusted || place !== 'code' || isPinned(pieces)) return null
  let own: string | null = ''
  visitPieces(pieces, slots, {
    source (html) { if (own !== null) own += html },
    // A branch that is not taken is an empty text.
    value (slot) { if (slot !== '') own = null }
  })
  return own
}

/** A value may stand in it: an empty one too, which leads to `/assets//app.js`. */
function isPinned ([first]: readonly Piece[]): boolean {
  return typeof first === 'string' && pinnedFolder(decodeEntities(first)) !== null
}

/** Null where the attribute must not be written: a value, or trusted HTML, says what only the template may say. */
function sourceOf (tag: string, name: string, value: Value | undefined, beside: Beside): string | null {
  if (value === undefined) return ''
  const place = attributePlace(tag, name, beside)
  const isStrict = typeof place === 'object' || place === 'code' || place === 'style'
  const own = isStrict ? ownSource(place, value) : null
  if (own !== null) return enclosedSource(own)
  if (typeof place === 'object' || (isStrict && value.isTrusted)) return null
  return enclosedSource(attributeSource(place, value.pieces, value.slots))
}

function endIn (source: string, quote: string, from: number): number {
  const end = source.indexOf(quote, from)
  return end === -1 ? source.length : end
}

function quoteIn (source: string, from: number): number {
  return Math.min(endIn(source, '"', from), endIn(source, "'", from))
}

/**
 * The text between tag name and `>`, with a number in place of each value in quotes. Trusted HTML may be whole attributes
 * where it stands between attributes, and must not end the value where it stands inside quotes, so the quotes are counted.
 */
class TagText {
  text = ''
  /** The same without what values say. */
  own = ''
  readonly values: Value[] = []
  #quote = ''

  add (pieces: readonly Piece[], slots: readonly Slot[]): this {
    for (const piece of pieces) {
      if (typeof piece === 'string') this.#addSource(piece, 'template')
      else this.#addSlot(slots[piece] as Slot)
    }
    return this
  }

  #addSource (source: string, by: Author): void {
    for (let from = 0; from < source.length;) {
      const to = this.#quote === '' ? quoteIn(source, from) : endIn(source, this.#quote, from)
      const text = source.slice(from, to)
      if (this.#quote === '') this.#addText(text)
      else addText(this.values.at(-1)!.pieces, text)
      if (to < source.length) this.#turn(source[to] as string, by)
      from = to + 1
    }
  }

  #turn (quote: string, by: Author): void {
    const opens = this.#quote === ''
    this.#addText(opens ? quote + this.values.length : quote)
    if (opens) this.values.push({ pieces: [], slots: [], isTrusted: by === 'trusted' })
    this.#quote = opens ? quote : ''
  }

  #addText (text: string): void {
    this.text += text
    this.own += text
  }

  #addSlot (slot: Slot): void {
    if (this.#quote !== '') {
      const { pieces, slots } = this.values.at(-1)!
      pieces.push(slots.length)
      slots.push(slot)
    } else if (slot instanceof Tree) this.add(interleave(slot.shape), slot.slots)
    else if (slot instanceof List) for (const row of slot.rows) this.add(interleave(slot.shape), row)
    else if (slot instanceof Html) this.#addSource(slot.toString(), 'trusted')
    else this.text += namesIn(String(slot))
  }
}

/** What a value says between attributes: names, but none by which a page binds events, sends more or is left alone. */
function namesIn (text: string): string {
  return textSource(/(?:^|\s)live-/i.test(text) ? text.split(/\s+/).filter((word) => !/^live-/i.test(word)).join(' ') : text)
}
