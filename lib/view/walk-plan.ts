import type { Condition, PlanBody, PlannedRead } from '../template/loading/load-plan.ts'

/** One walk over a plan. */
export interface Walk {
  readonly reads: readonly PlannedRead[]
  readonly loaded: ReadonlyMap<string, { readonly needs: { readonly covers: ReadonlySet<number> } }>
  readonly page: Readonly<Record<string, unknown>>
  readonly rows: unknown[]
  readonly needed: Bits
  /** Whether all that a condition reads is there, where that is the same for each row. */
  readonly there: Map<Condition, boolean>
}

/** Reads by their ids, a bit each. */
export type Bits = Uint16Array

export function setBit (bits: Bits, id: number): void {
  bits[id >> 4] = (bits[id >> 4] as number) | 1 << (id & 15)
}

export function hasBit (bits: Bits, id: number): boolean {
  return ((bits[id >> 4] as number) >> (id & 15) & 1) === 1
}

/** The answer of a condition whose data is not there yet, or that fails: the rendering will fail there too. */
const UNKNOWN = Symbol('unknown')

/** Notes in `needed` what a body needs, as far as its conditions can be answered. */
export function walkBody (walk: Walk, body: PlanBody): void {
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
