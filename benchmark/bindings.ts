import { checkBinding } from '../lib/chain/check-binding.ts'
import { checkSent } from '../lib/chain/check-sent.ts'
import type { Turn } from '../lib/chain/turn.ts'
import { diffTree } from '../lib/render/diff-tree.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Program } from '../lib/template/program.ts'
import type { Tree } from '../lib/template/tree.ts'
import { alternate } from './measure.ts'
import type { Figure } from './measure.ts'
import { ratio, show, table } from './report.ts'

/** Each row has a button, a form with a hidden id and a select of twenty options, and a select that is heard by itself. */
const template = `<!doctype html>
<html><head><title>Orders</title></head><body><p>{{ said }}</p><ul live-change="done">
{% for row in rows %}<li live-key="{{ row.id }}"><button live-click="pick" live-value-id="{{ row.id }}">{{ row.name }}</button>
<form live-submit="move"><input type="hidden" name="id" value="{{ row.id }}"><input name="note"><select name="to">
{% for place in places %}<option value="{{ place.id }}"{% if place.id == row.place %} selected{% endif %}>{{ place.name }}</option>{% endfor %}
</select><button name="how" value="now">Move</button></form><select name="state" live-change="state" live-value-id="{{ row.id }}">
<option value="open">Open</option><option value="paid">Paid</option><option value="sent">Sent</option></select><input type="checkbox" name="done" value="{{ row.id }}"></li>{% endfor %}
</ul></body></html>
`

interface Row { readonly id: number, readonly name: string, readonly place: number }
interface Page { readonly program: Program, readonly state: { said: number, rows: Row[], places: object[] }, tree: Tree }
interface Sent {
  readonly name: string
  readonly event: string
  readonly path: readonly number[]
  readonly kind: string
  readonly element: number
  readonly data: object | null
  readonly seen: readonly string[]
}

const places = Array.from({ length: 20 }, (_, id) => ({ id, name: `Place ${id}` }))

function showPage (count: number): Page {
  const program = new TemplateEnvironment({ 'rows.njk': template }).compile('rows.njk')
  const rows = Array.from({ length: count }, (_, id) => ({ id, name: `Order ${id}`, place: id % 20 }))
  const state = { said: 0, rows, places }
  const page = { program, state, tree: program.render(state) as Tree }
  renderPage(page.tree)
  return page
}

function sort (page: Page): void {
  page.state.rows.reverse()
  const next = page.program.render(page.state) as Tree
  diffTree(page.tree, next, new Set())
  page.tree = next
}

function eventsOf (row: number): Sent[] {
  const path = [1, row]
  const form = { id: String(row), note: 'x', to: '17', how: 'now' }
  return [
    { name: 'click with a live-value', event: 'pick', kind: 'click', path, element: 0, data: null, seen: [String(row)] },
    { name: 'submit: hidden id, select of 20', event: 'move', kind: 'submit', path, element: 1, data: form, seen: [] },
    { name: 'change of a select', event: 'state', kind: 'change', path, element: 2, data: { state: 'sent' }, seen: [String(row)] },
    { name: 'change of a box, heard by the list', event: 'done', kind: 'change', path: [], element: 0, data: { done: String(row) }, seen: [] },
  ]
}

/** The control is looked up in the tree, and with `match` what it sends among the fields that are shown. */
function check (page: Page, sent: Sent, steps: ReadonlyArray<(turn: Turn) => unknown>): void {
  const mount = { tree: page.tree, compiled: { program: page.program, fallbacks: new Map() } }
  const turn = { connection: { joined: { mount } }, message: sent, binding: null } as unknown as Turn
  for (const step of steps) if (step(turn) !== null) throw new Error(`${sent.name} was refused`)
}

/** Mean microseconds of CPU, garbage collection included: one alone is too short for the clock. */
function time (count: number, work: () => void): number {
  const start = process.cpuUsage()
  for (let k = 0; k < count; k++) work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / count
}

interface Line {
  readonly name: string
  readonly resolved: Figure
  readonly matched: Figure
  readonly whole: Figure
  readonly wholeMatched: Figure
}

async function compare (name: string, page: Page, sent: Sent): Promise<Line> {
  const count = sent.path.length > 0 ? 2000 : 20
  const without = [checkBinding]
  const matching = [checkBinding, checkSent]
  const shapes = new Set<string>()
  const all = (steps: ReadonlyArray<(turn: Turn) => unknown>) => (): number => time(3, () => {
    check(page, sent, steps)
    page.state.said++
    const next = page.program.render(page.state) as Tree
    JSON.stringify(diffTree(page.tree, next, shapes).patch)
    page.tree = next
  })
  const alone = await alternate([
    { name: 'without', batch: () => time(count, () => { check(page, sent, without) }) },
    { name: 'matching', batch: () => time(count, () => { check(page, sent, matching) }) },
  ], 9)
  const events = await alternate([{ name: 'without', batch: all(without) }, { name: 'matching', batch: all(matching) }], 5)
  const of = (figures: Map<string, Figure>, side: string): Figure => figures.get(side) as Figure
  const [resolved, matched] = [of(alone, 'without'), of(alone, 'matching')]
  const [whole, wholeMatched] = [of(events, 'without'), of(events, 'matching')]
  return { name: `${name}: ${sent.name}`, resolved, matched, whole, wholeMatched }
}

/** What it costs to find a control among many rows, and to match what it sends with what is shown. */
export default async function bindings (): Promise<string> {
  const lines: Line[] = []
  for (const count of [1000, 10000]) {
    const page = showPage(count)
    const row = Math.floor(count * 0.7)
    for (const sent of eventsOf(row)) lines.push(await compare(`${count} rows`, page, sent))
    sort(page)
    const [click] = eventsOf(row) as [Sent]
    lines.push(await compare(`${count} rows, sorted meanwhile`, page, click))
  }
  return 'Rendered bindings: the control looked up, and what it sends matched with what is shown; microseconds of CPU\n' +
    'Here a ratio above 1 is what matching costs.\n\n' + table(
    ['', 'looked up', 'and matched', 'ratio', 'the whole event', 'with matching', 'ratio'],
    lines.map(({ name, resolved, matched, whole, wholeMatched }) => [
      name, show(resolved), show(matched), ratio(matched, resolved), show(whole), show(wholeMatched), ratio(wholeMatched, whole)
    ])
  )
}
