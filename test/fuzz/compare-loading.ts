import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import { touchOf } from '../../lib/template/unavailable.ts'
import { compileView } from '../../lib/view/compiled-view.ts'
import type { CompiledView } from '../../lib/view/compiled-view.ts'
import { defineView } from '../../lib/view/define-view.ts'
import { Mount } from '../../lib/view/mount.ts'
import type { View } from '../../lib/view/view.ts'
import { Random } from './random.ts'
import { LOADERS, SCHEMAS, randomLoaded, randomRows, randomScalar, randomState, randomStore, selectColumns } from './random-load-data.ts'
import type { Store } from './random-load-data.ts'
import { randomLoadView } from './random-load-view.ts'

export interface LoadingComparison {
  readonly templates: Record<string, string>
  /** Null, or what was wrong. */
  readonly mismatch: { readonly seed: number, readonly what: string } | null
  /** The code with which the program was refused at boot. */
  readonly refused: string | null
  /** False where the program has only what loading promises to be exact for. */
  readonly isFree: boolean
  /** Loaders that ran, and those of them whose data a rendering with everything never looks into. */
  readonly runs: number
  readonly inVain: readonly string[]
  readonly renderings: number
  readonly errors: number
  /** The most rounds of one turn. */
  readonly rounds: number
}

interface Run {
  readonly name: string
  readonly asked: string
}

/** What the loaders were asked since it was last looked at, and how often conditions were gone through. */
interface Watch {
  runs: Run[]
  finds: number
  alls: number
  failures: Error[]
}

const EVENTS = 5

/** One random view over loaders that give what they are asked for and no more: its page stays right through all events. */
export async function compareLoading (seed: number): Promise<LoadingComparison> {
  const random = new Random(seed)
  const isFree = random.chance(0.6)
  const schemas = random.chance(0.7)
  const { templates } = randomLoadView(random, { schemas, isFree })
  const watch: Watch = { runs: [], finds: 0, alls: 0, failures: [] }
  const store = randomStore(random)
  const state = randomState(random)
  const counts = { runs: 0, inVain: [] as string[], renderings: 0, errors: 0, rounds: 0 }
  const result = (what: string | null, refused: string | null = null): LoadingComparison =>
    ({ templates, mismatch: what === null ? null : { seed, what }, refused, isFree, ...counts })
  const view = viewOver(store, state, schemas, watch)
  let compiled: CompiledView
  try {
    compiled = watched(compileView(view, new TemplateEnvironment(templates), 'strict'), watch)
  } catch (error: any) {
    return result(null, String(error.code ?? error.message))
  }
  const given = {
    signal: new AbortController().signal,
    failed: (error: Error) => {
      watch.failures.push(error)
      return 'E'
    },
  }
  const input = { params: {}, query: {}, identity: null, tenant: null, globals: {}, deadline: 60_000, overDelivered: null }
  let mount: Mount | null = null
  for (let event = 0; event <= EVENTS; event++) {
    Object.assign(watch, { runs: [], finds: 0, alls: 0, failures: [] })
    const reloads = event === 0 ? new Set<string>() : change(random, mount?.state ?? state, store)
    let actual: string
    try {
      if (mount === null) mount = await Mount.create(compiled, input, { ...given, deferred: 'now', failure: 'throws' })
      else {
        await mount.load(mount.wanted(reloads), given)
        mount.tree = await mount.render(given)
      }
      actual = String(mount.tree)
    } catch {
      actual = 'ERROR'
    }
    counts.renderings++
    const names = { ...mount?.state ?? state, flash: [], can: (name: string) => allowed(name, mount?.state ?? state) }
    const expected = await render(compiled, { ...names, ...everything(store, names) })
    const asked = watch.runs.map(({ name, asked }) => `${name}(${asked})`).join(' ')
    const about = `event ${event}: asked ${asked}; state ${JSON.stringify(names)}; store ${JSON.stringify(store)}`
    const [failure] = watch.failures
    if (failure !== undefined) {
      return result(`${touchOf(failure) === null ? 'a loader failed' : 'the plan missed a read'}: ${failure.message}\n${about}`)
    }
    if (actual !== expected) return result(`expected ${expected}\nactual   ${actual}\n${about}`)
    if (watch.alls > 0) return result(`more rounds than there may be\n${about}`)
    if (expected === 'ERROR') {
      counts.errors++
      if (mount === null) return result(null)
      continue
    }
    counts.rounds = Math.max(counts.rounds, watch.finds - 1)
    const touched = await touchedBy(compiled, names, everything(store, names))
    counts.runs += watch.runs.length
    counts.inVain.push(...watch.runs.filter(({ name }) => !touched.has(name)).map(({ name }) => name))
  }
  return result(null)
}

