import { printExpression } from './loading/print-expression.ts'
import type { Node } from './nunjucks.ts'

/** Why a computed value is not printed as HTML, and what to write instead. Null: nobody knows what it is. */
export function explainComputed (computed: Node | null, use: Node): string {
  const shown = printExpression(use)
  if (computed === null) {
    return `what {{ ${shown} }} prints is not followed to where it comes from (a key, a method, an object that is changed in place, a ` +
      'macro that calls itself or is called by a function). Print the field itself, or let sanitize come last instead of safe: ' +
      `{{ ${input(use)} | sanitize }}`
  }
  const text = `{{ ${shown} }} would print as HTML what was computed`
  switch (computed.typename) {
    case 'Capture':
      return `${text} in a block of text, in which values are not escaped for their places. Write a macro instead: ` +
        '{% macro name(x) %}…{% endmacro %}{{ name(x) }}'
    case 'FunCall':
      return `${text} by a function. Let sanitize come last: {{ ${input(use)} | sanitize }}; or let the function say that it answers ` +
        "with HTML of its own, escaped by itself: addGlobal('name', name, { html: true })"
    case 'Filter': return `${text} by the filter '${computed['name'].value}'. ${filterFix(computed, use)}`
    default:
      return `${text}: a text with values in it, none of them escaped. Write the parts out in the template, each in its own {{ }}; or ` +
        `let sanitize come last: {{ ${input(use)} | sanitize }}`
  }
}

/** Why HTML that a filter changed is not printed, and what to write instead. */
export function explainLost (filter: Node): string {
  const name: string = filter['name'].value
  return `{{ ${printExpression(filter)} }} prints HTML that the filter '${name}' changed: it can cut tags and put in texts that nobody ` +
    `escaped. Let '${name}' come first and what makes HTML last, inside of a macro where it is one's; or let sanitize come last`
}

function filterFix (computed: Node, use: Node): string {
  const from = printExpression(computed['args'].children[0])
  const filter = printExpression(computed).slice(from.length)
  switch (computed['name'].value) {
    case 'nl2br': return `Escape first: {{ ${from} | escape | nl2br }}`
    case 'trim': case 'indent': case 'string': return `Let safe come first: {{ ${from} | safe${filter} }}`
    default:
      return `Let sanitize come last: {{ ${input(use)} | sanitize }}; a filter of your own that answers with HTML, escaped by itself, can ` +
        'say so: addFilter(name, filter, { html: true })'
  }
}

function input (use: Node): string {
  return printExpression(use['args'].children[0])
}
