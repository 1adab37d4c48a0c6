/// <reference lib="dom" />
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { launch } from './chromium.ts'
import { documentOf, isLive, openLive } from './open-live.ts'

const chromium = await launch(t)
const Text = Type.Object({ text: Type.String() })
const status = '[data-live-status]'

t.test('a textarea: set by the server, kept while a person types, reset after their submit', async (t) => {
  const data = { draft: 'server draft', sent: [] as string[] }
  const live = await openLive(t, chromium, {
    template: `<form live-submit="send"><textarea name="text">{{ data.draft }}</textarea><button>Send</button></form>
      {% for text in data.sent %}<p>{{ text }}</p>{% endfor %}`,
    data,
    events: { send: { payload: Text, run: ({ text }) => { data.sent.push(text); data.draft = '' } } }
  })
  const { page } = live
  await live.change((data) => { data.draft = 'second draft' })
  t.equal(await page.inputValue('textarea'), 'second draft')
  await page.focus('textarea')
  await page.keyboard.press('Control+End')
  await page.keyboard.type(' and more')
  await live.change((data) => { data.draft = 'third draft' })
  t.equal(await page.inputValue('textarea'), 'second draft and more')
  await live.act(() => page.click('button'))
  t.equal(await page.inputValue('textarea'), '')
  t.same(data.sent, ['second draft and more'])
  await page.fill('textarea', 'the value is what it was before: nothing')
  await live.act(() => page.click('button'))
  t.equal(await page.inputValue('textarea'), '', 'reset, though the server had nothing new to say of it')
  await live.end()
})

t.test('the whole form arrives: groups, lists, radio, the submitter; files stay at home', async (t) => {
  const data = { names: ['a', 'b'], chosen: ['b'] as string[] }
  const live = await openLive(t, chromium, {
    template: `<form id="f" live-submit="save"><input name="title" value="T"><input name="tag" value="1"><input name="tag" value="2">
      {% for n in data.names %}<input type="checkbox" name="group" value="{{ n }}"{% if n in data.chosen %} checked{% endif %}>{% endfor %}
      <input type="radio" name="size" value="s" checked><input type="radio" name="size" value="l">
      <select name="one"><option>x</option><option>y</option></select>
      <select name="many" multiple><option>p</option><option>q</option><option>r</option></select>
      <input type="file" name="file"><input name="off" value="no" disabled><textarea name="note"></textarea>
      <button name="how" value="draft">Draft</button><button name="how" value="final">Final</button></form>
      <input form="f" name="outside" value="o">`,
    data,
    events: {
      save: {
        payload: Type.Object({
          title: Type.String(),
          tag: Type.Array(Type.String()),
          group: Type.Array(Type.String(), { default: [] }),
          size: Type.String(),
          one: Type.String(),
          many: Type.Array(Type.String(), { default: [] }),
          note: Type.String(),
          how: Type.String(),
          outside: Type.String()
        }, { additionalProperties: false }),
        run: ({ group }) => { data.chosen = group }
      }
    }
  })
  const { page } = live
  await page.check('[value=a]')
  await page.selectOption('[name=many]', ['p', 'r'])
  await page.check('[value=l]')
  await page.setInputFiles('[type=file]', { name: 'secret-name.txt', mimeType: 'text/plain', buffer: Buffer.from('secret') })
  await live.act(() => page.click('text=Final'))
  const rest = { title: 'T', tag: ['1', '2'], one: 'x', note: '', outside: 'o' }
  t.same(live.handled.pop(), ['save', { ...rest, group: ['a', 'b'], size: 'l', many: ['p', 'r'], how: 'final' }])
  await page.uncheck('[value=a]')
  await live.act(() => page.click('text=Draft'))
  t.same(live.handled.pop(), ['save', { ...rest, group: ['b'], size: 's', many: [], how: 'draft' }],
    'one box of a group is a list of one; the accepted submit had reset the rest')
  await page.uncheck('[value=b]')
  await live.act(() => page.click('text=Draft'))
  t.match(live.handled.pop(), ['save', { group: [] }])
  await live.end()
})

t.test('one click too many on a slow submit sends one event', async (t) => {
  const data = { count: 0 }
  let release = (): void => {}
  const live = await openLive(t, chromium, {
    template: '<form live-submit="pay" live-loading="waiting"><button>Pay</button></form><p>{{ data.count }}</p>',
    data,
    events: { pay: { run: async () => { await new Promise<void>((resolve) => { release = resolve }); data.count++ } } }
  })
  const { page } = live
  await live.act(async () => {
    await page.dblclick('button')
    await page.locator('form.waiting[aria-busy=true]').waitFor()
    await page.click('button', { force: true })
    release()
  })
  t.equal(data.count, 1)
  await live.act(async () => {
    await page.click('button')
    await page.locator('form.waiting').waitFor()
    release()
  })
  t.equal(live.handled.length, 2, 'then the next')
  await live.end()
})

