export interface TokenBucketOptions {
  /** Tokens a second. */
  readonly rate: number
  /** Most tokens at once; what it begins with. */
  readonly burst: number
  /** Monotonic, milliseconds: a wall clock that is set back would stop the refill. */
  readonly now: () => number
}

/**
 * A token bucket without timers. It counts thousandths of a token, so that whole rates and a whole clock stay exact however
 * often it is asked.
 */
export class TokenBucket {
  readonly #rate: number
  readonly #capacity: number
  readonly #now: () => number
  #level: number
  #at: number

  constructor ({ rate, burst, now }: TokenBucketOptions) {
    this.#rate = rate
    this.#capacity = burst * 1000
    this.#now = now
    this.#level = this.#capacity
    this.#at = now()
  }

  /** Takes `cost` tokens, or none and answers false. */
  take (cost: number = 1): boolean {
    this.#refill()
    const units = cost * 1000
    // A negative cost would fill the bucket; NaN fails both comparisons.
    if (!(units >= 0 && units <= this.#level)) return false
    this.#level -= units
    return true
  }

  /** Milliseconds until it has a token, 0 where it has one. */
  untilNext (): number {
    this.#refill()
    return Math.max(0, (1000 - this.#level) / this.#rate)
  }

  /** Milliseconds until it is full, 0 where it is: a full bucket can be forgotten, a new one is the same. */
  untilFull (): number {
    this.#refill()
    return (this.#capacity - this.#level) / this.#rate
  }

  #refill (): void {
    const now = this.#now()
    this.#level = Math.min(this.#capacity, this.#level + (now - this.#at) * this.#rate)
    this.#at = now
  }
}
