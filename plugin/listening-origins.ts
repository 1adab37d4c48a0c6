import type { AddressInfo } from 'node:net'

const ANY = new Set(['0.0.0.0', '::'])
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * The origins under which a development server is opened: the addresses that it listens on, and the names of loopback.
 * @param addresses what the server is bound to; a unix socket, a text, has no origin
 */
export function listeningOrigins (scheme: 'http' | 'https', addresses: ReadonlyArray<AddressInfo | string>): string[] {
  const origins = addresses.flatMap((bound) => {
    if (typeof bound === 'string') return []
    const { address, port, family } = bound
    const any = ANY.has(address)
    const own = any ? [] : [family === 'IPv6' ? `[${address}]` : address]
    const names = any || address === '::1' || address.startsWith('127.') ? [...own, ...LOOPBACK] : own
    return names.map((name) => `${scheme}://${name}:${port}`)
  })
  // Without a listening server (inject) nothing is allowed: an origin that no browser has.
  return origins.length > 0 ? [...new Set(origins)] : ['http://not-listening.invalid']
}
