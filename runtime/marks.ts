import { classesOf, getAttribute, removeAttribute, writeAttribute } from './native.ts'

/** Puts the classes of `live-loading` on, or takes them off. An element without them is not given a class attribute. */
function load (element: Element, change: 'add' | 'remove'): void {
  const names = (getAttribute(element, 'live-loading') ?? '').split(/\s+/).filter(Boolean)
  if (!names.length) return
  classesOf(element)[change](...names)
  if (getAttribute(element, 'class') === '') removeAttribute(element, 'class')
}

/** Shows that an event is under way. Nothing is really disabled, which would take the focus away. */
export function mark (element: Element, kind: string, submitter: Element | null): void {
  load(element, 'add')
  for (const one of [element, submitter]) if (one) writeAttribute(one, 'data-live-busy', kind)
  if (kind !== 'submit') return
  writeAttribute(element, 'aria-busy', 'true')
  if (submitter) writeAttribute(submitter, 'aria-disabled', 'true')
}

/** Takes the marks away again. */
export function unmark (element: Element, kind: string, submitter: Element | null): void {
  load(element, 'remove')
  for (const one of [element, submitter]) if (one) removeAttribute(one, 'data-live-busy')
  if (kind !== 'submit') return
  removeAttribute(element, 'aria-busy')
  if (submitter) removeAttribute(submitter, 'aria-disabled')
}
