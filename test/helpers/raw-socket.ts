import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { frame } from '../../benchmark/raw-frame.ts'

export { frame }

export interface RawFrame {
  readonly fin: boolean
  readonly opcode: number
  readonly payload: Buffer
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

export interface HandshakeOptions {
  readonly method?: string
  /** In place of those of an honest browser; undefined leaves one out, a list repeats it. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Right behind the request, in the same packet. */
  readonly behind?: string | Buffer
}

/** A close frame with a code and whatever stands behind it. */
export function closeFrame (code: number, reason: string | Buffer = ''): Buffer {
  const head = Buffer.alloc(2)
  head.writeUInt16BE(code)
  return frame(Buffer.concat([head, Buffer.from(reason)]), { opcode: 8 })
}

/** A TCP connection on which everything is written and read by hand: what no WebSocket library would send. */
export class RawSocket {
  readonly socket: Socket
  /** Resolves when nothing comes any more, however it ended. */
  readonly ended: Promise<void>
  #bytes: Buffer = Buffer.alloc(0)
  #over = false
  #wake: () => void = () => {}

  private constructor (socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    // A reset is an end like any other.
    socket.on('error', () => {})
    const over = (): void => {
      this.#over = true
      this.#wake()
    }
    socket.on('end', over)
    socket.on('close', over)
    this.ended = new Promise((resolve) => {
      socket.once('end', resolve)
      socket.once('close', () => { resolve() })
    })
  }

  /** @param from the address that the connection comes from, on loopback */
  static async connect (url: string, from?: string): Promise<RawSocket> {
    const { hostname, port } = new URL(url)
    const local = from === undefined ? {} : { localAddress: from }
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, ...local })
    const raw = new RawSocket(socket)
    await once(socket, 'connect')
    return raw
  }

  write (bytes: string | Buffer): void {
    this.socket.write(bytes)
  }

  /** The upgrade request of an honest browser, with what is changed in it. */
  request (url: string, { method = 'GET', headers = {}, behind = '' }: HandshakeOptions = {}): void {
    const { host, origin, pathname, search } = new URL(url)
    const all: NonNullable<HandshakeOptions['headers']> = {
      Host: host,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      Origin: origin,
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
      'Sec-WebSocket-Protocol': 'live.v1',
      ...headers
    }
    const lines = Object.entries(all).flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name}: ${each}`))
    const head = [`${method} ${pathname}${search} HTTP/1.1`, ...lines, '', ''].join('\r\n')
    this.write(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(behind)]))
  }

  /** The head of the HTTP answer. */
  async answer (): Promise<RawAnswer> {
    while (!this.#bytes.includes('\r\n\r\n')) await this.#more('an answer')
    const end = this.#bytes.indexOf('\r\n\r\n')
    const [first = '', ...lines] = this.#take(end + 4).toString('latin1').trim().split('\r\n')
    const headers = lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
    return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(headers) as Record<string, string> }
  }

  /** Everything that still comes until the other side ends. */
  async rest (): Promise<string> {
    await this.ended
    return this.#take(this.#bytes.length).toString('latin1')
  }

  /** The next frame from the server; null where it ended instead. */
  async frame (): Promise<RawFrame | null> {
    try {
      while (this.#bytes.length < 2) await this.#more('a frame')
      const short = (this.#bytes[1] as number) & 127
      const header = short === 126 ? 4 : short === 127 ? 10 : 2
      while (this.#bytes.length < header) await this.#more('a length')
      const length = short === 126 ? this.#bytes.readUInt16BE(2) : short === 127 ? Number(this.#bytes.readBigUInt64BE(2)) : short
      while (this.#bytes.length < header + length) await this.#more('a payload')
      const [first] = this.#take(header) as unknown as [number]
      return { fin: (first & 128) !== 0, opcode: first & 15, payload: this.#take(length) }
    } catch {
      return null
    }
  }

  /** The code of the close frame, whatever comes before it: 1005 where it has none, 1006 where the socket just ended. */
  async closed (): Promise<number> {
    for (;;) {
      const next = await this.frame()
      if (next === null) return 1006
      if (next.opcode === 8) return next.payload.length < 2 ? 1005 : next.payload.readUInt16BE(0)
    }
  }

  /** Ends our half and waits for the other. */
  async hangUp (): Promise<void> {
    this.socket.end()
    await this.ended
    this.socket.destroy()
  }

  #take (count: number): Buffer {
    const taken = this.#bytes.subarray(0, count)
    this.#bytes = this.#bytes.subarray(count)
    return taken
  }

  async #more (what: string): Promise<void> {
    const before = this.#bytes.length
    while (this.#bytes.length === before) {
      if (this.#over) throw new Error(`the socket ended where ${what} was due, after ${JSON.stringify(this.#bytes.toString('latin1'))}`)
      await new Promise<void>((resolve) => { this.#wake = resolve })
    }
  }
}

/** An open WebSocket, spoken by hand. */
export async function openRaw (url: string, options: HandshakeOptions & { readonly from?: string } = {}): Promise<RawSocket> {
  const raw = await RawSocket.connect(url, options.from)
  raw.request(url, options)
  const { status } = await raw.answer()
  if (status !== 101) throw new Error(`status ${status}`)
  return raw
}
