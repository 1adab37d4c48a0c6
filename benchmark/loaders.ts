import { performance } from 'node:perf_hooks'
import { renderPage } from '../lib/render/render-page.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Tree } from '../lib/template/tree.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import type { CompiledView } from '../lib/view/compiled-view.ts'
import { defineView } from '../lib/view/define-view.ts'
import { Mount } from '../lib/view/mount.ts'
import type { View } from '../lib/view/view.ts'
import { alternate } from './measure.ts'
import type { Figure } from './measure.ts'
import { show, table } from './report.ts'
import { makeRows, templates } from './workloads.ts'

/** A page of 20 orders with branches, and three loaders: what a page of an application looks like. */
const pageTemplate = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ user.name }}</title></head><body>
{% if user.role == 'admin' %}<p>{{ audit.count }} entries</p>{% endif %}
<dl>{% for sum in summary.sums %}<dt>{{ sum.name }}</dt><dd>{{ sum.total }}</dd>{% endfor %}</dl>
{% if orders.length %}<table><tbody>{% for order in orders %}<tr live-key="{{ order.id }}"><td>{{ order.id }}</td><td>{{ order.name }}</td>
<td>{{ order.qty }}</td><td>{{ order.price }}</td>{% if wide %}<td>{{ order.status }}</td>{% endif %}</tr>{% endfor %}</tbody></table>
{% else %}<p>None</p>{% endif %}
</body></html>
`

const rows = makeRows(0, 1000)
const user = { name: 'Clara Winter', role: 'clerk' }
const summary = { sums: [{ name: 'open', total: '12.00' }, { name: 'packed', total: '7.50' }, { name: 'shipped', total: '99.00' }] }
const orders = rows.slice(0, 20)

const pageView = defineView({
  name: 'page',
  template: 'page.njk',
  access: 'public',
  state: () => ({ wide: true }),
  loaders: { user: () => user, summary: () => summary, orders: () => orders, audit: () => ({ count: 3 }) },
})

const rowsView = defineView({
  name: 'rows', template: 'table.njk', access: 'public', loaders: { rows: () => rows }, events: eventsOf()
})

/** The table's template names events; here nobody sends any. */
function eventsOf (): Record<string, { run: () => void }> {
  return Object.fromEntries(['bump', 'every10', 'swap', 'append', 'remove', 'prepend', 'clear', 'reset'].map((name) => [name, { run: () => {} }]))
}

const environment = new TemplateEnvironment({ ...templates, 'page.njk': pageTemplate })

/** What asking, waiting, checking and cutting cost beside the rendering itself, with loaders that answer at once. */
export default async function loaders (): Promise<string> {
  const pages = [
    await compareLoading(pageView, { user, summary, orders, wide: true }, 400),
    await compareLoading(rowsView, { rows }, 20),
  ]
  const boot = [await compileTimes(pageView), await compileTimes(rowsView)]
  return 'First page with loaders beside the same page from the same data at hand; microseconds\n\n' + table(
    ['', 'data at hand', 'with loaders', 'added'],
    pages.map(({ name, plain, loaded }) => [name, show(plain), show(loaded), `${((loaded.median / plain.median - 1) * 100).toFixed(1)} %`])
  ) + '\n\nOnce for each view at boot; milliseconds\n\n' + table(
    ['', 'compiled, places and fields analysed, loading planned'],
    boot.map(({ name, time }) => [name, show(time)])
  )
}

interface Loading { readonly name: string, readonly plain: Figure, readonly loaded: Figure }

async function compareLoading (view: View, data: object, count: number): Promise<Loading> {
  const compiled = compileView(view, environment, 'strict')
  const names = { ...data, flash: [], can: () => true }
  const figures = await alternate([
    { name: 'plain', batch: () => timeEachAsync(count, () => { renderPage(compiled.program.render(names) as Tree) }) },
    { name: 'loaded', batch: () => timeEachAsync(count, () => mountAndRender(compiled)) },
  ], 7)
  return { name: view.name, plain: figures.get('plain') as Figure, loaded: figures.get('loaded') as Figure }
}

const signal = new AbortController().signal

async function mountAndRender (compiled: CompiledView): Promise<void> {
  const mount = await Mount.create(compiled, {
    params: {}, query: {}, identity: null, tenant: null, globals: {}, deadline: 5000, overDelivered: null,
  }, { deferred: 'later', failure: 'throws', signal, failed: (error) => { throw error } })
  renderPage(mount.tree)
}

/** Mean microseconds: what waits for promises is spread over more than one piece of work. */
async function timeEachAsync (count: number, work: () => unknown): Promise<number> {
  const start = performance.now()
  for (let k = 0; k < count; k++) await work()
  return (performance.now() - start) * 1000 / count
}

async function compileTimes (view: View): Promise<{ name: string, time: Figure }> {
  const figures = await alternate([{
    name: 'boot',
    batch: () => {
      const fresh = new TemplateEnvironment({ ...templates, 'page.njk': pageTemplate })
      const start = performance.now()
      compileView(view, fresh, 'strict')
      return performance.now() - start
    }
  }], 9)
  return { name: view.name, time: figures.get('boot') as Figure }
}
