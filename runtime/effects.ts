import { announce } from './announce.ts'
import { samePage } from './same-page.ts'
import { emit } from './state.ts'

export interface Effects {
  readonly n?: string
  readonly u?: string
  readonly f?: readonly (readonly [kind: string, text: string])[]
  readonly e?: readonly (readonly [name: string, data: unknown])[]
}

/** What an answer does beside changing the page. */
export function applyEffects (effects: Effects): void {
  if (typeof effects.u === 'string') {
    const url = new URL(location.href)
    url.search = effects.u
    history.replaceState(history.state, '', url)
  }
  for (const [kind, text] of effects.f ?? []) if (emit('live:flash', { kind, text })) announce(text, 6000)
  for (const [name, data] of effects.e ?? []) emit('live:' + name, data)
  if (typeof effects.n === 'string') {
    const address = samePage(effects.n, location.href)
    if (address) location.assign(address)
    else console.warn('live view: refused to go to ' + effects.n)
  }
}
