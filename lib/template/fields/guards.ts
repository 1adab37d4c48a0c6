import type { FieldNode, Mark } from './field-node.ts'
import type { Place } from './place.ts'
import { addRead } from './site.ts'
import type { Question, Reads, Site, Visit } from './site.ts'
import { ALWAYS, MAX_STEPS, both, whenOf } from './when.ts'
import type { Step, When } from './when.ts'

/** Beyond this many conditions, the rest of the program counts as read whatever they say. */
const MAX_SITES = 2000

/** How a round got to where it is: calls of macros, blocks, includes and imports. */
interface CallPath {
  readonly calls: Map<unknown, Map<unknown, CallPath>>
  readonly sites: Map<object, Site>
}

/** Under which conditions the code runs that a round of the analysis is at, and what it has read so far. */
export class Guards {
  readonly #start: CallPath = createPath()
  #path: CallPath = this.#start
  #when: When = ALWAYS
  #reads: Reads = new Map()
  #asking: readonly Visit[] = []
  #sites = 0
  #round = 0
  #order = 0
  /** Above 0 where code may run at another time than where it stands. */
  #anytime = 0
  /** Above 0 where conditions are not told apart. */
  #blind = 0
  /** Above 0 where code may run any number of times, or not at all for reasons that no step tells. */
  #unsure = 0

  beginRound (): void {
    this.#round++
    this.#order = 0
    this.#reads = new Map()
  }

  get reads (): Reads {
    return this.#reads
  }

  get when (): When {
    return this.#when
  }

  /** True where code runs exactly once if what `when` says holds. */
  get isSure (): boolean {
    return this.#unsure === 0 && this.#anytime === 0 && this.#when.steps.length < MAX_STEPS
  }

  /** True for a site whose names meant one thing in this round. */
  isSingle (site: Site): boolean {
    return site.round === this.#round && site.visits === 1
  }

  visit (place: Place): Visit {
    return { place, when: this.#when, order: ++this.#order, reads: new Map() }
  }

  /** Runs what is reached when the steps hold. Without any, it may be reached or not. */
  under<T> (steps: readonly Step[], run: () => T): T {
    const before = this.#when
    if (steps.length === 0) return this.unsurely(run)
    this.#when = both(before, whenOf(steps))
    const result = run()
    this.#when = before
    return result
  }

  unsurely<T> (run: () => T): T {
    this.#unsure++
    const result = run()
    this.#unsure--
    return result
  }

  /** Runs what counts as read whatever the conditions in it say. */
  blindly (run: () => void): void {
    this.#blind++
    this.unsurely(run)
    this.#blind--
  }

  /** Runs what code outside of templates may run whenever it likes. */
  anytime<T> (run: () => T): T {
    const before = this.#when
    this.#when = ALWAYS
    this.#anytime++
    const result = run()
    this.#anytime--
    this.#when = before
    return result
  }

  /** Runs what `from` calls, as code of its own: `called` tells the calls of one node apart. */
  call (from: object | null, called: readonly [object, string], run: () => void): void {
    const before = this.#path
    const [body, context] = called
    const paths = getOrAdd<Map<unknown, CallPath>>(before.calls, from, () => new Map())
    const contexts = getOrAdd<any>(paths as Map<unknown, any>, body, () => new Map())
    this.#path = getOrAdd(contexts, context, createPath)
    run()
    this.#path = before
  }

  /** The site of what `key` stands for; null where conditions are not told apart. */
  site (key: object, question: Question, place: Place): Site | null {
    if (this.#anytime + this.#blind > 0) return null
    let site = this.#path.sites.get(key)
    if (site === undefined) {
      if (this.#sites === MAX_SITES) return null
      site = createSite(this.#sites++, question, this.visit(place))
      this.#path.sites.set(key, site)
    }
    site.visits = site.round === this.#round ? site.visits + 1 : 1
    site.visit = this.visit(place)
    site.round = this.#round
    return site
  }

  /** Evaluates what is visited: what that reads is noted with the visit as well. */
  evaluate<T> (visit: Visit | undefined, run: () => T): T {
    const before = this.#asking
    if (visit !== undefined) this.#asking = [...before, visit]
    const result = run()
    this.#asking = before
    return result
  }

  note (node: FieldNode, mark: Mark, when: When): void {
    const held = both(this.#when, when)
    addRead(this.#reads, node, mark, held)
    for (const visit of this.#asking) addRead(visit.reads, node, mark, held)
  }
}

function createPath (): CallPath {
  return { calls: new Map(), sites: new Map() }
}

function createSite (number: number, question: Question, visit: Visit): Site {
  const site: any = { question, visit, round: 0, visits: 0, complement: [], subject: null, roots: new Set() }
  for (const [side, id] of [['truthy', 2 * number], ['falsy', 2 * number + 1], ['row', 2 * number]] as const) {
    site[side] = Object.freeze({ id, site, side })
  }
  return site
}

function getOrAdd<T> (map: Map<unknown, T>, key: unknown, create: () => T): T {
  let found = map.get(key)
  if (found === undefined) map.set(key, found = create())
  return found
}
