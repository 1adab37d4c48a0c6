import { admitTree } from './admit.ts'
import { admitted, candidatesOf } from './candidates.ts'
import { ContextFacade, tagFacade } from './context-facade.ts'
import { Context, Environment, SafeString, escape, runtime as nunjucks } from './nunjucks.ts'
import type { Frame, RenderCallback, RenderFunction, Runtime } from './nunjucks.ts'
import { bindMacro, makeKeywordArgs } from './live-macro.ts'
import { leadsToCode, mayRead, ownName } from './hardened-lookups.ts'
import { liveMethod } from './live-methods.ts'
import type { Shape } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import { contextualText } from '../render/contextual-text.ts'
import { isEnclosed } from './enclosed-bodies.ts'
import { LIVE_ERR_HTML_TRUST } from './errors.ts'
import { Html, Tree, TreeText, flatten, flattenBody } from './tree.ts'
import type { List, Slot } from './tree.ts'
import { safeFilter } from './trust-filters.ts'
import { ordinary, sequence, textOf } from './ordinary.ts'
import { missingOf } from './unavailable.ts'

type Function = (...args: any[]) => any

// A symbol, so that templates, which look up strings, cannot reach the function that gives structure.
const giveTree = Symbol('giveTree')

const plainSafe = new Environment([]).filters['safe'] as Function

/** nunjucks' runtime and what generated code needs for trees. It inherits: patches of nunjucks' own runtime show. */
export const runtime: TreeRuntime = Object.assign(Object.create(nunjucks), {
  admitted,
  bindLoop,
  both,
  callTree,
  contextFor,
  discard,
  exported,
  flat: flattenBody,
  include,
  keepTree,
  makeMacro,
  memberLookup,
  print,
  rowsOf: nunjucks.fromIterator,
  safe,
  taken,
})

/** The same where lookups are hardened, outside of compatible mode. */
export const liveRuntime: TreeRuntime = Object.assign(Object.create(runtime), {
  both: liveBoth,
  callTree: liveCallTree,
  callWrap: liveCallWrap,
  contextFor: liveContextFor,
  contextOrFrameLookup: ownLookup,
  flat: contextualText,
  inOperator: ownKeyIn,
  keepTree: liveKeepTree,
  makeKeywordArgs,
  makeMacro: liveMakeMacro,
  memberLookup: ownMember,
  ordinary,
  print: livePrint,
  rowsOf,
  safe: asText,
})

export interface TreeRuntime extends Runtime {
  both (list: List, otherwise: Tree): Slot
  contextFor (context: Context, tag: string): unknown
  exported (template: any, data: object | null, frame: Frame | null, context: Context, cb: RenderCallback): void
  include (template: any, context: Context, frame: Frame, cb: RenderCallback): void
  print (value: any, autoescape: boolean, context?: Context, holder?: Shape, slot?: number): Slot
  rowsOf (value: any): any
  taken (result: unknown): Slot
}

/** The slot of `{{ value }}`: what nunjucks' suppressValue and concatenation would make of it, unescaped where possible. */
function print (value: any, autoescape: boolean, context?: Context, holder?: Shape, slot?: number): Slot {
  switch (typeof value) {
    case 'string': return autoescape ? value : new Html(value)
    // -0, NaN and Infinity do not survive JSON; as text they do.
    case 'number': return Number.isFinite(value) && !Object.is(value, -0) ? value : String(value)
    case 'boolean': return value
    case 'undefined': return ''
  }
  if (value === null) return ''
  if (value instanceof Tree) {
    if (holder) {
      const { env } = context as Context
      admitTree(env as TemplateEnvironment, value, holder, slot as number, candidatesOf(context as Context))
    }
    return value
  }
  if (!autoescape || value instanceof SafeString) return new Html('' + value)
  const text = value.toString()
  // A toString that gives no string fails, or not, exactly as it does in nunjucks.
  return typeof text === 'string' ? text : new Html('' + escape(text))
}

