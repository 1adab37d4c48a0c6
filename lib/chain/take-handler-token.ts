import type { Joined } from '../view/connection-settings.ts'
import { isTyping } from './is-typing.ts'
import { refusal, violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/**
 * The event's own budget, shared by all sockets of one caller. Over it typing is told how long to wait, and so are the clicks
 * of somebody impatient, or of people who share an address: only who goes on for long is warned.
 */
export function takeHandlerToken ({ connection, message }: Turn): Refusal | null {
  const buckets = connection.route.handlerBuckets.get(message.event)
  if (buckets === undefined) return null
  const key = (connection.joined as Joined).handlerKey(message.event)
  if (buckets.take(key)) return null
  const patient = isTyping(message.kind) || connection.patience.take()
  const refused = (patient ? refusal : violation)('LIVE_ERR_HANDLER_RATE', 'limit', `'${message.event}' is over its budget`)
  return { ...refused, wait: Math.ceil(buckets.untilNext(key)) }
}
