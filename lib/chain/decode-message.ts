import { decodeEnvelope } from '../security/envelope.ts'
import type { Arrival } from './arrival.ts'
import { violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'

/** One of the messages of docs/protocol.md, every element typed and in range. */
export function decodeMessage (arrival: Arrival): Refusal | null {
  const decoded = decodeEnvelope(arrival.value)
  if (!decoded.ok) return violation('LIVE_ERR_FRAME_ENVELOPE', 'invalid', decoded.reason)
  arrival.message = decoded.message
  return null
}
