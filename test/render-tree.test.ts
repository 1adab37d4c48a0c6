import fc from 'fast-check'
import t from 'tap'
import { diffTree } from '../lib/render/diff-tree.ts'
import { encodeTree } from '../lib/render/encode-tree.ts'
import { markersDigest } from '../lib/render/markers-digest.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { rowIndex, rowNumber } from '../lib/render/row-numbers.ts'
import { treeDigest } from '../lib/render/tree-digest.ts'
import { Html, List, Tree } from '../lib/template/tree.ts'
import type { Slot } from '../lib/template/tree.ts'
import { ClientTree } from './helpers/client-tree.ts'
import { handmadeShape } from './helpers/handmade-shape.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { tableRow, tableTree } from './helpers/protocol-cases.ts'
import { withoutMarkers } from './helpers/protocol-fixture.ts'
import { changedTree, copyOf, randomShape, randomTree } from './helpers/random-tree.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31)
t.comment(`SEED=${seed}`)
const runs = { seed, numRuns: Number(process.env['RUNS'] ?? 300) }

function json (value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** The whole tree's value, with nothing of the server's tree touched. */
function valueOf (tree: Tree): unknown {
  return json(encodeTree(copyOf(tree), new Set()).tree)
}

/** The rows' numbers in the server's tree, nested as the client nests them. */
function serverNumbers (tree: { shape: Tree['shape'], slots: readonly Slot[] }): unknown[] {
  return (tree.shape.layout?.parts ?? []).flatMap((part): unknown[] => {
    const slot = part.kind === 'hole' ? tree.slots[part.slot] : undefined
    if (slot instanceof Tree) return [serverNumbers(slot)]
    if (!(slot instanceof List)) return []
    return [slot.rows.map((slots, index) => [rowNumber(slot, index), serverNumbers({ shape: slot.shape, slots })])]
  })
}

t.test('whatever is rendered next, the patch makes the client show it and both sides count the rows alike', async (t) => {
  fc.assert(fc.property(fc.gen(), (gen) => {
    const shape = randomShape(gen, 2, 's')
    let tree = randomTree(gen, shape)
    const sent = new Set<string>()
    const client = new ClientTree(valueOf(tree))
    for (let step = 0; step < 4; step++) {
      const next = changedTree(gen, tree)
      const { patch, shapes } = diffTree(tree, next, sent)
      const wanted = valueOf(next)
      if (patch === null) t.same(valueOf(tree), wanted)
      else client.apply(json(patch), shapes)
      if (JSON.stringify(client.toValue(), sorted) !== JSON.stringify(wanted, sorted)) t.same(client.toValue(), wanted)
      if (JSON.stringify(client.numbers()) !== JSON.stringify(serverNumbers(next))) t.same(client.numbers(), serverNumbers(next))
      if (!t.passing()) throw new Error('see above')
      tree = next
    }
  }), runs)
})

/** Object keys in order: attributes that come and go have none. */
function sorted (_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
}

t.test('the page has the markers that the server counts and otherwise says what nunjucks would', async (t) => {
  fc.assert(fc.property(fc.gen(), (gen) => {
    const tree = randomTree(gen, randomShape(gen, 2, 's'))
    const page = `<body>${renderPage(tree)}</body>`
    if (pageDigest(page) !== markersDigest(tree)) t.equal(pageDigest(page), markersDigest(tree), page)
    const [shown, wanted] = [withoutMarkers(page).body, withoutMarkers(`<body>${tree}</body>`).body].map((html) => html
      // What rendering adds to nunjucks: safe URLs, comments that are no markers, a textarea's first line kept.
      .replace(/href="\s*(?!https)[a-z][a-z0-9+.-]*:[^"]*"/gi, 'href="#unsafe"')
      .replace(/<!-- [^>]*>/g, '').replace(/(<textarea>)\n*/g, '$1'))
    if (shown !== wanted) t.equal(shown, wanted, page)
    if (!t.passing()) throw new Error('see above')
  }), runs)
})

t.test('lists inside attributes are compared by what they say', async (t) => {
  const word = handmadeShape('word', '{} ')
  const page = handmadeShape('page', '<p class="{}">x</p>')
  const made = (...words: string[]): Tree => new Tree(page, [new List(word, words.map((one) => [one]))])
  t.equal(diffTree(made('a', 'b'), made('a', 'b'), new Set()).patch, null)
  t.same(diffTree(made('a', 'b'), made('a', 'c'), new Set()).patch, [0, 'a c '])
})

t.test('the digest of a tree tells every difference and leaves the row numbers alone', async (t) => {
  fc.assert(fc.property(fc.gen(), (gen) => {
    const tree = randomTree(gen, randomShape(gen, 2, 's'))
    const next = changedTree(gen, tree)
    diffTree(tree, next, new Set())
    const numbers = JSON.stringify(serverNumbers(next))
    t.equal(treeDigest(tree) === treeDigest(next), JSON.stringify(valueOf(tree)) === JSON.stringify(valueOf(next)))
    t.equal(JSON.stringify(serverNumbers(next)), numbers)
    if (!t.passing()) throw new Error('see above')
  }), { seed, numRuns: 50 })
})

function rowsOf (...ids: number[]): Tree {
  return tableTree(ids.map((id) => tableRow(id)))
}

function range (start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, k) => start + k)
}

