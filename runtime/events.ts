import { isField, settle, typed } from './fields.ts'
import type { Field } from './fields.ts'
import { fieldData, formData } from './form-data.ts'
import { closest, contains, getAttribute, matches, parentOf, typeOf } from './native.ts'
import { dispatch, flush, isBusy, isUnsettled } from './outbox.ts'
import { listen, state } from './state.ts'
import { controls } from './walk.ts'

type Targeted = Event & { readonly target: Element }

/** The nearest element around the target that the server knows to have such an event. */
function find (target: Element, kind: string): Element | null {
  for (let at: Node | null = target; at && typeOf(at) === 1;) {
    const found: Element | null = closest(at as Element, `[live-${kind}]`)
    if (!found || controls.has(found)) return found
    at = parentOf(found)
  }
  return null
}

function isDisabled (element: Element): boolean {
  return closest(element, ':disabled,[aria-disabled="true"]') !== null
}

function fieldIn (target: Element): Field | null {
  // Scripts may dispatch such events on the document too.
  return typeOf(target) === 1 && isField(target) ? target : null
}

function onClick (event: MouseEvent & Targeted): void {
  const { target } = event
  if (event.defaultPrevented || event.button !== 0 || state() === 'ended') return
  const element = find(target, 'click')
  if (!element) return
  const link = closest(target, 'a[href],area[href]')
  // A new tab, a download, or a link of its own inside a clickable row: the browser's business.
  const isModified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
  if (link && (isModified || (link !== element && contains(element, link)))) return
  if (link || matches(element, 'button:not([type=button]),input[type=submit],input[type=image]')) event.preventDefault()
  if (isDisabled(element)) return
  dispatch({ kind: 'click', element, field: fieldIn(element), submitter: null, data: () => undefined })
}

function onSubmit (event: SubmitEvent & Targeted): void {
  const form = event.target
  if (event.defaultPrevented || state() === 'ended' || !controls.has(form) || getAttribute(form, 'live-submit') === null) return
  event.preventDefault()
  const { submitter } = event
  if (isBusy(form, 'submit') || (submitter && isDisabled(submitter))) return
  const data = formData(form as HTMLFormElement, submitter)
  dispatch({ kind: 'submit', element: form, field: null, submitter, data: () => data })
}

/** input and change: of the field itself, or of the form or another element around it. */
function onEdit (event: InputEvent & Targeted): void {
  const { target, type } = event
  const field = fieldIn(target)
  if (!field) return
  typed.add(field)
  // Half a word of an input method is nobody's input yet; compositionend brings the whole.
  if (event.isComposing) return
  const kind = type === 'change' ? type : 'input'
  const element = find(target, kind)
  if (!element) return
  const data = element instanceof HTMLFormElement ? () => formData(element, null) : () => fieldData(field)
  dispatch({ kind, element, field, submitter: null, data })
}

function onKeyDown (event: KeyboardEvent & Targeted): void {
  // Browsers click a button thirty times a second while Enter is held down on it: nobody means to pay that often.
  if (event.repeat && event.key === 'Enter' && find(event.target, 'click') === event.target) event.preventDefault()
  const element = find(event.target, 'keydown')
  if (!element || event.isComposing || event.defaultPrevented || isDisabled(element)) return
  const keys = getAttribute(element, 'live-keys')
  const key = event.key
  if (keys !== null && !keys.split(/\s+/).includes(key === ' ' ? 'Space' : key)) return
  // A key that is held down repeats as fast as it is answered: it must not go on for seconds after it was let go.
  if (event.repeat && isBusy(element, 'keydown')) return
  const field = fieldIn(event.target)
  const data = { ...field && fieldData(field), key }
  dispatch({ kind: 'keydown', element, field: null, submitter: null, data: () => data })
}

function onFocusChange (event: FocusEvent & Targeted): void {
  const { target } = event
  const kind = event.type === 'focusin' ? 'focus' : 'blur'
  const field = fieldIn(target)
  if (kind === 'blur') flush()
  if (controls.has(target) && getAttribute(target, 'live-' + kind) !== null) {
    const data = field ? fieldData(field) : undefined
    dispatch({ kind, element: target, field, submitter: null, data: () => data })
  }
  if (kind === 'focus' || !field) return
  typed.delete(field)
  // What the server said while a person was typing counts now, if it has heard what they typed. Else their submit decides.
  if (!isUnsettled(field) && ['input', 'change', 'blur'].some((one) => find(field, one))) settle(field)
}

/** One listener a kind on the document, whatever comes and goes in the page. */
export function bindEvents (): void {
  listen(document, 'click', onClick)
  listen(document, 'submit', onSubmit)
  for (const type of ['input', 'change', 'compositionend']) listen(document, type, onEdit)
  listen(document, 'keydown', onKeyDown)
  for (const type of ['focusin', 'focusout']) listen(document, type, onFocusChange)
}
