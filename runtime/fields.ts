import { controlled } from './walk.ts'
import { closest, findAll, focused, getAttribute, localName } from './native.ts'

export type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement

/** Fields in which a person typed or chose something that the server has not taken over yet. */
export const typed: WeakSet<Element> = new WeakSet()

/** Fields for which the server had another value while a person was typing. */
const waiting = new WeakSet<Element>()

export function isField (element: Element): element is Field {
  return /^(?:input|textarea|select)$/.test(localName(element))
}

export function isBox (field: Element): boolean {
  return field instanceof HTMLInputElement && /^(?:checkbox|radio)$/.test(field.type)
}

/** True while what the person typed must not be overwritten. */
export function isKept (element: Element): boolean {
  if (isBox(element) || !typed.has(element) || focused(document) !== element) return false
  waiting.add(element)
  return true
}

/** Makes a field show what the server last said: its attributes and its text, which patches always keep current. */
export function showServerValue (element: Element): void {
  waiting.delete(element)
  typed.delete(element)
  if (element instanceof HTMLInputElement) {
    if (isBox(element)) set(element, 'checked', element.defaultChecked)
    else if (element.type !== 'file') set(element, 'value', getAttribute(element, 'value') ?? '')
    else element.value = ''
  } else if (element instanceof HTMLTextAreaElement) set(element, 'value', element.defaultValue)
  else if (element instanceof HTMLSelectElement) showSelection(element)
}

function showSelection (select: HTMLSelectElement): void {
  const options = Array.from(select.options)
  let any = false
  for (const option of options) {
    set(option, 'selected', option.defaultSelected)
    any ||= option.defaultSelected
  }
  // What the parser does: a drop-down without a chosen option shows its first one.
  const first = !any && !select.multiple && select.size < 2 && options.find((option) => !option.disabled)
  if (first) first.selected = true
}

function set<T extends object, K extends keyof T> (target: T, name: K, value: T[K]): void {
  // Writing an equal value would move the caret.
  if (target[name] !== value) target[name] = value
}

/** After the server has answered: a box it decides about goes back to what it says, whether or not that changed. */
export function settle (element: Element): void {
  const radio = element instanceof HTMLInputElement && element.type === 'radio'
  const radios = radio ? findAll(document, 'input[type=radio]') as HTMLInputElement[] : []
  const group = radio ? radios.filter((one) => sameGroup(one, element)) : [element]
  for (const one of group) {
    const chosen = (isBox(one) && controlled.has(one)) ||
      (one instanceof HTMLSelectElement && Array.from(one.options).some((option) => controlled.has(option)))
    if (chosen) showServerValue(one)
    else if (waiting.has(one) && focused(document) !== one) showServerValue(one)
  }
}

function sameGroup (one: HTMLInputElement, other: HTMLInputElement): boolean {
  return one.name === other.name && one.form === other.form
}

/** What the fields of a form hold now, to know at the answer which of them the person has gone on typing in. */
export function fieldsOf (form: HTMLFormElement): Map<Element, string> {
  const found = findAll(document, 'input,textarea,select') as Field[]
  return new Map(found.filter((field) => field.form === form).map((field) => [field, snapshot(field)]))
}

function snapshot (field: Field): string {
  if (field instanceof HTMLSelectElement) return Array.from(field.selectedOptions, (option) => option.index).join()
  return field.value + (field instanceof HTMLInputElement ? field.checked : '')
}

/** An accepted submit: the form shows the server's values again, but for what was typed since. */
export function resetFields (fields: Map<Element, string>): void {
  for (const [field, before] of fields) {
    if (snapshot(field as Field) === before && !closest(field, '[live-ignore]')) showServerValue(field)
  }
}
