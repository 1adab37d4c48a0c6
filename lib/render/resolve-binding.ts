import type { AttributeSetPart, BoundElement, Layout, SentElement } from '../template/layout.ts'
import type { Shape } from '../template/shape.ts'
import { List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { attributesOf } from '../template/output/attribute-set.ts'
import { canShow } from './can-show.ts'
import { decodeEntities } from '../template/html/decode-entities.ts'
import { flatSource, flatText } from '../template/output/flat-text.ts'
import { layoutOf } from './layout-of.ts'
import { comparable } from './read-sent.ts'
import { rowIndex } from './row-numbers.ts'
import { OUTERMOST, within } from './surroundings.ts'
import type { Surroundings } from './surroundings.ts'

/** A control as the server's own tree shows it now. */
export interface RenderedBinding {
  readonly status: 'rendered'
  readonly event: string
  /** live-value-NAME, raw text; the object has no prototype. */
  readonly values: Readonly<Record<string, string>>
  /** The same values in attribute order, to compare with what the client saw. */
  readonly seen: readonly string[]
  /** `live-keys`: the keys that a keydown event is sent for; null for all. */
  readonly keys: readonly string[] | null
  readonly debounce: string | null
  readonly throttle: string | null
  readonly place: BindingPlace
}

/** Where the control stands, to look for the fields that its event sends. */
export interface BindingPlace {
  readonly shape: Shape
  readonly slots: readonly Slot[]
  readonly sent: SentElement | null
  readonly tag: string
  readonly id: string | null
  readonly around: Surroundings
}

/** `stale`: these templates can show such a control, but do not now. `impossible`: they never can; no honest client asks. */
export type Binding = RenderedBinding | { readonly status: 'stale' } | { readonly status: 'impossible' }

interface Body { readonly shape: Shape, readonly slots: readonly Slot[], readonly around: Surroundings }

/** Finds the control that an event frame names in the tree that the server rendered last. Client data only selects here. */
export function resolveBinding (tree: Tree, path: readonly number[], element: number, kind: string): Binding {
  const body = bodyAt(tree, path)
  const binding = body === null ? null : renderedBinding(body, element, kind)
  if (binding !== null) return binding
  return { status: canShow(tree.shape, path, element, kind) ? 'stale' : 'impossible' }
}

/** True when the client saw what is shown. Its parser turns line ends into \n; attributes that come and go change order. */
export function isSeen (binding: RenderedBinding, seen: readonly unknown[]): boolean {
  const shown = binding.seen.map(comparable).sort()
  const given = seen.map((value) => comparable(String(value))).sort()
  return shown.length === given.length && shown.every((value, k) => value === given[k])
}

function bodyAt (tree: Tree, path: readonly number[]): Body | null {
  let body: Body = { shape: tree.shape, slots: tree.slots, around: OUTERMOST }
  for (let k = 0; k < path.length; k++) {
    const layout = layoutOf(body.shape)
    const part = layout.parts[path[k] as number]
    if (part?.kind !== 'hole') return null
    const slot = body.slots[part.slot]
    const around = within(part.within, layout, body.slots, body.around)
    if (slot instanceof Tree) {
      body = { shape: slot.shape, slots: slot.slots, around }
    } else if (slot instanceof List) {
      const row = slot.rows[rowIndex(slot, path[++k] ?? -1)]
      if (row === undefined) return null
      body = { shape: slot.shape, slots: row, around }
    } else return null
  }
  return body
}

function renderedBinding ({ shape, slots, around: outer }: Body, number: number, kind: string): RenderedBinding | null {
  const layout = layoutOf(shape)
  const element = layout.elements[number]
  if (element === undefined) return null
  const attributes = shownAttributes(element, layout, slots)
  const event = attributes.get(`live-${kind}`)?.trim()
  const isDeclared = element.events.some((one) => one.kind === kind && one.event === event)
  const around = within(element.within, layout, slots, outer)
  if (event === undefined || !isDeclared || isOff(attributes, kind, around)) return null
  const values: Record<string, string> = Object.create(null)
  for (const [name, text] of attributes) if (name.startsWith('live-value-')) values[name.slice(11)] = text
  return {
    status: 'rendered',
    event,
    values,
    seen: Object.values(values),
    keys: kind === 'keydown' ? attributes.get('live-keys')?.trim().split(/\s+/) ?? null : null,
    debounce: attributes.get('live-debounce') ?? null,
    throttle: attributes.get('live-throttle') ?? null,
    place: {
      shape,
      slots,
      sent: element.sent,
      tag: element.tag,
      id: attributes.get('id') ?? null,
      around
    }
  }
}

/** Nobody can press a control that the page shows as disabled; a form is still sent by a button elsewhere. */
function isOff (attributes: ReadonlyMap<string, string>, kind: string, { disabled }: Surroundings): boolean {
  const pressed = kind === 'click' || kind === 'keydown'
  return attributes.has('disabled') || (disabled && kind !== 'submit') || (pressed && attributes.get('aria-disabled') === 'true')
}

/** The text of each of the element's attributes that is shown now. */
function shownAttributes (element: BoundElement, layout: Layout, slots: readonly Slot[]): Map<string, string> {
  if (element.set !== null) {
    const sources = attributesOf(layout.parts[element.set] as AttributeSetPart, slots)
    return new Map(Array.from(sources, ([name, source]) => [name, decodeEntities(source)]))
  }
  return new Map(Array.from(element.attributes, ([name, pieces]) => {
    return [name, flatText(pieces, slots) ?? decodeEntities(flatSource(pieces, slots))]
  }))
}