function viewOver (store: Store, state: object, schemas: boolean, watch: Watch): View {
  const loaders = Object.entries(LOADERS).map(([name, kind]) => [name, {
    ...(schemas || kind === 'map' ? { schema: SCHEMAS[kind] } : {}),
    load: ({ fields, state }: any) => {
      watch.runs.push({ name, asked: fields.whole ? 'all' : fields.paths.join() })
      const columns = [...new Set(fields.paths.map((path: string) => path.split('.')[0]))].sort()
      if (!fields.whole && columns.join() !== fields.columns.join()) throw new Error(`columns ${fields.columns}, paths ${fields.paths}`)
      return selectColumns(fields, kind, dataOf(store, name, state))
    },
  }])
  return defineView({
    name: 'fuzz',
    template: 'main',
    access: 'public',
    state: () => state,
    loaders: Object.fromEntries(loaders),
    events: {
      edit: { authorize: ({ state }) => allowed('edit', state), run () {} },
      no: { authorize: () => false, run () {} },
    },
  })
}

function allowed (event: string, state: any): boolean {
  return event === 'edit' && Boolean(state.r)
}

/** One loader gives other rows for other states. */
function dataOf (store: Store, name: string, state: any): unknown {
  return name === 'list' && state.q === 1 ? store['items'] : store[name]
}

function everything (store: Store, state: object): Store {
  return structuredClone(Object.fromEntries(Object.keys(LOADERS).map((name) => [name, dataOf(store, name, state)])))
}

/** Counts how often conditions are gone through, and whether everything is asked for at last. */
function watched (compiled: CompiledView, watch: Watch): CompiledView {
  const needs = new Proxy(compiled.needs, {
    get (finder, name) {
      const own = Reflect.get(finder, name)
      if (typeof own !== 'function') return own
      return (...given: unknown[]) => {
        if (name === 'find') watch.finds++
        if (name === 'all') watch.alls++
        return own.apply(finder, given)
      }
    },
  })
  return { ...compiled, needs }
}

/** What an event does: to the state, or to the store, whose loaders it then names. */
function change (random: Random, state: any, store: Store): Set<string> {
  const reloads = new Set<string>()
  for (let n = 1 + random.below(2); n > 0; n--) {
    switch (random.below(6)) {
      case 0: state.cols = randomRows(random); break
      case 1: if (state.cols[0]) state.cols[0].on = randomScalar(random); break
      case 2: {
        const [name, kind] = random.pick(Object.entries(LOADERS))
        store[name] = randomLoaded(random, kind)
        reloads.add(name)
        if (name === 'items') reloads.add('list')
        break
      }
      case 3: reloads.add(random.pick(Object.keys(LOADERS))); break
      default: state[random.pick(['s', 'r', 'q', 's', 'r', 'q', 'key'])] = randomScalar(random)
    }
  }
  return reloads
}

/** The loaders whose data a rendering with all of it looks into. */
async function touchedBy (compiled: CompiledView, names: object, data: Store): Promise<Set<string>> {
  const touched = new Set<string>()
  const page: Store = { ...names }
  for (const [name, value] of Object.entries(data)) {
    page[name] = new Proxy(value, {
      get (target, key) {
        touched.add(name)
        return Reflect.get(target, key)
      },
      getOwnPropertyDescriptor (target, key) {
        touched.add(name)
        return Reflect.getOwnPropertyDescriptor(target, key)
      },
    })
  }
  await render(compiled, page)
  return touched
}

async function render ({ program }: CompiledView, page: object): Promise<string> {
  try {
    return String(await program.render(page))
  } catch {
    return 'ERROR'
  }
}
