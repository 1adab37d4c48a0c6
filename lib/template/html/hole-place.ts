import { TABLE_PARTS } from './element-names.ts'
import { htmlError } from './errors.ts'
import { current, isOpen, pendingFormatting, push } from './parser-state.ts'
import type { ParserState } from './parser-state.ts'
import type { SourcePosition } from '../shape.ts'

/** Refuses places whose nodes the browser's runtime cannot find again where they are written. */
export function checkAddressable (state: ParserState, at: SourcePosition): void {
  if (isOpen(state, 'template')) {
    throw htmlError('LIVE_ERR_HTML_PLACE', at, 'a value stands inside <template>, whose content is not part of the page',
      'Take it out of the <template>; the server renders what is shown.')
  }
  const broken = state.stack.find((element) => element.broken !== null)
  if (broken !== undefined) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `a value stands in <${broken.name}>, which the browser takes apart: ` +
      `${broken.broken as string}`,
    'Close elements in the reverse order of their opening.')
  }
}

/** Checks that a hole can stand here. Gives true where the parser would move its text away. */
export function checkHole (state: ParserState, always: boolean, at: SourcePosition): boolean {
  checkAddressable(state, at)
  const top = current(state)
  const pending = pendingFormatting(state)[0]
  if (pending !== undefined) {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, `a value stands where the browser opens <${pending.name}> again: it was ` +
      'closed by the end of its surroundings',
      `Write "</${pending.name}>" before the end of the element it stands in.`)
  }
  if (top !== undefined && top.namespace !== 'html' && (top.name === 'style' || top.name === 'script')) refuseCode(top.name, at)
  if (state.phase === 'after body') {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, 'a value or block stands behind </body>: the browser moves what it gives back ' +
      'into the body',
    'Write it before </body>.')
  }
  if (always) return isTextless(state)
  // A bare fragment: the server writes the head and <body> in front of it.
  if (state.phase === 'prolog' && top === undefined && !state.doctype) {
    push(state, 'html')
    push(state, 'body')
    state.phase = 'body'
  }
  if (state.phase === 'prolog' || state.phase === 'html' || state.phase === 'after head') {
    throw htmlError('LIVE_ERR_HTML_PARSER', at, 'a value stands ' +
      `${state.phase === 'after head' ? 'between </head> and <body>' : 'before <head>'}: ` +
      'the browser puts its marks and what it gives in different places',
    'Write <html>, <head> and <body> out, and the value inside of head or body.')
  }
  return isTextless(state)
}

/** Scripts and styles: no escaping makes a value safe there. */
export function refuseCode (name: string, at: SourcePosition): never {
  throw htmlError('LIVE_ERR_HTML_PLACE', at, `a value stands in <${name}>, whose content runs as ` +
    `${name === 'style' ? 'CSS' : 'code'}`,
  name === 'style'
    ? 'Set a custom property instead, style="--size: {{ … }}px", and use var(--size) in the stylesheet.'
    : 'Pass data as <script type="application/json">{{ value | dump }}</script> or in data-* attributes, and read it from a ' +
        'static script.')
}

function isTextless (state: ParserState): boolean {
  const name = current(state)?.name ?? ''
  return TABLE_PARTS.has(name) || name === 'head' || name === 'html' || name === ''
}
