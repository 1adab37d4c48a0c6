import { positioned } from '../errors.ts'
import type { SourcePosition } from '../shape.ts'
import { LIVE_ERR_WHOLE_READ } from './errors.ts'
import { isElement } from './field-node.ts'
import type { FieldNode } from './field-node.ts'
import { isNamed } from './field-schema.ts'
import type { FieldSchema } from './field-schema.ts'
import type { FieldSet } from './field-set.ts'

/**
 * Throws LIVE_ERR_WHOLE_READ where all of a loader's data, or of its elements, is read as an object, and no schema names its
 * fields: the loader could only be asked for everything, secrets included. A field below has been named, and may be read whole.
 */
export function checkWholeReads (fields: FieldSet, loaders: ReadonlyMap<string, FieldSchema | null>): void {
  for (const [name, schema] of loaders) {
    if (schema !== null && isNamed(schema)) continue
    if (fields.everything) throw refusal(name, schema, { template: fields.entry, line: 1, column: 1 }, 'a program that is too large to be followed')
    const root = fields.node(name)
    if (root !== undefined) visit(root, schema, name, schema)
  }
}

function visit (node: FieldNode, schema: FieldSchema | null, loader: string, whole: FieldSchema | null): void {
  if (schema !== null && isNamed(schema)) return
  const { deepAt } = node
  if (deepAt !== null && node.marks.has(deepAt.mark)) throw refusal(loader, whole, deepAt, deepAt.by)
  for (const [name, child] of node.children) {
    if (isElement(name)) visit(child, schema?.element ?? null, loader, whole)
  }
}

function refusal (loader: string, schema: FieldSchema | null, position: SourcePosition, by: string): Error {
  const why = schema === null ? 'which has no schema' : 'whose schema does not name its fields'
  return positioned(LIVE_ERR_WHOLE_READ, position, `${by} reads all of loader '${loader}', ${why}: it would be asked for everything. ` +
    `Show its fields, such as {{ ${loader}.name }}; or give the loader a schema that names them; or, for a filter, test or function of ` +
    "your own, declare what it reads: addFilter(name, fn, { reads: ['name'] })")
}
