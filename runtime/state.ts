import { rootOf, writeAttribute } from './native.ts'

/** `connecting`: not joined yet. `offline`: the connection is lost and is being sought. `ended`: for good, until a reload. */
export type State = 'connecting' | 'live' | 'offline' | 'ended'

let current: State = 'connecting'

export function state (): State {
  return current
}

/** Keeps `<html data-live="...">` for style sheets, and tells scripts with a `live:state` event. */
export function setState (next: State): void {
  current = next
  writeAttribute(rootOf(document), 'data-live', next)
  emit('live:state', { state: next })
}

/** A CustomEvent on the document; false where a script of the page has prevented its default. */
export function emit (name: string, detail: unknown): boolean {
  return EventTarget.prototype.dispatchEvent.call(document, new CustomEvent(name, { detail, cancelable: true }))
}

/** A listener that no element of the page can shadow. */
export function listen (target: EventTarget, type: string, listener: (event: never) => void): void {
  EventTarget.prototype.addEventListener.call(target, type, listener as unknown as EventListener)
}
