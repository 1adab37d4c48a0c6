import type { Layout, Part } from '../layout.ts'
import type { Shape } from '../shape.ts'
import { List, Tree, flatten } from '../tree.ts'
import type { Slot } from '../tree.ts'
import { ownStatics } from './own-statics.ts'
import { partSource } from './part-source.ts'

/** The HTML of a body as the page would write it, without markers: each value encoded for its place, addresses checked. */
export function contextualText (shape: Shape, slots: readonly Slot[]): string {
  const { layout } = shape
  let text = ''
  // Without a program nobody knows the places, and a page is what nunjucks makes of it.
  if (layout === null) {
    shape.statics.forEach((piece, k) => { text += piece + (k < slots.length ? slotText(slots[k] as Slot) : '') })
    return text
  }
  const steps = stepsOf(shape, layout)
  for (const step of steps) {
    if (typeof step === 'string') text += step
    else if (step.kind !== 'hole') text += partSource(step, slots)
    else if (step.textless !== true || typeof slots[step.slot] === 'object') text += slotText(slots[step.slot] as Slot)
  }
  return text
}

function slotText (slot: Slot): string {
  if (slot instanceof Tree) return contextualText(slot.shape, slot.slots)
  if (!(slot instanceof List)) return flatten(slot)
  let text = ''
  for (const row of slot.rows) text += contextualText(slot.shape, row)
  return text
}

const known = new WeakMap<Layout, ReadonlyArray<string | Part>>()

/** Statics and parts in their order. */
function stepsOf (shape: Shape, layout: Layout): ReadonlyArray<string | Part> {
  const found = known.get(layout)
  if (found !== undefined) return found
  const { parts, partOf } = layout
  const steps: Array<string | Part> = []
  ownStatics(layout, shape.statics).forEach(({ from, to }, k) => {
    steps.push((shape.statics[k] as string).slice(from, to))
    if (k < partOf.length && partOf[k - 1] !== partOf[k]) steps.push(parts[partOf[k] as number] as Part)
  })
  known.set(layout, steps)
  return steps
}
