import type { Node } from '../nunjucks.ts'
import { NOTHING, guarded, join, joinAll, valueOf } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { evaluateArguments, evaluateCall } from './calls.ts'
import { decide, decideEither } from './decide.ts'
import { readGiven } from './declared-reads.ts'
import { evaluateFilter } from './evaluate-filter.ts'
import { lookupMember } from './lookup-member.ts'
import { computed } from './member.ts'
import type { Place } from './place.ts'
import type { Step } from './when.ts'

export type Expression = (analysis: Analysis, node: Node, place: Place) => AbstractValue

/** Tests that look at a value's kind or truth, not into it. */
const SHALLOW_TESTS = new Set([
  'callable', 'defined', 'falsy', 'iterable', 'mapping', 'null', 'number', 'string', 'truthy', 'undefined'
])

const nothing: Expression = () => NOTHING

const both: Expression = (analysis, node, place) => {
  const values = [node['left'], node['right']].map((operand) => readWhole(analysis, operand, place))
  return computed(...values)
}

const unary: Expression = (analysis, node, place) => computed(readWhole(analysis, node['target'], place))

const dict: Expression = (analysis, node, place) => valueOf({
  fields: new Map(node['children'].map((pair: Node) => [String(pair['key'].value), analysis.evaluate(pair['value'], place)])),
  made: new Set([node]),
})

const group: Expression = (analysis, node, place) => {
  const values = node['children'].map((child: Node) => analysis.evaluate(child, place))
  // A parenthesised list is JavaScript's comma operator in the generated code: the last one is its value.
  return joinAll(values.slice(-1))
}

/** What each kind of expression reads, and what it may evaluate to. */
export const expressions: Readonly<Record<string, Expression>> = {
  Literal: nothing,
  TemplateData: nothing,
  Symbol: (analysis, node, place) => analysis.lookup(node['value'], node, place),
  Group: group,
  NodeList: group,
  Array: (analysis, node, place) => {
    const items: AbstractValue[] = node['children'].map((child: Node) => analysis.evaluate(child, place))
    return valueOf({ fields: new Map(items.map((item, index) => [String(index), item])), made: new Set([node]) })
  },
  Dict: dict,
  KeywordArgs: dict,
  LookupVal: (analysis, node, place) => lookupMember(analysis, analysis.evaluate(node['target'], place), node, place),
  FunCall: evaluateCall,
  Filter: evaluateFilter,
  Caller: (analysis, node, place) => valueOf({ closures: new Set([{ node, place }]) }),
  Capture: (analysis, node, place) => {
    analysis.run(node['body'], { ...place, topLevel: false })
    return NOTHING
  },
  InlineIf: (analysis, node, place) => {
    const { truthy, falsy } = decide(analysis, node['cond'], place)
    const side = (branch: Node | null, steps: readonly Step[]): AbstractValue =>
      branch === null ? NOTHING : guarded(analysis.guards.under(steps, () => analysis.evaluate(branch, place)), steps)
    return join(side(node['body'], truthy), side(node['else_'], falsy))
  },
  And: decideEither,
  Or: decideEither,
  Not: (analysis, node, place) => {
    const value = analysis.evaluate(node['target'], place)
    analysis.read(value, 'exists', node['target'], place)
    return computed(value)
  },
  In: both,
  Is: (analysis, node, place) => {
    // `is none` names its test by a literal.
    const test = String(node['right'].name?.value ?? node['right'].value)
    const value = analysis.evaluate(node['left'], place)
    const given = evaluateArguments(analysis, node['right'].args?.children ?? [], place)
    const others = [...given.positional, ...given.named.values()]
    if (analysis.options.customTests?.has(test) === true) {
      const reader = { by: `the test '${test}'`, reads: analysis.options.declarations?.tests.get(test) }
      return readGiven(analysis, reader, [value, ...others], node['left'], place)
    }
    // nunjucks' own compare or look at kinds.
    analysis.read(value, SHALLOW_TESTS.has(test) ? 'exists' : 'whole', node['left'], place)
    for (const argument of others) analysis.giveAway(argument, null, node, place)
    return computed(value)
  },
  Compare: (analysis, node, place) => {
    const operands: Node[] = [node['expr'], ...node['ops'].map((operand: Node) => operand['expr'])]
    return computed(...operands.map((operand) => readWhole(analysis, operand, place)))
  },
  Add: both,
  Concat: both,
  Sub: both,
  Mul: both,
  Div: both,
  FloorDiv: both,
  Mod: both,
  Pow: both,
  Neg: unary,
  Pos: unary,
}

function readWhole (analysis: Analysis, node: Node, place: Place): AbstractValue {
  const value = analysis.evaluate(node, place)
  analysis.read(value, 'whole', node, place)
  return value
}
