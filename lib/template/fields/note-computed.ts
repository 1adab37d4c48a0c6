import type { Node } from '../nunjucks.ts'
import type { AbstractValue } from './abstract-value.ts'

/** Expressions whose value is that of another, or written out, or put together of parts that keep what they are. */
const HANDS_ON: ReadonlySet<string> = new Set([
  'Literal', 'TemplateData', 'Symbol', 'LookupVal', 'Group', 'NodeList', 'InlineIf', 'And', 'Or', 'Array', 'Dict', 'KeywordArgs', 'Caller'
])

/** These know themselves whether they hand a value on, and otherwise which it is. */
const DECIDES: ReadonlySet<string> = new Set(['FunCall', 'Filter', 'FilterAsync'])

/** The value of an expression, with the expression where it computed the value. Whatever is not known to hand one on has. */
export function noteComputed (node: Node, value: AbstractValue): AbstractValue {
  if (HANDS_ON.has(node.typename) || (DECIDES.has(node.typename) && !value.computed.has(null))) return value
  return { ...value, computed: new Set([node]) }
}
