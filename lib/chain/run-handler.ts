import { CLOSE_SESSION_ENDED } from '../view/close-codes.ts'
import type { Joined } from '../view/connection-settings.ts'
import { withDeadline } from '../view/deadline.ts'
import { HandlerScope } from '../view/handler-scope.ts'
import { isThenable } from '../view/is-thenable.ts'
import type { DeclaredEvent } from '../view/view.ts'
import { fatal, refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/** Runs the handler, under a deadline where it does not answer at once. An error in it ends nothing but this event. */
export function runHandler (turn: Turn): Refusal | null | Promise<Refusal | null> {
  const { connection, payload } = turn
  // The steps before may have waited, and the session ended meanwhile.
  if (connection.isClosed()) return fatal('LIVE_ERR_CLOSED', CLOSE_SESSION_ENDED, 'the connection ended before the handler')
  const event = turn.event as DeclaredEvent
  const { mount } = connection.joined as Joined
  if (mount.flashes.length > 0) mount.flashes = []
  const scope = new HandlerScope(connection, mount, payload)
  turn.scope = scope
  const { query } = mount
  const before = connection.effects.pending()
  const failed = (err: unknown): Refusal => {
    turn.failed = true
    // Where it wanted to go, and what it wanted to say, was for its success. The state stays as it left it.
    connection.effects.restore(before)
    mount.flashes = []
    if (mount.query !== query) {
      mount.query = query
      mount.queryChanged = false
    }
    return { ...refusal('LIVE_ERR_HANDLER', 'error', `handler of '${event.name}'`), id: connection.fail(err, 'live event failed') }
  }
  try {
    const outcome: unknown = event.run(scope)
    for (const name of event.reloads) connection.reloads.add(name)
    if (!isThenable(outcome)) return null
    const { handler } = connection.route.deadlines
    return withDeadline(Promise.resolve(outcome), `event '${event.name}'`, handler, () => { scope.abort() }).then(() => null, failed)
  } catch (err) {
    return failed(err)
  }
}
