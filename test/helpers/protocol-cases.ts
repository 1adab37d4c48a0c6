import { Html, List, SaidSafe, Tree } from '../../lib/template/tree.ts'
import type { Slot } from '../../lib/template/tree.ts'
import type { Shape } from '../../lib/template/shape.ts'
import { handmadeShape } from './handmade-shape.ts'

/** Renderings of one view one after the other: the page shows the first, each further one is a message. */
export interface ProtocolCase { readonly name: string, readonly trees: () => Tree[] }

const head = '<!doctype html><html><head><meta charset="utf-8"></head><body>'

/** A whole document around `body`. */
function page (body: string, options: Parameters<typeof handmadeShape>[2] = {}): Shape {
  return handmadeShape('page', `${head}${body}</body></html>`, options)
}

export const row: Shape = handmadeShape('row',
  '<tr id="r{}"><td>{}</td><td>{}</td><td>{}</td><td>{} <b>{}</b></td>' +
  '<td><button live-click="bump" live-value-id="{}">+</button></td></tr>',
  { keySlot: 0 })
const table = page('<table><tbody>{}</tbody></table>', { slots: { 0: { kind: 'loop', bodies: [row], row } } })

export function tableRow (id: number, change: { qty?: number, price?: string, status?: string } = {}): Slot[] {
  const { qty = id % 10, price = `${id}.50`, status = 'open' } = change
  return [id, id, `Item <${id}>`, qty, price, status, id]
}

export function tableTree (rows: Slot[][]): Tree {
  return new Tree(table, [new List(row, rows)])
}

function ids (...list: number[]): Slot[][] {
  return list.map((id) => tableRow(id))
}

function upTo (count: number): Slot[][] {
  return Array.from({ length: count }, (_, id) => tableRow(id))
}

function rows (name: string, ...steps: Slot[][][]): ProtocolCase {
  return { name, trees: () => steps.map((step) => tableTree(step)) }
}

function trees (name: string, shape: Shape, ...steps: (() => Slot[])[]): ProtocolCase {
  return { name, trees: () => steps.map((slots) => new Tree(shape, slots())) }
}

const counter = page('<p>Count: {} clicks</p><button live-click="inc">+</button>')
const attribute = page('<p class="a {} b" title="{}">x</p><a href="{}">y</a>')
const set = page('<input type="checkbox" {} name="{}"><details {}><summary>s</summary>t</details>')
const content = handmadeShape('page',
  '<!doctype html><html><head><title>{} - Inbox</title></head><body><textarea name="t">{}</textarea></body></html>')
const script = page('<script type="application/json">{}</script>')
const html = page('<div>{} and {}</div>')
const signedIn = handmadeShape('in', '<b>Hello {}</b>, welcome')
const signedOut = handmadeShape('out', '<a href="/sign-in">Sign in</a>')
const branch = page('<div>{}, friend</div>', { slots: { 0: { kind: 'branch', bodies: [signedIn, signedOut] } } })
const open = handmadeShape('open', 'open')
const inSet = page('<details {}><summary>s</summary>t</details>')
const item = handmadeShape('item', '<li live-key="{}">{}</li>', { keySlot: 0 })
const group = handmadeShape('group', '<section id="{}"><h2>{}</h2><ul>{}</ul></section>',
  { keySlot: 0, slots: { 2: { kind: 'loop', bodies: [item], row: item } } })
const empty = handmadeShape('none', '<p>nothing</p>')
const nested = page('{}', { slots: { 0: { kind: 'loop', bodies: [group, empty], row: group } } })
const rowless = handmadeShape('plain', '<li>{}</li>')
const plain = page('<ul>{}</ul>', { slots: { 0: { kind: 'loop', bodies: [rowless], row: rowless } } })
const neighbours = page('<p>{}{} {}</p>')
const comments = page('<!--3--><p>{}</p><!--]--><!-- kept -->')

