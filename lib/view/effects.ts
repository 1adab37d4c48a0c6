import { LIVE_ERR_ADDRESS } from './errors.ts'
import { navigationTarget } from '../security/navigation-target.ts'
import type { Flash } from './mount-input.ts'

/** What a message makes the browser do besides patching, as docs/protocol.md writes it. */
export interface WireEffects {
  n?: string
  u?: string
  f?: Array<readonly [kind: string, text: string]>
  e?: Array<readonly [name: string, data: unknown]>
  t?: string
}

const EVENT_NAME = /^[a-z][a-z0-9_:-]{0,63}$/

/** Collects the effects of handlers until the next message takes them along. */
export class Effects {
  #pending: WireEffects | null = null

  navigate (path: string): void {
    const target = navigationTarget(path)
    if (target === null) throw new LIVE_ERR_ADDRESS('navigate', String(path))
    this.#open().n = target
  }

  query (query: string): void {
    this.#open().u = query
  }

  flash ({ kind, text }: Flash): void {
    const effects = this.#open()
    effects.f = [...effects.f ?? [], [kind, text]]
  }

  event (name: string, data: unknown): void {
    if (typeof name !== 'string' || !EVENT_NAME.test(name)) {
      throw new TypeError(`pushEvent: '${String(name)}' is not a name; allowed: a lower-case letter, then up to 63 of a-z 0-9 _ : -`)
    }
    // Now, in the handler that gives it: what JSON cannot carry is its error, and what it changes later is not sent.
    const text = JSON.stringify(data)
    const effects = this.#open()
    effects.e = [...effects.e ?? [], [name, text === undefined ? null : JSON.parse(text)]]
  }

  token (token: string): void {
    this.#open().t = token
  }

  /** What is pending, as it is now. */
  pending (): WireEffects | null {
    return this.#pending === null ? null : { ...this.#pending }
  }

  restore (effects: WireEffects | null): void {
    this.#pending = effects
  }

  take (): WireEffects | null {
    const effects = this.#pending
    this.#pending = null
    return effects
  }

  #open (): WireEffects {
    this.#pending ??= {}
    return this.#pending
  }
}
