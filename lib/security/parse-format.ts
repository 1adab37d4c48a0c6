import { FormatError } from './errors.ts'

export interface ParsedFormat {
  readonly statics: readonly string[]
  /** Behind each static but the last: the number of a value, or its name. */
  readonly names: ReadonlyArray<string | number>
}

/** Reads `{}`, `{name}`, `{{` and `}}` in a format of `formatHtml`. */
export function parseFormat (format: string): ParsedFormat {
  const statics: string[] = ['']
  const names: Array<string | number> = []
  const pieces = format.matchAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+/g)
  for (const [piece, name] of pieces) {
    if (name === undefined) {
      if (piece === '{' || piece === '}') throw refuse(format, `a single ${piece}`, `Write ${piece}${piece} for a literal ${piece}`)
      statics[statics.length - 1] += piece === '{{' || piece === '}}' ? piece.slice(1) : piece
      continue
    }
    if (!/^(?:[a-z_]\w*)?$/i.test(name)) throw refuse(format, `a placeholder {${name}}`, 'Write {} or a name such as {userName}')
    names.push(name === '' ? names.length : name)
    statics.push('')
  }
  if (names.length === 0) {
    // formatHtml(`<b>${name}</b>`) has the name in it already, and nothing would be escaped.
    throw refuse(format, 'no placeholder', 'Write formatHtml`…` without parentheses, or formatHtml(\'<b>{}</b>\', name)')
  }
  if (new Set(names.map((name) => typeof name)).size > 1) {
    throw refuse(format, 'both {} and named placeholders', 'Use one kind')
  }
  return { statics, names }
}

function refuse (format: string, what: string, fix: string): Error {
  return new FormatError(`formatHtml: the format ${JSON.stringify(format.slice(0, 80))} has ${what}`, fix)
}
