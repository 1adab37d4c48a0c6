import t from 'tap'
import { diffTree } from '../lib/render/diff-tree.ts'
import { isSeen, resolveBinding } from '../lib/render/resolve-binding.ts'
import type { RenderedBinding } from '../lib/render/resolve-binding.ts'
import { Html, List, Tree } from '../lib/template/tree.ts'
import type { Slot } from '../lib/template/tree.ts'
import { handmadeShape } from './helpers/handmade-shape.ts'

const row = handmadeShape('row',
  '<li id="{}"><button live-click="cancel" live-value-id="{}" live-value-name="{} &amp; co">x</button></li>', { keySlot: 0 })
const none = handmadeShape('none', '<a live-click="create">new</a>')
const owner = handmadeShape('owner', '<button {} live-click="remove" live-focus="seen" live-value-what="{}">x</button>')
const guest = handmadeShape('guest', '<p>{}</p>')
const page = handmadeShape('page',
  '<input live-input="search" live-keydown="go" live-keys="Enter  Escape" live-debounce="300" live-throttle="50" name="q">' +
  '<ul>{}</ul><div>{}</div><i>{}</i><b>{}</b>', {
    slots: {
      0: { kind: 'loop', bodies: [row, none], row },
      1: { kind: 'branch', bodies: [owner, guest] },
      3: { kind: 'flat' }
    }
  })

function rows (...ids: number[]): List {
  return new List(row, ids.map((id) => [id, id, `<${id}>`]))
}

function treeOf (list: Slot, branch: Slot = '', output: Slot = 'text'): Tree {
  return new Tree(page, [list, branch, output, 'flat'])
}

t.test('a control is found in the server\'s own tree, with the server\'s own values', async (t) => {
  const binding = resolveBinding(treeOf(rows(7, 8)), [0, 1], 0, 'click')
  t.match(binding, { status: 'rendered', event: 'cancel', seen: ['8', '<8> & co'], keys: null, debounce: null, throttle: null })
  t.same({ ...(binding as RenderedBinding).values }, { id: '8', name: '<8> & co' })
  t.equal(Object.getPrototypeOf((binding as RenderedBinding).values), null)
  t.match(resolveBinding(treeOf(rows()), [], 0, 'keydown'),
    { event: 'go', keys: ['Enter', 'Escape'], debounce: '300', throttle: '50', seen: [] })
})

t.test('rows are found by their numbers, whatever has moved since', async (t) => {
  const first = treeOf(rows(7, 8, 9))
  const next = treeOf(rows(20, 9, 7))
  diffTree(first, next, new Set())
  t.match(resolveBinding(next, [0, 2], 0, 'click'), { seen: ['9', '<9> & co'] })
  t.match(resolveBinding(next, [0, 3], 0, 'click'), { seen: ['20', '<20> & co'] })
  t.match(resolveBinding(next, [0, 1], 0, 'click'), { status: 'stale' }, 'the row is gone')
})

t.test('what the page can show but does not show now is stale', async (t) => {
  t.equal(resolveBinding(treeOf(rows(1)), [0, 99], 0, 'click').status, 'stale', 'a row that is gone')
  t.equal(resolveBinding(treeOf(rows(1)), [0], 0, 'click').status, 'stale', 'the else body of a loop')
  t.equal(resolveBinding(treeOf(new Tree(none, [])), [0, 3], 0, 'click').status, 'stale', 'a row where the else body is')
  t.match(resolveBinding(treeOf(new Tree(none, [])), [0], 0, 'click'), { event: 'create' })
  t.equal(resolveBinding(treeOf(rows()), [1], 0, 'click').status, 'stale', 'a branch not taken')
  t.equal(resolveBinding(treeOf(rows(), new Tree(guest, ['x'])), [1], 0, 'click').status, 'stale', 'another branch taken')
  t.equal(resolveBinding(treeOf(rows()), [2, 5], 0, 'click').status, 'stale', 'a hole of which nobody knows what fills it')
})

t.test('what these templates never show is impossible', async (t) => {
  const shown = treeOf(rows(1, 2), new Tree(owner, ['', 'a']))
  for (const [path, element, kind] of [
    [[], 1, 'click'], [[], 0, 'click'], [[9], 0, 'click'], [[0, 1, 0], 0, 'click'], [[0, 1, 9], 0, 'click'], [[1], 0, 'submit'],
    [[3], 0, 'click'], [[0, 1], 1, 'click'], [[-1], 0, 'click'], [[0.5], 0, 'click'], [[1], -1, 'click']
  ] as const) t.equal(resolveBinding(shown, path, element, kind).status, 'impossible', JSON.stringify([path, element, kind]))
  const list = handmadeShape('list', '<ul>{}</ul>', { slots: { 0: { kind: 'loop', bodies: [row], row } } })
  t.equal(resolveBinding(new Tree(list, [rows(1)]), [0], 0, 'click').status, 'impossible', 'a list without a row')
})

t.test('where attributes come and go, those that are shown now count', async (t) => {
  t.match(resolveBinding(treeOf(rows(), new Tree(owner, ['', 'a&b'])), [1], 0, 'click'), { event: 'remove', seen: ['a&b'] })
  t.equal(resolveBinding(treeOf(rows(), new Tree(owner, ['disabled', 'a'])), [1], 0, 'click').status,
    'stale', 'nobody can press what is disabled')
  const set = handmadeShape('set', '<button {} live-click="a">x</button>')
  const shown = new Tree(set, [new Html('live-click="b"')])
  t.equal(resolveBinding(shown, [], 0, 'click').status, 'stale', 'the first attribute of a name counts, and b is not declared')
})

t.test('what the client saw is compared as the parser and attributes that come and go leave it', async (t) => {
  const lines = handmadeShape('lines', '<p live-click="a" live-value-x="{}" live-value-y="{}">x</p>')
  const binding = resolveBinding(new Tree(lines, ['a\r\nb', 'c']), [], 0, 'click') as RenderedBinding
  t.ok(isSeen(binding, ['a\nb', 'c']))
  t.ok(isSeen(binding, ['c', 'a\r\nb']))
  t.notOk(isSeen(binding, ['a\nb']))
  t.notOk(isSeen(binding, ['a\nb', 'd']))
  t.notOk(isSeen(binding, ['a\nb', 'c', 'd']))
})
