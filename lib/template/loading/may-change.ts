import { joinAll, makersOf } from '../fields/abstract-value.ts'
import type { Analysis } from '../fields/analysis.ts'
import { hardLookup, runtimeValues } from '../fields/place.ts'
import type { Visit } from '../fields/site.ts'

/** True where a name may hold something that is changed in place: the expression that it stands for does not tell what it is. */
export function mayChange ({ changed }: Analysis, name: string, { place }: Visit): boolean {
  if (changed.size === 0) return false
  const { scope, context } = place
  const value = joinAll([hardLookup(scope, name) ?? undefined, ...runtimeValues(scope, name), context.pool.sets.get(name)])
  return [...makersOf(value)].some((node) => changed.has(node))
}
