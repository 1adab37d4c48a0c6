import { isDeepStrictEqual } from 'node:util'
import { loadRound } from './load-round.ts'
import type { LoadOutcome, RoundOptions } from './load-round.ts'
import type { LoaderDefinition } from './loader-definition.ts'
import type { NeedsFinder, Page, RootNeeds } from './needs-finder.ts'
import { readsChanged, trackReads } from './track-reads.ts'
import type { Reads } from './track-reads.ts'

/**
 * Rounds of one turn. Each answers conditions that the one before could not; templates that need more than three are rare, and
 * what is still open after these is loaded whole instead of in ever smaller steps.
 */
const MAX_ROUNDS = 8

/** What the rounds of one turn are given from outside. */
export interface LoadTurn extends RoundOptions {
  /** Logs a loader's failure; answers the id under which it stands in the log. */
  readonly failed: (error: Error) => string
}

/** Where loaders and conditions look: the mount's own state and names. */
export interface LoaderSurroundings {
  readonly state: object
  readonly query: object
  /** What a loader's context holds besides `state`, `query`, `fields` and `signal`. */
  context (): object
  page (): Page
}

type Needs = ReadonlyMap<string, RootNeeds>

interface Loaded {
  readonly needs: RootNeeds
  /** What the loader read of the state, and of the address' query. */
  readonly state: Reads
  readonly query: Reads
}

interface Requested extends Loaded {
  readonly loader: LoaderDefinition
}

/** The data of one mount's loaders: what is there, what has failed, what is still to come, and what is needed next. */
export class LoaderData {
  readonly #finder: NeedsFinder
  readonly #loaders: Readonly<Record<string, LoaderDefinition>>
  readonly #around: LoaderSurroundings
  readonly #loaded = new Map<string, Loaded>()
  readonly #failed = new Map<string, string>()
  readonly #awaited = new Set<string>()
  /** Loaders to run again, asked for while they were still running. */
  readonly #overtaken = new Set<string>()
  /** Loaders whose data is known to be out of date, so that it is said once. */
  readonly #noticed = new Set<string>()
  #keepFailures = false
  values: Readonly<Record<string, unknown>> = Object.freeze({})
  /** The first error of the last turn that no fallback stands in for. */
  error: Error | null = null

  constructor (finder: NeedsFinder, loaders: Readonly<Record<string, LoaderDefinition>>, around: LoaderSurroundings) {
    this.#finder = finder
    this.#loaders = loaders
    this.#around = around
  }

