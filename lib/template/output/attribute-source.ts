import { decodeEntities } from '../html/decode-entities.ts'
import { staysInFolder } from '../html/pinned-folder.ts'
import type { Piece, ValuePlace } from '../layout.ts'
import type { Slot } from '../tree.ts'
import { imageText, textSource, urlText } from './encode-place.ts'
import { flatSource } from './flat-text.ts'
import { styleText } from './style-text.ts'
import { eachText, srcsetText } from './url-lists.ts'

/** The HTML source of an attribute's value, encoded for what the value is. It fits either quote. */
export function attributeSource (place: ValuePlace, pieces: readonly Piece[], slots: readonly Slot[]): string {
  if (place === 'style') return textSource(styleText(pieces, slots))
  const source = flatSource(pieces, slots)
  if (place === 'plain') return source
  const text = source.includes('&') ? decodeEntities(source) : source
  const safe = addressText(place, pieces, text)
  return safe === text ? source : textSource(safe)
}

/** The text of an attribute that holds addresses; what must not be followed becomes `#unsafe`. */
export function addressText (place: Exclude<ValuePlace, 'plain' | 'style'>, pieces: readonly Piece[], text: string): string {
  switch (place) {
    case 'url': return urlText(text)
    case 'image': return imageText(text)
    case 'urls': return eachText(text, ' ')
    case 'animation': return eachText(text, ';')
    case 'srcset': return srcsetText(text)
    case 'code': return isOwn(pieces, text) ? text : '#unsafe'
  }
}

/** What the template writes out is its own affair; a value must not lead out of the folder that it pins. */
function isOwn (pieces: readonly Piece[], text: string): boolean {
  const prefix = String(pieces[0])
  return typeof pieces[0] === 'string' && (pieces.length === 1 || staysInFolder(decodeEntities(prefix), text))
}
