import { tell } from './announce.ts'
import { mayReload } from './backoff.ts'
import { bodyOf, findAll, removeNode, setText } from './native.ts'
import { setState } from './state.ts'

const KEY = 'live-reloads'

/** Loads the page anew after a moment; gives up where that has not helped ten times within a minute. */
export function reload (): void {
  setState('ended')
  let delay = Math.random() * 1000
  try {
    const times = JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as number[]
    if (!mayReload(times, Date.now())) return tell('stuck', 0)
    sessionStorage.setItem(KEY, JSON.stringify([...times.slice(-9), Date.now()]))
  } catch {
    // No storage, no memory of earlier reloads: slowly then.
    delay = 10_000
  }
  setTimeout(() => location.reload(), delay)
}

/** The session has ended: whoever sits here now must not read on. */
export function wipe (): void {
  const body = bodyOf(document)
  if (body) setText(body, '')
  // The title, data in scripts, descriptions, the token.
  for (const one of findAll(document, 'title,script,meta:not([name=viewport])')) removeNode(one)
  tell('ended', 0)
}
