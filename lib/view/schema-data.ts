import type { RowOf } from './field-selection.ts'

/** The type that a schema carries: TypeBox as `static`, a Standard Schema in its `types`; `any` where it carries none. */
export type SchemaData<Schema> =
  Schema extends { readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined } } ? Output
    : Schema extends { readonly static: infer Static } ? Static : any

export type IsAny<T> = 0 extends (1 & T) ? true : false

/** Objects that are values to a template, apart from lists: dates, buffers, maps. They come whole or not at all. */
type Value = Date | RegExp | ArrayBufferView | Iterable<unknown> | ((...given: never[]) => unknown)

/** Parts of loaded data, at any depth: of each object only the fields are there that were asked for. */
export type PartsOf<T> = IsAny<T> extends true ? any
  : T extends ReadonlyArray<infer Element> ? ReadonlyArray<PartsOf<Element>>
    : T extends Value ? T
      : T extends object ? { readonly [K in keyof T]?: PartsOf<T[K]> }
        : T

/** What a loader with a schema may return: nothing, or parts of its type. Other names are dropped, so they are allowed. */
export type Returned<Data> = Delivered<Data> | null | undefined

type Delivered<T> = IsAny<T> extends true ? any
  : T extends ReadonlyArray<infer Element> ? ReadonlyArray<Delivered<Element>>
    : T extends Value ? T
      : T extends object ? { readonly [K in keyof T]?: Delivered<T[K]> | undefined } & MoreNames
        : T

/** Any other names, but no list: an index signature of `any` takes interfaces, classes and arrays too. */
interface MoreNames {
  readonly [name: string]: any
  readonly [Symbol.iterator]?: never
}

/** What a guard gets of a row: the columns that it names. */
export type GuardRow<Data, Column> = {
  readonly [C in Column & string]: C extends keyof RowOf<Data> ? RowOf<Data>[C] : any
}
