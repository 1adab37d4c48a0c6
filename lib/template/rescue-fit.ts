import { analyseInclude, analyseShape, placesOf } from './html/analyse-places.ts'
import type { Place } from './html/analyse-places.ts'
import { templateRoots } from './html/resolve-bodies.ts'
import type { PlacesSource } from './html/resolve-bodies.ts'
import { placesSource } from './places-source.ts'
import type { Program } from './program.ts'
import type { Shape } from './shape.ts'

/** Why something cannot stand in a slot; null where it can. */
export type Fit = (holder: Shape, slot: number) => Error | null

interface Answer {
  readonly places: readonly Place[]
  readonly refusal: Error | null
}

const standIns = new WeakMap<Shape, Map<number, Set<Shape>>>()

/** The bodies that may stand in a slot in place of what the template puts there. */
export function standInsOf (holder: Shape, slot: number): readonly Shape[] {
  return [...standIns.get(holder)?.get(slot) ?? []]
}

/** Tells where a program's page can stand in for a slot: wherever an include of it could. */
export function fitOf (program: Program): Fit {
  const source = placesSource(program.environment, program.includes)
  const roots = templateRoots(source, program.template.name).map(({ shape }) => shape)
  return remembered((place) => {
    const open = program.shapes().filter((shape) => shape.layout === null)
    try {
      analyseInclude(source, program.template.name, place)
    } catch (error) {
      // The first place that fits decides how a body is laid out, not one that was tried in vain.
      for (const shape of open) shape.layout = null
      throw error
    }
  }, (holder, slot) => {
    const slots = standIns.get(holder) ?? new Map<number, Set<Shape>>()
    standIns.set(holder, slots.set(slot, new Set([...slots.get(slot) ?? [], ...roots])))
  })
}

/** Tells where static markup can stand. */
export function fitOfMarkup (markup: string): Fit {
  const position = { template: '<markup>', line: 1, column: 1 }
  // It names no templates.
  const nothing = {} as PlacesSource
  return remembered((place) => {
    const shape: Shape = { id: 'markup', template: '<markup>', position, statics: [markup], slots: [], layout: null }
    // It calls no macros, so the templates around it, which may import some, are none of its business.
    analyseShape(nothing, shape, { ...place, chain: [] })
  }, () => {})
}

/** Asks once for each slot, and again when a macro's body, say, has come to stand in another place as well. */
function remembered (analyse: (place: Place) => void, fits: (holder: Shape, slot: number) => void): Fit {
  const answers = new WeakMap<Shape, Map<number, Answer>>()
  return (holder, slot) => {
    const places = placesOf(holder, slot)
    const known = answers.get(holder)?.get(slot)
    if (known?.places.length === places.length) return known.refusal
    const refusal = refusalOf(places, analyse)
    answers.set(holder, (answers.get(holder) ?? new Map<number, Answer>()).set(slot, { places, refusal }))
    if (refusal === null) fits(holder, slot)
    return refusal
  }
}

function refusalOf (places: readonly Place[], analyse: (place: Place) => void): Error | null {
  try {
    for (const place of places) analyse(place)
    return null
  } catch (error) {
    return error as Error
  }
}
