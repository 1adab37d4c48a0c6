/// <reference lib="dom" />
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { launch } from './chromium.ts'
import { documentOf, openLive, translate } from './open-live.ts'

const chromium = await launch(t)
const Id = Type.Object({ id: Type.Integer() })

t.test('rows of a table without a written tbody: filled, sorted, changed, removed, emptied', async (t) => {
  const data = { rows: [] as { id: number, name: string, lines: string[] }[] }
  const live = await openLive(t, chromium, {
    template: `<table><thead><tr><th>n</th></tr></thead>{% for row in data.rows %}
      <tr live-key="{{ row.id }}"><td>{{ row.name }}</td><td>{% for line in row.lines %}<b live-key="{{ line }}">{{ line }}
      <button live-click="drop" live-value-id="{{ row.id }}" live-value-line="{{ line }}">x</button></b>{% endfor %}</td>
      <td><button class="pick" live-click="pick" live-value-id="{{ row.id }}">pick</button></td></tr>{% endfor %}</table>
      <table>{% for row in data.rows %}<tr><td>{{ row.id }}</tr>{% else %}<tr><td>none</tr>{% endfor %}</table>`,
    data,
    events: {
      pick: { payload: Id, run: ({ id }) => { for (const row of data.rows) if (row.id === id) row.name += '!' } },
      drop: {
        payload: Type.Object({ id: Type.Integer(), line: Type.String() }),
        run: ({ id, line }) => {
          for (const row of data.rows) if (row.id === id) row.lines = row.lines.filter((one) => one !== line)
        }
      }
    }
  })
  const names = (): Promise<string[]> => live.page.locator('tbody >> nth=0').locator('tr > td:first-child').allTextContents()
  t.equal(await live.page.innerText('table >> nth=1'), 'none')
  await live.change((data) => { data.rows = [1, 2, 3, 4].map((id) => ({ id, name: `row ${id}`, lines: ['a', 'b', 'c'] })) })
  t.same(await names(), ['row 1', 'row 2', 'row 3', 'row 4'])
  await live.change((data) => { data.rows.reverse() })
  await live.act(() => live.page.click('tr:has-text("row 3") .pick'))
  t.same(await names(), ['row 4', 'row 3!', 'row 2', 'row 1'], 'after a sort the click reaches its row')
  await live.act(() => live.page.click('tr:has-text("row 1") b:has-text("b") button'))
  await live.change((data) => {
    data.rows.sort((one, other) => one.id - other.id)
    data.rows.splice(1, 1)
    data.rows.push({ id: 9, name: 'new', lines: ['z'] })
    data.rows[0]?.lines.reverse()
  })
  await live.change((data) => { data.rows[1]?.lines.unshift('first') })
  await live.act(() => live.page.click('tr:has-text("row 3") b:has-text("first") button'))
  await live.act(() => live.page.click('tr:has-text("new") .pick'))
  t.same(live.handled.map(([, payload]) => payload),
    [{ id: 3 }, { id: 1, line: 'b' }, { id: 3, line: 'first' }, { id: 9 }], 'and in rows of rows')
  await live.end()
  await live.change((data) => { data.rows = [] })
  await live.end()
  await live.change((data) => { data.rows = [{ id: 1, name: 'again', lines: ['l'] }] })
  t.same(await names(), ['again'])
  await live.end()
})

t.test('options and groups of options come, go and are chosen', async (t) => {
  const data = { chosen: 2, options: [1, 2, 3], groups: [{ name: 'g', options: ['x', 'y'] }], many: ['x'] }
  const live = await openLive(t, chromium, {
    template: `<select id="one">{% for o in data.options %}
      <option value="{{ o }}"{% if o == data.chosen %} selected{% endif %}>Option {{ o }}</option>{% endfor %}</select>
      <select id="two" multiple>{% for g in data.groups %}<optgroup label="{{ g.name }}">
      {% for o in g.options %}<option {{ 'selected' if o in data.many }}>{{ o }}</option>{% endfor %}</optgroup>{% endfor %}</select>`,
    data
  })
  const { page } = live
  const many = (): Promise<string[]> => page.locator('#two option:checked').allTextContents()
  t.equal(await page.inputValue('#one'), '2')
  await live.change((data) => { data.options = [4, 3, 2, 1] })
  t.equal(await page.inputValue('#one'), '2')
  await live.change((data) => { data.chosen = 4; data.many = ['x', 'y'] })
  t.same([await page.inputValue('#one'), await many()], ['4', ['x', 'y']])
  await live.change((data) => { data.groups = [{ name: 'h', options: ['z'] }, { name: 'g', options: ['y', 'x', 'w'] }]; data.many = ['z', 'w'] })
  t.same(await many(), ['z', 'w'])
  await live.end()
  await live.change((data) => { data.options = [2, 1]; data.chosen = 1; data.groups = [] })
  t.equal(await page.inputValue('#one'), '1')
  await live.end()
})

