import type { Node } from './nunjucks.ts'
import type { Program } from './program.ts'
import type { Shape } from './shape.ts'
import { childrenOf, contains, walk } from './walk.ts'

/** A slot that can be left empty because a loader's data is missing. */
export interface Candidate {
  readonly holder: Shape
  readonly slot: number
}

/**
 * The slots whose own expression names a loader's data, or a name that was made from it. Rather too many than too few: what
 * the analysis of fields knows exactly would have to be told apart by slots.
 */
export function rescueCandidates (program: Program, loader: string): Candidate[] {
  const asts = program.templates.map((template) => ({ template, ast: template.ast }))
  const names = namesFrom(asts.map(({ ast }) => ast), loader)
  const mentions = (node: Node): boolean => contains(node, (child) => child.typename === 'Symbol' && names.has(child['value']))
  return asts.flatMap(({ template, ast }) => {
    const inputs = new Map<string, boolean>()
    walk(ast, (node) => {
      const own = inputsOf(node)
      if (own === null || node.lineno === undefined) return
      const key = `${node.lineno + 1}:${(node.colno as number) + 1}`
      inputs.set(key, (inputs.get(key) ?? false) || own.some(mentions))
    })
    return template.shapes.flatMap((holder) => holder.slots.flatMap(({ kind, position: { line, column } }, slot) => {
      // Custom tags have no position of their own: they may always be meant.
      return kind === 'flat' || inputs.get(`${line}:${column}`) === true ? [{ holder, slot }] : []
    }))
  })
}

/** What a statement evaluates to fill its slot; null for one that fills none. Its bodies have slots of their own. */
function inputsOf (node: Node): Node[] | null {
  switch (node.typename) {
    case 'Output': return childrenOf(node)
    case 'If':
    case 'IfAsync': return [node['cond'], ...(node['else_']?.typename === 'If' ? inputsOf(node['else_']) as Node[] : [])]
    case 'For':
    case 'AsyncEach':
    case 'AsyncAll': return [node['arr']]
    case 'Switch': return [node['expr'], ...(node['cases'] as Node[]).map((one) => one['cond'])]
    case 'Include': return [node['template']]
    default: return null
  }
}

/** The loader's name, and all that is bound to something which may name it: by set, macro and import. */
function namesFrom (asts: readonly Node[], loader: string): ReadonlySet<string> {
  const names = new Set([loader])
  let macros = false
  const mentions = (node: Node): boolean => contains(node, (child) => child.typename === 'Symbol' && names.has(child['value']))
  const bind = (node: Node): void => {
    switch (node.typename) {
      case 'Set':
        if (mentions(node['value'] ?? node['body'])) for (const target of node['targets'] as Node[]) names.add(target['value'])
        return
      case 'Macro':
        if (mentions(node['args']) || mentions(node['body'])) {
          names.add(node['name'].value)
          macros = true
        }
        return
      case 'Import':
        if (macros || mentions(node['template'])) names.add(node['target'].value)
        return
      case 'FromImport':
        if (macros || mentions(node['template'])) {
          walk(node['names'], (child) => { if (child.typename === 'Symbol') names.add(child['value']) })
        }
    }
  }
  for (let size = 0; size < names.size;) {
    size = names.size
    for (const ast of asts) walk(ast, bind)
  }
  return names
}
