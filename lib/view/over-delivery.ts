import { isLeaf } from './is-leaf.ts'
import type { LoaderDefinition } from './loader-definition.ts'
import type { LoaderNeeds } from './load-round.ts'
import { WHOLE } from './projection-plan.ts'
import type { ProjectionPlan } from './projection-plan.ts'

/** A wide table's worth: enough to see what is wrong. */
const MOST_PATHS = 50
/** Sets of names that are remembered of one loader, so that each is reported once. */
const MOST_REPORTS = 20

const reports = new WeakMap<LoaderDefinition, Set<string>>()

/**
 * The paths, never values, that a loader's records have and nobody asked for; null where there are none, or these were
 * given before. Of a list only the first record is looked at.
 */
export function overDelivery (loader: LoaderDefinition, needs: LoaderNeeds, value: unknown): readonly string[] | null {
  const paths = surplusOf(value, needs.projection, new Set(loader.guard?.columns))
  if (paths.length === 0) return null
  const known = reports.get(loader) ?? new Set()
  reports.set(loader, known)
  const key = paths.join()
  if (known.has(key) || known.size === MOST_REPORTS) return null
  known.add(key)
  return paths
}

const NO_GUARD: ReadonlySet<string> = new Set()

/** Elements of which nothing is asked but how many there are. */
const COUNTED: ProjectionPlan = Object.freeze({ ...WHOLE, whole: false, keys: false })

function surplusOf (value: unknown, plan: ProjectionPlan, guard: ReadonlySet<string>): string[] {
  const paths = new Set<string>()
  const visited = new Set<unknown>()
  const places = [{ value, plan, above: '', guard }]
  for (const { value, plan, above, guard } of places) {
    if (typeof value !== 'object' || value === null || plan.whole || visited.has(value) || isLeaf(value, plan)) continue
    visited.add(value)
    if (Array.isArray(value)) {
      const first = value.find((element) => element !== null && element !== undefined)
      places.push({ value: first, plan: plan.element ?? COUNTED, above, guard })
      continue
    }
    if (plan.values !== null || plan.keys) continue
    const asked = new Map(plan.names)
    const surplus = Object.keys(value).filter((name) => !asked.has(name) && !guard.has(name))
    // A query has to select something, even where only the number of rows is asked.
    if (asked.size > 0 || surplus.length > 1) for (const name of surplus) if (paths.size < MOST_PATHS) paths.add(above + name)
    for (const [name, part] of asked) {
      const below = Object.getOwnPropertyDescriptor(value, name)?.value
      places.push({ value: below, plan: part, above: `${above}${name}.`, guard: NO_GUARD })
    }
  }
  return [...paths].sort()
}
