import { checkFlat } from './check-flat.ts'
import { contextKey } from './context-key.ts'
import { htmlError } from './errors.ts'
import { layoutKey } from './layout-writer.ts'
import { createState, current, fork } from './parser-state.ts'
import { positionAt } from './position-at.ts'
import { templateRoots } from './resolve-bodies.ts'
import { walkBody } from './walk-body.ts'
import type { ParserState } from './parser-state.ts'
import type { Chain, Filling, Fillings, PlacesSource, TemplateSource } from './resolve-bodies.ts'
import type { Layout } from '../layout.ts'
import type { Shape, SlotSource } from '../shape.ts'

/** Where a body is to stand: the parser's state at a hole. Opaque; got from `placeOf`. */
export interface Place {
  readonly state: ParserState
  readonly chain: Chain
}

/** One run over templates; what it has walked before in an equal context is not walked again. */
interface Run {
  readonly source: PlacesSource
  readonly walked: Map<Shape, Set<string>>
  readonly open: Set<Shape>
  readonly templates: Set<TemplateSource>
}

/** The places of each hole, by what a body can notice of them. */
const places = new WeakMap<Shape, Map<number, Map<string, Place>>>()

/**
 * Fills the `layout` of every shape that can stand between tags when the page of template `entry` is rendered, and
 * refuses templates whose values stand where they cannot be made safe or found again.
 */
export function analysePlaces (source: PlacesSource, entry: string): void {
  const run: Run = { source, walked: new Map(), open: new Set(), templates: new Set() }
  for (const filling of templateRoots(source, entry)) walkAlways(run, filling, createState('prolog'))
}

/** Analyses one body that a slot gives at run time, in the slot's place; null is any place, as for a macro. */
export function analyseShape (source: PlacesSource, shape: Shape, place: Place | null): void {
  const run: Run = { source, walked: new Map(), open: new Set(), templates: new Set() }
  const state = place === null ? createState('fragment') : fork(place.state)
  walkBalanced(run, { shape, chain: place?.chain ?? [] }, state, place === null ? 'macro' : 'include')
}

/** Analyses a template that a hole includes under a name known only at run time. */
export function analyseInclude (source: PlacesSource, name: string, place: Place): void {
  const run: Run = { source, walked: new Map(), open: new Set(), templates: new Set() }
  for (const filling of templateRoots(source, name)) walkBalanced(run, filling, fork(place.state), 'include')
}

/** The place of a hole that was analysed, for `analyseShape`. */
export function placeOf (shape: Shape, slot: number): Place | null {
  return placesOf(shape, slot).at(-1) ?? null
}

/** All places that a hole has stood in so far: a macro's body may be shown in several. The last one known comes last. */
export function placesOf (shape: Shape, slot: number): readonly Place[] {
  return [...places.get(shape)?.get(slot)?.values() ?? []]
}

function walkAlways (run: Run, filling: Filling, state: ParserState): void {
  const { shape, chain } = filling
  if (run.open.has(shape)) return
  run.open.add(shape)
  for (const template of chain) walkMacros(run, template)
  const before = fork(state)
  settle(shape, before, walk(run, filling, state))
  run.open.delete(shape)
}

/** A body that comes and goes, or that is put in by itself: what it opens it closes, and nothing else. */
function walkBalanced (run: Run, filling: Filling, state: ParserState, body: string): void {
  const { shape, chain } = filling
  const key = contextKey(state)
  const walked = run.walked.get(shape) ?? new Set()
  run.walked.set(shape, walked)
  if (walked.has(key)) return
  walked.add(key)
  for (const template of chain) walkMacros(run, template)
  state.floor = state.stack.length
  state.body = body
  const formatting = state.formatting.length
  const before = fork(state)
  const layout = walk(run, filling, state)
  const left = state.stack[state.floor] ?? state.formatting[formatting]
  if (left !== undefined && left !== null) {
    const index = shape.statics.length - 1
    const at = positionAt(shape, index, (shape.statics[index] as string).length)
    throw htmlError('LIVE_ERR_HTML_BALANCE', at, `this ${body} leaves <${left.name}> open`,
      `Write "</${left.name}>" before the end of the ${body}.`)
  }
  settle(shape, before, layout)
}

function walk (run: Run, { shape, chain }: Filling, state: ParserState): Layout {
  return walkBody(run.source, shape, chain, state, (slot, fillings, owner, index) => {
    remember(owner, index, { state: fork(state), chain })
    if (slot.kind === 'output' || slot.kind === 'flat') checkFlat(run.source, slot, chain, () => null)
    else enter(run, slot, fillings, state)
  })
}

function enter (run: Run, slot: SlotSource, fillings: Fillings, state: ParserState): void {
  for (const filling of fillings.inherited) walkInherited(run, filling, state)
  if (fillings.always && state.body === null) {
    const began = state.phase
    for (const filling of fillings.fillings) walkAlways(run, filling, state)
    if (began !== 'head' || state.phase === 'head') return
    throw htmlError('LIVE_ERR_HTML_PARSER', slot.position, `this ${BODY[slot.kind] as string} begins in the head and ends in the ` +
      'body: the browser puts its marks in different places', 'Write </head> and <body> out in front of it.')
  }
  for (const filling of fillings.fillings) {
    const inner = fork(state)
    walkBalanced(run, filling, inner, BODY[slot.kind] as string)
    state.family ??= inner.family
    state.marks = Math.max(state.marks, inner.marks)
  }
}

const BODY: Readonly<Record<string, string>> = { branch: 'branch', loop: 'loop body', block: 'block', include: 'include' }

/** Whether `super()` is called is not known: a whole document in an overridden block is nobody's super(). */
function walkInherited (run: Run, filling: Filling, state: ParserState): void {
  if (state.phase === 'prolog' || state.phase === 'html' || state.phase === 'after head') return
  walkBalanced(run, filling, fork(state), 'block')
}

function walkMacros (run: Run, template: TemplateSource): void {
  if (run.templates.has(template)) return
  run.templates.add(template)
  for (const shape of template.macros) walkBalanced(run, { shape, chain: [] }, createState('fragment'), 'macro')
  for (const name of template.imports ?? []) walkMacros(run, run.source.template(name))
}

function remember (shape: Shape, slot: number, place: Place): void {
  const known = places.get(shape) ?? new Map<number, Map<string, Place>>()
  places.set(shape, known)
  const here = known.get(slot) ?? new Map<string, Place>()
  known.set(slot, here)
  const key = place.state.stack.length === 0 ? '' : contextKey(place.state)
  here.delete(key)
  here.set(key, place)
}

const namespaces = new WeakMap<Shape, string>()

/** One body has one layout: the browser gets its markup once, whatever the place. */
function settle (shape: Shape, state: ParserState, layout: Layout): void {
  const namespace = current(state)?.namespace ?? 'html'
  if (shape.layout === null) {
    shape.layout = layout
    namespaces.set(shape, namespace)
  } else if (layoutKey(shape.layout) !== layoutKey(layout) || namespaces.get(shape) !== namespace) {
    throw htmlError('LIVE_ERR_HTML_CONTEXT', shape.position,
      'this body is used in two places where the browser reads it differently',
      'Write implied tags such as <tbody> out in it, or use two templates, one for each place.')
  }
}
