import { ALLOWED } from './allowed-html.ts'
import { appendClean, isHtml, localName } from './clean-copy.ts'
import { createInert, parseInert } from './parse-inert.ts'

const mostRounds = 8

export interface SafeHtmlOptions {
  /** Fewer elements than are allowed anyway: `['b', 'i', 'a']`. Without `img`, nothing is fetched from elsewhere. */
  readonly elements?: readonly string[]
}

// Text in them is code, or is read another way than as text.
const NO_TARGETS = new Set(('script style template iframe noscript object embed applet noembed noframes xmp plaintext textarea ' +
  'title select frameset html head').split(' '))

/**
 * Replaces what is in an element with HTML that somebody else wrote, as far as it is harmless: `safeSetInnerHTML(article,
 * comment.html)`. Text, links, pictures, lists and tables stay; scripts, styles, forms, frames, drawings, comments, unknown
 * elements, and every attribute that is not on a list go. Links lead to http, https, mailto, tel or a path.
 *
 * Never on an element that a live view renders: mark that with live-ignore.
 */
export function safeSetInnerHTML (element: Element, html: string, { elements }: SafeHtmlOptions = {}): void {
  if (!isHtml(element) || NO_TARGETS.has(localName(element))) {
    throw new TypeError(`safeSetInnerHTML: the element is a ${localName(element)}, which holds no text for people. Give one such as a div`)
  }
  const unknown = (elements ?? []).find((name) => !ALLOWED.has(name))
  if (unknown !== undefined) {
    throw new TypeError(`safeSetInnerHTML: '${unknown}' is never allowed. Allowed: ${[...ALLOWED].join(', ')}`)
  }
  const clean = settle(String(html), elements === undefined ? ALLOWED : new Set(elements))
  Element.prototype.replaceChildren.call(element, ...Array.from(clean.childNodes))
}

/**
 * Parses and cleans until the result reads as it is written. The parser can make a tree that it would not make of that tree's own
 * source, a link in a link: what application code takes out by innerHTML and puts in elsewhere must not become something else.
 */
function settle (html: string, elements: ReadonlySet<string>): HTMLElement {
  const inert = createInert()
  let source = html
  for (let round = 0; ; round++) {
    const clean = inert.createElement('div')
    appendClean(parseInert(source, inert), clean, elements, inert)
    const written = clean.innerHTML
    if (written === source) return clean
    if (round === mostRounds) {
      clean.replaceChildren(clean.textContent ?? '')
      return clean
    }
    source = written
  }
}
