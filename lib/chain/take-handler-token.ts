import type { Joined } from '../view/connection-settings.ts'
import { refusal, violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/** The event's own budget, shared by all sockets of one caller. Typing over budget is told to wait, the rest is warned. */
export function takeHandlerToken ({ connection, message }: Turn): Refusal | null {
  const buckets = connection.route.handlerBuckets.get(message.event)
  if (buckets === undefined || buckets.take((connection.joined as Joined).handlerKey(message.event))) return null
  const typing = message.kind === 'input' || message.kind === 'change'
  return (typing ? refusal : violation)('LIVE_ERR_HANDLER_RATE', 'limit', `'${message.event}' is over its budget`)
}
