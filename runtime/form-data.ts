import { isBox } from './fields.ts'
import type { Field } from './fields.ts'

export type Data = Record<string, string | string[]>

function add (data: Data, name: string, text: string): void {
  const before = data[name]
  if (before === undefined) data[name] = text
  else if (Array.isArray(before)) before.push(text)
  else data[name] = [before, text]
}

/** What the form would send, and the button that sent it: repeated names as arrays. Files and their names stay at home. */
export function formData (form: HTMLFormElement, submitter: Element | null): Data {
  const data: Data = Object.create(null)
  new FormData(form).forEach((value, name) => {
    if (typeof value === 'string') add(data, name, value)
  })
  const button = submitter as HTMLButtonElement | null
  if (button?.name) add(data, button.name, button.value)
  return data
}

/** What one field would add to its form: nothing for a box that is not checked, or for files. */
export function fieldData (field: Field): Data {
  const data: Data = Object.create(null)
  const name = field.name || 'value'
  if (field instanceof HTMLSelectElement && field.multiple) {
    data[name] = Array.from(field.selectedOptions, (option) => option.value)
  } else if (!isLeftOut(field)) data[name] = field.value
  return data
}

function isLeftOut (field: Field): boolean {
  return field instanceof HTMLInputElement && (field.type === 'file' || (isBox(field) && !field.checked))
}
