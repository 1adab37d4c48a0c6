import { NOT_SENT, treeValue } from '../../lib/render/encode-tree.ts'
import { layoutOf } from '../../lib/render/layout-of.ts'
import type { Program } from '../../lib/template/program.ts'
import type { Shape } from '../../lib/template/shape.ts'
import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import { Html, List, Tree } from '../../lib/template/tree.ts'
import type { Slot } from '../../lib/template/tree.ts'
import { unavailable } from '../../lib/template/unavailable.ts'
import { checkFallbacks } from '../../lib/view/rescue-fallbacks.ts'
import { createRescue } from '../../lib/view/rescue-slots.ts'
import { LiveComparison } from './compare-live.ts'
import { extend } from './extend.ts'
import { Random } from './random.ts'
import { randomData } from './random-data.ts'
import { randomProgram } from './random-program.ts'
import type { RandomProgram } from './random-program.ts'

export interface RescueMismatch {
  readonly seed: number
  readonly root: string
  readonly program: RandomProgram
  readonly what: string
}

export interface RescueComparison {
  readonly mismatch: RescueMismatch | null
  /** How many gaps the page had; null for a program that was refused or failed with any data. */
  readonly gaps: number | null
}

const FALLBACK = '<b class="{{ unavailable.why }}">Loading{% if unavailable.errorId %} failed{% endif %}</b>'

/**
 * Takes the data of one name away from a random program. What is not a gap says the same as with any data under that name;
 * the page with fallbacks or regions in it can be read, and be patched to the one with data and back.
 */
export function compareRescue (seed: number): RescueComparison {
  const random = new Random(seed)
  const program = randomProgram(random)
  const environment = new TemplateEnvironment({ ...program.templates, 'fallback.njk': FALLBACK })
  extend(environment)
  // As in nunjucks, a set in a loop of an included template reaches the frames of the one that includes it.
  const leaks = ['part1.njk', 'part2.njk'].some((name) => program.templates[name]?.includes('{% set'))
  const compiled = leaks ? null : attempt(() => environment.compile(program.entry))
  if (compiled === null) return { mismatch: null, gaps: null }
  const data = randomData(random)
  const names = Object.keys(data)
  const first = random.below(names.length)
  let found: RescueComparison = { mismatch: null, gaps: null }
  // The first name that the page shows, beginning anywhere.
  for (const root of [...names.slice(first), ...names.slice(0, first)]) {
    const { what, gaps } = compareRoot(random, compiled, data, root)
    found = { mismatch: what === null ? null : { seed, root, program, what }, gaps }
    if (what !== null || (gaps ?? 0) > 0) break
  }
  return found
}

function compareRoot (
  random: Random, compiled: Program, data: Record<string, unknown>, root: string
): { what: string | null, gaps: number | null } {
  const variants = [data, ...[1, 2].map(() => ({ ...data, [root]: randomData(random)[root] })), { ...data, [root]: undefined }]
  const trees = variants.flatMap((one) => attempt(() => compiled.render(one) as Tree) ?? [])
  if (trees.length === 0) return { what: null, gaps: null }
  let gaps = 0
  try {
    const page = { ...data, [root]: unavailable(root, random.pick(['failed', 'pending']), 'e1') }
    const marked = compiled.renderAround(page, (found) => {
      gaps = found.length
      return found.map(() => GAP)
    }) as Tree
    for (const tree of trees) sameBody(tree.shape, marked.slots, tree.shape === marked.shape ? tree.slots : [], false)
    if (gaps > 0) follow(compiled, page, root, trees[0] as Tree)
  } catch (error: any) {
    if (/which template this one extends depends/.test(error.message)) return { what: null, gaps: null }
    return { what: String(error.stack), gaps }
  }
  return { what: null, gaps }
}

const GAP = new Html('gap')

function sameBody (shape: Shape, around: readonly Slot[], full: readonly Slot[], inText: boolean): void {
  around.forEach((slot, k) => {
    const layout = inText ? null : layoutOf(shape)
    const isText = layout === null || layout.parts[layout.partOf[k] as number]?.kind !== 'hole'
    sameSlot(slot, full[k] as Slot, isText)
  })
}

function sameSlot (slot: Slot, other: Slot, isText: boolean): void {
  if (slot === GAP || (isText && slot === '')) return
  if (slot instanceof Tree && other instanceof Tree && slot.shape === other.shape) {
    return sameBody(slot.shape, slot.slots, other.slots, isText)
  }
  if (slot instanceof List && other instanceof List && slot.rows.length === other.rows.length) {
    return slot.rows.forEach((row, k) => sameBody(slot.shape, row, other.rows[k] as Slot[], isText))
  }
  if (typeof slot !== 'object' || slot instanceof Html ? String(slot) === String(other) : false) return
  throw new Error(`a slot that is no gap differs: ${String(slot)} instead of ${String(other)}`)
}

/** Missing, with data, missing again: each page and each patch is what a fresh one would be. */
function follow (program: Program, page: Record<string, unknown>, root: string, loaded: Tree): void {
  const fallbacks = attempt(() => checkFallbacks('fuzz', [{ name: root, fallback: 'fallback.njk' }], program)) ?? new Map()
  const around = (): Tree => program.renderAround(page, createRescue({
    fallbacks, page, fallbackFailed: (loader, error) => { throw error }
  })) as Tree
  const comparison = new LiveComparison({})
  for (const tree of [around(), loaded, around(), around()]) {
    const [wrong] = comparison.take(tree)
    if (wrong !== undefined) throw new Error(wrong.join('\n'))
  }
  const [one, two] = [around(), around()].map((tree) => JSON.stringify(treeValue(tree, NOT_SENT)))
  if (one !== two) throw new Error(`two renderings of one page differ: ${one} and ${two}`)
}

function attempt<T> (run: () => T): T | null {
  try {
    return run()
  } catch {
    return null
  }
}
