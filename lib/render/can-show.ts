import { standInsOf } from '../template/rescue-fit.ts'
import type { SlotSource, Shape } from '../template/shape.ts'
import { layoutOf } from './layout-of.ts'

/**
 * True when some rendering of the shape can hold such a control. Where the compiler does not know what fills a hole (a
 * macro's call, a dynamic include) the answer is yes: an honest client must never be taken for an attacker.
 */
export function canShow (shape: Shape, path: readonly number[], element: number, kind: string): boolean {
  const layout = layoutOf(shape)
  if (path.length === 0) return layout.elements[element]?.events.some((one) => one.kind === kind) ?? false
  const part = layout.parts[path[0] as number]
  if (part?.kind !== 'hole') return false
  if (standInsOf(shape, part.slot).some((body) => canShow(body, path.slice(1), element, kind))) return true
  const source = shape.slots[part.slot] as SlotSource
  if (source.kind === 'flat') return false
  if (source.bodies.length === 0) return true
  return source.bodies.some((body) => {
    const steps = body === source.row ? 2 : 1
    return path.length >= steps && canShow(body, path.slice(steps), element, kind)
  })
}
