import { parseFrame } from '../security/parse-frame.ts'
import type { FrameRefusal } from '../security/parse-frame.ts'
import type { Arrival } from './arrival.ts'
import { refusal, violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'

const EVENT = /^\["e",([1-9]\d{0,9}),/

/** What a person can come to by filling in a form: a long text, many fields. */
const HONEST: ReadonlySet<FrameRefusal> = new Set(['string', 'keys', 'items', 'key'])

/** Bounded in depth, tokens and lengths before it is parsed; without poison after. UTF-8 has been checked by the socket. */
export function parseText (arrival: Arrival): Refusal | null {
  const text = arrival.data.toString('utf8')
  const parsed = parseFrame(text)
  if (parsed.ok) {
    arrival.value = parsed.value
    return null
  }
  arrival.ref = Number(EVENT.exec(text)?.[1] ?? 0)
  return (HONEST.has(parsed.reason) ? refusal : violation)('LIVE_ERR_FRAME_JSON', 'invalid', parsed.reason)
}
