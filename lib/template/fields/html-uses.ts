import type { Node } from '../nunjucks.ts'
import type { SourcePosition } from '../shape.ts'
import { NOTHING, join, parts } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import type { Analysis } from './analysis.ts'
import { MAX_DEPTH } from './field-node.ts'
import type { FieldNode } from './field-node.ts'
import type { Place } from './place.ts'
import { positionOf } from './position-of.ts'

/** One `| safe`, and all that it was seen to be given. */
export interface SafeUse {
  /** The filter. */
  readonly node: Node
  readonly position: SourcePosition
  /** The places in the data that it prints. */
  readonly fields: ReadonlySet<FieldNode>
  /** What is computed; null where the analysis cannot say what it is. */
  readonly computed: ReadonlySet<Node | null>
  /** The `{{ }}` that it stands in; null where it stands elsewhere. */
  readonly outputs: ReadonlySet<Output | null>
}

/** HTML that a filter made text of, printed. */
interface LostUse {
  /** The filter. */
  readonly node: Node
  readonly position: SourcePosition
  readonly output: Output
}

/** A `{{ }}` of a template. */
export interface Output {
  readonly node: Node
  readonly template: string
}

/** Filters that answer with HTML, whatever they are given. */
const MAKES_HTML: ReadonlySet<string> = new Set(['e', 'escape', 'forceescape', 'safe', 'sanitize'])
/** Filters that leave HTML what it is; where it is a macro's, they lose what its values were encoded for. */
const KEEPS_HTML: ReadonlySet<string> = new Set(['indent', 'nl2br', 'string', 'trim'])
/** Filters that nunjucks lets call their result safe because their input was: with what they were given besides. */
const LOSES_HTML: ReadonlySet<string> = new Set(['capitalize', 'center', 'replace', 'reverse', 'striptags', 'title', 'truncate'])
/** Filters that hand on what they were given, or a part of it. */
const HANDS_ON: ReadonlySet<string> = new Set([
  'batch', 'd', 'default', 'dictsort', 'first', 'groupby', 'last', 'list', 'random', 'reject', 'rejectattr', 'select', 'selectattr',
  'slice', 'sort'
])

/** Templates that use none of these print no HTML but that of their own tags and macros. */
export const CHANGING_FILTERS: ReadonlySet<string> = new Set(['safe', ...KEEPS_HTML, ...LOSES_HTML])

/** What a program prints as HTML, as the last round of its analysis saw it. */
export class HtmlUses {
  readonly #analysis: Analysis
  readonly #safe = new Map<Node, SafeUse & { readonly input: AbstractValue }>()
  readonly #lost = new Map<Node, LostUse[]>()
  readonly #losing = new Set<Node>()
  #output: Node | null = null

  constructor (analysis: Analysis) {
    this.#analysis = analysis
  }

  get safe (): readonly SafeUse[] {
    return [...this.#safe.values()]
  }

  get lost (): readonly LostUse[] {
    return [...this.#lost.values()].flat()
  }

  beginRound (): void {
    this.#safe.clear()
    this.#lost.clear()
  }

  /** Runs a statement: what stands in it stands in no other statement's output. */
  within (statement: Node, run: () => void): void {
    const outer = this.#output
    this.#output = statement.typename === 'Output' ? statement : null
    run()
    this.#output = outer
  }

  /** The result of a built-in filter, as far as it is HTML. */
  filter (result: AbstractValue, input: AbstractValue, node: Node, place: Place): AbstractValue {
    const name: string = node['name'].value
    if (name === 'safe') this.#noteSafe(input, node, place)
    if (MAKES_HTML.has(name)) return asHtml(result)
    if (HANDS_ON.has(name)) return result
    if (KEEPS_HTML.has(name) && input.html === 'text' && input.paths.size === 0 && input.computed.size === 0) return asHtml(result)
    const loses = LOSES_HTML.has(name) || (KEEPS_HTML.has(name) && name !== 'string')
    if (loses && input.html !== 'none') this.#losing.add(node)
    return { ...result, computed: new Set([node]) }
  }

  /** What a `{{ }}` prints. */
  print (value: AbstractValue, node: Node, place: Place): void {
    for (const filter of value.computed) {
      if (filter === null || !this.#losing.has(filter)) continue
      const output = { node: this.#output as Node, template: place.template }
      const known = this.#lost.get(filter) ?? []
      this.#lost.set(filter, known)
      if (known.some((use) => use.output.node === output.node)) continue
      known.push({ node: filter, position: positionOf(node, place), output })
    }
  }

  #noteSafe (given: AbstractValue, node: Node, place: Place): void {
    const known = this.#safe.get(node)
    const input = join(known?.input ?? NOTHING, given)
    const output = this.#output === null ? null : { node: this.#output, template: place.template }
    const outputs = [...known?.outputs ?? []]
    if (!outputs.some((other) => other?.node === output?.node)) outputs.push(output)
    const isUnknown = this.#isUnknown(input, node)
    this.#safe.set(node, {
      node,
      input,
      position: known?.position ?? positionOf(node, place),
      fields: new Set([...input.paths].map((path) => path.node)),
      computed: isUnknown || known?.computed.has(null) === true ? new Set([...input.computed, null]) : input.computed,
      outputs: new Set(outputs),
    })
  }

  /** What is not followed to its end: deep recursions, objects that are changed in place, and anything that is no text. */
  #isUnknown (input: AbstractValue, node: Node): boolean {
    const { changed, isRecursive, everything } = this.#analysis
    if ((isRecursive || everything) && node['args'].children[0].typename !== 'Literal') return true
    if (input.closures.size > 0 || !parts(input).next().done) return true
    for (const made of input.within) if (changed.has(made)) return true
    for (const path of input.paths) if (path.node.depth >= MAX_DEPTH) return true
    return false
  }
}

/** HTML of a filter or function. */
export function asHtml (value: AbstractValue): AbstractValue {
  return { ...value, computed: NOTHING.computed, html: 'text' }
}
