import type { Node } from '../nunjucks.ts'
import type { Analysis } from './analysis.ts'
import type { Place } from './place.ts'
import type { Site } from './site.ts'
import { MAX_STEPS } from './when.ts'
import type { Step } from './when.ts'

/** Each case is compared only when those before did not fit. */
export function runSwitch (analysis: Analysis, node: Node, place: Place): void {
  const { guards } = analysis
  const inside: Place = { ...place, topLevel: false }
  const read = (expression: Node): void => {
    analysis.read(analysis.evaluate(expression, inside), 'whole', expression, inside)
  }
  const groups = groupsOf(node['cases'])
  const sites = groups.map((cases) => guards.site(cases.at(-1) as Node, { kind: 'case', node: node['expr'], cases: cases.map(({ cond }) => cond) }, inside))
  askAll(analysis, sites, () => read(node['expr']))
  const missed: Step[] = []
  groups.forEach((cases, index) => {
    const site = sites[index] as Site | null
    guards.evaluate(site?.visit, () => cases.forEach(({ cond }) => read(cond)))
    const body = (): void => analysis.run(cases.at(-1)?.['body'], inside)
    if (site === null) return guards.unsurely(body)
    guards.under([...missed, site.truthy], body)
    if (missed.length < MAX_STEPS) missed.push(site.falsy)
  })
  if (node['default'] !== null) guards.under(missed, () => analysis.run(node['default'], inside))
}

/** An empty case falls through to the next one that has a body; at the end, to the default. */
function groupsOf (cases: readonly Node[]): Node[][] {
  const groups: Node[][] = []
  let open: Node[] = []
  for (const item of cases) {
    open.push(item)
    if (item['body'].children.length === 0) continue
    groups.push(open)
    open = []
  }
  if (open.length > 0) groups.push(open)
  return groups
}

function askAll (analysis: Analysis, sites: readonly (Site | null)[], run: () => void): void {
  const [site, ...others] = sites
  if (site === undefined) return run()
  analysis.guards.evaluate(site?.visit, () => askAll(analysis, others, run))
}
