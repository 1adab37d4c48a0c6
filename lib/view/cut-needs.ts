import { ELEMENT } from '../template/fields/field-node.ts'
import type { FieldNode, Mark } from '../template/fields/field-node.ts'
import type { FieldTree } from '../template/fields/field-tree.ts'
import type { PlannedRead } from '../template/loading/load-plan.ts'

// Map.groupBy came with Node 21.
export function groupBy<K, T> (items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) groups.set(key(item), [...groups.get(key(item)) ?? [], item])
  return groups
}

type ReadsAt = ReadonlyMap<FieldNode, readonly PlannedRead[]>

/** The part of a trie that `reads` reach. */
export function cutTree (node: FieldNode, reads: ReadsAt): FieldTree | null {
  const marks = new Set<Mark>(reads.get(node)?.map(({ mark }) => mark))
  const children = new Map<string, FieldTree>()
  for (const [name, child] of node.children) {
    const below = cutTree(child, reads)
    if (below !== null) children.set(name, below)
  }
  return marks.size === 0 && children.size === 0 ? null : Object.freeze({ name: node.name, marks, children })
}

/** Notes the reads that data cut to `trees` answers: `trees` are all the parts that reach the place of `node`. */
export function cover (node: FieldNode, trees: readonly FieldTree[], reads: ReadsAt, covers: Set<number>): void {
  const whole = trees.some(({ marks }) => marks.has('whole'))
  for (const { id, mark } of reads.get(node) ?? []) if (whole || answers(trees, mark)) covers.add(id)
  for (const [name, child] of node.children) {
    const below = name === ELEMENT ? [ELEMENT] : [name, ELEMENT]
    const reached = whole ? trees : trees.flatMap(({ children }) => below.flatMap((key) => children.get(key) ?? []))
    if (reached.length > 0) cover(child, reached, reads, covers)
  }
}

function answers (trees: readonly FieldTree[], mark: Mark): boolean {
  if (mark === 'exists') return true
  return trees.some(({ marks, children }) => marks.has(mark) || (mark === 'keys' && children.has(ELEMENT)))
}
