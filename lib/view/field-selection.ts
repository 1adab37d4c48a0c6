import { ELEMENT, withElements } from '../template/fields/field-node.ts'
import type { FieldNode } from '../template/fields/field-node.ts'
import type { FieldSet } from '../template/fields/field-set.ts'

/** The names that a list's rows, or an object itself, have. */
export type ColumnOf<Data> = 0 extends (1 & Data) ? any
  : NonNullable<Data> extends ReadonlyArray<infer Row> ? keyof Row & string : keyof NonNullable<Data> & string

/**
 * What the template reads of one loader's data, so that the loader can ask for just that. A list and its elements are one
 * place here: `orders[].customer.name` is column `customer`, path `customer.name`.
 */
export interface FieldSelection<Data = any> {
  /** First-level names, sorted: the columns to select. Empty when only the number of rows is read. */
  readonly columns: ReadonlyArray<ColumnOf<Data>>
  /** Every path that is read, to its end, sorted. */
  readonly paths: readonly string[]
  /** True when all of it is read, at any depth. */
  readonly whole: boolean
  /** True when that path, or anything below or all of something above it, is read. */
  has (path: string): boolean
  /** The selection below a name. */
  at (name: string): FieldSelection
}

/** A list's own `length`, and the places of the elements of a list of lists, are not names of fields. */
const INTEGER = /^\d+$/

const selections = new WeakMap<FieldSet, Map<string, FieldSelection>>()

/** What a program reads of one root. */
export function selectFields (fields: FieldSet, root: string): FieldSelection {
  const known = selections.get(fields) ?? new Map<string, FieldSelection>()
  selections.set(fields, known)
  let selection = known.get(root)
  if (selection === undefined) {
    const node = fields.node(root)
    selection = createSelection(node === undefined ? [] : [node], fields.everything ? EVERYTHING : NAMED)
    known.set(root, selection)
  }
  return selection
}

type Extent = 'everything' | 'named'
const EVERYTHING: Extent = 'everything'
const NAMED: Extent = 'named'

function createSelection (nodes: Iterable<FieldNode>, extent: Extent): FieldSelection {
  const places = withElements(nodes)
  const whole = extent === EVERYTHING || [...places].some((node) => node.marks.has('whole'))
  const children = childrenOf(places)
  return Object.freeze({
    columns: Object.freeze([...children.keys()].sort()),
    paths: Object.freeze(leaves(children).sort()),
    whole,
    has: (path: string) => has(places, path.split('.'), extent),
    at: (name: string) => createSelection(children.get(name) ?? [], whole ? EVERYTHING : NAMED),
  })
}

/** Named parts that are read, of a list's elements as of the list. */
function childrenOf (places: ReadonlySet<FieldNode>): Map<string, FieldNode[]> {
  const children = new Map<string, FieldNode[]>()
  for (const place of places) {
    const isList = place.marks.has('iter') || place.children.has(ELEMENT)
    for (const [name, child] of place.children) {
      if (name === ELEMENT || INTEGER.test(name) || !child.isRead() || (isList && name === 'length')) continue
      children.set(name, [...(children.get(name) ?? []), child])
    }
  }
  return children
}

function leaves (children: ReadonlyMap<string, readonly FieldNode[]>): string[] {
  const paths: string[] = []
  for (const [name, nodes] of children) {
    const places = withElements(nodes)
    const below = [...places].some((node) => node.marks.has('whole')) ? [] : leaves(childrenOf(places))
    if (below.length === 0) paths.push(name)
    else for (const path of below) paths.push(`${name}.${path}`)
  }
  return paths
}

function has (places: ReadonlySet<FieldNode>, path: readonly string[], extent: Extent): boolean {
  if (extent === EVERYTHING || [...places].some((node) => node.marks.has('whole'))) return true
  const [name, ...rest] = path
  if (name === undefined) return true
  const nodes = childrenOf(places).get(name)
  return nodes !== undefined && has(withElements(nodes), rest, extent)
}
