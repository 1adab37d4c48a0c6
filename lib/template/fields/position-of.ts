import type { Node } from '../nunjucks.ts'
import type { SourcePosition } from '../shape.ts'

/** 1-based position where an expression begins: nunjucks puts `a.b` at its dot and a filter at its name. */
export function positionOf (node: Node, place: { readonly template: string }): SourcePosition {
  const start = startOf(node)
  return { template: place.template, line: (start.lineno as number) + 1, column: (start.colno as number) + 1 }
}

function startOf (node: Node): Node {
  switch (node.typename) {
    case 'LookupVal': return startOf(node['target'])
    case 'FunCall': return startOf(node['name'])
    case 'Filter': case 'FilterAsync': return startOf(node['args'].children[0])
    case 'Compare': return startOf(node['expr'])
    case 'InlineIf': return startOf(node['body'])
    default: return node.fields.includes('left') ? startOf(node['left']) : node
  }
}
