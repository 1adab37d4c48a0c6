import { Type } from '@sinclair/typebox'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'

const head = '<html><head></head><body>'

async function open (t: Parameters<typeof startLiveApp>[0], view: ReturnType<typeof defineView>, template: string, live: Partial<LiveAppOptions['live']> = {}): Promise<LiveSocket> {
  const { url } = await startLiveApp(t, { live: { templates: { [view.template]: template }, ...live }, routes: (app) => app.live('/v', view) })
  return await new Visitor(url).open('/v')
}

t.test('a loader runs when its data is shown, and again only when what it read has changed', async (t) => {
  const runs: string[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ page: 1, other: 'a', filter: { text: 'x' }, cycle: null as unknown }),
    loaders: {
      orders: ({ state, fields }) => { runs.push(`orders ${state.page} ${fields.columns.join()}`); return [{ id: state.page, total: 5, secret: 's' }] },
      found: { load: ({ state }) => { runs.push(`found ${state.filter.text}`); return { text: state.filter.text } } },
      everything: ({ state }) => { runs.push(`keys ${Object.keys(state).length} ${'page' in state}`); return 'all' },
      cyclic: ({ state }) => { runs.push(`cyclic ${typeof state.cycle}`); return runs.length },
      unused: () => { runs.push('unused'); return 1 }
    },
    events: {
      next: { run: ({ state }) => { state.page++ } },
      refine: { run: ({ state }) => { state.filter.text += 'y' } },
      again: { reloads: ['orders'], run: () => {} },
      ask: { run: ({ reload, data }) => { runs.push(`has ${JSON.stringify(data.orders)}`); reload('found') } },
      wrong: { run: ({ reload }) => { reload('unknown' as 'found') } },
      knot: { run: ({ state }) => { state.cycle = { run () {} } } },
      same: { run: () => {} }
    }
  })
  const buttons = [...view.events.keys()].map((name) => `<button live-click="${name}"></button>`).join('')
  const live = await open(t, view, `${head}{% for o in orders %}<p>{{ o.id }} {{ o.total }}</p>{% endfor %}{{ found.text }}{{ everything }}${buttons}{{ cyclic }}</body>`)
  const click = (name: string) => live.event(name, 'click', [], [...view.events.keys()].indexOf(name))
  t.same(runs.splice(0).sort(), ['cyclic object', 'found x', 'keys 4 true', 'orders 1 id,total'])
  t.match(await click('next'), ['p', 1, [0, Object]])
  t.same(runs.splice(0).sort(), ['keys 4 true', 'orders 2 id,total'])
  await click('refine')
  t.same(runs.splice(0).sort(), ['found xy', 'keys 4 true'], 'a change inside of an object counts')
  await click('again')
  t.same(runs.splice(0), ['orders 2 id,total'])
  await click('ask')
  t.same(runs.splice(0), ['has [{"id":2,"total":5}]', 'found xy'])
  t.match(await click('wrong'), ['r', Number, 'error'])
  await click('knot')
  runs.splice(0)
  await click('same')
  t.same(runs.sort(), ['cyclic object', 'keys 4 true'], 'what cannot be compared counts as changed')
  live.close()
})

t.test('a loader does not change the state, and one that fails on an event fails its own place', async (t) => {
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ page: 1 }),
    loaders: {
      orders: ({ state }) => {
        if (state.page === 2) (state as { page: number }).page = 7
        if (state.page === 3) throw new Error('database is gone')
        return state.page
      }
    },
    events: { next: { run: ({ state }) => { state.page++ } } }
  })
  const live = await open(t, view, `${head}{{ orders }}<button live-click="next"></button></body>`)
  t.match(JSON.stringify(await live.event('next', 'click')), /could not be loaded/)
  t.match(JSON.stringify(await live.event('next', 'click')), /could not be loaded/)
  t.same(await live.event('next', 'click'), ['p', 3, [0, 4]])
  live.close()
})

t.test('can() in a template asks the event\'s own rule', async (t) => {
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ rows: [{ id: 1 }, { id: 2 }], owner: 1, mode: 'sync' }),
    events: {
      cancel: {
        payload: Type.Object({ id: Type.Integer() }),
        authorize: ({ state, payload }) => state.mode === 'sync' ? payload.id === state.owner : Promise.resolve(true) as unknown as boolean,
        run: ({ state }) => { state.owner = 2 }
      },
      open: { run: ({ state }) => { state.mode = 'async' } }
    }
  })
  const template = `${head}{% for r in rows %}<p>{{ r.id }}{% if can('cancel', { id: r.id }) %}<button live-click="cancel" live-value-id="{{ r.id }}"></button>{% endif %}</p>{% endfor %}
    {% if can('open') %}<button live-click="open"></button>{% endif %}</body>`
  const live = await open(t, view, template)
  t.equal(live.html.match(/live-click="cancel"/g)?.length, 1)
  const answer = await live.event('cancel', 'click', [0, 0, 1], 0, ['1'])
  t.match(answer, ['p', 1, [0, [3, 0, [1, ''], 3, 1, [1, { s: String }]]]])
  t.match(await live.event('cancel', 'click', [0, 0, 1], 0, ['1']), ['r', 2, 'stale'], 'what may not be done is not shown, and not possible')
  t.match(await live.event('open', 'click', [1], 0), ['r', 3, 'error'], 'an authorize that needs time cannot be asked by a template')
  live.close()

  const unknown = defineView({ name: 'v', template: 'v.njk', access: 'public' })
  const { url } = await startLiveApp(t, { live: { templates: { 'v.njk': '{{ can("fly") }}' } }, routes: (app) => app.live('/v', unknown) })
  t.match(await (await fetch(`${url}/v`)).json(), { message: /can\(\) in v.njk: 'fly' is not an event of the view. Events: none/ })
})

