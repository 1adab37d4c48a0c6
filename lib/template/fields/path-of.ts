import { ELEMENT } from './field-node.ts'
import type { FieldNode } from './field-node.ts'
import { memberPath, nameText } from './member-path.ts'

/** The place in the data as FieldSet.paths() writes it: `orders[].note`. */
export function pathOf (node: FieldNode): string {
  if (node.parent === null) return nameText(node.name)
  const around = pathOf(node.parent)
  return node.name === ELEMENT ? `${around}[]` : memberPath(around, node.name)
}
