import t from 'tap'
import { currentTenant, defineView } from '../plugin/index.ts'
import type { Connection, Identity, LiveViewOptions } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { ANN, clocks, gate, idOf, settled, startSessions } from './helpers/session-life.ts'
import { form, show } from './helpers/shown-page.ts'

t.test('E09 I press what stands in a fieldset that you have switched off for me', async (t) => {
  const page = show(`<fieldset {% if closed %}disabled{% endif %}><legend><button live-click="legend">x</button>
    {% if deep %}<fieldset disabled><legend><i live-click="inner">x</i></legend></fieldset>{% endif %}</legend>
    <button live-click="plain">x</button><input name="q" live-change="change">{% for x in [1] %}<a live-click="row">x</a>{% endfor %}
    ${form('<input type="hidden" name="id" value="1">', 'id="f"')}</fieldset><input type="hidden" name="out" value="1" form="f">`, { closed: true, deep: true })
  for (const kind of ['plain', 'row', 'keydown']) t.equal(page.send(kind, null), 'stale', kind)
  t.equal(page.send('change', { q: 'x' }), 'stale')
  t.equal(page.send('submit', { id: '1' }), 'stale', 'a field that no form sends')
  t.same(page.send('submit', { out: '1' }), { out: '1' }, 'the form itself is sent by a button elsewhere')
  t.same(page.send('legend', null), {}, 'its legend stays as it is')
  t.same(page.send('inner', null), {})
  page.change({ closed: false, deep: false })
  for (const kind of ['plain', 'row', 'keydown', 'legend']) t.same(page.send(kind, null), {}, kind)
  t.same(page.send('submit', { id: '1' }), { id: '1' })
  const said = show('<button live-click="click" live-keydown="keydown" live-focus="focus" aria-disabled="{{ off }}">x</button>', { off: true })
  t.equal(said.send('click', null), 'stale', 'the browser runtime sends none of these either')
  t.equal(said.send('keydown', { key: 'x' }), 'stale')
  t.same(said.send('focus', null), {})
  said.change({ off: false })
  t.same(said.send('click', null), {})
})

t.test('E09 I make use of live-ignore where it could stand, and does not', async (t) => {
  const fields = '<input type="hidden" name="h" value="1">'
  for (const template of [
    `<div {% if mine %}live-ignore{% endif %}>${form(fields)}</div>`, `<div {% if mine %}live-ignore{% endif %}>{% for x in [1] %}${form(fields)}{% endfor %}</div>`,
    form(fields, '{% if mine %}live-ignore{% endif %}')
  ]) {
    const page = show(template, { mine: false })
    t.equal(page.send('submit', { h: '2' }), 'impossible', template)
    page.change({ mine: true })
    t.same(page.send('submit', { h: '2' }), { h: '2' }, 'a script owns it')
  }
})

t.test('E09 I send under a name that your form has for others, however that name comes into the tag', async (t) => {
  for (const field of [
    '{% if admin %}<input {{ "checked" if on }} type="checkbox" name="root">{% endif %}', '<input {% if admin %}type="checkbox" name="root"{% endif %}>',
    '<input type="checkbox" {% if admin %}{% if on %}class="{{ on }}"{% else %}name="r{{ rest }}t"{% endif %}{% endif %}>'
  ]) {
    const page = show(form(`<input name="note">${field}`), { admin: false, on: false, rest: 'oo' })
    t.equal(page.send('submit', { note: 'x', root: 'on' }), 'stale', field)
    t.same(page.send('input', { note: 'x', root: 'on' }), { note: 'x' }, 'typing goes on without it')
    t.same(page.send('submit', { note: 'x', checkbox: 'on', script: 'z' }), { note: 'x', checkbox: 'on', script: 'z' })
    page.change({ admin: true, on: false, rest: 'oo' })
    t.same(page.send('submit', { root: 'on' }), { root: 'on' })
  }
  const dynamic = show(form('<input {{ "checked" }} name="{{ name }}_x">'), { name: 'a' })
  t.same(dynamic.send('submit', { b_x: '1', '': '' }), { b_x: '1', '': '' }, 'what begins with a value could be any name')
})

