import type { Layout, Part } from '../layout.ts'
import type { Shape } from '../shape.ts'
import { List, Tree, flatten } from '../tree.ts'
import type { Slot } from '../tree.ts'
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

/** Statics and parts in their order; the pieces that a part writes itself are cut off the statics. */
function stepsOf (shape: Shape, layout: Layout): ReadonlyArray<string | Part> {
  const found = known.get(layout)
  if (found !== undefined) return found
  const { parts, partOf } = layout
  const statics = [...shape.statics]
  const steps: Array<string | Part> = []
  for (let k = 0; k < partOf.length; k++) {
    const number = partOf[k] as number
    const part = parts[number] as Part
    const pieces = part.kind === 'hole' ? [] : part.pieces
    const [before, after] = [pieces[0], pieces.at(-1)]
    const text = statics[k] as string
    if (partOf[k - 1] !== number) {
      steps.push(typeof before === 'string' ? text.slice(0, text.length - before.length) : text, part)
    }
    if (partOf[k + 1] !== number && typeof after === 'string') statics[k + 1] = (statics[k + 1] as string).slice(after.length)
  }
  steps.push(statics.at(-1) as string)
  known.set(layout, steps)
  return steps
}