function groups (...list: [string, string[]][]): Slot[] {
  return [new List(group, list.map(([name, items]) => {
    return [name, name.toUpperCase(), new List(item, items.map((text) => [text, text]))]
  }))]
}

function list (...texts: string[]): Slot[] {
  return [new List(rowless, texts.map((text) => [text]))]
}

export const protocolCases: readonly ProtocolCase[] = [
  trees('counter', counter, () => [0], () => [1], () => [1], () => [2]),
  rows('bump', upTo(8), upTo(8).with(5, tableRow(5, { qty: 99 }))),
  rows('swap', upTo(8), ids(0, 6, 2, 3, 4, 5, 1, 7)),
  rows('every10', upTo(31), upTo(31).map((slots, id) => id % 10 === 0 ? tableRow(id, { price: 'sale' }) : slots)),
  rows('append', upTo(3), upTo(5), upTo(6)),
  rows('remove', upTo(6), ids(0, 1, 2, 4, 5), ids(0, 5)),
  rows('prepend', upTo(3), [tableRow(100), ...upTo(3)], [tableRow(101), tableRow(100), ...upTo(3)]),
  rows('clear and reset', upTo(4), [], upTo(3)),
  rows('rotate', upTo(8), ids(1, 2, 3, 4, 5, 6, 7, 0), ids(5, 6, 7, 0, 1, 2, 3, 4)),
  rows('reverse', upTo(5), ids(4, 3, 2, 1, 0)),
  rows('everything at once', upTo(8),
    [tableRow(20), tableRow(7), tableRow(2, { status: 'paid' }), tableRow(3), tableRow(21), tableRow(0), tableRow(5)]),
  rows('all rows replaced', upTo(3), ids(50, 51)),
  trees('branch', branch, () => [new Tree(signedOut, [])], () => [new Tree(signedIn, ['Ann & Bob'])],
    () => [new Tree(signedIn, ['Eve'])], () => [new Tree(signedOut, [])], () => [new Tree(signedIn, ['Ann'])],
    () => [''], () => [new Tree(signedOut, [])]),
  trees('nested list', nested, () => groups(['a', ['1', '2']], ['b', ['3']]), () => groups(['a', ['1', '2', '4']], ['b', ['3']]),
    () => groups(['b', ['5', '3']], ['a', ['1', '4']]), () => [new Tree(empty, [])], () => groups(['c', ['6']])),
  trees('list without keys', plain, () => list('a', 'b', 'c'), () => list('a', 'c'), () => list('a', 'x', 'c', 'd')),
  trees('attribute', attribute, () => ['one', 'Tom & "Jerry"', '/a?b=1&c=2'],
    () => ['two', new Html('&lt;b&gt; &amp; "c"'), 'java\tscript:alert(1)'],
    () => ['', '', 'https://example.com/']),
  trees('attribute set', set, () => ['checked', 'a', ''], () => ['', 'b', 'open'], () => ['checked', 'b', '']),
  trees('branch in an attribute set', inSet, () => [''], () => [new Tree(open, [])], () => ['']),
  trees('title and textarea', content, () => ['(1)', 'one\ntwo'], () => ['(2) <b>', '\n</textarea>'],
    () => [new Html('&copy;'), '']),
  trees('JSON script', script, () => [new SaidSafe('{"a":"</script><!--"}')], () => [new SaidSafe('{"a":[1,2]}')]),
  trees('html hole', html, () => [new Html('<i>a</i>'), 'plain'], () => [new Html('<i>b</i><!--]--><!--3-->c'), 'plain'],
    () => ['<i>text</i>', new Html('')]),
  trees('text beside text', neighbours, () => ['a', 'b', 'c'], () => ['', 'b', 'd'], () => ['x', '', '']),
  trees('numbers and booleans', neighbours, () => [1, true, 'c'], () => [1.5, false, NaN], () => [1.5, false, NaN]),
  trees('comments of the author', comments, () => ['a'], () => ['b'])
]
