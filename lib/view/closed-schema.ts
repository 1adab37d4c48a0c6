import { poison } from '../security/copy-plain.ts'
import { LIVE_ERR_PAYLOAD_SCHEMA } from './errors.ts'

type Schema = Readonly<Record<string, unknown>>

const COMBINATORS = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', 'not', 'contains', 'propertyNames', 'dependentSchemas', 'dependencies']

/** Keywords that hold schemas by name, and those that hold one or a list. A record's values are objects like any other. */
const NAMED = ['properties', 'patternProperties', '$defs', 'definitions']
const HELD = ['items', 'prefixItems', 'additionalItems', 'additionalProperties']

/**
 * The schema with every object closed that does not say itself what else it takes (mass assignment, D10). Combined object
 * schemas cannot be closed one by one: with Ajv's `removeAdditional` one branch would strip what the other needs. There, at
 * any depth, each has to say it. A reference to another schema cannot be looked into.
 */
export function closedSchema (schema: unknown, event: string): unknown {
  checkSchema(schema, event, [])
  return close(schema, event)
}

/** Throws for what cannot be closed, and for names that no client may send. */
function checkSchema (schema: unknown, event: string, around: readonly object[]): void {
  if (typeof schema !== 'object' || schema === null) return
  if (around.includes(schema)) {
    throw new LIVE_ERR_PAYLOAD_SCHEMA(event, "a part of the schema holds itself. Name it under $defs and refer to it: { $ref: '#/$defs/name' }")
  }
  const { $ref, properties } = schema as Schema
  if (typeof $ref === 'string' && !$ref.startsWith('#')) {
    throw new LIVE_ERR_PAYLOAD_SCHEMA(event, `$ref '${$ref}' leads to another schema. Put that under $defs: { $ref: '#/$defs/name' }`)
  }
  const poisoned = Object.keys(Object(properties)).find((name) => poison.has(name))
  if (poisoned !== undefined) {
    throw new LIVE_ERR_PAYLOAD_SCHEMA(event, `a property '${poisoned}' is refused in every message, since it leads to prototypes. Rename it`)
  }
  for (const below of Object.values(schema)) checkSchema(below, event, [...around, schema])
}

function close (schema: unknown, event: string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => close(item, event))
  if (typeof schema !== 'object' || schema === null) return schema
  const given = schema as Schema
  const combined = COMBINATORS.filter((keyword) => keyword in given)
  for (const keyword of combined) requireClosed(given[keyword], event, keyword)
  if (combined.length > 0 && isOpenObject(given)) throw openObjects(event, combined.join(', '))
  const closed: Record<PropertyKey, unknown> = { ...given }
  for (const keyword of NAMED) {
    const schemas = given[keyword]
    if (typeof schemas !== 'object' || schemas === null) continue
    closed[keyword] = Object.fromEntries(Object.entries(schemas).map(([name, value]) => [name, close(value, event)]))
  }
  for (const keyword of HELD) if (keyword in given) closed[keyword] = close(given[keyword], event)
  if (isOpenObject(given)) closed['additionalProperties'] = false
  return closed
}

/** Throws where an object anywhere below lets properties through by saying nothing. */
function requireClosed (schema: unknown, event: string, keyword: string): void {
  if (typeof schema !== 'object' || schema === null) return
  if (isOpenObject(schema as Schema)) throw openObjects(event, keyword)
  for (const below of Object.values(schema)) requireClosed(below, event, keyword)
}

function openObjects (event: string, keywords: string): Error {
  return new LIVE_ERR_PAYLOAD_SCHEMA(event, `${keywords} of objects lets any other property through. Say additionalProperties in each ` +
    'of them, make one object of them (Type.Composite), or give a Standard Schema')
}

/** An object's schema that lets properties through that it does not name, by saying nothing. */
function isOpenObject (schema: Schema): boolean {
  const isObject = [schema['type']].flat().includes('object') || (typeof schema['properties'] === 'object' && !('type' in schema))
  return isObject && !['additionalProperties', 'unevaluatedProperties'].some((keyword) => schema[keyword] !== undefined)
}
