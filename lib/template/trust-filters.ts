import { SafeString, escape } from './nunjucks.ts'
import { textOf } from './ordinary.ts'
import { Html, SaidSafe, TreeText } from './tree.ts'

type Filter = (this: any, ...args: any[]) => any

/** `| safe`: a program that uses it was checked when it was compiled. */
export const safeFilter: Filter = (value) => isOurs(value) ? value : new SaidSafe(shown(value))

const escapeFilter: Filter = (value) => isOurs(value) ? value : new Html(escape(shown(value)))

const forceEscape: Filter = (value) => new Html(escape(shown(value)))

/** Nothing of these can open, close or end a tag: spaces at both ends, spaces at the beginning of lines, nothing at all. */
const KEEPING = ['trim', 'indent', 'string']

/**
 * nunjucks' filters that make or keep HTML, around those that an environment has. All others give texts: `copySafeness` calls
 * safe what `replace` or `truncate` have put a person's text into.
 */
export function trustFilters (filters: Readonly<Record<string, Filter>>): Record<string, Filter> {
  const { nl2br } = filters as { nl2br: Filter }
  return {
    safe: safeFilter,
    escape: escapeFilter,
    e: escapeFilter,
    forceescape: forceEscape,
    // The line break stands where a newline stood: in text, or inside of an attribute's quotes.
    nl2br: keeping(nl2br),
    ...Object.fromEntries(KEEPING.map((name) => [name, keeping(filters[name] as Filter)])),
  }
}

/** HTML that the application's own code answers with, where it has said so. */
export function givingHtml (run: Filter): Filter {
  return function (...args) {
    return toHtml(run.apply(this, args))
  }
}

/** The same for one that answers by its last argument, a callback. */
export function givingHtmlLater (run: Filter): Filter {
  return function (...args) {
    const done = args.pop()
    return run.apply(this, [...args, (error: unknown, result: unknown) => done(error, toHtml(result))])
  }
}

function toHtml (value: unknown): unknown {
  return typeof value === 'string' || (value instanceof SafeString && !isOurs(value)) ? new Html(String(value)) : value
}

function keeping (filter: Filter): Filter {
  return function (value, ...args) {
    if (!(value instanceof Html)) return filter.call(this, value, ...args)
    return new Html(String(filter.call(this, String(value), ...args)))
  }
}

function isOurs (value: unknown): boolean {
  return value instanceof Html || value instanceof TreeText
}

function shown (value: unknown): string {
  return value === null || value === undefined ? '' : textOf(value)
}
