import type { Reads } from '../declarations.ts'
import type { Node } from '../nunjucks.ts'
import { joinAll } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { ELEMENT } from './field-node.ts'
import { computed, elementOf, memberOf } from './member.ts'
import type { Place } from './place.ts'
import { positionOf } from './position-of.ts'

/** A filter, test or function that is called: who reads, as an error would say it, and what it declares. */
export interface Reader {
  readonly by: string
  readonly reads: Reads | undefined
}

/**
 * What calling the application's own code reads: what it declares of the first value, and all of the others. What comes back
 * leads nowhere: a function that hands on the objects it was given declares what templates read of them.
 */
export function readGiven (
  analysis: Analysis, { by, reads }: Reader, given: readonly AbstractValue[], node: Node, place: Place
): AbstractValue {
  const [first, ...others] = given
  for (const value of others) analysis.giveAway(value, by, node, place)
  if (first === undefined) return computed()
  if (reads !== undefined) return computed(readDeclared(analysis, reads, first, node, place), ...others)
  analysis.giveAway(first, by, node, place)
  for (const value of given) analysis.change(value)
  return computed(...given)
}

/** Reads the declared paths of a value, and gives what has been read. */
export function readDeclared (analysis: Analysis, reads: Reads, value: AbstractValue, node: Node, place: Place): AbstractValue {
  analysis.callAll(value, node, place)
  if (reads === 'all' || reads.length === 0) {
    analysis.read(value, reads === 'all' ? 'whole' : 'exists', node, place)
    return computed(value)
  }
  return joinAll(reads.map((path) => readPath(analysis, path, value, node, place)))
}

function readPath (analysis: Analysis, path: readonly string[], value: AbstractValue, node: Node, place: Place): AbstractValue {
  const position = positionOf(node, place)
  let found = value
  for (const segment of path) {
    if (segment === ELEMENT) analysis.read(found, 'iter', node, place)
    found = segment === ELEMENT ? elementOf(found, position) : memberOf(found, segment, position)
  }
  analysis.read(found, 'whole', node, place)
  return computed(found)
}
