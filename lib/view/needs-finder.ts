import type { FieldNode, Mark } from '../template/fields/field-node.ts'
import { ELEMENT } from '../template/fields/field-node.ts'
import type { FieldTree } from '../template/fields/field-tree.ts'
import type { Condition, LoadPlan, PlanBody, PlannedRead } from '../template/loading/load-plan.ts'
import type { FieldSet } from '../template/fields/field-set.ts'
import { createNeeds } from './load-round.ts'
import type { LoaderNeeds } from './load-round.ts'
import type { LoaderDefinition } from './loader-definition.ts'

/** What a rendering needs of one loader: equal needs are one object. */
export interface RootNeeds extends LoaderNeeds {
  /** The reads, by their ids in the plan, that data loaded for these needs answers. */
  readonly covers: ReadonlySet<number>
  readonly ids: readonly number[]
}

export type Page = Readonly<Record<string, unknown>>

/** How many different needs are remembered: as many as there are combinations of branches in use. */
const REMEMBERED = 256

/** Reads by their ids, a bit each. */
type Bits = Uint16Array

/** Answers what is needed of each loader for one rendering, as far as it can be known with the data that is there. */
export class NeedsFinder {
  readonly #plan: LoadPlan
  readonly #fields: FieldSet
  readonly #loaders: Readonly<Record<string, LoaderDefinition>>
  readonly #byRoot: ReadonlyMap<string, readonly PlannedRead[]>
  readonly #known = new Map<string, Map<string, RootNeeds>>()
  readonly #found = new Map<string, ReadonlyMap<string, RootNeeds>>()
  /** Reads of eager loaders: needed whatever a condition says. */
  readonly #eager: readonly number[]
  readonly #constant: ReadonlyMap<string, RootNeeds> | null

  constructor (fields: FieldSet, loaders: Readonly<Record<string, LoaderDefinition>>) {
    const plan = fields.plan(new Set(Object.keys(loaders)))
    this.#plan = plan
    this.#fields = fields
    this.#loaders = loaders
    this.#byRoot = groupBy(plan.reads, ({ root }) => root)
    this.#eager = plan.reads.filter(({ root }) => loaders[root]?.eager === true).map(({ id }) => id)
    this.#constant = plan.body.guards.length === 0 ? this.#collect(this.#bits([...plan.body.reads, ...this.#eager])) : null
  }

  /** Everything that any rendering can need. */
  all (): ReadonlyMap<string, RootNeeds> {
    return this.#collect(this.#bits(this.#plan.reads.map(({ id }) => id)))
  }

