export interface WarningsOptions {
  readonly maxWarnings: number
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

export interface Warnings {
  /** Adds a warning; true where that was the last one: the connection is to be closed with 4429. */
  warn (): boolean
  count (): number
}

const decay = 60_000

/** Counts one connection's warnings. One is forgiven each minute: a page open all day is not closed for three slips. */
export function createWarnings ({ maxWarnings, now }: WarningsOptions): Warnings {
  let warnings = 0
  let since = now()

  function forgive (): void {
    const minutes = Math.floor((now() - since) / decay)
    warnings = Math.max(0, warnings - minutes)
    // With nothing to forgive the minute begins with the next warning.
    since = warnings === 0 ? now() : since + minutes * decay
  }

  return {
    warn () {
      forgive()
      return ++warnings >= maxWarnings
    },
    count () {
      forgive()
      return warnings
    }
  }
}
