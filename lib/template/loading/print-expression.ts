import type { Node } from '../nunjucks.ts'
import type { Question } from '../fields/site.ts'

const MAX_LENGTH = 80

const OPERATORS: Readonly<Record<string, string>> = {
  And: 'and', Or: 'or', In: 'in', Add: '+', Concat: '~', Sub: '-', Mul: '*', Div: '/', FloorDiv: '//', Mod: '%', Pow: '**'
}

/** What a site asks, in template syntax, cut short where it is long. */
export function printQuestion (question: Question): string {
  return short(question.kind === 'case'
    ? question.cases.map((node) => `${print(question.node)} === ${print(node)}`).join(' or ')
    : print(question.node))
}

/** An expression in template syntax, cut short where it is long. */
export function printExpression (node: Node): string {
  return short(print(node))
}

function short (text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text
}

function print (node: Node): string {
  switch (node.typename) {
    case 'Symbol': return node['value']
    case 'Literal': return printLiteral(node['value'])
    case 'LookupVal': return `${print(node['target'])}${printKey(node['val'])}`
    case 'FunCall': return `${print(node['name'])}(${printAll(node['args'].children)})`
    case 'Filter': return printFilter(node)
    case 'InlineIf': return `${print(node['body'])} if ${print(node['cond'])}${node['else_'] === null ? '' : ` else ${print(node['else_'])}`}`
    case 'Not': return `not ${print(node['target'])}`
    case 'Neg': return `-${print(node['target'])}`
    case 'Pos': return `+${print(node['target'])}`
    case 'Is': return `${print(node['left'])} is ${print(node['right'])}`
    case 'Compare': return [print(node['expr']), ...node['ops'].map((each: Node) => `${each['type']} ${print(each['expr'])}`)].join(' ')
    case 'Array': return `[${printAll(node['children'])}]`
    case 'Dict': return `{ ${printAll(node['children'])} }`
    case 'Pair': return `${print(node['key'])}: ${print(node['value'])}`
    case 'KeywordArgs': return node['children'].map((pair: Node) => `${print(pair['key'])}=${print(pair['value'])}`).join(', ')
    case 'Capture': return '…'
    case 'Group': return `(${printAll(node['children'])})`
    default: return `${print(node['left'])} ${OPERATORS[node.typename]} ${print(node['right'])}`
  }
}

function printAll (nodes: readonly Node[]): string {
  return nodes.map(print).join(', ')
}

function printFilter (node: Node): string {
  const [input, ...others]: Node[] = node['args'].children
  return `${print(input as Node)} | ${node['name'].value}${others.length > 0 ? `(${printAll(others)})` : ''}`
}

function printLiteral (value: unknown): string {
  if (value === null) return 'none'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function printKey (node: Node): string {
  const name: unknown = node['value']
  return node.typename === 'Literal' && typeof name === 'string' && /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${print(node)}]`
}
