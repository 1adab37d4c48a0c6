import type { Body, Hole, Patch, Value } from './body.ts'
import { contains, focused, insertBefore, moveBefore, nextOf, parentOf, removeNode } from './native.ts'
import { build, patchBody, setBody } from './patch.ts'

const REMOVE = 0
const INSERT = 1
const MOVE = 2

/** Applies the operations of a list patch, one after the other. */
export function patchRows (hole: Hole, patch: Patch): void {
  for (let i = 0; i < patch.length;) {
    const operation = patch[i++]
    const index = patch[i++] as number
    if (operation === REMOVE) removeRows(hole, index, patch[i++] as number)
    else if (operation === INSERT) insertRows(hole, index, patch[i++] as Value[][])
    else if (operation === MOVE) moveRows(hole, index, patch[i++] as number, patch[i++] as number)
    else {
      const row = hole.rows[index]
      if (!row) throw new Error('no row ' + index)
      patchBody(row, patch[i++] as Patch)
    }
  }
}

/** A list's new rows, compared by position; they are numbered anew, as the server numbers them. */
export function takeOverRows (hole: Hole, values: readonly (readonly Value[])[]): void {
  const common = Math.min(hole.rows.length, values.length)
  removeRows(hole, common, hole.rows.length - common)
  for (let i = 0; i < common; i++) {
    const row = hole.rows[i] as Body
    row.row = i
    setBody(row, values[i] as Value[], 'take')
  }
  hole.nextRow = common
  insertRows(hole, common, values.slice(common))
}

function insertRows (hole: Hole, index: number, values: readonly (readonly Value[])[]): void {
  if (values.length === 0) return
  const parent = parentOf(hole.start) as Node
  const next = startOf(hole, index)
  const all = new DocumentFragment()
  const rows = values.map((row) => {
    const start = new Comment(',')
    const { body, fragment } = build(parent, hole.rowShape, row, hole, hole.nextRow++, start)
    all.append(start, fragment)
    return body
  })
  insertBefore(parent, all, next)
  hole.rows.splice(index, 0, ...rows)
}

function removeRows (hole: Hole, index: number, count: number): void {
  for (const node of nodesOf(hole, index, index + count)) removeNode(node)
  hole.rows.splice(index, count)
}

function moveRows (hole: Hole, from: number, count: number, to: number): void {
  const parent = parentOf(hole.start) as Node
  const run = nodesOf(hole, from, from + count)
  // Moving a run past its neighbours is moving the neighbours past the run: what has the focus stays where it is.
  const neighbours = to < from ? nodesOf(hole, to, from) : nodesOf(hole, from + count, to + count)
  const active = focused(document)
  const stay = active !== null && run.some((node) => contains(node, active))
  const target = stay
    ? to < from ? startOf(hole, from + count) : startOf(hole, from)
    : to < from ? startOf(hole, to) : startOf(hole, to + count)
  for (const node of stay ? neighbours : run) moveBefore(parent, node, target)
  hole.rows.splice(to, 0, ...hole.rows.splice(from, count))
}

/** Where row `index` begins, or the list's end. */
function startOf (hole: Hole, index: number): Node | null {
  return hole.rows[index]?.start ?? hole.end
}

function nodesOf (hole: Hole, from: number, to: number): Node[] {
  const nodes: Node[] = []
  const end = startOf(hole, to)
  for (let node: Node | null = startOf(hole, from); node && node !== end; node = nextOf(node)) nodes.push(node)
  return nodes
}
