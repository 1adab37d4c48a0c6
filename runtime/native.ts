// A form's inputs shadow the form's own properties (`<input name="parentNode">`), and named elements those of the document
// (`<img name="body">`). So no property is read that a page could have taken: the prototypes' own functions are called.

function descriptor (prototype: object, name: string): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
}

function getter<T extends object, K extends keyof T & string> (prototype: T, name: K): (target: T) => T[K] {
  const { get } = descriptor(prototype, name)
  return (target) => (get as () => T[K]).call(target)
}

const node = Node.prototype
const element = Element.prototype
const page = Document.prototype

export const parentOf: (target: Node) => ParentNode | null = getter(node, 'parentNode')
export const nextOf: (target: Node) => Node | null = getter(node, 'nextSibling')
export const firstOf: (target: Node) => Node | null = getter(node, 'firstChild')
export const typeOf: (target: Node) => number = getter(node, 'nodeType')
export const isConnected: (target: Node) => boolean = getter(node, 'isConnected')
export const localName: (target: Element) => string = getter(element, 'localName')
export const namespaceOf: (target: Element) => string | null = getter(element, 'namespaceURI')
export const classesOf: (target: Element) => DOMTokenList = getter(element, 'classList')

export const bodyOf: (target: Document) => HTMLElement | null = getter(page, 'body') as never
export const headOf: (target: Document) => HTMLElement | null = getter(page, 'head') as never
export const rootOf: (target: Document) => HTMLElement = getter(page, 'documentElement') as never
export const focused: (target: Document) => Element | null = getter(page, 'activeElement')

export function insertBefore (parent: Node, child: Node, next: Node | null): void {
  node.insertBefore.call(parent, child, next)
}

export function removeNode (child: Node): void {
  const parent = parentOf(child)
  if (parent) node.removeChild.call(parent, child)
}

export function contains (target: Node, other: Node): boolean {
  return node.contains.call(target, other)
}

export function getAttribute (target: Element, name: string): string | null {
  return element.getAttribute.call(target, name)
}

export function writeAttribute (target: Element, name: string, value: string): void {
  element.setAttribute.call(target, name, value)
}

export function removeAttribute (target: Element, name: string): void {
  element.removeAttribute.call(target, name)
}

export function attributeNames (target: Element): string[] {
  return element.getAttributeNames.call(target)
}

export function closest (target: Element, selector: string): Element | null {
  return element.closest.call(target, selector)
}

export function matches (target: Element, selector: string): boolean {
  return element.matches.call(target, selector)
}

export function findAll (target: Element | Document | DocumentFragment, selector: string): Element[] {
  const prototype = typeOf(target) === 1 ? element : typeOf(target) === 9 ? page : DocumentFragment.prototype
  return Array.from(prototype.querySelectorAll.call(target, selector))
}

export function createElement (name: string): HTMLElement {
  return page.createElement.call(document, name)
}

export function createText (text: string): Text {
  return page.createTextNode.call(document, text)
}

export function createComment (text: string): Comment {
  return page.createComment.call(document, text)
}

const htmlStyle = getter(HTMLElement.prototype, 'style')

/** The element's inline style: a strict CSP kills style attributes, CSSOM it lets pass. */
export function styleOf (target: Element): CSSStyleDeclaration {
  return target instanceof HTMLElement ? htmlStyle(target) : (target as SVGElement).style
}

const setTextContent = descriptor(node, 'textContent').set as (this: Node, text: string) => void

export function setText (target: Node, text: string): void {
  setTextContent.call(target, text)
}

/** Moves a node without losing its focus, its frame or its playing video, where the browser can do that. */
export function moveBefore (parent: Node, child: Node, next: Node | null): void {
  const native = (element as { moveBefore?: (child: Node, next: Node | null) => void }).moveBefore
  if (native && typeOf(parent) === 1) native.call(parent as Element as never, child, next)
  else insertBefore(parent, child, next)
}
