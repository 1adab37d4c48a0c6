import { createEviction } from './eviction.ts'
import { TokenBucket } from './token-bucket.ts'

export interface KeyedBucketsOptions {
  readonly rate: number
  readonly burst: number
  /** Monotonic, milliseconds. */
  readonly now: () => number
  readonly maxKeys?: number
}

export interface KeyedBuckets {
  take (key: string, cost?: number): boolean
  /** Milliseconds until the key has a token. */
  untilNext (key: string): number
  size (): number
}

/**
 * One bucket a key, shared by all connections that the key stands for, so that more sockets give no more budget. Bounded:
 * a full bucket goes first, since a new one is the same. Were the oldest to go, a flood of fresh keys would wash out the
 * empty bucket of whoever sends it.
 */
export function createKeyedBuckets ({ rate, burst, now, maxKeys = 10_000 }: KeyedBucketsOptions): KeyedBuckets {
  const buckets = new Map<string, TokenBucket>()
  const makeRoom = createEviction(buckets, (bucket) => bucket.untilFull())

  return {
    take (key, cost) {
      let bucket = buckets.get(key)
      if (bucket === undefined) {
        if (buckets.size >= maxKeys) makeRoom()
        bucket = new TokenBucket({ rate, burst, now })
        buckets.set(key, bucket)
      }
      return bucket.take(cost)
    },
    untilNext: (key) => buckets.get(key)?.untilNext() ?? 0,
    size: () => buckets.size
  }
}
