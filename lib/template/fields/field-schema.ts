import type { FieldNode } from './field-node.ts'
import { isRead } from './field-tree.ts'
import { isScalarMember } from './scalar-methods.ts'

/** What a loader's schema says of its data, as far as templates can notice it. */
export interface FieldSchema {
  /** `unknown`: the schema does not say, or allows more than one kind. */
  readonly kind: 'object' | 'array' | 'leaf' | 'unknown'
  /** The parts of an object; null where there may be others than are named. */
  readonly names: ReadonlyMap<string, FieldSchema> | null
  /** What an array's elements are, or an object's values whose names are not known; null where the schema does not say. */
  readonly element: FieldSchema | null
}

/** True where a template may name that part of what the schema describes. */
export function allows (schema: FieldSchema, name: string, part: FieldNode): boolean {
  switch (schema.kind) {
    case 'object': return schema.names === null || schema.names.has(name)
    case 'array': return name in Array.prototype
    // What is only called is a method: which ones a value has, its schema does not say.
    case 'leaf': return isScalarMember(name) || !isRead(part)
    default: return true
  }
}

/** What elements, or parts under names that are data, may be; none where nobody says. */
export function elementsOf (schemas: readonly FieldSchema[]): FieldSchema[] {
  const elements: FieldSchema[] = []
  for (const schema of schemas) {
    const { kind, names, element } = schema
    // Characters are texts again.
    if (kind === 'leaf') elements.push(schema)
    else if (kind === 'object' && names !== null) elements.push(...names.values())
    else if (element !== null) elements.push(element)
    else return []
  }
  return elements
}

/** The names for a message: those of the object, or of the list's elements. */
export function fieldsOf ({ names }: FieldSchema): string[] {
  return [...names?.keys() ?? []]
}

/** True where the schema says what reading everything reads. */
export function isNamed (schema: FieldSchema, around: readonly FieldSchema[] = []): boolean {
  if (schema.kind === 'leaf' || (schema.kind === 'object' && schema.names !== null)) return true
  return schema.kind !== 'unknown' && schema.element !== null && !around.includes(schema) && isNamed(schema.element, [...around, schema])
}