t.test('nested lists, some items closed by the parser', async (t) => {
  interface Item { id: number, text: string, items: Item[] }
  const leaf = (id: number): Item => ({ id, text: `leaf ${id}`, items: [] })
  const data = { items: [{ id: 1, text: 'one', items: [leaf(11), leaf(12)] }, { id: 2, text: 'two', items: [leaf(21)] }] as Item[] }
  const live = await openLive(t, chromium, {
    template: `<ul>{% for item in data.items %}<li id="i{{ item.id }}"><a live-click="grow" live-value-id="{{ item.id }}">{{ item.text }}</a>
      {% if item.items.length %}<ol>{% for inner in item.items %}<li id="i{{ inner.id }}">{{ inner.text }}
      {% for deep in inner.items %}<ul><li>{{ deep.text }}</ul>{% endfor %}</li>{% endfor %}</ol>{% else %}<p>nothing</p>{% endif %}</li>{% endfor %}</ul>
      <dl>{% for item in data.items %}<dt>{{ item.id }}<dd>{{ item.text }}</dd>{% endfor %}</dl>`,
    data,
    events: {
      grow: {
        payload: Id,
        run: ({ id }) => { for (const item of data.items) if (item.id === id) item.items.unshift(leaf(id * 10 + 9)) }
      }
    }
  })
  await live.change((data) => { data.items.reverse() })
  await live.act(() => live.page.click('text=one'))
  t.same(await live.page.locator('#i1 > ol > li').allInnerTexts(), ['leaf 19', 'leaf 11', 'leaf 12'])
  await live.change(({ items: [first, second] }) => {
    second?.items[2]?.items.push(leaf(5), leaf(6))
    first?.items.splice(0)
  })
  t.equal(await live.page.innerText('#i2 p'), 'nothing')
  await live.end()
  await live.change((data) => { data.items.unshift({ id: 7, text: 'seven', items: [leaf(71)] }); data.items.reverse() })
  await live.act(() => live.page.click('#i7 a'))
  await live.act(() => live.page.click('#i2 a'))
  t.same(live.handled.map(([, payload]) => payload), [{ id: 1 }, { id: 7 }, { id: 2 }])
  await live.end()
})

t.test('title, head, textarea and JSON script', async (t) => {
  const data = { name: 'A & B', unread: 0, note: '\nfirst line', config: { a: 1 }, lang: 'en', robots: true }
  const live = await openLive(t, chromium, {
    template: {
      'page.njk': documentOf('<h1 title="{{ data.name }}">{{ data.name }}</h1><textarea id="note">\n{{ data.note }}</textarea>' +
        '<textarea id="mixed">Dear {{ data.name }}, {{ data.note }}</textarea>',
      '<title>{% if data.unread %}({{ data.unread }}) {% endif %}{{ data.name }}</title>' +
        '<meta name="description" content="About {{ data.name }}">{% if data.robots %}<meta name="robots" content="none">{% endif %}')
    },
    data
  })
  t.equal(await live.page.title(), 'A & B')
  t.equal(await live.page.inputValue('#note'), '\nfirst line')
  await live.change((data) => { data.unread = 3; data.name = '<b>"C"</b> &amp;'; data.note = 'two\nlines</textarea>'; data.robots = false })
  t.equal(await live.page.title(), '(3) <b>"C"</b> &amp;')
  t.equal(await live.page.inputValue('#note'), 'two\nlines</textarea>')
  t.equal(await live.page.inputValue('#mixed'), 'Dear <b>"C"</b> &amp;, two\nlines</textarea>')
  await live.end()
  await live.change((data) => { data.unread = 0; data.robots = true })
  t.equal(await live.page.title(), '<b>"C"</b> &amp;')
  await live.end()
})

