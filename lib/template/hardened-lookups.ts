import { SafeString } from './nunjucks.ts'
import type { Context } from './nunjucks.ts'

/** Names that lead from data to code (`range.constructor("…")()`), whoever owns them. */
const FORBIDDEN: ReadonlySet<unknown> = new Set(['constructor', '__proto__', 'prototype'])

/** What values of these kinds have beside what they own: their length, their methods. */
const RIGHTS: ReadonlyArray<readonly [kind: new (...args: any[]) => any, prototypes: readonly object[]]> = [
  [Array, [Array.prototype]],
  [SafeString, [SafeString.prototype, String.prototype]],
  [Date, [Date.prototype]],
  [Map, [Map.prototype]],
  [Set, [Set.prototype]],
  [RegExp, [RegExp.prototype]]
]
const PRIMITIVES: Readonly<Record<string, readonly object[]>> = {
  string: [String.prototype], number: [Number.prototype], boolean: [Boolean.prototype], bigint: [BigInt.prototype]
}
const NONE: readonly object[] = []

/**
 * True when templates may read that member: an own one, or a method of what holds it. What every object inherits is true in
 * `{% if may[action] %}` for an action named `toString`, and leads to functions that compile code.
 */
export function mayRead (target: any, name: string | number): boolean {
  if (FORBIDDEN.has(name)) return false
  return Object.hasOwn(target, name) || rightsOf(target).some((prototype) => Object.hasOwn(prototype, name))
}

function rightsOf (target: any): readonly object[] {
  if (typeof target !== 'object') return PRIMITIVES[typeof target] ?? NONE
  return RIGHTS.find(([kind]) => target instanceof kind)?.[1] ?? NONE
}

/** A name of the rendering, else a global of the environment, own ones only. */
export function ownName ({ ctx, env }: Context, name: string): unknown {
  if (FORBIDDEN.has(name)) return undefined
  if (Object.hasOwn(ctx, name)) return ctx[name]
  return Object.hasOwn(env.globals, name) ? env.globals[name] : undefined
}
