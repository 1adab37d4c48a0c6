export type JsonSchema = Readonly<Record<string, unknown>>

/** What one plain schema says, without references and combinations. */
export interface SchemaPart {
  readonly kind: 'object' | 'array' | 'leaf' | 'unknown'
  readonly properties: ReadonlyArray<readonly [string, unknown]> | null
  /** True where an object may have other names than these. */
  readonly open: boolean
  /** Schemas of the elements, or of values under names that are not known. */
  readonly elements: readonly unknown[]
}

/** Anything at all: {}, true. */
export const ANYTHING: SchemaPart = Object.freeze({ kind: 'unknown', properties: null, open: true, elements: [] })

/** An object of which an alternative says no more. */
const ANY_OBJECT: SchemaPart = Object.freeze({ kind: 'object', properties: null, open: true, elements: [] })

const parts = new WeakMap<object, SchemaPart>()

/**
 * The plain schemas that given ones are made of: references followed, combinations taken apart, null left out. What only
 * restricts (`required`, `if`) says nothing, and nothing changes what stands beside it.
 */
export function partsOf (schemas: readonly unknown[], resolve: (ref: string) => unknown): SchemaPart[] {
  const visited = new Set<unknown>()

  function flatten (schema: unknown): SchemaPart[] {
    if (schema === false || isNothing(schema)) return []
    if (typeof schema !== 'object' || schema === null) return [ANYTHING]
    // A schema that is an alternative of itself adds nothing to itself.
    if (visited.has(schema)) return []
    visited.add(schema)
    const given = schema as JsonSchema
    const all = [...ownParts(given)]
    if (typeof given['$ref'] === 'string') all.push(...flatten(resolve(given['$ref'])))
    for (const part of listOf(given['allOf'])) all.push(...flatten(part))
    const alternatives = [...listOf(given['anyOf']), ...listOf(given['oneOf'])]
    if (alternatives.length === 0) return all.some(isTelling) || isReference(given) ? all.filter(isTelling) : [ANYTHING]
    const told = alternatives.flatMap((alternative) => closed(flatten(alternative)))
    return all.some(isTelling) ? [...all, ...told].filter(isTelling) : told
  }

  return [...new Set(schemas.flatMap(flatten))]
}

/** An alternative that is an object of unknown names makes all names unknown; beside other parts it would only repeat them. */
function closed (alternative: readonly SchemaPart[]): readonly SchemaPart[] {
  const isBare = alternative.some((part) => part.kind === 'object') && alternative.every((part) => part.properties === null)
  return isBare ? [...alternative, ANY_OBJECT] : alternative
}

function isTelling (part: SchemaPart): boolean {
  return part !== ANYTHING
}

function isReference (schema: JsonSchema): boolean {
  return typeof schema['$ref'] === 'string' || listOf(schema['allOf']).length > 0
}

/** null and undefined are allowed everywhere. */
function isNothing (schema: unknown): boolean {
  const { type, const: constant } = (schema ?? {}) as JsonSchema
  return type === 'null' || type === 'undefined' || type === 'void' || constant === null
}

function ownParts (schema: JsonSchema): SchemaPart[] {
  const known = parts.get(schema)
  if (known !== undefined) return [known]
  const kinds = new Set([schema['type']].flat().filter((type) => type !== undefined && type !== 'null').map(kindOf))
  if (kinds.size === 0) for (const kind of impliedKinds(schema)) kinds.add(kind)
  if (kinds.size === 0) return []
  const [kind] = kinds.size === 1 ? kinds : ['unknown' as const]
  const additional = [schema['additionalProperties'], schema['unevaluatedProperties']].filter((value) => value !== undefined && value !== false)
  const patterns = Object.values(objectOf(schema['patternProperties']))
  const open = additional.length > 0 || patterns.length > 0
  const properties = Object.entries(objectOf(schema['properties']))
  const part: SchemaPart = Object.freeze({
    kind: kind as SchemaPart['kind'],
    properties: 'properties' in schema ? properties : null,
    open,
    elements: [
      ...['items', 'prefixItems', 'additionalItems'].flatMap((keyword) => schema[keyword] ?? []),
      ...(open ? [...additional, ...patterns, ...properties.map(([, value]) => value)] : []),
    ].filter((value) => value !== false),
  })
  parts.set(schema, part)
  return [part]
}

/** TypeBox's own types (Date, Uint8Array, bigint) are leaves like the rest. */
function kindOf (type: unknown): SchemaPart['kind'] {
  return type === 'object' || type === 'array' ? type : 'leaf'
}

function impliedKinds (schema: JsonSchema): Array<SchemaPart['kind']> {
  if ('properties' in schema || 'patternProperties' in schema) return ['object']
  if ('items' in schema || 'prefixItems' in schema) return ['array']
  const values = 'const' in schema ? [schema['const']] : listOf(schema['enum'])
  return values.filter((value) => value !== null).map((value) => Array.isArray(value) ? 'array' : typeof value === 'object' ? 'object' : 'leaf')
}

function listOf (value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function objectOf (value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