t.test('checked, open and a dialog are what the server says, whatever was clicked before', async (t) => {
  const data = { on: false, size: 's', open: false, asks: false, hidden: true, width: 10 }
  const live = await openLive(t, chromium, {
    template: `<input id="box" type="checkbox" {% if data.on %}checked{% endif %}>
      {% for size in ['s', 'm', 'l'] %}<input type="radio" name="size" value="{{ size }}"{{ ' checked' if size == data.size }}>{% endfor %}
      <details{% if data.open %} open{% endif %}><summary>more</summary>text</details>
      <dialog {{ 'open' if data.asks }}>sure?</dialog><p {% if data.hidden %}hidden{% else %}class="shown" title="{{ data.size }}"{% endif %}>p</p>
      <progress value="{{ data.width }}" max="100"></progress><button {{ 'disabled' if data.on }} aria-pressed="{{ data.on }}">b</button>`,
    data
  })
  const { page } = live
  const state = (): Promise<unknown> => page.evaluate(() => [
    document.querySelector<HTMLInputElement>('#box')?.checked, document.querySelector<HTMLInputElement>('[name=size]:checked')?.value,
    document.querySelector('details')?.open, document.querySelector('dialog')?.open, document.querySelector('p')?.hidden,
    document.querySelector('progress')?.value, document.querySelector('button')?.disabled])
  await page.check('#box')
  await page.uncheck('#box')
  await page.check('[value=l]')
  await live.change((data) => Object.assign(data, { on: true, size: 'm', open: true, asks: true, hidden: false, width: 50 }))
  t.same(await state(), [true, 'm', true, true, false, 50, true])
  await live.end()
  await live.change((data) => Object.assign(data, { on: false, size: 'l', open: false, asks: false, hidden: true }))
  t.same(await state(), [false, 'l', false, false, true, 50, false])
  await live.end()
})

t.test('a drawing grows: circles by a loop, a branch in it, its viewBox', async (t) => {
  const data = { width: 100, points: [{ id: 1, x: 10 }], label: '', html: '<rect width="5" height="5"/>' }
  const live = await openLive(t, chromium, {
    template: `<svg id="s" viewBox="0 0 {{ data.width }} 100" preserveAspectRatio="none" width="100" height="100">
      <g>{% for p in data.points %}<circle live-key="{{ p.id }}" cx="{{ p.x }}" cy="50" r="4" live-click="move" live-value-id="{{ p.id }}"/>{% endfor %}</g>
      {% if data.label %}<text x="1" y="9">{{ data.label }}</text><foreignObject width="9" height="9"><p>{{ data.label }}</p></foreignObject>{% endif %}
      <g>{{ data.html | safe }}</g><linearGradient id="lg" gradientUnits="{{ 'userSpaceOnUse' if data.label else 'objectBoundingBox' }}"/></svg>`,
    data,
    trustedHtml: ['data.html'],
    events: { move: { payload: Id, run: ({ id }) => { for (const p of data.points) if (p.id === id) p.x += 30 } } }
  })
  const { page } = live
  await live.change((data) => { data.points.push({ id: 2, x: 50 }, { id: 3, x: 90 }); data.label = 'sum'; data.html = '<path d="M0 0L9 9"/><rect/>' })
  t.same(await page.evaluate(() => Array.from(document.querySelectorAll('svg *'), (one) => [one.localName, one.namespaceURI?.slice(-4)].join())),
    ['g,/svg', 'circle,/svg', 'circle,/svg', 'circle,/svg', 'text,/svg', 'foreignObject,/svg', 'p,html', 'g,/svg', 'path,/svg', 'rect,/svg',
      'linearGradient,/svg'])
  await page.locator('circle').nth(2).waitFor({ state: 'visible' })
  await live.change((data) => { data.points.reverse(); data.width = 200 })
  t.equal(await page.evaluate(() => document.querySelector('svg')?.viewBox.baseVal.width), 200)
  await live.act(() => page.locator('circle').nth(1).click())
  t.same(live.data.points.map(({ x }) => x), [90, 80, 10])
  await live.end()
  await live.change((data) => { data.points.splice(0, 2); data.label = '' })
  await live.end()
})

t.test('a page that a translation tool has rewritten goes on', async (t) => {
  const data = { name: 'Ann', count: 1, items: ['a', 'b'], admin: false, html: '<b>bold</b> text' }
  const live = await openLive(t, chromium, {
    template: `<p id="p">Hello {{ data.name }}, you have {{ data.count }} messages{% if data.admin %} and <b>power {{ data.count }}</b>{% endif %}.</p>
      <ul>{% for item in data.items %}<li live-key="{{ item }}">{{ item }}</li>{% endfor %}</ul><h2>{{ data.name }}</h2>
      <div>{{ data.html | safe }}</div><button live-click="more">{{ data.count }} more</button>`,
    data,
    trustedHtml: ['data.html'],
    events: { more: { run: () => { data.count++ } } }
  })
  const { page } = live
  await translate(page)
  await live.change((data) => { data.name = 'Bo'; data.count = 7 })
  t.equal(await page.innerText('#p'), 'Hello Bo, you have 7 messages.')
  await translate(page)
  await live.change((data) => { data.admin = true; data.items = ['c', 'b', 'a']; data.html = 'plain' })
  t.equal(await page.innerText('#p'), 'Hello Bo, you have 7 messages and power 7.')
  t.same(await page.locator('li').allInnerTexts(), ['c', 'b', 'a'])
  await translate(page)
  await live.act(() => page.click('button'))
  t.equal(await page.innerText('button'), '8 more')
  await live.change((data) => { data.admin = false; data.name = ''; data.items.pop() })
  await live.change((data) => { data.name = 'Cy' })
  t.equal(await page.innerText('h2'), 'Cy')
  await live.end()
})

