import type { SourcePosition } from '../../lib/template/shape.ts'

/** `orders.njk:12, orders.njk:14`: each line once, as editors and terminals make links of them. */
export function placeNames (places: readonly SourcePosition[]): string {
  return [...new Set(places.map(({ template, line }) => `${template}:${line}`))].join(', ')
}
