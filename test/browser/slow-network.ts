import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** The way between a browser and a server: as slow as a test says, and cut when it says so. */
export interface Network {
  readonly url: string
  /** Milliseconds, each way. */
  delay: number
  /** Where it leads. */
  port: number
  /** How many bytes went to the server since the last cut. */
  sent: number
  /** What the server answers does not arrive any more. */
  deaf: boolean
  /** All connections end as they do when a phone leaves the house: neither side says goodbye. */
  cut (): void
}

export async function slowNetwork (test: { teardown (close: () => Promise<void>): unknown }): Promise<Network> {
  const sockets = new Set<Socket>()
  const pipe = (from: Socket, to: Socket, isUp: boolean): void => {
    let last = 0
    from.on('data', (chunk: Buffer) => {
      if (isUp) network.sent += chunk.length
      else if (network.deaf) return
      // Later bytes do not overtake earlier ones when the delay becomes shorter.
      last = Math.max(last, performance.now() + network.delay)
      setTimeout(() => { if (!to.destroyed) to.write(chunk) }, last - performance.now())
    })
    from.on('error', () => {})
    from.on('close', () => { setTimeout(() => { to.destroy() }, network.delay) })
  }
  const server = createServer((near) => {
    const far = connect(network.port, '127.0.0.1')
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      sockets.add(socket)
      socket.on('close', () => { sockets.delete(socket) })
    }
    pipe(near, far, true)
    pipe(far, near, false)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const network: Network = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    delay: 0,
    port: 0,
    sent: 0,
    deaf: false,
    cut () {
      network.sent = 0
      network.deaf = false
      for (const socket of sockets) socket.destroy()
    }
  }
  test.teardown(async () => {
    network.cut()
    await new Promise((resolve) => server.close(resolve))
  })
  return network
}
