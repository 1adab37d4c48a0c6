import { nodes } from '../nunjucks.ts'
import type { Node } from '../nunjucks.ts'
import { valueOf } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { runBlock, showBlock } from './blocks.ts'
import type { Closure } from './closure.ts'
import { decide } from './decide.ts'
import { readDeclared } from './declared-reads.ts'
import { evaluateFilter } from './evaluate-filter.ts'
import { runLoop } from './loops.ts'
import { computed } from './member.ts'
import type { Place, TemplateContext } from './place.ts'
import { runSwitch } from './run-switch.ts'
import { define, runExtends, runFromImport, runImport, runInclude } from './templates.ts'

export type Statement = (analysis: Analysis, node: Node, place: Place) => void

const runAll: Statement = (analysis, node, place) => {
  for (const child of node['children']) analysis.run(child, place)
}

const runIf: Statement = (analysis, node, place) => {
  const { truthy, falsy } = decide(analysis, node['cond'], place)
  const inside: Place = { ...place, topLevel: false }
  analysis.guards.under(truthy, () => analysis.run(node['body'], inside))
  if (node['else_'] !== null) analysis.guards.under(falsy, () => analysis.run(node['else_'], inside))
}

const runExtension: Statement = (analysis, node, place) => {
  const name: string = node['extName']
  // What a tag gives back goes into the page, and may be what it was given.
  for (const argument of node['args'].children) {
    const value = analysis.evaluate(argument, place)
    analysis.giveAway(value, `the tag '${name}'`, argument, place)
    analysis.change(value)
    analysis.show(computed(value), argument, place)
  }
  for (const [root, ...path] of analysis.options.declarations?.tags.get(name) ?? []) {
    // The tag's node has no position of its own.
    const symbol = new nodes['Symbol']!(node.lineno ?? 0, node.colno ?? 0, root)
    analysis.show(readDeclared(analysis, [path], analysis.lookup(root as string, symbol, place), symbol, place), symbol, place)
  }
  analysis.guards.unsurely(() => {
    for (const content of node['contentArgs']) if (content) analysis.run(content, { ...place, topLevel: false })
  })
}

/** What each kind of statement reads. */
export const statements: Readonly<Record<string, Statement>> = {
  Root: runAll,
  NodeList: runAll,
  Output: (analysis, node, place) => {
    for (const child of node['children']) {
      const value = analysis.evaluate(child, place)
      analysis.html.print(value, child, place)
      analysis.show(value, child, place)
    }
  },
  If: runIf,
  IfAsync: runIf,
  For: runLoop,
  AsyncEach: runLoop,
  AsyncAll: runLoop,
  Switch: runSwitch,
  Set: (analysis, node, place) => {
    const { guards, sets } = analysis
    const visit = guards.visit(place)
    const value = guards.evaluate(visit, () => analysis.evaluate(node['value'] ?? node['body'], place))
    const { order } = guards.visit(place)
    for (const { value: name } of node['targets']) {
      analysis.assigned.add(name)
      sets.set(name, [...sets.get(name) ?? [], { value: node['value'] ?? null, visit, order, isSure: guards.isSure }])
      analysis.pool(place.context.pool.sets, name, value, node, place)
      analysis.pool(place.context.exports, name, value, node, place)
      if (place.topLevel) place.context.definite.add(name)
    }
  },
  Macro: (analysis, node, place) => {
    const value = valueOf({ closures: new Set([macroOf(node, place)]) })
    define(analysis, node['name'].value, value, node, place)
    analysis.pool(place.context.exports, node['name'].value, value, node, place)
  },
  Block: runBlock,
  Super: (analysis, node, place) => {
    if (place.block !== null) showBlock(analysis, place.block.name, place.block.index + 1, node, place)
    place.scope.hard.set(node['symbol'].value, valueOf({ html: 'tree' }))
  },
  FilterAsync: (analysis, node, place) => {
    place.scope.hard.set(node['symbol'].value, evaluateFilter(analysis, node, place))
  },
  Extends: runExtends,
  Include: runInclude,
  Import: runImport,
  FromImport: runFromImport,
  CallExtension: runExtension,
  CallExtensionAsync: runExtension,
}

const macros = new WeakMap<Node, Map<TemplateContext, Closure>>()

/** One closure for each macro and context, so that rounds come to an end. */
function macroOf (node: Node, place: Place): Closure {
  const byContext = macros.get(node) ?? new Map<TemplateContext, Closure>()
  macros.set(node, byContext)
  const closure = byContext.get(place.context) ?? { node, place }
  byContext.set(place.context, closure)
  return closure
}
