/** The part of https://standardschema.dev that is used: version 1. */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: unknown, readonly output: Output } | undefined
  }
}

export type StandardResult<Output> =
  | { readonly value: Output, readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] }

export interface StandardIssue {
  readonly message: string
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> | undefined
}

/** JSON Schema as TypeBox makes it or as written by hand, or a Standard Schema. */
export type Schema = object

/** TypeBox carries its type as `static`; a plain JSON Schema gives `Record<string, unknown>`; no schema, no payload. */
export type PayloadOf<P> = unknown extends P ? Readonly<Record<string, never>>
  : P extends { readonly '~standard': { readonly types?: { readonly output: infer O } | undefined } } ? O
    : P extends { static: infer T } ? T
      : Readonly<Record<string, unknown>>
