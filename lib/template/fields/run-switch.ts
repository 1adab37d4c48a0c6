import type { Node } from '../nunjucks.ts'
import type { Analysis } from './analysis.ts'
import type { Guards } from './guards.ts'
import type { Place } from './place.ts'
import type { Question, Site } from './site.ts'
import { MAX_STEPS } from './when.ts'
import type { Step } from './when.ts'

/** Each case is compared only when those before did not fit. */
export function runSwitch (analysis: Analysis, node: Node, place: Place): void {
  const { guards } = analysis
  const inside: Place = { ...place, topLevel: false }
  const read = (expression: Node): void => {
    analysis.read(analysis.evaluate(expression, inside), 'whole', expression, inside)
  }
  const missed: Step[] = []
  const { groups, last } = groupsOf(node['cases'])
  const choices = groups.map((cases): Choice => {
    const before = [...missed]
    const question: Question = { kind: 'case', node: node['expr'], cases: cases.map(({ cond }) => cond) }
    const site = after(guards, before, () => guards.site(cases.at(-1) as Node, question, inside))
    if (site !== null && missed.length < MAX_STEPS) missed.push(site.falsy)
    return { cases, site, before }
  })
  askAll(analysis, choices.map(({ site }) => site), () => read(node['expr']))
  for (const { cases, site, before } of choices) {
    after(guards, before, () => guards.evaluate(site?.visit, () => cases.forEach(({ cond }) => read(cond))))
    const body = (): void => analysis.run(cases.at(-1)?.['body'], inside)
    if (site === null) guards.unsurely(body)
    else guards.under([...before, site.truthy], body)
  }
  after(guards, missed, () => last.forEach(({ cond }) => read(cond)))
  if (node['default'] !== null) guards.under(missed, () => analysis.run(node['default'], inside))
}

/** Cases with one body. */
interface Choice {
  readonly cases: readonly Node[]
  readonly site: Site | null
  /** That those before did not fit. */
  readonly before: readonly Step[]
}

function after<T> (guards: Guards, steps: readonly Step[], run: () => T): T {
  return steps.length === 0 ? run() : guards.under(steps, run)
}

/** An empty case falls through to the next one that has a body; the last ones to the default, as if none had fitted. */
function groupsOf (cases: readonly Node[]): { readonly groups: readonly Node[][], readonly last: readonly Node[] } {
  const groups: Node[][] = []
  let last: Node[] = []
  for (const item of cases) {
    last.push(item)
    if (item['body'].children.length === 0) continue
    groups.push(last)
    last = []
  }
  return { groups, last }
}

function askAll (analysis: Analysis, sites: readonly (Site | null)[], run: () => void): void {
  const [site, ...others] = sites
  if (site === undefined) return run()
  analysis.guards.evaluate(site?.visit, () => askAll(analysis, others, run))
}
