import type { Analysis } from './analysis.ts'
import type { TemplateContext } from './place.ts'

const contexts = new WeakMap<Analysis, Map<string, TemplateContext>>()

/** The context of an include or import, the same one in each round. Without `parent`: a module that sees no data. */
export function enterContext (analysis: Analysis, name: string, parent: TemplateContext | null): TemplateContext {
  const known = contexts.get(analysis) ?? new Map<string, TemplateContext>()
  contexts.set(analysis, known)
  const key = parent === null ? name : `${parent.key} > ${name}`
  const context = known.get(key) ?? createContext(key, parent)
  known.set(key, context)
  const inherited = parent?.definite ?? new Set<string>()
  // Entered again: macros of the context may be called from either place, so only names assigned in both count.
  context.definite = context.round === analysis.round ? both(context.definite, inherited) : new Set(inherited)
  context.round = analysis.round
  return context
}

export function createContext (key: string, parent: TemplateContext | null): TemplateContext {
  return {
    key,
    parent,
    seesData: parent?.seesData ?? false,
    pool: parent?.pool ?? { sets: new Map() },
    definitions: new Map(),
    exports: new Map(),
    blocks: new Map(),
    definite: new Set(),
    round: 0,
    uncertain: false,
  }
}

function both (a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
  return new Set([...a].filter((name) => b.has(name)))
}
