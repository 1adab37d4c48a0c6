import type { Environment, Node } from '../nunjucks.ts'
import type { SourcePosition } from '../shape.ts'
import type { Declarations, DeclaredHtml } from '../declarations.ts'
import { NOTHING, join, joinAll, makersOf, nesting, parts, valueOf, withConditions } from './abstract-value.ts'
import type { AbstractValue } from './abstract-value.ts'
import { callClosure, NO_ARGUMENTS } from './calls.ts'
import type { Closure } from './closure.ts'
import { positioned } from '../errors.ts'
import { LIVE_ERR_UNKNOWN_NODE } from './errors.ts'
import { expressions } from './expressions.ts'
import { FieldNode } from './field-node.ts'
import type { Mark, MarkCount } from './field-node.ts'
import { referenceTo } from './field-reference.ts'
import { Guards } from './guards.ts'
import { computed } from './member.ts'
import { HtmlUses } from './html-uses.ts'
import { noteComputed } from './note-computed.ts'
import { hardLookup, runtimeValues, scopesAround } from './place.ts'
import type { Place, Scope, TemplateContext } from './place.ts'
import { positionOf } from './position-of.ts'
import type { Visit } from './site.ts'
import { statements } from './statements.ts'
import { ALWAYS, beforeRows, both } from './when.ts'

export interface TemplateSource {
  /** The syntax tree of a template, null where there is none of that name. */
  ast (name: string): Node | null
  /** The full name of a template that another one names, relatively perhaps (`./row.njk`). The name as it is by default. */
  resolve? (name: string, from: string): string
}

export interface AnalysisOptions {
  /** Filters that are not nunjucks' own, also where they replace one of the same name: they may read all that they are given. */
  readonly customFilters?: ReadonlySet<string>
  readonly customTests?: ReadonlySet<string>
  /** Functions that every template can call and that are not nunjucks' own, also where they replace one. */
  readonly customGlobals?: ReadonlySet<string>
  /** What the custom ones read, as far as they say. */
  readonly declarations?: Declarations
  /** Which of the custom ones answer with HTML. */
  readonly declaredHtml?: DeclaredHtml
  /** The templates that a name which is not written out may mean. */
  readonly includes?: readonly string[]
  /** Whose filters, tests and globals conditions are evaluated with. */
  readonly environment?: Environment
}

/** One `set` of one name, where a round of the analysis came by. */
export interface SetVisit {
  /** Null for a block set. */
  readonly value: Node | null
  readonly visit: Visit
  /** When the name has its value, as visits are ordered. */
  readonly order: number
  /** True when it runs exactly once where its visit's conditions hold. */
  readonly isSure: boolean
}

/** Inlined calls in one round; beyond, everything counts as read. A program of this size is generated or runs wild. */
const MAX_CALLS = 20_000
/** How often one body may stand on the stack of calls: recursive data is followed that far, and is read whole from there on. */
const MAX_RECURSION = 3
const MAX_NESTING = 6
/** Who reads where a recursion is not followed any further. */
export const RECURSION = 'a recursion, which is followed three deep,'

/** One analysis of one program: the trie it fills, and what the rules of the node types need. */
export class Analysis {
  readonly source: TemplateSource
  readonly options: AnalysisOptions
  readonly roots: Map<string, FieldNode> = new Map()
  readonly templates: Set<string> = new Set()
  /** Names that templates bind themselves. */
  readonly assigned: Set<string> = new Set(['loop', 'caller'])
  /** Those that something else than `set` binds. */
  readonly bound: Set<string> = new Set(['loop', 'caller'])
  /** The `set` statements that this round came by, by the name that they set. */
  readonly sets: Map<string, SetVisit[]> = new Map()
  readonly guards: Guards = new Guards()
  /** Places that name a template by something else than literals. */
  readonly dynamicNames: Map<Node, SourcePosition> = new Map()
  /** Expressions whose objects and lists something may change in place: how they were made does not tell what they hold. */
  readonly changed: Set<Node> = new Set()
  /** What is printed as HTML. */
  readonly html: HtmlUses = new HtmlUses(this)
  /** True when nothing can be left out. */
  everything: boolean = false
  round: number = 0
  readonly #count: MarkCount = { marks: 0, cut: (node) => this.guards.note(node, 'whole', ALWAYS) }
  readonly #active = new Map<Node, number>()
  /** Bodies that call themselves deeper than they are followed. */
  readonly #recursive = new Set<Node>()
  readonly #trees = new Map<string, Node | null>()
  #grown = 0
  #calls = 0

  constructor (source: TemplateSource, options: AnalysisOptions) {
    this.source = source
    this.options = options
  }

  /** Grows with every mark and every pooled value; the analysis is done when it stands still. */
  get size (): number {
    return this.#count.marks + this.#grown
  }

  /** Notes that something outside the trie has been learned, so that another round is due. */
  grow (): void {
    this.#grown++
  }

  /** One tree for each name: macros and blocks are told apart by their nodes. */
  ast (name: string): Node | null {
    let tree = this.#trees.get(name)
    if (tree === undefined) this.#trees.set(name, tree = this.source.ast(name))
    return tree
  }

  beginRound (): void {
    this.round++
    this.#calls = 0
    this.sets.clear()
    this.guards.beginRound()
    this.html.beginRound()
  }

  run (node: Node, place: Place): void {
    const rule = statements[node.typename]
    this.html.within(node, () => {
      if (rule !== undefined) rule(this, node, place)
      else this.evaluate(node, place)
    })
  }

