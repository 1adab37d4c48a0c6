import type { Node } from '../nunjucks.ts'
import type { FieldNode, Mark } from './field-node.ts'
import type { Place } from './place.ts'
import type { Step, When } from './when.ts'

/** What a site asks: an expression's truth, whether it equals a case, a loop's rows, or whether there are any. */
export type Question =
  | { readonly kind: 'value', readonly node: Node }
  | { readonly kind: 'case', readonly node: Node, readonly cases: readonly Node[] }
  | { readonly kind: 'rows' | 'any', readonly node: Node, readonly names: readonly string[] }

/** What was read, and under which conditions each time. */
export type Reads = Map<FieldNode, Map<Mark, Set<When>>>

/** An expression is evaluated in a place, at a time: what its names mean depends on both. */
export interface Visit {
  readonly place: Place
  readonly when: When
  /** Grows as the analysis follows the program. */
  readonly order: number
  /** What evaluating it reads. */
  readonly reads: Reads
}

/**
 * A condition or a loop where one call of macros, includes and blocks got to it: the same `{% if %}` is another site for each
 * call of its macro. The same object in every round.
 */
export interface Site {
  readonly question: Question
  readonly truthy: Step
  readonly falsy: Step
  readonly row: Step
  /** What holds where the side that the site's own steps tell does not: for `a and b`, not false is both true. */
  complement: readonly Step[]
  visit: Visit
  round: number
  /** How often this round came by. More than once, and its names may have meant different things. */
  visits: number
  /** The place in the data that the expression is, if it is just that. */
  subject: FieldNode | null
  /** For loops: the roots of the list's own data. */
  roots: ReadonlySet<string>
}

export function addRead (reads: Reads, node: FieldNode, mark: Mark, when: When): void {
  let marks = reads.get(node)
  if (marks === undefined) reads.set(node, marks = new Map())
  const whens = marks.get(mark)
  if (whens === undefined) marks.set(mark, new Set([when]))
  else whens.add(when)
}