t.test('keys by filter, typing by debounce, and changes of boxes, lists and radios', async (t) => {
  const data = { query: '', agreed: false, size: 's', colour: 'red', many: ['p'], last: '' }
  const value = Type.Object({}, { additionalProperties: Type.Unknown() })
  const live = await openLive(t, chromium, {
    template: `<input id="q" name="query" value="{{ data.query }}" live-input="search" live-debounce="50">
      <input id="k" name="typed" live-keydown="key" live-keys="Enter Escape">
      <input id="agreed" type="checkbox" name="agreed" live-change="agree"{% if data.agreed %} checked{% endif %}>
      {% for size in ['s', 'm', 'l'] %}<input type="radio" name="size" value="{{ size }}" live-change="size"{{ ' checked' if size == data.size }}>{% endfor %}
      <select id="colour" name="colour" live-change="colour">{% for c in ['red', 'blue'] %}<option{% if c == data.colour %} selected{% endif %}>{{ c }}</option>{% endfor %}</select>
      <select id="many" name="many" multiple live-change="many">{% for c in ['p', 'q', 'r'] %}<option{% if c in data.many %} selected{% endif %}>{{ c }}</option>{% endfor %}</select>
      <b>{{ data.query }}|{{ data.last }}</b>`,
    data,
    events: {
      search: { payload: Type.Object({ query: Type.String() }), run: ({ query }) => { data.query = query } },
      key: { payload: Type.Object({ key: Type.String(), typed: Type.String() }), run: ({ key }) => { data.last = key } },
      agree: { payload: Type.Object({ agreed: Type.Optional(Type.Literal('on')) }), run: ({ agreed }) => { data.agreed = agreed === 'on' } },
      // The server allows no large ones: what the browser shows goes back.
      size: { payload: Type.Object({ size: Type.String() }), run: ({ size }) => { if (size !== 'l') data.size = size } },
      colour: { payload: value, run: ({ colour }) => { data.colour = colour } },
      many: { payload: Type.Object({ many: Type.Array(Type.String()) }), run: ({ many }) => { data.many = many } }
    }
  })
  const { page, handled } = live
  await page.focus('#q')
  // In one go: a slow machine must not pause between the keys.
  await live.act(() => page.evaluate(() => { for (const key of 'abc') document.execCommand('insertText', false, key) }))
  t.same(handled.splice(0), [['search', { query: 'abc' }]], 'three keys, one event')
  await page.focus('#k')
  await page.keyboard.type('x')
  await live.act(() => page.keyboard.press('Enter'))
  await live.act(() => page.keyboard.press('Escape'))
  t.same(handled.splice(0), [['key', { key: 'Enter', typed: 'x' }], ['key', { key: 'Escape', typed: 'x' }]])
  await live.act(() => page.check('#agreed'))
  await live.act(() => page.uncheck('#agreed'))
  await live.act(() => page.check('[value=m]'))
  await live.act(() => page.click('[value=l]'))
  await page.locator('[value=m]:checked').waitFor()
  await live.act(() => page.selectOption('#colour', 'blue'))
  await live.act(() => page.selectOption('#many', ['p', 'r']))
  t.same(handled.splice(0), [['agree', { agreed: 'on' }], ['agree', {}], ['size', { size: 'm' }], ['size', { size: 'l' }],
    ['colour', { colour: 'blue' }], ['many', { many: ['p', 'r'] }]])
  await page.fill('#k', '')
  await live.end()
})

t.test('a handler that throws, and a payload that is refused, say so in general words, and the page goes on', async (t) => {
  const data = { count: 0 }
  const live = await openLive(t, chromium, {
    template: `<button live-click="fail">Fail</button><button live-click="add">Add</button><p>{{ data.count }}</p>
      <form live-submit="age"><input name="age"><button>Save</button></form>`,
    data,
    events: {
      fail: { run: () => { throw new Error('secret of the database') } },
      add: { run: () => { data.count++ } },
      age: { payload: Type.Object({ age: Type.Integer() }), run: () => {} }
    }
  })
  const { page } = live
  await page.click('text=Fail')
  await page.locator(status, { hasText: /\(\w+\)/ }).waitFor()
  const failed = await page.innerText(status)
  t.notMatch(failed, /secret/)
  await page.fill('[name=age]', 'old')
  await page.click('text=Save')
  await page.waitForFunction((before) => document.querySelector('[data-live-status]')?.textContent !== before, failed)
  t.not(await page.innerText(status), '')
  t.equal(await page.inputValue('[name=age]'), 'old', 'and what was typed stays, to be put right')
  await page.fill('[name=age]', '42')
  await live.act(() => page.click('text=Save'))
  await live.act(() => page.click('text=Add'))
  t.same(live.handled, [['fail', {}], ['age', { age: 42 }], ['add', {}]])
  await live.end()
})

