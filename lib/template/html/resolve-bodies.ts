import type { Shape, SlotSource } from '../shape.ts'

/** What the analysis asks of a compiled template. */
export interface TemplateSource {
  /** Null where it is never shown, because the template always extends another one. */
  readonly root: Shape | null
  readonly blocks: ReadonlyMap<string, Shape>
  readonly macros: readonly Shape[]
  /** Names it may extend; null or empty when it extends nothing. */
  readonly parents: readonly string[] | null
  /** Names it imports, where they are literal: their macros are analysed with it. */
  readonly imports?: readonly string[] | null
}

/** Where compiled templates come from. */
export interface PlacesSource {
  template (name: string): TemplateSource
  /** What an include means whose name is not written out. */
  readonly includes?: readonly string[]
}

/** The templates that a block's overrides are looked up in, most derived first. */
export type Chain = readonly TemplateSource[]

/** A body that may fill a slot, with the chain that its own blocks are looked up in. */
export interface Filling {
  readonly shape: Shape
  readonly chain: Chain
}

export interface Fillings {
  readonly fillings: readonly Filling[]
  /** True when exactly this body always fills the slot. */
  readonly always: boolean
  /** Bodies that only `super()` reaches. */
  readonly inherited: readonly Filling[]
}

/** The bodies that can come to stand in a slot. */
export function resolveBodies (source: PlacesSource, slot: SlotSource, chain: Chain): Fillings {
  if (slot.kind === 'block') return resolveBlock(slot, chain)
  if (slot.kind === 'include') return resolveInclude(source, slot)
  return { fillings: slot.bodies.map((shape) => ({ shape, chain })), always: false, inherited: [] }
}

function resolveBlock (slot: SlotSource, chain: Chain): Fillings {
  const name = slot.names![0] as string
  const overrides = chain.map((template) => template.blocks.get(name)).filter((shape) => shape !== undefined)
  const [first, ...inherited] = [...new Set(overrides)].map((shape) => ({ shape, chain }))
  return { fillings: first === undefined ? [] : [first], always: true, inherited }
}

function resolveInclude (source: PlacesSource, slot: SlotSource): Fillings {
  const fillings = (slot.names ?? source.includes ?? []).flatMap((name) => {
    try {
      return templateRoots(source, name)
    } catch (error) {
      if (slot.optional) return []
      throw error
    }
  })
  return { fillings, always: fillings.length === 1 && !slot.optional, inherited: [] }
}

/** The root bodies that a template can render: its own, or those at the ends of what it extends. */
export function templateRoots (source: PlacesSource, name: string, derived: Chain = []): Filling[] {
  const template = source.template(name)
  // Of a list of templates, one may extend whatever a value names: itself as well.
  if (derived.includes(template)) return []
  const chain = [...derived, template]
  const own = template.root === null ? [] : [{ shape: template.root, chain }]
  return [...own, ...(template.parents ?? []).flatMap((parent) => templateRoots(source, parent, chain))]
}
