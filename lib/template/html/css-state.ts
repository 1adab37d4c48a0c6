/**
 * Where the text of a style attribute stands: what a browser would make of a value there (CSS Syntax 4.3). Equal states are
 * one object, so that what a static does to one is worked out once.
 */
export interface CssState {
  /**
   * Before a declaration's colon, behind it, in quotes, in an unquoted `url(`, in a comment. `odd`: where nothing is safe any
   * more, because a value took part in a function's name or in an address's scheme.
   */
  readonly at: 'name' | 'value' | 'string' | 'url' | 'comment' | 'odd'
  /** What a comment or a string goes back to. */
  readonly back: 'name' | 'value'
  readonly quote: string
  /** True where the string is an address: in the parentheses of `url("…")`, `image-set("…")`. */
  readonly address: boolean
  readonly depth: number
  /** The identifier being written, which may become a function's name, or the address's scheme; `\0` stands for a value. */
  readonly word: string
  /** Of an address: nothing yet, signs of the template that may be a scheme's, such of a value too, or past all that. */
  readonly scheme: 'empty' | 'literal' | 'mixed' | 'closed'
  /** What the next sign may complete: an escape, a comment's beginning or end. */
  readonly pending: '' | '\\' | '/' | '*'
}

const known = new Map<string, CssState>()
const steps = new WeakMap<CssState, Map<string, CssState>>()

export const CSS_START: CssState = state({
  at: 'name', back: 'name', quote: '', address: false, depth: 0, word: '', scheme: 'closed', pending: ''
})
const ODD = state({ ...CSS_START, at: 'odd' })

function state (next: CssState): CssState {
  const key = JSON.stringify(next)
  const same = known.get(key)
  if (same !== undefined) return same
  known.set(key, next)
  return next
}

/** The state behind text of the template. */
export function afterCss (from: CssState, text: string): CssState {
  const behind = steps.get(from) ?? new Map<string, CssState>()
  steps.set(from, behind)
  let to = behind.get(text)
  if (to === undefined) {
    to = from
    for (const sign of text) to = state(step(to, sign))
    behind.set(text, to)
  }
  return to
}

/** Whether a value may stand there at all. */
export function takesValue ({ at, pending, scheme, word }: CssState): boolean {
  if (pending === '\\' || (scheme !== 'closed' && word.startsWith('data:'))) return false
  return at === 'value' || at === 'string' || at === 'url'
}

/** What can follow a value that has come to stand there: it may be empty, or the beginning of a scheme. */
export function behindValues (from: CssState): readonly CssState[] {
  if (from.scheme === 'closed') return [from, behindValue(from, '0')]
  return [from, behindValue(from, 'a'), behindValue(from, '/')]
}

const IGNORED = /[\0- \x7f-\x9f]/g

/** The state behind a value that may stand there. */
export function behindValue (from: CssState, value: string): CssState {
  if (value === '') return from
  if (from.at === 'value') return behindWord(from)
  if (from.scheme === 'closed') return from
  // What the URL parser skips is as good as nothing: `java`, a tab, `script:`.
  const signs = value.replace(IGNORED, '')
  if (signs === '') return from
  return state({ ...from, scheme: /^[a-z0-9+.-]+$/i.test(signs) ? 'mixed' : 'closed' })
}

const words = new WeakMap<CssState, CssState>()

/** Kept, since it is what each value in a style attribute asks for at each rendering. */
function behindWord (from: CssState): CssState {
  const known = words.get(from)
  if (known !== undefined) return known
  const to = state({ ...from, word: '\0', pending: '' })
  words.set(from, to)
  return to
}

function step (from: CssState, sign: string): CssState {
  const { at, pending } = from
  if (pending === '\\') return { ...from, pending: '' }
  if (at === 'odd') return from
  if (at === 'comment') {
    if (sign === '/' && pending === '*') return { ...from, at: from.back, word: '', pending: '' }
    return { ...from, pending: sign === '*' ? '*' : '' }
  }
  if (at === 'string') return stepString(from, sign)
  if (at === 'url') return stepUrl(from, sign)
  if (sign === '*' && pending === '/') return { ...from, at: 'comment', back: at, pending: '' }
  if (sign === '"' || sign === "'") return openString(from, sign)
  if (sign === '\\') return { ...from, word: longer(from.word, sign), pending: '\\' }
  if (sign === ';') return { ...from, at: 'name', depth: 0, word: '', pending: '' }
  if (sign === ':' && at === 'name') return { ...from, at: 'value', word: '', pending: '' }
  if (at === 'value' && sign === '(') return openParenthesis(from)
  if (at === 'value' && sign === ')') return { ...from, depth: Math.max(0, from.depth - 1), word: '', pending: '' }
  const isWord = /[\w-]/.test(sign) || sign > '\x7f'
  return { ...from, word: isWord ? longer(from.word, sign) : '', pending: sign === '/' ? '/' : '' }
}

// No function's name and no scheme that matters is as long, and a loop must come to an end.
function longer (word: string, sign: string): string {
  return word.length < 30 ? word + sign.toLowerCase() : word
}

function openString (from: CssState, quote: string): CssState {
  const address = from.depth > 0
  const scheme = address ? 'empty' : 'closed'
  return { ...from, at: 'string', back: from.at as 'name' | 'value', quote, address, scheme, word: '', pending: '' }
}

/** A name of which a value, or an escape, is part could be any function's. */
function openParenthesis (from: CssState): CssState {
  if (/[\0\\]/.test(from.word)) return ODD
  const depth = Math.min(from.depth + 1, 8)
  if (from.word !== 'url') return { ...from, depth, word: '', pending: '' }
  return { ...from, at: 'url', depth, word: '', scheme: 'empty', pending: '' }
}

function stepString (from: CssState, sign: string): CssState {
  if (sign === from.quote || sign === '\n') return { ...from, at: from.back, quote: '', address: false, word: '', scheme: 'closed' }
  return from.address ? stepAddress(from, sign) : { ...from, pending: sign === '\\' ? '\\' : '' }
}

function stepUrl (from: CssState, sign: string): CssState {
  if (sign === ')') return { ...from, at: 'value', depth: Math.max(0, from.depth - 1), word: '', scheme: 'closed' }
  if (from.scheme === 'empty' && (sign === '"' || sign === "'")) return openString({ ...from, at: 'value' }, sign)
  return stepAddress(from, sign)
}

const PICTURE = /^data:image\/(?:png|gif|jpeg|webp|avif)[;,]$/

function stepAddress (from: CssState, sign: string): CssState {
  const pending = sign === '\\' ? '\\' : ''
  if (from.scheme === 'closed') return { ...from, pending }
  // An escape could hide any sign of a scheme.
  if (sign === '\\') return ODD
  // The URL parser skips control characters and spaces in front, tabs and newlines anywhere.
  if (sign <= ' ' && (from.scheme === 'empty' || sign !== ' ')) return from
  const word = longer(from.word, sign)
  if (word.startsWith('data:')) {
    if (from.scheme === 'mixed') return ODD
    if (sign !== ',' && sign !== ';') return { ...from, word }
    return PICTURE.test(word) ? { ...from, scheme: 'closed' } : ODD
  }
  if (sign === ':' && from.scheme !== 'empty') return from.scheme === 'literal' && /^https?$/.test(from.word) ? { ...from, scheme: 'closed' } : ODD
  if (!/[a-z0-9+.-]/i.test(sign) || (from.scheme === 'empty' && !/[a-z]/i.test(sign))) return { ...from, scheme: 'closed' }
  return { ...from, word, scheme: from.scheme === 'mixed' ? 'mixed' : 'literal' }
}
