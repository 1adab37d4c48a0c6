import type { SourcePosition } from '../shape.ts'
import { showPosition } from '../show-position.ts'

/**
 * How much of a value a template reads:
 * - `exists`: whether it is there, or truthy
 * - `iter`: its elements as such: their number, order and presence
 * - `keys`: its own keys
 * - `whole`: everything, at any depth
 */
export type Mark = 'exists' | 'iter' | 'keys' | 'whole'

/** One read of one path, for `explain`. */
export interface FieldRead {
  readonly mark: Mark
  /** True where the value itself goes into the page, false where it only decides or orders. */
  readonly shown: boolean
  readonly position: SourcePosition
}

/** The segment of a list's elements and of keys that are computed. */
export const ELEMENT = '*'

const INDEX = /^\d+$/

/** True for a member that only a list has: `rows[0]`. */
export function isIndex (name: string): boolean {
  return INDEX.test(name)
}

/** True for a segment that means elements of a list, whichever. */
export function isElement (segment: string): boolean {
  return segment === ELEMENT || isIndex(segment)
}

/** Recursive data (`node.next.next`) would give ever longer paths; from here on everything below is read whole. */
export const MAX_DEPTH = 10

/** Where something reads all of an object, and what it is: `the filter 'dump'`. */
export interface DeepRead extends SourcePosition {
  readonly by: string
  /** Without this mark it is none: `rows[index].name` names what it reads. */
  readonly mark: 'whole' | 'keys'
}

/** Counts the marks of a whole trie: the analysis repeats until none is added. */
export interface MarkCount {
  marks: number
  /** Told of each place that is read whole since paths below it would be too long. */
  readonly cut: (node: FieldNode) => void
}

/** One path of the data that templates read, in a trie whose roots are the names of state, loaders and globals. */
export class FieldNode {
  readonly name: string
  readonly depth: number
  readonly parent: FieldNode | null
  readonly children: Map<string, FieldNode> = new Map()
  readonly marks: Set<Mark> = new Set()
  readonly #reads = new Map<string, FieldRead>()
  readonly #count: MarkCount
  /** True where the value itself goes into the page. */
  shown: boolean = false
  /** First place that names this path, read or not. Set for roots. */
  mentioned: SourcePosition | null = null
  /** First place that reads it as an object of unknown fields, where text or a comparison would do with a scalar. */
  deepAt: DeepRead | null = null
  /** First place that calls a method which changes it. */
  changedAt: (SourcePosition & { readonly method: string }) | null = null
  /** Every place that names this path, read or not. */
  readonly named: Map<string, SourcePosition> = new Map()

  constructor (name: string, parent: FieldNode | null, count: MarkCount) {
    this.name = name
    this.parent = parent
    this.depth = parent === null ? 0 : parent.depth + 1
    this.#count = count
  }

  get reads (): FieldRead[] {
    return [...this.#reads.values()]
  }

  child (name: string, position: SourcePosition): FieldNode {
    const found = this.children.get(name)
    if (found !== undefined) return found.#nameAt(position)
    if (this.depth === MAX_DEPTH) {
      this.mark({ mark: 'whole', shown: false, position })
      this.#count.cut(this)
      return this
    }
    const child = new FieldNode(name, this, this.#count)
    this.children.set(name, child)
    return child.#nameAt(position)
  }

  #nameAt (position: SourcePosition): this {
    this.named.set(showPosition(position), position)
    return this
  }

  /** That place may mean something else. */
  unname (position: SourcePosition): void {
    this.named.delete(showPosition(position))
  }

  mark (read: FieldRead): void {
    const { mark, shown, position } = read
    if (!this.marks.has(mark)) this.#count.marks++
    this.marks.add(mark)
    if (shown) this.shown = true
    this.#reads.set(`${mark} ${shown} ${showPosition(position)}`, read)
  }
}

export function rootOf (node: FieldNode): FieldNode {
  let at = node
  while (at.parent !== null) at = at.parent
  return at
}

/** True for `node` itself and every place below it. */
export function isWithin (place: FieldNode, node: FieldNode): boolean {
  for (let at: FieldNode | null = place; at !== null; at = at.parent) if (at === node) return true
  return false
}
