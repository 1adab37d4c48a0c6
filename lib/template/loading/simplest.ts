import type { Step } from '../fields/when.ts'

type Steps = readonly Step[]

/**
 * The same alternatives with fewer conditions: what happens on either side of a condition happens whatever it says. Each one is
 * shortened where it stands: keeping what it was before as well would double them with each branch of a chain of `elif`.
 */
export function simplest (alternatives: readonly Steps[]): readonly Steps[] {
  let found = withoutImplied(alternatives)
  for (let before: readonly Steps[] = []; before !== found;) {
    before = found
    found = shortened(found)
  }
  return found
}

/** The same list where nothing can be left out. */
function shortened (alternatives: readonly Steps[]): readonly Steps[] {
  for (const [index, steps] of alternatives.entries()) {
    const rest = shorter(steps, alternatives)
    if (rest !== steps) return withoutImplied(alternatives.with(index, rest))
  }
  return alternatives
}

function shorter (steps: Steps, alternatives: readonly Steps[]): Steps {
  let rest = steps
  for (const step of steps) {
    const others = rest.filter((other) => other !== step)
    const opposite = [...others, ...oppositeOf(step)]
    if (alternatives.some((each) => each !== steps && isWithin(each, opposite))) rest = others
  }
  return rest
}

function withoutImplied (alternatives: readonly Steps[]): readonly Steps[] {
  return alternatives.filter((steps) =>
    !alternatives.some((other) => other.length < steps.length && isWithin(other, steps)))
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
