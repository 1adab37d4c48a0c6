import type { Node } from '../nunjucks.ts'
import type { Place } from './place.ts'

/** A macro, or the body of a `call` block: something that a template can call. */
export interface Closure {
  readonly node: Node
  /** Where it was defined: template, context, and for a caller the names around it. */
  readonly place: Place
}
