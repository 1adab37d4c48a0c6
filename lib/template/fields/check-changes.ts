import { positioned } from '../errors.ts'
import { LIVE_ERR_TEMPLATE_CHANGE } from './errors.ts'
import type { FieldNode } from './field-node.ts'
import type { FieldSet } from './field-set.ts'

/**
 * Throws LIVE_ERR_TEMPLATE_CHANGE where a template changes data in place, `{{ rows.pop() }}`: the next rendering would show other
 * data than this one, and what is loaded would no longer be what its loader gave. `isData`: for the names that are data.
 */
export function checkChanges (fields: FieldSet, isData: (name: string) => boolean): void {
  for (const [name, root] of fields.allRoots()) if (isData(name)) visit(root, name)
}

function visit (node: FieldNode, name: string): void {
  const { changedAt } = node
  if (changedAt !== null) {
    throw positioned(LIVE_ERR_TEMPLATE_CHANGE, changedAt, `the method '${changedAt.method}' changes '${name}', which is kept for the next ` +
      'rendering. Use a filter or a method that gives another list (| sort, | reverse, | first, .slice()), or do it in the loader or handler')
  }
  for (const child of node.children.values()) visit(child, name)
}
