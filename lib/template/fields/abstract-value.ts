import type { Node } from '../nunjucks.ts'
import type { FieldNode } from './field-node.ts'
import { covered, joinReferences, referenceTo } from './field-reference.ts'
import type { FieldReference } from './field-reference.ts'
import type { Closure } from './closure.ts'
import { both, whenOf } from './when.ts'
import type { Step, When } from './when.ts'

/** What an expression may evaluate to, as far as can be known at boot. Immutable; joined where several things are possible. */
export interface AbstractValue {
  /** Places in the data that it may be, not copied: reading it reads them. */
  readonly paths: ReadonlySet<FieldReference>
  /** Data that it was computed from and that has been read already. */
  readonly derived: ReadonlySet<FieldNode>
  /** Named parts of dict literals, modules, pairs. */
  readonly fields: ReadonlyMap<string, AbstractValue> | null
  /** Elements of a computed list. */
  readonly list: AbstractValue | null
  /** Values of a computed object whose keys are data. */
  readonly map: AbstractValue | null
  /** Macros and callers that it may be. */
  readonly closures: ReadonlySet<Closure>
  /** The expressions that made it, where it is an object or a list of the rendering's own: it may be changed in place. */
  readonly made: ReadonlySet<Node>
  /** The expressions that computed it, where it is neither a place in the data nor written out; null for one that is not told. */
  readonly computed: ReadonlySet<Node | null>
  /** The HTML that it may be, of the engine's making. */
  readonly html: Html
  /** The expressions that made the objects and lists which it was taken from: they may have been changed in place. */
  readonly within: ReadonlySet<Node>
}

/** `text`: of filters, as text. `tree`: of macros, a rendering. */
export type Html = 'none' | 'text' | 'tree' | 'both'

const NONE: ReadonlySet<never> = new Set<never>()

export const NOTHING: AbstractValue =
  Object.freeze({ paths: NONE, derived: NONE, fields: null, list: null, map: null, closures: NONE, made: NONE, computed: NONE, html: 'none', within: NONE })

export function valueOf (parts: Partial<AbstractValue>): AbstractValue {
  return {
    paths: parts.paths ?? NONE,
    derived: parts.derived ?? NONE,
    fields: parts.fields ?? null,
    list: parts.list ?? null,
    map: parts.map ?? null,
    closures: parts.closures ?? NONE,
    made: parts.made ?? NONE,
    computed: parts.computed ?? NONE,
    html: parts.html ?? 'none',
    within: parts.within ?? NONE,
  }
}

export function joinAll (values: Iterable<AbstractValue | undefined>): AbstractValue {
  let joined = NOTHING
  for (const value of values) if (value !== undefined) joined = join(joined, value)
  return joined
}

/** Gives `a` itself back when `b` adds nothing: that is how growth is noticed. */
export function join (a: AbstractValue, b: AbstractValue): AbstractValue {
  if (a === b || covers(a, b)) return a
  if (a === NOTHING) return b
  return {
    paths: joinReferences(a.paths, b.paths),
    derived: union(a.derived, b.derived),
    fields: joinFields(a.fields, b.fields),
    list: joinOptional(a.list, b.list),
    map: joinOptional(a.map, b.map),
    closures: union(a.closures, b.closures),
    made: union(a.made, b.made),
    computed: union(a.computed, b.computed),
    html: joinHtml(a.html, b.html),
    within: union(a.within, b.within),
  }
}

function covers (a: AbstractValue, b: AbstractValue): boolean {
  return covered(b.paths, a.paths) && within(b.derived, a.derived) && within(b.closures, a.closures) && within(b.made, a.made) &&
    within(b.computed, a.computed) && within(b.within, a.within) && joinHtml(a.html, b.html) === a.html &&
    optionalCovers(a.list, b.list) && optionalCovers(a.map, b.map) && fieldsCover(a.fields, b.fields)
}

function joinHtml (a: Html, b: Html): Html {
  if (a === b || b === 'none') return a
  return a === 'none' ? b : 'both'
}

function optionalCovers (a: AbstractValue | null, b: AbstractValue | null): boolean {
  return b === null || (a !== null && covers(a, b))
}

function fieldsCover (a: AbstractValue['fields'], b: AbstractValue['fields']): boolean {
  if (b === null) return true
  if (a === null) return false
  for (const [name, value] of b) {
    const own = a.get(name)
    if (own === undefined || !covers(own, value)) return false
  }
  return true
}

function within<T> (small: ReadonlySet<T>, big: ReadonlySet<T>): boolean {
  for (const item of small) if (!big.has(item)) return false
  return true
}

function union<T> (a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  if (within(b, a)) return a
  return new Set([...a, ...b])
}

function joinOptional (a: AbstractValue | null, b: AbstractValue | null): AbstractValue | null {
  if (a === null || b === null) return a ?? b
  return join(a, b)
}

function joinFields (a: AbstractValue['fields'], b: AbstractValue['fields']): AbstractValue['fields'] {
  if (a === null || b === null) return a ?? b
  const joined = new Map(a)
  for (const [name, value] of b) joined.set(name, join(joined.get(name) ?? NOTHING, value))
  return joined
}

/** How deep literals nest: `{% set x = { next: x } %}` would nest for ever. */
export function nesting (value: AbstractValue): number {
  let deepest = 0
  for (const part of parts(value)) deepest = Math.max(deepest, 1 + nesting(part))
  return deepest
}

/** The values directly inside: fields, list elements, map values. */
export function * parts (value: AbstractValue): Generator<AbstractValue> {
  if (value.fields !== null) yield * value.fields.values()
  if (value.list !== null) yield value.list
  if (value.map !== null) yield value.map
}

/** Everything that the value was made from, as the history of a computed value. */
export function origins (...values: readonly AbstractValue[]): ReadonlySet<FieldNode> {
  const all = new Set<FieldNode>()
  for (const value of values) {
    for (const { node } of value.paths) all.add(node)
    for (const node of value.derived) all.add(node)
    for (const part of parts(value)) for (const node of origins(part)) all.add(node)
  }
  return all
}

/** The value of an expression that may make a new object each time. */
export function madeBy (node: Node, value: AbstractValue): AbstractValue {
  return { ...value, made: new Set([...value.made, node]) }
}

/** Every expression that made the value, or something in it. */
export function makersOf (...values: readonly AbstractValue[]): ReadonlySet<Node> {
  const all = new Set<Node>()
  for (const value of values) {
    for (const node of value.made) all.add(node)
    for (const part of parts(value)) for (const node of makersOf(part)) all.add(node)
  }
  return all
}

/** The value where the steps hold besides. */
export function guarded (value: AbstractValue, steps: readonly Step[]): AbstractValue {
  if (steps.length === 0) return value
  const when = whenOf(steps)
  return withConditions(value, (own) => both(own, when))
}

/** The value with its references under other conditions. */
export function withConditions (value: AbstractValue, change: (when: When) => When): AbstractValue {
  const { paths, fields, list, map } = value
  if (paths.size === 0 && fields === null && list === null && map === null) return value
  return {
    ...value,
    paths: new Set([...paths].map(({ node, when }) => referenceTo(node, change(when)))),
    fields: fields === null ? null : new Map([...fields].map(([name, part]) => [name, withConditions(part, change)])),
    list: list === null ? null : withConditions(list, change),
    map: map === null ? null : withConditions(map, change),
  }
}
