export interface RefusalLogOptions {
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

/** Which refusals of this process are written to its log. */
export interface RefusalLog {
  /**
   * Null where a line of this code would be one too many, else how many were left out since the last one.
   * @param code one of ours, never a client's text: a code is remembered for good
   */
  admit (code: string): number | null
}

const burst = 20
const interval = 1000

interface Written { lines: number, since: number, suppressed: number }

/**
 * Bounds what refusals cost the log: whoever floods a server must not fill its disk, nor bury another attack in lines. Of
 * each code the first 20 are written, then one a second. Counters and `onViolation` get all of them.
 */
export function createRefusalLog ({ now }: RefusalLogOptions): RefusalLog {
  const codes = new Map<string, Written>()
  return {
    admit (code) {
      const at = now()
      const written = codes.get(code) ?? { lines: 0, since: at, suppressed: 0 }
      codes.set(code, written)
      // One line is forgiven each second; with none to forgive, the second begins with the next.
      const seconds = Math.floor((at - written.since) / interval)
      written.lines = Math.max(0, written.lines - seconds)
      written.since = written.lines === 0 ? at : written.since + seconds * interval
      if (written.lines === burst) {
        written.suppressed++
        return null
      }
      written.lines++
      const { suppressed } = written
      written.suppressed = 0
      return suppressed
    }
  }
}
