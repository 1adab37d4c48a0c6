import type { Node } from './nunjucks.ts'

/** Fields that hold nodes without being listed in `fields`; nunjucks' own findAll does not see them. */
const hidden: Readonly<Record<string, readonly string[]>> = { Set: ['body'] }

/** All child nodes in source order, those that nunjucks' own walkers miss included. */
export function childrenOf (node: Node): Node[] {
  const children: Node[] = []
  const add = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) add(item)
    else if (isNode(value)) children.push(value)
  }
  for (const field of node.fields) add(node[field])
  for (const field of hidden[node.typename] ?? []) add(node[field])
  return children
}

/** Visits a node and everything below it, in source order. */
export function walk (node: Node, visit: (node: Node) => void): void {
  visit(node)
  for (const child of childrenOf(node)) walk(child, visit)
}

/** True when the node or anything below it fits. */
export function contains (node: Node, fits: (node: Node) => boolean): boolean {
  return fits(node) || childrenOf(node).some((child) => contains(child, fits))
}

function isNode (value: any): value is Node {
  return value !== null && typeof value === 'object' && typeof value.typename === 'string' && Array.isArray(value.fields)
}
