import { refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/** Answers the event with what it changed: ack and patch are one message. */
export function publishChange ({ connection, message }: Turn): null | Promise<Refusal | null> {
  const failed = (err: unknown): Refusal =>
    ({ ...refusal('LIVE_ERR_RENDER', 'error', 'rendering'), id: connection.fail(err, 'live rendering failed') })
  // A rendering that fails answers by promise, however it failed.
  const outcome = connection.publisher.publish(message.ref)
  return outcome instanceof Promise ? outcome.then(() => null, failed) : null
}
