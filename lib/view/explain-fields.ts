import { ELEMENT } from '../template/fields/field-node.ts'
import type { Mark } from '../template/fields/field-node.ts'
import type { ReadPath } from '../template/fields/field-set.ts'
import { memberPath } from '../template/fields/member-path.ts'
import type { SourcePosition } from '../template/shape.ts'
import { showPosition } from '../template/show-position.ts'
import type { LoaderSchema } from './loader-schema.ts'

/** `DISPLAY`: the value itself goes into the page. `READ`: it only decides or orders. */
export type Use = 'DISPLAY' | 'READ'

export interface FieldPlace extends SourcePosition {
  readonly use: Use
}

export interface FieldExplanation {
  /** `orders[].customer.name`; `[]` stands for a list's elements, `user["a.b"]` for a name that is no plain one. */
  readonly path: string
  readonly use: Use
  /** How much of it is read: exists, iter, keys, whole. */
  readonly marks: readonly Mark[]
  /** Every place that reads it, in the templates' order. */
  readonly places: readonly FieldPlace[]
}

/** One line for each path that is read. An object that is read whole stands with all the names that its schema gives. */
export function explainFields (paths: readonly ReadPath[], schema: LoaderSchema | null): FieldExplanation[] {
  const found = new Map<string, ReadPath[]>()
  for (const read of paths) {
    const parts = read.marks.includes('whole') && schema !== null ? namesBelow(read.path, schemaAt(schema, read.names)) : [read.path]
    for (const part of parts) found.set(part, [...found.get(part) ?? [], read])
  }
  return [...found].sort(([a], [b]) => a < b ? -1 : 1).map(([path, reads]) => ({
    path,
    use: reads.some(({ shown }) => shown) ? 'DISPLAY' : 'READ',
    marks: [...new Set(reads.flatMap(({ marks }) => marks))].sort(),
    places: placesOf(reads),
  }))
}

function placesOf (reads: readonly ReadPath[]): FieldPlace[] {
  const places = new Map<string, FieldPlace>()
  for (const { shown, position } of reads.flatMap((each) => each.reads)) {
    const { template, line, column } = position
    const key = showPosition(position)
    if (shown || !places.has(key)) places.set(key, { template, line, column, use: shown ? 'DISPLAY' : 'READ' })
  }
  return [...places.values()].sort(byPosition)
}

/** By template, line and column. */
export function byPosition (a: SourcePosition, b: SourcePosition): number {
  if (a.template !== b.template) return a.template < b.template ? -1 : 1
  return a.line - b.line || a.column - b.column
}

/** What the schema says of a path below its loader. */
function schemaAt (schema: LoaderSchema, names: readonly string[]): LoaderSchema | null {
  let at: LoaderSchema | null | undefined = schema
  for (const name of names) at = name === ELEMENT ? at?.element : at?.names?.get(name)
  return at ?? null
}

function namesBelow (path: string, schema: LoaderSchema | null): string[] {
  if (schema?.element) return namesBelow(`${path}[]`, schema.element)
  if (!schema?.names?.size) return [path]
  return [...schema.names].flatMap(([name, part]) => namesBelow(memberPath(path, name), part))
}
