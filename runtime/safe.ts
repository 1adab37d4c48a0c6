import { attributeNames, findAll, getAttribute, localName, removeAttribute, removeNode } from './native.ts'

// The server refuses templates that put data into these places. The browser does not rely on it: whatever a patch says, it
// adds no code to a page.

const URLS = /^(?:(?:xlink:)?href|src|action|formaction|data|to|from|by|values)$/
const FORBIDDEN = 'script,base,object,embed,meta[http-equiv]'

/** False for attributes that are code: event handlers, srcdoc, URLs with a scheme that runs. */
export function isSafeAttribute (name: string, value: string): boolean {
  const lower = name.toLowerCase()
  if (/^(?:on|srcdoc$)/.test(lower)) return false
  if (!URLS.test(lower)) return true
  // The parser of URLs skips tabs, newlines and leading control characters. An animation's `values` are several URLs.
  const urls = lower === 'values' ? value.split(';') : [value]
  return !urls.some((url) => /^(?:javascript|vbscript):/i.test(url.replace(/[\0-\x20]+/g, '')))
}

export function drop (what: string): void {
  console.warn('live view: dropped ' + what)
}

/** Takes out of parsed HTML what may run or redirect. JSON in a script element is data and stays. */
export function clean (fragment: DocumentFragment | Element): void {
  for (const element of findAll(fragment, FORBIDDEN)) {
    const type = localName(element) === 'script' ? getAttribute(element, 'type') : ''
    if (type && /^application\/(?:[\w.-]+\+)?json$/i.test(type)) continue
    drop('<' + localName(element) + '>')
    removeNode(element)
  }
  for (const element of findAll(fragment, '*')) {
    for (const name of attributeNames(element)) {
      if (isSafeAttribute(name, getAttribute(element, name) as string)) continue
      drop('attribute ' + name)
      removeAttribute(element, name)
    }
  }
}
