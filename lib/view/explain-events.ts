import type { Program } from '../template/program.ts'
import type { SourcePosition } from '../template/shape.ts'
import { byPosition } from './explain-fields.ts'
import { explainPayload } from './explain-payload.ts'
import { payloadDigest } from './payload-digest.ts'
import type { EventLimit, View } from './view.ts'

export interface EventExplanation {
  readonly name: string
  /** False for a bare function. */
  readonly declared: boolean
  /** Type by property, `name?` where it may be missing; null: the payload is empty, whatever the browser sends. */
  readonly payload: Readonly<Record<string, string>> | null
  /** Of the whole schema: the types above leave much out. null: no payload. */
  readonly payloadDigest: string | null
  readonly authorize: boolean
  readonly rateLimit: EventLimit | null
  readonly reloads: readonly string[]
  /** Where a page can show a control that calls it. None: it is always refused. */
  readonly controls: readonly ControlExplanation[]
}

export interface ControlExplanation extends SourcePosition {
  /** `click`, `submit`, `input` and so on. */
  readonly kind: string
  readonly tag: string
}

/** A view's events, sorted by name, with their guards and the controls that call them. */
export function explainEvents (view: View, programs: readonly Program[]): EventExplanation[] {
  const controls = controlsOf(programs)
  return [...view.events.values()].sort((a, b) => a.name < b.name ? -1 : 1).map((event) => ({
    name: event.name,
    declared: event.declared,
    payload: explainPayload(event.payload),
    payloadDigest: payloadDigest(event.payload),
    authorize: event.authorize !== null,
    rateLimit: event.rateLimit,
    reloads: event.reloads,
    controls: [...controls.get(event.name)?.values() ?? []].sort(byPosition),
  }))
}

/** Event -> its controls. A body that several templates use has them once. */
function controlsOf (programs: readonly Program[]): Map<string, Map<string, ControlExplanation>> {
  const controls = new Map<string, Map<string, ControlExplanation>>()
  for (const { layout, template } of programs.flatMap((program) => program.shapes())) {
    for (const { events, tag, line, column } of layout?.elements ?? []) {
      for (const { kind, event } of events) {
        const known = controls.get(event) ?? new Map<string, ControlExplanation>()
        known.set(`${kind} ${template}:${line}:${column}`, { kind, tag, template, line, column })
        controls.set(event, known)
      }
    }
  }
  return controls
}
