import { nameText } from '../template/fields/member-path.ts'
import type { Schema } from './payload-type.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/** Deeper than this an object is just called so: a line has to stay a line. */
const MAX_DEPTH = 3

/** A payload's schema in short: property -> type. `*` stands for all of it where it is no plain object's schema. */
export function explainPayload (schema: Schema | null): Readonly<Record<string, string>> | null {
  if (schema === null) return null
  if ('~standard' in schema) return { '*': `checked by ${(schema as { '~standard': { vendor: string } })['~standard'].vendor}` }
  const given = schema as JsonSchema
  const isPlain = isRecord(given['properties']) && !['anyOf', 'oneOf', 'allOf', '$ref'].some((keyword) => keyword in given)
  return isPlain ? properties(given, 1) : { '*': summary(given, 0) }
}

function properties (schema: JsonSchema, depth: number): Record<string, string> {
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const found = Object.entries(schema['properties'] as object).map(([name, part]) =>
    [`${nameText(name)}${required.includes(name) ? '' : '?'}`, summary(part, depth)])
  const more = schema['additionalProperties'] ?? schema['unevaluatedProperties'] ?? false
  if (more !== false) found.push(['*', summary(more, depth)])
  return Object.fromEntries(found)
}

/** A schema as a TypeScript programmer would write its type, with its limits in brackets. */
function summary (schema: unknown, depth: number): string {
  if (!isRecord(schema)) return 'any'
  if ('const' in schema) return literal(schema['const'])
  if (Array.isArray(schema['enum'])) return schema['enum'].map(literal).join(' | ')
  for (const [keyword, sign] of [['anyOf', ' | '], ['oneOf', ' | '], ['allOf', ' & ']] as const) {
    const parts = schema[keyword]
    if (Array.isArray(parts)) return parts.map((part) => summary(part, depth)).join(sign)
  }
  if (typeof schema['$ref'] === 'string') return schema['$ref']
  const types = [schema['type'] ?? (isRecord(schema['properties']) ? 'object' : 'any')].flat()
  return types.map((type) => typeSummary(String(type), schema, depth)).join(' | ')
}

function typeSummary (type: string, schema: JsonSchema, depth: number): string {
  if (type === 'array') {
    const item = summary(schema['items'], depth + 1)
    return `${/^[^{]* [|&] /.test(item) ? `(${item})` : item}[]${range(schema, 'minItems', 'maxItems')}`
  }
  if (type === 'object' && isRecord(schema['properties']) && depth < MAX_DEPTH) {
    return `{ ${Object.entries(properties(schema, depth + 1)).map(([name, part]) => `${name}: ${part}`).join(', ')} }`
  }
  if (type === 'string') return `string${text(schema)}${range(schema, 'minLength', 'maxLength')}`
  return `${type}${range(schema, 'minimum', 'maximum')}`
}

function text ({ format, pattern }: JsonSchema): string {
  return `${typeof format === 'string' ? ` (${format})` : ''}${typeof pattern === 'string' ? ` /${pattern}/` : ''}`
}

function range (schema: JsonSchema, least: string, most: string): string {
  const [from, to] = [schema[least], schema[most]]
  if (from === undefined && to === undefined) return ''
  if (to === undefined) return ` (min ${String(from)})`
  return from === undefined ? ` (max ${String(to)})` : ` (${String(from)}..${String(to)})`
}

function literal (value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}

function isRecord (value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
