import type { HtmlValue, SetValue, TextValue } from './body.ts'
import { isField, isKept, showServerValue } from './fields.ts'
import { attributeNames, getAttribute, localName, removeAttribute, setText, styleOf, textOf, writeAttribute } from './native.ts'
import { decode } from './parse.ts'
import { drop, isJson, maySet } from './safe.ts'

const XLINK = 'http://www.w3.org/1999/xlink'

function sourceText (value: TextValue, tag: string): string {
  return typeof value === 'object' ? decode((value as HtmlValue).h, tag) : String(value)
}

/** Sets an attribute, or removes it where the value is null, and the live property that the attribute only initialises. */
export function setAttribute (element: Element, name: string, value: TextValue | null): void {
  const text = value === null ? null : sourceText(value, '')
  if (text === getAttribute(element, name)) return
  if (!maySet(element, name, text)) return drop('attribute ' + name)
  if (name === 'style') styleOf(element).cssText = text ?? ''
  else if (name === 'open' && element instanceof HTMLDialogElement) {
    // Taking the attribute away would leave the page behind a modal dialog inert.
    if (text === null) element.close()
    else if (!element.open) element.show()
    return
  }
  if (text === null) removeAttribute(element, name)
  else if (name !== 'style') {
    if (/^xlink:/.test(name)) Element.prototype.setAttributeNS.call(element, XLINK, name, text)
    else writeAttribute(element, name, text)
  }
  setProperty(element, name, text)
}

/** Sets the attributes of an attribute set that changed; null takes one away. */
export function setAttributes (element: Element, values: SetValue['a']): void {
  for (const name of Object.keys(values)) setAttribute(element, name, values[name] as TextValue | null)
}

/** The same from a whole tree, which names all that stand: what else the element has goes, but for the runtime's own marks. */
export function takeOverAttributes (element: Element, values: SetValue['a']): void {
  const own = (getAttribute(element, 'live-at') as string).split(' ')
  const standing = Object.keys(values)
  for (const name of attributeNames(element)) {
    if (standing.includes(name) || /^(?:live-at|aria-busy|data-live.*|style)$/.test(name) || own.some((item) => item.endsWith(':' + name))) continue
    setAttribute(element, name, null)
  }
  setAttributes(element, values)
}

function setProperty (element: Element, name: string, text: string | null): void {
  if (name === 'selected' && element instanceof HTMLOptionElement) {
    const select = element.closest('select')
    if (!select || !isKept(select)) element.selected = text !== null
  } else if (name === 'muted' && element instanceof HTMLMediaElement) element.muted = text !== null
  else if ((name === 'value' || name === 'checked') && localName(element) === 'input' && isField(element) && !isKept(element)) {
    showServerValue(element)
  }
}

/** Sets the text of a title, a textarea or a JSON script. */
export function setContent (element: Element, value: TextValue): void {
  const tag = localName(element)
  const text = sourceText(value, tag)
  if (textOf(element) === text) return
  if (tag === 'script') {
    if (!isJson(element)) return drop('<script>')
    // Trusted types guard the text of every script element, even of data. Its text node is only text.
    const node = element.firstChild as Text | null
    if (node) node.data = text
    else element.append(text)
  } else setText(element, text)
  if (element instanceof HTMLTextAreaElement && !isKept(element)) showServerValue(element)
}
