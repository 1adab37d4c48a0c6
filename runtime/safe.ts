import { isCodeUrl } from './code-url.ts'
import { attributeNames, findAll, getAttribute, localName, matches, removeAttribute, removeNode } from './native.ts'

// The server refuses templates that put data into these places. The browser does not rely on it: whatever a patch says, it
// adds no code to a page.

const URLS = /^(?:(?:xlink:)?href|src|action|formaction|data|to|from|by|values)$/i
const FORBIDDEN = 'script,base,object,embed,meta[http-equiv]'

function isSafeAttribute (element: Element, name: string, value: string): boolean {
  // `http-equiv` makes any meta element one that redirects; an animation can be of a handler.
  if (/^(?:on|srcdoc=|http-equiv=|attributename=\s*on)/i.test(name + '=' + value)) return false
  if (!URLS.test(name)) return true
  // An animation's `values` are several URLs.
  const urls = /^v/i.test(name) ? value.split(';') : [value]
  return !urls.some((url) => isCodeUrl(localName(element), name, url))
}

/**
 * False for attributes that are code: event handlers, srcdoc, URLs with a scheme that runs. Of elements that run or redirect
 * only those that say nothing are set: a JSON script that loses its type, or gets a source, is a program.
 */
export function maySet (element: Element, name: string, value: string | null): boolean {
  if (matches(element, FORBIDDEN) && !/^(?:id$|class$|nonce$|data-|live-)/i.test(name)) return false
  return value === null || isSafeAttribute(element, name, value)
}

export function isJson (script: Element): boolean {
  return /^application\/(?:[\w.-]+\+)?json$/i.test(getAttribute(script, 'type') ?? '')
}

export function drop (what: string): void {
  console.warn('live view: dropped ' + what)
}

/** Takes out of parsed HTML what may run or redirect, also in templates. JSON in a script element is data and stays. */
export function clean (fragment: DocumentFragment | Element): void {
  for (const element of findAll(fragment, FORBIDDEN)) {
    if (localName(element) === 'script' && isJson(element)) continue
    drop('<' + localName(element) + '>')
    removeNode(element)
  }
  for (const element of findAll(fragment, '*')) {
    for (const name of attributeNames(element)) {
      if (isSafeAttribute(element, name, getAttribute(element, name) as string)) continue
      drop('attribute ' + name)
      removeAttribute(element, name)
    }
    // Scripts clone templates into the page.
    if (element instanceof HTMLTemplateElement) clean(element.content)
  }
}
