import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'

const ANY = new Set(['0.0.0.0', '::'])
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The origins under which a development server is opened: the addresses that it listens on, and the names of loopback. */
export function listeningOrigins (app: FastifyInstance): string[] {
  const scheme = (app.initialConfig as { https?: unknown }).https ? 'https' : 'http'
  const addresses = app.addresses() as unknown as ReadonlyArray<AddressInfo | string>
  const origins = addresses.flatMap((bound) => {
    // A unix socket has no origin.
    if (typeof bound === 'string') return []
    const { address, port, family } = bound
    const host = family === 'IPv6' ? `[${address}]` : address
    const loopback = ANY.has(address) || address === '::1' || address.startsWith('127.')
    return [...ANY.has(address) ? [] : [host], ...loopback ? LOOPBACK : []].map((name) => `${scheme}://${name}:${port}`)
  })
  // Without a listening server (inject) nothing is allowed: an origin that no browser has.
  return origins.length > 0 ? [...new Set(origins)] : ['http://not-listening.invalid']
}
