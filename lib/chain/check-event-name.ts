import { isSafeEventName } from '../security/is-safe-event-name.ts'
import { violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/** Before the name is used for anything at all. */
export function checkEventName ({ message }: Turn): Refusal | null {
  return isSafeEventName(message.event) ? null : violation('LIVE_ERR_EVENT_NAME', 'invalid', `event name ${message.event}`)
}
