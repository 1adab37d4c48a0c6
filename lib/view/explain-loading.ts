import { ELEMENT } from '../template/fields/field-node.ts'
import type { FieldNode } from '../template/fields/field-node.ts'
import type { FieldSet } from '../template/fields/field-set.ts'
import { memberPath, nameText } from '../template/fields/member-path.ts'
import type { Condition, LoadPlan, PlanBody, PlannedRead } from '../template/loading/load-plan.ts'
import type { SourcePosition } from '../template/shape.ts'

/** What is asked for together, in one round and under the same conditions. */
export interface LoadingStep {
  /** 1: at once. The round in which it is asked for at the latest: what was loaded earlier is not loaded again. */
  readonly round: number
  /** All of them hold; none: always. */
  readonly when: readonly LoadingCondition[]
  readonly asks: readonly LoadingAsk[]
}

export interface LoadingCondition {
  /** `when`: the expression holds. `unless`: it does not. `for`: for the rows of this list. */
  readonly kind: 'when' | 'unless' | 'for'
  readonly text: string
  readonly position: SourcePosition
}

export interface LoadingAsk {
  readonly loader: string
  readonly paths: readonly string[]
  /** True where the loader ran in an earlier round: it is then asked for all that it was asked for before, and this. */
  readonly again: boolean
}

/** What a stretch of template finds asked for around it: path -> round, for each loader. */
type Asked = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Walks the plan as a mount does, but into both sides of each branch. */
export function explainLoading (plan: LoadPlan, fields: FieldSet, eager: ReadonlySet<string>): LoadingStep[] {
  const paths = pathsOf(plan, fields)
  const rootOf = (id: number): string => (plan.reads[id] as PlannedRead).root
  const steps = new Map<string, { round: number, when: readonly LoadingCondition[], asks: Map<string, LoadingAsk> }>()

  const ask = (id: number, round: number, when: readonly LoadingCondition[], again: boolean): void => {
    const loader = rootOf(id)
    const key = JSON.stringify([round, when])
    const step = steps.get(key) ?? { round, when, asks: new Map<string, LoadingAsk>() }
    steps.set(key, step)
    const asked = step.asks.get(loader)?.paths ?? []
    step.asks.set(loader, { loader, paths: [...asked, paths[id] as string].sort(), again })
  }

  const visit = (body: PlanBody, round: number, when: readonly LoadingCondition[], around: Asked): void => {
    const asked = new Map(around)
    for (const id of body.reads) {
      const root = rootOf(id)
      const path = paths[id] as string
      if (asked.get(root)?.has(path)) continue
      const again = [...asked.get(root)?.values() ?? []].some((earlier) => earlier < round)
      asked.set(root, new Map([...asked.get(root) ?? [], [path, round]]))
      ask(id, round, when, again)
    }
    for (const guard of body.guards) {
      const condition = guard.kind === 'loop' ? guard.list : guard.condition
      const next = Math.max(round, known(condition.reads, round, asked) + 1)
      const under = (kind: LoadingCondition['kind']): LoadingCondition[] => [...when, conditionOf(kind, condition)]
      if (guard.kind === 'loop') visit(guard.body, next, under('for'), asked)
      else {
        visit(guard.truthy, next, under('when'), asked)
        visit(guard.falsy, next, under('unless'), asked)
      }
    }
  }

  /** The round after which an expression that reads this can be evaluated; 0 where it reads no loader. */
  const known = (body: PlanBody, round: number, asked: Asked): number => {
    let last = 0
    for (const id of body.reads) last = Math.max(last, asked.get(rootOf(id))?.get(paths[id] as string) ?? round)
    for (const guard of body.guards) {
      const first = known(guard.kind === 'loop' ? guard.list.reads : guard.condition.reads, round, asked)
      const sides = guard.kind === 'loop' ? [guard.body] : [guard.truthy, guard.falsy]
      last = Math.max(last, first, ...sides.map((side) => known(side, Math.max(round, first + 1), asked)))
    }
    return last
  }

  const early = plan.reads.filter(({ root }) => eager.has(root)).map(({ id }) => id)
  visit({ reads: [...early, ...plan.body.reads], guards: plan.body.guards }, 1, [], new Map())
  return [...steps.values()]
    .sort((a, b) => a.round - b.round || a.when.length - b.when.length)
    .map(({ round, when, asks }) => ({ round, when, asks: [...asks.values()].sort((a, b) => a.loader < b.loader ? -1 : 1) }))
}

function conditionOf (kind: LoadingCondition['kind'], { text, position }: Condition): LoadingCondition {
  const { template, line, column } = position
  return { kind, text, position: { template, line, column } }
}

/** Each read's path, as `explain` writes it, by the read's id. */
function pathsOf (plan: LoadPlan, fields: FieldSet): string[] {
  const paths = new Map<FieldNode, string>()
  const add = (node: FieldNode, path: string): void => {
    paths.set(node, path)
    for (const [name, child] of node.children) add(child, name === ELEMENT ? `${path}[]` : memberPath(path, name))
  }
  for (const root of plan.roots) {
    add(fields.node(root) as FieldNode, nameText(root))
  }
  return plan.reads.map(({ node }) => paths.get(node) as string)
}
