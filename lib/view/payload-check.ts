import type { Schema, StandardResult, StandardSchema } from './payload-type.ts'

export type PayloadResult = { readonly ok: true, readonly payload: unknown } | { readonly ok: false, readonly detail: string }
export type PayloadCheck = (payload: Record<string, unknown>) => PayloadResult | Promise<PayloadResult>

/** What compiles a JSON Schema: the route scope's own validator compiler. The function it gives may coerce in place. */
export type CompileSchema = (schema: object) => ValidateFunction
export type ValidateFunction = ((value: unknown) => unknown) & {
  errors?: ReadonlyArray<{ instancePath?: string, message?: string }> | null
}

const EMPTY = Object.freeze(Object.create(null)) as object

/**
 * How an event's payload is checked. No schema, no payload: what the client sent is dropped, not passed on.
 * JSON Schemas of objects that do not say otherwise take no additional properties (mass assignment, D10).
 */
export function createPayloadCheck (schema: Schema | null, compile: CompileSchema): PayloadCheck {
  if (schema === null) return () => ({ ok: true, payload: EMPTY })
  if ('~standard' in schema) {
    const { validate } = (schema as StandardSchema)['~standard']
    return (payload) => {
      const outcome = validate(payload)
      return outcome instanceof Promise ? outcome.then(standardResult) : standardResult(outcome)
    }
  }
  const validate = compile(closed(schema as Record<string, unknown>))
  return (payload) => {
    if (validate(payload) === true) return { ok: true, payload }
    return { ok: false, detail: describe(validate.errors) }
  }
}

function closed (schema: Record<string, unknown>): object {
  if (schema.type !== 'object' || 'additionalProperties' in schema || 'patternProperties' in schema) return schema
  return { ...schema, additionalProperties: false }
}

function standardResult (outcome: StandardResult<unknown>): PayloadResult {
  if (outcome.issues === undefined) return { ok: true, payload: outcome.value }
  return { ok: false, detail: outcome.issues.map((issue) => issue.message).join('; ') }
}

function describe (errors: ValidateFunction['errors']): string {
  return (errors ?? []).map((error) => `${error.instancePath ?? ''} ${error.message ?? ''}`.trim()).join('; ') || 'does not fit the schema'
}
