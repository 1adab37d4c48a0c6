import type { FieldTree } from '../template/fields/field-tree.ts'
import { foldElements, isOpen, isWhole, partsBelow, pathsBelow, schemasOf } from './field-places.ts'
import type { Place, Reading } from './field-places.ts'
import { kyselyColumns, mongoProjection, prismaSelect } from './field-forms.ts'
import type { KyselyOptions, KyselySelect, MongoProjection, PrismaSelect } from './field-forms.ts'
import type { LoaderSchema } from './loader-schema.ts'

type IsAny<T> = 0 extends (1 & T) ? true : false

/** A list's row, or the object itself. */
export type RowOf<Data> = IsAny<Data> extends true ? any
  : NonNullable<Data> extends ReadonlyArray<infer Row> ? NonNullable<Row> : NonNullable<Data>

/** The names that a list's rows, or an object itself, have. */
export type ColumnOf<Data> = IsAny<Data> extends true ? any : keyof RowOf<Data> & string

/**
 * What the template reads of one loader's data, so that the loader can ask for just that. A list and its elements are one
 * place here: `orders[].customer.name` is column `customer`, path `customer.name`. Guard columns are read like the rest.
 */
export interface FieldSelection<Data = any> {
  /** First-level names, sorted: the columns to select. Empty when only the number of rows is read. */
  readonly columns: ReadonlyArray<ColumnOf<Data>>
  /** Every path that is read, to its end, sorted. What is read whole has the paths that the schema names. */
  readonly paths: readonly string[]
  /** True when all of it is read, at any depth. */
  readonly whole: boolean
  /** True when that path, or anything below or all of something above it, is read. */
  has (path: string): boolean
  /** The selection below a name. */
  at <K extends ColumnOf<Data>>(name: K): FieldSelection<IsAny<Data> extends true ? any : RowOf<Data>[K]>
  /**
   * `prisma.order.findMany({ where, ...fields.toPrisma() })`: what is read below a name is a nested select. Prisma selects
   * at least one thing: `id`, or the first scalar that the schema names, stands where only the number of rows is read.
   * All of what no schema names is `{}`: every column.
   */
  toPrisma (): PrismaSelect
  /**
   * `db.selectFrom('orders').select(fields.toKysely())`; with `table`, columns are `table.name`. Never empty: a constant
   * `present` stands where only the number of rows is read. Rows have any of the columns, each perhaps undefined.
   */
  toKysely <Row = RowOf<Data>>(options?: KyselyOptions): KyselySelect<Row>
  /** `collection.find(filter, { projection: fields.toMongo() })`; `_id` only where it is read, or nothing else is. */
  toMongo (): MongoProjection
}

export interface SelectionOptions {
  readonly schema: LoaderSchema | null
  /** Columns that are asked for besides. */
  readonly guard: readonly string[]
}

const selections = new WeakMap<FieldTree, WeakMap<SelectionOptions, FieldSelection>>()

/** What is read of one loader's data. The same object for the same tree and options. */
export function selectFields (tree: FieldTree, options: SelectionOptions): FieldSelection {
  const known = selections.get(tree) ?? new WeakMap<SelectionOptions, FieldSelection>()
  selections.set(tree, known)
  let selection = known.get(options)
  if (selection === undefined) {
    selection = createSelection(foldElements([{ tree, schema: options.schema }]), options.guard)
    known.set(options, selection)
  }
  return selection
}

function createSelection (place: Place, guard: readonly string[]): FieldSelection {
  const parts = partsBelow(place)
  for (const name of guard) parts.set(name, foldElements([WHOLE_READING]))
  const columns = Object.freeze([...parts.keys()].sort())
  const paths = Object.freeze(pathsBelow(parts, schemasOf(place, new Set())).sort())
  return Object.freeze({
    columns,
    paths,
    whole: isWhole(place),
    has: (path: string) => has(place, parts, path.split('.')),
    at: (name: string) => createSelection(parts.get(name) ?? (isOpen(place) ? foldElements([WHOLE_READING]) : []), []),
    toPrisma: () => prismaSelect(place, parts),
    toKysely: (options?: KyselyOptions) => kyselyColumns(isOpen(place) ? 'all' : columns, options),
    toMongo: () => mongoProjection(isOpen(place) ? 'all' : paths),
  })
}

/** All of something of which nothing is known. */
const WHOLE_READING: Reading = Object.freeze({ tree: null, schema: null })

function has (place: Place, parts: ReadonlyMap<string, Place>, path: readonly string[]): boolean {
  const [name, ...rest] = path
  if (name === undefined || isOpen(place)) return true
  const below = parts.get(name)
  return below !== undefined && has(below, partsBelow(below), rest)
}
