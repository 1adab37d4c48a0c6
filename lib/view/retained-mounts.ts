import { keyOf } from '../limits/key-of.ts'
import type { Mount } from './mount.ts'

export interface RetainedMountsOptions {
  readonly now: () => number
  /** Mounts at once in this process, and the bytes that they may hold together. */
  readonly maxMounts?: number
  readonly maxBytes?: number
  /** Of one address, and of one session: nobody fills the whole with page loads. */
  readonly maxPerOwner?: number
  readonly maxBytesPerOwner?: number
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
  readonly bytes: number
  readonly keys: readonly string[]
  readonly owner: MountOwner
  readonly until: number
}

/** What one owner holds. */
interface Share {
  readonly mounts: number
  readonly bytes: number
}

const NOTHING: Share = Object.freeze({ mounts: 0, bytes: 0 })
const MEGABYTE = 1024 * 1024

/**
 * What GETs have mounted and their sockets have not yet claimed. A claim takes the mount out: it is given once. Bounded by
 * count, bytes, time and owner; what does not fit is not kept, and its socket mounts again.
 */
export class RetainedMounts {
  readonly #kept = new Map<string, Retained>()
  readonly #shares = new Map<string, Share>()
  readonly #options: Required<RetainedMountsOptions>
  #bytes = 0

  constructor (options: RetainedMountsOptions) {
    this.#options = {
      maxMounts: 1000, maxBytes: 64 * MEGABYTE, maxPerOwner: 20, maxBytesPerOwner: 8 * MEGABYTE, lifetime: 30_000, ...options
    }
  }

  get size (): number {
    return this.#kept.size
  }

  /** Estimated. */
  get bytes (): number {
    return this.#bytes
  }

  /** How many addresses and sessions have a share. */
  get owners (): number {
    return this.#shares.size
  }

  /**
   * @param nonce of the page's token, which alone gives the mount back
   * @param bytes what it holds, as `retainedSize` estimates it
   */
  keep (nonce: string, mount: Mount, owner: MountOwner, bytes: number): void {
    this.expire()
    const { now, maxMounts, maxBytes, maxPerOwner, maxBytesPerOwner, lifetime } = this.#options
    const keys = keysOf(owner)
    if (this.#kept.size >= maxMounts || this.#bytes + bytes > maxBytes) return
    const full = (share: Share): boolean => share.mounts >= maxPerOwner || share.bytes + bytes > maxBytesPerOwner
    if (keys.some((key) => full(this.#shareOf(key)))) return
    for (const key of keys) {
      const share = this.#shareOf(key)
      this.#shares.set(key, { mounts: share.mounts + 1, bytes: share.bytes + bytes })
    }
    this.#bytes += bytes
    this.#kept.set(nonce, { mount, bytes, keys, owner, until: now() + lifetime })
  }

  claim (nonce: string): Mount | null {
    this.expire()
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
    this.#shares.clear()
    this.#bytes = 0
  }

  /** Forgets those whose socket has not come in time: with every beat, else the last of a busy day stay for the night. */
  expire (): void {
    const now = this.#options.now()
    // Oldest first, since all live equally long.
    for (const [nonce, retained] of this.#kept) {
      if (retained.until > now) return
      this.#drop(nonce, retained)
    }
  }

  #shareOf (key: string): Share {
    return this.#shares.get(key) ?? NOTHING
  }

  #drop (nonce: string, { keys, bytes }: Retained): void {
    this.#kept.delete(nonce)
    this.#bytes -= bytes
    for (const key of keys) {
      const share = this.#shareOf(key)
      if (share.mounts === 1) this.#shares.delete(key)
      else this.#shares.set(key, { mounts: share.mounts - 1, bytes: share.bytes - bytes })
    }
  }
}

/** An address is no tenant's: who knows the names of ten tenants would else have ten shares. */
function keysOf ({ address, session, tenant }: MountOwner): string[] {
  const own = keyOf(null, 'address', address)
  return session === null ? [own] : [own, keyOf(tenant, 'session', session)]
}
