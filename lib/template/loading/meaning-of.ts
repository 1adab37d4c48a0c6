import type { Analysis, SetVisit } from '../fields/analysis.ts'
import { scopesAround } from '../fields/place.ts'
import type { Binding, Place } from '../fields/place.ts'
import type { Visit } from '../fields/site.ts'

/**
 * What a name stands for where a condition uses it. `variable`: the generated code holds it itself; otherwise it is looked
 * up at run time, where an undefined value lets the page's own name through.
 */
export type Meaning =
  | { readonly kind: 'page' }
  | { readonly kind: 'bound', readonly binding: Binding, readonly variable: boolean }
  | { readonly kind: 'set', readonly set: SetVisit, readonly variable: boolean }

/** Null where a name may stand for several things, or for something that only a rendering knows. */
export function meaningOf (analysis: Analysis, name: string, visit: Visit): Meaning | null {
  const { context, scope } = visit.place
  const sets = analysis.sets.get(name) ?? []
  if (name === 'loop' || name === 'caller') return null
  for (let at: typeof scope | null = scope; at !== null; at = at.lexical) {
    if (at.hard.has(name)) return sets.length > 0 ? null : bound(at.bindings.get(name), true)
  }
  const around = [...scopesAround(scope)].filter((at) => at.hard.has(name) || at.soft.has(name))
  for (let at: typeof context | null = context; at !== null; at = at.parent) if (at.definitions.has(name)) return null
  if (around.length > 1 || (around.length > 0 && sets.length > 0)) return null
  const [only] = around
  if (only !== undefined) return bound(only.bindings.get(name), false)
  if (sets.length > 0) return analysis.bound.has(name) ? null : alias(sets, visit)
  return context.seesData ? { kind: 'page' } : null
}

function bound (binding: Binding | undefined, variable: boolean): Meaning | null {
  // nunjucks does not put the variables of an unpacked list into the frame, those of an object it does.
  if (binding === undefined || (!variable && binding.kind === 'row' && binding.part !== null)) return null
  return { kind: 'bound', binding, variable }
}

/** A name that one statement sets, which has surely run: it stands for that statement's expression. */
function alias (sets: readonly SetVisit[], use: Visit): Meaning | null {
  const [set, ...others] = sets as [SetVisit, ...SetVisit[]]
  if (others.length > 0 || set.value === null || !set.isSure || set.order >= use.order) return null
  if (!set.visit.when.steps.every((step) => use.when.steps.includes(step)) || !sees(use.place, set.visit.place)) return null
  // At a template's own level the context is written too, where it hides the page's name, undefined or not.
  return { kind: 'set', set, variable: set.visit.place.block === null }
}

function sees (use: Place, set: Place): boolean {
  if (scopesAround(use.scope).has(set.scope)) return true
  if (!set.topLevel) return false
  for (let at: Place['context'] | null = use.context; at !== null; at = at.parent) if (at === set.context) return true
  return false
}
