import { CLOSE_TOO_BIG } from '../view/close-codes.ts'
import type { Arrival } from './arrival.ts'
import { fatal } from './refusal.ts'
import type { Refusal } from './refusal.ts'

/**
 * The route's own limit, once more: the socket's `maxPayload` is set from it at the upgrade, by way of the one server that
 * all routes share, and this holds whatever became of that.
 */
export function checkSize ({ connection, data }: Arrival): Refusal | null {
  const { maxMessageSize } = connection.route.limits
  if (data.length <= maxMessageSize) return null
  return fatal('LIVE_ERR_FRAME_SIZE', CLOSE_TOO_BIG, `${data.length} bytes, allowed are ${maxMessageSize}`)
}
