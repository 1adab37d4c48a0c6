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
  const scope = new HandlerScope(connection, (connection.joined as Joined).mount, payload)
  try {
    const answer: unknown = authorize(scope)
    if (isThenable(answer)) {
      const { handler } = connection.route.deadlines
      return withDeadline(Promise.resolve(answer), `authorize of '${name}'`, handler, () => { scope.abort() })
        .then((allowed) => allowed === true ? null : denied, broken)
        .finally(() => { scope.end() })
    }
    scope.end()
    return answer === true ? null : denied
  } catch (err) {
    scope.end()
    return broken(err)
  }
}
