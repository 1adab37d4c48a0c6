import { isLeaf } from './is-leaf.ts'
import { FORBIDDEN, WHOLE } from './projection-plan.ts'
import type { ProjectionPlan } from './projection-plan.ts'

interface Copy {
  readonly copy: any
  readonly plans: Set<ProjectionPlan>
}

interface Job {
  readonly source: any
  readonly copy: any
  readonly plan: ProjectionPlan
}

/**
 * Cuts data to what templates read: own data properties, in objects without a prototype. Leaves (dates, numbers, buffers)
 * are kept as they are; accessors and functions are not data and are left out.
 * One projection serves one load: what was one object before is one object after, under whichever names it is reached.
 */
export function createProjection (): (value: unknown, plan: ProjectionPlan) => unknown {
  const copies = new Map<object, Copy>()
  const jobs: Job[] = []

  function visit (value: unknown, plan: ProjectionPlan): unknown {
    if (typeof value === 'function' || typeof value === 'symbol') return undefined
    if (typeof value !== 'object' || value === null || isLeaf(value, plan)) return value
    let known = copies.get(value)
    if (known === undefined) {
      known = { copy: Array.isArray(value) ? new Array(value.length).fill(undefined) : Object.create(null), plans: new Set() }
      copies.set(value, known)
    }
    if (!known.plans.has(plan)) {
      known.plans.add(plan)
      jobs.push({ source: value, copy: known.copy, plan })
    }
    return known.copy
  }

  return (value, plan) => {
    const result = visit(value, plan)
    // A list of jobs instead of recursion: nested data must not overflow the stack.
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      if (Array.isArray(job.source)) copyElements(job, visit)
      else copyProperties(job, visit)
    }
    return result
  }
}

type Visit = (value: unknown, plan: ProjectionPlan) => unknown

function copyElements ({ source, copy, plan }: Job, visit: Visit): void {
  const element = plan.whole ? WHOLE : plan.element
  if (element !== null) for (let index = 0; index < source.length; index++) copy[index] = visit(source[index], element)
  for (const [name, part] of plan.names) {
    if (Object.hasOwn(copy, name) && name !== 'length') copy[name] = visit(source[name], part)
  }
}

function copyProperties ({ source, copy, plan }: Job, visit: Visit): void {
  const every = plan.whole ? WHOLE : plan.element
  if (every !== null || plan.keys) {
    for (const name of Object.keys(source)) {
      if (FORBIDDEN.has(name)) continue
      if (every !== null) copyProperty(source, copy, name, every, visit)
      // The key is read, not what is behind it.
      else if (!(name in copy)) copy[name] = undefined
    }
  }
  // What has a length can be looped over.
  if (plan.iter && typeof dataOf(source, 'length') === 'number') copy.length = source.length
  for (const [name, part] of plan.names) copyProperty(source, copy, name, part, visit)
}

function copyProperty (source: object, copy: any, name: string, plan: ProjectionPlan, visit: Visit): void {
  const descriptor = Object.getOwnPropertyDescriptor(source, name)
  if (descriptor === undefined || !descriptor.enumerable || !('value' in descriptor)) return
  copy[name] = visit(descriptor.value, plan)
}

function dataOf (source: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(source, name)?.value
}
