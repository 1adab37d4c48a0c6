import { analyseInclude, analyseShape, placeOf } from './html/analyse-places.ts'
import type { LiveTemplate } from './live-template.ts'
import { placesSource, templateSource } from './places-source.ts'
import type { Shape } from './shape.ts'
import type { Tree } from './tree.ts'

/** What has been admitted to each slot of a body. */
const admitted = new WeakMap<Shape, Map<number, WeakSet<object>>>()

/** Analyses what a call gave in the place where it is printed: which macro it is shows at run time only. Once for each. */
export function admitTree (environment: LiveTemplate['env'], tree: Tree, holder: Shape, slot: number): void {
  const known = knownAt(holder, slot)
  const place = known.has(tree.shape) ? null : placeOf(holder, slot)
  if (place === null) return
  analyseShape(placesSource(environment), tree.shape, place)
  known.add(tree.shape)
}

/** Analyses a template that is included under a name that only a rendering knows. Once for each. */
export function admitTemplate (template: LiveTemplate, holder: Shape, slot: number): void {
  const known = knownAt(holder, slot)
  const place = known.has(template) ? null : placeOf(holder, slot)
  if (place === null) return
  const source = placesSource(template.env)
  // It need not come from a loader: a template object can be included as well.
  const own = { template: (name: string) => name === template.name ? templateSource(template) : source.template(name) }
  analyseInclude(own, template.name, place)
  known.add(template)
}

function knownAt (holder: Shape, slot: number): WeakSet<object> {
  const slots = admitted.get(holder) ?? new Map<number, WeakSet<object>>()
  admitted.set(holder, slots)
  const known = slots.get(slot) ?? new WeakSet()
  slots.set(slot, known)
  return known
}
