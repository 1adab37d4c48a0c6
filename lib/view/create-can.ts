import { LIVE_ERR_CAN_ASYNC, LIVE_ERR_EVENT_UNKNOWN } from './errors.ts'
import { isThenable } from './is-thenable.ts'
import type { Mount } from './mount.ts'
import type { AnyEventContext } from './view.ts'

/**
 * `can('cancel', { id: 7 })` in a template asks the event's own `authorize`: what may not be done is not shown, by one rule
 * with two uses. An event without `authorize` may be done by whoever sees the view.
 */
export function createCan (mount: Mount): (event: string, payload?: Record<string, unknown>) => boolean {
  return (name, payload = {}) => {
    const { view } = mount.compiled
    const event = view.events.get(name)
    if (event === undefined) {
      throw new LIVE_ERR_EVENT_UNKNOWN(`can() in ${view.template}`, String(name), `Events: ${[...view.events.keys()].join(', ') || 'none'}`)
    }
    if (event.authorize === null) return true
    const { state, data, identity, tenant, params, query, hasPermission } = mount
    const context = { state, data, identity, tenant, params, query, hasPermission, payload }
    const answer: unknown = event.authorize(context as AnyEventContext)
    if (isThenable(answer)) {
      answer.then(undefined, () => {})
      throw new LIVE_ERR_CAN_ASYNC(name)
    }
    return answer === true
  }
}
