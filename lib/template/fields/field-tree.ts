import type { Mark } from './field-node.ts'

/** A part of the data with what is read of it: the analysis' trie, or what one rendering needs of it. */
export interface FieldTree {
  readonly name: string
  readonly marks: ReadonlySet<Mark>
  readonly children: ReadonlyMap<string, FieldTree>
}

/** True when this place or one below it is read. */
export function isRead (tree: FieldTree): boolean {
  if (tree.marks.size > 0) return true
  for (const child of tree.children.values()) if (isRead(child)) return true
  return false
}
