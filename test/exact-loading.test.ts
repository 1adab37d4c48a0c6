import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection, View } from '../plugin/index.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'

const head = '<html><head></head><body>'

interface Opened {
  readonly live: LiveSocket
  readonly logs: any[]
  click (event: string): Promise<unknown[]>
}

/** Serves one view, all of whose events stand as buttons before `body`, and opens it. */
async function open (
  t: Parameters<typeof startLiveApp>[0], view: View, body: string, options: { live?: Partial<LiveAppOptions['live']>, others?: Record<string, string>, path?: string } = {}
): Promise<Opened> {
  const names = [...view.events.keys()]
  const buttons = names.map((name) => `<button live-click="${name}"></button>`).join('')
  const logs: any[] = []
  const logger = { level: 'info', stream: { write: (line: string) => { logs.push(JSON.parse(line)) } } }
  const { url } = await startLiveApp(t, {
    live: { templates: { [view.template]: `${head}${buttons}${body}</body></html>`, ...options.others }, ...options.live },
    logger: logger as any,
    routes: (app) => app.live('/v', view),
  })
  const live = await new Visitor(url).open(options.path ?? '/v')
  return { live, logs, click: (event) => live.event(event, 'click', [], names.indexOf(event)) }
}

t.test('a loader whose fields stand only in branches that are not taken never runs', async (t) => {
  const runs: string[] = []
  const note = (name: string) => ({ fields }: { fields: { columns: readonly string[] } }) => {
    runs.push(`${name} ${fields.columns.join()}`)
    return { role: 'clerk', name: 'Clara', total: 5, note: 'n', secret: 's' }
  }
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ open: false, admin: false }),
    loaders: { user: note('user'), detail: note('detail'), audit: note('audit') },
    events: {
      toggle: { run: ({ state }) => { state.open = !state.open } },
      promote: { run: ({ state }) => { state.admin = true } },
    }
  })
  const { live, click } = await open(t, view, '{{ user.name }}{% if open %}{{ detail.total }}{% endif %}{{ audit.note if admin }}')
  t.same(runs.splice(0), ['user name'])
  await click('toggle')
  t.same(runs.splice(0), ['detail total'], 'what the event newly shows')
  await click('toggle')
  await click('toggle')
  t.same(runs.splice(0), [], 'nothing that it read has changed in between')
  t.match(JSON.stringify(await click('promote')), '"n"')
  t.same(runs.splice(0), ['audit note'])
  live.close()
})

t.test('a condition on data is answered in a round of its own, and other loaders go beside it', async (t) => {
  const rounds: string[][] = []
  const load = (name: string, data: unknown) => async ({ fields }: { fields: { columns: readonly string[] } }) => {
    const last = rounds.at(-1)
    if (last !== undefined && !sealed) last.push(`${name} ${fields.columns.join()}`)
    else { rounds.push([`${name} ${fields.columns.join()}`]); sealed = false }
    await new Promise((resolve) => { setImmediate(resolve) })
    sealed = true
    return data
  }
  let sealed = true
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    loaders: {
      user: load('user', { role: 'admin', name: 'Clara', salary: 7 }),
      news: load('news', [{ title: 'a', body: 'b' }]),
      audit: load('audit', { text: 'seen' }),
      hidden: load('hidden', { text: 'never' }),
    },
  })
  const { live } = await open(t, view, `{% if user.role == 'admin' %}{{ audit.text }}{{ user.salary }}{% else %}{{ hidden.text }}{% endif %}
    {% for n in news %}{{ n.title }}{% endfor %}`)
  t.same(rounds.map((round) => round.sort()), [['news title', 'user role'], ['audit text', 'user role,salary']])
  t.match(live.html, /seen.*7/s)
  t.notMatch(live.html, 'never')
  live.close()
})

t.test('what a branch newly reads of a loader is asked for together with what is still shown', async (t) => {
  const runs: string[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ wide: false }),
    loaders: {
      orders: ({ fields }) => { runs.push(fields.columns.join()); return [{ id: 1, total: 5, city: 'Oslo', secret: 's' }] },
    },
    events: { widen: { run: ({ state }) => { state.wide = !state.wide } } },
  })
  const { live, click } = await open(t, view, '{% if orders.length %}{% for o in orders %}<p>{{ o.id }}{% if wide %}{{ o.city }}{% endif %}</p>{% endfor %}{% endif %}')
  t.same(runs.splice(0), ['id'])
  t.notMatch(live.html, 'Oslo')
  t.match(JSON.stringify(await click('widen')), 'Oslo')
  t.same(runs.splice(0), ['city,id'])
  await click('widen')
  t.same(runs.splice(0), [], 'asking for less is no reason to ask')
  live.close()
})

