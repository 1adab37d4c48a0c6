import { violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/** Only what the view declares, out of a Map: no name reaches an object's prototype. */
export function checkDeclared (turn: Turn): Refusal | null {
  const { connection, message } = turn
  const { view } = connection.route.compiled
  const event = view.events.get(message.event)
  if (event === undefined) return violation('LIVE_ERR_EVENT', 'invalid', `'${message.event}' is no event of '${view.name}'`)
  if (!event.declared) connection.route.onUndeclared?.(view.name, event.name)
  turn.event = event
  return null
}