/** Size on the wire of an unsolicited patch, the row's statics having been sent before. */
function bytes (previous: Tree, next: Tree): number {
  return JSON.stringify(['p', 12, diffTree(previous, next, new Set(['row'])).patch]).length
}

t.test('an edit of one row costs a few bytes however long the table is', async (t) => {
  for (const count of [1000, 10_000]) {
    const all = range(0, count)
    const bumped = all.map((id) => tableRow(id))
    bumped[500] = tableRow(500, { qty: 7 })
    t.ok(bytes(rowsOf(...all), tableTree(bumped)) <= 40, 'bump')
    t.ok(bytes(rowsOf(...all), rowsOf(0, 998, ...range(2, 998), 1, ...range(999, count))) <= 45, 'swap')
    t.ok(bytes(rowsOf(...all), rowsOf(...all.filter((id) => id !== 3))) <= 30, 'remove')
    t.ok(bytes(rowsOf(...all), rowsOf(count, ...all)) <= 100, 'prepend')
    t.ok(bytes(rowsOf(...all), rowsOf(...range(1, count), 0)) <= 40, 'rotation')
  }
})

t.test('many edits cost in proportion', async (t) => {
  const all = range(0, 1000)
  const every10 = all.map((id) => tableRow(id, id % 10 === 0 ? { price: '99.90' } : {}))
  t.ok(bytes(rowsOf(...all), tableTree(every10)) <= 1900, 'every tenth')
  t.ok(bytes(rowsOf(...all), rowsOf()) <= 25, 'clear')
  const evenFirst = all.toSorted((a, b) => a % 2 - b % 2)
  t.ok(bytes(rowsOf(...all), rowsOf(...evenFirst)) < 10_000, 'sort by another column')
  t.equal(diffTree(rowsOf(...all), rowsOf(...all), new Set()).patch, null, 'nothing')
})

t.test('rows that a rendering takes over from the one before are not looked at', async (t) => {
  const keyed = rowsOf(0, 1, 2)
  const [first, , last] = (keyed.slots[0] as List).rows as [Slot[], Slot[], Slot[]]
  t.same(diffTree(keyed, tableTree([first, last]), new Set()).patch, [0, [0, 1, 1]])
  const row = handmadeShape('unkeyed', '<li>{}</li>')
  const page = handmadeShape('page', '<ul>{}</ul>', { slots: { 0: { kind: 'loop', bodies: [row], row } } })
  const same: Slot[] = ['a']
  t.same(diffTree(new Tree(page, [new List(row, [same, ['b']])]), new Tree(page, [new List(row, [same, ['c']])]), new Set()).patch,
    [0, [3, 1, [0, 'c']]])
})

t.test('numbers take no memory until rows move', async (t) => {
  const first = rowsOf(0, 1, 2)
  const grown = rowsOf(0, 1, 2, 3)
  diffTree(first, grown, new Set())
  const list = grown.slots[0] as List
  t.equal(list.numbers, null)
  t.equal(list.nextNumber, 4)
  t.equal(rowIndex(list, 3), 3)
  t.equal(rowIndex(list, 4), -1)
  const cut = rowsOf(0, 1, 2)
  diffTree(grown, cut, new Set())
  t.equal((cut.slots[0] as List).nextNumber, 4, 'a number is never used again')
  const regrown = rowsOf(0, 1, 2, 9)
  diffTree(cut, regrown, new Set())
  t.same((regrown.slots[0] as List).numbers, [0, 1, 2, 4])
  t.equal(rowIndex(regrown.slots[0] as List, 4), 3)
  t.equal(rowIndex(regrown.slots[0] as List, 3), -1)
})

