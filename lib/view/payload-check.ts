import { closedSchema } from './closed-schema.ts'
import { isThenable } from './is-thenable.ts'
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
    const outcome = validate(payload)
    const result = (valid: boolean): PayloadResult =>
      valid ? { ok: true, payload } : { ok: false, detail: describe(validate.errors) }
    // Ajv's $async answers by promise, with what it has validated.
    if (isThenable(outcome)) return Promise.resolve(outcome).then((value) => result(value === payload), () => result(false))
    return result(outcome === true)
  }
}

function standardResult (outcome: StandardResult<unknown>): PayloadResult {
  if (outcome.issues === undefined) return { ok: true, payload: outcome.value }
  return { ok: false, detail: outcome.issues.map((issue) => issue.message).join('; ') }
}

function describe (errors: ValidateFunction['errors']): string {
  return (errors ?? []).map((error) => `${error.instancePath ?? ''} ${error.message ?? ''}`.trim()).join('; ') || 'does not fit the schema'
}
