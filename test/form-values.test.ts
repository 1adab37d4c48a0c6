import { Type } from '@sinclair/typebox'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Violation } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { form, show } from './helpers/shown-page.ts'
import type { Outcome } from './helpers/shown-page.ts'

t.test('what a form sends of its hidden fields, boxes and buttons is what it shows', async (t) => {
  const page = show(form(`<input type="hidden" name="id" value="{{ id }}"><input type=HIDDEN name=kind value=order><input name="note">
    <input type="checkbox" name="tag" value="a"><input type="checkbox" name="tag" value="{{ tag }}"><input type="checkbox" name="agreed">
    <input type="radio" name="size" value="s"><input type="radio" name="size"><input type="hidden" name="none">
    <button name="how" value="draft">x</button><button name="how" value="{{ how }}">x</button><input type="submit" name="go"><input type="image" name="pic" value="p">
    <button type="button" name="never" value="n">x</button><input type="reset" name="never" value="n"><button type="reset" name="never" value="n">x</button>
    <input type="file" name="file"><textarea name="text"></textarea>`), { id: 7, tag: 'b', how: 'final' })
  const good = { id: '7', kind: 'order', note: 'anything', tag: ['a', 'b'], agreed: 'on', size: 's', none: '', how: 'final', text: 'x', other: 1 }
  t.same(page.send('submit', good), good)
  t.same(page.send('submit', { size: 'on', go: '', pic: 'p' }), { size: 'on', go: '', pic: 'p' })
  t.equal(page.send('submit', { id: '8' }), 'stale', 'another id may have been shown')
  t.equal(page.send('submit', { tag: ['a', 'c'] }), 'stale')
  t.equal(page.send('submit', { how: 'other' }), 'stale')
  for (const data of [{ kind: 'offer' }, { agreed: 'yes' }, { none: 'x' }, { never: 'x' }, { go: 'x' }, { pic: '' }, { file: 'x' }]) {
    t.equal(page.send('submit', data), 'impossible', JSON.stringify(data))
  }
  for (const id of [7, [7], null, { a: 1 }, ['7', {}]]) t.equal(page.send('submit', { id }), 'impossible', 'no form sends such a value')
  t.same(page.send('submit', { text: { a: 1 } }), { text: { a: 1 } }, 'where people write, the schema judges')
  t.equal(page.send('submit', { never: 'n' }), 'stale')
  t.equal(page.send('input', { how: 'draft' }), 'stale', 'a button is sent with its submit only')
  t.same(page.send('keydown', { go: '', key: 'Enter' }), { go: '', key: 'Enter' }, 'or where a key is pressed on it')
  t.equal(page.send('keydown', { how: 'draft', key: 'x' }), 'stale', 'which <button> does not say')
  page.change({ id: 8, tag: 'b', how: 'final' })
  t.equal(page.send('submit', good), 'stale', 'gone by now')
})

t.test('the server\'s own spelling goes on, however the browser has changed line ends', async (t) => {
  const page = show(form('<input type="hidden" name="text" value="{{ text }}"><input type="hidden" name="two" value="{{ text }}">'), { text: 'a\r\nb' })
  t.same(page.send('submit', { text: 'a\nb', two: ['a\nb', 'a\rb'] }), { text: 'a\r\nb', two: ['a\r\nb', 'a\r\nb'] })
})

