import type { FieldNode } from './field-node.ts'
import { ALWAYS } from './when.ts'
import type { When } from './when.ts'

/** A place in the data that a value may be, and when it is: `a if c else b` is `a` under `c` only. */
export interface FieldReference {
  readonly node: FieldNode
  readonly when: When
}

const known = new WeakMap<FieldNode, WeakMap<When, FieldReference>>()

/** One object for each place and condition, so that sets of them can be compared. */
export function referenceTo (node: FieldNode, when: When = ALWAYS): FieldReference {
  let references = known.get(node)
  if (references === undefined) known.set(node, references = new WeakMap())
  let reference = references.get(when)
  if (reference === undefined) references.set(when, reference = Object.freeze({ node, when }))
  return reference
}

/** References to one place under more conditions than this become one without. */
const MAX_CONDITIONS = 8

/** True when nothing in `some` is news to `all`. */
export function covered (some: ReadonlySet<FieldReference>, all: ReadonlySet<FieldReference>): boolean {
  for (const reference of some) if (!all.has(reference) && !all.has(referenceTo(reference.node))) return false
  return true
}

export function joinReferences (a: ReadonlySet<FieldReference>, b: ReadonlySet<FieldReference>): ReadonlySet<FieldReference> {
  if (covered(b, a)) return a
  const joined = new Set([...a, ...b])
  const counts = new Map<FieldNode, number>()
  for (const { node, when } of joined) counts.set(node, (counts.get(node) ?? 0) + (when === ALWAYS ? MAX_CONDITIONS : 1))
  for (const reference of joined) {
    const { node, when } = reference
    if (when === ALWAYS || (counts.get(node) as number) <= MAX_CONDITIONS) continue
    joined.delete(reference)
    joined.add(referenceTo(node))
  }
  return joined
}
