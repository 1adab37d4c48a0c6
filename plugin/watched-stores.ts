import { watchSessionStore } from './session-access.ts'
import type { SessionStore } from './session-access.ts'

/** The session stores that requests of one application have come with: what ends in one of them is told. */
export class WatchedStores {
  readonly #ended: (session: string) => void
  readonly #unwatch = new Map<SessionStore, () => void>()

  constructor (ended: (session: string) => void) {
    this.#ended = ended
  }

  watch (store: SessionStore): void {
    if (this.#unwatch.has(store)) return
    this.#unwatch.set(store, watchSessionStore(store, this.#ended))
  }

  /** Other applications may go on with the same stores. */
  close (): void {
    for (const unwatch of this.#unwatch.values()) unwatch()
  }
}
