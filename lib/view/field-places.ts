import { ELEMENT, isElement } from '../template/fields/field-node.ts'
import { isRead } from '../template/fields/field-tree.ts'
import type { FieldTree } from '../template/fields/field-tree.ts'
import type { LoaderSchema } from './loader-schema.ts'

/** What is read of one part of the data, and what its schema says of it. */
export interface Reading {
  /** Null: all of it, at any depth. */
  readonly tree: FieldTree | null
  readonly schema: LoaderSchema | null
}

/** A list and its elements, as one place. */
export type Place = readonly Reading[]

/** The places of the elements of a list of lists are not names of fields. */

export function isReadWhole ({ tree }: Reading): boolean {
  return tree === null || tree.marks.has('whole')
}

export function isWhole (place: Place): boolean {
  return place.some(isReadWhole)
}

/** True where all is read of what no schema names: a scalar, or a record of which nobody knows the fields. */
export function isOpen (place: Place): boolean {
  return place.some((reading) => isReadWhole(reading) && (reading.schema === null ||
    (reading.schema.names === null && (reading.schema.kind !== 'array' || reading.schema.element === null))))
}

export function foldElements (readings: Place): Place {
  const folded = [...readings]
  const schemas = new Set<LoaderSchema>()
  for (const reading of folded) {
    const { tree, schema } = reading
    const element = schema?.element ?? null
    if (!isReadWhole(reading)) {
      const elements = tree?.children.get(ELEMENT)
      if (elements !== undefined && !isRecord(schema)) folded.push({ tree: elements, schema: element })
    } else if (element !== null && !schemas.has(element)) {
      schemas.add(element)
      folded.push({ tree: null, schema: element })
    }
  }
  return folded
}

/** Only whether it is there. */
const THERE: FieldTree = Object.freeze({ name: '', marks: new Set(['exists'] as const), children: new Map() })

function isRecord (schema: LoaderSchema | null): schema is LoaderSchema & { readonly names: ReadonlyMap<string, LoaderSchema> } {
  return schema?.kind === 'object' && schema.names !== null
}

/** The named parts that are read of a place. */
export function partsBelow (place: Place): Map<string, Place> {
  const readings = new Map<string, Reading[]>()
  const add = (name: string, reading: Reading): void => { readings.set(name, [...(readings.get(name) ?? []), reading]) }
  for (const reading of place) {
    const { tree, schema } = reading
    if (isReadWhole(reading)) for (const [name, part] of schema?.names ?? []) add(name, { tree: null, schema: part })
    if (tree === null) continue
    // A key that is data may be any of them.
    const any = tree.children.get(ELEMENT) ?? (tree.marks.has('keys') ? tree : undefined)
    if (any !== undefined && isRecord(schema)) {
      for (const [name, part] of schema.names) add(name, { tree: any === tree ? THERE : any, schema: part })
    }
    for (const [name, child] of tree.children) {
      if (isElement(name) || !isRead(child) || (name === 'length' && !isLengthField(tree, schema))) continue
      add(name, { tree: child, schema: schema?.names?.get(name) ?? null })
    }
  }
  return new Map([...readings].map(([name, all]) => [name, foldElements(all)]))
}

/**
 * A list's own length is no column. Without a schema, `films.length` alone is a list's; what has other fields besides, or
 * is itself an element of a list, is a record.
 */
function isLengthField (tree: FieldTree, schema: LoaderSchema | null): boolean {
  if (schema?.kind === 'array') return false
  if (schema?.names) return schema.names.has('length')
  if (tree.marks.has('iter') || tree.children.has(ELEMENT)) return false
  return tree.name === ELEMENT || [...tree.children].some(([name, child]) => name !== 'length' && isRead(child))
}

/** Every path below, to its end. A recursive schema that is read whole ends where it would begin again. */
export function pathsBelow (parts: ReadonlyMap<string, Place>, above: ReadonlySet<LoaderSchema>): string[] {
  const paths: string[] = []
  for (const [name, place] of parts) {
    const below = expandable(place, above) ? pathsBelow(partsBelow(place), schemasOf(place, above)) : []
    if (below.length === 0) paths.push(name)
    else for (const path of below) paths.push(`${name}.${path}`)
  }
  return paths
}

/** True where a place has an end to be written out: it is not all of something unknown, nor read whole within itself. */
export function expandable (place: Place, above: ReadonlySet<LoaderSchema>): boolean {
  return !isOpen(place) && !place.some((reading) => isReadWhole(reading) && reading.schema !== null && above.has(reading.schema))
}

export function schemasOf (place: Place, above: ReadonlySet<LoaderSchema>): Set<LoaderSchema> {
  const within = new Set(above)
  for (const reading of place) if (isReadWhole(reading) && reading.schema !== null) within.add(reading.schema)
  return within
}
