import type { Analysis } from '../fields/analysis.ts'
import { isElement, isWithin, rootOf } from '../fields/field-node.ts'
import type { FieldNode } from '../fields/field-node.ts'
import { isRead } from '../fields/field-tree.ts'
import type { Site } from '../fields/site.ts'
import type { Step, When } from '../fields/when.ts'
import type { Evaluator, Evaluators } from './evaluators.ts'

/** What is known at boot of a condition that can be evaluated. */
export interface KnownSite extends Evaluator {
  /** Its truth, where it is known already. */
  readonly constant: boolean | null
  /** Places of which it only asks whether something is there. */
  readonly presences: ReadonlySet<FieldNode>
}

/** Decides which of a read's conditions can be asked before a rendering. Leaving one out is always right, only less exact. */
export class PlanGuards {
  readonly #analysis: Analysis
  readonly #evaluators: Evaluators
  readonly #known = new Map<Site, KnownSite | null>()

  constructor (analysis: Analysis, evaluators: Evaluators) {
    this.#analysis = analysis
    this.#evaluators = evaluators
  }

  /** The steps that a read stands under in the plan; null where it can never happen. */
  stepsOf (node: FieldNode, { steps }: When): readonly Step[] | null {
    const root = rootOf(node).name
    const rows = new Set<Site>()
    const kept: Step[] = []
    for (const step of steps) {
      const { site, side } = step
      const known = this.know(site)
      if (known === null) continue
      const dependsOnRows = ![...known.loops].every((loop) => rows.has(loop))
      if (side === 'row') {
        // A list's own data is asked for at once, with every row's branches: each row would cost a query otherwise.
        if (dependsOnRows || site.roots.has(root)) continue
        rows.add(site)
      } else {
        if (known.constant !== null && known.constant !== (side === 'truthy')) return null
        if (steps.includes(side === 'truthy' ? site.falsy : site.truthy)) return null
        // Nothing is below what is not there.
        if (side === 'falsy' && site.subject !== null && isWithin(node, site.subject)) return null
        if (known.constant !== null || dependsOnRows || this.#isPresence(known, node)) continue
      }
      kept.push(step)
    }
    return kept
  }

  know (site: Site): KnownSite | null {
    let known = this.#known.get(site)
    if (known === undefined) this.#known.set(site, known = this.#describe(site))
    return known
  }

  #describe (site: Site): KnownSite | null {
    const answer = this.#analysis.guards.isSingle(site) ? this.#evaluators.answer(site) : null
    if (answer === null || ![...answer.loops].every((loop) => site.visit.when.steps.includes(loop.row))) return null
    return { ...answer, constant: constantOf(site, answer), presences: presencesOf(site, answer) }
  }

  // Whether something is there and what is there are one load: nothing is fetched where nothing is there.
  #isPresence ({ presences }: KnownSite, node: FieldNode): boolean {
    for (let at: FieldNode | null = node; at !== null; at = at.parent) if (presences.has(at)) return true
    return false
  }
}

function constantOf ({ question }: Site, { isConstant, evaluate }: Evaluator): boolean | null {
  if (!isConstant || question.kind === 'rows') return null
  try {
    return Boolean(evaluate({}, []))
  } catch {
    // It fails in the rendering too.
    return null
  }
}

function presencesOf (site: Site, { visits }: Evaluator): Set<FieldNode> {
  const present = new Set<FieldNode>()
  const read = new Set<FieldNode>()
  const around = new Set(site.visit.when.steps)
  for (const [node, marks] of [...visits].flatMap(({ reads }) => [...reads])) {
    const list = listOf(node)
    const place = list ?? node
    const isShallow = list !== null || !marks.has('whole')
    const isSure = [...marks.values()].some((whens) => [...whens].some(({ steps }) => steps.every((step) => around.has(step))))
    if (isShallow && isSure) present.add(place)
    else read.add(place)
  }
  for (const place of present) {
    const isLookedInto = read.has(place) || [...present, ...read].some((other) => other !== place && isWithin(other, place))
    if (isLookedInto) present.delete(place)
  }
  return present
}

/** The list whose length a place is. */
function listOf ({ name, parent }: FieldNode): FieldNode | null {
  if (name !== 'length' || parent === null) return null
  const isRecord = [...parent.children].some(([key, child]) => key !== 'length' && !isElement(key) && isRead(child))
  return isRecord ? null : parent
}
