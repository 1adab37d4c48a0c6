import { isEnclosed } from './enclosed-bodies.ts'
import type { Output } from './fields/html-uses.ts'
import type { Node } from './nunjucks.ts'
import type { Program } from './program.ts'
import { showPosition } from './show-position.ts'

/** Answers whether what a `{{ }}` prints can stand as HTML between tags. */
export function outputPlaces (programs: readonly Program[]): (output: Output | null, node: Node) => boolean {
  const inText = new Set<string>()
  const elsewhere = new Set<string>()
  for (const shape of programs.flatMap((program) => program.shapes())) {
    const { layout, slots } = shape
    if (layout === null && !isEnclosed(shape)) continue
    slots.forEach(({ position }, slot) => {
      const isHole = layout?.parts[layout.partOf[slot] as number]?.kind === 'hole'
      const known = isHole ? inText : elsewhere
      known.add(showPosition(position))
    })
  }
  return (output, node) => {
    if (output === null || !givesResult(output.node['children'], node)) return true
    const position = showPosition({ template: output.template, line: output.node.lineno! + 1, column: output.node.colno! + 1 })
    return inText.has(position) || !elsewhere.has(position)
  }
}

/** True where an expression is the output's value itself: what is given to calls may be kept, and shown elsewhere. */
function givesResult (expressions: readonly Node[], node: Node): boolean {
  return expressions.some((expression) => expression === node || givesResult(valuesOf(expression), node))
}

function valuesOf (node: Node): readonly Node[] {
  switch (node.typename) {
    case 'Group': return node['children'].slice(-1)
    case 'InlineIf': return [node['body'], ...node['else_'] === null ? [] : [node['else_']]]
    case 'And': case 'Or': return [node['left'], node['right']]
    case 'Filter': return node['args'].children.slice(0, 1)
    default: return []
  }
}