t.test('branches switch, and the controls in them work afterwards', async (t) => {
  const data = { mode: 'list', items: [1, 2, 3], wide: true, log: [] as string[] }
  const live = await openLive(t, chromium, {
    template: {
      'page.njk': documentOf(`{% import 'macros.njk' as m %}{% from 'macros.njk' import field %}
        {% if data.mode == 'list' %}<ul>{% for i in data.items %}<li>{% if i > 1 %}{{ m.button('pick', i, 'Pick ' + i) }}{% else %}<i>first</i>{% endif %}</li>{% endfor %}</ul>
        {% elif data.mode == 'one' %}{% include 'one.njk' %}{% else %}plain {{ data.mode }}{% endif %}
        <div class="box {% if data.wide %}wide{% endif %} {{ data.mode }}"{% if data.wide %} data-wide="{{ data.items.length }}"{% endif %}>
        {{ field('q', data.mode) }}{% call m.card(data.mode) %}<b>{{ data.items | join('-') }}</b> <button live-click="add">add</button>{% endcall %}</div>
        {% switch data.mode %}{% case 'list' %}L{% case 'one' %}<em>O {{ data.items[0] }}</em>{% default %}D{% endswitch %}
        {% set total = data.items.length * 2 %}<output>{{ total }}</output>{% for word in data.log %}{{ word }} {% endfor %}`),
      'macros.njk': `{% macro button(event, id, text) %}<button live-click="pick" live-value-id="{{ id }}">{{ text }}</button>{% endmacro %}
        {% macro field(name, value) %}<label>{{ name }} <input name="{{ name }}" value="{{ value }}"></label>{% endmacro %}
        {% macro card(title) %}<section><h3>{{ title }}</h3>{{ caller() }}</section>{% endmacro %}`,
      'one.njk': '<p>One: {{ data.items[0] }} <button live-click="pick" live-value-id="{{ data.items[0] }}">One</button></p>'
    },
    data,
    events: {
      pick: { payload: Id, run: ({ id }) => { data.log.push(`picked${id}`) } },
      add: { run: () => { data.items.push(data.items.length + 1) } }
    }
  })
  const { page } = live
  await live.act(() => page.click('text=Pick 3'))
  await live.change((data) => { data.mode = 'one'; data.wide = false; data.items.reverse() })
  await live.act(() => page.click('p button'))
  await live.act(() => page.click('text=add'))
  await live.end()
  await live.change((data) => { data.mode = 'other <b>' })
  await live.end()
  await live.change((data) => { data.mode = 'list'; data.wide = true })
  await live.act(() => page.click('text=Pick 2'))
  await live.act(() => page.click('text=add'))
  await live.act(() => page.click('text=Pick 5'))
  t.same(live.handled.filter(([event]) => event === 'pick').map(([, payload]) => payload), [{ id: 3 }, { id: 3 }, { id: 2 }, { id: 5 }])
  await live.end()
})

t.test('trusted HTML changes, comes and goes, beside text and in rows', async (t) => {
  const data = { html: '<b>one</b> &amp; two<!-- c -->', rows: ['<i>a</i>', 'b', ''], plain: true }
  const live = await openLive(t, chromium, {
    template: `<div>before {{ data.html | safe }} after {{ data.rows.length }}</div>
      {% for row in data.rows %}<p>{{ row | safe }}{{ loop.index }}</p>{% endfor %}<q>{{ data.html | escape if data.plain else data.html | safe }}</q>
      <a title="{{ data.html | safe if 0 else data.html }}">x</a>`,
    data,
    trustedHtml: ['data.html', 'data.rows[]']
  })
  await live.change((data) => { data.html = '<ul><li>x<li>y</ul><table><tr><td>cell</table>'; data.rows.unshift('<u>u</u>') })
  await live.end()
  await live.change((data) => { data.html = ''; data.plain = false; data.rows = ['', '<s>s</s>'] })
  await live.end()
  await live.change((data) => { data.html = 'text <em>again</em>'; data.plain = true })
  t.equal(await live.page.innerText('q'), 'text <em>again</em>')
  await live.end()
})