t.test('E09 I type what your server says elsewhere: the row, the force', async (t) => {
  const rest = '{% if admin %}<button live-click="submit" live-value-force="true">x</button><i {% if on %}live-value-level="2"{% endif %} live-click="submit">x</i>{% endif %}<b live-click="other" live-value-free="1">x</b>'
  const page = show(form('<input name="title">', '{% if order %}live-value-id="{{ order }}"{% endif %}') + rest, { order: null, admin: false })
  for (const name of ['id', 'force', 'level']) t.equal(page.send('submit', { title: 'x', [name]: '7' }), 'stale', name)
  t.same(page.send('input', { title: 'x', id: '7' }), { title: 'x' })
  t.same(page.send('submit', { title: 'x', free: '7' }), { title: 'x', free: '7' }, 'another event has that, not this one')
  page.change({ order: 7, admin: false })
  t.same(page.send('submit', { title: 'x', id: '8' }), { title: 'x', id: '8' }, 'the server\'s own goes over it')
})

t.test('E09 I let one field say more than itself', async (t) => {
  const page = show('<input name="q" live-input="input" live-keydown="keydown"><fieldset live-change="change"><input name="a"><input name="b"></fieldset>')
  t.equal(page.send('input', { q: 'x', scope: 'all' }), 'impossible')
  t.equal(page.send('change', { a: 'x', b: 'y' }), 'impossible')
  t.equal(page.send('keydown', { key: 'x', q: 'x', scope: 'all' }), 'impossible')
  t.same(page.send('keydown', { key: 'x', q: 'x' }), { key: 'x', q: 'x' })
})

t.test('E09 I press a button that sends nothing; who has translated the page is told that it is stale', async (t) => {
  const page = show(form('<button type="button" name="never" value="n">x</button><button type="submit" name="how" value="draft">x</button><input type="submit" name="go" value="Save">'))
  t.equal(page.send('submit', { never: 'n' }), 'impossible')
  t.equal(page.send('submit', { how: 'Entwurf' }), 'impossible', 'nobody reads the value of a <button>')
  t.equal(page.send('submit', { go: 'Speichern' }), 'stale')
})

t.test('B05 I keep what I saw as an administrator, since your identify hands out one object a person', async (t) => {
  class Person {
    id = 1
    role = 'admin'
    readonly can = (): boolean => this.role === 'admin'
    readonly links = { home: (): string => '/' }
  }
  const person = new Person()
  let loads = 0
  const view = defineView({
    name: 'secrets',
    template: 'secrets.njk',
    state: () => ({ n: 0 }),
    loaders: { secret: ({ identity }) => { loads++; return { text: (identity as unknown as Person).can() ? 'SECRET' : 'nothing' } } },
    events: { add: { run: ({ state }) => { state.n++ } } }
  })
  const templates = { 'secrets.njk': '<html><head></head><body><p>{{ n }}</p><b>{{ secret.text }}</b><button live-click="add">x</button></body></html>' }
  const live = { templates, identify: () => person as unknown as Identity }
  const { app, url } = await startLiveApp(t, { live, routes: (app) => app.live('/secrets', view) })
  const me = new Visitor(url)
  const { html, token } = await me.page('/secrets')
  t.match(html, 'SECRET')
  person.role = 'user'
  const socket = await me.socket('/secrets')
  socket.send(['j', token, pageDigest(html), 1])
  const joined = await socket.next()
  t.match(JSON.stringify(joined), 'nothing', 'what the page mounted is not mine any more')
  socket.close()

  person.role = 'admin'
  const open = await me.open('/secrets')
  const past = (): void => { for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000 }
  past()
  const before = loads
  t.same(await open.event('add', 'click'), ['p', 1, [0, '1']], 'nothing has changed')
  t.equal(loads, before, 'and nothing is loaded again')
  person.role = 'user'
  past()
  t.match(JSON.stringify(await open.event('add', 'click')), 'nothing')
  open.close()
})

t.test('J04 I am asked for as one tenant while another\'s handler runs', async (t) => {
  const asked: unknown[] = []
  const pages = new Map<unknown, Connection<{ n: number }>>()
  const view = defineView({
    name: 'bells',
    template: 'bells.njk',
    state: () => ({ n: 0 }),
    onConnect: ({ connection, tenant }) => { pages.set(tenant, connection) },
    events: { ring: { run: () => { pages.get('b')?.update((state) => { state.n++ }) } } }
  })
  const ask = <T>(answer: T): T => { asked.push(currentTenant()); return answer }
  const live: LiveViewOptions = {
    templates: { 'bells.njk': '<html><head></head><body><p>{{ n }}</p><button live-click="ring">x</button></body></html>' },
    identify: ({ session }) => ask(session?.person ?? null),
    identityKey: ({ id }) => ask(String(id)),
    tenant: ({ session }) => ask(session?.person?.name ?? null)
  }
  const { app, url } = await startLiveApp(t, { live, routes: (app) => app.live('/bells', view) })
  const [a, b] = [new Visitor(url), new Visitor(url)]
  await a.signIn({ id: 1, name: 'a' })
  await b.signIn({ id: 1, name: 'b' })
  const [mine, theirs] = [await a.open('/bells'), await b.open('/bells')]
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  await mine.event('ring', 'click')
  t.same(await theirs.next(), ['p', 0, [0, '1']])
  t.ok(asked.length > 12, 'both have been looked at again')
  t.same(new Set(asked), new Set([null]))
  mine.close()
  theirs.close()
})

