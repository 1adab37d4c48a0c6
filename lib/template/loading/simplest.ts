import type { Step } from '../fields/when.ts'

type Steps = readonly Step[]

/** The same alternatives with fewer conditions: what happens on either side of a condition happens whatever it says. */
export function simplest (alternatives: readonly Steps[]): readonly Steps[] {
  const found = [...alternatives]
  // What is found here is looked at again: both sides of several conditions may be covered.
  for (const steps of found) {
    for (const step of steps) {
      const others = steps.filter((other) => other !== step)
      const opposite = [...others, ...oppositeOf(step)]
      if (!found.some((each) => isWithin(each, others)) && found.some((each) => isWithin(each, opposite))) found.push(others)
    }
  }
  return found.filter((steps) => !found.some((other) => other !== steps && isWithin(other, steps)))
}

/** What surely holds where a step does not. */
function oppositeOf ({ site, side }: Step): Steps {
  if (site.complement.length > 0) return site.complement
  if (side === 'row') return []
  return [side === 'truthy' ? site.falsy : site.truthy]
}

function isWithin (some: Steps, all: Steps): boolean {
  return some.every((step) => all.includes(step))
}
