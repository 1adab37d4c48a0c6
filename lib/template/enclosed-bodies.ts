import type { LiveTemplate } from './live-template.ts'
import type { Shape } from './shape.ts'

/**
 * Bodies of branches and loops that stand in a tag, or in an element whose content is text; and what stands outside of the blocks
 * of a template that extends another, which is never shown. They have no layout.
 */
const enclosed = new WeakSet<Shape>()

/** True where all that the body prints is escaped once more, if it is shown at all. */
export function isEnclosed (shape: Shape): boolean {
  return shape.layout === null && enclosed.has(shape)
}

/** Finds them, once the places are known. */
export function findEnclosed (templates: readonly LiveTemplate[]): void {
  for (const { root, alwaysExtends } of templates) if (root !== null && alwaysExtends) enclose(root)
  for (const { layout, slots } of templates.flatMap(({ shapes }) => shapes)) {
    if (layout === null) continue
    slots.forEach(({ bodies }, slot) => {
      if (layout.parts[layout.partOf[slot] as number]?.kind !== 'hole') bodies.forEach(enclose)
    })
  }
}

function enclose (shape: Shape): void {
  enclosed.add(shape)
  for (const { bodies } of shape.slots) bodies.forEach(enclose)
}
