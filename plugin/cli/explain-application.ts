import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { explainView } from '../../lib/view/explain-view.ts'
import type { ViewExplanation } from '../../lib/view/explain-view.ts'
// Types `app.liveViews`.
import type {} from '../index.ts'
import type { LiveViews } from '../live-views.ts'
import { findApplication } from './find-application.ts'

export interface ExplainedApplication {
  /** Sorted by name. */
  readonly views: readonly ViewExplanation[]
  readonly close: () => Promise<void>
}

/** Boots the application of a file without listening, and describes its views. */
export async function explainApplication (file: string): Promise<ExplainedApplication> {
  const made: FastifyInstance[] = []
  const scopes: FastifyInstance[] = []
  // Fastify's own channel: the plugin may be registered in a scope that nothing else leads to.
  const watch = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyInstance }
    made.push(fastify)
    fastify.addHook('onRegister', (scope) => { scopes.push(scope) })
  }
  subscribe('fastify.initialization', watch)
  try {
    // eslint-disable-next-line live-security/no-computed-import -- the developer names the file on the command line
    const module = await import(pathToFileURL(file).href) as Readonly<Record<string, unknown>>
    const app = await findApplication(module, file, made)
    await app.ready()
    const all = [app, ...scopes.filter((scope) => Object.prototype.isPrototypeOf.call(app, scope))]
    return { views: describe(new Set(all.map(({ liveViews }) => liveViews).filter(Boolean))), close: () => app.close() }
  } finally {
    unsubscribe('fastify.initialization', watch)
  }
}

function describe (registries: ReadonlySet<LiveViews>): ViewExplanation[] {
  const compiled = [...registries].flatMap((registry) => {
    // The application's own copy of this package.
    if (typeof registry.compiledViews !== 'function') throw new Error("the application's fastify-live-view is another version; run the command of that one")
    return registry.compiledViews()
  })
  if (compiled.length === 0) throw new Error('it has no live views: is fastify-live-view registered, with views or app.live() routes?')
  return compiled.map((view) => explainView(view)).sort((a, b) => a.name < b.name ? -1 : 1)
}
