import type { BranchGuard, Guard, LoadPlan, PlanBody } from '../../lib/template/loading/load-plan.ts'

/** What becomes of one guard: other guards, and reads that are made without any. */
export type ChangeGuard = (guard: Guard) => { readonly guards: readonly Guard[], readonly reads: readonly number[] }

/** The guards of a plan, in the order in which `changeGuard` counts them; not those of what conditions read. */
export function guardsOf (plan: LoadPlan): readonly Guard[] {
  const found: Guard[] = []
  rebuild(plan, (guard) => {
    found.push(guard)
    return { guards: [guard], reads: [] }
  })
  return found
}

/** A plan of which the guard with that number is another. */
export function changeGuard (plan: LoadPlan, number: number, change: ChangeGuard): LoadPlan {
  let count = 0
  return rebuild(plan, (guard) => count++ === number ? change(guard) : { guards: [guard], reads: [] })
}

/** A bug: what stands behind a condition is asked for when the condition does not hold. */
export const inverted: ChangeGuard = (guard) => {
  const { truthy, falsy } = guard as BranchGuard
  return { guards: [{ ...guard as BranchGuard, truthy: falsy, falsy: truthy }], reads: [] }
}

/** A bug: what stands in a loop is never asked for, or what stands behind a condition. */
export const emptied: ChangeGuard = () => ({ guards: [], reads: [] })

/** No bug, only less exact: what stands behind a guard is asked for whatever it says. */
export const dropped: ChangeGuard = (guard) => ({ guards: [], reads: readsIn(guard) })

function readsIn (guard: Guard): number[] {
  const bodies = guard.kind === 'loop' ? [guard.body] : [guard.truthy, guard.falsy]
  return bodies.flatMap((body) => [...body.reads, ...body.guards.flatMap(readsIn)])
}

function rebuild (plan: LoadPlan, change: ChangeGuard): LoadPlan {
  const bodyOf = (body: PlanBody): PlanBody => {
    const parts = body.guards.map(change).map(({ guards, reads }) => ({ guards: guards.map(guardOf), reads }))
    const reads = new Set([...body.reads, ...parts.flatMap(({ reads }) => reads)])
    return { reads: [...reads], guards: parts.flatMap(({ guards }) => guards) }
  }
  const guardOf = (guard: Guard): Guard => guard.kind === 'loop'
    ? { ...guard, body: bodyOf(guard.body) }
    : { ...guard, truthy: bodyOf(guard.truthy), falsy: bodyOf(guard.falsy) }
  return { ...plan, body: bodyOf(plan.body) }
}