t.test('a row that opens something asks another loader only when there is such a row', async (t) => {
  const runs: string[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ open: 0 }),
    loaders: {
      orders: () => [{ id: 1 }, { id: 2 }],
      detail: ({ state }) => { runs.push(`detail ${state.open}`); return { text: 'detail of 2' } },
    },
    events: { show: { run: ({ state }) => { state.open++ } } },
  })
  const { live, click } = await open(t, view, '{% for o in orders %}<p>{{ o.id }}{% if o.id == open %}{{ detail.text }}{% endif %}</p>{% endfor %}')
  t.same(runs, [])
  await click('show')
  t.same(runs.splice(0), ['detail 1'])
  await click('show')
  t.same(runs.splice(0), ['detail 2'])
  await click('show')
  t.same(runs.splice(0), [], 'no row is open any more')
  live.close()
})

t.test('an eager loader is asked at once for all that any branch reads', async (t) => {
  const runs: string[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    loaders: { user: { eager: true, load: ({ fields }) => { runs.push(fields.columns.join()); return { role: 'admin', salary: 7 } } } },
  })
  const { live } = await open(t, view, "{% if user.role == 'admin' %}{{ user.salary }}{% endif %}")
  t.same(runs, ['role,salary'])
  live.close()
})

t.test('changed data that keeps a condition open ends after a bounded number of rounds', async (t) => {
  let runs = 0
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    loaders: { a: ({ fields }) => { runs++; return { step: fields.columns.length, c1: 1, c2: 2, c3: 3 } } },
  })
  const nest = (depth: number): string => depth > 14 ? 'deep' : `{% if a.step == ${depth} %}{{ a.c${depth} }}${nest(depth + 1)}{% endif %}`
  const { live, logs } = await open(t, view, nest(1))
  t.ok(runs <= 10, `${runs} runs`)
  t.same(logs.filter(({ level }) => level >= 40), [], 'as foreseen')
  live.close()
})

t.test('a loader that fails on an event fails its own places, and the next event heals it', async (t) => {
  let fail = false
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ n: 0 }),
    loaders: {
      orders: ({ state }) => { if (fail) throw new Error(`the words of ${state.n}`); return [{ id: state.n }] },
      other: () => ({ text: 'stays' }),
    },
    events: { next: { run: ({ state }) => { state.n++ } }, },
  })
  const { live, logs, click } = await open(t, view, '<ul>{% for o in orders %}<li>{{ o.id }}</li>{% endfor %}</ul><p>{{ orders[0].id }}</p>{{ other.text }}{{ n }}')
  fail = true
  const failed = JSON.stringify(await click('next'))
  const [, id] = /Reference: ([\w-]+)/.exec(failed) ?? []
  t.ok(id, 'a region with an id')
  t.notMatch(failed, 'the words')
  t.match(logs.find(({ errorId }) => errorId === id)?.err.message, /loader 'orders' failed: the words of 1/)
  fail = false
  const healed = JSON.stringify(await click('next'))
  t.match(healed, '2')
  t.notMatch(healed, 'Reference')
  live.close()
})

t.test('a handler sees no data that is out of date or has failed, and cannot change any', async (t) => {
  let fail = false
  const seen: unknown[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ n: 0, show: true, more: false }),
    loaders: {
      own: ({ state }) => ({ n: state.n }),
      parts: () => { if (fail) throw new Error('down'); return { x: 1, y: 2 } },
    },
    events: {
      look: { run: ({ data }: any) => { seen.push([data.own?.n, data.parts?.x, Reflect.set(data, 'own', 'forged')]) } },
      hide: { run: ({ state }) => { state.show = false; state.n++ } },
      more: { run: ({ state }) => { state.more = true } },
    },
  })
  const { live, click } = await open(t, view, '{% if show %}<p>{{ own.n }}</p>{% endif %}<p>{{ parts.x }}</p>{% if more %}<p>{{ parts.y }}</p>{% endif %}')
  await click('look')
  await click('hide')
  await click('look')
  fail = true
  await click('more')
  await click('look')
  t.same(seen, [[0, 1, false], [undefined, 1, false], [undefined, undefined, false]])
  live.close()
})

t.test('a fallback stands where a loader failed, at the first rendering too', async (t) => {
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    loaders: { orders: { fallback: 'none.njk', load: () => { throw new Error('the words') } } },
  })
  const { live } = await open(t, view, '<div>{% for o in orders %}<p>{{ o.id }}</p>{% endfor %}</div>after', { others: { 'none.njk': '<p>No orders just now.</p>' } })
  t.match(live.html, /<div>.*<p>No orders just now\.<\/p>.*<\/div>.*after/s)
  live.close()
})

t.test('without a fallback the first rendering is an error page with the loader\'s status', async (t) => {
  const failing = (error: Error): View => defineView({ name: 'v', template: 'v.njk', access: 'public', loaders: { a: () => { throw error } } })
  for (const [error, status] of [[new Error('x'), 500], [Object.assign(new Error('x'), { statusCode: 404 }), 404]] as const) {
    const view = failing(error)
    const { url } = await startLiveApp(t, { live: { templates: { 'v.njk': `${head}{{ a.b }}</body></html>` } }, routes: (app) => app.live('/v', view) })
    t.equal((await new Visitor(url).page('/v')).status, status)
  }
})

