import type { RenderedBinding } from '../render/resolve-binding.ts'
import { withDeadline } from '../view/deadline.ts'
import type { PayloadCheck, PayloadResult } from '../view/payload-check.ts'
import { isTyping } from './is-typing.ts'
import { refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/** Against the event's schema: what the browser adds, with the control's own rendered values over it. */
export function checkPayload (turn: Turn): Refusal | null | Promise<Refusal | null> {
  const { connection, message } = turn
  const check = connection.route.payloads.get(message.event) as PayloadCheck
  const { values } = turn.binding as RenderedBinding
  const given = Object.assign(Object.create(null), message.data, values) as Record<string, unknown>
  const checked = check(given)
  if (!(checked instanceof Promise)) return settle(turn, checked)
  return withDeadline(checked, `payload of '${message.event}'`, connection.route.deadlines.handler, () => {})
    .then((result) => settle(turn, result))
}

function settle (turn: Turn, result: PayloadResult): Refusal | null {
  if (!result.ok) {
    const refused = refusal('LIVE_ERR_PAYLOAD', 'invalid', result.detail)
    // Half an address is no address yet: who types has every key stroke refused until the last.
    return isTyping(turn.message.kind) ? { ...refused, beyond: 'limit' } : refused
  }
  turn.payload = result.payload
  return null
}
