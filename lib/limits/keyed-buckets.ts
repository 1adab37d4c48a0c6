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

// How many of the longest unused buckets are looked at to find a full one: constant work, whatever the flood.
const lookAt = 64

/**
 * One bucket a key, shared by all connections that the key stands for, so that more sockets give no more budget. Bounded:
 * a full bucket goes first, since a new one is the same. Were the oldest to go, a flood of fresh keys would wash out the
 * empty bucket of whoever sends it.
 */
export function createKeyedBuckets ({ rate, burst, now, maxKeys = 10_000 }: KeyedBucketsOptions): KeyedBuckets {
  const buckets = new Map<string, TokenBucket>()

  function makeRoom (): void {
    let fullest = ''
    let shortest = Infinity
    let looked = 0
    for (const [key, bucket] of buckets) {
      const wait = bucket.untilFull()
      if (wait < shortest) [fullest, shortest] = [key, wait]
      if (wait === 0 || ++looked === lookAt) break
      // A second chance: moved to the end, so that the next search looks further.
      buckets.delete(key)
      buckets.set(key, bucket)
    }
    buckets.delete(fullest)
  }

  return {
    take (key, cost) {
      let bucket = buckets.get(key)
      if (bucket === undefined) {
        if (buckets.size >= maxKeys) makeRoom()
        bucket = new TokenBucket({ rate, burst, now })
      }
      buckets.delete(key)
      buckets.set(key, bucket)
      return bucket.take(cost)
    },
    untilNext: (key) => buckets.get(key)?.untilNext() ?? 0,
    size: () => buckets.size
  }
}
