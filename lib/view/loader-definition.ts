import type { LoaderSchema } from './loader-schema.ts'

/** A loader as the engine runs it: the definition normalised once, by defineView. */
export interface LoaderDefinition {
  readonly name: string
  /** Names and kinds of its fields; null where it declares none. */
  readonly schema: LoaderSchema | null
  /** Runs in the first round, asked for every field that any branch reads. */
  readonly eager: boolean
  /** Not run by the GET: its places show the fallback, and fill in over the socket. */
  readonly deferred: boolean
  /** The template that stands in its places while it loads or after it has failed; null: an error region. */
  readonly fallback: string | null
  /** Columns that are asked for besides, checked row by row before anything is shown, and dropped. */
  readonly guard: { readonly columns: readonly string[], readonly check: (row: any, context: any) => boolean } | null
  readonly load: (context: any) => unknown
}
