/** What has been counted since the start. */
export interface Counts {
  /** Refusals by LIVE_ERR_ code. */
  readonly refusals: Readonly<Record<string, number>>
  /** Runs of undeclared events by `view.event`. */
  readonly undeclared: Readonly<Record<string, number>>
}

/** Counts what was refused, by code: every key is one of ours, so that no client makes it grow. */
export class Counters {
  readonly #refusals = new Map<string, number>()
  readonly #undeclared = new Map<string, number>()

  refused (code: string): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1)
  }

  undeclared (view: string, event: string): void {
    const name = `${view}.${event}`
    this.#undeclared.set(name, (this.#undeclared.get(name) ?? 0) + 1)
  }

  counts (): Counts {
    return { refusals: Object.fromEntries(this.#refusals), undeclared: Object.fromEntries(this.#undeclared) }
  }
}
