import type { Layout } from '../layout.ts'

/** What is left of one static: the part of it from `from` to `to`. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Of each static what stands outside of parts: those with pieces write their own, and all that is between their slots. */
export function ownStatics ({ parts, partOf }: Layout, statics: readonly string[]): Span[] {
  return statics.map((text, k) => {
    const [before, after] = [parts[partOf[k - 1] as number], parts[partOf[k] as number]]
    if (before !== undefined && before === after) return { from: 0, to: 0 }
    const last = before === undefined || before.kind === 'hole' ? undefined : before.pieces.at(-1)
    const first = after === undefined || after.kind === 'hole' ? undefined : after.pieces[0]
    return {
      from: typeof last === 'string' ? last.length : 0,
      to: text.length - (typeof first === 'string' ? first.length : 0)
    }
  })
}
