import { ELEMENT } from '../template/fields/field-node.ts'
import type { FieldNode } from '../template/fields/field-node.ts'

/** What to keep of a value: the trie's node without what is only named and never read. */
export interface ProjectionPlan {
  readonly whole: boolean
  readonly keys: boolean
  readonly iter: boolean
  /** For every element, or every own key. */
  readonly element: ProjectionPlan | null
  readonly names: ReadonlyArray<readonly [string, ProjectionPlan]>
}

/** Own keys with these names are poison to code that copies objects; no template gets to see them. */
export const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

export const WHOLE: ProjectionPlan = Object.freeze({ whole: true, keys: true, iter: true, element: null, names: [] })

const plans = new WeakMap<FieldNode, ProjectionPlan>()

export function planOf (node: FieldNode): ProjectionPlan {
  const known = plans.get(node)
  if (known !== undefined) return known
  const plan = node.marks.has('whole') ? WHOLE : createPlan(node)
  plans.set(node, plan)
  return plan
}

function createPlan (node: FieldNode): ProjectionPlan {
  const read = [...node.children].filter(([name, child]) => child.isRead() && !FORBIDDEN.has(name))
  const element = read.find(([name]) => name === ELEMENT)
  return {
    whole: false,
    keys: node.marks.has('keys'),
    iter: node.marks.has('iter'),
    element: element === undefined ? null : planOf(element[1]),
    names: read.filter(([name]) => name !== ELEMENT).map(([name, child]) => [name, planOf(child)] as const),
  }
}
