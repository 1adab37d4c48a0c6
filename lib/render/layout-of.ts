import type { Layout } from '../template/layout.ts'
import type { Shape } from '../template/shape.ts'

/** The shape's layout. Every shape that can be rendered live has one: a template whose places are refused fails at boot. */
export function layoutOf (shape: Shape): Layout {
  return shape.layout as Layout
}
