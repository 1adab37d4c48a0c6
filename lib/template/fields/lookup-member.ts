import type { Node } from '../nunjucks.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { elementOf, memberOf } from './member.ts'
import type { Place } from './place.ts'
import { positionOf } from './position-of.ts'

/** `owner.name` or `owner[key]`. */
export function lookupMember (analysis: Analysis, owner: AbstractValue, node: Node, place: Place): AbstractValue {
  const key: Node = node['val']
  const position = positionOf(node, place)
  if (key.typename === 'Literal') {
    const member = memberOf(owner, String(key['value']), position)
    // What was computed may have names that the data beside it has not: no schema is asked about this place.
    const isSure = owner.fields === null && owner.map === null && owner.derived.size === 0
    if (!isSure) for (const { node } of member.paths) node.unname(position)
    return member
  }
  analysis.read(analysis.evaluate(key, place), 'whole', key, place)
  const element = elementOf(owner, position)
  for (const { node } of element.paths) node.deepAt ??= { ...position, by: 'a computed key', mark: 'whole' }
  return element
}
