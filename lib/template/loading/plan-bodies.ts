import { isWithin } from '../fields/field-node.ts'
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
export function prune (body: OpenBody, around: ReadonlyArray<ReadonlySet<PlannedRead>> = []): void {
  for (const read of body.reads) {
    const isMade = around.some((reads) => reads.has(read)) || [...around, body.reads].some((reads) => isCovered(read, reads))
    if (isMade) body.reads.delete(read)
  }
  const made = [...around, body.reads]
  for (const [site, guard] of body.guards) {
    const sides = [guard.truthy, guard.falsy, guard.row]
    for (const side of sides) prune(side, made)
    if (sides.every(({ reads, guards }) => reads.size + guards.size === 0)) body.guards.delete(site)
  }
}

/** All of a place brings what is below it, and anything below a place shows whether it is there. */
function isCovered (read: PlannedRead, reads: ReadonlySet<PlannedRead>): boolean {
  for (const other of reads) {
    if (other === read || other.root !== read.root) continue
    if (other.mark === 'whole' && isWithin(read.node, other.node)) return true
    if (read.mark === 'exists' && isWithin(other.node, read.node)) return true
  }
  return false
}