t.test('a loop makes its list first and adds the rows then: they are counted when the next ones come', async (t) => {
  const first = rowsOf()
  const { rows } = first.slots[0] as List
  rows.push(...(rowsOf(1, 2).slots[0] as List).rows)
  const next = rowsOf(9, 2, 1)
  diffTree(first, next, new Set())
  t.same((next.slots[0] as List).numbers, [2, 1, 0])
})

t.test('rows of which most are new are sent whole when the patch would be longer', async (t) => {
  const row = handmadeShape('short', '<li>{}</li>', { keySlot: 0 })
  const page = handmadeShape('page', '<ul>{}</ul>', { slots: { 0: { kind: 'loop', bodies: [row], row } } })
  const made = (...keys: Slot[]): Tree => new Tree(page, [new List(row, keys.map((key) => [key]))])
  const alternating = made(...range(0, 30).map((k) => k % 3 === 0 ? k / 3 : 100 + k))
  t.match(diffTree(made(...range(0, 10)), alternating, new Set()).patch, [0, { l: 'short' }])
  t.equal((alternating.slots[0] as List).nextNumber, 30)
})

t.test('double and missing keys fall back to positions', async (t) => {
  for (const keys of [
    [[1, 2, 2, 3], [2, 2, 3, 4]], [['', 'a', ''], ['a', '', 'b']], [[1, 2], [2, 3, 3]], [[1, 2, 3], ['', 5, 1]]
  ]) {
    const row = handmadeShape('dup', '<li id="{}">{}</li>', { keySlot: 0 })
    const page = handmadeShape('page', '<ul>{}</ul>', { slots: { 0: { kind: 'loop', bodies: [row], row } } })
    const [previous, next] = keys.map((some) => {
      return new Tree(page, [new List(row, some.map((key) => [key, 'text']))])
    }) as [Tree, Tree]
    const client = new ClientTree(valueOf(previous))
    const { patch, shapes } = diffTree(previous, next, new Set())
    client.apply(json(patch), shapes)
    t.same(client.toValue(), valueOf(next))
  }
})

t.test('trusted HTML can be a key, by what it says', async (t) => {
  const row = handmadeShape('html', '<li id="{}">{}</li>', { keySlot: 0 })
  const page = handmadeShape('page', '<ul>{}</ul>', { slots: { 0: { kind: 'loop', bodies: [row], row } } })
  const made = (...keys: string[]): Tree => new Tree(page, [new List(row, keys.map((key) => [new Html(key), 'x']))])
  t.same(diffTree(made('a', 'b'), made('b', 'a'), new Set()).patch, [0, [2, 1, 1, 0]])
})

t.test('rows whose key is no text are told apart by position', async (t) => {
  const row = handmadeShape('tree', '<li id="{}">{}</li>', { keySlot: 0 })
  const page = handmadeShape('page', '<ul>{}</ul>', { slots: { 0: { kind: 'loop', bodies: [row], row } } })
  const key = handmadeShape('key', 'k{}')
  const made = (...keys: number[]): Tree => new Tree(page, [new List(row, keys.map((one) => [new Tree(key, [one]), 'x']))])
  t.same(diffTree(made(1, 2), made(2, 1), new Set()).patch, [0, [3, 0, [0, 'k2'], 3, 1, [0, 'k1']]])
})

t.test('a root of another shape is sent whole, and lists in it count anew', async (t) => {
  const row = handmadeShape('r', '<li>{}</li>', { keySlot: 0 })
  const slots = { 0: { kind: 'loop', bodies: [row], row } } as const
  const [one, two] = [handmadeShape('one', '<ul>{}</ul>', { slots }), handmadeShape('two', '<ol>{}</ol>', { slots })]
  const list = new List(row, [[1], [2]])
  list.numbers = [5, 3]
  list.nextNumber = 9
  const next = new Tree(two, [list])
  t.same(diffTree(new Tree(one, [list]), next, new Set(['r'])), {
    patch: { s: 'two', v: [{ l: 'r', r: [[1], [2]] }] }, shapes: { two: '<ol><!--0--></ol>' }
  })
  t.same([list.numbers, list.nextNumber], [null, 2])
})

t.test('the whole tree comes with the shapes that the connection lacks, each once', async (t) => {
  const sent = new Set<string>()
  t.same(Object.keys(encodeTree(rowsOf(1, 2), sent).shapes ?? {}), ['page', 'row'])
  t.equal(encodeTree(rowsOf(1, 2), sent).shapes, null)
  t.same(Object.keys(encodeTree(rowsOf(), new Set()).shapes ?? {}), ['page'], 'rows that are not there bring no statics')
})
