import type { SourcePosition } from '../shape.ts'
import { NOTHING, join, joinAll, makersOf, origins, parts, valueOf } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import { ELEMENT, isIndex } from './field-node.ts'
import { referenceTo } from './field-reference.ts'

/** `value.name` for a name that stands in the template. */
export function memberOf (value: AbstractValue, name: string, position: SourcePosition): AbstractValue {
  if (isIndex(name)) return join(value.fields?.get(name) ?? NOTHING, withoutFields(value, position))
  return joinAll([
    below(value, name, position),
    value.fields?.get(name),
    value.map ?? undefined,
  ])
}

/** Any element, or the value of any key: what a loop's variable or a computed key gives. */
export function elementOf (value: AbstractValue, position: SourcePosition): AbstractValue {
  return joinAll([below(value, ELEMENT, position), ...parts(value)])
}

/** Any element, where the value is known to be a list. */
export function itemOf (value: AbstractValue, position: SourcePosition): AbstractValue {
  const items = [...value.fields ?? []].filter(([name]) => isIndex(name)).map(([, item]) => item)
  return joinAll([below(value, ELEMENT, position), value.list ?? undefined, ...items])
}

/** Any value of an object, where the value is known not to be a list. */
export function entryOf (value: AbstractValue, position: SourcePosition): AbstractValue {
  return joinAll([below(value, ELEMENT, position), value.map ?? undefined, ...(value.fields?.values() ?? [])])
}

/**
 * What the loop variable number `index` gets of one element. Data gets a path of its own for it, since only a list of lists has
 * elements under that number: `{% for id, user in users %}` over an object must not read all of each user for its `id`.
 */
export function unpack (element: AbstractValue, index: number, position: SourcePosition): AbstractValue {
  const name = String(index)
  return joinAll([below(element, name, position), element.fields?.get(name), element.list ?? undefined, element.map ?? undefined])
}

const UNTOLD: ReadonlySet<null> = new Set([null])

/** A value computed from others that have been read: it leads nowhere, but remembers them. */
export function computed (...values: readonly AbstractValue[]): AbstractValue {
  return valueOf({ derived: origins(...values), made: makersOf(...values), computed: UNTOLD })
}

function withoutFields (value: AbstractValue, position: SourcePosition): AbstractValue {
  return joinAll([below(value, ELEMENT, position), value.list ?? undefined, value.map ?? undefined])
}

function below (value: AbstractValue, name: string, position: SourcePosition): AbstractValue {
  // An element of a computed list says nothing about how the list was computed; a character of a computed text does.
  const isText = value.fields === null && value.list === null && value.map === null
  return valueOf({
    paths: new Set([...value.paths].map(({ node, when }) => referenceTo(node.child(name, position), when))),
    derived: isText ? value.derived : NOTHING.derived,
    made: isText ? value.made : NOTHING.made,
    computed: isText && (value.computed.size > 0 || value.html !== 'none') ? UNTOLD : NOTHING.computed,
    within: value.made.size > 0 ? new Set([...value.made, ...value.within]) : value.within,
  })
}
