import { analyseFields } from '../../lib/template/fields/analyse-fields.ts'
import { analyseProgram } from '../../lib/template/fields/analyse-program.ts'
import type { FieldSet } from '../../lib/template/fields/field-set.ts'
import type { LoadPlan } from '../../lib/template/loading/load-plan.ts'
import { parseForCompiler } from '../../lib/template/nunjucks.ts'
import type { Program } from '../../lib/template/program.ts'
import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import { unavailable } from '../../lib/template/unavailable.ts'
import type { LoaderDefinition } from '../../lib/view/loader-definition.ts'
import { UNKNOWN_SCHEMA } from '../../lib/view/loader-schema.ts'
import { NeedsFinder } from '../../lib/view/needs-finder.ts'
import type { RootNeeds } from '../../lib/view/needs-finder.ts'
import { normalizeLoader } from '../../lib/view/normalize-loader.ts'
import { createProjection } from '../../lib/view/project.ts'
import { WHOLE, planOf } from '../../lib/view/projection-plan.ts'

export type Page = Record<string, unknown>

/** Templates, what their loaders would give, and the other names that they see: one rendering for each. */
export interface LoadCase {
  readonly templates: Record<string, string>
  readonly loaders: Page
  readonly pages: readonly Page[]
  /** As nunjucks compiles it: `super()` and async filters lifted into statements of their own. */
  readonly lifted: boolean
  readonly trustedHtml?: readonly string[]
  readonly extend: (environment: TemplateEnvironment) => void
}

export interface PreparedCase extends LoadCase {
  readonly program: Program
  /** What each page says with everything there. */
  readonly expected: readonly string[]
}

export async function prepareLoad (given: LoadCase): Promise<PreparedCase> {
  const environment = new TemplateEnvironment(given.templates)
  given.extend(environment)
  const program = environment.compile('main', { trustedHtml: given.trustedHtml ?? [] })
  const expected: string[] = []
  for (const page of given.pages) expected.push(await render(program, { ...page, ...structuredClone(given.loaders) }))
  return { ...given, program, expected }
}

/** A bug that a test plants in the plan. */
export type ChangePlan = (plan: LoadPlan) => LoadPlan

/** Null, or how a page with less data differs from the one with all of it. */
export async function compareLoad (prepared: PreparedCase, change: ChangePlan = (plan) => plan): Promise<string | null> {
  const fields = analyse(prepared)
  return await compareFields(prepared, fields) ?? await compareRounds(prepared, fields, change)
}

/** The plan for the loaders of a case. */
export function planOfCase (prepared: PreparedCase): LoadPlan {
  return analyse(prepared).plan(new Set(Object.keys(prepared.loaders)))
}

function analyse ({ program, lifted }: PreparedCase): FieldSet {
  const { environment } = program
  // A program of its own: what is known of this one would not be asked again, and tests change what is known.
  if (!lifted) return analyseProgram(environment.program('main', program.includes))
  return analyseFields({
    ast: (name) => {
      const template = program.templates.find((each) => each.name === name)
      return template === undefined ? null : parseForCompiler(template.tmplStr as string, environment)
    },
  }, 'main', { customFilters: new Set(environment.asyncFilters), environment })
}

/** With nothing but the fields that any branch reads. */
async function compareFields ({ program, loaders, pages, expected }: PreparedCase, fields: FieldSet): Promise<string | null> {
  const project = createProjection('case')
  const kept: Page = {}
  for (const [name, value] of Object.entries(loaders)) {
    if (!fields.reads(name)) continue
    const node = fields.node(name)
    kept[name] = project(name, value, fields.everything || node === undefined ? WHOLE : planOf(node, UNKNOWN_SCHEMA))
  }
  for (const [k, page] of pages.entries()) {
    const actual = await render(program, { ...page, ...kept })
    if (actual !== expected[k]) return `with its fields only: ${actual}, instead of ${String(expected[k])}`
  }
  return null
}

/** By rounds: what the conditions say that can be answered by then. */
async function compareRounds (
  { program, loaders, pages, expected }: PreparedCase, fields: FieldSet, change: ChangePlan
): Promise<string | null> {
  const loader = (name: string): LoaderDefinition => ({ ...normalizeLoader(name, () => null, fail), schema: UNKNOWN_SCHEMA })
  const definitions = Object.fromEntries(Object.keys(loaders).map((name) => [name, loader(name)]))
  const source = { plan: (roots: ReadonlySet<string>) => change(fields.plan(roots)), node: (root: string) => fields.node(root) }
  const finder = new NeedsFinder(source as unknown as FieldSet, definitions)
  for (const [k, page] of pages.entries()) {
    const loaded = loadByRounds(finder, loaders, page)
    const names = { ...page }
    for (const name of Object.keys(loaders)) names[name] = name in loaded ? loaded[name] : unavailable(name, 'unneeded', '')
    const actual = await render(program, names)
    if (actual !== expected[k]) return `loaded by rounds: ${actual}, instead of ${String(expected[k])}`
  }
  return null
}

function loadByRounds (finder: NeedsFinder, loaders: Page, page: Page): Page {
  const loaded = new Map<string, { needs: RootNeeds }>()
  let values: Page = {}
  for (;;) {
    const missing = [...finder.find(() => ({ ...page, ...values }), loaded)].filter(([name, needs]) => {
      const there = loaded.get(name)?.needs
      return there === undefined || !needs.ids.every((id) => there.covers.has(id))
    })
    if (missing.length === 0) return values
    const project = createProjection('case')
    for (const [name, needs] of missing) {
      loaded.set(name, { needs })
      values = { ...values, [name]: project(name, loaders[name], needs.projection) }
    }
  }
}

async function render (program: Program, page: Page): Promise<string> {
  try {
    return String(await program.render(page))
  } catch (error) {
    return `ERROR ${String((error as Error).message)}`
  }
}

function fail (problem: string): never {
  throw new Error(problem)
}
