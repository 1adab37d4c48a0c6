import { parseFrame } from '../security/parse-frame.ts'
import type { Arrival } from './arrival.ts'
import { violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'

/** Bounded in depth, tokens and lengths before it is parsed; without poison after. UTF-8 has been checked by the socket. */
export function parseText (arrival: Arrival): Refusal | null {
  const parsed = parseFrame(arrival.data.toString('utf8'))
  if (!parsed.ok) return violation('LIVE_ERR_FRAME_JSON', 'invalid', parsed.reason)
  arrival.value = parsed.value
  return null
}
