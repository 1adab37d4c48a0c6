import t from 'tap'
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
