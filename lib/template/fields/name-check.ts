import { checkCollisions, checkRoots } from './check-roots.ts'
import type { FieldSet } from './field-set.ts'

export interface KnownNames {
  readonly fields: FieldSet
  /** Null where the state's keys are not known before a view is mounted. */
  readonly state: readonly string[] | null
  readonly loaders: readonly string[]
  /** Names that every template of a view has: the environment's, `can`, `flash`. */
  readonly globals: readonly string[]
  /** Names that the application adds with each request; null where it did not say which. */
  readonly requestGlobals: readonly string[] | null
}

export interface NameCheck {
  /** True when nothing is left for the first mount. */
  readonly complete: boolean
  /** Looks at what was not known at boot: the keys of a mount's state, the names of a request's globals. Once is enough. */
  readonly atMount: (state: readonly string[], requestGlobals: readonly string[]) => void
}

/** Checks a view's names as far as they are known at boot; throws as `checkRoots` does. */
export function createNameCheck ({ fields, state, loaders, globals, requestGlobals }: KnownNames): NameCheck {
  const complete = state !== null && requestGlobals !== null
  let done = complete
  if (complete) checkRoots(fields, { state, loaders, globals: [...globals, ...requestGlobals] })
  else checkCollisions({ state, loaders, globals: [...globals, ...requestGlobals ?? []] })
  return Object.freeze({
    complete,
    atMount (keys, names) {
      if (done) return
      checkRoots(fields, { state: keys, loaders, globals: [...globals, ...names] })
      done = true
    },
  } satisfies NameCheck)
}
