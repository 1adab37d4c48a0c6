import type { Mount } from './mount.ts'

export interface RetainedMountsOptions {
  readonly now: () => number
  /** Mounts at once in this process. */
  readonly maxMounts?: number
  /** Of one address, and of one session: nobody fills the whole with page loads. */
  readonly maxPerOwner?: number
  /** Milliseconds that a socket may take to come. */
  readonly lifetime?: number
}

/** Whom a mount was made for. */
export interface MountOwner {
  readonly address: string
  readonly session: string | null
  readonly identity: string | null
  readonly tenant: string | null
  readonly view: string
}

interface Retained {
  readonly mount: Mount
  readonly owners: readonly string[]
  readonly owner: MountOwner
  readonly until: number
}

/**
 * What GETs have mounted and their sockets have not yet claimed. A claim takes the mount out: it is given once. Bounded by
 * count, time and owner; what does not fit is not kept, and its socket mounts again.
 */
export class RetainedMounts {
  readonly #kept = new Map<string, Retained>()
  readonly #owned = new Map<string, number>()
  readonly #now: () => number
  readonly #maxMounts: number
  readonly #maxPerOwner: number
  readonly #lifetime: number

  constructor ({ now, maxMounts = 1000, maxPerOwner = 20, lifetime = 30_000 }: RetainedMountsOptions) {
    this.#now = now
    this.#maxMounts = maxMounts
    this.#maxPerOwner = maxPerOwner
    this.#lifetime = lifetime
  }

  get size (): number {
    return this.#kept.size
  }

  /** @param nonce of the page's token, which alone gives the mount back */
  keep (nonce: string, mount: Mount, owner: MountOwner): void {
    this.#expire()
    const keys = [`address ${owner.address}`, ...owner.session === null ? [] : [`session ${owner.session}`]]
    if (this.#kept.size >= this.#maxMounts || keys.some((key) => (this.#owned.get(key) ?? 0) >= this.#maxPerOwner)) return
    for (const key of keys) this.#owned.set(key, (this.#owned.get(key) ?? 0) + 1)
    this.#kept.set(nonce, { mount, owners: keys, owner, until: this.#now() + this.#lifetime })
  }

  claim (nonce: string): Mount | null {
    this.#expire()
    const retained = this.#kept.get(nonce)
    if (retained === undefined) return null
    this.#drop(nonce, retained)
    return retained.mount
  }

  /** A session has ended, somebody is disconnected: what was mounted for them goes too. */
  dropOwned (fits: (owner: MountOwner) => boolean): void {
    for (const [nonce, retained] of this.#kept) if (fits(retained.owner)) this.#drop(nonce, retained)
  }

  clear (): void {
    this.#kept.clear()
    this.#owned.clear()
  }

  // Oldest first, since all live equally long.
  #expire (): void {
    const now = this.#now()
    for (const [nonce, retained] of this.#kept) {
      if (retained.until > now) return
      this.#drop(nonce, retained)
    }
  }

  #drop (nonce: string, retained: Retained): void {
    this.#kept.delete(nonce)
    for (const key of retained.owners) {
      const left = this.#owned.get(key) as number - 1
      if (left === 0) this.#owned.delete(key)
      else this.#owned.set(key, left)
    }
  }
}
