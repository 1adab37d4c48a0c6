import type { Hole } from './body.ts'
import { insertBefore, nextOf, parentOf, removeNode, typeOf } from './native.ts'

const MARKS = { text: '', tree: '[', list: '{', html: '(' }

/** Writes text. Where a translation tool has put its own elements into the text's place, the text node is made anew. */
export function setTextHole (hole: Hole, text: string): void {
  if (hole.kind !== 'text') become(hole, 'text', '')
  const node = hole.text
  if (node?.data === text) return
  if (node && nextOf(hole.start) === node && endsText(hole, nextOf(node))) {
    node.data = text
    return
  }
  clear(hole)
  hole.text = new Text(text)
  insertBefore(parentOf(hole.start) as Node, hole.text, nextOf(hole.start))
}

/** Empties a hole and writes the markers of what it is to hold, so that a later walk finds them. */
export function become (hole: Hole, kind: Hole['kind'], shape: string): void {
  clear(hole)
  hole.kind = kind
  hole.text = hole.tree = hole.html = null
  hole.rows = []
  hole.nextRow = 0
  hole.rowShape = shape
  if (!hole.end) insertBefore(parentOf(hole.start) as Node, hole.end = new Comment(''), nextOf(hole.start))
  hole.start.data = MARKS[kind] + hole.number + (shape && ':' + shape)
  hole.end.data = kind === 'text' ? '/' : ']'
}

function endsText (hole: Hole, node: Node | null): boolean {
  return hole.end ? node === hole.end : !node || typeOf(node) === 8 || node === hole.anchor
}

function clear (hole: Hole): void {
  // Without its anchor the text's end is not known: then no element is touched, it may be the author's.
  const lost = !hole.end && hole.anchor !== null && parentOf(hole.anchor) !== parentOf(hole.start)
  for (let node = nextOf(hole.start); node && node !== hole.end;) {
    if (!hole.end && (endsText(hole, node) || (lost && typeOf(node) === 1))) return
    const next = nextOf(node)
    removeNode(node)
    node = next
  }
}
