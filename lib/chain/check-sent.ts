import { canHaveName, canHaveValue, canSend } from '../render/can-send.ts'
import { matchSent } from '../render/match-sent.ts'
import type { Collected, SentName } from '../render/offer-value.ts'
import { comparable } from '../render/read-sent.ts'
import type { BindingPlace, RenderedBinding } from '../render/resolve-binding.ts'
import type { PlainObject, PlainValue } from '../security/copy-plain.ts'
import type { Shape } from '../template/shape.ts'
import type { Joined } from '../view/connection-settings.ts'
import { refusal, violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/**
 * What nobody types is the template's: the values of hidden fields, boxes, options and buttons must be among those that are
 * rendered now, and go on as the server spells them. Only an honest page's own old values are stale.
 */
export function checkSent (turn: Turn): Refusal | null {
  const { connection, message: { kind, event, data } } = turn
  if (data === null) return null
  const { place, values: own } = turn.binding as RenderedBinding
  const names = sentNames(data, kind)
  if (!maySend(kind, place) && names.size > 0) return violation('LIVE_ERR_BINDING', 'invalid', `a ${kind} with data`)
  if (collected(kind, place) === 'field' && names.size > 1) return violation('LIVE_ERR_BINDING', 'invalid', 'one field says more than itself')
  const { mount } = connection.joined as Joined
  const missing = names.size === 0 ? [] : matchSent(place, collected(kind, place), names, mount.tree)
  for (const [name, { values }] of names) restore(data, name, values)
  if (missing.length === 0) return null
  const { program, fallbacks } = mount.compiled
  const shapes = [program, ...Array.from(fallbacks.values(), (fallback) => fallback.program)].flatMap((one) => one.shapes())
  let stale: Refusal | null = null
  for (const name of missing) {
    const known = names.get(name) as SentName
    const isKnown = (): boolean => canHaveName(shapes, name) || (!(name in own) && canHaveValue(shapes, name, event))
    const refused = known.shown ? notRendered(shapes, name, known) : isKnown() ? notShown(name, kind, place) : null
    if (refused === 'dropped') delete data[name]
    else if (refused?.weight === 'warning') return refused
    else stale ??= refused
  }
  return stale
}

/** What runtime/events.ts sends with each kind of event. */
function maySend (kind: string, { tag }: BindingPlace): boolean {
  if (kind === 'focus' || kind === 'blur') return tag === 'input' || tag === 'select' || tag === 'textarea'
  return kind !== 'click'
}

function collected (kind: string, { tag }: BindingPlace): Collected {
  if (tag !== 'form' || kind === 'keydown') return 'field'
  return kind === 'submit' ? 'form and submitter' : 'form'
}

function sentNames (data: PlainObject, kind: string): Map<string, SentName> {
  const names = new Map<string, SentName>()
  for (const [name, given] of Object.entries(data)) {
    if (name === 'key' && kind === 'keydown') continue
    const all = Array.isArray(given) ? given : [given]
    const texts = all.filter((value) => typeof value === 'string')
    const values = new Map<string, string | null>(texts.map((text) => [comparable(text), null]))
    names.set(name, { values, odd: texts.length < all.length, shown: false, free: false })
  }
  return names
}

function restore (data: PlainObject, name: string, values: ReadonlyMap<string, string | null>): void {
  const own = (given: PlainValue): PlainValue => typeof given === 'string' ? values.get(comparable(given)) ?? given : given
  const given = data[name] as PlainValue
  data[name] = Array.isArray(given) ? given.map(own) : own(given)
}

/** A field of the name is shown, with other values. */
function notRendered (shapes: readonly Shape[], name: string, { odd, values }: SentName): Refusal {
  const isPossible = !odd && [...values].every(([value, found]) => found !== null || canSend(shapes, name, value))
  if (!isPossible) return violation('LIVE_ERR_BINDING', 'invalid', `a value of '${name}' that no field of the templates can have`)
  return refusal('LIVE_ERR_STALE', 'stale', `a value of '${name}' that no field has now`)
}

/**
 * The templates have such a field, or a control of this event that says it, but do not show it here now. Names that they never
 * have may come from scripts, and are for the schema to judge. A form that is typed in while fields of it go is heard without
 * them; only a submit waits for its answer.
 */
function notShown (name: string, kind: string, place: BindingPlace): Refusal | 'dropped' {
  if (collected(kind, place) === 'form') return 'dropped'
  return refusal('LIVE_ERR_STALE', 'stale', `'${name}', which no field is called now`)
}
