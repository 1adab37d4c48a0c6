import type { Node } from '../nunjucks.ts'
import { NOTHING, join, joinAll, origins, valueOf } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { rootOf } from './field-node.ts'
import { computed, elementOf, entryOf, itemOf, unpack } from './member.ts'
import { createScope } from './place.ts'
import type { Place } from './place.ts'
import { positionOf } from './position-of.ts'

const LOOP_FIELDS = ['index', 'index0', 'revindex', 'revindex0', 'first', 'last', 'length']

/** `for`, `asyncEach`, `asyncAll`. */
export function runLoop (analysis: Analysis, node: Node, place: Place): void {
  const scope = createScope(place.scope, [place.scope])
  const inside: Place = { ...place, scope, topLevel: false }
  const position = positionOf(node['arr'], place)
  const isAsync = node.typename !== 'For'
  const names: string[] = node['name'].typename === 'Array'
    ? node['name'].children.map((symbol: Node) => symbol['value'])
    : [node['name'].value]
  const { guards } = analysis
  // Async loops run with what their callbacks are given.
  const site = isAsync ? null : guards.site(node, { kind: 'rows', node: node['arr'], names }, inside)
  const any = isAsync || node['else_'] === null ? null : guards.site(node['else_'], { kind: 'any', node: node['arr'], names }, inside)
  const list = guards.evaluate(site?.visit, () => guards.evaluate(any?.visit, () => {
    const list = analysis.evaluate(node['arr'], inside)
    analysis.read(list, 'iter', node['arr'], place)
    if (names.length > 1 || isAsync) analysis.read(list, 'keys', node['arr'], place)
    return list
  }))
  if (site !== null) site.roots = new Set([...origins(list)].map((origin) => rootOf(origin).name))
  const element = elementOf(list, position)
  const item = itemOf(list, position)
  const keys = computed(list)
  if (names.length > 1) {
    for (const { node: path } of list.paths) path.deepAt = { ...position, by: 'a loop over its keys', mark: 'keys' }
  }
  names.forEach((name, index) => {
    analysis.bind(name)
    const single = names.length === 1
    if (site !== null) scope.bindings.set(name, { kind: 'row', loop: site, part: single ? null : index })
    scope.hard.set(name, joinAll([
      single ? element : unpack(item, index, position),
      index === 0 && (!single || isAsync) ? keys : NOTHING,
      index === 1 ? entryOf(list, position) : NOTHING,
    ]))
  })
  // The async loops over an object give a single name the key, and the value where the index is expected.
  const counter = isAsync ? join(keys, element) : keys
  scope.soft.set('loop', valueOf({ fields: new Map(LOOP_FIELDS.map((name) => [name, counter])) }))
  guards.unsurely(() => guards.under(site === null ? [] : [site.row], () => analysis.run(node['body'], inside)))
  if (node['else_'] !== null) guards.under(any === null ? [] : [any.falsy], () => analysis.run(node['else_'], inside))
}
