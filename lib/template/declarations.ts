import { LIVE_ERR_TEMPLATE_OPTION } from './errors.ts'
import { leadsToCode } from './hardened-lookups.ts'

/** What a filter, test, function or tag of the application reads: paths as segments, `*` for a list's elements, or everything. */
export type Reads = 'all' | ReadonlyArray<readonly string[]>

export interface ReadsOptions {
  /**
   * Paths of what it is given first (`['first', 'address.city', '[].price']`; of a tag: of the page's data). `[]`: only whether
   * it is there. `'all'`: everything below. It also says that the answer depends on nothing else.
   */
  readonly reads: readonly string[] | 'all'
}

export interface HtmlOptions {
  /**
   * What it answers is HTML, and goes into the page as it is: every value in it is for the code itself to escape. Without it
   * the answer is text. Default false.
   */
  readonly html?: boolean
}

export interface FilterOptions extends Partial<ReadsOptions>, HtmlOptions {
  readonly async?: boolean
}

/** The application's own filters, functions and tags that answer with HTML. */
export type DeclaredHtml = { readonly [Kind in 'filters' | 'globals' | 'tags']: ReadonlySet<string> }

export type DeclarationKind = 'filters' | 'tests' | 'globals' | 'tags'

/** What an environment's own filters, tests, functions and tags read, by name, as far as they say. */
export type Declarations = { readonly [Kind in DeclarationKind]: ReadonlyMap<string, Reads> }

const segment = '[\\p{ID_Start}$_][\\p{ID_Continue}$-]*(?:\\[\\])*'
// eslint-disable-next-line live-security/no-computed-regexp -- of the constant above
const path = new RegExp(`^(?:(?:\\[\\])+|${segment})(?:\\.${segment})*$`, 'u')

/** True where a call of that name gives the same answer for the same data: a condition may ask it before the page is rendered. */
export function isDeclared (declarations: Declarations | undefined, kind: DeclarationKind, name: string): boolean {
  return declarations?.[kind].has(name) === true
}

/** The `reads` of an options object, checked; `what` is `filter 'label'`. */
export function parseReads (what: string, given: unknown): Reads {
  if (given === 'all' && !what.startsWith('tag ')) return 'all'
  const allowed = what.startsWith('tag ')
    ? "the paths that it reads of the page: ['user.name'], or [] where it reads nothing but its arguments"
    : "the paths that it reads of what it is given first: ['name', 'address.city', '[].price'], [] where it only looks " +
      "whether it is there, or 'all'"
  if (!Array.isArray(given)) throw refusal(what, `reads is ${show(given)}`, allowed)
  return Object.freeze(given.map((item: unknown) => {
    if (typeof item !== 'string' || !path.test(item)) throw refusal(what, `reads has ${show(item)}`, allowed)
    const segments = item.replaceAll('[]', '.*').split('.').filter((name) => name !== '')
    if (segments.some(leadsToCode)) throw refusal(what, `reads has ${show(item)}, which no template may read`, allowed)
    if (what.startsWith('tag ') && segments[0] === '*') throw refusal(what, `reads has ${show(item)}, which names nothing of the page`, allowed)
    return Object.freeze(segments)
  }))
}

function refusal (what: string, problem: string, allowed: string): Error {
  return new LIVE_ERR_TEMPLATE_OPTION(`The ${what} cannot be added: its ${problem}. Give ${allowed}`)
}

function show (value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : typeof value === 'function' ? 'a function' : JSON.stringify(value) ?? String(value)
}
