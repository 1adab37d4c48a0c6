import type { Layout, Surrounding } from '../template/layout.ts'
import type { Slot } from '../template/tree.ts'
import { readAttribute } from './read-sent.ts'

/** What the elements around a place make of it now. */
export interface Surroundings {
  /** Scripts own it. */
  readonly ignored: boolean
  /** In a fieldset that is switched off. */
  readonly disabled: boolean
  /** Whether the innermost fieldset itself stands in a disabled one: its legend stays as it is. */
  readonly outside: boolean
}

export const OUTERMOST: Surroundings = Object.freeze({ ignored: false, disabled: false, outside: false })

/** What one more element makes of what stands in it. */
export function inside (element: Surrounding, layout: Layout, slots: readonly Slot[], around: Surroundings): Surroundings {
  if (!element.ignores && element.tag !== 'fieldset' && element.tag !== 'legend') return around
  const has = (name: string): boolean => readAttribute(element, name, layout, slots) !== null
  const ignored = around.ignored || (element.ignores && has('live-ignore'))
  const { disabled, outside } = around
  if (element.tag === 'fieldset') return { ignored, outside: disabled, disabled: disabled || has('disabled') }
  return { ignored, outside, disabled: element.tag === 'legend' ? outside : disabled }
}

/** What all the elements around a hole or a control of this body make of it. */
export function within (
  elements: readonly Surrounding[] | undefined, layout: Layout, slots: readonly Slot[], around: Surroundings
): Surroundings {
  return elements === undefined ? around : elements.reduce((outer, element) => inside(element, layout, slots, outer), around)
}
