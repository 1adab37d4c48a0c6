import type { Joined } from '../view/connection-settings.ts'
import { withDeadline } from '../view/deadline.ts'
import { HandlerScope } from '../view/handler-scope.ts'
import { isThenable } from '../view/is-thenable.ts'
import type { DeclaredEvent } from '../view/view.ts'
import { refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/** The event's own rule, asked on every use with live data, after validation. Anything but `true`, a throw included, denies. */
export function authorizeEvent ({ connection, event, payload }: Turn): Refusal | null | Promise<Refusal | null> {
  const { name, authorize } = event as DeclaredEvent
  if (authorize === null) return null
  const denied = refusal('LIVE_ERR_DENIED', 'denied', `authorize of '${name}'`)
  const broken = (err: unknown): Refusal => ({ ...denied, id: connection.fail(err, 'live authorize failed') })
  try {
    const answer: unknown = authorize(new HandlerScope(connection, (connection.joined as Joined).mount, payload))
    if (isThenable(answer)) {
      return withDeadline(Promise.resolve(answer), `authorize of '${name}'`, connection.route.deadlines.handler, () => {})
        .then((allowed) => allowed === true ? null : denied, broken)
    }
    return answer === true ? null : denied
  } catch (err) {
    return broken(err)
  }
}