t.test('the options of a select, wherever they come from', async (t) => {
  const page = show({
    'page.njk': '{% macro option(value) %}<option value="{{ value }}">{{ value }}</option>{% endmacro %}' + form(`<select name="a"><optgroup label="x"><option value="">Choose</option>
      {% for o in list %}<option value="{{ o }}"{% if o == chosen %} selected{% endif %}>{{ o }} pieces</option>{% endfor %}</optgroup>
      {% if admin %}<option value="root">Root</option>{% else %}<option {{ 'disabled' if off }} value="plain">Plain</option>{% endif %}
      {{ option('m') }}{% include "more.njk" %}</select>
      <select name="text"><option>  Two
      words </option><option {{ 'selected' if off }}>{{ first }}</option><option>{% if admin %}&lt;b&gt;{% else %}&eacute;{% endif %}</option></select>
      <select name="plain" multiple><option value="1">1<option value="2" disabled>2<optgroup disabled label="y"><option value="3">3</optgroup></select><option value="lost">`),
    'more.njk': '<option value="i">'
  }, { list: [1, 2], chosen: 2, admin: true, off: true, first: ' x  y ' })
  for (const a of ['', '1', '2', 'root', 'm', 'i']) t.same(page.send('submit', { a }), { a })
  t.equal(page.send('submit', { a: '3' }), 'stale')
  t.equal(page.send('submit', { a: 'plain' }), 'stale', 'another branch')
  for (const text of ['Two words', 'x y', '<b>']) t.same(page.send('submit', { text }), { text })
  t.equal(page.send('submit', { text: 'Zwei Wörter' }), 'stale', 'a page that a tool has translated')
  t.same(page.send('submit', { plain: '1' }), { plain: '1' })
  t.equal(page.send('submit', { plain: ['1', '2'] }), 'stale', 'disabled')
  t.equal(page.send('submit', { plain: '3' }), 'stale', 'in a disabled group')
  for (const plain of ['4', 'lost']) t.equal(page.send('submit', { plain }), 'impossible')
  page.change({ list: [], admin: false, off: true, first: '' })
  t.equal(page.send('submit', { a: 'plain' }), 'stale', 'disabled as whole attributes come and go')
  t.same(page.send('submit', { text: 'é, or what else only a browser can know' }), { text: 'é, or what else only a browser can know' })
})

t.test('a field by itself: what it would send, chosen or not', async (t) => {
  const select = show(`<select name="s" live-change="change" live-focus="focus" live-blur="blur"><option value="1">1</option>
    <option disabled selected value="choose">Choose</option><option disabled value="2">2</option></select>`)
  t.same(select.send('change', { s: '1' }), { s: '1' })
  t.same(select.send('focus', { s: 'choose' }), { s: 'choose' }, 'what a drop-down shows, though nobody can choose it')
  t.same(select.send('blur', { s: '' }), { s: '' }, 'nothing is chosen')
  t.same(select.send('change', { s: [] }), { s: [] })
  t.equal(select.send('change', { s: '2' }), 'stale')
  t.equal(select.send('change', { s: '3' }), 'impossible')
  const boxes = show(`<fieldset live-change="change"><input type="checkbox" value="a"><input name="q"><input type="button" name="b" value="x"></fieldset>
    <input type="radio" name="r" value="{{ r }}" live-blur="blur" live-keydown="keydown" live-keys="Enter" live-click="click"><i live-focus="focus"></i>`, { r: 1 })
  t.same(boxes.send('change', { value: 'a' }), { value: 'a' }, 'the name of what has none')
  t.equal(boxes.send('change', { value: 'b' }), 'impossible')
  for (const data of [{ q: 'b' }, { b: 'x' }]) t.same(boxes.send('change', data), data)
  t.equal(boxes.send('change', { r: '1' }), 'stale', 'a field that is not in it')
  t.same(boxes.send('blur', { r: '1' }), { r: '1' }, 'the keys that it listens to are no matter of blur')
  t.equal(boxes.send('keydown', { key: 'Enter', r: '2' }), 'stale')
  t.same(boxes.send('keydown', { key: 'Enter' }), { key: 'Enter' })
  const list = show('<ul live-change="change">{% for n in rows %}<li>x</li>{% endfor %}{% for n in rows %}<li><input type="checkbox" name="n" value="{{ n }}"></li>{% endfor %}</ul>', { rows: [1, 2, 3] })
  for (const n of ['1', '2', '3']) t.same(list.send('change', { n }), { n })
  t.equal(list.send('change', { n: '4' }), 'stale')
  t.same(boxes.send('focus', null), {})
  t.same(boxes.send('blur', {}), {})
  t.equal(boxes.send('focus', { q: 'b' }), 'impossible', 'no field is asked')
})

