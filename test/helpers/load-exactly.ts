import type { FieldSet } from '../../lib/template/fields/field-set.ts'
import { FieldNode } from '../../lib/template/fields/field-node.ts'
import type { Condition, LoadPlan, PlanBody, PlannedRead } from '../../lib/template/loading/load-plan.ts'
import { UNKNOWN_SCHEMA } from '../../lib/view/loader-schema.ts'
import { createProjection } from '../../lib/view/project.ts'
import { planOf } from '../../lib/view/projection-plan.ts'

export type Page = Record<string, unknown>

export interface ExactLoad {
  /** What templates see: everything that is no loader's, and of each loader what was asked for. */
  readonly page: Page
  /** What was asked of each loader, `path:mark`, one entry for each time that it was asked. */
  readonly asked: Record<string, string[][]>
  readonly rounds: number
}

/** Loads as the plan says, by rounds: the conditions that can be evaluated say what is asked for next. */
export function loadExactly (fields: FieldSet, loaders: Page, others: Page): ExactLoad {
  const plan = fields.plan(new Set(Object.keys(loaders)))
  const asked: Record<string, string[][]> = {}
  let loaded: ReadonlySet<PlannedRead> = new Set()
  let page: Page = { ...others }
  let rounds = 0
  for (;;) {
    const needed = walk(plan, loaded, page)
    const roots = plan.roots.filter((root) => [...needed].some((read) => read.root === root && !isLoaded(read, loaded)))
    if (roots.length === 0) return { page, asked, rounds }
    rounds++
    for (const root of roots) {
      const reads = [...needed].filter((read) => read.root === root)
      asked[root] = [...asked[root] ?? [], reads.map(({ node, mark }) => `${pathOf(node)}:${mark}`).sort()]
    }
    loaded = needed
    page = { ...others, ...cut(plan, needed, loaders) }
  }
}

/** What every branch together asks for. */
export function loadAll (fields: FieldSet, loaders: Page, others: Page): Page {
  const plan = fields.plan(new Set(Object.keys(loaders)))
  return { ...others, ...cut(plan, new Set(plan.reads), loaders) }
}

export function pathOf (node: FieldNode): string {
  return node.parent === null ? node.name : `${pathOf(node.parent)}${node.name === '*' ? '[]' : `.${node.name}`}`
}

function cut (plan: LoadPlan, needed: ReadonlySet<PlannedRead>, loaders: Page): Page {
  const project = createProjection('exact')
  const data: Page = {}
  for (const root of plan.roots) {
    const reads = [...needed].filter((read) => read.root === root)
    if (reads.length > 0) data[root] = project(root, loaders[root], planOf(treeOf(root, reads), UNKNOWN_SCHEMA))
  }
  return structuredClone(data)
}

function treeOf (root: string, reads: readonly PlannedRead[]): FieldNode {
  const position = { template: '', line: 1, column: 1 }
  const copies = new Map<FieldNode, FieldNode>()
  const copy = (node: FieldNode): FieldNode => {
    const known = copies.get(node)
    if (known !== undefined) return known
    const made = node.parent === null
      ? new FieldNode(root, null, { marks: 0, cut () {} })
      : copy(node.parent).child(node.name, position)
    copies.set(node, made)
    return made
  }
  for (const { node, mark } of reads) copy(node).mark({ mark, shown: false, position })
  return copy(topOf((reads[0] as PlannedRead).node))
}

function topOf (node: FieldNode): FieldNode {
  return node.parent === null ? node : topOf(node.parent)
}

const UNKNOWN = Symbol('unknown')

function walk (plan: LoadPlan, loaded: ReadonlySet<PlannedRead>, page: Page): Set<PlannedRead> {
  const needed = new Set<PlannedRead>()
  const rows: unknown[] = []
  const readsOf = (body: PlanBody): PlannedRead[] => body.reads.map((id) => plan.reads[id] as PlannedRead)
  const isThere = (body: PlanBody): boolean => {
    if (!readsOf(body).every((read) => isLoaded(read, loaded))) return false
    return body.guards.every((guard) => {
      if (guard.kind === 'loop') throw new Error('a condition has no rows of its own')
      const answer = evaluate(guard.condition)
      return answer !== UNKNOWN && isThere(answer ? guard.truthy : guard.falsy)
    })
  }
  const evaluate = (condition: Condition): unknown => {
    if (!isThere(condition.reads)) return UNKNOWN
    try {
      return condition.evaluate(page, rows)
    } catch {
      // The rendering fails there too.
      return UNKNOWN
    }
  }
  const visit = (body: PlanBody): void => {
    for (const read of readsOf(body)) needed.add(read)
    for (const guard of body.guards) {
      const answer = evaluate(guard.kind === 'loop' ? guard.list : guard.condition)
      if (answer === UNKNOWN) continue
      if (guard.kind === 'branch') visit(answer ? guard.truthy : guard.falsy)
      else {
        for (const row of answer as unknown[]) {
          rows[guard.row] = row
          visit(guard.body)
        }
      }
    }
  }
  visit(plan.body)
  return needed
}

/** True where the data at hand answers a read. */
function isLoaded (read: PlannedRead, loaded: ReadonlySet<PlannedRead>): boolean {
  if (loaded.has(read)) return true
  return [...loaded].some((other) => (other.mark === 'whole' && isWithin(read.node, other.node)) ||
    (read.mark === 'exists' && isWithin(other.node, read.node)))
}

function isWithin (place: FieldNode, node: FieldNode): boolean {
  for (let at: FieldNode | null = place; at !== null; at = at.parent) if (at === node) return true
  return false
}
