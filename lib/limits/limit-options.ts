import { showValue } from '../security/show-value.ts'
import { LimitOptionError } from './errors.ts'

export interface RateLimit {
  /** Messages a second. */
  readonly rate: number
  readonly burst: number
  readonly maxWarnings: number
  /** Open connections of one address whose visitors have not signed in (yet). */
  readonly maxConnectionsPerIp: number
  /** Open connections of one address whose visitors have: an office has more people than an attacker should have sockets. */
  readonly maxSignedInPerIp: number
  readonly maxConnectionsPerSession: number
  readonly maxConnectionsPerIdentity: number
  /** Open connections of this process, those in their handshake included. The plugin's, not a route's. */
  readonly maxConnections: number
  /** Handshakes a second that this process takes, as many at once: after a restart everybody comes back. The plugin's. */
  readonly maxJoinsPerSecond: number
  /** Seconds that a session, an identity and, for strangers, an address are kept out after a connection used up its warnings. */
  readonly reconnectCooldown: number
  /** Live pages a second that one address may load; four times as many at once. The plugin's, not a route's. */
  readonly maxPagesPerIp: number
}

/** What a route may have of its own. */
export type RouteRateLimit = Omit<RateLimit, 'maxConnections' | 'maxJoinsPerSecond' | 'maxPagesPerIp'>

export interface EventRateLimit {
  readonly rate: number
  readonly burst: number
}

export interface LimitOptions {
  readonly rateLimit?: Partial<RateLimit> | undefined
  readonly maxMessageSize?: number | undefined
  readonly maxStateSize?: number | undefined
}

export interface Limits {
  readonly rateLimit: RateLimit
  readonly maxMessageSize: number
  /** Bytes of one connection's state, estimated. */
  readonly maxStateSize: number
}

interface Range { readonly least: number, readonly most: number, readonly whole: boolean }

const ranges: Readonly<Record<keyof RateLimit, Range>> = Object.freeze({
  rate: { least: 0.001, most: 1_000_000, whole: false },
  burst: { least: 1, most: 1_000_000, whole: true },
  maxWarnings: { least: 1, most: 1000, whole: true },
  maxConnectionsPerIp: { least: 1, most: 1_000_000, whole: true },
  maxSignedInPerIp: { least: 1, most: 1_000_000, whole: true },
  maxConnectionsPerSession: { least: 1, most: 1_000_000, whole: true },
  maxConnectionsPerIdentity: { least: 1, most: 1_000_000, whole: true },
  maxConnections: { least: 1, most: 1_000_000, whole: true },
  maxJoinsPerSecond: { least: 1, most: 1_000_000, whole: true },
  reconnectCooldown: { least: 0, most: 86400, whole: false },
  maxPagesPerIp: { least: 1, most: 1_000_000, whole: true }
})
const rateNames = Object.keys(ranges) as ReadonlyArray<keyof RateLimit>
/** Of the process, or of pages whatever their route: on a route they would limit nothing. */
const pluginOnly: ReadonlyArray<keyof RateLimit> = Object.freeze(['maxConnections', 'maxJoinsPerSecond', 'maxPagesPerIp'] as const)
const messageSize: Range = Object.freeze({ least: 128, most: 16 * 1024 * 1024, whole: true })
const stateSize: Range = Object.freeze({ least: 1024, most: 1024 * 1024 * 1024, whole: true })

const defaults: Limits = Object.freeze({
  rateLimit: Object.freeze({
    rate: 100,
    burst: 20,
    maxWarnings: 3,
    maxConnectionsPerIp: 10,
    maxSignedInPerIp: 100,
    maxConnectionsPerSession: 20,
    maxConnectionsPerIdentity: 50,
    maxConnections: 10_000,
    maxJoinsPerSecond: 200,
    reconnectCooldown: 5,
    maxPagesPerIp: 50
  }),
  maxMessageSize: 65536,
  maxStateSize: 256 * 1024
})

/** The plugin's limits: what is given, checked, over the defaults. */
export function normalizeLimits (options: LimitOptions = {}): Limits {
  return mergeLimits(defaults, options)
}

/**
 * Limits with a route's own values over them, checked and frozen. No limit can be switched off: zero and Infinity are
 * refused (a cooldown of 0 is none).
 * @param path where the options stand, for error messages: `live` for a route's
 */
export function mergeLimits (base: Limits, override: LimitOptions, path: string = ''): Limits {
  const prefix = path === '' ? '' : `${path}.`
  const given = readRecord(override.rateLimit, `${prefix}rateLimit`, rateNames)
  const foreign = path === '' ? undefined : pluginOnly.find((name) => given[name] !== undefined)
  if (foreign !== undefined) {
    throw new LimitOptionError(`${prefix}rateLimit.${foreign}`, showValue(given[foreign]),
      "only among the plugin's options, since it counts for all routes together")
  }
  const rateLimit: { -readonly [name in keyof RateLimit]: number } = { ...base.rateLimit }
  for (const name of rateNames) {
    if (given[name] !== undefined) rateLimit[name] = readNumber(given[name], `${prefix}rateLimit.${name}`, ranges[name])
  }
  const { maxMessageSize, maxStateSize } = override
  const bytes = (name: 'maxMessageSize' | 'maxStateSize', value: unknown, range: Range): number =>
    value === undefined ? base[name] : readNumber(value, `${prefix}${name}`, range)
  return Object.freeze({
    rateLimit: Object.freeze(rateLimit),
    maxMessageSize: bytes('maxMessageSize', maxMessageSize, messageSize),
    maxStateSize: bytes('maxStateSize', maxStateSize, stateSize)
  })
}

/** An event's own `rateLimit { rate, burst }`, both needed; null where it has none. */
export function normalizeEventLimit (value: unknown, path: string): EventRateLimit | null {
  if (value === undefined) return null
  const given = readRecord(value, path, ['rate', 'burst'])
  return Object.freeze({
    rate: readNumber(given['rate'], `${path}.rate`, ranges.rate),
    burst: readNumber(given['burst'], `${path}.burst`, ranges.burst)
  })
}

function readRecord (value: unknown, path: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  if (value === undefined) return {}
  const allowed = `an object with ${names.join(', ')}`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LimitOptionError(path, showValue(value), allowed)
  }
  for (const [name, item] of Object.entries(value)) {
    if (!names.includes(name)) throw new LimitOptionError(`${path}.${name}`, showValue(item), `no such option; ${allowed}`)
  }
  return value as Readonly<Record<string, unknown>>
}

function readNumber (value: unknown, path: string, { least, most, whole }: Range): number {
  const fits = typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value))
  if (fits) return value
  throw new LimitOptionError(path, showValue(value), `${whole ? 'a whole number' : 'a number'} from ${least} to ${most}`)
}
