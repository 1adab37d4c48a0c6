/** What a connection needs of its socket. */
export interface Channel {
  /** Bytes handed over and not yet taken by the network. */
  readonly buffered: number
  /** `sent` runs when the network has taken it. */
  send (text: string, sent: () => void): void
  close (code: number, reason: string): void
  /** Ends it without waiting for the other side. */
  terminate (): void
}
