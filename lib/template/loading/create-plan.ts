import type { Analysis } from '../fields/analysis.ts'
import { FieldNode, rootOf } from '../fields/field-node.ts'
import type { Mark } from '../fields/field-node.ts'
import type { Node } from '../nunjucks.ts'
import { positionOf } from '../fields/position-of.ts'
import type { Reads, Site } from '../fields/site.ts'
import { ALWAYS } from '../fields/when.ts'
import type { Step, When } from '../fields/when.ts'
import { Evaluators } from './evaluators.ts'
import type { Condition, Guard, LoadPlan, PlanBody, PlannedRead } from './load-plan.ts'
import { addToBody, createBody, prune } from './plan-bodies.ts'
import type { OpenBody } from './plan-bodies.ts'
import { PlanGuards } from './plan-guards.ts'
import type { KnownSite } from './plan-guards.ts'
import { printQuestion } from './print-expression.ts'
import { simplest } from './simplest.ts'

/** A read that stands under more combinations of conditions than this is made whatever they say. */
const MAX_ALTERNATIVES = 32

/** What a program reads of its loaders, and under which conditions. */
export function createPlan (analysis: Analysis, roots: ReadonlySet<string>): LoadPlan {
  return analysis.everything ? wholePlan(analysis, roots) : new Planner(analysis, roots).plan()
}

class Planner {
  readonly #analysis: Analysis
  readonly #roots: ReadonlySet<string>
  readonly #evaluators: Evaluators
  readonly #guards: PlanGuards
  readonly #reads: PlannedRead[] = []
  readonly #planned = new Map<FieldNode, Map<Mark, PlannedRead>>()
  readonly #conditions = new Map<Site, Condition>()

  constructor (analysis: Analysis, roots: ReadonlySet<string>) {
    this.#analysis = analysis
    this.#roots = roots
    this.#evaluators = new Evaluators(analysis)
    this.#guards = new PlanGuards(analysis, this.#evaluators)
  }

  plan (): LoadPlan {
    const body = this.#close(this.#bodyOf([this.#analysis.guards.reads], []))
    const names = [...new Set(this.#reads.map(({ root }) => root))].sort()
    return Object.freeze({ roots: Object.freeze(names), reads: Object.freeze(this.#reads), body })
  }

  /** The reads, each behind the steps that are not `around`. */
  #bodyOf (reads: readonly Reads[], around: readonly Step[]): OpenBody {
    const body = createBody()
    for (const [node, marks] of reads.flatMap((some) => [...some])) {
      const root = rootOf(node).name
      if (!this.#roots.has(root)) continue
      for (const [mark, whens] of marks) {
        const alternatives = this.#alternatives(node, whens, around)
        for (const steps of alternatives) addToBody(body, this.#read(root, node, mark), steps)
      }
    }
    prune(body)
    return body
  }

  #alternatives (node: FieldNode, whens: ReadonlySet<When>, around: readonly Step[]): ReadonlyArray<readonly Step[]> {
    if (whens.has(ALWAYS)) return [[]]
    const found = new Map<string, readonly Step[]>()
    for (const when of whens) {
      const steps = this.#guards.stepsOf(node, when)?.filter((step) => !around.includes(step))
      if (steps?.length === 0) return [steps]
      if (steps !== undefined) found.set(steps.map(({ id, side }) => `${side}${id}`).join(), steps)
    }
    return found.size > MAX_ALTERNATIVES ? [[]] : simplest([...found.values()])
  }

  #read (root: string, node: FieldNode, mark: Mark): PlannedRead {
    const marks = this.#planned.get(node) ?? new Map<Mark, PlannedRead>()
    this.#planned.set(node, marks)
    let read = marks.get(mark)
    if (read === undefined) {
      read = Object.freeze({ id: this.#reads.length, root, node, mark })
      marks.set(mark, read)
      this.#reads.push(read)
    }
    return read
  }

  #close (body: OpenBody): PlanBody {
    const guards = [...body.guards].flatMap(([site, { truthy, falsy, row }]): Guard[] => {
      const condition = this.#condition(site)
      if (site.question.kind === 'rows') {
        return [{ kind: 'loop', list: condition, row: this.#evaluators.rowOf(site), body: this.#close(row) }]
      }
      return [{ kind: 'branch', condition, truthy: this.#close(truthy), falsy: this.#close(falsy) }]
    })
    return Object.freeze({ reads: Object.freeze([...body.reads].map(({ id }) => id)), guards: Object.freeze(guards) })
  }

  #condition (site: Site): Condition {
    let condition = this.#conditions.get(site)
    if (condition === undefined) {
      const { question, visit } = site
      const { evaluate, visits } = this.#guards.know(site) as KnownSite
      const body = this.#bodyOf([...visits].map(({ reads }) => reads), visit.when.steps)
      condition = Object.freeze({
        position: positionOf(question.kind === 'case' ? question.cases[0] as Node : question.node, visit.place),
        text: printQuestion(question),
        reads: this.#close(body),
        evaluate,
      })
      this.#conditions.set(site, condition)
    }
    return condition
  }
}

function wholePlan (analysis: Analysis, roots: ReadonlySet<string>): LoadPlan {
  const names = [...roots].sort()
  const reads = names.map((root, id): PlannedRead => {
    const node = analysis.roots.get(root) ?? new FieldNode(root, null, { marks: 0, cut () {} })
    return Object.freeze({ id, root, node, mark: 'whole' })
  })
  return { roots: names, reads, body: { reads: reads.map(({ id }) => id), guards: [] } }
}
