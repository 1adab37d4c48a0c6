import type { Reads } from './declarations.ts'
import { LIVE_ERR_TEMPLATE_CONTEXT } from './errors.ts'
import type { Context, Environment } from './nunjucks.ts'

/** What nunjucks' Context has besides `env`. */
const MEMBERS = [
  'ctx', 'blocks', 'exported', 'lookup', 'getVariables', 'getExported', 'setVariable', 'addBlock', 'addExport', 'getBlock', 'getSuper'
]

const WAY_OUT: Readonly<Record<string, string>> = {
  filter: 'Give it what it needs as an argument',
  test: 'Give it what it needs as an argument',
  function: 'Give it what it needs as an argument',
  tag: "Give it what it needs as an argument, or declare it: addExtension(name, extension, { reads: ['user.name'] })"
}

/**
 * What `this` is for filters, tests and functions of the application, and the first argument of tags: through nunjucks' Context
 * they could read all data, of which the analysis would know nothing, so that it would not even be loaded.
 */
export interface ContextFacade {
  readonly env: Environment
  readonly kind: string
  readonly name: string
}

const refusals: object = Object.defineProperties({}, Object.fromEntries(MEMBERS.map((member) => [member, {
  get (this: ContextFacade): never {
    throw new LIVE_ERR_TEMPLATE_CONTEXT(`The ${this.kind} '${this.name}' uses '${member}' of the page's context, which would read data that ` +
      `nothing has loaded for it. ${WAY_OUT[this.kind] as string}`)
  }
}])))

export function createFacade (env: Environment, kind: 'filter' | 'test' | 'function' | 'tag', name: string): ContextFacade {
  return Object.assign(Object.create(refusals), { env, kind, name })
}

/** A tag's view of the page: the names that it has declared, and no others. */
export function tagFacade (context: Context, name: string, reads: Reads | undefined): ContextFacade {
  const facade = createFacade(context.env, 'tag', name)
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
