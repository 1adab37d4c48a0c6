import { isForbidden } from './attribute-place.ts'

const TOKEN = /([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|[^\s"'>]+))?|[^]/g
const NAME = /^[a-z_][a-z0-9_.:-]*$/

/**
 * Reads rendered text that stands between a tag's name and its `>`, and keeps plain attributes only: name (lower case) ->
 * source of the value, '' for a bare name. The first of a name wins, as in the parser.
 *
 * Quotes come from the template or from trusted HTML alone, since values have theirs encoded. So a value can add bare names,
 * and what is not in quotes (`{{ 'x onclick=steal()' }}`) is dropped with its name. Event handlers, `srcdoc` and the
 * runtime's own marks are dropped however they are written.
 */
export function parseAttributes (text: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const found of text.matchAll(TOKEN)) {
    if (found[1] === undefined) continue
    const name = found[1].toLowerCase()
    const quoted = found[2] ?? found[3]
    if (!NAME.test(name) || attributes.has(name) || isForbidden(name)) continue
    if (quoted === undefined && found[0] !== found[1]) continue
    attributes.set(name, quoted ?? '')
  }
  return attributes
}
