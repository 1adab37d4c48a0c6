import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Every byte that a server sends from now on: headers, bodies, upgrades, frames, close frames. */
export function recordBytes (server: Server): () => Buffer {
  const chunks: Buffer[] = []
  server.on('connection', (socket: Socket) => {
    const keep = (chunk: unknown, encoding: unknown): void => {
      if (typeof chunk === 'string') chunks.push(Buffer.from(chunk, typeof encoding === 'string' ? encoding as BufferEncoding : 'utf8'))
      else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk))
    }
    // Below all that writes to a connection, whether one chunk at a time or several at once.
    const { _write, _writev } = socket
    socket._write = (chunk, encoding, done) => {
      keep(chunk, encoding)
      _write.call(socket, chunk, encoding, done)
    }
    socket._writev = (all, done) => {
      for (const { chunk, encoding } of all) keep(chunk, encoding)
      _writev?.call(socket, all, done)
    }
  })
  return () => Buffer.concat(chunks)
}
