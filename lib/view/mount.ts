import type { Tree } from '../template/tree.ts'
import type { CompiledView } from './compiled-view.ts'
import { loadData } from './load-data.ts'
import { createCan } from './create-can.ts'
import { LIVE_ERR_VIEW } from './errors.ts'
import { isThenable } from './is-thenable.ts'
import { readsChanged, trackReads } from './track-reads.ts'
import type { Reads } from './track-reads.ts'
import type { Identity, RouteValues, StateContext, Tenant } from './view.ts'

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
    this.state = readState(compiled, { params, query, identity, tenant })
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
    for (const name of names) this.#reads.set(name, null)
    const failed = new AbortController()
    const signals = signal === undefined ? [failed.signal] : [failed.signal, signal]
    const loads = names.map(async (name) => {
      const reads: Reads = new Map()
      const data = await loadData({
        view: view.name,
        loaders: view.loaders,
        names: [name],
        fields,
        context: { params, query, identity, tenant, state: trackReads(this.state, reads) },
        deadline: this.#deadline,
        signal: AbortSignal.any(signals),
      })
      return { name, reads, data }
    })
    try {
      // All or nothing: what one has loaded beside another that failed is not shown, and loads again.
      for (const { name, reads, data } of await Promise.all(loads)) {
        this.#reads.set(name, reads)
        this.data = { ...this.data, ...data }
      }
    } catch (error) {
      failed.abort()
      throw error
    }
  }

  render (): Tree | Promise<Tree> {
    return this.compiled.program.render({ ...this.globals, ...this.state, ...this.data, flash: this.flashes, can: this.#can })
  }
}

function readState ({ view }: CompiledView, context: StateContext): object {
  const state: unknown = view.state(context)
  if (!isThenable(state)) return state as object
  state.then(undefined, () => {})
  throw new LIVE_ERR_VIEW(view.name, 'its state answered a promise', 'Answer plain data at once; what has to be fetched is for loaders')
}
