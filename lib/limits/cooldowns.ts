import { createEviction } from './eviction.ts'

export interface CooldownsOptions {
  /** Monotonic, milliseconds. */
  readonly now: () => number
  /** Most keys that cool down at once. */
  readonly maxKeys?: number
}

export interface Cooldowns {
  /** Keeps a key out for so many seconds. A shorter time never replaces a longer one. */
  add (key: string, seconds: number): void
  /** Seconds that a key still has to wait, rounded up, for Retry-After; 0 where it need not. Asking extends nothing. */
  left (key: string): number
  size (): number
}

/** Who has to wait, by key. Bounded: for a new one goes one whose time is over, else over soon. */
export function createCooldowns ({ now, maxKeys = 10_000 }: CooldownsOptions): Cooldowns {
  const ends = new Map<string, number>()
  const makeRoom = createEviction(ends, (end) => Math.max(0, end - now()))

  return {
    add (key, seconds) {
      const end = Math.max(ends.get(key) ?? 0, now() + seconds * 1000)
      if (ends.size >= maxKeys && !ends.has(key)) makeRoom()
      ends.set(key, end)
    },
    left (key) {
      const end = ends.get(key)
      if (end === undefined) return 0
      const left = end - now()
      if (left > 0) return Math.ceil(left / 1000)
      ends.delete(key)
      return 0
    },
    size: () => ends.size
  }
}
