import { LIVE_ERR_TEMPLATE_DYNAMIC, positioned } from '../template/errors.ts'
import type { Layout } from '../template/layout.ts'
import type { Shape } from '../template/shape.ts'

/** The shape's layout. Every shape that a live program renders has one: what cannot have one is refused before it is shown. */
export function layoutOf (shape: Shape): Layout {
  if (shape.layout !== null) return shape.layout
  throw positioned(LIVE_ERR_TEMPLATE_DYNAMIC, shape.position, 'where this body stands in the page is not known. Compile its ' +
    'template with environment.compile(), outside of compatible mode')
}
