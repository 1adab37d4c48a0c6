import { contextualText } from './output/contextual-text.ts'
import { ContextFacade, tagFacade } from './context-facade.ts'
import { isEnclosed } from './enclosed-bodies.ts'
import { LIVE_ERR_HTML_TRUST } from './errors.ts'
import { leadsToCode, mayRead, ownName } from './hardened-lookups.ts'
import { bindMacro, makeKeywordArgs } from './live-macro.ts'
import { liveMethod } from './live-methods.ts'
import { SafeString, runtime as nunjucks } from './nunjucks.ts'
import type { Context, Frame } from './nunjucks.ts'
import { ordinary, sequence, textOf } from './ordinary.ts'
import { giveTree, memberLookup, print, runtime } from './runtime.ts'
import type { TreeRuntime } from './runtime.ts'
import type { Shape } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import { Html, Tree, TreeText } from './tree.ts'
import type { List, Slot } from './tree.ts'
import { safeFilter } from './trust-filters.ts'
import { missingOf } from './unavailable.ts'

type Function = (...args: any[]) => any

/** The runtime of templates outside of compatible mode: lookups are hardened, and only what the engine made is HTML. */
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

function livePrint (value: any, autoescape: boolean, context?: Context, holder?: Shape, slot?: number): Slot {
  if (typeof value === 'object' && value !== null) return printObject(value, autoescape, context, holder, slot)
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

/** Functions of the application see no context; macros keep theirs. */
function liveCallWrap (target: any, name: string, context: Context, args: unknown[]): any {
  const isMacro = typeof target === 'function' && target[giveTree] !== undefined
  return nunjucks.callWrap(target, name, isMacro ? context : new ContextFacade(context.env, 'function', name), args)
}

function liveCallTree (target: any, name: string, context: Context, args: unknown[]): any {
  const tree = typeof target === 'function' ? target[giveTree] : undefined
  return tree ? tree.apply(context, args) : liveCallWrap(target, name, context, args)
}

function liveContextFor (context: Context, tag: string): unknown {
  return tagFacade(context, tag, (context.env as TemplateEnvironment).declarations.tags.get(tag))
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

function liveKeepTree (value: any, context: Context): any {
  const filter = context.env.getFilter('safe')
  return value instanceof Tree && filter === safeFilter ? value : filter.call(context, asText(value))
}

function liveBoth (list: List, otherwise: Tree): Slot {
  if (list.rows.length === 0) return otherwise
  const rows = list.rows.map((row) => contextualText(list.shape, row))
  return new Html(rows.join('') + contextualText(otherwise.shape, otherwise.slots))
}
