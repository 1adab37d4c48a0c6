import type { FieldNode } from '../fields/field-node.ts'
import type { Site } from '../fields/site.ts'
import type { Step } from '../fields/when.ts'
import type { PlannedRead } from './load-plan.ts'

/** A body while it is put together. */
export interface OpenBody {
  readonly reads: Set<PlannedRead>
  readonly guards: Map<Site, OpenGuard>
}

export interface OpenGuard {
  readonly truthy: OpenBody
  readonly falsy: OpenBody
  readonly row: OpenBody
}

export function createBody (): OpenBody {
  return { reads: new Set(), guards: new Map() }
}

/** Puts a read behind its steps, outermost first. */
export function addToBody (body: OpenBody, read: PlannedRead, steps: readonly Step[]): void {
  let at = body
  for (const { site, side } of steps) {
    let guard = at.guards.get(site)
    if (guard === undefined) at.guards.set(site, guard = { truthy: createBody(), falsy: createBody(), row: createBody() })
    at = guard[side]
  }
  at.reads.add(read)
}

/** Leaves out what is read around already, and conditions behind which nothing is left. */
export function prune (body: OpenBody, around: readonly Made[] = []): void {
  const made = [...around, madeBy(body.reads)]
  for (const read of body.reads) {
    if (around.some(({ reads }) => reads.has(read)) || made.some((each) => isCovered(read, each))) body.reads.delete(read)
  }
  for (const [site, guard] of body.guards) {
    const sides = [guard.truthy, guard.falsy, guard.row]
    for (const side of sides) prune(side, made)
    if (sides.every(({ reads, guards }) => reads.size + guards.size === 0)) body.guards.delete(site)
  }
}

/** What some reads bring besides themselves. */
interface Made {
  readonly reads: ReadonlySet<PlannedRead>
  /** All of these places, and so of what is below them. */
  readonly whole: ReadonlySet<FieldNode>
  /** Whether these places are there, since something of them or below them is read. */
  readonly reached: ReadonlySet<FieldNode>
}

function madeBy (reads: ReadonlySet<PlannedRead>): Made {
  const whole = new Set<FieldNode>()
  const reached = new Set<FieldNode>()
  for (const { node, mark } of reads) {
    if (mark === 'whole') whole.add(node)
    for (let at = mark === 'exists' ? node.parent : node; at !== null && !reached.has(at); at = at.parent) reached.add(at)
  }
  return { reads: new Set(reads), whole, reached }
}

function isCovered ({ node, mark }: PlannedRead, { whole, reached }: Made): boolean {
  for (let at = mark === 'whole' ? node.parent : node; at !== null; at = at.parent) if (whole.has(at)) return true
  return mark === 'exists' && reached.has(node)
}
