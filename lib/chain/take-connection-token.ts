import type { Arrival } from './arrival.ts'
import { isTyping } from './is-typing.ts'
import { refusal, violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'

/** The connection's own budget. A fast typist is only told to wait; everything else over budget is a warning. */
export function takeConnectionToken ({ connection, message }: Arrival): Refusal | null {
  if (connection.bucket.take()) return null
  const typing = message?.type === 'event' && isTyping(message.kind)
  return (typing ? refusal : violation)('LIVE_ERR_RATE', 'limit', 'the connection is over its budget')
}
