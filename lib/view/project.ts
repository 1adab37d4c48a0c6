import { describeKind, describePlan, fitsKind } from './check-kind.ts'
import { hearParts } from './hear-promises.ts'
import { isLeaf } from './is-leaf.ts'
import { LIVE_ERR_LOADER_SHAPE } from './loader-error.ts'
import { PLAIN_PROTOTYPE } from './plain-prototype.ts'
import { FORBIDDEN, WHOLE } from './projection-plan.ts'
import type { ProjectionPlan } from './projection-plan.ts'
import { isData, rowCopierOf } from './row-copier.ts'
import { MOST_ELEMENTS, isWalkedOnce, walk } from './walk-once.ts'

/** Cuts one loader's data by its plan. Throws LIVE_ERR_LOADER_SHAPE where the data is of another kind. */
export type Project = (loader: string, value: unknown, plan: ProjectionPlan) => unknown

interface Job {
  readonly source: any
  readonly copy: any
  readonly plan: ProjectionPlan
  /** Where the object was found, for errors. */
  readonly from: Job | null
  readonly name: string
}

/**
 * Cuts data to what templates read: own data properties, in objects that inherit no names. Leaves (dates, numbers, buffers)
 * are kept as they are; accessors and functions are not data and are left out.
 * One projection serves one load. What was one object before is one object after wherever the same plan reads it. Another plan
 * gets a copy of its own: in a shared one, a place that walks through keys (`dump`, `for k, v`) would show what only others read.
 */
export function createProjection (view: string): Project {
  const copies = new Map<ProjectionPlan, Map<object, object>>()
  const walked = new Map<object, unknown[]>()
  const jobs: Job[] = []
  let current = ''

  function visit (given: unknown, plan: ProjectionPlan, from: Job | null, name: string): unknown {
    const value = typeof given === 'object' && given !== null && isWalkedOnce(given) ? listOf(given, from, name) : given
    if (value === null || value === undefined) return value
    if (!fitsKind(value, plan)) throw wrongKind(view, current, value, plan, pathOf(current, from, name))
    if (typeof value === 'function' || typeof value === 'symbol') return undefined
    if (typeof value !== 'object' || isLeaf(value, plan)) return value
    const known = copiesBy(plan)
    const found = known.get(value)
    if (found !== undefined) return found
    const copy = Array.isArray(value) ? new Array(value.length).fill(undefined) : Object.create(PLAIN_PROTOTYPE)
    known.set(value, copy)
    jobs.push({ source: value, copy, plan, from, name })
    return copy
  }

  /** Conditions look at the rows before the page does. */
  function listOf (iterator: Iterable<unknown>, from: Job | null, name: string): unknown[] {
    const list = walked.get(iterator) ?? walk(iterator)
    if (list === null) throw tooLong(view, current, pathOf(current, from, name))
    walked.set(iterator, list)
    hearParts(list)
    return list
  }

  function copiesBy (plan: ProjectionPlan): Map<object, object> {
    let known = copies.get(plan)
    if (known === undefined) copies.set(plan, known = new Map())
    return known
  }

  /** The rows at the head of a list that are plain and flat: nearly all of what loaders give. Answers how many. */
  function copyRows ({ source, copy }: Job, plan: ProjectionPlan): number {
    const copyRow = rowCopierOf(plan)
    if (copyRow === null || !isRow(source[0]) || !isData(source[0], plan)) return 0
    const known = copiesBy(plan)
    for (let index = 0; index < source.length; index++) {
      const row = source[index]
      if (!isRow(row)) return index
      const own = known.get(row) ?? copyRow(row)
      if (own === null) return index
      known.set(row, own)
      copy[index] = own
    }
    return source.length
  }

  return (loader, value, plan) => {
    current = loader
    const result = visit(value, plan, null, '')
    // A list of jobs instead of recursion: nested data must not overflow the stack.
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      try {
        if (Array.isArray(job.source)) copyElements(job, visit, copyRows)
        else copyProperties(job, visit)
      } catch (error) {
        // Another loader may hold the same objects, and is still to get what it reads of them: half of these are not filled.
        jobs.length = 0
        copies.clear()
        throw error
      }
    }
    return result
  }
}

type Visit = (value: unknown, plan: ProjectionPlan, from: Job, name: string) => unknown

function isRow (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function copyElements (job: Job, visit: Visit, copyRows: (job: Job, plan: ProjectionPlan) => number): void {
  const { source, copy, plan } = job
  const element = plan.whole ? WHOLE : plan.element
  if (element !== null) for (let index = copyRows(job, element); index < source.length; index++) copy[index] = visit(source[index], element, job, '')
  for (const [name, part] of plan.names) {
    if (Object.hasOwn(copy, name) && name !== 'length') copy[name] = visit(source[name], part, job, name)
  }
}

function copyProperties (job: Job, visit: Visit): void {
  const { source, copy, plan } = job
  const every = plan.whole ? WHOLE : plan.values
  if (every !== null || plan.keys) {
    for (const name of Object.keys(source)) {
      if (FORBIDDEN.has(name)) continue
      if (every !== null) copyProperty(job, name, every, visit)
      // The key is read, not what is behind it.
      else if (!Object.hasOwn(copy, name) && plan.known?.has(name) !== false) put(copy, name, undefined)
    }
  }
  // What has a length can be looped over.
  if (plan.iter && typeof dataOf(source, 'length') === 'number') copy.length = source.length
  for (const [name, part] of plan.names) copyProperty(job, name, part, visit)
}

function copyProperty (job: Job, name: string, plan: ProjectionPlan, visit: Visit): void {
  const descriptor = Object.getOwnPropertyDescriptor(job.source, name)
  if (descriptor === undefined || !descriptor.enumerable || !('value' in descriptor)) return
  put(job.copy, name, visit(descriptor.value, plan, job, name))
}

function put (copy: any, name: string, value: unknown): void {
  // A frozen prototype's names cannot be assigned.
  if (name in PLAIN_PROTOTYPE) Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true })
  else copy[name] = value
}

function dataOf (source: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(source, name)?.value
}

/** `orders[].customer.name`; cut in front where data is nested deeply. */
function pathOf (loader: string, from: Job | null, name: string): string {
  const segments: string[] = []
  for (let job = from, part = name; job !== null && segments.length < 20; part = job.name, job = job.from) {
    segments.unshift(Array.isArray(job.source) ? '[]' : `.${part}`)
  }
  return loader + segments.join('')
}

function tooLong (view: string, loader: string, path: string): Error {
  return new LIVE_ERR_LOADER_SHAPE(view, loader, `an iterator of more than ${MOST_ELEMENTS} elements`, path, `a list, iterators of at most ${MOST_ELEMENTS} elements`)
}

function wrongKind (view: string, loader: string, value: {}, plan: ProjectionPlan, path: string): Error {
  // Refused here, it would be an unhandled rejection otherwise.
  if (value instanceof Promise) value.catch(() => {})
  return new LIVE_ERR_LOADER_SHAPE(view, loader, describeKind(value), path, describePlan(plan))
}
