/** Runs something after so many milliseconds. Answers what calls it off. */
export type Later = (run: () => void, ms: number) => () => void

export interface PaceOptions {
  /** Monotonic, milliseconds. */
  readonly now: () => number
  readonly later: Later
  /** Called once it may go on, if it was told to wait. */
  readonly run: () => void
}

/** Milliseconds between two renderings that nobody asked for: twenty a second look smooth, a thousand cost two. */
const PERIOD = 50

/** A timer that keeps no process alive. */
export const laterByTimer: Later = (run, ms) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => { clearTimeout(timer) }
}

/** Keeps apart what would otherwise come as fast as an application pushes: the first at once, what follows together. */
export class Pace {
  readonly #now: () => number
  readonly #later: Later
  readonly #run: () => void
  #next = -Infinity
  #cancel: (() => void) | null = null

  constructor ({ now, later, run }: PaceOptions) {
    this.#now = now
    this.#later = later
    this.#run = run
  }

  /** True where it may go on now; else `run` is called when it may, once for however many have been told to wait. */
  take (): boolean {
    if (this.#cancel !== null) return false
    const now = this.#now()
    if (now >= this.#next) {
      this.#next = now + PERIOD
      return true
    }
    this.#cancel = this.#later(() => {
      this.#cancel = null
      this.#run()
    }, this.#next - now)
    return false
  }

  /** What waited has been shown otherwise, or has nobody left to be shown to. */
  cancel (): void {
    this.#cancel?.()
    this.#cancel = null
  }
}
