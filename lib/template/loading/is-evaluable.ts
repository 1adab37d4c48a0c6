import { isDeclared } from '../declarations.ts'
import type { Declarations } from '../declarations.ts'
import { Environment } from '../nunjucks.ts'
import type { Node } from '../nunjucks.ts'

/** What is the application's own, also where it replaces something of nunjucks', and what it declares. */
export interface CustomNames {
  readonly customFilters?: ReadonlySet<string>
  readonly customTests?: ReadonlySet<string>
  readonly customGlobals?: ReadonlySet<string>
  readonly declarations?: Declarations
  readonly environment?: Environment
}

const plain = new Environment([])

/** `random` would decide anew what the rendering decides otherwise. */
const PURE_FILTERS = new Set(Object.keys(plain.filters).filter((name) => name !== 'random'))
const PURE_TESTS = new Set(Object.keys(plain.tests))

const OPERATORS = new Set([
  'Literal', 'Symbol', 'Group', 'NodeList', 'Array', 'Dict', 'KeywordArgs', 'LookupVal', 'InlineIf', 'And', 'Or', 'Not', 'In', 'Compare',
  'CompareOperand', 'Add', 'Concat', 'Sub', 'Mul', 'Div', 'FloorDiv', 'Mod', 'Pow', 'Neg', 'Pos'
])

/** True where evaluating an expression twice gives the same, as far as its names do: it calls nothing that is unknown. */
export function isEvaluable (node: Node, custom: CustomNames): boolean {
  switch (node.typename) {
    case 'FunCall':
      if (node['name'].typename !== 'Symbol' || !isPureFunction(node['name'].value, custom)) return false
      break
    case 'Filter':
      if (!isPureFilter(node['name'].value, custom) || !appliesPureTest(node, custom)) return false
      break
    case 'Is':
      if (!isPureTest(testOf(node), custom)) return false
      break
    default:
      if (!OPERATORS.has(node.typename)) return false
  }
  return operandsOf(node).every((operand) => isEvaluable(operand, custom))
}

/** The functions that an expression calls. */
export function callsIn (node: Node): Set<string> {
  const own: string[] = node.typename === 'FunCall' ? [node['name'].value] : []
  return new Set([...own, ...operandsOf(node).flatMap((operand) => [...callsIn(operand)])])
}

/** The names whose values an expression uses. */
export function namesIn (node: Node): Set<string> {
  const names = new Set<string>()
  const visit = (each: Node): void => {
    if (each.typename === 'Symbol') names.add(each['value'])
    if (each.typename === 'FunCall') visit(each['name'])
    for (const operand of operandsOf(each)) visit(operand)
  }
  visit(node)
  return names
}

/** What is evaluated to evaluate a node: not the names of filters, tests and keys. */
function operandsOf (node: Node): readonly Node[] {
  switch (node.typename) {
    case 'Literal': case 'Symbol': return []
    case 'FunCall': case 'Filter': return node['args'].children
    case 'Is': return [node['left'], ...node['right'].args?.children ?? []]
    case 'Dict': case 'KeywordArgs': return node['children'].map((pair: Node) => pair['value'])
    case 'LookupVal': return [node['target'], node['val']]
    case 'InlineIf': return [node['cond'], node['body'], ...(node['else_'] === null ? [] : [node['else_']])]
    case 'Compare': return [node['expr'], ...node['ops'].map((operand: Node) => operand['expr'])]
    case 'Not': case 'Neg': case 'Pos': return [node['target']]
    case 'Group': case 'NodeList': case 'Array': return node['children']
    default: return [node['left'], node['right']]
  }
}

/** `is none` names its test by a literal. */
function testOf (node: Node): string {
  return String(node['right'].name?.value ?? node['right'].value)
}

/** What a declared one answers depends on what it is given, and on nothing else. */
function isPureFunction (name: string, { customGlobals, declarations }: CustomNames): boolean {
  if (name === 'can' || isDeclared(declarations, 'globals', name)) return true
  return name === 'range' && customGlobals?.has(name) !== true
}

function isPureFilter (name: string, { customFilters, declarations, environment }: CustomNames): boolean {
  if (isDeclared(declarations, 'filters', name)) return environment?.asyncFilters.includes(name) !== true
  return PURE_FILTERS.has(name) && customFilters?.has(name) !== true
}

function isPureTest (name: string, { customTests, declarations }: CustomNames): boolean {
  return isDeclared(declarations, 'tests', name) || (PURE_TESTS.has(name) && customTests?.has(name) !== true)
}

/** `select("even")` names a test by an argument, which may be data. */
function appliesPureTest (node: Node, custom: CustomNames): boolean {
  if (!['select', 'reject'].includes(node['name'].value)) return true
  const test: Node | undefined = node['args'].children[1]
  return test === undefined || (test.typename === 'Literal' && isPureTest(String(test['value']), custom))
}
