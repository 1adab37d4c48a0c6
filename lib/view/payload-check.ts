import { closedSchema } from './closed-schema.ts'
import { isThenable } from './is-thenable.ts'
import type { Schema, StandardResult, StandardSchema } from './payload-type.ts'

export type PayloadResult = { readonly ok: true, readonly payload: unknown } | { readonly ok: false, readonly detail: string }
export type PayloadCheck = (payload: Record<string, unknown>) => PayloadResult | Promise<PayloadResult>

/** What compiles a JSON Schema: the route scope's own validator compiler. The function it gives may coerce in place. */
export type CompileSchema = (schema: object) => ValidateFunction
export type ValidateFunction = ((value: unknown) => unknown) & {
  errors?: ReadonlyArray<{ schemaPath?: string }> | null
}

const MOST_NAMED = 3
const EMPTY = Object.freeze(Object.create(null)) as object

/**
 * How an event's payload is checked. No schema, no payload: what the client sent is dropped, not passed on.
 * Objects in JSON Schemas that do not say otherwise take no additional properties.
 */
export function createPayloadCheck (schema: Schema | null, compile: CompileSchema, event: string): PayloadCheck {
  if (schema === null) return () => ({ ok: true, payload: EMPTY })
  if ('~standard' in schema) {
    const { validate } = (schema as StandardSchema)['~standard']
    return (payload) => {
      const outcome = validate(payload)
      return isThenable(outcome) ? Promise.resolve(outcome).then(standardResult) : standardResult(outcome)
    }
  }
  const validate = compile(closedSchema(schema, event) as object)
  return (payload) => {
    const result = (outcome: unknown): PayloadResult => schemaResult(outcome, payload, validate)
    const outcome = validate(payload)
    // Ajv's $async answers by promise, with what it has validated.
    return isThenable(outcome)
      ? Promise.resolve(outcome).then((value) => result(value === payload || value), () => result(false))
      : result(outcome)
  }
}

/** As fastify reads validators: true, or an object with the value that they made of it. */
function schemaResult (outcome: unknown, payload: Record<string, unknown>, validate: ValidateFunction): PayloadResult {
  if (outcome === true) return isFinite(payload) ? { ok: true, payload } : { ok: false, detail: 'a number is not finite' }
  const { value, error } = Object(outcome) as { value?: unknown, error?: unknown }
  if (value !== undefined && error === undefined) return { ok: true, payload: value }
  return { ok: false, detail: describe(validate.errors) }
}

/** Ajv makes the number Infinity of the text, and lets it pass where no maximum is given. */
function isFinite (payload: Record<string, unknown>): boolean {
  return Object.values(payload).flat().every((value) => typeof value !== 'number' || Number.isFinite(value))
}

function standardResult (outcome: StandardResult<unknown>): PayloadResult {
  if (outcome.issues === undefined) return { ok: true, payload: outcome.value }
  // Never their messages: some validators repeat in them what a person typed, and this goes to the log.
  const places = outcome.issues.slice(0, MOST_NAMED).map(({ path }) => (path ?? []).map(nameOf).join('.') || 'all of it')
  return { ok: false, detail: `does not fit: ${places.join(', ')}` }
}

function nameOf (segment: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof segment === 'object' ? segment.key : segment)
}

/** By places in the schema, not in the payload: of what the client sent nothing is repeated. */
function describe (errors: ValidateFunction['errors']): string {
  return `does not fit ${(errors ?? []).slice(0, MOST_NAMED).map(({ schemaPath }) => schemaPath).join(', ') || 'the schema'}`
}
