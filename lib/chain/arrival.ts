import type { ClientMessage } from '../security/envelope.ts'
import type { PlainValue } from '../security/copy-plain.ts'
import type { LiveConnection } from '../view/live-connection.ts'
import type { Step } from './run-chain.ts'
import { checkFrameKind } from './check-frame-kind.ts'
import { checkSize } from './check-size.ts'
import { decodeMessage } from './decode-message.ts'
import { deliver } from './deliver.ts'
import { meterFrame } from './meter-frame.ts'
import { parseText } from './parse-text.ts'
import { takeConnectionToken } from './take-connection-token.ts'

/** A frame on its way in. Steps fill in what they have made of it. */
export interface Arrival {
  readonly connection: LiveConnection
  readonly data: Buffer
  readonly isBinary: boolean
  /** The ref of a frame that begins like an event, though it is refused before it is read: its sender waits for an answer. */
  ref: number
  value: PlainValue
  message: ClientMessage | null
}

/** What every frame passes as it comes in, in this order: the cheap refusals first, nothing parsed that was not metered. */
export const ARRIVAL: ReadonlyArray<Step<Arrival>> = Object.freeze([
  meterFrame, checkFrameKind, checkSize, parseText, decodeMessage, takeConnectionToken, deliver,
])
