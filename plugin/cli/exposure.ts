import { nameText } from '../../lib/template/fields/member-path.ts'
import type { FieldExplanation } from '../../lib/view/explain-fields.ts'
import type { EventExplanation } from '../../lib/view/explain-events.ts'
import type { ViewExplanation } from '../../lib/view/explain-view.ts'

/** What the views of an application expose: no place, no time, no path of a machine, so that it changes only with them. */
export interface Exposure {
  readonly version: 1
  readonly views: Readonly<Record<string, ViewExposure>>
}

export interface ViewExposure {
  readonly access: string
  /** Facts: what goes into the page. */
  readonly shows: readonly string[]
  /** Facts: what only decides or orders. */
  readonly reads: readonly string[]
  /** Paths of the fields whose text goes into the page as HTML. Absent where there are none. */
  readonly trusts?: readonly string[]
  /** Loader -> the columns by which its rows are checked. */
  readonly guards: Readonly<Record<string, string>>
  /** The events that a page can call. */
  readonly events: Readonly<Record<string, EventExposure>>
}

export interface EventExposure {
  readonly authorize: boolean
  readonly rateLimit: string | null
  readonly payload: Readonly<Record<string, string>>
  /** Of the whole schema, for what its summary leaves out. Absent where there is no payload. */
  readonly payloadDigest?: string
}

/** The fact that stands for all data, where a template's name is computed. */
export const EVERYTHING = '*'

const PARTS = [['iter', 'rows'], ['keys', 'names'], ['exists', 'whether']] as const

export function exposureOf (views: readonly ViewExplanation[]): Exposure {
  return { version: 1, views: Object.fromEntries(sorted(views.map((view) => [view.name, viewExposure(view)]))) }
}

function viewExposure (view: ViewExplanation): ViewExposure {
  const fields = fieldsOf(view)
  const guarded = view.loaders.filter(({ guard }) => guard.length > 0)
  const facts = (use: FieldExplanation['use']): string[] => fields.filter((field) => field.use === use).map(factOf)
  return {
    access: view.access,
    shows: [...view.everything ? [EVERYTHING] : [], ...facts('DISPLAY')].sort(),
    reads: facts('READ').sort(),
    ...view.trustedHtml.length > 0 && { trusts: view.trustedHtml.map(({ path }) => path) },
    guards: Object.fromEntries(guarded.map(({ name, guard }) => [name, guard.map(nameText).join(', ')])),
    events: Object.fromEntries(sorted(reachable(view).map((event) => [event.name, eventExposure(event)]))),
  }
}

/** All that a view reads: of loaders, of its state, of globals. */
export function fieldsOf (view: ViewExplanation): FieldExplanation[] {
  return [...view.loaders, ...view.values].flatMap(({ fields }) => fields)
}

/** An event without a control in the templates is always refused. */
export function reachable (view: ViewExplanation): EventExplanation[] {
  return view.events.filter(({ controls }) => controls.length > 0)
}

/** `orders[].total`; `orders (rows)` where not the value is read, but how many elements there are, or which names, or whether. */
export function factOf ({ path, marks }: FieldExplanation): string {
  const parts = marks.includes('whole') ? [] : PARTS.filter(([mark]) => marks.includes(mark)).map(([, word]) => word)
  return parts.length === 0 ? path : `${path} (${parts.join(', ')})`
}

/** True where one of the facts is this one, or the whole of something that this is a part of. */
export function isCovered (fact: string, facts: readonly string[]): boolean {
  return facts.some((known) => known === fact || known === EVERYTHING || fact.startsWith(`${known}.`) ||
    fact.startsWith(`${known}[`) || fact.startsWith(`${known} (`))
}

/** Whether a lock file holds what this version writes. A merge by hand can go wrong in many ways. */
export function isExposure (value: unknown): value is Exposure {
  return isRecord(value) && value['version'] === 1 && isRecord(value['views']) && Object.values(value['views']).every((view) =>
    isRecord(view) && typeof view['access'] === 'string' && isTexts(view['shows']) && isTexts(view['reads']) &&
    (view['trusts'] === undefined || isTexts(view['trusts'])) &&
    isRecord(view['guards']) && isRecord(view['events']) &&
    Object.values(view['events']).every((event) => isRecord(event) && isRecord(event['payload'])))
}

function isRecord (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isTexts (value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function eventExposure ({ authorize, rateLimit, payload, payloadDigest }: EventExplanation): EventExposure {
  const limit = rateLimit === null ? null : `${rateLimit.rate}/s, burst ${rateLimit.burst}`
  const types = Object.fromEntries(sorted(Object.entries(payload ?? {})))
  return { authorize, rateLimit: limit, payload: types, ...payloadDigest !== null && { payloadDigest } }
}

function sorted<T> (entries: Array<[string, T]>): Array<[string, T]> {
  return entries.sort(([a], [b]) => a < b ? -1 : 1)
}
