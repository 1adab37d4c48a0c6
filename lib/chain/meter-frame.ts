import type { Arrival } from './arrival.ts'
import { violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'

/** Frames and bytes are counted before anything looks at them: junk must not be cheaper to send than events (djust 1.1). */
export function meterFrame ({ connection, data }: Arrival): Refusal | null {
  return connection.meter.frame(data.length) ? null : violation('LIVE_ERR_FRAME_RATE', 'limit', 'frames or bytes come too fast')
}
