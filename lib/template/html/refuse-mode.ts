import { htmlError } from './errors.ts'
import { positionAt } from './position-at.ts'
import type { Mode } from './scan.ts'
import type { Shape, SourcePosition } from '../shape.ts'

const INSIDE: Readonly<Record<string, readonly [string, string]>> = {
  'tag name': ['a value stands where a tag name is', 'Tag names are literal: write {% if … %}<h1>…</h1>{% else %}<h2>…</h2>{% ' +
    'endif %}. For a mere "<" write &lt;.'],
  'end tag': ['a value stands in an end tag', 'Write the end tag literally.'],
  comment: ['a value stands in an HTML comment', 'Use a template comment, {# … #}, or take the value out of the comment.'],
  doctype: ['a value stands in the doctype', 'Write <!doctype html>.'],
  cdata: ['a value stands in a CDATA section', 'Write the text without <![CDATA[ ]]>.']
}

/** Refuses a value inside of a tag's name, a comment and the like. */
export function refuseInside (what: string, at: SourcePosition): never {
  const [problem, fix] = INSIDE[what] as readonly [string, string]
  throw htmlError('LIVE_ERR_HTML_PLACE', at, problem, fix)
}

/** Refuses a body that ends within a tag, an element's text or a comment. */
export function refuseEnd (shape: Shape, body: string | null, mode: Mode): never {
  const index = shape.statics.length - 1
  const at = positionAt(shape, index, shape.statics[index]!.length)
  const where = mode.at === 'tag'
    ? `the start tag <${mode.tag.name}`
    : mode.at === 'raw' ? `the content of <${mode.raw.name}>` : `a ${(mode as { what: string }).what}`
  throw htmlError('LIVE_ERR_HTML_BALANCE', at, `this ${body ?? 'template or block'} ends inside ${where}`,
    mode.at === 'raw'
      ? `Write "</${mode.raw.name}>" before its end.`
      : 'Complete it before the end; conditions may stand inside of quotes or around whole attributes.')
}
