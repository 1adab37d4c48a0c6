import { LiveTemplate } from './live-template.ts'
import type { Context, Environment, Frame, RenderCallback } from './nunjucks.ts'
import { Gap } from './rescue-gap.ts'
import { liveRuntime } from './live-runtime.ts'
import type { TreeRuntime } from './runtime.ts'
import type { Shape } from './shape.ts'
import type { TemplateEnvironment } from './template-environment.ts'
import type { List, Slot, Tree } from './tree.ts'
import { NotLoaded, missingOf, touchOf } from './unavailable.ts'

type Callback = (error: unknown, result?: unknown) => void

/** What the code of RescueCompiler calls. */
const rescueRuntime: TreeRuntime = Object.assign(Object.create(liveRuntime), {
  ...{ attempt, attemptItems, attemptLater, bindMissing, both, contextFor, contextOrFrameLookup, exported, find, findParent },
  ...{ gap, gapOf, imported, include, known, placeholder, print, taken, undecided }
})

const twins = new WeakMap<LiveTemplate, LiveTemplate>()

/** The template as it renders around missing data. Its code is made when first asked for. */
export function twinOf (template: LiveTemplate): LiveTemplate {
  // What `ignore missing` gives is nunjucks' own, and empty.
  if (!(template instanceof LiveTemplate)) return template
  const known = twins.get(template)
  if (known !== undefined) return known
  template.compile()
  const functions = template.compilation!.rescuing(rescueRuntime)
  const twin: LiveTemplate = Object.create(template, {
    blocks: { value: template._getBlocks(functions) },
    rootRenderFunc: { value: functions['root'] }
  })
  twins.set(template, twin)
  return twin
}

function exported (
  template: LiveTemplate, data: object | null, frame: Frame | null, context: Context, cb: RenderCallback
): void {
  liveRuntime.exported(twinOf(template), data, frame, context, cb)
}

function include (template: LiveTemplate, context: Context, frame: Frame, cb: RenderCallback): void {
  liveRuntime.include(twinOf(template), context, frame, cb)
}

/** The touch of what failed or is pending. What was not needed and is touched now has to be loaded: it goes up. */
function rescuable (error: unknown): NotLoaded {
  const touch = touchOf(error)
  if (touch === null || touch.missing.why === 'unneeded') throw error
  return touch
}

function gap (error: unknown): Gap {
  return new Gap(rescuable(error))
}

function placeholder (error: unknown): object {
  return rescuable(error).placeholder
}

/** Conditions and loops would take a placeholder for something that is there, so that naming one fails here. */
function known (value: unknown): unknown {
  const missing = missingOf(value)
  if (missing !== null && missing.why !== 'unneeded') throw new NotLoaded(missing, value as object)
  return value
}

function contextOrFrameLookup (context: Context, frame: Frame, name: string): unknown {
  return known(liveRuntime.contextOrFrameLookup(context, frame, name))
}

/** A tag gets the names that it declares, and would ask of a placeholder only whether it is there. */
function contextFor (context: Context, tag: string): unknown {
  const { declarations } = context.env as TemplateEnvironment
  for (const [root] of declarations.tags.get(tag) ?? []) known(context.lookup(root as string))
  return liveRuntime.contextFor(context, tag)
}

function attempt (evaluate: () => unknown): unknown {
  try {
    return evaluate()
  } catch (error) {
    return placeholder(error)
  }
}

function attemptLater (run: (done: Callback) => void, instead: (error: unknown) => unknown, cb: Callback): void {
  let called = false
  const done: Callback = (error, result) => {
    called = true
    if (!error) return cb(null, result)
    let value: unknown
    try {
      value = instead(error)
    } catch (other) {
      return cb(other)
    }
    cb(null, value)
  }
  try {
    run(done)
  } catch (error) {
    // What the callback itself threw comes back through here.
    if (called) throw error
    done(error)
  }
}

function bindMissing (names: readonly string[], { touch }: Gap, frame: Frame, context: Context): object {
  for (const name of names) {
    frame.set(name, touch.placeholder, true)
    if (frame.topLevel) context.setVariable(name, touch.placeholder)
  }
  return touch.placeholder
}

const gapsOfItems = new WeakMap<object, Gap>()

function attemptItems (list: () => unknown): unknown {
  try {
    return list()
  } catch (error) {
    const items: unknown[] = []
    gapsOfItems.set(items, gap(error))
    return items
  }
}

function gapOf (items: any): Gap | undefined {
  return gapsOfItems.get(items)
}

function both (list: List, otherwise: Tree): Slot {
  try {
    return liveRuntime.both(list, otherwise)
  } catch (error) {
    return gap(error)
  }
}

function print (value: any, autoescape: boolean, context?: Context, holder?: Shape, slot?: number): Slot {
  return value instanceof Gap ? value : liveRuntime.print(value, autoescape, context, holder, slot)
}

function taken (result: unknown): Slot {
  return result instanceof Gap ? result : liveRuntime.taken(result)
}

function find (
  env: Environment, name: () => unknown, from: string, ignoreMissing: boolean, cb: Callback, use: (template: LiveTemplate) => void
): void {
  env.getTemplate(name(), false, from, ignoreMissing, (error: unknown, template: LiveTemplate) => {
    if (error) cb(error)
    else use(template)
  })
}

function findParent (env: Environment, name: () => unknown, from: string, ignoreMissing: boolean, cb: Callback): void {
  find(env, () => decided(name), from, ignoreMissing, cb, (found) => cb(null, twinOf(found)))
}

/** The name of a parent. */
function decided (name: () => unknown): unknown {
  try {
    return name()
  } catch (error) {
    throw undecided(error)
  }
}

/** Which template a page extends decides about everything in it: nothing can stand in for that. */
function undecided (error: unknown): unknown {
  const touch = touchOf(error)
  if (touch === null || touch.missing.why === 'unneeded') return error
  const { loader, why } = touch.missing
  return new Error(`which template this one extends depends on the data of loader '${loader}', which is ${why}`)
}

function imported (exported: any, name: string): unknown {
  if (missingOf(exported) !== null) return exported
  if (!Object.hasOwn(exported, name)) throw new Error(`cannot import '${name}'`)
  return exported[name]
}
