import type { SourcePosition } from '../../lib/template/shape.ts'
import type { ViewExplanation } from '../../lib/view/explain-view.ts'
import { EVERYTHING, exposureOf, factOf, fieldsOf, isCovered, reachable } from './exposure.ts'
import type { EventExposure, Exposure, ViewExposure } from './exposure.ts'

/** Something that was not exposed before, and where. */
export interface Finding {
  readonly view: string
  /** `+`: new. `!`: a guard that was there is gone or another. */
  readonly sign: '+' | '!'
  readonly what: string
  readonly places: readonly SourcePosition[]
}

export interface Comparison {
  readonly findings: readonly Finding[]
  /** What is written down and no longer so, or is read now and was not: nothing new is exposed by it. */
  readonly outdated: readonly string[]
}

const NOTHING: ViewExposure = { access: '', shows: [], reads: [], guards: {}, events: {} }

/** What the views expose beyond what is written down. */
export function compareExposure (written: Exposure, views: readonly ViewExplanation[]): Comparison {
  const now = exposureOf(views)
  const findings = views.flatMap((view) =>
    findingsOf(view, own(written.views, view.name), now.views[view.name] as ViewExposure))
  const names = new Set([...Object.keys(written.views), ...Object.keys(now.views)])
  const outdated = [...names].sort().flatMap((name) => {
    const after = own(now.views, name)
    return after === null ? [`${name} is gone`] : outdatedOf(name, own(written.views, name), after)
  })
  return { findings, outdated }
}

function findingsOf (view: ViewExplanation, before: ViewExposure | null, now: ViewExposure): Finding[] {
  const findings: Finding[] = []
  const find = (sign: Finding['sign'], what: string, places: readonly SourcePosition[]): void => {
    findings.push({ view: view.name, sign, what, places })
  }
  const whole = [{ template: view.template, line: 1, column: 1 }]
  const { access, shows, reads, trusts = [], guards, events } = before ?? NOTHING
  if (before === null) find('+', `is new, access: ${now.access}`, whole)
  else if (isWeaker(access, now.access)) find('!', `access was ${access} and is ${now.access}`, whole)

  if (now.shows.includes(EVERYTHING) && !shows.includes(EVERYTHING)) find('+', 'can show everything: a template’s name is computed', view.dynamicNames)
  for (const field of fieldsOf(view)) {
    const fact = factOf(field)
    if (field.use !== 'DISPLAY' || isCovered(fact, shows)) continue
    const shown = field.places.filter(({ use }) => use === 'DISPLAY')
    find('+', `shows ${fact}${isCovered(fact, reads) ? ', which it only read' : ''}`, shown.length > 0 ? shown : field.places)
  }
  for (const { path, places } of view.trustedHtml) {
    if (!trusts.includes(path)) find('!', `trusts the HTML of ${path}`, places)
  }
  for (const { name, fields } of view.loaders) {
    const [was, is] = [own(guards, name), own(now.guards, name)]
    // A loader that nothing reads never runs.
    if (was === null || was === is || fields.length === 0) continue
    find('!', is === null ? `${name} lost its guard of rows by ${was}` : `${name} was guarded by ${was} and is by ${is}`, whole)
  }
  for (const { name, controls } of reachable(view)) {
    const event = now.events[name] as EventExposure
    const known = own(events, name)
    if (known === null) find('+', `receives ${name} (${describe(event)})`, controls)
    else for (const change of changes(known, event)) find('!', `${name} ${change}`, controls)
  }
  return findings
}

/** Anything but the same and what lets in fewer for sure. A function can let anybody in. */
function isWeaker (before: string, now: string): boolean {
  if (before === now || before === 'public') return false
  return !(before === 'user' && now.startsWith('permission '))
}

/** What an event's guards let through that they did not. Whether one type is narrower than another is for a person to say. */
function changes (before: EventExposure, now: EventExposure): string[] {
  const found: string[] = []
  if (before.authorize && !now.authorize) found.push('lost authorize')
  if (before.rateLimit !== null && now.rateLimit !== before.rateLimit) {
    found.push(now.rateLimit === null ? `lost its rate limit of ${before.rateLimit}` : `had the rate limit ${before.rateLimit} and has ${now.rateLimit}`)
  }
  for (const [property, type] of Object.entries(now.payload)) {
    const was = own(before.payload, property)
    if (was === null) found.push(`takes ${property}: ${type}`)
    else if (was !== type) found.push(`took ${property}: ${was} and takes ${property}: ${type}`)
  }
  // A summary leaves out what could let more through, also beside what it tells. Without a schema nothing is let through.
  // eslint-disable-next-line live-security/no-secret-comparison -- both stand in files of the developer
  if (now.payloadDigest !== undefined && now.payloadDigest !== before.payloadDigest) found.push('payload changed: review it')
  return found
}

function describe ({ authorize, rateLimit, payload }: EventExposure): string {
  const takes = Object.entries(payload).map(([name, type]) => `${name}: ${type}`).join(', ') || 'no payload'
  return `${takes}; ${authorize ? 'authorize' : 'no authorize'}; ${rateLimit ?? 'no rate limit'}`
}

function outdatedOf (view: string, before: ViewExposure | null, now: ViewExposure): string[] {
  if (before === null) return []
  const gone = [
    ...before.shows.filter((fact) => !now.shows.includes(fact)).map((fact) => `no longer shows ${fact}`),
    ...before.reads.filter((fact) => !now.reads.includes(fact)).map((fact) => `no longer only reads ${fact}`),
    ...now.reads.filter((fact) => !before.reads.includes(fact)).map((fact) => `reads ${fact}`),
    ...(before.trusts ?? []).filter((path) => now.trusts?.includes(path) !== true).map((path) => `no longer trusts the HTML of ${path}`),
    ...Object.keys(now.guards).filter((name) => own(before.guards, name) === null).map((name) => `${name} is guarded`),
    ...Object.keys(before.events).filter((name) => !Object.hasOwn(now.events, name)).map((name) => `no longer receives ${name}`),
    ...Object.entries(now.events).flatMap(([name, guards]) => tightened(name, own(before.events, name), guards)),
  ]
  if (before.access !== now.access && !isWeaker(before.access, now.access)) gone.push(`access is ${now.access}`)
  return gone.map((text) => `${view} ${text}`)
}

function tightened (name: string, before: EventExposure | null, now: EventExposure): string[] {
  if (before === null) return []
  const found = Object.keys(before.payload).filter((property) => !Object.hasOwn(now.payload, property))
    .map((property) => `${name} no longer takes ${property}`)
  if (!before.authorize && now.authorize) found.push(`${name} has authorize`)
  if (before.rateLimit === null && now.rateLimit !== null) found.push(`${name} has a rate limit`)
  return found
}

/** A view may be called 'constructor'. */
function own<T> (record: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(record, name) ? record[name] as T : null
}
