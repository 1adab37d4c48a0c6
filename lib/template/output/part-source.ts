import type { AttributePart, AttributeSetPart, ContentPart } from '../layout.ts'
import type { Slot } from '../tree.ts'
import { attributesOf } from './attribute-set.ts'
import { attributeSource } from './attribute-source.ts'
import { flatSource } from './flat-text.ts'
import { jsonSource } from './json-source.ts'

/** A part with pieces as the page writes it between the statics around it. */
export function partSource (part: AttributePart | AttributeSetPart | ContentPart, slots: readonly Slot[]): string {
  if (part.kind === 'attributes') return attributeSetSource(part, slots)
  if (part.kind === 'content') return contentSource(part, slots)
  return attributeSource(part.place, part.pieces, slots)
}

// Written anew from what the tokenizer accepted, never as it came: an attribute that is not allowed cannot slip through.
function attributeSetSource (part: AttributeSetPart, slots: readonly Slot[]): string {
  let source = ''
  for (const [name, value] of attributesOf(part, slots)) source += ` ${name}="${value}"`
  return source
}

function contentSource (part: ContentPart, slots: readonly Slot[]): string {
  if (part.tag === 'script') return jsonSource(part, slots)
  const source = flatSource(part.pieces, slots)
  // The parser drops a textarea's first newline.
  return part.tag === 'textarea' && source.startsWith('\n') ? '\n' + source : source
}
