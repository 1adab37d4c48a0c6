import fc from 'fast-check'
import { Html, List, Tree } from '../../lib/template/tree.ts'
import type { Slot } from '../../lib/template/tree.ts'
import type { Shape } from '../../lib/template/shape.ts'
import { handmadeShape } from './handmade-shape.ts'
import type { HandmadeSlot } from './handmade-shape.ts'

type Gen = fc.GeneratorValue

/** What may fill a slot, beside what the shape itself says. */
type Filling = 'text' | 'flag' | 'html' | 'key' | 'branch' | 'list'

const fillings = new WeakMap<Shape, readonly Filling[]>()
const text = fc.oneof(fc.constantFrom('', 'a', '<b>', '"&\\', "it's", '\n', 'https://x/', 'javascript:1'), fc.string({ maxLength: 4 }),
  fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constant(NaN))
const html = fc.constantFrom('', '<i>x</i>', '&amp;', '<!--3-->', '<!--]-->', '"q"')

/** A random body: text, attributes, attribute sets, branches and lists, nested to `depth`. `id` makes its shapes unique. */
export function randomShape (gen: Gen, depth: number, id: string, isRow: boolean = false): Shape {
  const filling: Filling[] = []
  const slots: Record<number, HandmadeSlot> = {}
  let source = ''
  const isKeyed = isRow && gen(fc.boolean)
  if (isKeyed) {
    source += '<p live-key="{}">k</p>'
    filling.push('key')
  }
  const count = gen(fc.integer, { min: 0, max: 4 })
  for (let k = 0; k < count; k++) {
    const kind = gen(fc.constantFrom, 'text', 'mixed', 'attribute', 'set', 'url', 'html', 'content', 'button', 'branch', 'list')
    if (kind === 'text') source += '<b>{}</b>'
    if (kind === 'mixed') source += 'a {} b {}'
    if (kind === 'attribute') source += '<i title="{} x {}">t</i>'
    if (kind === 'set') source += '<input type="checkbox" {} value="{}">'
    if (kind === 'url') source += '<a href="{}">u</a>'
    if (kind === 'html' || kind === 'branch' || kind === 'list') source += '<div>{}</div>'
    if (kind === 'content') source += '<textarea>{} and {}</textarea>'
    if (kind === 'button') source += '<button live-click="press" live-value-x="{}">{}</button>'
    if (kind === 'branch' && depth > 0) {
      slots[filling.length] = {
        kind: 'branch', bodies: [randomShape(gen, depth - 1, `${id}${k}x`), randomShape(gen, depth - 1, `${id}${k}y`)]
      }
    }
    if (kind === 'list' && depth > 0) {
      const row = randomShape(gen, depth - 1, `${id}${k}r`, true)
      slots[filling.length] = { kind: 'loop', bodies: [row], row }
    }
    const one: Filling = kind === 'set' ? 'flag' : kind === 'html' || kind === 'branch' || kind === 'list' ? kind : 'text'
    const needed = source.split('{}').length - 1 - filling.length
    for (let n = 0; n < needed; n++) filling.push(n === 0 ? one : 'text')
  }
  const shape = handmadeShape(id, source + '<hr>', isKeyed ? { slots, keySlot: 0 } : { slots })
  fillings.set(shape, filling)
  return shape
}

/** A random rendering of the shape. */
export function randomTree (gen: Gen, shape: Shape): Tree {
  return new Tree(shape, randomSlots(gen, shape))
}

/** Another rendering that shares much with the one before, as renderings of changed data do. */
export function changedTree (gen: Gen, { shape, slots }: Tree): Tree {
  return new Tree(shape, changedSlots(gen, shape, slots))
}

function randomSlots (gen: Gen, shape: Shape): Slot[] {
  return (fillings.get(shape) as Filling[]).map((filling, k) => randomSlot(gen, shape, filling, k))
}

function randomSlot (gen: Gen, shape: Shape, filling: Filling, k: number): Slot {
  const { bodies, row } = shape.slots[k] as Shape['slots'][number]
  if (filling === 'flag') return gen(fc.constantFrom, '', 'checked', 'disabled')
  if (filling === 'key') return gen(fc.integer, { min: 0, max: 15 })
  if (filling === 'html') return gen(fc.boolean) ? new Html(gen(() => html)) : gen(() => text)
  if (filling === 'branch' && bodies.length > 0) {
    const body = gen(fc.constantFrom, '', ...bodies)
    return typeof body === 'string' ? body : randomTree(gen, body)
  }
  if (filling === 'list' && row !== null) {
    const rows = Array.from({ length: gen(fc.integer, { min: 0, max: 6 }) }, () => randomSlots(gen, row))
    return new List(row, withUniqueKeys(gen, row, rows))
  }
  return gen(() => text)
}

function changedSlots (gen: Gen, shape: Shape, slots: readonly Slot[]): Slot[] {
  return slots.map((slot, k) => {
    const filling = (fillings.get(shape) as Filling[])[k] as Filling
    if (filling === 'key' || gen(fc.boolean)) return copyOf(slot)
    if (slot instanceof Tree && gen(fc.boolean)) return changedTree(gen, slot)
    if (slot instanceof List && slot.rows.length > 0) return changedList(gen, slot)
    return randomSlot(gen, shape, filling, k)
  })
}

function changedList (gen: Gen, { shape, rows }: List): List {
  const order = gen(fc.shuffledSubarray, Array.from(rows.keys()), { minLength: gen(fc.constantFrom, 0, rows.length) })
  if (gen(fc.boolean)) order.sort((a, b) => a - b)
  const changed = order.map((k) => {
    const slots = rows[k] as Slot[]
    return gen(fc.boolean) ? slots.map((slot) => copyOf(slot)) : changedSlots(gen, shape, slots)
  })
  const added = gen(fc.integer, { min: 0, max: 3 })
  for (let k = 0; k < added; k++) changed.splice(gen(fc.nat, changed.length), 0, randomSlots(gen, shape))
  return new List(shape, withUniqueKeys(gen, shape, changed))
}

/** A list belongs to one place of a tree; a row that changes its place brings lists of its own. */
export function copyOf <S extends Slot> (slot: S): S
export function copyOf (slot: Slot): Slot {
  if (slot instanceof Tree) return new Tree(slot.shape, slot.slots.map((one) => copyOf(one)))
  return slot instanceof List ? new List(slot.shape, slot.rows.map((row) => row.map((one) => copyOf(one)))) : slot
}

// Double keys are a template author's mistake: rare, and they must still work.
function withUniqueKeys (gen: Gen, { layout }: Shape, rows: Slot[][]): Slot[][] {
  const keySlot = layout?.keySlot ?? null
  if (keySlot === null || gen(fc.integer, { min: 0, max: 9 }) === 0) return rows
  const seen = new Set<Slot>()
  return rows.filter((row) => !seen.has(row[keySlot] as Slot) && seen.add(row[keySlot] as Slot))
}