  /** Deferred loaders do not run before `startDeferred`. */
  defer (): void {
    for (const { name, deferred } of Object.values(this.#loaders)) if (deferred) this.#awaited.add(name)
  }

  /** Loaders that have failed, with the id under which that was logged. */
  get failed (): ReadonlyMap<string, string> {
    return this.#failed
  }

  /** Loaders that are still to come. */
  get awaited (): ReadonlySet<string> {
    return this.#awaited
  }

  has (name: string): boolean {
    return this.#loaded.has(name)
  }

  /** Forgets what is out of date, and answers what has to be loaded before the next rendering. */
  wanted (reloads: ReadonlySet<string>): ReadonlyMap<string, RootNeeds> {
    for (const name of reloads) {
      if (this.#awaited.has(name)) this.#overtaken.add(name)
      this.#failed.delete(name)
    }
    for (const [name, loaded] of this.#loaded) if (reloads.has(name) || this.#isOutdated(name, loaded)) this.#drop(name)
    // What has failed is tried again whenever something is shown, but not in showing that it failed.
    if (!this.#keepFailures) this.#failed.clear()
    this.#keepFailures = false
    return this.#missing()
  }

  /** Loads what is wanted, and what turns out to be needed once that is known. */
  async load (wanted: ReadonlyMap<string, RootNeeds>, turn: LoadTurn): Promise<void> {
    this.error = null
    let missing = wanted
    for (let round = 1; missing.size > 0 && round <= MAX_ROUNDS + 1; round++) {
      await this.#round(missing, turn)
      missing = this.#missing(round >= MAX_ROUNDS ? this.#finder.all() : undefined)
    }
  }

  /** Loads all that any rendering could read: for a rendering that needed something else than was foreseen. */
  async loadAll (turn: LoadTurn): Promise<void> {
    await this.load(this.#missing(this.#finder.all()), turn)
  }

  /**
   * Runs the deferred loaders that are needed, beside all else and each for itself: a slow one keeps no other waiting. The
   * function that comes of each takes what it gave, at its turn.
   */
  startDeferred (turn: LoadTurn): ReadonlyArray<Promise<() => void>> {
    const needs = this.#finder.find(() => this.#around.page(), this.#loaded)
    for (const name of this.#awaited) if (!needs.has(name)) this.#awaited.delete(name)
    return [...this.#awaited].map(async (name) => {
      const request = this.#request(name, needs.get(name) as RootNeeds)
      const outcomes = await this.#run([request], turn)
      return () => {
        this.#awaited.delete(name)
        this.#accept([request], outcomes, turn)
        // A failure for what was shown when it began says nothing of what is shown now: that is tried.
        if (this.#isOutdated(name, request)) this.#failed.delete(name)
        this.#keepFailures = true
      }
    })
  }

  /**
   * Names of loaders that now give something else than what is shown, for the same input. Those that never give the same
   * twice (a clock, a random choice) are not among them.
   */
  async changed (turn: LoadTurn): Promise<string[]> {
    const watched = [...this.#loaded].filter(([name]) => !this.#noticed.has(name))
    const requests = watched.map(([name, { needs }]) => this.#request(name, needs))
    const now = await this.#run(requests, turn)
    const differ = now.filter(({ name, data, error }) => error === null && !isDeepStrictEqual(data, this.values[name]))
    if (differ.length === 0) return []
    const again = await this.#run(requests.filter(({ loader }) => differ.some(({ name }) => name === loader.name)), turn)
    const names = differ.filter(({ data }, k) => isDeepStrictEqual(data, (again[k] as LoadOutcome).data)).map(({ name }) => name)
    for (const name of names) this.#noticed.add(name)
    return names
  }

  async #round (missing: ReadonlyMap<string, RootNeeds>, turn: LoadTurn): Promise<void> {
    const requests = [...missing].map(([name, needs]) => this.#request(name, needs))
    for (const name of missing.keys()) this.#drop(name)
    this.#accept(requests, await this.#run(requests, turn), turn)
  }

  #request (name: string, needs: RootNeeds): Requested {
    return { loader: this.#loaders[name] as LoaderDefinition, needs, state: new Map(), query: new Map() }
  }

  #run (requests: readonly Requested[], turn: LoadTurn): Promise<LoadOutcome[]> {
    const around = this.#around
    const context = around.context()
    return loadRound(requests.map(({ loader, needs, state, query }) => ({
      loader,
      needs,
      context: { ...context, state: trackReads(around.state, state), query: trackReads(around.query, query) },
    })), turn)
  }

  #accept (requests: readonly Requested[], outcomes: readonly LoadOutcome[], turn: LoadTurn): void {
    const values: Record<string, unknown> = { ...this.values }
    outcomes.forEach(({ name, data, error }, k) => {
      const { loader, needs, state, query } = requests[k] as Requested
      if (error === null) {
        values[name] = data
        this.#loaded.set(name, { needs, state, query })
        return
      }
      this.#failed.set(name, turn.failed(error))
      if (loader.fallback === null) this.error ??= error
    })
    this.values = Object.freeze(values)
  }

  /** Whether a loader would be asked for something else now, or was asked to run again while it ran. */
  #isOutdated (name: string, { state, query }: Loaded): boolean {
    return this.#overtaken.has(name) || readsChanged(this.#around.state, state) || readsChanged(this.#around.query, query)
  }

  #drop (name: string): void {
    this.#overtaken.delete(name)
    this.#noticed.delete(name)
    if (!this.#loaded.delete(name)) return
    const { [name]: gone, ...values } = this.values
    this.values = Object.freeze(values)
  }

  /** What is needed and neither there nor out of reach. */
  #missing (needs: Needs = this.#finder.find(() => this.#around.page(), this.#loaded)): Needs {
    const missing = new Map<string, RootNeeds>()
    for (const [name, need] of needs) {
      const there = this.#loaded.get(name)?.needs
      if (there === need || this.#failed.has(name) || this.#awaited.has(name)) continue
      if (there === undefined || !need.ids.every((id) => there.covers.has(id))) missing.set(name, need)
    }
    return missing
  }
}
