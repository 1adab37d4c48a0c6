// A form's inputs shadow the form's own properties (`<input name="parentNode">`), and named elements those of the document
// (`<img name="body">`). So no property is read that a page could have taken: the prototypes' own functions are called.

function descriptor (prototype: object, name: string): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor
}

type Method<A extends unknown[], R> = (this: never, ...given: A) => R

/** A method as a function of its object. Taken when the runtime loads, so that nothing comes in between later. */
function free<T, A extends unknown[], R> (method: Method<A, R>): (target: T, ...given: A) => R {
  return Function.prototype.call.bind(method) as never
}

function getter<T extends object, K extends keyof T & string> (prototype: T, name: K): (target: T) => T[K] {
  return free(descriptor(prototype, name).get as () => T[K])
}

const node = Node.prototype
const element = Element.prototype
const page = Document.prototype

export const parentOf: (target: Node) => ParentNode | null = getter(node, 'parentNode')
export const nextOf: (target: Node) => Node | null = getter(node, 'nextSibling')
export const firstOf: (target: Node) => Node | null = getter(node, 'firstChild')
export const textOf: (target: Node) => string | null = getter(node, 'textContent')
export const typeOf: (target: Node) => number = getter(node, 'nodeType')
export const isConnected: (target: Node) => boolean = getter(node, 'isConnected')
export const localName: (target: Element) => string = getter(element, 'localName')
export const namespaceOf: (target: Element) => string | null = getter(element, 'namespaceURI')
export const classesOf: (target: Element) => DOMTokenList = getter(element, 'classList')

export const bodyOf: (target: Document) => HTMLElement | null = getter(page, 'body') as never
export const headOf: (target: Document) => HTMLElement | null = getter(page, 'head') as never
export const rootOf: (target: Document) => HTMLElement = getter(page, 'documentElement') as never
export const readinessOf: (target: Document) => string = getter(page, 'readyState')
export const visibilityOf: (target: Document) => string = getter(page, 'visibilityState')
export const focused: (target: Document) => Element | null = getter(page, 'activeElement')

export const insertBefore: (parent: Node, child: Node, next: Node | null) => void = free(node.insertBefore)

export function removeNode (child: Node): void {
  const parent = parentOf(child)
  if (parent) node.removeChild.call(parent, child)
}

export const contains: (target: Node, other: Node) => boolean = free(node.contains)
export const getAttribute: (target: Element, name: string) => string | null = free(element.getAttribute)
export const writeAttribute: (target: Element, name: string, value: string) => void = free(element.setAttribute)
export const removeAttribute: (target: Element, name: string) => void = free(element.removeAttribute)
export const attributeNames: (target: Element) => string[] = free(element.getAttributeNames)
export const closest: (target: Element, selector: string) => Element | null =
  free<Element, [string], Element | null>(element.closest)
export const matches: (target: Element, selector: string) => boolean = free(element.matches)

export function findAll (target: Element | Document | DocumentFragment, selector: string): Element[] {
  const { querySelectorAll } = typeOf(target) === 1 ? element : typeOf(target) === 9 ? page : DocumentFragment.prototype
  return [...querySelectorAll.call(target, selector)]
}

export function createElement (name: string): HTMLElement {
  return page.createElement.call(document, name)
}

/** Not in every browser. */
export function isPrerendering (): boolean {
  return descriptor(page, 'prerendering')?.get?.call(document) === true
}

const htmlStyle = getter(HTMLElement.prototype, 'style')

/** The element's inline style: a strict CSP kills style attributes, CSSOM it lets pass. */
export function styleOf (target: Element): CSSStyleDeclaration {
  return target instanceof HTMLElement ? htmlStyle(target) : (target as SVGElement).style
}

export const setText: (target: Node, text: string) => void = free(descriptor(node, 'textContent').set as (text: string) => void)

/** Moves a node without losing its focus, its frame or its playing video, where the browser can do that. */
export function moveBefore (parent: Node, child: Node, next: Node | null): void {
  const native = (element as { moveBefore?: (child: Node, next: Node | null) => void }).moveBefore
  if (native && typeOf(parent) === 1) native.call(parent as Element as never, child, next)
  else insertBefore(parent, child, next)
}
