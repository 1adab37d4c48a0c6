import { admitTree } from './admit.ts'
import { admitted, candidatesOf } from './candidates.ts'
import { Environment, SafeString, escape, runtime as nunjucks } from './nunjucks.ts'
import type { Context, Frame, RenderCallback, RenderFunction, Runtime } from './nunjucks.ts'
import type { Shape } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import { Html, Tree, flatten, flattenBody } from './tree.ts'
import type { List, Slot } from './tree.ts'

type Function = (...args: any[]) => any

// A symbol, so that templates, which look up strings, cannot reach the function that gives structure.
export const giveTree: unique symbol = Symbol('giveTree')

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
export function print (value: any, autoescape: boolean, context?: Context, holder?: Shape, slot?: number): Slot {
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

/** A macro gives templates a SafeString as in nunjucks, and its tree to a call that is printed as it is. */
function makeMacro (args: string[], kwargs: string[], body: Function): Function {
  const tree = nunjucks.makeMacro(args, kwargs, body)
  return Object.assign(function macro (this: unknown, ...args: unknown[]) {
    return new SafeString(String(tree.apply(this, args)))
  }, { [giveTree]: tree })
}

function callTree (target: any, name: string, context: Context, args: unknown[]): any {
  const tree = typeof target === 'function' ? target[giveTree] : undefined
  return tree ? tree.apply(context, args) : runtime.callWrap(target, name, context, args)
}

/** What a custom tag gets first. */
function contextFor (context: Context): Context {
  return context
}

export function memberLookup (target: any, key: any, ...rest: any[]): any {
  const value = nunjucks.memberLookup(target, key, ...rest)
  // nunjucks wraps functions to keep `this`; a wrapped macro must still be known as one.
  if (typeof value === 'function' && target[key]?.[giveTree]) value[giveTree] = target[key][giveTree]
  return value
}

/** `| safe` on a call that is printed: it changes nothing, so the structure stays. */
function keepTree (value: any, context: Context): any {
  const filter = context.env.getFilter('safe')
  return value instanceof Tree && filter === plainSafe ? value : filter.call(context, safe(value))
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