t.test('typing faster than the event\'s limit loses nothing in the end', async (t) => {
  const data = { query: '' }
  const live = await openLive(t, chromium, {
    template: '<input name="query" value="{{ data.query }}" live-input="search" live-debounce="0"><p>{{ data.query }}</p>',
    data,
    events: {
      search: {
        payload: Type.Object({ query: Type.String() }),
        rateLimit: { rate: 4, burst: 1 },
        run: ({ query }) => { data.query = query }
      }
    }
  })
  const { page } = live
  await page.focus('input')
  await page.keyboard.type('all of this')
  await page.locator('p', { hasText: /^all of this$/ }).waitFor()
  t.ok(live.handled.length < 11)
  t.equal(await page.inputValue('input'), 'all of this')
  t.equal(await page.textContent(status), '', 'and nobody is told')
  await live.end()
})

t.test('a page whose comments a minifier took is built anew and works', async (t) => {
  const data = { rows: [1, 2], name: 'x' }
  const live = await openLive(t, chromium, {
    template: {
      'page.njk': documentOf(`<h1>{{ data.name }}</h1><table>{% for row in data.rows %}<tr live-key="{{ row }}"><td>{{ row }} of {{ data.name }}
        <button live-click="drop" live-value-id="{{ row }}">drop</button></td></tr>{% endfor %}</table><input name="keep">`,
      '<title>{{ data.name }} page</title><meta name="description" content="{{ data.name }}">')
    },
    data,
    events: {
      drop: {
        payload: Type.Object({ id: Type.Integer() }),
        run: ({ id }) => { data.rows = data.rows.filter((row) => row !== id) }
      }
    },
    before: (app) => app.addHook('onSend', async (_request, _reply, payload) =>
      typeof payload === 'string' && payload.startsWith('<!doctype') ? payload.replace(/<!--.*?-->/gs, '') : payload)
  })
  const { page } = live
  await live.change((data) => { data.rows.unshift(3); data.name = 'y' })
  t.equal(await page.title(), 'y page')
  await live.act(() => page.click('tr:has-text("1 of y") button'))
  t.same(await page.locator('td').allInnerTexts(), ['3 of y drop', '2 of y drop'])
  await live.end()
})

t.test('a second tab has a state of its own', async (t) => {
  const data = { shared: 0 }
  const live = await openLive(t, chromium, {
    template: '<p>{{ data.shared }}</p><input name="text"><button live-click="add">add</button>',
    data,
    events: { add: { run: () => { data.shared++ } } }
  })
  const other = await live.page.context().newPage()
  await other.goto(live.url)
  await isLive(other)
  await live.act(() => live.page.click('button'))
  t.equal(await live.page.innerText('p'), '1')
  t.equal(await other.innerText('p'), '0', 'an event is answered to the one who caused it')
  await other.fill('input', 'mine')
  await live.change((data) => { data.shared = 5 })
  await other.locator('p', { hasText: '5' }).waitFor()
  await other.close()
  await live.act(() => live.page.click('button'))
  t.equal(await live.page.inputValue('input'), '')
  await live.end()
})

t.test('after a restart the same page goes on: what was typed, focus, and rows that have changed meanwhile', async (t) => {
  const data = { rows: [{ id: 1, name: 'one' }, { id: 2, name: 'two' }], mode: false, query: '' }
  const live = await openLive(t, chromium, {
    template: `<input name="query" value="{{ data.query }}" live-input="search" live-debounce="50"><input id="free">
      <ul>{% for row in data.rows %}<li live-key="{{ row.id }}">{{ row.name }} <button live-click="pick" live-value-id="{{ row.id }}">pick</button></li>{% endfor %}</ul>
      {% if data.mode %}<b title="{{ data.query }}">{{ data.query }}</b>{% else %}<i>{{ data.rows.length }}</i>{% endif %}`,
    data,
    live: { secret: 'a secret of the tests, which is forty characters long' },
    events: {
      search: { payload: Type.Object({ query: Type.String() }), run: ({ query }) => { data.query = query } },
      pick: { payload: Type.Object({ id: Type.Integer() }), run: ({ id }) => { for (const row of data.rows) if (row.id === id) row.name += '!' } }
    }
  })
  const { page } = live
  await page.evaluate(() => { document.documentElement.dataset.liveSame = '' })
  await live.change((data) => { data.rows.push({ id: 3, name: 'three' }); data.rows.reverse() })
  await page.fill('#free', 'nobody listens')
  await page.focus('[name=query]')
  await live.restart(async () => {
    await page.keyboard.type('offline')
    data.rows.unshift({ id: 4, name: 'four' })
    data.mode = true
  })
  await page.locator('b', { hasText: /^offline$/ }).waitFor()
  t.same(await page.evaluate(() => [document.activeElement?.getAttribute('name'), 'liveSame' in document.documentElement.dataset]),
    ['query', true])
  t.same([await page.inputValue('[name=query]'), await page.inputValue('#free')], ['offline', 'nobody listens'])
  await live.act(() => page.click('li:has-text("one") button'))
  await live.act(() => page.click('li:has-text("four") button'))
  t.same(live.handled.slice(-2), [['pick', { id: 1 }], ['pick', { id: 4 }]])
  await page.fill('#free', '')
  await live.end()
})
