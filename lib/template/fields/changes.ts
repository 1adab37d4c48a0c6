import type { Node } from '../nunjucks.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import type { FieldNode } from './field-node.ts'
import { computed } from './member.ts'
import type { Place } from './place.ts'
import { positionOf } from './position-of.ts'
import { isScalarMethod } from './scalar-methods.ts'

/** Methods of lists, maps and sets that change what they belong to. */
const CHANGING = new Set([
  'add', 'clear', 'copyWithin', 'delete', 'fill', 'pop', 'push', 'reverse', 'set', 'shift', 'sort', 'splice', 'unshift'
])

/** What calling a method may change in place: what it belongs to, where it is one of those, and what it is given. */
export function noteChanges (
  analysis: Analysis, owner: AbstractValue, args: readonly AbstractValue[], node: Node, place: Place
): void {
  const key: Node = node['name']['val']
  const method = key.typename === 'Literal' ? String(key['value']) : null
  if (method !== null && (isScalarMethod(method) || (method in Array.prototype && !CHANGING.has(method)))) return
  for (const value of args) analysis.change(value)
  if (method !== null && !CHANGING.has(method)) return
  for (const made of owner.made) analysis.changed.add(made)
  // What is put into a list is shown from there, and no path leads to it.
  for (const value of args) analysis.show(computed(value), node, place)
  if (method === null) return
  for (const path of dataIn(owner)) path.changedAt ??= { ...positionOf(node, place), method }
}

/** The data that the owner may be: the filter `list` gives a list itself back. */
function dataIn (owner: AbstractValue): FieldNode[] {
  const isSame = [...owner.made].some((made) => made.typename === 'Filter' && made['name'].value === 'list')
  return [...[...owner.paths].map(({ node }) => node), ...(isSame ? owner.derived : [])]
}
