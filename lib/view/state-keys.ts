import { isThenable } from './is-thenable.ts'
import type { StateContext, View } from './view.ts'

/** Somebody of whom nothing is known: every name of theirs is an empty text. */
const nobody: object = new Proxy(Object.freeze(Object.create(null)), {
  get: () => ''
})

/**
 * The names that a view's state has, from a call with an empty request: templates can be checked against them at boot. Null
 * where it needs more than that to answer; then they are known with the first mount.
 */
export function stateKeysOf (view: View): readonly string[] | null {
  try {
    const context = { params: {}, query: {}, identity: nobody, tenant: null } as unknown as StateContext
    const state: unknown = view.state(context)
    if (isThenable(state)) {
      state.then(undefined, () => {})
      return null
    }
    return typeof state === 'object' && state !== null ? Object.keys(state) : null
  } catch {
    return null
  }
}
