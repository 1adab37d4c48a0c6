import type { Node } from '../nunjucks.ts'
import { NOTHING, valueOf } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { addBlocks, inUncertain } from './blocks.ts'
import { decide } from './decide.ts'
import { enterContext } from './enter-context.ts'
import { LIVE_ERR_TEMPLATE_MISSING, positioned } from '../errors.ts'
import { createScope } from './place.ts'
import type { ParentNames, Place, Scope, TemplateContext } from './place.ts'
import { positionOf } from './position-of.ts'
import type { Step } from './when.ts'

/** Binds what `macro`, `import` and `from` define. */
export function define (analysis: Analysis, name: string, value: AbstractValue, node: Node, place: Place): void {
  analysis.bind(name)
  place.scope.hard.set(name, value)
  analysis.pool(place.context.definitions, name, value, node, place)
  if (place.topLevel) place.context.definite.add(name)
}

export function runExtends (analysis: Analysis, node: Node, place: Place): void {
  const { context, parents } = place
  if (parents === null) return
  const names = namesOf(analysis, node, place)
  if (!context.uncertain && (!place.topLevel || names.length !== 1 || parents.names.length > 0)) {
    context.uncertain = true
    analysis.grow()
  }
  for (const { name } of names) {
    const ast = load(analysis, name, node, place)
    addBlocks(analysis, name, ast, context)
    if (!parents.names.includes(name)) parents.names.push(name)
  }
  if (place.topLevel) parents.sure = true
}

export function runInclude (analysis: Analysis, node: Node, place: Place): void {
  for (const { name, steps } of namesOf(analysis, node, place)) {
    if (node['ignoreMissing'] && analysis.ast(name) === null) continue
    const context = enterContext(analysis, `include ${name}`, place.context)
    const run = (): void => runTemplate(analysis, name, context, createScope(null, [place.scope]), node, place)
    if (steps === null) run()
    else analysis.guards.under(steps, run)
  }
}

export function runImport (analysis: Analysis, node: Node, place: Place): void {
  const exports = exportsOf(analysis, node, place)
  define(analysis, node['target'].value, exports, node, place)
}

export function runFromImport (analysis: Analysis, node: Node, place: Place): void {
  const exports = exportsOf(analysis, node, place)
  for (const each of node['names'].children) {
    const [name, alias]: string[] = each.typename === 'Pair' ? [each.key.value, each.value.value] : [each.value, each.value]
    define(analysis, alias as string, exports.fields?.get(name as string) ?? NOTHING, node, place)
  }
}

/** Runs a template's top level, then its parents'. */
export function runTemplate (
  analysis: Analysis, name: string, context: TemplateContext, scope: Scope, node: Node | null, place: Place | null
): void {
  const ast = load(analysis, name, node, place)
  const parents: ParentNames = { names: [], sure: false }
  const inside: Place = { template: name, context, scope, topLevel: !context.uncertain, block: null, parents }
  addBlocks(analysis, name, ast, context)
  analysis.call(node, ast, context, () => {
    analysis.run(ast, inside)
    inUncertain(analysis, context, () => {
      for (const parent of parents.names) runTemplate(analysis, parent, context, createScope(null, [scope]), ast, inside)
    })
  }, () => analysis.readScope(scope, ast, inside))
}

function exportsOf (analysis: Analysis, node: Node, place: Place): AbstractValue {
  const fields = new Map<string, AbstractValue>()
  for (const { name } of namesOf(analysis, node, place)) {
    const withContext = node['withContext'] === true
    const context = enterContext(analysis, `import ${name}`, withContext ? place.context : null)
    const scope = createScope(null, withContext ? [place.scope] : [])
    runTemplate(analysis, name, context, scope, node, place)
    for (const [key, value] of context.exports) fields.set(key, value)
  }
  return valueOf({ fields })
}

function load (analysis: Analysis, name: string, node: Node | null, place: Place | null): Node {
  const ast = analysis.ast(name)
  if (ast === null) {
    const position = node === null || place === null ? { template: name, line: 1, column: 1 } : positionOf(node, place)
    throw positioned(LIVE_ERR_TEMPLATE_MISSING, position, `there is no template '${name}'; correct the name, or write 'ignore missing' behind an include`)
  }
  analysis.templates.add(name)
  return ast
}

/** A template that a tag names. */
interface NamedTemplate {
  readonly name: string
  /** The sides of conditions that lead to that name: null where there is no choice, none where data decides. */
  readonly steps: readonly Step[] | null
}

/** The templates that a tag names. A name that is not literal could be any, which could read anything. */
function namesOf (analysis: Analysis, node: Node, place: Place): NamedTemplate[] {
  const expression: Node = node['template']
  const names = literalNames(analysis, expression, place)
  if (names !== null) {
    return names.map(({ name, steps }) => ({ name: analysis.source.resolve?.(name, place.template) ?? name, steps }))
  }
  analysis.read(analysis.evaluate(expression, place), 'whole', expression, place)
  const { includes = [] } = analysis.options
  if (includes.length > 0) return includes.map((name) => ({ name, steps: [] }))
  analysis.dynamicNames.set(expression, positionOf(expression, place))
  analysis.everything = true
  return []
}

function literalNames (analysis: Analysis, expression: Node, place: Place): NamedTemplate[] | null {
  if (expression.typename === 'Literal' && typeof expression['value'] === 'string') {
    return [{ name: expression['value'], steps: null }]
  }
  if (expression.typename === 'Group' && expression['children'].length === 1) {
    return literalNames(analysis, expression['children'][0], place)
  }
  if (expression.typename !== 'InlineIf' || expression['else_'] === null) return null
  const body = literalNames(analysis, expression['body'], place)
  const otherwise = literalNames(analysis, expression['else_'], place)
  if (body === null || otherwise === null) return null
  const { truthy, falsy } = decide(analysis, expression['cond'], place)
  const side = (names: readonly NamedTemplate[], steps: readonly Step[]): NamedTemplate[] =>
    names.map((each) => ({ name: each.name, steps: [...each.steps ?? [], ...steps] }))
  return [...side(body, truthy), ...side(otherwise, falsy)]
}
