import type { Body, Hole } from './body.ts'
import { getAttribute, localName, nextOf, parentOf, styleOf, typeOf } from './native.ts'

/** Where a control is: its body, and its number among the body's elements with events. */
export interface Control {
  readonly body: Body
  readonly number: number
}

/** Known controls. Elements of trusted HTML never get in here, whatever live-* attributes they have. */
export const controls: WeakMap<Element, Control> = new WeakMap()

/** Elements whose attributes the server sets. */
export const controlled: WeakSet<Element> = new WeakSet()

const MARKER = /^(?:(\d+)|([[{(])(\d+)(?::(.*))?|[\]/,])$/

/** The page as a whole. */
export function rootBody (): Body {
  return { shape: null, parts: [], up: null, part: 0, row: -1, start: null }
}

/**
 * One pass over the document, or over a clone of a shape: finds the markers and fills the body with what they describe.
 * Gives their digest.
 */
export function walk (root: Node, top: Body): number {
  const walker = Document.prototype.createTreeWalker.call(document, root, 0x81)
  const open: { hole: Hole, outer: Body }[] = []
  let body = top
  let lastText: Hole | null = null
  let opaque = false
  let digest = 2166136261
  const feed = (n: number): void => { digest = Math.imul(digest ^ n, 16777619) >>> 0 }

  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (typeOf(node) === 1) {
      if (!opaque) {
        const marks = getAttribute(node as Element, 'live-at')
        if (marks) feed(readElement(node as Element, marks, body) * 8 + 6)
      }
      continue
    }
    const comment = node as Comment
    const found = MARKER.exec(comment.data)
    if (!found || (opaque && comment.data !== ']')) continue
    const [data, text, bracket, number, id] = found
    if (text || bracket) {
      const kind = text ? 0 : '[{('.indexOf(bracket as string) + 1
      const k = Number(text ?? number)
      feed(k * 8 + kind)
      const hole = newHole((['text', 'tree', 'list', 'html'] as const)[kind] as Hole['kind'], body, k, comment)
      body.parts[k] = hole
      if (kind === 0) {
        readText(hole)
        lastText = hole
        continue
      }
      open.push({ hole, outer: body })
      if (kind === 1) body = hole.tree = { shape: id as string, parts: [], up: body, part: k, row: -1, start: null }
      else if (kind === 2) hole.rowShape = id as string
      else opaque = true
    } else if (data === '/') {
      if (lastText) lastText.end = comment
    } else if (data === ',') {
      const frame = open[open.length - 1]
      if (frame?.hole.kind !== 'list') continue
      feed(4)
      const { rowShape: shape, number: part } = frame.hole
      body = { shape, parts: [], up: frame.outer, part, row: frame.hole.nextRow++, start: comment }
      frame.hole.rows.push(body)
    } else {
      const frame = open.pop()
      if (!frame) continue
      // HTML of data that closes the element it stands in, `<li>` in a list's item: the page has to be built anew.
      feed(parentOf(frame.hole.start) === parentOf(comment) ? 5 : 7)
      frame.hole.end = comment
      body = frame.outer
      opaque = false
    }
  }
  return digest
}

/** An empty hole; what it holds is written into it afterwards. */
function newHole (kind: Hole['kind'], body: Body, number: number, start: Comment): Hole {
  return {
    kind, body, number, start, end: null, text: null, anchor: null, tree: null, html: null, rowShape: '', rows: [], nextRow: 0
  }
}

/** The text nodes that follow the marker, up to a comment, an element or the parent's end. */
function readText (hole: Hole): void {
  for (let next = nextOf(hole.start); next && typeOf(next) !== 8; next = nextOf(next)) {
    if (typeOf(next) === 3) hole.text ??= next as Text
    // A translated page: the text stands in a <font> of the browser's, which is not where the static markup begins.
    else if (!isTranslation(next as Element)) {
      hole.anchor = next as Element
      return
    }
  }
}

function isTranslation (element: Element): boolean {
  return localName(element) === 'font' && /vertical-align: ?inherit/.test(getAttribute(element, 'style') ?? '')
}

/** Reads `0:class 1* 2= @0`; gives the number of its items. */
function readElement (element: Element, marks: string, body: Body): number {
  const items = marks.split(' ')
  for (const item of items) {
    if (item[0] === '@') {
      controls.set(element, { body, number: Number(item.slice(1)) })
      continue
    }
    const number = parseInt(item)
    const sign = item[String(number).length]
    const name = item.slice(String(number).length + 1)
    const kind = sign === ':' ? 'attribute' : sign === '*' ? 'attributes' : 'content'
    body.parts[number] = { kind, element, name: sign === ':' ? name : '' }
    if (sign !== ':' || /^(?:value|checked|selected)$/.test(name)) controlled.add(element)
    const style = name === 'style' && getAttribute(element, name)
    if (style) styleOf(element).cssText = style
  }
  return items.length
}
