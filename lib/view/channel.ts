/** What a connection needs of its socket. */
export interface Channel {
  /** Bytes handed over and not yet taken by the network. */
  readonly buffered: number
  /** `sent` runs when the network has taken it. */
  send (text: string, sent: () => void): void
  /** Asks whether the other side is there: every browser answers by itself. */
  ping (): void
  /** Reads no more from the network, until `resume`. A few frames that were read before may still come. */
  pause (): void
  resume (): void
  close (code: number, reason: string): void
  /** Ends it without waiting for the other side. */
  terminate (): void
}
