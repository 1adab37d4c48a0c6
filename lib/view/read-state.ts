import type { CompiledView } from './compiled-view.ts'
import { LIVE_ERR_VIEW } from './errors.ts'
import { isThenable } from './is-thenable.ts'
import { ownState } from './own-state.ts'
import { show } from './show-value.ts'
import type { StateContext } from './view.ts'

/** What a view's `state` answers, as this page's own. Throws LIVE_ERR_VIEW for a promise, and for what is no object. */
export function readState ({ view }: CompiledView, context: StateContext): object {
  const state: unknown = view.state(context)
  if (typeof state === 'object' && state !== null && !isThenable(state)) return ownState(view.name, state)
  if (isThenable(state)) state.then(undefined, () => {})
  const answer = isThenable(state) ? 'a promise' : show(state)
  throw new LIVE_ERR_VIEW(view.name, `its state answered ${answer}`, 'Answer plain data at once; what has to be fetched is for loaders')
}
