import { analyseShape, placeOf } from './html/analyse-places.ts'
import { placesSource } from './places-source.ts'
import type { Shape } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import type { Tree } from './tree.ts'

/** What has been admitted to each slot of a body, for each list of templates that names in it may mean. */
const admitted = new WeakMap<Shape, Map<number, WeakMap<object, WeakSet<Shape>>>>()

const NO_LIST: ReadonlySet<string> = new Set()

/** Analyses what a call gave in the place where it is printed: which macro it is shows at run time only. Once for each. */
export function admitTree (
  environment: TemplateEnvironment, tree: Tree, holder: Shape, slot: number, candidates: ReadonlySet<string> | null
): void {
  const includes = candidates ?? NO_LIST
  const known = knownAt(holder, slot, includes)
  const place = known.has(tree.shape) ? null : placeOf(holder, slot)
  if (place === null) return
  analyseShape(placesSource(environment, [...includes]), tree.shape, place)
  known.add(tree.shape)
}

function knownAt (holder: Shape, slot: number, includes: ReadonlySet<string>): WeakSet<Shape> {
  const slots = admitted.get(holder) ?? new Map<number, WeakMap<object, WeakSet<Shape>>>()
  admitted.set(holder, slots)
  const lists = slots.get(slot) ?? new WeakMap<object, WeakSet<Shape>>()
  slots.set(slot, lists)
  const known = lists.get(includes) ?? new WeakSet<Shape>()
  lists.set(includes, known)
  return known
}
