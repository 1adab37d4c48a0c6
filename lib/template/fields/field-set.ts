import type { SourcePosition } from '../shape.ts'
import type { Analysis } from './analysis.ts'
import { ELEMENT } from './field-node.ts'
import type { FieldNode, FieldRead, Mark } from './field-node.ts'
import { isRead } from './field-tree.ts'
import type { HtmlUses } from './html-uses.ts'
import { createPlan } from '../loading/create-plan.ts'
import type { LoadPlan } from '../loading/load-plan.ts'
import { memberPath, nameText } from './member-path.ts'

/** One path that a program reads, with every place that reads it. */
export interface ReadPath {
  /** `orders[].customer.name`; `[]` stands for a list's elements and for keys that are computed. Never parsed back. */
  readonly path: string
  /** The names below the root; ELEMENT for a list's elements. */
  readonly names: readonly string[]
  readonly marks: readonly Mark[]
  /** True where the value itself goes into the page (DISPLAY), false where it only decides or orders (READ). */
  readonly shown: boolean
  readonly reads: readonly FieldRead[]
}

/** The fields that one program reads. */
export class FieldSet {
  readonly entry: string
  /** Every template of the program. */
  readonly templates: readonly string[]
  /** Names that templates bind themselves, by set, for, macro, import: they need not be state, loader or global. */
  readonly assigned: ReadonlySet<string>
  /** True when nothing can be left out, since a template's name is computed or the program is too large to be followed. */
  readonly everything: boolean
  /** Where a template's name is computed. */
  readonly dynamicNames: readonly SourcePosition[]
  /** Each `| safe`, and what else is printed as HTML. */
  readonly html: HtmlUses
  readonly #roots: ReadonlyMap<string, FieldNode>
  readonly #analysis: Analysis

  constructor (entry: string, analysis: Analysis) {
    this.entry = entry
    this.templates = Object.freeze([...analysis.templates].sort())
    this.assigned = analysis.assigned
    this.everything = analysis.everything
    this.dynamicNames = Object.freeze([...analysis.dynamicNames.values()])
    this.html = analysis.html
    this.#roots = analysis.roots
    this.#analysis = analysis
    Object.freeze(this)
  }

  /** The roots that are read, sorted. */
  roots (): string[] {
    return [...this.#roots].filter(([, node]) => isRead(node)).map(([name]) => name).sort()
  }

  /** True when a rendering can read anything of this root. */
  reads (root: string): boolean {
    const node = this.#roots.get(root)
    return this.everything || (node !== undefined && isRead(node))
  }

  /** True when all of this root is read, at any depth. */
  whole (root: string): boolean {
    return this.everything || this.#roots.get(root)?.marks.has('whole') === true
  }

  /** The trie below one root, for projections and selections. */
  node (root: string): FieldNode | undefined {
    return this.#roots.get(root)
  }

  /** What is read of the given roots, the loaders, and under which conditions. */
  plan (roots: ReadonlySet<string>): LoadPlan {
    return createPlan(this.#analysis, roots)
  }

  /** Every root that templates name, read or not. */
  allRoots (): Iterable<readonly [string, FieldNode]> {
    return this.#roots
  }

  /** Every path read below one root, with its marks: `items[].cat.id` and so on, sorted. */
  paths (root: string): ReadPath[] {
    const node = this.#roots.get(root)
    return node === undefined ? [] : pathsBelow(node, nameText(root), []).sort((a, b) => a.path < b.path ? -1 : 1)
  }

  /** Names that stand in templates and are not bound there, with the place of their first mention. */
  mentioned (): Array<{ readonly name: string, readonly position: SourcePosition }> {
    const free = [...this.#roots].filter(([name]) => !this.assigned.has(name))
    return free.map(([name, node]) => ({ name, position: node.mentioned as SourcePosition }))
  }
}

function pathsBelow (node: FieldNode, path: string, names: readonly string[]): ReadPath[] {
  const found: ReadPath[] = []
  if (node.marks.size > 0) found.push({ path, names, marks: [...node.marks], shown: node.shown, reads: node.reads })
  for (const [name, child] of node.children) {
    found.push(...pathsBelow(child, name === ELEMENT ? `${path}[]` : memberPath(path, name), [...names, name]))
  }
  return found
}