t.test('disabled fields send nothing: by themselves, in a fieldset, but for its legend', async (t) => {
  const page = show(form(`<fieldset name="group" {% if closed %}disabled{% endif %}><legend><input name="l"><fieldset disabled><legend><input name="ll"></legend></fieldset></legend>
    <input name="in"><input type="hidden" name="h" value="1"><fieldset><legend><input name="deep"></legend></fieldset></fieldset>
    <input name="off" disabled><select name="s" {{ 'disabled' if closed }}><option value="1"></select><button name="b" value="1"{% if closed %} disabled{% endif %}>x</button>
    <input name="two" disabled><input name="two">`, 'name="of the form"'), { closed: true })
  t.same(page.send('submit', { l: 'x', ll: 'y', two: 'z' }), { l: 'x', ll: 'y', two: 'z' })
  t.same(page.send('submit', { unknown: 'z' }), { unknown: 'z' }, 'a name of a script\'s, for the schema to judge')
  for (const name of ['in', 'h', 'deep', 'off', 's', 'b']) t.equal(page.send('submit', { [name]: '1' }), 'stale', name)
  page.change({ closed: false })
  for (const name of ['in', 'h', 'deep', 's', 'b']) t.same(page.send('submit', { [name]: '1' }), { [name]: '1' }, name)
})

t.test('rows and forms send their own; lists may be sorted meanwhile', async (t) => {
  const template = `{% for row in rows %}<form live-key="{{ row.id }}" live-submit="submit" live-value-row="{{ row.id }}"><input type="hidden" name="id" value="{{ row.id }}">
    {% for line in row.lines %}<input type="hidden" name="line[]" value="{{ line }}"><input name="qty_{{ line }}">{% endfor %}
    {% if row.lines.length > 1 %}<select name="to"><option value="{{ row.id }}-{{ row.lines[0] }}-x"></select>{% endif %}</form>{% endfor %}`
  const rows = [{ id: 1, lines: ['a', 'b'] }, { id: 2, lines: ['c'] }]
  const page = show(template, { rows })
  const good = { id: '1', 'line[]': ['b', 'a'], qty_a: '3', to: '1-a-x' }
  t.same(page.send('submit', good, '1'), good)
  page.change({ rows: rows.toReversed() })
  t.same(page.send('submit', good, '1'), good)
  t.equal(page.send('submit', { id: '2' }, '1'), 'stale', 'another row\'s')
  t.equal(page.send('submit', { 'line[]': 'c' }, '1'), 'stale')
  t.equal(page.send('submit', { qty_c: '1' }, '1'), 'stale', 'a name that is another row\'s')
  t.equal(page.send('submit', { to: '2-c-x' }, '1'), 'stale')
  for (const to of ['2-c', 'x', '-x', '1c-x']) t.equal(page.send('submit', { to }, '1'), 'impossible', to)
  t.equal(page.send('submit', { to: '1-a-x' }, '2'), 'stale', 'a select that this row does not show')
})

t.test('a form that is typed in while fields of it go is heard without them', async (t) => {
  const page = show(form('<input name="q">{% if more %}<input name="extra"><input type="hidden" name="h" value="1">{% endif %}'), { more: true })
  const data = { q: 'x', extra: 'y', h: '1', script: 'z' }
  t.same(page.send('input', data), data)
  page.change({ more: false })
  t.same(page.send('input', data), { q: 'x', script: 'z' })
  t.equal(page.send('submit', data), 'stale', 'a submit is told')
})

t.test('fields that name the form by its id, wherever they stand', async (t) => {
  const page = show(`{% for id in ids %}<input form="{{ id }}" type="hidden" name="out" value="{{ id }}1">{% endfor %}
    ${form('<input type="hidden" name="in" value="1"><input type="hidden" name="other" value="o" form="g">', 'id="{{ id }}"')}
    <input form="f" name="free"><select form="f" name="s"><option value="1"></select><input name="none"><form id="g"></form>
    <input type="hidden" name="maybe" value="m" {% if tied %}form="f"{% endif %}>`, { ids: ['f', 'g'], id: 'f', tied: true })
  const good = { in: '1', out: 'f1', free: 'anything', s: '1', maybe: 'm' }
  t.same(page.send('submit', good), good)
  t.equal(page.send('submit', { out: 'g1' }), 'stale', 'that of another form')
  t.equal(page.send('submit', { other: 'o' }), 'stale', 'stands in this form, and is another\'s')
  t.equal(page.send('submit', { none: 'x' }), 'stale', 'of no form')
  t.equal(page.send('submit', { s: '2' }), 'impossible')
  t.equal(page.send('keydown', { free: 'x', key: 'x' }), 'stale', 'keys pressed elsewhere are not heard here')
  page.change({ ids: ['f', 'g'], id: 'f', tied: false })
  t.equal(page.send('submit', good), 'stale', 'no longer of this one')
})

