import { ALLOWED, ATTRIBUTES, COMMON, RENAMED, isAllowedUrl } from './allowed-html.ts'

const HTML = 'http://www.w3.org/1999/xhtml'
const URLS = new Set(['href', 'src', 'cite'])
// Parsers differ in how deep they nest; nobody writes that deep.
const deepest = 250

// `<form><input name="firstChild">` hides a property of its form: the prototypes' own accessors are called. Looked up when they
// are used, so that code which is shared with a server can import this there.
function getter<T extends object, K extends keyof T & string> (prototype: () => T, name: K): (target: T) => T[K] {
  let get: (() => T[K]) | undefined
  return (target) => {
    get ??= Object.getOwnPropertyDescriptor(prototype(), name)?.get as () => T[K]
    return get.call(target)
  }
}

const node = (): Node => Node.prototype
const element = (): Element => Element.prototype

const typeOf = getter(node, 'nodeType')
const firstOf = getter(node, 'firstChild')
const nextOf = getter(node, 'nextSibling')
const textOf = getter(node, 'nodeValue')
export const localName: (element: Element) => string = getter(element, 'localName')
const namespaceOf = getter(element, 'namespaceURI')

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
    if (type !== Node.ELEMENT_NODE) continue
    // Drawings and formulas go with all that is in them: no name of another namespace is ever reached.
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
