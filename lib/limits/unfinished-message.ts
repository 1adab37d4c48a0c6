export interface UnfinishedMessageOptions {
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

export interface UnfinishedMessage {
  /** Bytes have come over the socket, of whatever frame; to be told before the frames that end in them. */
  bytes (count: number): void
  /** A whole data message has come. */
  message (): void
  /** A ping or pong of so many bytes has come. */
  control (length: number): void
  /** Nothing was read for a while, by our own will: that time is not held against anyone. */
  resumed (): void
  /** Whether somebody has kept us waiting too long for the end of what he began. */
  overdue (): boolean
}

/** Milliseconds between a message's first byte and its last: at 64 KB that is less than the slowest mobile network needs. */
const DEADLINE = 10_000

/**
 * Finds the message that never ends: a first fragment and then silence, or a byte each second. The websocket library shows
 * whole messages only, so bytes are counted against them. A data message settles all that came before, since how it was cut
 * into frames is not known. A ping or pong is one frame of known size (RFC 6455, 5.5: short, masked, never cut), and settles
 * just itself: else pings in between would hide the message that never ends.
 */
export function createUnfinishedMessage ({ now }: UnfinishedMessageOptions): UnfinishedMessage {
  let unsettled = 0
  let since = 0
  return {
    bytes (count) {
      if (unsettled === 0) since = now()
      unsettled += count
    },
    message () {
      unsettled = 0
    },
    control (length) {
      unsettled = Math.max(0, unsettled - 6 - length)
    },
    resumed () {
      since = now()
    },
    overdue: () => unsettled > 0 && now() - since > DEADLINE
  }
}
