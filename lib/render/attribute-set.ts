import { attributePlace } from '../template/html/attribute-place.ts'
import { parseAttributes } from '../template/html/parse-attributes.ts'
import { svgAttributeName } from '../template/html/svg-attribute-name.ts'
import type { AttributeSetPart, Piece } from '../template/layout.ts'
import { Html, List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { enclosedSource, textSource } from './encode-place.ts'
import { interleave } from './flat-text.ts'
import { sourceOfUrl } from './url-source.ts'

/** The attributes that stand in a tag where whole attributes come and go: name -> value source that fits either quote. */
export function attributesOf (part: AttributeSetPart, slots: readonly Slot[]): Map<string, string> {
  const attributes = parseAttributes(new TagText().add(part.pieces, slots).text)
  for (const [name, source] of attributes) {
    const enclosed = enclosedSource(source)
    attributes.set(name, attributePlace(part.tag, name) === 'url' ? sourceOfUrl(enclosed) : enclosed)
  }
  if (part.svg !== true) return attributes
  return new Map(Array.from(attributes, ([name, source]) => [svgAttributeName(name), source]))
}

/**
 * The text between tag name and `>`. Trusted HTML may be whole attributes where it stands between attributes, and must
 * not end the value where it stands inside quotes, so the quotes are counted along.
 */
class TagText {
  text = ''
  #quote = ''

  add (pieces: readonly Piece[], slots: readonly Slot[]): this {
    for (const piece of pieces) {
      if (typeof piece === 'string') this.#addStatic(piece)
      else this.#addSlot(slots[piece] as Slot)
    }
    return this
  }

  #addStatic (source: string): void {
    for (const character of source) {
      if (character === this.#quote) this.#quote = ''
      else if (this.#quote === '' && (character === '"' || character === "'")) this.#quote = character
    }
    this.text += source
  }

  #addSlot (slot: Slot): void {
    if (slot instanceof Tree) this.add(interleave(slot.shape), slot.slots)
    else if (slot instanceof List) for (const row of slot.rows) this.add(interleave(slot.shape), row)
    else if (!(slot instanceof Html)) this.text += textSource(String(slot))
    else if (this.#quote === '') this.#addStatic(slot.toString())
    else this.text += enclosedSource(slot.toString())
  }
}
