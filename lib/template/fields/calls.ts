import type { Node } from '../nunjucks.ts'
import { asHtml } from './html-uses.ts'
import { computed } from './member.ts'
import { NOTHING, join, joinAll, madeBy, valueOf } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import { RECURSION } from './analysis.ts'
import type { Analysis } from './analysis.ts'
import { noteChanges } from './changes.ts'
import type { Closure } from './closure.ts'
import { readGiven } from './declared-reads.ts'
import { lookupMember } from './lookup-member.ts'
import { isScalarMethod } from './scalar-methods.ts'
import { createScope } from './place.ts'
import type { Given, Place } from './place.ts'
import { showBlock } from './blocks.ts'

export interface CallArguments {
  readonly positional: readonly AbstractValue[]
  readonly named: ReadonlyMap<string, AbstractValue>
  /** Their expressions, and where they stand. Null where code outside of templates calls. */
  readonly sources: ArgumentSources | null
}

/** nunjucks' own functions: numbers and texts are what they take. */
const BUILT_IN: ReadonlySet<string> = new Set(['range', 'cycler', 'joiner'])

interface ArgumentSources {
  readonly positional: readonly Given[]
  readonly named: ReadonlyMap<string, Given>
}

/** What calling a macro gives. */
const TREE: AbstractValue = valueOf({ html: 'tree' })

export const NO_ARGUMENTS: CallArguments = { positional: [], named: new Map(), sources: null }

export function evaluateArguments (analysis: Analysis, nodes: readonly Node[], place: Place): CallArguments {
  const positional: AbstractValue[] = []
  const named = new Map<string, AbstractValue>()
  const sources = { positional: [] as Given[], named: new Map<string, Given>() }
  const { guards } = analysis
  const evaluate = ({ node, visit }: Given): AbstractValue => guards.evaluate(visit, () => analysis.evaluate(node, place))
  for (const node of nodes) {
    if (node.typename !== 'KeywordArgs') {
      const given = { node, visit: guards.visit(place) }
      sources.positional.push(given)
      positional.push(evaluate(given))
      continue
    }
    for (const { key, value } of node['children'] as Node[]) {
      const given = { node: value, visit: guards.visit(place) }
      sources.named.set(key.value, given)
      named.set(key.value, evaluate(given))
    }
  }
  return { positional, named, sources }
}

export function evaluateCall (analysis: Analysis, node: Node, place: Place): AbstractValue {
  const callee: Node = node['name']
  if (callee.typename === 'Symbol' && callee['value'] === 'super' && place.block !== null) {
    showBlock(analysis, place.block.name, place.block.index + 1, node, place)
    return TREE
  }
  const given = evaluateArguments(analysis, node['args'].children, place)
  const isMember = callee.typename === 'LookupVal'
  const owner = analysis.evaluate(isMember ? callee['target'] : callee, place)
  const called = isMember ? lookupMember(analysis, owner, callee, place) : owner
  for (const closure of called.closures) callClosure(analysis, closure, given, node, place)
  if (called.closures.size > 0 && called.paths.size === 0) return called.computed.size === 0 ? TREE : computed(called)
  const args = [...given.positional, ...given.named.values()]
  if (isMember) {
    const method = String(callee['val'].value)
    if (called.closures.size === 0) noteChanges(analysis, owner, args, node, place)
    const by = callee['val'].typename === 'Literal' && isScalarMethod(method) ? null : `the method '${method}'`
    for (const value of [owner, ...args]) analysis.giveAway(value, by, node, place)
    return madeBy(node, computed(owner, ...args))
  }
  const name: string = callee.typename === 'Symbol' ? callee['value'] : '(...)'
  const { customGlobals, declarations, declaredHtml } = analysis.options
  if (callee.typename === 'Symbol' && !analysis.assigned.has(name)) {
    const reads = declarations?.globals.get(name)
    if (BUILT_IN.has(name) && customGlobals?.has(name) !== true) {
      for (const value of [owner, ...args]) analysis.giveAway(value, null, node, place)
      return madeBy(node, computed(owner, ...args))
    }
    const result = (value: AbstractValue): AbstractValue => madeBy(node, declaredHtml?.globals.has(name) ? asHtml(value) : value)
    if (reads !== undefined) {
      analysis.read(owner, 'exists', node, place)
      return result(join(computed(owner), readGiven(analysis, { by: `the function '${name}'`, reads }, args, node, place)))
    }
    return result(readGiven(analysis, { by: `the function '${name}'`, reads: undefined }, [owner, ...args], node, place))
  }
  return madeBy(node, readGiven(analysis, { by: `the function '${name}'`, reads: undefined }, [owner, ...args], node, place))
}

/** Inlines a macro or caller: each call site gets reads of its own. */
export function callClosure (analysis: Analysis, closure: Closure, given: CallArguments, node: Node, place: Place): void {
  const isCaller = closure.node.typename === 'Caller'
  const scope = isCaller
    ? createScope(closure.place.scope, [closure.place.scope, place.scope])
    : createScope(null, [])
  analysis.call(node, closure.node, closure.place.context, () => analysis.guards.unsurely(() => {
    const inside: Place = { ...closure.place, scope, topLevel: false }
    bindArguments(analysis, closure.node, given, inside)
    analysis.run(closure.node['body'], inside)
  }), () => {
    if (isCaller) analysis.readScope(place.scope, node, place)
    for (const value of [...given.positional, ...given.named.values()]) {
      analysis.giveAway(value, RECURSION, node, place)
      analysis.change(value)
    }
  })
}

function bindArguments (analysis: Analysis, macro: Node, given: CallArguments, inside: Place): void {
  const { hard, soft, bindings } = inside.scope
  const { sources } = given
  const declared: readonly Node[] = macro['args'].children
  const last = declared.at(-1)
  const defaults: readonly Node[] = last?.typename === 'KeywordArgs' || last?.typename === 'Dict' ? last['children'] : []
  const names: string[] = declared.slice(0, defaults.length > 0 ? -1 : undefined).map((symbol) => symbol['value'])
  const caller = given.named.get('caller')
  if (caller !== undefined) soft.set('caller', caller)
  names.forEach((name, index) => {
    analysis.bind(name)
    // What the application's own code gives to a macro that it was given is anything.
    hard.set(name, sources === null ? computed() : joinAll([given.positional[index], given.named.get(name)]))
    if (sources === null) return
    bindings.set(name, { kind: 'argument', given: sources.positional[index] ?? sources.named.get(name) ?? null })
  })
  defaults.forEach((pair, index) => {
    const name: string = pair['key'].value
    const named = given.named.get(name)
    const positional = given.positional[names.length + index]
    analysis.bind(name)
    const visit = analysis.guards.visit(inside)
    // What is given by place comes before what is given by name.
    const source = sources?.positional[names.length + index] ?? sources?.named.get(name) ?? { node: pair['value'], visit }
    if (sources !== null) bindings.set(name, { kind: 'argument', given: source })
    const value = named === undefined && positional === undefined
      ? analysis.guards.evaluate(visit, () => analysis.evaluate(pair['value'], inside))
      : join(named ?? NOTHING, positional ?? NOTHING)
    soft.set(name, sources === null ? join(value, computed()) : value)
  })
}
