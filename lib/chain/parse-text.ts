import { parseFrame } from '../security/parse-frame.ts'
import type { FrameRefusal } from '../security/parse-frame.ts'
import type { Arrival } from './arrival.ts'
import { refusal, violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'

const EVENT = /^\["e",([1-9]\d{0,9}),(?:"[a-z][a-z0-9_]{0,63}","(input|change)",)?/

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
  const [, ref = 0, typing] = EVENT.exec(text) ?? []
  arrival.ref = Number(ref)
  if (!HONEST.has(parsed.reason)) return violation('LIVE_ERR_FRAME_JSON', 'invalid', parsed.reason)
  const refused = refusal('LIVE_ERR_FRAME_JSON', 'invalid', parsed.reason)
  return typing === undefined ? refused : { ...refused, beyond: 'limit' }
}
