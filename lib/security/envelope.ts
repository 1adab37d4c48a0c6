import { copyPlain } from './copy-plain.ts'

export type EventKind = 'click' | 'submit' | 'change' | 'input' | 'keydown' | 'focus' | 'blur'

/** What the browser adds to an event: texts of fields, several where a name comes more than once. A page sends nothing else. */
export interface EventData { [name: string]: string | string[] }

export interface JoinMessage {
  readonly type: 'join'
  readonly token: string
  /** The markers' digest as the browser counted it. */
  readonly digest: number
  readonly pristine: boolean
}

export interface EventMessage {
  readonly type: 'event'
  readonly ref: number
  readonly event: string
  readonly kind: EventKind
  readonly path: readonly number[]
  readonly element: number
  readonly seen: readonly string[]
  readonly data: EventData | null
}

export interface AckMessage {
  readonly type: 'ack'
  readonly count: number
}

export type ClientMessage = JoinMessage | EventMessage | AckMessage

export type EnvelopeRefusal =
  'frame' | 'type' | 'length' | 'token' | 'digest' | 'pristine' | 'count' |
  'ref' | 'event' | 'kind' | 'path' | 'element' | 'seen' | 'data'

export type DecodedEnvelope =
  | { readonly ok: true, readonly message: ClientMessage }
  | { readonly ok: false, readonly reason: EnvelopeRefusal }

const largest = 2 ** 31
const longestToken = 120
const longestName = 64
// Half a character, as input events have it while one is typed on some systems, and NUL, which databases stumble over.
const unfit = /\0|\p{Cs}/gu
const kinds: ReadonlySet<unknown> = new Set<EventKind>(['click', 'submit', 'change', 'input', 'keydown', 'focus', 'blur'])

/** Reads one client message of docs/protocol.md; anything else, however close, is refused: no honest runtime sends it. */
export function decodeEnvelope (frame: unknown): DecodedEnvelope {
  if (!Array.isArray(frame)) return refuse('frame')
  switch (frame[0]) {
    case 'j': return decodeJoin(frame)
    case 'e': return decodeEvent(frame)
    case 'a': return decodeAck(frame)
    default: return refuse('type')
  }
}

function decodeJoin (frame: readonly unknown[]): DecodedEnvelope {
  if (frame.length !== 4) return refuse('length')
  const [, token, digest, pristine] = frame
  if (typeof token !== 'string' || token.length > longestToken) return refuse('token')
  if (!isInteger(digest, 0, 2 ** 32 - 1)) return refuse('digest')
  if (pristine !== 0 && pristine !== 1) return refuse('pristine')
  return { ok: true, message: { type: 'join', token, digest, pristine: pristine === 1 } }
}

function decodeEvent (frame: readonly unknown[]): DecodedEnvelope {
  if (frame.length < 4 || frame.length > 8) return refuse('length')
  const [, ref, event, kind, path = [], element = 0, seen = [], data] = frame
  if (!isInteger(ref, 1, largest)) return refuse('ref')
  // Which names are safe is asked when the event's turn has come; here only that it is a short text.
  if (typeof event !== 'string' || event.length > longestName) return refuse('event')
  if (!isKind(kind)) return refuse('kind')
  if (!isListOf(path, (part) => isInteger(part, 0, Number.MAX_SAFE_INTEGER))) return refuse('path')
  if (!isInteger(element, 0, 65535)) return refuse('element')
  if (!isListOf(seen, (value) => typeof value === 'string')) return refuse('seen')
  const copied = data === undefined ? null : copyData(data)
  if (copied === false) return refuse('data')
  return {
    ok: true,
    message: { type: 'event', ref, event, kind, path: [...path] as number[], element, seen: [...seen] as string[], data: copied }
  }
}

function decodeAck (frame: readonly unknown[]): DecodedEnvelope {
  if (frame.length !== 2) return refuse('length')
  const count = frame[1]
  return isInteger(count, 1, largest) ? { ok: true, message: { type: 'ack', count } } : refuse('count')
}

/**
 * Texts only: a schema's coercion is for what people type, and would make `true` a text and `null` a zero. Text that no page
 * can hold becomes what the HTML parser makes of it.
 */
function copyData (data: unknown): EventData | false {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false
  const copy = copyPlain(data)
  if (!copy.ok) return false
  const texts = copy.value as EventData
  for (const [name, value] of Object.entries(texts) as Array<[string, unknown]>) {
    if (typeof value === 'string') texts[name] = showable(value)
    else if (Array.isArray(value) && value.every((item) => typeof item === 'string')) texts[name] = value.map(showable)
    else return false
  }
  return texts
}

function showable (text: string): string {
  return text.replace(unfit, '\ufffd')
}

function isInteger (value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most
}

function isKind (value: unknown): value is EventKind {
  return kinds.has(value)
}

function isListOf (value: unknown, accepts: (item: unknown) => boolean): value is readonly unknown[] {
  return Array.isArray(value) && value.length <= 64 && value.every(accepts)
}

function refuse (reason: EnvelopeRefusal): DecodedEnvelope {
  return { ok: false, reason }
}
