import { parse, parseFragment } from 'parse5'
import type { DefaultTreeAdapterTypes as Dom } from 'parse5'
import { NOT_SENT, partValue } from '../../lib/render/encode-tree.ts'
import type { Layout, Part } from '../../lib/template/layout.ts'
import type { Shape } from '../../lib/template/shape.ts'
import { Html, List, Tree } from '../../lib/template/tree.ts'
import type { Slot } from '../../lib/template/tree.ts'

/*
 * What a page says to a client that finds its places by the markers of docs/protocol.md alone. Equal to what the wire says
 * means that page, wire and markers agree about every place.
 */

interface Body { readonly s: string, readonly v: Record<number, unknown> }

/** Reads the page's DOM. The root's shape is in no marker. */
export function pageTree (page: string, root: string): unknown {
  const body: Body = { s: root, v: {} }
  readNodes(parse(page).childNodes, body)
  return body
}

/** What the wire says of the same tree, as `pageTree` gives it. */
export function wireTree (tree: Tree): unknown {
  return { s: tree.shape.id, v: wireParts(tree.shape, tree.slots) }
}

function wireParts (shape: Shape, slots: readonly Slot[]): Record<number, unknown> {
  const { parts } = shape.layout as Layout
  return Object.fromEntries(parts.map((part, number) => [number, wirePart(part, slots)]))
}

function wirePart (part: Part, slots: readonly Slot[]): unknown {
  const slot = part.kind === 'hole' ? slots[part.slot] : undefined
  if (slot instanceof Tree) return wireTree(slot)
  if (slot instanceof List) return { l: slot.shape.id, r: slot.rows.map((row) => wireParts(slot.shape, row)) }
  if (slot instanceof Html) return 'trusted HTML'
  const value: any = partValue(part, slots, NOT_SENT)
  if (part.kind !== 'attributes') return decoded(value)
  return { a: sorted(Object.entries(value.a).map(([name, text]) => [name, decoded(text)])) }
}

function sorted (attributes: Array<[string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(attributes.sort(([a], [b]) => a < b ? -1 : 1))
}

/** HTML source in an attribute or a content as text. */
function decoded (value: any): string {
  if (typeof value !== 'object') return String(value)
  const text = (parseFragment(`<title>${value.h}</title>`).childNodes[0] as Dom.Element).childNodes[0]
  return text === undefined ? '' : (text as Dom.TextNode).value
}

interface Cursor { readonly nodes: readonly Dom.ChildNode[], at: number }

function readNodes (nodes: readonly Dom.ChildNode[], body: Body): void {
  const cursor: Cursor = { nodes, at: 0 }
  readUntil(cursor, body, () => false)
  if (cursor.at < nodes.length) throw new Error('a marker ends what was not begun here')
}

/** Reads siblings into the body up to a comment that ends it. */
function readUntil (cursor: Cursor, body: Body, ends: (data: string) => boolean): void {
  for (; cursor.at < cursor.nodes.length; cursor.at++) {
    const node = cursor.nodes[cursor.at] as Dom.ChildNode
    if ('data' in node) {
      if (ends(node.data)) return
      readMarker(cursor, node.data, body)
    } else if ('attrs' in node) readElement(node, body)
  }
}

function readMarker (cursor: Cursor, data: string, body: Body): void {
  const [, kind, part, shape] = /^([[{(]?)(\d+)(?::(\w+))?$/.exec(data) ?? []
  if (part === undefined) return
  if (kind === '') {
    body.v[Number(part)] = readText(cursor)
    return
  }
  cursor.at++
  if (kind === '[') {
    const tree: Body = { s: shape as string, v: {} }
    readUntil(cursor, tree, (data) => data === ']')
    body.v[Number(part)] = tree
  } else if (kind === '{') {
    const rows: unknown[] = []
    while (dataAt(cursor) === ',') {
      cursor.at++
      const row: Body = { s: '', v: {} }
      readUntil(cursor, row, (data) => data === ',' || data === ']')
      rows.push(row.v)
    }
    body.v[Number(part)] = { l: shape, r: rows }
  } else {
    while (dataAt(cursor) !== ']' && cursor.at < cursor.nodes.length) cursor.at++
    body.v[Number(part)] = 'trusted HTML'
  }
  if (dataAt(cursor) !== ']') throw new Error(`part ${part} does not end among its siblings`)
}

function readText (cursor: Cursor): string {
  const next = cursor.nodes[cursor.at + 1]
  return next !== undefined && 'value' in next ? next.value : ''
}

function dataAt ({ nodes, at }: Cursor): string | null {
  const node = nodes[at]
  return node !== undefined && 'data' in node ? node.data : null
}

function readElement (element: Dom.Element, body: Body): void {
  const at = element.attrs.find(({ name }) => name === 'live-at')?.value ?? ''
  for (const item of at === '' ? [] : at.split(' ')) {
    const [, part, kind, name] = /^(\d+)([:*=])(.*)$/.exec(item) ?? []
    if (part === undefined) continue
    const attributes: Array<[string, string]> = element.attrs.filter(({ name }) => name !== 'live-at').map((one) => {
      return [one.prefix ? `${one.prefix}:${one.name}` : one.name, one.value]
    })
    if (kind === ':') body.v[Number(part)] = attributes.find(([one]) => one === name)?.[1]
    else if (kind === '*') body.v[Number(part)] = { a: sorted(attributes) }
    else body.v[Number(part)] = element.childNodes.map((node) => 'value' in node ? node.value : '').join('')
  }
  readNodes('content' in element ? (element as Dom.Template).content.childNodes : element.childNodes, body)
}