  /**
   * What is needed now, by loader. What stands under conditions that read data which is not there yet is left out: it is
   * asked for once that data has come.
   * @param page a function, since pages of views without conditions are not made for this
   */
  find (page: () => Page, loaded: ReadonlyMap<string, { readonly needs: RootNeeds }>): ReadonlyMap<string, RootNeeds> {
    if (this.#constant !== null) return this.#constant
    const { reads, body } = this.#plan
    const walk: Walk = { reads, loaded, page: page(), rows: [], needed: this.#bits(this.#eager), there: new Map() }
    walkBody(walk, body)
    const key = String.fromCharCode(...walk.needed)
    let needs = this.#found.get(key)
    if (needs === undefined) {
      needs = this.#collect(walk.needed)
      if (this.#found.size >= REMEMBERED) this.#found.clear()
      this.#found.set(key, needs)
    }
    return needs
  }

  #bits (ids: readonly number[]): Bits {
    const bits = new Uint16Array((this.#plan.reads.length >> 4) + 1)
    for (const id of ids) setBit(bits, id)
    return bits
  }

  #collect (needed: Bits): ReadonlyMap<string, RootNeeds> {
    const needs = new Map<string, RootNeeds>()
    for (const [root, reads] of this.#byRoot) {
      const own = reads.filter(({ id }) => hasBit(needed, id))
      if (own.length > 0) needs.set(root, this.#needsOf(root, own))
    }
    return needs
  }

  #needsOf (root: string, reads: readonly PlannedRead[]): RootNeeds {
    const known = this.#known.get(root) ?? new Map<string, RootNeeds>()
    this.#known.set(root, known)
    const ids = reads.map(({ id }) => id)
    const key = ids.join()
    let needs = known.get(key)
    if (needs === undefined) {
      const all = this.#byRoot.get(root) as readonly PlannedRead[]
      const top = this.#fields.node(root) ?? (all[0] as PlannedRead).node
      const tree = cutTree(top, groupBy(reads, ({ node }) => node)) as FieldTree
      const covers = new Set<number>()
      cover(top, [tree], groupBy(all, ({ node }) => node), covers)
      needs = Object.freeze({ ...createNeeds(tree, this.#loaders[root] as LoaderDefinition), covers, ids })
      if (known.size >= REMEMBERED) known.clear()
      known.set(key, needs)
    }
    return needs
  }
}

interface Walk {
  readonly reads: readonly PlannedRead[]
  readonly loaded: ReadonlyMap<string, { readonly needs: RootNeeds }>
  readonly page: Page
  readonly rows: unknown[]
  readonly needed: Bits
  /** Whether all that a condition reads is there, where that is the same for each row. */
  readonly there: Map<Condition, boolean>
}

function setBit (bits: Bits, id: number): void {
  bits[id >> 4] = (bits[id >> 4] as number) | 1 << (id & 15)
}

function hasBit (bits: Bits, id: number): boolean {
  return ((bits[id >> 4] as number) >> (id & 15) & 1) === 1
}

/** The answer of a condition whose data is not there yet, or that fails: the rendering will fail there too. */
const UNKNOWN = Symbol('unknown')

function walkBody (walk: Walk, body: PlanBody): void {
  for (const id of body.reads) setBit(walk.needed, id)
  for (const guard of body.guards) {
    if (guard.kind === 'branch') {
      const answer = evaluate(walk, guard.condition)
      if (answer !== UNKNOWN) walkBody(walk, answer ? guard.truthy : guard.falsy)
      continue
    }
    const rows = evaluate(walk, guard.list)
    if (!Array.isArray(rows)) continue
    const ids = idsIn(guard.body)
    for (const row of rows) {
      // Ten thousand rows are not asked on once the first has shown that everything is needed.
      if (ids.every((id) => hasBit(walk.needed, id))) break
      walk.rows[guard.row] = row
      walkBody(walk, guard.body)
    }
  }
}

function evaluate (walk: Walk, condition: Condition): unknown {
  const { reads } = condition
  let there = walk.there.get(condition)
  if (there === undefined) {
    there = isThere(walk, reads)
    if (reads.guards.length === 0) walk.there.set(condition, there)
  }
  if (!there) return UNKNOWN
  try {
    return condition.evaluate(walk.page, walk.rows)
  } catch {
    return UNKNOWN
  }
}

const knownIds = new WeakMap<PlanBody, readonly number[]>()

/** All that a body can read, under whichever conditions. */
function idsIn (body: PlanBody): readonly number[] {
  let ids = knownIds.get(body)
  if (ids === undefined) {
    const below = body.guards.flatMap((guard) => guard.kind === 'loop' ? [guard.body] : [guard.truthy, guard.falsy])
    ids = [...new Set([...body.reads, ...below.flatMap(idsIn)])]
    knownIds.set(body, ids)
  }
  return ids
}

function isThere (walk: Walk, body: PlanBody): boolean {
  for (const id of body.reads) {
    const { root } = walk.reads[id] as PlannedRead
    if (walk.loaded.get(root)?.needs.covers.has(id) !== true) return false
  }
  return body.guards.every((guard) => {
    if (guard.kind === 'loop') return false
    const answer = evaluate(walk, guard.condition)
    return answer !== UNKNOWN && isThere(walk, answer ? guard.truthy : guard.falsy)
  })
}

// Map.groupBy came with Node 21.
function groupBy<K, T> (items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) groups.set(key(item), [...groups.get(key(item)) ?? [], item])
  return groups
}

type ReadsAt = ReadonlyMap<FieldNode, readonly PlannedRead[]>

/** The part of a trie that `reads` reach. */
function cutTree (node: FieldNode, reads: ReadsAt): FieldTree | null {
  const marks = new Set<Mark>(reads.get(node)?.map(({ mark }) => mark))
  const children = new Map<string, FieldTree>()
  for (const [name, child] of node.children) {
    const below = cutTree(child, reads)
    if (below !== null) children.set(name, below)
  }
  return marks.size === 0 && children.size === 0 ? null : Object.freeze({ name: node.name, marks, children })
}

/** Notes the reads that data cut to `trees` answers: `trees` are all the parts that reach the place of `node`. */
function cover (node: FieldNode, trees: readonly FieldTree[], reads: ReadsAt, covers: Set<number>): void {
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