t.test('what scripts own is free: with live-ignore, and in it', async (t) => {
  const content = '<input type="hidden" name="h" value="1"><select name="s"><option value="1"></select>'
  for (const template of [
    form('<input type="hidden" name="h" value="1" live-ignore><div {% if mine %}live-ignore{% endif %}><select name="s"></select></div>'),
    form(`<fieldset live-ignore>${content}</fieldset>`), `<div live-ignore>${form(content)}</div>`,
    `<div live-ignore>{% if mine %}${form(content)}{% endif %}</div>`, `<div{% if mine %} live-ignore{% endif %}>{% for x in [1] %}${form(content)}{% endfor %}</div>`
  ]) {
    const page = show(template + '<form><input name="date"></form>', { mine: true })
    t.same(page.send('submit', { h: '2', s: '2', date: 'x' }), { h: '2', s: '2', date: 'x' }, template)
  }
  const page = show(form(`<p live-ignore>x</p><div {% if mine %}live-ignore{% endif %}>${content}</div>`), { mine: false })
  t.equal(page.send('submit', { h: '2' }), 'impossible', 'beside it nothing is')
  const closed = show(form(`<b live-ignore>x</b>${content}`))
  t.equal(closed.send('submit', { h: '2' }), 'impossible', 'behind it nothing is')
})

t.test('trusted HTML may bring fields of its own, and options; what only a browser can read is left to it', async (t) => {
  const page = show(form(`{{ html | safe }}<input type="hidden" name="csrf_token" value="{{ x }}"><input type="hidden" name="price" value="10">
    <select name="s">{{ options | safe }}<option value="1"></select><input type="hidden" name="e" value="caf&eacute;"><input type="hidden" name="_charset_">{% if named %}<input type="hidden" name="caf&eacute;" value="z"><input>{% endif %}
    <select name="markup"><option>{{ html | safe }}</option></select>`) +
    '<form><input name="_csrf"></form>', {
    html: '<input type=hidden name=_csrf value="abc"><input name="csrf&#95;token">', options: '<option>2', x: 1, named: true
  }, ['html', 'options'])
  const good = { _csrf: 'abc', csrf_token: 'x', price: '10', s: '2', e: 'café', _charset_: 'UTF-8', café: 'z' }
  t.same(page.send('submit', good), good)
  t.equal(page.send('submit', { price: '1' }), 'impossible')
  t.same(page.send('submit', { markup: 'what of it is text' }), { markup: 'what of it is text' })
  page.change({ html: '<b>no fields</b>', options: '', x: '1' })
  t.equal(page.send('submit', { s: '2' }), 'stale')
  t.equal(page.send('submit', { _csrf: 'abc' }), 'stale')
})

t.test('what stands in SVG, or in no form, is no field of this one; types may come from values', async (t) => {
  const page = show(form(`<svg><input name="s"></svg><input {{ 'x' }} type="{{ type }}" name="t" value="1"><input type="{{ type }}" name="u" value="1">
    <button name="v" type="{{ kind }}" value="1">x</button>`) + '<svg live-keydown="key"><g live-focus="focus"/></svg>', { type: 'hidden', kind: 'submit' })
  t.same(page.send('submit', { t: '1', u: '1', v: '1' }), { t: '1', u: '1', v: '1' })
  for (const name of ['t', 'u', 'v']) t.equal(page.send('submit', { [name]: '2' }), 'stale', name)
  page.change({ type: 'text', kind: 'button' })
  t.same(page.send('submit', { t: '2', u: '2' }), { t: '2', u: '2' })
  t.equal(page.send('submit', { v: '1' }), 'stale')
})

