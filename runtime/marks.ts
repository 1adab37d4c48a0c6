import { classesOf, getAttribute, removeAttribute, writeAttribute } from './native.ts'

function loadingClasses (element: Element): string[] {
  return (getAttribute(element, 'live-loading') ?? '').split(/\s+/).filter(Boolean)
}

/** Shows that an event is under way. Nothing is really disabled, which would take the focus away. */
export function mark (element: Element, kind: string, submitter: Element | null): void {
  classesOf(element).add(...loadingClasses(element))
  for (const one of [element, submitter]) if (one) writeAttribute(one, 'data-live-busy', kind)
  if (kind !== 'submit') return
  writeAttribute(element, 'aria-busy', 'true')
  if (submitter) writeAttribute(submitter, 'aria-disabled', 'true')
}

/** Takes the marks away again. */
export function unmark (element: Element, kind: string, submitter: Element | null): void {
  classesOf(element).remove(...loadingClasses(element))
  for (const one of [element, submitter]) if (one) removeAttribute(one, 'data-live-busy')
  if (kind !== 'submit') return
  removeAttribute(element, 'aria-busy')
  if (submitter) removeAttribute(submitter, 'aria-disabled')
}
