import { analyseProgram } from '../template/fields/analyse-program.ts'
import { Program } from '../template/program.ts'
import { rescueCandidates } from '../template/rescue-candidates.ts'
import { fitOf } from '../template/rescue-fit.ts'
import type { Fit } from '../template/rescue-fit.ts'
import type { Shape } from '../template/shape.ts'
import { showPosition } from '../template/show-position.ts'
import { LIVE_ERR_FALLBACK } from './fallback-error.ts'
import type { LoaderDefinition } from './loader-definition.ts'

/** What stands in for a loader's data, compiled. */
export interface Fallback {
  readonly program: Program
  /** Where it can stand. */
  readonly fit: Fit
}

/** By loader. */
export type Fallbacks = ReadonlyMap<string, Fallback>

type Loader = Pick<LoaderDefinition, 'name' | 'fallback'>

/**
 * Compiles the fallbacks of a view's loaders, and tries them in all places that they may be shown in. Throws where one needs
 * what may be missing itself, or could never be seen.
 */
export function checkFallbacks (view: string, loaders: Iterable<Loader>, program: Program): Fallbacks {
  const all = [...loaders]
  const names = new Set(all.map(({ name }) => name))
  const fallbacks = new Map<string, Fallback>()
  for (const { name, fallback } of all) {
    if (fallback === null) continue
    const refuse = (what: string, wayOut: string): Error => new LIVE_ERR_FALLBACK(view, fallback, name, what, wayOut)
    const own = compile(program, fallback, refuse)
    for (const { name: root, position } of analyseProgram(own).mentioned()) {
      if (!names.has(root)) continue
      throw refuse(`names the data of loader '${root}' at ${showPosition(position)}`, 'It is shown when data is missing: let it show state and globals only')
    }
    const fit = fitOf(own)
    checkPlaces(program, name, fit, refuse)
    fallbacks.set(name, Object.freeze({ program: own, fit }))
  }
  return fallbacks
}

type Refuse = (what: string, wayOut: string) => Error

function compile (program: Program, fallback: string, refuse: Refuse): Program {
  try {
    return new Program(program.environment, fallback, program.includes)
  } catch (error: any) {
    // What stands in the template has its own position; that there is none concerns the view.
    if (typeof error.line === 'number') throw error
    throw refuse('cannot be compiled', `${error.message}. Write that template, or take the fallback out of the loader`)
  }
}

function checkPlaces (program: Program, loader: string, fit: Fit, refuse: Refuse): void {
  const candidates = rescueCandidates(program, loader)
  const reasons = new Map<string, string>()
  let shown = false
  for (const { holder, slot } of candidates) {
    const { position, reason } = { position: showPosition(holder.slots[slot]!.position), reason: holeRefusal(holder, slot, fit) }
    if (reason === null) shown = true
    else if (holder.slots[slot]!.kind !== 'flat') reasons.set(position, `at ${position}: ${reason}`)
  }
  // A template that shows nothing of the loader is not the fallback's fault.
  if (shown || reasons.size === 0) return
  throw refuse(`can stand in none of its places; ${[...reasons.values()].slice(0, 3).join('; ')}`,
    'Show some of the data between tags, where that markup is allowed, or write a fallback that fits there')
}

function holeRefusal (holder: Shape, slot: number, fit: Fit): string | null {
  const { layout } = holder
  const part = layout?.parts[layout.partOf[slot] as number]
  if (part === undefined) return 'the value becomes part of a text'
  if (part.kind !== 'hole') return part.kind === 'content' ? `the value is text of <${part.tag}>` : 'the value stands in a tag'
  // It begins with its place in the fallback and ends with a full stop.
  return fit(holder, slot)?.message.replace(/^\S+:\d+:\d+: |\.$/g, '') ?? null
}
