import type { AbstractValue } from './abstract-value.ts'
import type { Site, Visit } from './site.ts'
import type { Node } from '../nunjucks.ts'

/** `set` writes to run-time frames in ways that the text does not show, so its names are pooled for a whole program. */
export interface Pool {
  readonly sets: Map<string, AbstractValue>
}

/** A block as one template of the inheritance chain defines it. */
export interface BlockBody {
  readonly template: string
  readonly node: Node
}

/** What nunjucks calls a Context: the entry template's, and one for each include and import. Lives through all rounds. */
export interface TemplateContext {
  readonly key: string
  /** The context that an include copies its names from. */
  readonly parent: TemplateContext | null
  /** False in modules imported without context: the view's data cannot be seen there. */
  readonly seesData: boolean
  readonly pool: Pool
  /** Macros and imports defined under this context, which code elsewhere in it sees at run time. */
  readonly definitions: Map<string, AbstractValue>
  readonly exports: Map<string, AbstractValue>
  readonly blocks: Map<string, BlockBody[]>
  /** Names that a top-level statement has surely assigned by now: they hide the data of that name. */
  definite: Set<string>
  /** The round that `definite` belongs to. */
  round: number
  /** True once which parent a template has depends on data: then any block of the chain may be the one shown. */
  uncertain: boolean
}

/** What gives a name its value, where conditions that use the name can be evaluated before a rendering. */
export type Binding =
  /** A row of a loop, or the part of it that unpacking gives; null for the row itself. */
  | { readonly kind: 'row', readonly loop: Site, readonly part: number | null }
  /** Null where the call gives none. */
  | { readonly kind: 'argument', readonly given: Given | null }

/** An argument's expression, where the call stands. */
export interface Given {
  readonly node: Node
  readonly visit: Visit
}

/** Names bound by loops, macros and imports. */
export interface Scope {
  /** Bound in the generated code itself: such a name never reaches the data. */
  readonly hard: Map<string, AbstractValue>
  /** Bound at run time only: an undefined value falls through to whatever stands behind. */
  readonly soft: Map<string, AbstractValue>
  readonly bindings: Map<string, Binding>
  /** The scope around it in the text, null where nunjucks starts afresh (macro, block, template). */
  readonly lexical: Scope | null
  /** The scopes around it at run time. */
  readonly dynamic: readonly Scope[]
}

export interface Place {
  readonly template: string
  readonly context: TemplateContext
  readonly scope: Scope
  /** True for statements that surely run, once, at a template's top level. */
  readonly topLevel: boolean
  readonly block: { readonly name: string, readonly index: number } | null
  /** Set on the root of a template with `extends`: where the parents that it met are noted. */
  readonly parents: ParentNames | null
}

export interface ParentNames {
  readonly names: string[]
  /** True once one `extends` has surely run: from then on the template's own blocks are not shown where they stand. */
  sure: boolean
}

export function createScope (lexical: Scope | null, dynamic: readonly Scope[]): Scope {
  return { hard: new Map(), soft: new Map(), bindings: new Map(), lexical, dynamic }
}

/** The name's value where the generated code holds it in a variable of its own, or null. */
export function hardLookup (scope: Scope | null, name: string): AbstractValue | null {
  for (let at = scope; at !== null; at = at.lexical) {
    const found = at.hard.get(name)
    if (found !== undefined) return found
  }
  return null
}

/** Every value that the name may have in the run-time frames around. */
export function runtimeValues (scope: Scope, name: string): AbstractValue[] {
  const values: AbstractValue[] = []
  for (const at of scopesAround(scope)) {
    for (const found of [at.hard.get(name), at.soft.get(name)]) if (found !== undefined) values.push(found)
  }
  return values
}

export function scopesAround (scope: Scope): Set<Scope> {
  const all = new Set([scope])
  for (const at of all) for (const around of at.dynamic) all.add(around)
  return all
}
