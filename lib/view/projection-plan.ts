import { ELEMENT } from '../template/fields/field-node.ts'
import { isRead } from '../template/fields/field-tree.ts'
import type { FieldTree } from '../template/fields/field-tree.ts'
import { UNKNOWN_SCHEMA } from './loader-schema.ts'
import type { LoaderSchema } from './loader-schema.ts'

/** What to keep of a value, and of which kind it has to be. */
export interface ProjectionPlan {
  /** All of it, at any depth, under whichever names. */
  readonly whole: boolean
  /** The own keys, without what is behind them. */
  readonly keys: boolean
  readonly iter: boolean
  /** For every element of a list. */
  readonly element: ProjectionPlan | null
  /** For everything under an object's own keys. */
  readonly values: ProjectionPlan | null
  readonly names: ReadonlyArray<readonly [string, ProjectionPlan]>
  /** The own keys that there are at most; null where nobody knows. */
  readonly known: ReadonlySet<string> | null
  /** By the schema; without one, `record` is what the template reads fields of, `list` what it walks through. */
  readonly kind: LoaderSchema['kind'] | 'record' | 'list'
}

/** Own keys with these names are poison to code that copies objects; no template gets to see them. */
export const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

export const WHOLE: ProjectionPlan = Object.freeze({
  whole: true, keys: true, iter: true, element: null, values: null, names: [], known: null, kind: 'unknown',
})

type Draft = { -readonly [K in keyof ProjectionPlan]: ProjectionPlan[K] }

const plansOfTrees = new WeakMap<FieldTree, Map<LoaderSchema | null, ProjectionPlan>>()
const plansOfSchemas = new WeakMap<LoaderSchema, ProjectionPlan>()

/** The same object for the same tree and schema. With a schema, all of something is what the schema names of it. */
export function planOf (tree: FieldTree, schema: LoaderSchema | null): ProjectionPlan {
  if (tree.marks.has('whole')) return wholeOf(schema)
  const plans = plansOfTrees.get(tree) ?? new Map<LoaderSchema | null, ProjectionPlan>()
  plansOfTrees.set(tree, plans)
  let plan = plans.get(schema)
  if (plan === undefined) {
    plan = createPlan(tree, schema)
    plans.set(schema, plan)
  }
  return plan
}

function wholeOf (schema: LoaderSchema | null): ProjectionPlan {
  if (schema === null) return WHOLE
  const known = plansOfSchemas.get(schema)
  if (known !== undefined) return known
  const plan: Draft = { ...WHOLE, kind: schema.kind }
  // Before what is below: a recursive schema leads back here.
  plansOfSchemas.set(schema, plan)
  const { names, element, kind } = schema
  if (names !== null || element !== null || kind === 'array') {
    plan.whole = false
    plan.keys = false
    plan.names = allowed(names).map(([name, part]) => [name, wholeOf(part)] as const)
    plan.element = wholeOf(element)
    plan.values = names === null && element !== null ? plan.element : null
  }
  return plan
}

function createPlan (tree: FieldTree, schema: LoaderSchema | null): ProjectionPlan {
  const known = schema?.names ?? null
  // A schema that says nothing here allows everything; without any, the template has to be right.
  const unsaid = schema === null ? null : UNKNOWN_SCHEMA
  const read = [...tree.children].filter(([name, child]) => isRead(child) && !FORBIDDEN.has(name))
  const elements = read.find(([name]) => name === ELEMENT)?.[1]
  const unnamed = (elements === undefined ? null : schema?.element) ?? unsaid
  // What is read of every element is read of this one too: one plan, since each plan makes a copy of its own.
  const isElement = (name: string): boolean => known === null || known.has(name) || schema?.element !== null
  const treeOf = (name: string, child: FieldTree): FieldTree => isElement(name) ? merge(child, elements) : child
  const names = read.filter(([name]) => name !== ELEMENT)
    .map(([name, child]) => [name, planOf(treeOf(name, child), known?.get(name) ?? unnamed)] as const)
  // Each key has a schema of its own then.
  if (elements !== undefined) {
    const named = new Set(names.map(([name]) => name))
    for (const [name, part] of allowed(known)) if (!named.has(name)) names.push([name, planOf(elements, part)])
  }
  const element = elements === undefined ? null : planOf(elements, schema?.element ?? unsaid)
  return {
    whole: false,
    keys: tree.marks.has('keys'),
    iter: tree.marks.has('iter'),
    element,
    values: known === null ? element : null,
    names,
    known: known === null ? null : new Set(known.keys()),
    kind: schema === null ? kindOf(tree) : schema.kind,
  }
}

function merge (one: FieldTree, other: FieldTree | undefined): FieldTree {
  if (other === undefined) return one
  const children = new Map(one.children)
  for (const [name, tree] of other.children) children.set(name, merge(tree, children.get(name)))
  return { name: one.name, marks: new Set([...one.marks, ...other.marks]), children }
}

function allowed (names: LoaderSchema['names']): Array<[string, LoaderSchema]> {
  return [...names ?? []].filter(([name]) => !FORBIDDEN.has(name))
}

function kindOf (tree: FieldTree): ProjectionPlan['kind'] {
  for (const [name, child] of tree.children) if (name !== ELEMENT && isRead(child)) return 'record'
  return tree.marks.has('iter') || tree.children.has(ELEMENT) ? 'list' : 'unknown'
}
