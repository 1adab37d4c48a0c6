import type { Shape } from './shape.ts'
import { Html, List, Tree } from './tree.ts'
import type { Slot } from './tree.ts'
import type { NotLoaded, Unavailable } from './unavailable.ts'

/** The value of a slot whose data is missing, while a page is rendered. No text can be made of it: what would is missing too. */
export class Gap extends Html {
  readonly touch: NotLoaded

  constructor (touch: NotLoaded) {
    super('')
    this.touch = touch
  }

  override toString (): string {
    throw this.touch
  }
}

/** A slot between tags whose data is missing. */
export interface ShownGap {
  readonly missing: Unavailable
  readonly holder: Shape
  readonly slot: number
}

/** Says what stands in the gaps of one rendering, given in the order of the page. */
export type Rescue = (gaps: readonly ShownGap[]) => readonly Slot[] | Promise<readonly Slot[]>

/**
 * Fills the gaps that are left in a rendering: only now it is known which of them are shown. Those in attributes and texts
 * become nothing.
 */
export function fillGaps (tree: Tree, rescue: Rescue): Tree | Promise<Tree> {
  const found: Array<ShownGap & { readonly slots: Slot[] }> = []

  function body (shape: Shape, slots: Slot[], shown: boolean): void {
    const layout = shown ? shape.layout : null
    for (let slot = 0; slot < slots.length; slot++) {
      const value = slots[slot] as Slot
      if (typeof value !== 'object') continue
      const inHole = layout !== null && layout.parts[layout.partOf[slot] as number]?.kind === 'hole'
      if (value instanceof Gap) {
        slots[slot] = ''
        if (inHole) found.push({ missing: value.touch.missing, holder: shape, slot, slots })
      } else if (value instanceof Tree) body(value.shape, value.slots, inHole)
      else if (value instanceof List) for (const row of value.rows) body(value.shape, row, inHole)
    }
  }

  body(tree.shape, tree.slots, true)
  if (found.length === 0) return tree
  const fill = (values: readonly Slot[]): Tree => {
    found.forEach(({ slots, slot }, index) => { slots[slot] = values[index] as Slot })
    return tree
  }
  const values = rescue(found.map(({ missing, holder, slot }) => ({ missing, holder, slot })))
  return values instanceof Promise ? values.then(fill) : fill(values)
}
