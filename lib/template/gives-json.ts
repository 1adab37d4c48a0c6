import type { Node } from './nunjucks.ts'

/**
 * True where the expression's text is JSON whatever it is: `x | dump`, `x | dump | safe`, and an inline if between such. Not
 * where the application has a `dump` of its own: what that answers with nobody knows.
 */
export function givesJson (node: Node, isOwn: (filter: string) => boolean): boolean {
  switch (node.typename) {
    case 'Filter': {
      const name: string = node['name'].value
      return (name === 'dump' && !isOwn(name)) || (name === 'safe' && givesJson(node['args'].children[0], isOwn))
    }
    case 'Group': return node['children'].length === 1 && givesJson(node['children'][0], isOwn)
    case 'InlineIf': return Boolean(node['else_']) && givesJson(node['body'], isOwn) && givesJson(node['else_'], isOwn)
    default: return false
  }
}