  /** True while a body runs that calls itself deeper than it is followed. */
  get isRecursive (): boolean {
    for (const node of this.#recursive) if ((this.#active.get(node) as number) > 0) return true
    return false
  }

  evaluate (node: Node, place: Place): AbstractValue {
    const rule = expressions[node.typename]
    if (rule === undefined) {
      throw positioned(LIVE_ERR_UNKNOWN_NODE, positionOf(node, place),
        `no rule says what a node of type '${node.typename}' reads; use nunjucks' own syntax or a custom tag`)
    }
    return noteComputed(node, rule(this, node, place))
  }

  /** The value decides or orders something, or goes into a computation. */
  read (value: AbstractValue, mark: Mark, node: Node, place: Place): void {
    const position = positionOf(node, place)
    for (const { node, when } of value.paths) {
      node.mark({ mark, shown: false, position })
      this.guards.note(node, mark, when)
    }
    if (mark === 'whole') for (const part of parts(value)) this.read(part, mark, node, place)
  }

  /** The value goes into the page. */
  show (value: AbstractValue, node: Node, place: Place): void {
    const position = positionOf(node, place)
    for (const { node, when } of value.paths) {
      node.mark({ mark: 'whole', shown: true, position })
      this.guards.note(node, 'whole', when)
    }
    for (const path of value.derived) path.shown = true
    for (const part of parts(value)) this.show(part, node, place)
  }

  /** Everything below is read, as of an object whose fields nobody names. `by` null: by what works on scalars only. */
  readDeep (value: AbstractValue, by: string | null, node: Node, place: Place): void {
    this.read(value, 'whole', node, place)
    if (by === null) return
    for (const { node: path } of value.paths) path.deepAt ??= { ...positionOf(node, place), by, mark: 'whole' }
    for (const part of parts(value)) this.readDeep(part, by, node, place)
  }

  /** The value is given to code that cannot be looked into: it may read all of it and call what can be called. */
  giveAway (value: AbstractValue, by: string | null, node: Node, place: Place): void {
    this.readDeep(value, by, node, place)
    this.callAll(value, node, place)
  }

  /** The value, and all that is in it, may be changed in place. */
  change (value: AbstractValue): void {
    for (const node of makersOf(value)) this.changed.add(node)
  }

  /** Code that has a macro or a caller may call it, whenever it likes. */
  callAll (value: AbstractValue, node: Node, place: Place): void {
    this.guards.anytime(() => {
      for (const closure of closuresIn(value)) callClosure(this, closure, NO_ARGUMENTS, node, place)
    })
  }

  lookup (name: string, node: Node, place: Place): AbstractValue {
    const { context, scope } = place
    const set = context.pool.sets.get(name)
    const hard = hardLookup(scope, name)
    if (hard !== null) return joinAll([hard, set])
    const values = [...runtimeValues(scope, name), set]
    // nunjucks gives these two a value in the nearest frame, so that nothing behind it can be seen.
    if (values.length > 1 && (name === 'loop' || name === 'caller')) return joinAll(values)
    for (let at: typeof context | null = context; at !== null; at = at.parent) values.push(at.definitions.get(name))
    if (context.seesData && !context.definite.has(name)) {
      values.push(valueOf({ paths: new Set([referenceTo(this.root(name, positionOf(node, place)))]) }))
    }
    return joinAll(values)
  }

  root (name: string, position: SourcePosition): FieldNode {
    let root = this.roots.get(name)
    if (root === undefined) {
      root = new FieldNode(name, null, this.#count)
      this.roots.set(name, root)
    }
    root.mentioned ??= position
    return root
  }

  /** Adds to a name that outlives the statement: sets, definitions, exports. */
  pool (names: Map<string, AbstractValue>, name: string, value: AbstractValue, node: Node, place: Place): void {
    const now = beforeRows(this.guards.when)
    const kept = withConditions(this.#poolable(value, node, place), (when) => both(beforeRows(when), now))
    const before = names.get(name)
    const joined = join(before ?? NOTHING, kept)
    if (joined === before) return
    names.set(name, joined)
    this.grow()
  }

  /** Binds a name by something else than `set`. */
  bind (name: string): void {
    this.assigned.add(name)
    this.bound.add(name)
  }

  /** Runs `body`, which is `node`'s and called by `from`, unless it already stands on the stack too often; then `instead`. */
  call (from: Node | null, node: Node, context: TemplateContext, body: () => void, instead: () => void): void {
    const depth = this.#active.get(node) ?? 0
    if (++this.#calls > MAX_CALLS) this.everything = true
    if (depth === MAX_RECURSION || this.#calls > MAX_CALLS) {
      this.#noteRecursion(node)
      return instead()
    }
    this.#active.set(node, depth + 1)
    // A condition that fails in the calls that are followed may hold in those that are not.
    const run = (): void => this.guards.call(from, [node, context.key], body)
    if (this.#recursive.has(node)) this.guards.blindly(run)
    else run()
    this.#active.set(node, depth)
  }

  #noteRecursion (node: Node): void {
    if (this.#recursive.has(node)) return
    this.#recursive.add(node)
    this.grow()
  }

  /** Code that is not followed any further could read all that is bound around it. */
  readScope (scope: Scope, node: Node, place: Place): void {
    for (const around of scopesAround(scope)) {
      for (const value of [...around.hard.values(), ...around.soft.values()]) this.readDeep(value, RECURSION, node, place)
    }
  }

  #poolable (value: AbstractValue, node: Node, place: Place): AbstractValue {
    const callers = [...closuresIn(value)].some((closure) => closure.node.typename === 'Caller')
    if (!callers && nesting(value) <= MAX_NESTING) return value
    this.guards.anytime(() => this.giveAway(value, 'a value that holds itself', node, place))
    return computed(value)
  }
}

function closuresIn (value: AbstractValue): Set<Closure> {
  const found = new Set(value.closures)
  for (const part of parts(value)) for (const closure of closuresIn(part)) found.add(closure)
  return found
}
