import type { FieldNode, Mark } from '../fields/field-node.ts'
import type { SourcePosition } from '../shape.ts'

/**
 * What a program reads of its loaders' data, and under which conditions: everything that exact loading needs to know is
 * worked out at boot, so that a mount evaluates a few conditions and looks into no template.
 *
 * What is read under conditions that cannot be evaluated beforehand (a row's own fields, names that several statements
 * set, functions that nobody declared) stands without them: it may be asked for in vain, and is never missing.
 */
export interface LoadPlan {
  /** The loaders that the program can read at all, sorted. */
  readonly roots: readonly string[]
  /** Every read of a loader's data; a read's id is its index. */
  readonly reads: readonly PlannedRead[]
  readonly body: PlanBody
}

export interface PlannedRead {
  readonly id: number
  /** The loader's name. */
  readonly root: string
  readonly node: FieldNode
  readonly mark: Mark
}

/** What a stretch of template reads: unconditionally, and under guards. */
export interface PlanBody {
  readonly reads: readonly number[]
  readonly guards: readonly Guard[]
}

export type Guard = BranchGuard | LoopGuard

/** if, elif, inline if, and, or, switch: one of two sides. What evaluating the condition reads stands in the body around. */
export interface BranchGuard {
  readonly kind: 'branch'
  readonly condition: Condition
  readonly truthy: PlanBody
  readonly falsy: PlanBody
}

/**
 * A loop whose body reads other loaders' data: they are asked only when a row gets there. What the body reads of the list
 * itself stands outside, since each row would otherwise cost a query.
 */
export interface LoopGuard {
  readonly kind: 'loop'
  /** Gives the list of what the loop binds for each row, in order. */
  readonly list: Condition
  /** Where `rows` holds the row while the body is looked at. */
  readonly row: number
  readonly body: PlanBody
}

/** An expression that can be evaluated as soon as what it reads is loaded. */
export interface Condition {
  readonly position: SourcePosition
  /** For `explain`: the expression in template syntax, cut short where it is long. */
  readonly text: string
  /** What evaluating it reads, guarded where `and`, `or` or an inline if stop early. */
  readonly reads: PlanBody
  /**
   * By the same generated code as the rendering.
   * @param page the names that templates see: globals, state, loaded data
   * @param rows the rows of the loops around, by their `row` numbers
   */
  readonly evaluate: (page: Readonly<Record<string, unknown>>, rows: readonly unknown[]) => unknown
}
