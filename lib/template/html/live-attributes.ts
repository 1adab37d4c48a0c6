import { htmlError } from './errors.ts'
import { nearestName } from '../nearest-name.ts'
import type { TagAttribute } from './start-tag.ts'
import type { Shape, SlotSource, SourcePosition } from '../shape.ts'

/** Attributes that name an event, with the kind that event frames carry. */
export const EVENT_KINDS: ReadonlyMap<string, string> = new Map(
  ['click', 'submit', 'change', 'input', 'keydown', 'focus', 'blur'].map((kind) => [`live-${kind}`, kind]))

const OTHERS = [
  'live-debounce', 'live-throttle', 'live-key', 'live-keys', 'live-ignore', 'live-loading', 'live-status'
]
const PACES: ReadonlyMap<string, RegExp> = new Map([['live-debounce', /^(?:\d{1,6}|blur)$/], ['live-throttle', /^\d{1,6}$/]])
/** Names of what is to come: a template that uses one today must not change its meaning then. */
const RESERVED: Readonly<Record<string, string>> = {
  'live-hook': 'Use a script of your own that finds its elements by a data-* attribute.',
  'live-patch': 'An ordinary link works: <a href="…">.',
  'live-navigate': 'An ordinary link works: <a href="…">.'
}
/** The runtime's own messages in the page's language, on the html element. */
const MESSAGE_TEXT = /^live-text-[a-z]+$/
const EVENT_NAME = /^[a-z][a-z0-9_]{0,63}$/
const VALUE_NAME = /^live-value-[a-z][a-z0-9_-]*$/
const MOST_NAMES = 64

export interface BoundEvent {
  readonly kind: string
  readonly event: string
}

/** Checks one live-* attribute and gives the events that it can name. */
export function liveAttribute (attribute: TagAttribute, shape: Shape, at: SourcePosition): BoundEvent[] {
  const name = attribute.name
  const lower = name.toLowerCase()
  const fail = (what: string, fix: string): never => { throw htmlError('LIVE_ERR_HTML_BINDING', at, what, fix) }
  if (lower.startsWith('live-value-')) {
    if (!VALUE_NAME.test(name)) {
      fail(`${name} has a name that does not survive: HTML attribute names are lower case`,
        `Write live-value-${name.slice(11).replace(/(?!^)([A-Z])/g, '_$1').toLowerCase()} and name the payload's property so.`)
    }
    return []
  }
  const kind = EVENT_KINDS.get(lower)
  if (kind !== undefined) return events(attribute, kind, shape, at)
  if (Object.hasOwn(RESERVED, lower)) fail(`${name} is reserved for a later version`, RESERVED[lower] as string)
  if (!OTHERS.includes(lower) && !MESSAGE_TEXT.test(lower)) {
    const nearest = nearestName(lower, [...EVENT_KINDS.keys(), ...OTHERS, 'live-value-NAME'])
    const meant = nearest === null ? '' : `Did you mean ${nearest}? `
    fail(`there is no attribute ${name}`, `${meant}Attributes of your own can be called data-*.`)
  }
  const dynamic = attribute.pieces.some((piece) => typeof piece === 'number')
  const value = attribute.pieces.join('')
  if (!dynamic && PACES.get(lower)?.test(value) === false) {
    const blur = lower === 'live-debounce' ? ', or "blur" to wait until the field is left' : ''
    fail(`${lower}="${value}" is not a number of milliseconds`, `Write for example ${lower}="300"${blur}.`)
  }
  if (lower === 'live-keys' && (dynamic || value.trim() === '')) {
    fail('live-keys must list the keys literally', 'Write for example live-keydown="save" live-keys="Enter Escape".')
  }
  return []
}

function events (attribute: TagAttribute, kind: string, shape: Shape, at: SourcePosition): BoundEvent[] {
  let names: string[] = ['']
  for (const piece of attribute.pieces) {
    const next = typeof piece === 'string' ? [piece] : outcomes(shape.slots[piece] as SlotSource)
    if (next === null) {
      throw htmlError('LIVE_ERR_HTML_BINDING', at, `${attribute.name} takes its event's name from a value`,
        `Write the name itself: ${attribute.name}="save", or ${attribute.name}="{% if open %}close{% else %}open{% endif %}"; ` +
          'pass data as live-value-NAME="{{ … }}".')
    }
    names = names.flatMap((name) => next.map((more) => name + more)).slice(0, MOST_NAMES + 1)
  }
  names = [...new Set(names.map((name) => name.trim()))].filter((name) => name !== '' || attribute.pieces.length === 0)
  for (const name of names) {
    if (EVENT_NAME.test(name) && names.length <= MOST_NAMES) continue
    throw htmlError('LIVE_ERR_HTML_BINDING', at, `${attribute.name}="${name}" does not name an event`,
      'Names of events begin with a lower-case letter; up to 63 lower-case letters, digits and _ follow.')
  }
  return names.map((event) => ({ kind, event }))
}

/** The literal texts that a branch can give, or null where they are not all literal. */
function outcomes (slot: SlotSource): string[] | null {
  if (slot.kind !== 'branch' || slot.bodies.some((body) => body.slots.length > 0)) return null
  const texts = slot.bodies.map((body) => body.statics[0] as string)
  return slot.optional ? [...texts, ''] : texts
}
