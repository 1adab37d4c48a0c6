import type { Part } from '../template/layout.ts'
import type { Shape } from '../template/shape.ts'
import { htmlSource } from '../template/output/encode-place.ts'
import { ownStatics } from '../template/output/own-statics.ts'
import type { Span } from '../template/output/own-statics.ts'
import { layoutOf } from './layout-of.ts'

/** A shape prepared for writing pages: whatever can be decided once is decided here, so that rows are plain concatenation. */
export interface PagePlan {
  /** What stands before, between and after the slots. */
  readonly statics: readonly string[]
  /** The number of the part that begins with the slot; -1 for a slot that an earlier slot's part has written already. */
  readonly numbers: readonly number[]
  readonly parts: readonly Part[]
  /** Marker before, and after, the text of a slot that is a hole; null for other parts, and where no text can stand. */
  readonly open: readonly (string | null)[]
  readonly close: readonly string[]
  /** The static that `</head>` stands in and its offset there. */
  readonly head: { readonly index: number, readonly offset: number } | null
}

const plans = new WeakMap<Shape, PagePlan>()

/** The shape's plan, made once. */
export function pagePlan (shape: Shape): PagePlan {
  let plan = plans.get(shape)
  if (plan === undefined) {
    plan = makePlan(shape)
    plans.set(shape, plan)
  }
  return plan
}

function makePlan (shape: Shape): PagePlan {
  const layout = layoutOf(shape)
  const { page, parts, partOf, headEnd } = layout
  const numbers: number[] = []
  const open: (string | null)[] = []
  const close: string[] = []
  for (let k = 0; k < partOf.length; k++) {
    const number = partOf[k] as number
    const part = parts[number] as Part
    const isHole = part.kind === 'hole'
    const isFirst = partOf[k - 1] !== number
    numbers.push(isFirst ? number : -1)
    open.push(isHole && part.textless !== true ? `<!--${number}-->` : null)
    close.push(isHole && !part.closed ? '<!--/-->' : '')
  }
  const spans = ownStatics(layout, page)
  const statics = spans.map(({ from, to }, k) => (page[k] as string).slice(from, to))
  const head = headEnd === null ? null : { index: headEnd.index, offset: headEnd.offset - (spans[headEnd.index] as Span).from }
  return { statics: neutralise(statics, head), numbers, parts, open, close, head }
}

// Pieced together text is flattened anew each time it is written out, unless it is made one string here.
function flat (text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}

// Comments of the author's that look like markers; the head's offset moves with the spaces put in before it.
function neutralise (statics: readonly string[], head: { index: number, offset: number } | null): string[] {
  return statics.map((text, index) => {
    if (head?.index !== index) return flat(htmlSource(text))
    const left = htmlSource(text.slice(0, head.offset))
    const right = htmlSource(text.slice(head.offset))
    head.offset = left.length
    return flat(left + right)
  })
}
