import { ALLOWED } from './allowed-html.ts'
import { appendClean, isHtml, localName } from './clean-copy.ts'
import { createInert, parseInert } from './parse-inert.ts'

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
    throw new TypeError(`safeSetInnerHTML: <${localName(element)}> holds no text for people. Give an element such as <div>`)
  }
  const unknown = (elements ?? []).find((name) => !ALLOWED.has(name))
  if (unknown !== undefined) {
    throw new TypeError(`safeSetInnerHTML: <${unknown}> is never allowed. Allowed: ${[...ALLOWED].join(', ')}`)
  }
  const inert = createInert()
  const clean = inert.createDocumentFragment()
  appendClean(parseInert(String(html), inert), clean, elements === undefined ? ALLOWED : new Set(elements), inert)
  Element.prototype.replaceChildren.call(element, clean)
}
