import type { Node } from './nunjucks.ts'
import type { SourcePosition } from './shape.ts'
import { LIVE_ERR_TEMPLATE_SYNTAX, positioned } from './errors.ts'
import { childrenOf } from './walk.ts'

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u

/** nunjucks puts names between quotes in the code it generates, without escaping them. */
// eslint-disable-next-line no-control-regex
const breaksOut = /["\\\u0000-\u001f\u2028\u2029]/

/** Refuses names that would leave their place in the generated code: nunjucks' lexer lets quotes and backslashes through. */
export function checkNames (node: Node, template: string, around: SourcePosition = { template, line: 1, column: 1 }): void {
  const position = node.lineno === undefined ? around : { template, line: node.lineno + 1, column: (node.colno as number) + 1 }
  if (node.typename === 'Symbol' && breaksOut.test(node['value'])) throw refusal(position, node['value'], 'quotes, backslashes or control characters')
  for (const name of declared(node)) {
    if (name.typename !== 'Symbol' || !identifier.test(name['value'])) {
      throw refusal(position, name['value'] ?? name.typename, 'anything but letters, digits, _ and $')
    }
  }
  for (const child of childrenOf(node)) checkNames(child, template, position)
}

/** The names that a node turns into names of the generated code. */
function declared (node: Node): Node[] {
  switch (node.typename) {
    case 'Block': return [node['name']]
    case 'Set': return node['targets']
    case 'Macro':
    case 'Caller': return node['args'].children.flatMap((arg: Node) => arg.typename === 'Dict' || arg.typename === 'KeywordArgs' ? [] : [arg])
    case 'FromImport': return node['names'].children.flatMap((name: Node) => name.typename === 'Pair' ? [name['key'], name['value']] : [name])
    default: return []
  }
}

function refusal (position: SourcePosition, name: unknown, what: string): Error {
  return positioned(LIVE_ERR_TEMPLATE_SYNTAX, position, `the name ${JSON.stringify(name)} must not hold ${what}; rename it`)
}
