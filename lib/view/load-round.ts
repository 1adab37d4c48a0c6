import type { FieldTree } from '../template/fields/field-tree.ts'
import { checkGuard } from './check-guard.ts'
import { selectFields } from './field-selection.ts'
import type { FieldSelection } from './field-selection.ts'
import { hearPromises } from './hear-promises.ts'
import type { LoaderDefinition } from './loader-definition.ts'
import { wrapFailure } from './loader-error.ts'
import { overDelivery } from './over-delivery.ts'
import { createProjection } from './project.ts'
import type { Project } from './project.ts'
import { planOf } from './projection-plan.ts'
import type { ProjectionPlan } from './projection-plan.ts'
import { runLoaders } from './run-loaders.ts'

/** What is asked of one loader. One object for each set of fields, so it can be compared by identity. */
export interface LoaderNeeds {
  readonly tree: FieldTree
  readonly selection: FieldSelection
  readonly projection: ProjectionPlan
}

export interface LoadRequest {
  readonly loader: LoaderDefinition
  readonly needs: LoaderNeeds
  /** params, query, identity, tenant, state (tracked by the caller). */
  readonly context: object
}

export type LoadOutcome =
  | { readonly name: string, readonly data: unknown, readonly error: null }
  | { readonly name: string, readonly data: undefined, readonly error: Error }

export interface RoundOptions {
  readonly view: string
  /** Milliseconds that each loader may take. */
  readonly deadline: number
  /** Gives up from outside: the connection ended. */
  readonly signal: AbortSignal
  /** In development: a loader returned these paths, and nothing asked for them. Null in production. */
  readonly overDelivered: ((loader: string, paths: readonly string[]) => void) | null
}

const known = new WeakMap<FieldTree, WeakMap<LoaderDefinition, LoaderNeeds>>()

/** What a tree means for a loader, worked out once. */
export function createNeeds (tree: FieldTree, definition: LoaderDefinition): LoaderNeeds {
  const ofTree = known.get(tree) ?? new WeakMap<LoaderDefinition, LoaderNeeds>()
  known.set(tree, ofTree)
  let needs = ofTree.get(definition)
  if (needs === undefined) {
    const { schema, guard } = definition
    const selection = selectFields(tree, { schema, guard: guard?.columns ?? [] })
    needs = Object.freeze({ tree, selection, projection: planOf(tree, schema) })
    ofTree.set(definition, needs)
  }
  return needs
}

/**
 * Runs loaders in parallel, each asked for what is needed of it, and cuts what they return to that. Never rejects: each
 * outcome stands for itself, and one failure does not abort the others. What was one object in this round stays one.
 */
export async function loadRound (requests: readonly LoadRequest[], options: RoundOptions): Promise<LoadOutcome[]> {
  const loaded = await runLoaders(requests, options)
  const project = createProjection(options.view)
  return requests.map((request, index) => cut(request, loaded[index] as LoadOutcome, project, options))
}

function cut (request: LoadRequest, outcome: LoadOutcome, project: Project, { view, overDelivered }: RoundOptions): LoadOutcome {
  if (outcome.error !== null) return outcome
  const { loader, needs, context } = request
  const { name } = loader
  try {
    const checked = checkGuard(view, loader, outcome.data, context)
    const data = project(name, checked, needs.projection)
    const surplus = overDelivered === null ? null : overDelivery(loader, needs, outcome.data)
    if (surplus !== null) overDelivered?.(name, surplus)
    return { name, data, error: null }
  } catch (error) {
    hearPromises(outcome.data)
    return { name, data: undefined, error: isOwn(error) ? error : wrapFailure(view, name, error) }
  }
}

function isOwn (error: unknown): error is Error {
  try {
    return ['LIVE_ERR_LOADER_GUARD', 'LIVE_ERR_LOADER_SHAPE'].includes((error as { code?: string } | null)?.code ?? '')
  } catch {
    return false
  }
}