t.test('I close the element that my comment stands in: nothing of it stays when it is taken away', async (t) => {
  const data = { x: '<p>mine</p>', cell: '<td>my cell</td>', n: 1 }
  const live = await openLive(t, chromium, {
    template: `<p id="a">{{ data.x | sanitize }}</p><ul><li>{{ data.x | replace("p>", "li>") | sanitize }}</li></ul>
      <table><tbody><tr><td>{{ data.cell | sanitize }}</td></tr></tbody></table><h1>{{ data.n }}</h1>`,
    data,
    events: {}
  })
  t.equal(await live.page.locator('p#a > p').count(), 1, 'it stands where it is shown')
  await live.end()
  await live.change((data) => { data.n = 2 })
  await live.end()
  await live.change((data) => { data.x = data.cell = 'gone' })
  t.notMatch(await live.page.innerText('body'), /mine|my cell/)
  await live.end()
})

t.test('focus, caret and scroll position stay when rows move around the field', async (t) => {
  const data = { rows: Array.from({ length: 60 }, (_, i) => ({ id: i, name: `row ${i}` })) }
  const live = await openLive(t, chromium, {
    template: '<table>{% for row in data.rows %}<tr live-key="{{ row.id }}"><td>{{ loop.index }}<td>' +
      '<input name="n{{ row.id }}" value="{{ row.name }}"></tr>{% endfor %}</table><svg height="2000"></svg>',
    data
  })
  const { page } = live
  await page.focus('[name=n30]')
  await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('[name=n30]') as HTMLInputElement
    input.setSelectionRange(2, 4)
    input.addEventListener('blur', () => { document.documentElement.dataset.blurred = '' })
    scrollTo(0, 200)
  })
  await live.change((data) => { data.rows.reverse() })
  await live.change((data) => { data.rows.sort((one, other) => (one.id * 7) % 60 - (other.id * 7) % 60) })
  await live.change((data) => { data.rows = data.rows.filter(({ id }) => id % 3 === 0) })
  t.same(await page.evaluate(() => {
    const input = document.activeElement as HTMLInputElement
    return [input.name, input.selectionStart, input.selectionEnd, 'blurred' in document.documentElement.dataset, scrollY]
  }), ['n30', 2, 4, false, 200])
  await page.keyboard.type('XY')
  t.equal(await page.inputValue('[name=n30]'), 'roXY30')
  await live.change((data) => { for (const row of data.rows) row.name += '!' })
  t.equal(await page.inputValue('[name=n30]'), 'roXY30', 'what is being typed is kept')
  t.equal(await page.inputValue('[name=n27]'), 'row 27!')
  await page.fill('[name=n30]', 'row 30!')
  await live.end()
})

t.test('a page takes another layout and goes on', async (t) => {
  const data = { wide: false, name: 'x', rows: [1, 2], json: [1] }
  const live = await openLive(t, chromium, {
    template: {
      'page.njk': `{% extends 'wide.njk' if data.wide else 'narrow.njk' %}{% block title %}{{ data.name }} {{ super() }}{% endblock %}
        {% block main %}<p>{{ data.name }}</p><button live-click="shout">!</button>{% for row in data.rows %}<i>{{ row }}</i>{% endfor %}
        <script type="application/json" id="json">{{ data.json | dump | safe }}</script>{% endblock %}`,
      'narrow.njk': documentOf('<main>{% block main %}{% endblock %}</main>', '<title>{% block title %}narrow{% endblock %}</title>'),
      'wide.njk': documentOf('<section class="{{ data.name }}">{{ data.name }}{% block main %}{% endblock %}</section><footer>f</footer>',
        '<meta name="w" content="{{ data.name }}"><title>{% block title %}wide{% endblock %}</title>')
    },
    data,
    events: { shout: { run: () => { data.name += '!' } } }
  })
  const { page } = live
  await live.act(() => page.click('button'))
  t.equal(await page.title(), 'x! narrow')
  await live.change((data) => { data.wide = true; data.rows.push(3); data.json = [2, 3] })
  t.equal(await page.title(), 'x! wide')
  await live.end()
  await live.act(() => page.click('button'))
  await live.change((data) => { data.wide = false; data.rows.reverse() })
  await live.act(() => page.click('button'))
  t.equal(await page.title(), 'x!!! narrow')
  t.same(await page.evaluate(() => JSON.parse(document.querySelector('#json')?.textContent ?? '')), [2, 3])
  await live.end()
})
