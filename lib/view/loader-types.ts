import type { FieldSelection } from './field-selection.ts'
import type { GuardRow, IsAny, PartsOf, Returned, SchemaData } from './schema-data.ts'
import type { Access, StateContext } from './view.ts'

/** What a guard sees beside a row. */
export interface GuardContext<S, A = Access> extends StateContext<A> {
  readonly state: Readonly<S>
}

export interface LoadContext<S, A = Access, Data = any> extends GuardContext<S, A> {
  /** What of this loader's data is needed just now. */
  readonly fields: FieldSelection<Data>
  /** Aborted when the deadline passes or the connection ends. */
  readonly signal: AbortSignal
}

export type Load<S, A> = (context: LoadContext<S, A>) => unknown

/** A loader with options. `Schema`: the type of its schema; `Column`: the names of its guard's columns. */
export interface LoaderOptions<S, A, Schema = unknown, Column = string> {
  /**
   * TypeBox, JSON Schema or a Standard Schema of what `load` returns. It gives names to the boot checks, meaning to a
   * whole-object read and, where it carries a type, types to `fields`, `load` and the handlers' `data`.
   */
  readonly schema?: Schema
  /** Runs in the first round, asked for every field that any branch of the template reads. */
  readonly eager?: boolean
  /** Is not waited for by the page's first rendering: its places show the fallback, and fill in over the socket. */
  readonly deferred?: boolean
  /** The template that stands in its places while it loads or after it has failed: `'parts/loading.njk'`. */
  readonly fallback?: string
  /** Rows that `check` does not answer true for are not shown. Its columns are asked for besides, and dropped. */
  readonly guard?: LoaderGuard<S, A, Schema, Column>
  readonly load: ((context: LoadContext<S, A, SchemaData<Schema>>) => unknown) & Returns<Schema>
}

/**
 * What a loader returns, apart from what it gets, and in a conditional type: only that is made definite while a loader's
 * body is looked at, and `'open'` in what it returns stays `'open'`. `never` leaves the other signature's context alone.
 */
type Returns<Schema> = SchemaData<Schema> extends infer Data
  ? (context: never) => Returned<Data> | Promise<Returned<Data>> : never

export interface LoaderGuard<S, A, Schema = unknown, Column = string> {
  readonly columns: readonly Column[]
  readonly check: (row: GuardRow<SchemaData<Schema>, Column>, context: GuardContext<S, A>) => boolean
}

export type Loader<S, A, Schema = unknown, Column = string> = Load<S, A> | LoaderOptions<S, A, Schema, Column>

/**
 * The loaders of an object literal. Each of the three is a place to infer one type from: the loaders themselves, their
 * schemas, and their guards' columns. In one mapped type TypeScript would infer the first and give the others up.
 */
export type Loaders<S, A, L, Schemas, Columns> = L
  & { readonly [K in keyof Schemas]: Load<S, A> | { readonly schema?: Schemas[K] } }
  & { readonly [K in keyof Columns]: Loader<S, A, K extends keyof Schemas ? Schemas[K] : unknown, Columns[K]> }

/** Names of columns stay literal where `string` is in the constraint; loaders without a guard have `unknown` there. */
export type GuardColumns = Readonly<Record<string, string | {} | null | undefined>>

type LoadedBy<L> = L extends { readonly load: (...context: never[]) => infer R } ? Awaited<R>
  : L extends (...context: never[]) => infer R ? Awaited<R> : never

/**
 * What handlers find in `data`. With a schema: parts of its type, since only what the template reads was loaded.
 * Without one: what `load` returns, although that is cut to what the template reads as well.
 */
export type Loaded<L> = L extends { readonly schema: infer Schema } ? LoadedAs<SchemaData<Schema>, LoadedBy<L>> : LoadedBy<L>
type LoadedAs<Data, Result> = IsAny<Data> extends true ? Result
  : PartsOf<Data> | (IsAny<Result> extends true ? null | undefined : Extract<Result, null | undefined>)
export type DataOf<L> = { [K in keyof L]: Loaded<L[K]> }
