import { enclosedSource, imageText, textSource, urlText } from '../template/output/encode-place.ts'
import { FormatError, FormatValueError } from './errors.ts'
import { formatPlaces } from './format-places.ts'
import type { FormatPlace } from './format-places.ts'
import { parseFormat } from './parse-format.ts'
import { showValue } from './show-value.ts'

/**
 * HTML that `formatHtml` made. `String(html)` is its source, another `formatHtml` takes it as it is, and live templates print
 * its source as text: what they trust is decided by the view alone.
 */
export class FormattedHtml {
  readonly #html: string

  /** @internal Not for applications: any text would count as escaped. */
  constructor (key: symbol, html: string) {
    if (key !== minted) throw new FormatError('FormattedHtml is made by formatHtml alone', 'Call that')
    this.#html = html
  }

  toString (): string {
    return this.#html
  }

  toJSON (): string {
    return this.#html
  }

  /** @internal What formatHtml made, whatever `toString` it has since; null for what came as JSON, or only looks like it. */
  static sourceOf (value: object): string | null {
    return #html in value ? value.#html : null
  }
}

const minted = Symbol('formatHtml')
const deepest = 16
const remembered = 200

interface Format {
  readonly statics: readonly string[]
  readonly places: readonly FormatPlace[]
  readonly names: ReadonlyArray<string | number>
}

const tagged = new WeakMap<readonly string[], readonly FormatPlace[]>()
const formats = new Map<string, Format>()

/**
 * HTML from a template of the program's own and values of anybody's: formatHtml`<a href="${url}">${name}</a>`. Values are
 * escaped for the place they stand in, and a URL whose scheme could run becomes `#unsafe`. What formatHtml made is not escaped
 * again, arrays are joined, and null, undefined and false are nothing. Throws LIVE_ERR_FORMAT for a place where no value is
 * safe: script, style, `on*`, an unquoted attribute, a name, a comment.
 *
 * Also as a function: `formatHtml('<b>{}</b>', name)` or `formatHtml('<b>{name}</b>', { name })`; `{{` is a brace. The format
 * must never come from outside.
 */
export function formatHtml (statics: TemplateStringsArray, ...values: unknown[]): FormattedHtml
export function formatHtml (format: string, ...values: unknown[]): FormattedHtml
export function formatHtml (format: TemplateStringsArray | string, ...values: unknown[]): FormattedHtml {
  if (typeof format === 'string') {
    const { statics, places, names } = formatOf(format)
    return write(statics, places, pick(names, values))
  }
  // A list from JSON has no `raw`: nobody but the compiler makes this.
  if (!Array.isArray(format) || !Array.isArray(format.raw)) {
    throw new FormatError(`formatHtml: the format is ${showValue(format)}`, 'Give a string, or call it as a tag')
  }
  let places = tagged.get(format)
  if (places === undefined) {
    places = formatPlaces(format)
    tagged.set(format, places)
  }
  return write(format, places, values)
}

function formatOf (format: string): Format {
  const known = formats.get(format)
  if (known !== undefined) return known
  const { statics, names } = parseFormat(format)
  const made = { statics, places: formatPlaces(statics), names }
  // Formats are literals and few. Whoever builds them must not fill the memory.
  if (formats.size < remembered) formats.set(format, made)
  return made
}

function pick (names: ReadonlyArray<string | number>, values: readonly unknown[]): unknown[] {
  const given: unknown = values[0]
  const named = typeof names[0] === 'string'
  const expected = named ? 1 : names.length
  if (values.length !== expected) {
    throw new FormatError(`formatHtml: the format takes ${named ? 'one object of values' : `${expected} values`}, and ${values.length} are given`,
      'Give each placeholder its value; a literal brace is written twice')
  }
  return names.map((name) => {
    if (typeof name === 'number') return values[name]
    if (typeof given !== 'object' || given === null || !Object.hasOwn(given, name)) {
      throw new FormatError(`formatHtml: no value is given for {${name}}`, `Pass an object that has it: { ${name}: … }; null for nothing`)
    }
    return (given as Record<string, unknown>)[name]
  })
}

function write (statics: readonly string[], places: readonly FormatPlace[], values: readonly unknown[]): FormattedHtml {
  let html = statics[0] as string
  for (const [index, place] of places.entries()) html += source(place, values[index], 0) + (statics[index + 1] as string)
  return new FormattedHtml(minted, html)
}

function source (place: FormatPlace, value: unknown, depth: number): string {
  const whole = place === 'url' || place === 'image'
  if (Array.isArray(value) && !whole && depth < deepest) {
    // Not by the list's own map and join: those of a subclass could say anything.
    let html = ''
    for (const item of value) html += source(place, item, depth + 1)
    return html
  }
  const made = typeof value === 'object' && value !== null && !whole ? FormattedHtml.sourceOf(value) : null
  if (made !== null) return place === 'text' ? made : enclosedSource(made)
  const text = textOf(value)
  if (!whole) return textSource(text)
  return textSource(place === 'url' ? urlText(text) : imageText(text))
}

function textOf (value: unknown): string {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'object' ? hasText(value) : typeof value !== 'symbol' && typeof value !== 'function') return String(value)
  throw new FormatValueError(`formatHtml: ${showValue(value)} has no text of its own`, 'Give the text or the field that is meant')
}

/** Dates, URLs and the like. An object of a client's has no text, and its `toString` may be data. */
function hasText (value: object): boolean {
  const { toString } = value as { toString?: unknown }
  return typeof toString === 'function' && toString !== Object.prototype.toString && !Array.isArray(value) && FormattedHtml.sourceOf(value) === null
}
