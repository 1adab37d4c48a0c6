import { TokenBucket } from './token-bucket.ts'

export interface ConnectionMeterOptions {
  readonly rate: number
  readonly burst: number
  readonly maxMessageSize: number
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

export interface ConnectionMeter {
  /** Counts a frame of any kind, ping and pong included, before anything reads it; false where it is too much. */
  frame (bytes: number): boolean
}

// The connection's own bucket comes after parsing, where typing can be coalesced instead of refused. This one is for floods
// that never get there: pings (767 000 in 4 s from one socket) and junk.
const allowance = 4

/** Meters what one socket sends: frames and bytes, both by token bucket. */
export function createConnectionMeter ({ rate, burst, maxMessageSize, now }: ConnectionMeterOptions): ConnectionMeter {
  const frames = new TokenBucket({ rate: rate * allowance, burst: burst * allowance, now })
  const bytes = new TokenBucket({ rate: maxMessageSize, burst: maxMessageSize * allowance, now })
  return {
    frame: (size) => frames.take() && bytes.take(size)
  }
}