t.test('a changed address loads again what reads it', async (t) => {
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ x: 1 }),
    loaders: { page: ({ query }) => `page ${query.page ?? 'one'}` },
    events: { turn: { run: ({ patchUrl }) => { patchUrl({ page: 2 }) } } }
  })
  const live = await open(t, view, `${head}{{ page }}<button live-click="turn"></button></body>`)
  t.same(await live.event('turn', 'click'), ['p', 1, [0, 'page 2'], 0, { u: '?page=2' }])
  live.close()
})

t.test('a flash that the template does not show goes to the browser runtime; wrong targets are errors', async (t) => {
  const connections: Connection[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ x: 1 }),
    onConnect: ({ connection }) => { connections.push(connection as Connection) },
    events: {
      say: { run: ({ flash, updateSession }) => { flash('info', 'one'); flash('warning', 'two'); return updateSession(() => { throw new Error('there is no session') }) } },
      leave: { run: ({ navigate }) => { navigate('https://evil.example') } },
      push: { run: ({ pushEvent }) => { pushEvent('Not A Name', 1) } },
      clear: { run: ({ patchUrl }) => { patchUrl({}) } }
    }
  })
  const buttons = [...view.events.keys()].map((name) => `<button live-click="${name}"></button>`).join('')
  const live = await open(t, view, `${head}{{ x }}${buttons}</body>`)
  t.same(await live.event('say', 'click', [], 0), ['p', 1, 0, 0, { f: [['info', 'one'], ['warning', 'two']] }])
  t.match(await live.event('leave', 'click', [], 1), ['r', 2, 'error'])
  t.match(await live.event('push', 'click', [], 2), ['r', 3, 'error'])
  t.same(await live.event('clear', 'click', [], 3), ['p', 4, 0, 0, { u: '' }])
  live.close()
})

t.test('a name that means nothing, and a name that means two things, end the boot', async (t) => {
  const twice = defineView({ name: 'twice', template: 'v.njk', access: 'public', state: () => ({ orders: 1 }), loaders: { orders: () => 2 } })
  const typo = defineView({ name: 'typo', template: 'typo.njk', access: 'public', state: () => ({ orders: 1 }) })
  const templates = { 'v.njk': '{{ orders }}', 'typo.njk': '<p>{{ helper }}{{ range(2) }}</p>\n {{ ordres }}' }
  const start = (view: ReturnType<typeof defineView>, live: Partial<LiveAppOptions['live']>) =>
    startLiveApp(t, { live: { templates, ...live }, routes: (app) => app.live('/v', view) })
  await t.rejects(start(twice, {}), { code: 'LIVE_ERR_NAME_COLLISION', message: /orders/ })
  const message = /typo.njk:2:5.*ordres.*Did you mean 'orders'\?/
  await t.rejects(start(typo, { globals: () => ({ helper: 1 }), globalNames: ['helper'] }), { code: 'LIVE_ERR_UNKNOWN_ROOT', message })
  const { url } = await start(typo, { globals: () => ({ helper: 1 }) })
  t.match(await (await fetch(`${url}/v`)).json(), { message }, 'with the first page where the names of globals are not known')
})

t.test('a reader that does not acknowledge gets the newest state later, not everything', async (t) => {
  const connections: Connection[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ x: 0 }),
    events: { add: { run: ({ state }) => { state.x += 100 } } },
    onConnect: ({ connection }) => { connections.push(connection as Connection) }
  })
  const live = await open(t, view, `${head}{{ x }}<button live-click="add"></button></body>`)
  const [connection] = connections as [Connection<{ x: number }>]
  for (let k = 1; k <= 10; k++) {
    connection.update((state) => { state.x++ })
    t.same(await live.next(), ['p', 0, [0, k]])
  }
  for (let k = 11; k <= 30; k++) connection.update((state) => { state.x++ })
  t.same(await live.event('add', 'click'), ['p', 1], 'an event is answered all the same')
  live.send(['a', 10])
  t.same(await live.next(), ['p', 0, [0, 130]], 'one patch to where the state is by then')
  live.close()
})

t.test('asynchronous filters render live', async (t) => {
  const { TemplateEnvironment } = await import('../lib/template/template-environment.ts')
  const templates = new TemplateEnvironment({ 'v.njk': `${head}{{ x | later }}<button live-click="add"></button></body>` })
  templates.addFilter('later', (value: number, cb: (error: null, text: string) => void) => { setImmediate(() => { cb(null, `later ${value}`) }) }, true)
  const view = defineView({ name: 'v', template: 'v.njk', access: 'public', state: () => ({ x: 0 }), events: { add: { run: ({ state }) => { state.x++ } } } })
  const live = await open(t, view, '', { templates })
  t.match(live.html, 'later 0')
  t.same(await live.event('add', 'click'), ['p', 1, [0, 'later 1']])
  live.close()
})