t.test('B01 I am one of many whose id is no number that you can tell from others', async (t) => {
  for (const id of [NaN, Infinity, 1.5, 2 ** 53, {}, true]) {
    const view = defineView({ name: 'ids', template: 'ids.njk', state: () => ({}), events: {} })
    const live = { templates: { 'ids.njk': '<html><head></head><body>x</body></html>' }, identify: () => ({ id }) as Identity }
    const { url } = await startLiveApp(t, { live, routes: (app) => app.live('/', view) })
    t.equal((await new Visitor(url).page('/')).status, 500, String(id))
  }
})

t.test('B05 I keep my role where only the methods of your identity know it', async (t) => {
  class Person {
    readonly id: number = 1
    readonly #role: string
    constructor (role: string) { this.#role = role }
    may (): boolean { return this.#role === 'admin' }
  }
  let role = 'admin'
  const view = defineView({
    name: 'doors',
    template: 'doors.njk',
    state: () => ({ n: 0 }),
    events: { open: { authorize: ({ identity }) => (identity as unknown as Person).may(), run: ({ state }) => { state.n++ } } }
  })
  const templates = { 'doors.njk': '<html><head></head><body><p>{{ n }}</p><button live-click="open">x</button></body></html>' }
  const { app, url } = await startLiveApp(t, { live: { templates, identify: () => new Person(role) as unknown as Identity }, routes: (app) => app.live('/doors', view) })
  const live = await new Visitor(url).open('/doors')
  t.same(await live.event('open', 'click'), ['p', 1, [0, '1']])
  role = 'user'
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  t.match(await live.event('open', 'click'), ['r', 2, 'denied'])
  live.close()
})

t.test('B06 I sign out at another of your processes while your handler takes its time to change my session', async (t) => {
  const [changing, slow] = [gate(), gate()]
  let done: Promise<void> = Promise.resolve()
  const view = defineView({
    name: 'cart',
    template: 'cart.njk',
    state: () => ({}),
    events: {
      add: {
        run: ({ updateSession }) => {
          done = updateSession(async (session) => {
            changing.open()
            await slow.passed
            session['cart'] = 1
          })
          return done
        }
      }
    }
  })
  const { visitor, store } = await startSessions(t, {
    live: { templates: { 'cart.njk': '<html><head></head><body><button live-click="add">x</button></body></html>' } },
    routes: (app) => app.live('/cart', view)
  })
  await visitor.signIn(ANN)
  const live = await visitor.open('/cart')
  live.send(['e', 1, 'add', 'click'])
  await changing.passed
  const id = idOf(visitor)
  // Nobody tells this process.
  store().store.delete(id)
  slow.open()
  await done
  t.notOk(store().store.has(id))
  live.close()
})

t.test('B05 I lose my role while the store fails for a moment: the look that was asked for is not forgotten', async (t) => {
  const clock = clocks(t)
  const { app, visitor, log, store, connections } = await startSessions(t)
  await visitor.signIn(ANN)
  const live = await visitor.open('/v')
  const { get } = store()
  store().get = (id, answer) => { answer(new Error('down')) }
  app.liveViews.sweep.lookAt(connections()[0] as never)
  await settled(live)
  const stored = store().store.get(idOf(visitor)) as unknown as { person?: unknown }
  delete stored.person
  store().get = get
  clock.pass(5000)
  live.send(['e', 1, 'add', 'click', [], 0])
  t.same(await Promise.race([live.closed, live.next()]), 4401)
  t.same(log, ['connected'])
})

t.test('what no page can hold is sent as the page holds it, and nobody is refused for that', async (t) => {
  for (const value of ['a\0b', 'a\ud800b', 'a\r\udc00b']) {
    const shown = value.replace('\r', '\n').replace(/\0|\p{Cs}/gu, '\ufffd')
    const page = show(form('<input type="hidden" name="h" value="{{ value }}">', 'live-value-x="{{ value }}"'), { value })
    t.same(page.send('submit', { h: shown }), { h: value }, 'the server\'s spelling goes on')
    t.equal(page.send('submit', { h: 'a\ufffd' }), 'stale')
  }
})
