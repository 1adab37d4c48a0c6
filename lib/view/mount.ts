import type { Tree } from '../template/tree.ts'
import type { CompiledView } from './compiled-view.ts'
import { loadData } from './load-data.ts'
import { createCan } from './create-can.ts'
import { readsChanged, trackReads } from './track-reads.ts'
import type { Reads } from './track-reads.ts'
import type { Identity, RouteValues, Tenant } from './view.ts'

export interface Flash {
  readonly kind: string
  readonly text: string
}

/** Who and what a view is mounted for. */
export interface MountInput {
  readonly params: RouteValues
  readonly query: RouteValues
  readonly identity: Identity | null
  readonly tenant: Tenant | null
  readonly globals: Readonly<Record<string, unknown>>
  /** Milliseconds that loading may take. */
  readonly deadline: number
}

/** A view alive: its state, the data loaded for it, and its last rendering. Made by the GET, claimed by the socket. */
export class Mount {
  readonly compiled: CompiledView
  readonly params: RouteValues
  readonly globals: Readonly<Record<string, unknown>>
  readonly #deadline: number
  /** What each loader read of the state; null for one that has failed, and runs again at the next occasion. */
  readonly #reads = new Map<string, Reads | null>()
  readonly #can: (event: string, payload?: Record<string, unknown>) => boolean
  readonly state: object
  query: RouteValues
  identity: Identity | null
  tenant: Tenant | null
  data: Record<string, unknown> = {}
  flashes: readonly Flash[] = []
  /** Set by patchUrl: `onParams` runs and everything loads again before the next rendering. */
  queryChanged: boolean = false
  tree!: Tree

  private constructor (compiled: CompiledView, input: MountInput) {
    this.compiled = compiled
    this.params = input.params
    this.query = input.query
    this.identity = input.identity
    this.tenant = input.tenant
    this.globals = input.globals
    this.#deadline = input.deadline
    const { params, query, identity, tenant } = input
    this.state = compiled.view.state({ params, query, identity, tenant })
    this.#can = createCan(this)
  }

  static async create (compiled: CompiledView, input: MountInput): Promise<Mount> {
    const mount = new Mount(compiled, input)
    await mount.load(new Set())
    mount.tree = await mount.render()
    return mount
  }

  /** The loaders that have to run before the next rendering. */
  stale (reloads: ReadonlySet<string>): string[] {
    const names: string[] = []
    for (const [name, reads] of this.#reads) {
      if (reads === null || reloads.has(name) || readsChanged(this.state, reads)) names.push(name)
    }
    return names
  }

  /** Runs the loaders that the template reads: all of them at first, later those that are stale or named. */
  async load (reloads: ReadonlySet<string>, signal?: AbortSignal): Promise<void> {
    const { view, fields } = this.compiled
    const names = this.#reads.size === 0 ? Object.keys(view.loaders).filter((name) => fields.reads(name)) : this.stale(reloads)
    if (names.length === 0) return
    const { params, query, identity, tenant } = this
    const loaded = await Promise.all(names.map(async (name) => {
      const reads: Reads = new Map()
      this.#reads.set(name, null)
      const context = { params, query, identity, tenant, state: trackReads(this.state, reads) }
      const { name: owner, loaders } = view
      const common = { view: owner, loaders, names: [name], fields, context, deadline: this.#deadline }
      const data = await loadData(signal === undefined ? common : { ...common, signal })
      this.#reads.set(name, reads)
      return data
    }))
    this.data = Object.assign({}, this.data, ...loaded)
  }

  render (): Tree | Promise<Tree> {
    return this.compiled.program.render({ ...this.globals, ...this.state, ...this.data, flash: this.flashes, can: this.#can })
  }
}
