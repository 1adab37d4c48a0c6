import { expandable, partsBelow, schemasOf } from './field-places.ts'
import type { Place } from './field-places.ts'
import type { LoaderSchema } from './loader-schema.ts'

export interface PrismaSelect {
  select?: Record<string, true | PrismaSelect>
}

export type MongoProjection = Record<string, 0 | 1>

export interface KyselyOptions {
  /** The table, or its alias, that the columns are of: needed where several tables are joined. */
  readonly table?: string
}

/**
 * Kysely's own AliasedExpression of a ColumnType by its structure: this package does not depend on Kysely. As a ColumnType
 * since Kysely would strip undefined from a plain type, and not every column is selected.
 */
export interface KyselyColumn<Type, Name extends string> {
  readonly expression: {
    readonly expressionType: { readonly __select__: Type, readonly __insert__: never, readonly __update__: never } | undefined
    toOperationNode (): any
  }
  readonly alias: Name
  toOperationNode (): any
}

/** What Kysely's `select` takes. */
export type KyselySelect<Row> = (builder: any) => ReadonlyArray<{
  [Name in keyof Row & string]: KyselyColumn<Row[Name] | undefined, Name>
}[keyof Row & string]>

/** Kysely's expression builder, as far as it is used here. */
interface Builder {
  lit (value: number): { as (name: string): unknown }
  selectFrom (tables: readonly string[]): { selectAll (table?: string): { toOperationNode (): any } }
}

/** @param columns their names, or all that the table has */
export function kyselyColumns (columns: readonly string[] | 'all', { table }: KyselyOptions = {}): KyselySelect<any> {
  const select = (builder: Builder): unknown[] => {
    if (columns === 'all') {
      // A select callback takes no `*`, so it is taken from a query that says it.
      const query = builder.selectFrom([])
      const { selections } = (table === undefined ? query.selectAll() : query.selectAll(table)).toOperationNode()
      return [{ toOperationNode: () => selections[0].selection }]
    }
    if (columns.length === 0) return [builder.lit(1).as('present')]
    return columns.map((name) => table === undefined ? name : `${table}.${name}`)
  }
  return select as KyselySelect<any>
}

/** @param paths those that are read; none of them begins with another, which Mongo would refuse */
export function mongoProjection (paths: readonly string[] | 'all'): MongoProjection {
  if (paths === 'all') return {}
  // An empty projection is all of the document.
  if (paths.length === 0) return { _id: 1 }
  const projection: MongoProjection = Object.fromEntries(paths.map((path) => [path, 1]))
  if (!paths.some((path) => path === '_id' || path.startsWith('_id.'))) projection['_id'] = 0
  return projection
}

/** A select of what is read of a place. */
export function prismaSelect (
  place: Place, parts: ReadonlyMap<string, Place>, above: ReadonlySet<LoaderSchema> = new Set()
): PrismaSelect {
  if (!expandable(place, above)) return {}
  const within = schemasOf(place, above)
  const entries = [...parts].map(([name, part]) => [name, prismaPart(part, within)] as const)
  return { select: entries.length === 0 ? { [keyOf(place)]: true } : Object.fromEntries(entries) }
}

function prismaPart (place: Place, above: ReadonlySet<LoaderSchema>): true | PrismaSelect {
  const parts = partsBelow(place)
  // Without a schema, what is only counted or tested may as well be a scalar.
  if (parts.size === 0 && namesOf(place) === null) return true
  const select = prismaSelect(place, parts, above)
  return select.select === undefined ? true : select
}

/** Prisma refuses an empty select. */
function keyOf (place: Place): string {
  const names = namesOf(place) ?? new Map<string, LoaderSchema>()
  const scalar = [...names].find(([, part]) => part.kind === 'leaf')
  return names.has('id') ? 'id' : scalar?.[0] ?? 'id'
}

/** Of a record, or a list's records, also where nothing of these is read. */
function namesOf (place: Place): LoaderSchema['names'] {
  // A set that grows while it is walked: a list's elements may be the list's own schema again.
  const schemas = new Set(place.map(({ schema }) => schema))
  for (const schema of schemas) {
    if (schema?.names) return schema.names
    if (schema?.element) schemas.add(schema.element)
  }
  return null
}
