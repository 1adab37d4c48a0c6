import type { Node } from './nunjucks.ts'

/** True where the expression's text is JSON whatever it is: `x | dump`, `x | dump | safe`, and an inline if between such. */
export function givesJson (node: Node): boolean {
  switch (node.typename) {
    case 'Filter': return node['name'].value === 'dump' || (node['name'].value === 'safe' && givesJson(node['args'].children[0]))
    case 'Group': return node['children'].length === 1 && givesJson(node['children'][0])
    case 'InlineIf': return Boolean(node['else_']) && givesJson(node['body']) && givesJson(node['else_'])
    default: return false
  }
}
