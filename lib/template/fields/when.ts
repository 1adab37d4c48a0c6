import type { Site } from './site.ts'

/** One side of a condition, or a row of a loop: what must hold for the code behind it to run. */
export interface Step {
  readonly id: number
  readonly site: Site
  readonly side: 'truthy' | 'falsy' | 'row'
}

/** Steps that hold together, sorted: what stands around comes first. One object for each set of steps. */
export interface When {
  readonly steps: readonly Step[]
}

export const ALWAYS: When = Object.freeze({ steps: [] })

/** Deeper conditions are not told apart: what stands behind them counts as read. */
export const MAX_STEPS = 16

const longer = new WeakMap<When, WeakMap<Step, When>>()

export function whenOf (steps: Iterable<Step>): When {
  const sorted = [...new Set(steps)].sort((a, b) => a.id - b.id)
  let when = ALWAYS
  for (const step of sorted.slice(0, MAX_STEPS)) when = then(when, step)
  return when
}

export function both (a: When, b: When): When {
  if (a === b || b === ALWAYS) return a
  return a === ALWAYS ? b : whenOf([...a.steps, ...b.steps])
}

/** What still holds once a loop goes on to its next row: a name that was set in one row is read in another. */
export function beforeRows (when: When): When {
  const row = when.steps.findIndex(({ side }) => side === 'row')
  return row === -1 ? when : whenOf(when.steps.slice(0, row))
}

function then (when: When, step: Step): When {
  let next = longer.get(when)
  if (next === undefined) longer.set(when, next = new WeakMap())
  let found = next.get(step)
  if (found === undefined) next.set(step, found = Object.freeze({ steps: Object.freeze([...when.steps, step]) }))
  return found
}
