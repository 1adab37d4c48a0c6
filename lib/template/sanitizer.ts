import { createRequire } from 'node:module'
import { LIVE_ERR_TEMPLATE_OPTION } from './errors.ts'
import { textOf } from './ordinary.ts'
import { SANITIZE_OPTIONS } from './sanitize-options.ts'
import { Html } from './tree.ts'

type Sanitize = (html: string) => string

/** Texts that are remembered with their results, and how long all of them may be together: some pages of comments. */
const MAX_TEXTS = 5_000
const MAX_LENGTH = 4_000_000

/** What `| sanitize` does in one environment. */
export class Sanitizer {
  /** The filter: HTML that may go into the page. */
  readonly filter: (value: unknown) => Html
  readonly #known = new Map<string, Html>()
  #length = 0
  #sanitize: Sanitize | null

  constructor (sanitize: Sanitize | undefined) {
    if (sanitize !== undefined && typeof sanitize !== 'function') {
      throw new LIVE_ERR_TEMPLATE_OPTION('The template option sanitize is no function; allowed: (html) => string')
    }
    this.#sanitize = sanitize ?? null
    this.filter = (value) => this.#result(value === null || value === undefined ? '' : textOf(value))
  }

  /** Throws where nothing is installed to do it: at boot, where a template uses the filter. */
  prepare (): void {
    this.#sanitize ??= sanitizeHtml()
  }

  /**
   * A page renders again for each change, and mostly with the same texts. A comment of 1 KB takes about a millisecond to clean,
   * and 4 us to find.
   */
  #result (text: string): Html {
    const known = this.#known.get(text)
    if (known !== undefined) {
      // Behind those that were not asked for since.
      this.#known.delete(text)
      this.#known.set(text, known)
      return known
    }
    this.prepare()
    const html: unknown = (this.#sanitize as Sanitize)(text)
    if (typeof html !== 'string') {
      throw new LIVE_ERR_TEMPLATE_OPTION(`The template option sanitize answered with a value of type ${typeof html}; it has to answer at ` +
        'once, with a string')
    }
    return this.#remember(text, new Html(html))
  }

  #remember (text: string, html: Html): Html {
    this.#known.set(text, html)
    this.#length += text.length + html.length
    for (const [oldest, result] of this.#known) {
      if (this.#known.size <= MAX_TEXTS && this.#length <= MAX_LENGTH) break
      this.#known.delete(oldest)
      this.#length -= oldest.length + result.length
    }
    return html
  }
}

function sanitizeHtml (): Sanitize {
  let library: (html: string, options: object) => string
  try {
    library = createRequire(import.meta.url)('sanitize-html')
  } catch (cause) {
    throw Object.assign(new LIVE_ERR_TEMPLATE_OPTION("A template uses the filter 'sanitize', and sanitize-html is not there: npm install " +
      'sanitize-html; or bring another one: the template option sanitize: (html) => string'), { cause })
  }
  return (html) => library(html, SANITIZE_OPTIONS)
}