t.test('E09 I tamper with what your forms show me', async (t) => {
  const page = show(`{% for o in orders %}<form live-key="{{ o.id }}" live-submit="submit" live-value-row="{{ o.id }}"><input type="hidden" name="id" value="{{ o.id }}">
    <input type="hidden" name="price" value="10.00"><input type="hidden" name="currency" value="EUR"><input name="note">
    <select name="to">{% for place in o.places %}<option value="{{ place }}">{{ place }}</option>{% endfor %}</select>
    <select name="speed"><option value="slow">Slow</option><option value="fast">Fast</option></select>
    <button name="how" value="ship">Ship</button><button name="how" value="refund" {{ 'disabled' if not o.paid }}>Refund</button>
    {% if o.admin %}<button name="admin" value="delete">Delete</button><input name="discount">{% endif %}</form>{% endfor %}`,
  { orders: [{ id: 1, places: ['home'], paid: false }, { id: 2, places: ['office'], paid: true }] })
  const honest = { id: '1', price: '10.00', currency: 'EUR', note: 'hello', to: 'home', speed: 'fast', how: 'ship' }
  t.same(page.send('submit', honest, '1'), honest)
  const tampered = (data: object): Outcome => page.send('submit', { ...honest, ...data }, '1')
  t.equal(tampered({ id: '2' }), 'stale', 'the hidden id of another order')
  t.equal(tampered({ id: ['1', '2'] }), 'stale', 'mine and another')
  t.equal(tampered({ price: '0.01' }), 'impossible', 'the price in a hidden field')
  t.equal(tampered({ currency: 'eur' }), 'impossible')
  t.equal(tampered({ speed: 'teleport' }), 'impossible', 'an option that was never offered')
  t.equal(tampered({ to: 'office' }), 'stale', 'an option of another row\'s select')
  t.equal(tampered({ how: 'refund' }), 'stale', 'a button that is disabled for me')
  t.equal(tampered({ admin: 'delete' }), 'stale', 'a button that is not shown to me')
  t.equal(tampered({ discount: '100' }), 'stale', 'a field that is not shown to me')
  t.equal(tampered({ how: 'toString' }), 'impossible')
  const many = 'a-'.repeat(30000)
  t.equal(tampered({ price: many, id: many }), 'impossible', 'long values cost as much as they are long')
})

t.test('E09 I add data to a click, or send what a field cannot say, through the socket', async (t) => {
  const violations: string[] = []
  const view = defineView({
    name: 'orders',
    template: 'orders.njk',
    access: 'public',
    state: () => ({ ids: [1, 2], text: '' }),
    events: {
      drop: { payload: Type.Object({ id: Type.Integer(), force: Type.Optional(Type.Boolean()) }), run: () => { violations.push('dropped') } },
      move: {
        payload: Type.Object({ id: Type.Integer(), to: Type.String(), price: Type.Number() }),
        run: ({ state, payload }) => { state.text = JSON.stringify(payload); state.ids = [2] }
      }
    }
  })
  const templates = {
    'orders.njk': `<html><head></head><body><p>{{ text }}</p><button live-click="drop" live-value-id="1">x</button>
      {% for id in ids %}<form live-key="{{ id }}" live-submit="move"><input type="hidden" name="id" value="{{ id }}"><input type="hidden" name="price" value="5">
      <select name="to"><option>a</option><option value="b">b</option></select></form>{% endfor %}</body></html>`
  }
  const onViolation = ({ code, weight }: Violation): void => { violations.push(`${code} ${weight}`) }
  const { url } = await startLiveApp(t, { live: { templates, onViolation }, routes: (app) => app.live('/orders', view) })
  const live = await new Visitor(url).open('/orders')
  const move = { id: '1', price: '5', to: 'b' }
  t.match(await live.event('drop', 'click', [], 0, ['1'], { force: 'true' }), ['r', 1, 'invalid'])
  t.match(await live.event('move', 'submit', [1, 0], 0, [], { ...move, price: '0' }), ['r', 2, 'invalid'])
  t.match(await live.event('move', 'submit', [1, 0], 0, [], { ...move, id: '2' }), ['r', 3, 'stale'])
  t.match(await live.event('move', 'submit', [1, 0], 0, [], move), ['p', 4, [0, '{"id":1,"price":5,"to":"b"}', 1, [0, 0, 1]]])
  t.match(await live.event('move', 'submit', [1, 0], 0, [], move), ['r', 5, 'stale'], 'the row is gone')
  t.same(violations, ['LIVE_ERR_BINDING warning', 'LIVE_ERR_BINDING warning', 'LIVE_ERR_STALE none', 'LIVE_ERR_STALE none'])
  live.close()
})
