import { isIPv4, isIPv6 } from 'node:net'

const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * The key under which an address is limited. IPv6 by /64, since one customer has at least that many addresses; IPv4 inside
 * IPv6 as IPv4; all that is no address (unix sockets, a header that a trusted proxy passed on unchecked) under one key.
 */
export function ipKey (ip: unknown): string {
  if (typeof ip !== 'string') return 'unknown'
  if (isIPv4(ip)) return ip
  if (!isIPv6(ip)) return 'unknown'
  const address = canonical(ip.split('%', 1)[0] as string)
  const four = mapped.exec(address)
  if (four !== null) return dotted(parseInt(four[1] as string, 16), parseInt(four[2] as string, 16))
  return canonical(`${network(address)}::`)
}

/** The URL parser spells every address in one way, RFC 5952's. */
function canonical (ip: string): string {
  return new URL(`http://[${ip}]`).hostname.slice(1, -1)
}

function network (address: string): string {
  const [head, tail] = address.split('::') as [string, string?]
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return groups.slice(0, 4).join(':')
}

function dotted (high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}
