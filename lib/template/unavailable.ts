/** Stands for a loader's data in the names that a template sees, where there is none. */
export interface Unavailable {
  readonly loader: string
  /** `unneeded`: it was not loaded, since nothing shown reads it. `failed`: its loader failed. `pending`: it is still loading. */
  readonly why: 'unneeded' | 'failed' | 'pending'
  /** Under which id the failure was logged; '' otherwise. */
  readonly errorId: string
}

/** A template touched data that is not there. Errors that wrap it keep it as their `cause`. */
export class NotLoaded extends Error {
  override readonly name = 'NotLoaded'
  readonly missing: Unavailable
  /** What stands for the data. */
  readonly placeholder: object

  constructor (missing: Unavailable, placeholder: object) {
    super(`the data of loader '${missing.loader}' was read, and is ${missing.why === 'unneeded' ? 'not loaded' : missing.why}`)
    this.missing = missing
    this.placeholder = placeholder
  }

  get loader (): string {
    return this.missing.loader
  }
}

/** What each placeholder stands for. */
const stands = new WeakMap<object, Unavailable>()

const traps = [
  'apply', 'defineProperty', 'deleteProperty', 'get', 'getPrototypeOf', 'has', 'isExtensible', 'ownKeys', 'preventExtensions', 'set',
  'setPrototypeOf'
] as const

/**
 * Makes what stands under a loader's name while its data is missing. It may be passed around; whoever looks into it, prints,
 * walks, converts or calls it gets a NotLoaded. Whether it is there at all cannot be trapped: it is true, and defined. A template
 * that looks up a part of what is `unneeded` gets the placeholder again: a name may be set to it that is not used.
 */
export function unavailable (loader: string, why: Unavailable['why'], errorId: string): object {
  const missing: Unavailable = Object.freeze({ loader, why, errorId })
  const touched = (): never => { throw new NotLoaded(missing, placeholder) }
  // Over a function, so that calling it is trapped as well.
  const placeholder = new Proxy(() => {}, {
    ...Object.fromEntries(traps.map((trap) => [trap, touched])),
    // nunjucks asks the last argument of every call of a macro whether it holds the named ones.
    getOwnPropertyDescriptor: (_, key) => key === '__keywords' ? undefined : touched()
  })
  stands.set(placeholder, missing)
  return placeholder
}

/** What a value stands for, if it is a placeholder. */
export function missingOf (value: unknown): Unavailable | null {
  return typeof value === 'function' ? stands.get(value) ?? null : null
}

/** The touch of a placeholder that an error is or wraps. */
export function touchOf (error: unknown): NotLoaded | null {
  // An error may be its own cause, a few steps on.
  for (let cause: any = error, depth = 0; cause instanceof Error && depth < 10; cause = cause.cause, depth++) {
    if (cause instanceof NotLoaded) return cause
  }
  return null
}
