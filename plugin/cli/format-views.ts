import type { EventExplanation } from '../../lib/view/explain-events.ts'
import type { FieldExplanation } from '../../lib/view/explain-fields.ts'
import type { LoaderExplanation, ValueExplanation, ViewExplanation } from '../../lib/view/explain-view.ts'
import { factOf } from './exposure.ts'
import { formatLoading } from './format-loading.ts'
import { placeNames } from './format-places.ts'
import { formatTable } from './format-table.ts'
import type { Paint } from './paint.ts'
import { printable } from './printable.ts'

export interface ViewsFormat {
  readonly width: number
  readonly paint: Paint
}

const SOURCES: Readonly<Record<ValueExplanation['source'], string>> = {
  page: 'state or global',
  environment: 'global of the template environment',
  template: 'set by the templates, or data of that name',
  flash: 'messages of flash()',
  unavailable: 'why a fallback stands there',
}

/** The document that `explain` prints. */
export function formatViews (views: readonly ViewExplanation[], format: ViewsFormat): string {
  return printable(views).map((view) => formatView(view, format)).join('\n')
}

function formatView (view: ViewExplanation, format: ViewsFormat): string {
  const { width, paint } = format
  const head = [['access', ACCESS[view.access] ?? view.access], ['templates', view.templates.join(', ')]]
  for (const { path, places } of view.trustedHtml) head.push(['trusts the HTML of', `${path} (${placeNames(places)})`])
  if (view.everything) head.push(['reads', `everything: a template's name is computed at ${placeNames(view.dynamicNames)}`])
  const sections = [
    ['Data that the templates read of loaders', formatLoaders(view.loaders, format)],
    ['Other values that they read', formatValues(view.values, format)],
    ['Loading', formatLoading(view, format)],
    ['Events', formatEvents(view.events, format)],
  ]
  const title = `${paint.bold(view.name)}\n${'='.repeat(view.name.length)}\n`
  return title + formatTable(head, { indent: 2, width, widest: 40 }) + sections
    .map(([heading, text]) => `\n${paint.bold(heading as string)}\n${text === '' ? '  none\n' : text as string}`).join('')
}

const ACCESS: Readonly<Record<string, string>> = {
  public: 'public: no identity is required',
  user: 'user: an identity is required',
  function: 'a function of the view decides',
}

function formatLoaders (loaders: readonly LoaderExplanation[], { width, paint }: ViewsFormat): string {
  return formatGroups(loaders.map((loader) => [`${paint.bold(loader.name)}${notes(loader)}`, loader.fields]), width)
}

function notes ({ fields, eager, deferred, fallback, guard }: LoaderExplanation): string {
  const found = [
    ...fields.length === 0 ? ['never runs: no template reads it'] : [],
    ...eager ? ['eager'] : [],
    ...deferred ? ['deferred: not in the first rendering'] : [],
    ...fallback === null ? [] : [`fallback ${fallback}`],
    ...guard.length === 0 ? [] : [`guarded by ${guard.join(', ')}`],
  ]
  return found.length === 0 ? '' : `  (${found.join('; ')})`
}

function formatValues (values: readonly ValueExplanation[], { width }: ViewsFormat): string {
  const sources = [...new Set(values.map(({ source }) => source))]
  return formatGroups(sources.map((source) =>
    [SOURCES[source], values.filter((value) => value.source === source).flatMap(({ fields }) => fields)]), width)
}

/** Titles with the fields below them, all in the same columns. */
function formatGroups (groups: ReadonlyArray<readonly [string, readonly FieldExplanation[]]>, width: number): string {
  const tables = groups.map(([title, fields]) => ({ title, rows: fields.flatMap(fieldRows) }))
  const format = { indent: 4, width, widest: 44, alike: tables.flatMap(({ rows }) => rows) }
  return tables.map(({ title, rows }) => `  ${title}\n${formatTable(rows, format)}`).join('')
}

/** The places that show it, and below them those that only read it. */
function fieldRows (field: FieldExplanation): Array<readonly [string, string, string]> {
  const shown = placeNames(field.places.filter(({ use }) => use === 'DISPLAY'))
  const lines = shown.split(', ')
  const read = field.places.filter(({ use, template, line }) => use === 'READ' && !lines.includes(`${template}:${line}`))
  if (shown === '') return [[factOf(field), field.use, placeNames(read)]]
  const first = [factOf(field), 'DISPLAY', shown] as const
  return read.length === 0 ? [first] : [first, ['', 'READ', placeNames(read)]]
}

function formatEvents (events: readonly EventExplanation[], { width, paint }: ViewsFormat): string {
  return events.map((event) => {
    const { name, declared, payload, authorize, rateLimit, reloads } = event
    const takes = Object.entries(payload ?? {}).map(([property, type]) => `${property}: ${type}`).join(', ')
    const rows = [
      ['from', controls(event)],
      ['payload', takes === '' ? 'empty, whatever is sent' : takes],
      ['authorize', authorize ? 'yes' : 'no: whoever the page shows it to'],
      ['rate limit', rateLimit === null ? "the connection's" : `${rateLimit.rate} a second, ${rateLimit.burst} at once`],
      ...reloads.length === 0 ? [] : [['reloads', reloads.join(', ')]],
    ]
    const note = declared ? '' : '  (undeclared: a bare function)'
    return `  ${paint.bold(name)}${note}\n${formatTable(rows, { indent: 4, width, widest: 20 })}`
  }).join('')
}

function controls ({ controls }: EventExplanation): string {
  if (controls.length === 0) return 'no control in the templates: always refused'
  const kinds = [...new Set(controls.map(({ kind, tag }) => `${kind} of <${tag}>`))]
  return kinds.map((kind) => `${kind} ${placeNames(controls.filter((control) => kind === `${control.kind} of <${control.tag}>`))}`).join('; ')
}
