import type { SourcePosition } from './shape.ts'

/** A place in a template as messages and keys have it: `orders.njk:12:5`. */
export function showPosition ({ template, line, column }: SourcePosition): string {
  return `${template}:${line}:${column}`
}
