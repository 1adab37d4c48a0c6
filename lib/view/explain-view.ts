import type { TrustedField } from '../template/check-trust.ts'
import { analyseProgram } from '../template/fields/analyse-program.ts'
import { Program } from '../template/program.ts'
import type { SourcePosition } from '../template/shape.ts'
import type { CompiledView } from './compiled-view.ts'
import { explainEvents } from './explain-events.ts'
import type { EventExplanation } from './explain-events.ts'
import { explainFields } from './explain-fields.ts'
import type { FieldExplanation } from './explain-fields.ts'
import { explainLoading } from './explain-loading.ts'
import type { LoadingStep } from './explain-loading.ts'
import type { View } from './view.ts'

/** What a view reads, shows and accepts, as plain data: `explain --json` prints it as it is. */
export interface ViewExplanation {
  readonly name: string
  /** `public`, `user`, `permission NAME` or `function`. */
  readonly access: string
  readonly template: string
  /** Fields whose text goes into the page as HTML, sorted, and where. */
  readonly trustedHtml: readonly TrustedField[]
  /** Every template of it, sorted. */
  readonly templates: readonly string[]
  /** True when nothing can be left out, since a template's name is computed. */
  readonly everything: boolean
  /** Where a template's name is computed. */
  readonly dynamicNames: readonly SourcePosition[]
  readonly loaders: readonly LoaderExplanation[]
  /** What templates read besides loaders. */
  readonly values: readonly ValueExplanation[]
  readonly loading: readonly LoadingStep[]
  readonly events: readonly EventExplanation[]
}

export interface LoaderExplanation {
  readonly name: string
  readonly eager: boolean
  readonly deferred: boolean
  readonly fallback: string | null
  /** Columns that are asked for besides, checked and dropped. */
  readonly guard: readonly string[]
  /** Sorted; none where no template reads the loader, which then never runs. */
  readonly fields: readonly FieldExplanation[]
}

export interface ValueExplanation {
  readonly name: string
  /** `page`: the view's state or the application's `globals`. `environment`: a global of the template environment. */
  readonly source: 'page' | 'environment' | 'template' | 'flash' | 'unavailable'
  readonly fields: readonly FieldExplanation[]
}

/** Functions that templates call: nunjucks' own and ours. They hold no data. */
const FUNCTIONS: ReadonlySet<string> = new Set(['can', 'range', 'cycler', 'joiner'])

/** Describes a compiled view. The same view and templates give the same description in every process. */
export function explainView (
  { view, program, fields, trustedHtml }: Pick<CompiledView, 'view' | 'program' | 'fields' | 'trustedHtml'>
): ViewExplanation {
  const { globals } = program.environment
  const loaders = Object.entries(view.loaders).map(([name, { eager, deferred, fallback, guard, schema }]) =>
    ({ name, eager, deferred, fallback, guard: guard?.columns ?? [], fields: explainFields(fields.paths(name), schema) }))
  const eager = new Set(loaders.filter((loader) => loader.eager).map(({ name }) => name))
  // Fallbacks show state and globals too, at other times.
  const fallbacks = [...new Set(loaders.flatMap(({ fallback }) => fallback ?? []))].map((name) =>
    new Program(program.environment, name, program.includes))
  const sets = [fields, ...fallbacks.map(analyseProgram)]
  const others = [...new Set(sets.flatMap((set) => set.roots()))].sort()
    .filter((name) => !Object.hasOwn(view.loaders, name) && !FUNCTIONS.has(name))
  const sourceOf = (name: string): ValueExplanation['source'] => {
    if (name === 'flash' || name === 'unavailable') return name
    if (sets.some(({ assigned }) => assigned.has(name))) return 'template'
    return Object.hasOwn(globals, name) ? 'environment' : 'page'
  }
  return {
    name: view.name,
    access: explainAccess(view.access),
    template: view.template,
    trustedHtml,
    templates: [...new Set(sets.flatMap(({ templates }) => templates))].sort(),
    everything: sets.some(({ everything }) => everything),
    dynamicNames: sets.flatMap(({ dynamicNames }) => dynamicNames),
    loaders: loaders.sort((a, b) => a.name < b.name ? -1 : 1),
    values: others.map((name) =>
      ({ name, source: sourceOf(name), fields: explainFields(sets.flatMap((set) => set.paths(name)), null) })),
    loading: explainLoading(fields.plan(new Set(Object.keys(view.loaders))), fields, eager),
    events: explainEvents(view, [program, ...fallbacks]),
  }
}

function explainAccess (access: View['access']): string {
  if (typeof access === 'function') return 'function'
  return access === 'user' || access === 'public' ? access : `permission ${access}`
}
