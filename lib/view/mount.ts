import { isDeepStrictEqual } from 'node:util'
import { touchOf, unavailable } from '../template/unavailable.ts'
import type { Tree } from '../template/tree.ts'
import type { CompiledView } from './compiled-view.ts'
import { copyIdentity } from './copy-identity.ts'
import { createCan } from './create-can.ts'
import { LoaderData } from './loader-data.ts'
import type { LoadTurn } from './loader-data.ts'
import type { RootNeeds } from './needs-finder.ts'
import type { Flash, Given, MountInput, MountOptions } from './mount-input.ts'
import { readState } from './read-state.ts'
import { renderInTime } from './render-in-time.ts'
import type { RenderTimes } from './render-in-time.ts'
import { createRescue } from './rescue-slots.ts'
import { checkStateSize } from './state-size.ts'
import { inTenant } from './tenant-scope.ts'
import type { Identity, RouteValues, Tenant } from './view.ts'

/** A view alive: its state, the data loaded for it, and its last rendering. Made by the GET, claimed by the socket. */
export class Mount {
  readonly compiled: CompiledView
  readonly params: RouteValues
  readonly globals: Readonly<Record<string, unknown>>
  readonly loaderData: LoaderData
  readonly #turn: Omit<LoadTurn, 'signal' | 'failed'>
  readonly #times: RenderTimes
  readonly #can: (event: string, payload?: Record<string, unknown>) => boolean
  readonly state: object
  /** Estimated when it was mounted. */
  readonly stateSize: number
  /** Asks for the identity of this moment. */
  readonly hasPermission: (permission: string) => boolean | Promise<boolean>
  query: RouteValues
  identity: Identity | null
  tenant: Tenant | null
  /** Whom it was loaded for last: another object after each change. */
  holder: readonly [identity: unknown, tenant: Tenant | null]
  flashes: readonly Flash[] = []
  /** Set by patchUrl: `onParams` runs and what reads the query loads again before the next rendering. */
  queryChanged: boolean = false
  tree!: Tree

  private constructor (compiled: CompiledView, input: MountInput) {
    this.compiled = compiled
    this.params = input.params
    this.query = input.query
    this.identity = input.identity
    this.tenant = input.tenant
    this.holder = [copyIdentity(input.identity), input.tenant]
    this.globals = input.globals
    const { overDelivered, slowRender, deadline } = input
    const view = compiled.view.name
    this.#turn = { view, deadline, overDelivered: overDelivered && ((loader, paths) => { overDelivered(view, loader, paths) }) }
    const { params, query, identity, tenant } = input
    this.state = readState(compiled, { params, query, identity, tenant })
    this.stateSize = checkStateSize(view, this.state, input.maxStateSize ?? Infinity)
    this.#times = { view, deadline, slowRender }
    this.loaderData = new LoaderData(compiled.needs, compiled.view.loaders, this)
    this.#can = createCan(this)
    const ask = input.hasPermission ?? nobodyHas
    this.hasPermission = (permission) => this.identity === null ? false : ask(this.identity, permission)
  }

  /** Loads and renders. `deferred` tells whether deferred loaders run now, or show their fallback until `startDeferred`. */
  static async create (compiled: CompiledView, input: MountInput, options: MountOptions): Promise<Mount> {
    return inTenant(input.tenant, () => Mount.#create(compiled, input, options))
  }

  static async #create (compiled: CompiledView, input: MountInput, options: MountOptions): Promise<Mount> {
    const mount = new Mount(compiled, input)
    if (options.deferred === 'later') mount.loaderData.defer()
    await mount.load(mount.wanted(new Set()), options)
    const { error } = mount.loaderData
    if (error !== null && options.failure === 'throws') throw error
    mount.tree = await mount.render(options)
    return mount
  }

  /** Answers whether what was loaded was for another, or for the same with another role. */
  hold (identity: Identity | null, tenant: Tenant | null): boolean {
    const holder = [copyIdentity(identity), tenant] as const
    const isOther = !isDeepStrictEqual(this.holder, holder)
    if (isOther) this.holder = holder
    // In any case: what only its methods know does not show in a comparison.
    this.identity = identity
    this.tenant = tenant
    return isOther
  }

  /** What loaders gave, cut to what the template reads of it. */
  get data (): Readonly<Record<string, unknown>> {
    return this.loaderData.values
  }

  /** What has to be loaded before the next rendering: what is out of date, named, or newly read by a branch. */
  wanted (reloads: ReadonlySet<string>): ReadonlyMap<string, RootNeeds> {
    return this.loaderData.wanted(reloads)
  }

  async load (wanted: ReadonlyMap<string, RootNeeds>, given: Given): Promise<void> {
    if (wanted.size > 0) await this.loaderData.load(wanted, this.#turnOf(given))
  }

  /** Runs the deferred loaders that the page waits for. The outcome of each is taken at its turn. */
  startDeferred (given: Given): ReadonlyArray<Promise<() => void>> {
    if (this.loaderData.awaited.size === 0) return []
    return inTenant(this.tenant, () => this.loaderData.startDeferred(this.#turnOf(given)))
  }

  /** Loaders that give something else by now than what is shown, although nothing that they read has changed. */
  changedUnnoticed (given: Given): Promise<string[]> {
    return this.loaderData.changed(this.#turnOf(given))
  }

  render (given: Given): Tree | Promise<Tree> {
    return renderInTime(() => this.#renderOrHeal(given), this.#times)
  }

  #renderOrHeal (given: Given): Tree | Promise<Tree> {
    try {
      const tree = this.#renderOnce(given)
      return tree instanceof Promise ? tree.catch((error: unknown) => this.#renderAll(error, given)) : tree
    } catch (error) {
      return this.#renderAll(error, given)
    }
  }

  /** A loader's context, but for its state, query, fields and signal. */
  context (): object {
    const { params, identity, tenant } = this
    return { params, identity, tenant }
  }

  /** The names that templates see. */
  page (): Record<string, unknown> {
    return { ...this.globals, ...this.state, ...this.data, flash: this.flashes, can: this.#can }
  }

  #turnOf (given: Given): LoadTurn {
    return { ...this.#turn, signal: given.signal, failed: (error) => given.failed(error) }
  }

  #renderOnce (given: Given): Tree | Promise<Tree> {
    const { program, placeholders, fallbacks } = this.compiled
    const { failed, awaited } = this.loaderData
    const page = this.page()
    for (const [name, placeholder] of placeholders) if (!this.loaderData.has(name)) page[name] = placeholder
    if (failed.size + awaited.size === 0) return program.render(page)
    for (const name of awaited) page[name] = unavailable(name, 'pending', '')
    for (const [name, errorId] of failed) page[name] = unavailable(name, 'failed', errorId)
    const fallbackFailed = (loader: string, error: unknown): void => { given.failed(error as Error) }
    return program.renderAround(page, createRescue({ fallbacks, page, fallbackFailed }))
  }

  /** The rendering read what was not foreseen: that is a fault of the plan, and costs one more round instead of a wrong page. */
  async #renderAll (error: unknown, given: Given): Promise<Tree> {
    if (touchOf(error)?.missing.why !== 'unneeded') throw error
    given.failed(error as Error)
    await this.loaderData.loadAll(this.#turnOf(given))
    return this.#renderOnce(given)
  }
}

function nobodyHas (): boolean {
  return false
}