t.test('a deferred loader does not keep the page waiting', async (t) => {
  let finish: (data: unknown) => void = () => {}
  const runs: string[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ n: 0 }),
    loaders: {
      slow: { deferred: true, fallback: 'wait.njk', load: () => { runs.push('slow'); return new Promise((resolve) => { finish = resolve }) } },
      fast: () => ({ text: 'here' }),
    },
    events: { next: { run: ({ state }) => { state.n++ } }, },
  })
  const { live, click } = await open(t, view, '{{ fast.text }}{{ n }}<div>{% if slow.list %}<p>{{ slow.list }}</p>{% endif %}</div>', { others: { 'wait.njk': '<p>Loading</p>' } })
  t.match(live.html, /here.*Loading/s)
  t.match(live.joined, ['j', 0], 'the page is taken as it is')
  t.match(await click('next'), ['p', 1, Array], 'events do not wait for it')
  finish({ list: 'the slow data' })
  t.match(JSON.stringify(await live.next()), 'the slow data')
  t.same(runs, ['slow'])
  live.close()
})

t.test('an event that changes data without reloading it is reported while developing', async (t) => {
  const rows = [{ id: 1, note: 'a' }]
  let clock = 0
  let broken = false
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    loaders: {
      rows: () => rows,
      volatile: () => ({ now: clock++ }),
      flaky: () => { if (broken) throw new Error('gone'); return { text: 'there' } },
    },
    events: { change: { run: () => { rows[0] = { id: 1, note: 'b' }; broken = true } }, nothing: { run: () => {} } },
  })
  const { live, logs, click } = await open(t, view, '{% for row in rows %}<p>{{ row.note }}</p>{% endfor %}{{ volatile.now }}{{ flaky.text }}', { live: { verifyReloads: true } })
  await click('nothing')
  await click('change')
  await click('nothing')
  const told = logs.filter(({ loader, event }) => loader !== undefined && event !== undefined)
  t.equal(told.length, 1)
  t.match(told[0], { loader: 'rows', event: 'change', msg: /add reloads: \['rows'\]/ })
  live.close()
})

t.test('what nothing asked for is said once while developing, and dropped', async (t) => {
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    loaders: { user: () => ({ name: 'Clara', password_hash: 'secret' }) },
    events: { look: { reloads: ['user'], run: ({ data, flash }) => { flash('info', Object.keys(data.user as object).join()) } } },
  })
  const { live, logs, click } = await open(t, view, '{{ user.name }}{% for f in flash %}<p live-key="{{ f.text }}">{{ f.text }}</p>{% endfor %}', { live: { verifyReloads: true } })
  const answer = JSON.stringify(await click('look'))
  t.match(answer, '"name"')
  t.notMatch(answer, 'password')
  t.equal(logs.filter(({ msg }) => /password_hash/.test(msg)).length, 1)
  live.close()
})

t.test('a fallback that fails itself gives way to the region', async (t) => {
  const templates = new TemplateEnvironment({ 'v.njk': `${head}<div>{% for o in orders %}<p>{{ o.id }}</p>{% endfor %}</div></body></html>`, 'none.njk': '<p>{{ n | broken }}</p>' })
  templates.addFilter('broken', () => { throw new Error('the fallback\'s own') })
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ n: 1 }),
    loaders: { orders: { fallback: 'none.njk', load: () => { throw new Error('the words') } } },
  })
  const { url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/v', view) })
  t.match((await new Visitor(url).page('/v')).html, /<div>.*could not be loaded.*<\/div>/s)
})

t.test('a loader that fails when a page joins anew fails its own places; what cannot be rendered fails its event', async (t) => {
  let fail = false
  const connections: Array<Connection<any>> = []
  const logs: string[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ n: 1 }),
    loaders: { orders: ({ state }) => { if (fail) throw new Error('gone'); return [{ id: state.n }] } },
    onConnect: ({ connection }) => { connections.push(connection) },
    events: { spoil: { run: ({ state }) => { Object.defineProperty(state, 'n', { get () { throw new Error('a state that cannot be read') } }) } } },
  })
  const body = '<button live-click="spoil"></button><ul>{% for o in orders %}<li>{{ o.id }}</li>{% endfor %}</ul>'
  const logger = { level: 'error', stream: { write: (line: string) => { logs.push(line) } } }
  const { url } = await startLiveApp(t, { live: { templates: { 'v.njk': `${head}${body}</body></html>` } }, logger: logger as any, routes: (app) => app.live('/v', view) })
  const visitor = new Visitor(url)
  const { token } = await visitor.page('/v')
  const first = await visitor.socket('/v')
  first.send(['j', token, 0, 0])
  await first.next()
  t.match(await first.event('spoil', 'click'), ['r', 1, 'error'])
  logs.length = 0
  connections[0]?.update(() => {})
  t.match(await first.event('spoil', 'click'), ['r', 2, 'error'])
  t.match(logs[0], /a state that cannot be read/, 'what fails between events is logged')
  fail = true
  const second = await visitor.socket('/v')
  second.send(['j', token, 0, 0])
  t.match(JSON.stringify(await second.next()), /could not be loaded/)
  first.close()
  second.close()
})
