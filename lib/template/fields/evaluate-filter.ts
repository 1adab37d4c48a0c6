import type { Node } from '../nunjucks.ts'
import { joinAll, madeBy } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { evaluateArguments } from './calls.ts'
import { asHtml } from './html-uses.ts'
import { readGiven } from './declared-reads.ts'
import { filterRules } from './filter-rules.ts'
import type { Place } from './place.ts'

/** One use of a filter, as its rule sees it. */
export interface FilterCall {
  readonly analysis: Analysis
  readonly node: Node
  readonly place: Place
  readonly input: AbstractValue
  /** The input and every argument. */
  readonly all: readonly AbstractValue[]
  /** The value of an argument, by number (from 0, behind the input) or by name. */
  argument (index: number, name?: string): AbstractValue | undefined
  /** The same argument's node. */
  source (index: number, name?: string): Node | undefined
}

export function evaluateFilter (analysis: Analysis, node: Node, place: Place): AbstractValue {
  const name: string = node['name'].value
  const nodes: readonly Node[] = node['args'].children
  const { positional, named } = evaluateArguments(analysis, nodes, place)
  const input = joinAll(positional.slice(0, 1))
  const keywords: readonly Node[] = nodes.at(-1)?.typename === 'KeywordArgs' ? nodes.at(-1)?.['children'] : []
  const all = [...positional, ...named.values()]
  const custom = analysis.options.customFilters?.has(name) === true || node.typename === 'FilterAsync'
  const rule = custom ? undefined : filterRules[name]
  if (rule !== undefined) {
    return analysis.html.filter(rule({
      analysis,
      node,
      place,
      input,
      all,
      argument: (index, key) => positional[index + 1] ?? (key === undefined ? undefined : named.get(key)),
      source: (index, key) => index + 1 < positional.length
        ? nodes[index + 1]
        : keywords.find((pair) => pair['key'].value === key)?.['value'],
    }), input, node, place)
  }
  const { declarations, declaredHtml } = analysis.options
  const given = madeBy(node, readGiven(analysis, { by: `the filter '${name}'`, reads: declarations?.filters.get(name) }, all, node, place))
  return declaredHtml?.filters.has(name) ? asHtml(given) : given
}
