import type { Piece, SentElement, SentItem } from '../template/layout.ts'
import type { Shape, SlotSource } from '../template/shape.ts'
import { decodeSurely } from '../template/html/decode-entities.ts'
import { layoutOf } from './layout-of.ts'
import { attributesInSet } from './attributes-in-set.ts'
import { FIXED, SUBMITTERS, comparable, fieldType } from './read-sent.ts'

/** True when a field in one of these bodies can have the name. One that begins with a value says nothing: it could be any. */
export function canHaveName (shapes: readonly Shape[], name: string): boolean {
  const says = (pieces: readonly Piece[] | undefined): boolean => typeof pieces?.[0] === 'string' && fits(pieces, name)
  return shapes.some((shape) => fieldsOf(shape.layout?.sent ?? []).some(({ attributes, set }) =>
    says(attributes.get('name')) || attributesInSet(shape, set).some((some) => says(some.get('name')))))
}

/** True when a control in one of these bodies can have a value of that name for the event: it is the server's to say. */
export function canHaveValue (shapes: readonly Shape[], name: string, event: string): boolean {
  const wanted = `live-value-${name}`
  return shapes.some((shape) => (shape.layout?.elements ?? []).some(({ events, attributes, set }) =>
    events.some((one) => one.event === event) &&
    (attributes.has(wanted) || attributesInSet(shape, set).some((some) => some.has(wanted)))))
}

/**
 * True when some rendering of these bodies can have a field of that name with that value. Of all that is not written out,
 * the answer is yes: an honest client must never be taken for an attacker.
 */
export function canSend (shapes: readonly Shape[], name: string, value: string): boolean {
  return shapes.some((shape) => fieldsOf(shape.layout?.sent ?? []).some((field) => {
    const { attributes, set, tag } = field
    const given = (attribute: string): readonly Piece[] | null => attributes.get(attribute) ?? (set === null ? [] : null)
    const names = given('name')
    // A field by itself is called value where it has no name.
    if (names !== null && !fits(names, name) && !(names.length === 0 && name === 'value')) return false
    if (tag === 'select') return value === '' || canOffer(shape, field.items, value)
    const types = given('type')
    const isOpen = types === null || types.some((piece) => typeof piece === 'number')
    if (tag === 'textarea' || (tag === 'input' && isOpen)) return true
    const type = fieldType(tag, isOpen ? 'submit' : types.join(''))
    if (!FIXED.has(type)) return type !== 'file'
    if (tag === 'button' && !SUBMITTERS.has(type)) return false
    // Tools that translate pages rewrite what is read on buttons.
    if (tag === 'input' && type === 'submit' && attributes.has('value')) return true
    const values = given('value')
    if (values === null || (attributes.has('value') && fits(values, value))) return true
    return !attributes.has('value') && value === (type === 'checkbox' || type === 'radio' ? 'on' : '')
  }))
}

/** The fields in a list of items, however deep. */
function fieldsOf (items: readonly SentItem[]): SentElement[] {
  return items.flatMap((item) => {
    if (typeof item === 'number' || item.tag === 'option') return []
    return FIELDS.has(item.tag) ? [item] : fieldsOf(item.items)
  })
}

const FIELDS = new Set(['input', 'button', 'textarea', 'select'])

/** True when one of the options that can come to stand in a select can have the value. */
function canOffer (shape: Shape, items: readonly SentItem[], value: string): boolean {
  return items.some((item) => {
    if (typeof item === 'number') {
      const { bodies } = shape.slots[item] as SlotSource
      return bodies.length === 0 || bodies.some((body) => canOffer(body, layoutOf(body).sent, value))
    }
    if (item.tag !== 'option') return canOffer(shape, item.items, value)
    const pieces = item.attributes.get('value')
    // Tools that translate pages rewrite texts.
    return pieces === undefined || fits(pieces, value)
  })
}

/** True when the pieces can give the text: what is written out has to stand in it, in this order. Linear, whatever is sent. */
function fits (pieces: readonly Piece[], text: string): boolean {
  const literals = pieces.map((piece) => typeof piece === 'string' ? decodeSurely(piece) : null)
  if (literals.includes(undefined)) return true
  const [first, last] = [literals[0] ?? '', literals.at(-1) ?? '']
  if (!literals.includes(null)) return comparable(first) === text
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let rest = text.slice(first.length, text.length - last.length)
  for (const literal of literals.slice(1, -1).filter((between) => typeof between === 'string')) {
    const found = rest.indexOf(literal)
    if (found === -1) return false
    rest = rest.slice(found + literal.length)
  }
  return true
}
