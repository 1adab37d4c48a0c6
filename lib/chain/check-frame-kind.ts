import { CLOSE_UNSUPPORTED } from '../view/close-codes.ts'
import type { Arrival } from './arrival.ts'
import { fatal } from './refusal.ts'
import type { Refusal } from './refusal.ts'

/** The protocol has no binary frames. */
export function checkFrameKind ({ isBinary }: Arrival): Refusal | null {
  return isBinary ? fatal('LIVE_ERR_FRAME_BINARY', CLOSE_UNSUPPORTED, 'binary frame') : null
}
