import { rootOf } from '../template/fields/field-node.ts'
import type { FieldSet } from '../template/fields/field-set.ts'
import type { FieldTree } from '../template/fields/field-tree.ts'
import type { LoadPlan, PlannedRead } from '../template/loading/load-plan.ts'
import { cover, cutTree, groupBy } from './cut-needs.ts'
import { createNeeds } from './load-round.ts'
import type { LoaderNeeds } from './load-round.ts'
import type { LoaderDefinition } from './loader-definition.ts'
import { hasBit, setBit, walkBody } from './walk-plan.ts'
import type { Bits, Walk } from './walk-plan.ts'

/** What a rendering needs of one loader: equal needs are one object. */
export interface RootNeeds extends LoaderNeeds {
  /** The reads, by their ids in the plan, that data loaded for these needs answers. */
  readonly covers: ReadonlySet<number>
  readonly ids: readonly number[]
}

export type Page = Readonly<Record<string, unknown>>

/** How many different needs are remembered: as many as there are combinations of branches in use. */
const REMEMBERED = 256

/** Answers what is needed of each loader for one rendering, as far as it can be known with the data that is there. */
export class NeedsFinder {
  readonly #plan: LoadPlan
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
      const top = rootOf((all[0] as PlannedRead).node)
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
