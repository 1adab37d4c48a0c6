import { resolveSchemaRef } from './resolve-schema-ref.ts'
import { ANYTHING, partsOf } from './schema-parts.ts'
import type { JsonSchema, SchemaPart } from './schema-parts.ts'
import { show } from './show-value.ts'

/** What a loader's schema says of its data: the kinds of its parts, and their names where they are known. */
export interface LoaderSchema {
  /** `unknown`: the schema does not say, or allows more than one kind. null and undefined are always allowed. */
  readonly kind: 'object' | 'array' | 'leaf' | 'unknown'
  /** The parts of an object; null where there may be others than are named. Recursive schemas lead back to themselves. */
  readonly names: ReadonlyMap<string, LoaderSchema> | null
  /** What an array's elements are, or an object's values whose names are not known; null where the schema does not say. */
  readonly element: LoaderSchema | null
}

/** Throws: what is wrong, and the way out. */
export type SchemaFail = (problem: string, fix: string) => never

/** Says nothing: what a Standard Schema is taken for, since it tells no names. */
export const UNKNOWN_SCHEMA: LoaderSchema = Object.freeze({ kind: 'unknown', names: null, element: null })

/**
 * Reads a JSON Schema or TypeBox type. Objects have the names that `properties` lists, unless `additionalProperties` or
 * `patternProperties` say that there are others: JSON Schema's own default would make every schema one of unknown names.
 * @param where names the loader in errors: "loader 'orders'"
 */
export function readLoaderSchema (schema: unknown, where: string, fail: SchemaFail): LoaderSchema {
  if (schema !== null && ['object', 'function'].includes(typeof schema) && '~standard' in (schema as object)) return UNKNOWN_SCHEMA
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    return fail(`${where} has schema ${show(schema)}`, 'Give a TypeBox type, a JSON Schema object or a Standard Schema')
  }
  const root = schema as JsonSchema
  const resolve = resolveSchemaRef(root, (ref) => fail(`${where} has a schema that refers to ${show(ref)}, which is not part of it`,
    'Put what it refers to under $defs'))
  const ids = new Map<SchemaPart, number>()
  const known = new Map<string, LoaderSchema>()

  // One object for each set of parts: so a recursive schema becomes a graph instead of an endless tree.
  function read (schemas: readonly unknown[]): LoaderSchema {
    const parts = partsOf(schemas, resolve)
    const key = parts.map((part) => {
      if (!ids.has(part)) ids.set(part, ids.size)
      return ids.get(part)
    }).join()
    const found = known.get(key) ?? createSchema(parts, read)
    known.set(key, found)
    return found
  }

  const result = read([root])
  // References are followed now, at boot, rather than by the first request.
  const visited = new Set([result])
  for (const { names, element } of visited) {
    for (const below of names?.values() ?? []) visited.add(below)
    if (element !== null) visited.add(element)
  }
  return result
}

function createSchema (parts: readonly SchemaPart[], read: (schemas: readonly unknown[]) => LoaderSchema): LoaderSchema {
  const kinds = new Set(parts.map((part) => part.kind))
  const [kind] = kinds.size === 1 ? kinds : ['unknown' as const]
  const lazy: { names?: LoaderSchema['names'], element?: LoaderSchema['element'] } = {}
  return Object.freeze({
    kind: kind as LoaderSchema['kind'],
    get names (): LoaderSchema['names'] {
      if (lazy.names === undefined) lazy.names = namesOf(parts, read)
      return lazy.names
    },
    get element (): LoaderSchema['element'] {
      if (lazy.element === undefined) {
        const elements = parts.includes(ANYTHING) ? [] : parts.flatMap((part) => part.elements)
        lazy.element = elements.length === 0 ? null : read(elements)
      }
      return lazy.element
    },
  })
}

function namesOf (parts: readonly SchemaPart[], read: (schemas: readonly unknown[]) => LoaderSchema): LoaderSchema['names'] {
  if (parts.some((part) => part.open) || !parts.some((part) => part.properties !== null)) return null
  const schemas = new Map<string, unknown[]>()
  for (const { properties } of parts) {
    for (const [name, schema] of properties ?? []) schemas.set(name, [...(schemas.get(name) ?? []), schema])
  }
  return new Map([...schemas].map(([name, all]) => [name, read(all)]))
}
