import type { Layout } from './layout.ts'

/** 1-based position in a template's source, for errors and `explain`. */
export interface SourcePosition {
  readonly template: string
  readonly line: number
  readonly column: number
}

/**
 * What fills a slot, as far as the compiler knows:
 * - `output`: `{{ expression }}`; a macro, caller or super() call may still give a Tree at run time
 * - `branch`: if/elif/else, switch; the value is the Tree of the body taken, or '' where none is
 * - `loop`: for, asyncEach, asyncAll; the value is a List, or the Tree of the else body
 * - `block`, `include`: the callee's Tree
 * - `flat`: text that the compiler flattens itself (extension bodies and the like); the value is never a Tree
 */
export type SlotKind = 'output' | 'branch' | 'loop' | 'block' | 'include' | 'flat'

export interface SlotSource {
  readonly kind: SlotKind
  readonly position: SourcePosition
  /** The bodies that can fill it: branches in source order; for a loop the row body first, then the else body. */
  readonly bodies: readonly Shape[]
  /** A loop's row body, null for other kinds. */
  readonly row: Shape | null
  /** The block's name; the included template's names where they are literal (several for an inline if); null when dynamic. */
  readonly names: readonly string[] | null
  /** True when one of the outcomes is nothing at all (an if without else, `ignore missing`). */
  readonly optional: boolean
  /** Present where the expression ends in `| dump` or `| dump | safe`: its text is JSON. */
  readonly json?: true
}

/**
 * The statics of one template body and what stands in the holes between them. One object per body for the life of the
 * compiled template; `statics.length === slots.length + 1`.
 */
export interface Shape {
  /** Base-36 hash of template name, statics and slot sources: equal in every process that compiles the same source. */
  readonly id: string
  readonly template: string
  readonly position: SourcePosition
  readonly statics: readonly string[]
  readonly slots: readonly SlotSource[]
  /** Where the slots stand in the HTML. Null until the places are analysed, and always in compatible mode. */
  layout: Layout | null
}
