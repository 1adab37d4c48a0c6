import { CSS_START, afterCss, behindValue, takesValue } from '../html/css-state.ts'
import type { CssState } from '../html/css-state.ts'
import { decodeEntities } from '../html/decode-entities.ts'
import type { Piece } from '../layout.ts'
import type { Slot } from '../tree.ts'
import { imageText } from './encode-place.ts'
import { visitPieces } from './visit-pieces.ts'

/** What a browser reads as a value that no property knows. */
const UNSAFE = 'unsafe'

/** The text of a style attribute. A value is CSS that stays where the template puts it, or else the word `unsafe`. */
export function styleText (pieces: readonly Piece[], slots: readonly Slot[]): string {
  let state = CSS_START
  let text = ''
  visitPieces(pieces, slots, {
    source (html) {
      const css = html.includes('&') ? decodeEntities(html) : html
      state = afterCss(state, css)
      text += css
    },
    value (slot) {
      const value = cssValue(state, typeof slot === 'object' ? decodeEntities(slot.toString()) : String(slot))
      text += state.at === 'value' ? value : cssString(value)
      state = behindValue(state, value)
    }
  })
  // A body that comes and goes made a function's name or an address's scheme out of a value.
  return state.at === 'odd' ? UNSAFE : text
}

// Words, numbers, colours, lists. Nothing that ends the declaration, opens a string, a comment or a function: no ; : { } ( )
// < > \ / * @ ! and no quotes. What stands next to it in the template cannot complete such a sign either.
const HARMLESS = /^[\p{L}\p{N} .,%#+_-]*$/u
const ONCE_CODE = /expression|mozbinding|behaviou?r|javascript/

/** The value itself, or what is harmless in its place. */
function cssValue (state: CssState, value: string): string {
  if (!takesValue(state)) return state.at === 'comment' ? '' : UNSAFE
  if (state.at === 'value') {
    return HARMLESS.test(value) && !ONCE_CODE.test(value.replace(/[^a-z]/gi, '').toLowerCase()) ? value : UNSAFE
  }
  if (!state.address && state.at === 'string') return value
  // A value may bring a scheme of its own only where nothing stands before it in the address.
  return state.scheme === 'closed' || !value.includes(':') || (state.scheme === 'empty' && imageText(value) === value) ? value : '#unsafe'
}

// Escapes are good in strings and in unquoted addresses alike; the space ends them.
const SPECIAL = /[^\p{L}\p{N}\-._~/?#%&=+,:|$!]/gu

function cssString (text: string): string {
  return text.replace(SPECIAL, (sign) => `\\${(sign.codePointAt(0) as number).toString(16)} `)
}