function livePrint (value: any, autoescape: boolean, context?: Context, holder?: Shape, slot?: number): Slot {
  switch (typeof value) {
    case 'string': return autoescape ? value : new Html(value)
    case 'number': return Number.isFinite(value) && !Object.is(value, -0) ? value : String(value)
    case 'boolean': return value
    case 'undefined': return ''
    case 'object': return value === null ? '' : printObject(value, autoescape, context, holder, slot)
  }
  return print(value, autoescape)
}

/** Only what the engine made itself is HTML: a tree, or what its own filters answer with. */
function printObject (value: object, autoescape: boolean, context?: Context, holder?: Shape, slot?: number): Slot {
  if (value instanceof Html) return value
  const tree = value instanceof Tree ? value : TreeText.treeOf(value)
  if (tree !== null && holder !== undefined) return print(tree, autoescape, context, holder, slot)
  if (tree !== null) return new Html(contextualText(tree.shape, tree.slots))
  if (!autoescape) return new Html('' + value)
  if (value instanceof SafeString) return foreign(value, holder, slot)
  return textOf(value)
}

/** In attributes and texts of elements everything is escaped once more, and nothing has to be trusted. */
function foreign (value: SafeString, holder?: Shape, slot?: number): Slot {
  const layout = holder?.layout
  const part = layout?.parts[layout.partOf[slot as number] as number]
  if (part === undefined ? holder !== undefined && isEnclosed(holder) : part.kind !== 'hole') return new Html(String(value))
  throw new LIVE_ERR_HTML_TRUST('what is printed here says that it is HTML, and the engine did not make it: a SafeString of the ' +
    'application, or what a filter made of HTML. Print it as text; let {{ ... | sanitize }} come last; or let the filter, function or ' +
    'tag of the application that makes it say so: addFilter(name, filter, { html: true })')
}

/** A macro gives templates a SafeString as in nunjucks, and its tree to a call that is printed as it is. */
function makeMacro (args: string[], kwargs: string[], body: Function): Function {
  const tree = nunjucks.makeMacro(args, kwargs, body)
  return Object.assign(function macro (this: unknown, ...args: unknown[]) {
    return new SafeString(String(tree.apply(this, args)))
  }, { [giveTree]: tree })
}

function liveMakeMacro (args: string[], kwargs: string[], body: Function): Function {
  const tree = bindMacro(args, kwargs, body)
  return Object.assign(function macro (this: unknown, ...given: unknown[]) {
    return asText(tree.apply(this, given))
  }, { [giveTree]: tree })
}

/** What templates get of a tree: of a macro, or of a super() that is used inside an expression. */
function asText (value: any): any {
  return value instanceof Tree ? new TreeText(value, contextualText(value.shape, value.slots)) : value
}

function callTree (target: any, name: string, context: Context, args: unknown[]): any {
  const tree = typeof target === 'function' ? target[giveTree] : undefined
  return tree ? tree.apply(context, args) : runtime.callWrap(target, name, context, args)
}

/** Functions of the application see no context; macros keep theirs. */
function liveCallWrap (target: any, name: string, context: Context, args: unknown[]): any {
  const isMacro = typeof target === 'function' && target[giveTree] !== undefined
  return nunjucks.callWrap(target, name, isMacro ? context : new ContextFacade(context.env, 'function', name), args)
}

function liveCallTree (target: any, name: string, context: Context, args: unknown[]): any {
  const tree = typeof target === 'function' ? target[giveTree] : undefined
  return tree ? tree.apply(context, args) : liveCallWrap(target, name, context, args)
}

/** What a custom tag gets first. */
function contextFor (context: Context): Context {
  return context
}

function liveContextFor (context: Context, tag: string): unknown {
  return tagFacade(context, tag, (context.env as TemplateEnvironment).declarations.tags.get(tag))
}

function memberLookup (target: any, key: any, ...rest: any[]): any {
  const value = nunjucks.memberLookup(target, key, ...rest)
  // nunjucks wraps functions to keep `this`; a wrapped macro must still be known as one.
  if (typeof value === 'function' && target[key]?.[giveTree]) value[giveTree] = target[key][giveTree]
  return value
}

const { hasOwn } = Object

