import { createHash } from 'node:crypto'
import { checkTrust } from '../template/check-trust.ts'
import type { TrustedField } from '../template/check-trust.ts'
import { analyseProgram } from '../template/fields/analyse-program.ts'
import { checkFields } from '../template/fields/check-fields.ts'
import { checkWholeReads } from '../template/fields/check-whole-reads.ts'
import type { FieldSet } from '../template/fields/field-set.ts'
import type { Program } from '../template/program.ts'
import type { TemplateEnvironment } from '../template/template-environment.ts'
import { unavailable } from '../template/unavailable.ts'
import { nearestName } from '../template/nearest-name.ts'
import { LIVE_ERR_EVENT_UNDECLARED, LIVE_ERR_EVENT_UNKNOWN } from './errors.ts'
import { NeedsFinder } from './needs-finder.ts'
import { createPayloadCheck } from './payload-check.ts'
import type { CompileSchema, PayloadCheck } from './payload-check.ts'
import { checkFallbacks } from './rescue-fallbacks.ts'
import type { Fallbacks } from './rescue-fallbacks.ts'
import type { View } from './view.ts'

export type EventSecurity = 'strict' | 'warn' | 'open'

/** A view ready to be mounted: its template compiled, its fields known, its events' names and schemas checked. */
export interface CompiledView {
  readonly view: View
  readonly program: Program
  readonly fields: FieldSet
  readonly needs: NeedsFinder
  /** What stands in the names of a page for a loader that nothing shown reads. */
  readonly placeholders: ReadonlyMap<string, object>
  readonly fallbacks: Fallbacks
  /** Fields whose text goes into the page as HTML, and where. */
  readonly trustedHtml: readonly TrustedField[]
  /** Changes with every change to a template that takes part: a page of another build does not fit this one. */
  readonly build: string
}

/** Everything that can be wrong with a view and is known at boot is thrown here, with position and the way out. */
export function compileView (view: View, environment: TemplateEnvironment, eventSecurity: EventSecurity): CompiledView {
  for (const event of view.events.values()) {
    if (!event.declared && eventSecurity === 'strict') throw new LIVE_ERR_EVENT_UNDECLARED(view.name, event.name, event.name)
  }
  const program = environment.program(view.template, view.includes)
  const fields = analyseProgram(program)
  const loaders = Object.values(view.loaders)
  const schemas = new Map(loaders.map(({ name, schema }) => [name, schema]))
  checkFields(fields, schemas)
  checkWholeReads(fields, schemas)
  const fallbacks = checkFallbacks(view.name, loaders, program)
  const programs = [program, ...[...fallbacks.values()].map((fallback) => fallback.program)]
  for (const shown of programs) checkBindings(view, shown)
  const trustedHtml = checkTrust(programs, view.trustedHtml, view.name)
  const build = createHash('sha256').update(programs.flatMap((shown) => shown.shapes().map((shape) => shape.id)).join()).digest('base64url').slice(0, 12)
  const read = Object.keys(view.loaders).filter((name) => fields.everything || fields.node(name) !== undefined)
  const placeholders = new Map(read.map((name) => [name, unavailable(name, 'unneeded', '')]))
  const needs = new NeedsFinder(fields, view.loaders)
  return Object.freeze({ view, program, build, fields, needs, placeholders, fallbacks, trustedHtml })
}

/** Every event that a template names is one of the view's: a control that could only ever be refused is an error at boot. */
function checkBindings (view: View, program: Program): void {
  const names = [...view.events.keys()]
  for (const { layout, template } of program.shapes()) {
    for (const { events, line, column } of layout?.elements ?? []) {
      for (const { event } of events) {
        if (view.events.has(event)) continue
        const nearest = nearestName(event, names)
        const wayOut = nearest === null ? `Events of '${view.name}': ${names.join(', ') || 'none'}` : `Did you mean '${nearest}'?`
        throw new LIVE_ERR_EVENT_UNKNOWN(`${template}:${line}:${column}`, event, wayOut)
      }
    }
  }
}

/** Payload checks of a view's events, compiled by the validator compiler of the route that shows it. */
export function compilePayloads (view: View, compile: CompileSchema): ReadonlyMap<string, PayloadCheck> {
  return new Map([...view.events.values()].map((event) => [event.name, createPayloadCheck(event.payload, compile, `${view.name}.${event.name}`)]))
}
