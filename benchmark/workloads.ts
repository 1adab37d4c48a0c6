/** The measured work: the same templates, state and changes for every side. */

export interface CounterState {
  count: number
}

export interface Row {
  id: number
  name: string
  qty: number
  price: string
  status: string
}

export interface TableState {
  rows: Row[]
}

export interface Change<State> {
  readonly name: string
  readonly run: (state: State) => void
  /** The change that runs before it, untimed, so that every sample starts from the same table. */
  readonly after?: string
}

const paragraph = '<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.</p>\n'

/** About 5 KB that never change, one number that does. */
export const counterTemplate: string = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Counter</title></head><body>
<h1>Counter</h1>
${paragraph.repeat(23)}<p>{{ count }}</p>
<button type="button" live-click="inc">Add one</button>
${paragraph.repeat(22)}</body></html>
`

const controls = ['bump', 'every10', 'swap', 'append', 'remove', 'prepend', 'clear', 'reset']

export const tableTemplate: string = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Table</title></head><body>
<h1>Table</h1>
${controls.map((name) => `<button type="button" live-click="${name}">${name}</button>`).join('\n')}
<table><tbody>{% for row in rows %}<tr id="r{{ row.id }}"><td>{{ row.id }}</td><td>{{ row.name }}</td><td>{{ row.qty }}</td>` +
`<td>{{ row.price }}</td><td>{{ row.status }}</td></tr>{% endfor %}</tbody></table>
</body></html>
`

export const templates: Readonly<Record<string, string>> = { 'counter.njk': counterTemplate, 'table.njk': tableTemplate }

const statuses = ['new', 'paid', 'packed', 'sent', 'returned']

function makeRow (id: number): Row {
  return {
    id,
    name: `Bolt & nut <${id}>`,
    qty: id * 7 % 90 + 10,
    price: ((id * 37 % 9000 + 1000) / 100).toFixed(2),
    status: statuses[id % statuses.length] as string
  }
}

export function makeRows (from: number, count: number): Row[] {
  return Array.from({ length: count }, (_, index) => makeRow(from + index))
}

export function counterState (): CounterState {
  return { count: 0 }
}

export function tableState (size = 1000): TableState {
  return { rows: makeRows(0, size) }
}

export const counterChanges: readonly Change<CounterState>[] = [
  { name: 'inc', run: (state) => { state.count++ } }
]

function reset (state: TableState): void {
  state.rows = makeRows(0, 1000)
}

function swap (state: TableState): void {
  const { rows } = state
  const first = rows[1] as Row
  rows[1] = rows[998] as Row
  rows[998] = first
}

function everyTenth (state: TableState): void {
  for (let k = 0; k < state.rows.length; k += 10) {
    const row = state.rows[k] as Row
    row.price = (Number(row.price) + 0.01).toFixed(2)
  }
}

let nextRow = 1_000_000

export const tableChanges: readonly Change<TableState>[] = [
  { name: 'bump', run: (state) => { (state.rows[500] as Row).qty++ } },
  { name: 'every10', run: everyTenth },
  { name: 'swap', run: swap },
  { name: 'append', run: (state) => { state.rows.push(...makeRows(1000, 100)) }, after: 'reset' },
  { name: 'remove', run: (state) => { state.rows.splice(3, 1) }, after: 'reset' },
  { name: 'prepend', run: (state) => { state.rows.unshift(makeRow(nextRow++)) }, after: 'reset' },
  { name: 'clear', run: (state) => { state.rows = [] }, after: 'reset' },
  { name: 'reset', run: reset, after: 'append' }
]
