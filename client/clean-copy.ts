import { ALLOWED, ATTRIBUTES, COMMON, RENAMED, isAllowedUrl } from './allowed-html.ts'

const HTML = 'http://www.w3.org/1999/xhtml'
const URLS = new Set(['href', 'src', 'cite'])
// Parsers differ in how deep they nest; nobody writes that deep.
const deepest = 250

// `<form><input name="firstChild">` hides a property of its form: the prototypes' own accessors are called.
function getter<T extends object, K extends keyof T & string> (prototype: T, name: K): (target: T) => T[K] {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
  return (target) => (get as () => T[K]).call(target)
}

const typeOf = getter(Node.prototype, 'nodeType')
const firstOf = getter(Node.prototype, 'firstChild')
const nextOf = getter(Node.prototype, 'nextSibling')
const textOf = getter(Node.prototype, 'nodeValue')
export const localName: (element: Element) => string = getter(Element.prototype, 'localName')
const namespaceOf = getter(Element.prototype, 'namespaceURI')

export function isHtml (element: Element): boolean {
  return namespaceOf(element) === HTML
}

/**
 * Appends to `into` a copy of what is allowed of the children of `from`. Nothing of theirs is kept but text, names of the lists
 * and values that were looked at: an allow-list leaves no way to forget one.
 */
export function appendClean (from: Node, into: Node, elements: ReadonlySet<string>, page: Document, depth: number = 0): void {
  if (depth === deepest) return
  for (let child = firstOf(from); child !== null; child = nextOf(child)) {
    const type = typeOf(child)
    if (type === Node.TEXT_NODE) into.appendChild(page.createTextNode(textOf(child) as string))
    if (type !== Node.ELEMENT_NODE || !isHtml(child as Element)) continue
    const given = localName(child as Element)
    const name = RENAMED.get(given) ?? given
    if (!ALLOWED.has(name) || !elements.has(name)) continue
    const copy = page.createElement(name)
    copyAttributes(child as Element, copy, name)
    appendClean(child, copy, elements, page, depth + 1)
    into.appendChild(copy)
  }
}

function copyAttributes (from: Element, to: Element, element: string): void {
  const own = Object.prototype.hasOwnProperty.call(ATTRIBUTES, element) ? ATTRIBUTES[element] as readonly string[] : []
  for (const name of [...COMMON, ...own]) {
    const value = Element.prototype.getAttribute.call(from, name)
    if (value !== null && (!URLS.has(name) || isAllowedUrl(element, value))) to.setAttribute(name, value)
  }
}
