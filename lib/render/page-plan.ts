import type { Part } from '../template/layout.ts'
import type { Shape } from '../template/shape.ts'
import { htmlSource } from '../template/output/encode-place.ts'
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
  const { page, parts, partOf, headEnd } = layoutOf(shape)
  const statics = [...page]
  const numbers: number[] = []
  const open: (string | null)[] = []
  const close: string[] = []
  let headOffset = headEnd === null ? 0 : headEnd.offset
  for (let k = 0; k < partOf.length; k++) {
    const number = partOf[k] as number
    const part = parts[number] as Part
    const isHole = part.kind === 'hole'
    const isFirst = partOf[k - 1] !== number
    numbers.push(isFirst ? number : -1)
    open.push(isHole && part.textless !== true ? `<!--${number}-->` : null)
    close.push(isHole && !part.closed ? '<!--/-->' : '')
    if (part.kind === 'hole') continue
    // The part writes its own static pieces.
    const [before, after] = [part.pieces[0], part.pieces.at(-1)]
    if (!isFirst) statics[k] = ''
    else if (typeof before === 'string') statics[k] = cutEnd(statics[k] as string, before.length)
    if (partOf[k + 1] === number || typeof after !== 'string') continue
    statics[k + 1] = (statics[k + 1] as string).slice(after.length)
    if (headEnd?.index === k + 1) headOffset -= after.length
  }
  const head = headEnd === null ? null : { index: headEnd.index, offset: headOffset }
  return { statics: neutralise(statics, head), numbers, parts, open, close, head }
}

function cutEnd (text: string, count: number): string {
  return text.slice(0, text.length - count)
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
