import { MOST_CHARACTERS, checkCharacters } from './bounds.ts'
import { bindMacro } from './live-macro.ts'
import { SafeString } from './nunjucks.ts'
import { opaque, ordinary, textOf } from './ordinary.ts'

type Filter = (this: any, ...args: any[]) => any

const NAMES = [
  'abs', 'capitalize', 'center', 'e', 'escape', 'float', 'forceescape', 'indent', 'lower', 'nl2br', 'replace', 'round', 'string',
  'striptags', 'title', 'trim', 'truncate', 'upper', 'urlize', 'wordcount'
]

/** The filters that make texts and numbers, around nunjucks' own. */
export function textFilters (plain: Readonly<Record<string, Filter>>): Record<string, Filter> {
  const { center, indent, int, replace, striptags, trim } = Object.fromEntries(
    Object.entries(plain).map(([name, filter]) => [name, givenOpaque(filter)])
  ) as Record<'center' | 'indent' | 'int' | 'replace' | 'striptags' | 'trim', Filter>
  return {
    ...Object.fromEntries(NAMES.map((name) => [name, givenOpaque(plain[name] as Filter)])),
    center (text, width) {
      checkCharacters('center()', Number(ordinary(width)))
      return center(text, width)
    },
    indent (text, width, first) {
      checkGrowth('indent()', text, '\n', Number(ordinary(width)))
      return indent(text, width, first)
    },
    int: bindMacro(['value', 'default', 'base'], [], (value, otherwise, base) => {
      const number = int(value, undefined, base)
      return number === undefined ? otherwise : number
    }),
    replace (text, old, by, most) {
      if (!(old instanceof RegExp)) checkGrowth('replace()', text, textOf(old), textOf(by).length)
      return replace(text, old, by, most)
    },
    // nunjucks' patterns take time by the square of the length, over a run of spaces or of `<a`: seconds for what one form sends.
    striptags: onText(striptags, strip),
    trim: onText(trim, (text) => text.trim()),
  }
}

/** An object that the filter hands back is the one that was given. */
function givenOpaque (filter: Filter): Filter {
  return function (value, ...others) {
    // Nearly every call: one text or number.
    if (others.length === 0 && !isObject(value)) return filter.call(this, value)
    const given = [value, ...others]
    const args = given.map(opaque)
    const result = filter.apply(this, args)
    if (typeof result !== 'object' || result === null) return result
    const index = args.indexOf(result)
    return index < 0 ? result : given[index]
  }
}

function isObject (value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

/** Refuses what grows by a part for each place where another part stands. */
function checkGrowth (what: string, text: unknown, part: string, added: number): void {
  if (typeof text !== 'string' && typeof text !== 'number' && !(text instanceof String)) return
  const whole = String(text)
  // Counted only where it could be too much.
  if (added * (whole.length + 1) > MOST_CHARACTERS) checkCharacters(what, added * whole.split(part).length)
}

/** Around a text, or nunjucks' SafeString, that is changed by a function of ours; anything else is nunjucks' to refuse. */
function onText (filter: Filter, change: (text: string, option: unknown) => string): Filter {
  return (given, option) => {
    if (typeof given === 'string') return change(given, option)
    return given instanceof SafeString ? new SafeString(change(String(given), option)) : filter(given, option)
  }
}

const TAG = /<\/?[a-z][a-z0-9]*\b[^>]*>/gi
const TAG_OR_COMMENT = /<\/?[a-z][a-z0-9]*\b[^>]*>|<!--[\s\S]*?-->/gi

/** As nunjucks' striptags; but nothing in which no tag or comment can end is searched for its end. */
function strip (text: string, keepsLines: unknown): string {
  const comments = endOf(text, '-->')
  const tags = Math.max(comments, endOf(text, '>'))
  const bare = text.slice(0, comments).replace(TAG_OR_COMMENT, '') + text.slice(comments, tags).replace(TAG, '') + text.slice(tags)
  if (!keepsLines) return bare.trim().replace(/\s+/g, ' ')
  // Runs of spaces become one each before the ends of lines are looked at.
  return bare.trim().replace(/ +/g, ' ').replace(/^ | $/gm, '').replace(/\r\n/g, '\n').replace(/\n\n\n+/g, '\n\n')
}

function endOf (text: string, part: string): number {
  const at = text.lastIndexOf(part)
  return at < 0 ? 0 : at + part.length
}