function ownMember (target: any, key: any, ...rest: any[]): any {
  if (target === undefined || target === null || rest.length > 0) return memberLookup(target, key, ...rest)
  // `{% set customer = order.customer %}`: a part of data that nothing shown reads is looked up, and used under conditions only.
  if (typeof target === 'function' && missingOf(target)?.why === 'unneeded') return target
  // Fields of rows and records: nearly every lookup there is, and a third of what rendering a table costs.
  if (typeof key === 'string' && hasOwn(target, key) && !leadsToCode(key)) {
    const value = target[key]
    if (typeof value !== 'function') return value
  }
  const name = typeof key === 'string' || typeof key === 'number' ? key : textOf(key)
  if (!mayRead(target, name)) return undefined
  const value = target[name]
  const method = typeof value === 'function' ? liveMethod(target, String(name), value) : null
  if (method !== null) return method
  // Not to be wrapped like a method: `[order.customer, user][0]`.
  return missingOf(value) === null ? memberLookup(target, name) : value
}

function ownKeyIn (key: any, target: any): boolean {
  const isObject = Object.prototype.toString.call(target) === '[object Object]'
  // A list is searched for the very key, a text for the key's text.
  return isObject ? mayRead(target, textOf(key)) : nunjucks.inOperator(Array.isArray(target) ? key : ordinary(key), target)
}

/** What a loop with one name walks. A `length` alone makes no list: `{"length":1e9}` would be as many rows. */
function rowsOf (value: any): any {
  return sequence(nunjucks.fromIterator(value))
}

function ownLookup (context: Context, frame: Frame, name: string): unknown {
  const value = frame.lookup(name)
  return value === undefined ? ownName(context, name) : value
}

/** `| safe` on a call that is printed: it changes nothing, so the structure stays. */
function keepTree (value: any, context: Context): any {
  const filter = context.env.getFilter('safe')
  return value instanceof Tree && filter === plainSafe ? value : filter.call(context, safe(value))
}

function liveKeepTree (value: any, context: Context): any {
  const filter = context.env.getFilter('safe')
  return value instanceof Tree && filter === safeFilter ? value : filter.call(context, asText(value))
}

/** The text of a super() that is used inside an expression. */
function safe (value: any): any {
  return value instanceof Tree ? new SafeString(String(value)) : value
}

/** What a block, an include or super() gave: a tree, or the text of a template that nunjucks itself compiled. */
function taken (result: any): Slot {
  return result instanceof Tree || result === '' ? result : new Html(String(result))
}

/** A block of a template that has a parent: only the parent's places show it. */
function discard (...args: Parameters<RenderFunction>): void {
  args[4](null, '')
}

function include (template: any, context: Context, frame: Frame, cb: RenderCallback): void {
  // What `ignore missing` gives instead of a missing template is nunjucks' own, and empty.
  if (typeof template.renderTree === 'function') template.renderTree(context.getVariables(), frame, cb, candidatesOf(context))
  else template.render(context.getVariables(), frame, cb)
}

function exported (template: any, data: object | null, frame: Frame | null, context: Context, cb: RenderCallback): void {
  template.getExported(data, frame, cb, context)
}

/** An object without own but with inherited keys has rows and its else body, in nunjucks; they become plain text. */
function both (list: List, otherwise: Tree): Slot {
  return list.rows.length > 0 ? new Html(flatten(list) + flatten(otherwise)) : otherwise
}

function liveBoth (list: List, otherwise: Tree): Slot {
  if (list.rows.length === 0) return otherwise
  const rows = list.rows.map((row) => contextualText(list.shape, row))
  return new Html(rows.join('') + contextualText(otherwise.shape, otherwise.slots))
}

/** The `loop` object, one for all iterations as in nunjucks; seven calls of Frame.set for its fields are half a loop's time. */
function bindLoop (frame: Frame, index: number, length: number): void {
  const loop: any = frame.variables['loop'] || (frame.variables['loop'] = {})
  loop.index = index + 1
  loop.index0 = index
  loop.revindex = length - index
  loop.revindex0 = length - index - 1
  loop.first = index === 0
  loop.last = index === length - 1
  loop.length = length
}
