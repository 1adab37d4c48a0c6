import { LIVE_ERR_HTML_TRUST, LIVE_ERR_TEMPLATE_OPTION, positioned } from './errors.ts'
import { explainComputed, explainLost } from './explain-computed.ts'
import { analyseProgram } from './fields/analyse-program.ts'
import { CHANGING_FILTERS } from './fields/html-uses.ts'
import type { SafeUse } from './fields/html-uses.ts'
import { pathOf } from './fields/path-of.ts'
import { nearestName } from './nearest-name.ts'
import { outputPlaces } from './output-places.ts'
import type { Program } from './program.ts'
import type { SourcePosition } from './shape.ts'

/** A field whose text goes into the page as HTML, and where. */
export interface TrustedField {
  readonly path: string
  readonly places: readonly SourcePosition[]
}

/**
 * Checks what the templates of one page print as HTML: by `| safe` only fields that are listed, and what the engine made itself;
 * and that every listed one is printed so, since trust that nothing needs waits for whoever comes next. `view` is null where
 * there is none.
 */
export function checkTrust (
  programs: readonly Program[], trusted: readonly string[], view: string | null
): readonly TrustedField[] {
  if (!Array.isArray(trusted) || trusted.some((path) => typeof path !== 'string')) {
    throw new LIVE_ERR_TEMPLATE_OPTION("trustedHtml is no array of fields' paths. Give one: ['post.body', 'comments[].html']")
  }
  if (trusted.length === 0 && !programs.some(mayPrintHtml)) return []
  const places = new Map<string, SourcePosition[]>(trusted.map((path) => [path, []]))
  const isHtml = outputPlaces(programs)
  const fields = programs.map(analyseProgram)
  for (const { html } of fields) {
    for (const { node, position, output } of html.lost) {
      if (isHtml(output, node)) throw positioned(LIVE_ERR_HTML_TRUST, position, explainLost(node))
    }
    for (const use of html.safe) {
      if ([...use.outputs].some((output) => isHtml(output, use.node))) checkUse(use, places, view)
    }
  }
  const shown = (): string[] => fields.flatMap((set) => set.roots().flatMap((root) => set.paths(root).map(({ path }) => path)))
  for (const [path, uses] of places) if (uses.length === 0) throw stale(path, shown(), view)
  return [...places].map(([path, uses]) => ({ path, places: uses }))
}

/** Most pages have nothing to check: their fields need not be known for that. */
function mayPrintHtml ({ templates }: Program): boolean {
  return templates.some(({ compilation }) => compilation?.uses.some(({ kind, name }) => kind === 'filter' && CHANGING_FILTERS.has(name)))
}

type Places = ReadonlyMap<string, SourcePosition[]>

function checkUse ({ node, position, fields, computed }: SafeUse, places: Places, view: string | null): void {
  const [part] = computed
  if (part !== undefined) throw positioned(LIVE_ERR_HTML_TRUST, position, explainComputed(part, node))
  for (const path of [...fields].map(pathOf).sort()) {
    const uses = places.get(path)
    if (uses === undefined) throw positioned(LIVE_ERR_HTML_TRUST, position, untrusted(path, [...fields].map(pathOf), view))
    uses.push(position)
  }
}

function untrusted (path: string, all: readonly string[], view: string | null): string {
  const others = all.length === 1 ? '' : ` (it prints ${all.join(' or ')}: a name that is also set, or has a default, can mean data of that name)`
  return `'| safe' prints ${path} as it is${others}: whoever can write it could put a script into the page. Write '| sanitize' ` +
    `instead, which leaves what is harmless; or, where only you write it, trust it: ${listing(path, view)}`
}

function stale (path: string, shown: readonly string[], view: string | null): Error {
  const nearest = nearestName(path, shown)
  const meant = nearest === null || nearest === path ? '' : ` Did you mean ${JSON.stringify(nearest)}?`
  return new LIVE_ERR_HTML_TRUST(`trustedHtml${view === null ? '' : ` of view '${view}'`} lists ${JSON.stringify(path)}, which no template prints by '| safe' between tags.${meant} ` +
    'Take it out: trust that nothing needs is there for the next who writes a template')
}

function listing (path: string, view: string | null): string {
  const list = `trustedHtml: [${JSON.stringify(path)}]`
  return view === null ? `compile(name, { ${list} })` : `${list} in view '${view}'`
}
