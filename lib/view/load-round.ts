import type { FieldTree } from '../template/fields/field-tree.ts'
import type { FieldSelection } from './field-selection.ts'
import type { ProjectionPlan } from './projection-plan.ts'
import type { LoaderDefinition } from './loader-definition.ts'

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

/**
 * Runs loaders in parallel, each asked for what is needed of it, and cuts what they return to that. Never rejects: each
 * outcome stands for itself, and one failure does not abort the others. What was one object in this round stays one.
 */
export declare function loadRound (requests: readonly LoadRequest[], options: RoundOptions): Promise<LoadOutcome[]>
