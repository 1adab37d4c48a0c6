import type { Node } from '../nunjucks.ts'
import { guarded, join } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { ELEMENT, MAX_DEPTH } from './field-node.ts'
import type { FieldNode } from './field-node.ts'
import type { Place } from './place.ts'
import { ALWAYS } from './when.ts'
import type { Step } from './when.ts'

/** A condition that was read: its value, and what holds on either side of it. */
export interface Decision {
  readonly value: AbstractValue
  readonly truthy: readonly Step[]
  readonly falsy: readonly Step[]
}

/** Reads a condition. Its two sides are to be run under the decision's steps. */
export function decide (analysis: Analysis, node: Node, place: Place): Decision {
  const decision = weigh(analysis, node, place)
  analysis.read(decision.value, 'exists', node, place)
  return decision
}

/** `left and right`, `left or right`: the left side decides whether the right one is evaluated at all. */
export function decideEither (analysis: Analysis, node: Node, place: Place): AbstractValue {
  const left = decide(analysis, node['left'], place)
  const [goesOn, stops] = sidesOf(node, left)
  const right = analysis.guards.under(goesOn, () => analysis.evaluate(node['right'], place))
  return join(guarded(left.value, stops), guarded(right, goesOn))
}

function weigh (analysis: Analysis, node: Node, place: Place): Decision {
  if (node.typename === 'And' || node.typename === 'Or') return weighBoth(analysis, node, place)
  if (node.typename === 'Group' && node['children'].length === 1) return weigh(analysis, node['children'][0], place)
  const { guards } = analysis
  const site = guards.site(node, { kind: 'value', node }, place)
  const value = guards.evaluate(site?.visit, () => {
    const value = analysis.evaluate(node, place)
    for (const { node, when } of value.paths) guards.note(node, 'exists', when)
    return value
  })
  if (site === null) return { value, truthy: [], falsy: [] }
  site.subject = subjectOf(node, value)
  return { value, truthy: [site.truthy], falsy: [site.falsy] }
}

/**
 * Where `a and b` holds, `a` holds and `b` holds: that says more than one condition for both, since each can be dropped
 * alone. The generated code evaluates either operand as if it stood alone; that of `not` does not, so `not` is one condition.
 */
function weighBoth (analysis: Analysis, node: Node, place: Place): Decision {
  const { guards } = analysis
  const site = guards.site(node, { kind: 'value', node }, place)
  return guards.evaluate(site?.visit, () => {
    const left = weigh(analysis, node['left'], place)
    analysis.read(left.value, 'exists', node['left'], place)
    const [goesOn, stops] = sidesOf(node, left)
    const right = guards.under(goesOn, () => weigh(analysis, node['right'], place))
    const value = join(guarded(left.value, stops), guarded(right.value, goesOn))
    const isAnd = node.typename === 'And'
    const parts = isAnd ? [...left.truthy, ...right.truthy] : [...left.falsy, ...right.falsy]
    if (site === null) return isAnd ? { value, truthy: parts, falsy: [] } : { value, truthy: [], falsy: parts }
    site.complement = parts
    return isAnd ? { value, truthy: parts, falsy: [site.falsy] } : { value, truthy: [site.truthy], falsy: parts }
  })
}

/** What holds where the right operand is evaluated, and where the left one is the result. */
function sidesOf (node: Node, left: Decision): [readonly Step[], readonly Step[]] {
  return node.typename === 'And' ? [left.truthy, left.falsy] : [left.falsy, left.truthy]
}

/** Elements share one path, and paths end somewhere: those do not tell which value it is. */
function subjectOf (node: Node, value: AbstractValue): FieldNode | null {
  const [reference, ...others] = value.paths
  if (node.typename !== 'Symbol' && node.typename !== 'LookupVal') return null
  if (reference === undefined || others.length > 0 || reference.when !== ALWAYS || reference.node.depth === MAX_DEPTH) return null
  for (let at: FieldNode | null = reference.node; at !== null; at = at.parent) if (at.name === ELEMENT) return null
  return reference.node
}
