import type { Reads } from './declarations.ts'
import { LIVE_ERR_TEMPLATE_CONTEXT } from './errors.ts'
import type { Context, Environment } from './nunjucks.ts'

/** What nunjucks' Context has besides `env`. */
const MEMBERS = [
  'ctx', 'blocks', 'exported', 'lookup', 'getVariables', 'getExported', 'setVariable', 'addBlock', 'addExport', 'getBlock', 'getSuper'
]

const WAY_OUT: Readonly<Record<FacadeKind, string>> = {
  filter: 'Give it what it needs as an argument',
  test: 'Give it what it needs as an argument',
  function: 'Give it what it needs as an argument',
  tag: "Give it what it needs as an argument, or declare it: addExtension(name, extension, { reads: ['user.name'] })"
}

export type FacadeKind = 'filter' | 'test' | 'function' | 'tag'

/**
 * What `this` is for filters, tests and functions of the application, and the first argument of tags: through nunjucks' Context
 * they could read all data, of which the analysis would know nothing, so that it would not even be loaded. A class, since
 * one is made for each call of a function: by Object.create it would take longer than most functions do.
 */
export class ContextFacade {
  readonly env: Environment
  readonly kind: FacadeKind
  readonly name: string

  constructor (env: Environment, kind: FacadeKind, name: string) {
    this.env = env
    this.kind = kind
    this.name = name
  }
}

Object.defineProperties(ContextFacade.prototype, Object.fromEntries(MEMBERS.map((member) => [member, {
  get (this: ContextFacade): never {
    throw new LIVE_ERR_TEMPLATE_CONTEXT(`The ${this.kind} '${this.name}' uses '${member}' of the page's context, which would read data that ` +
      `nothing has loaded for it. ${WAY_OUT[this.kind]}`)
  }
}])))

/** A tag's view of the page: the names that it has declared, and no others. */
export function tagFacade (context: Context, name: string, reads: Reads | undefined): ContextFacade {
  const facade = new ContextFacade(context.env, 'tag', name)
  if (reads === undefined) return facade
  const roots = new Set([...reads].map(([root]) => root as string))
  const ctx = Object.fromEntries([...roots].map((root) => [root, context.lookup(root)]))
  const lookup = (wanted: string): unknown => {
    if (roots.has(wanted)) return ctx[wanted]
    throw new LIVE_ERR_TEMPLATE_CONTEXT(`The tag '${name}' looks up '${wanted}'; it has declared ${[...roots].join(', ') || 'nothing'}. ` +
      `Declare it too: addExtension('${name}', extension, { reads: ['${wanted}'] })`)
  }
  const getVariables = (): object => ctx
  return Object.create(facade, { ctx: { value: ctx }, lookup: { value: lookup }, getVariables: { value: getVariables } })
}
