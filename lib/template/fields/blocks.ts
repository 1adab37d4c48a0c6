import type { Node } from '../nunjucks.ts'
import { childrenOf } from '../walk.ts'
import type { Analysis } from './analysis.ts'
import { createScope } from './place.ts'
import type { BlockBody, Place, TemplateContext } from './place.ts'

export function runBlock (analysis: Analysis, node: Node, place: Place): void {
  // With a parent, a template's own blocks are shown where the parent has them, if at all.
  if (place.block === null && place.parents?.sure === true) return
  showBlock(analysis, node['name'].value, 0, node, place)
}

/** Runs the block that stands at `index` of the inheritance chain; all from there on where the chain depends on data. */
export function showBlock (analysis: Analysis, name: string, index: number, node: Node, place: Place): void {
  const chain = place.context.blocks.get(name) as BlockBody[]
  const end = place.context.uncertain ? chain.length : index + 1
  chain.slice(index, end).forEach((body, offset) => {
    const inside: Place = {
      template: body.template,
      context: place.context,
      scope: createScope(null, [place.scope]),
      topLevel: false,
      block: { name, index: index + offset },
      parents: null,
    }
    analysis.call(node, body.node, place.context,
      () => inUncertain(analysis, place.context, () => analysis.run(body.node['body'], inside)),
      () => analysis.readScope(place.scope, node, place))
  })
}

/** Runs what may not be shown at all, where the chain of templates depends on data. */
export function inUncertain (analysis: Analysis, context: TemplateContext, run: () => void): void {
  if (context.uncertain) analysis.guards.unsurely(run)
  else run()
}

export function addBlocks (analysis: Analysis, template: string, ast: Node, context: TemplateContext): void {
  for (const node of knownBlocks(ast)) {
    const name: string = node['name'].value
    const chain: BlockBody[] = context.blocks.get(name) ?? []
    context.blocks.set(name, chain)
    if (chain.some((body) => body.node === node)) continue
    chain.push({ template, node })
    analysis.grow()
  }
}

const blocks = new WeakMap<Node, readonly Node[]>()

function knownBlocks (ast: Node): readonly Node[] {
  const known = blocks.get(ast) ?? blocksIn(ast)
  blocks.set(ast, known)
  return known
}

function blocksIn (node: Node): Node[] {
  const inside = childrenOf(node).flatMap(blocksIn)
  return node.typename === 'Block' ? [node, ...inside] : inside
}
