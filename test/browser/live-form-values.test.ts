/// <reference lib="dom" />
import { setImmediate } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { launch } from './chromium.ts'
import { openLive } from './open-live.ts'

const chromium = await launch(t)
const anything = Type.Object({}, { additionalProperties: Type.Unknown() })

t.test('whatever a browser collects of what is shown is taken for what is shown', async (t) => {
  const data = { id: 7, text: 'line one\r\nline "two" & <b>', list: [3, 1, 2], off: true, more: true, word: '  a   b ' }
  const template = `<form id="f" live-submit="save" live-change="look" live-focus="see"><input type="hidden" name="id" value="{{ data.id }}">
    <input type="hidden" name="text" value="{{ data.text }}"><input type="hidden" name="entity" value="caf&eacute; &amp; &#233;"><input type="hidden" name="_charset_">
    <fieldset {% if data.off %}disabled{% endif %}><legend><input type="checkbox" name="legend" checked></legend><input name="inside" value="x"></fieldset>
    <select name="placeholder"><option value="" disabled selected>Choose</option><option>  {{ data.word }}
      pieces</option><option {{ 'selected' if data.off else 'disabled' }}>caf&eacute;</option></select>
    <select name="many" multiple><optgroup label="g" {{ 'disabled' if data.off }}><option selected value="off">x</option></optgroup>
      {% for n in data.list %}<option value="{{ n }}"{% if n != 2 %} selected{% endif %}>{{ n }}</option>{% endfor %}</select>
    {% for n in data.list %}<input type="checkbox" name="box" value="{{ n }}" checked>{% endfor %}<input type="radio" name="r" checked><input type="radio" name="r" value="2">
    <input type="date" name="date" value="2026-01-02"><input type="number" name="n" value="5"><input type="colour" name="c" value="red"><textarea name="t">
x</textarea><input type="image" name="pic" alt="p" value="p"><input type="submit" name="go"><button id="a" name="how" value="a">A</button>{% if data.more %}<button id="b" name="how" value="b">B</button>{% endif %}</form>
    <input form="f" type="hidden" name="outside" value="o{{ data.id }}"><button id="out" form="f" name="how" value="out">Out</button>
    <select id="s" name="s" live-change="look" live-focus="see" live-blur="see" live-keydown="key" live-keys="Enter"><option disabled selected value="none">None</option><option>one<option>two</select>
    <select id="e" name="e" live-focus="see" live-blur="see" size="3"><option value="1">1</option></select><select id="empty" name="empty" live-focus="see"></select>
    <div live-change="look" live-keydown="key" live-keys="Enter"><input type="checkbox" id="nameless"><input type="button" id="push" name="push" value="P"></div>`
  const event = { payload: anything }
  const live = await openLive(t, chromium, { template, data, events: { save: event, look: event, see: event, key: event } })
  const { page, handled } = live
  for (const button of ['[name=go]', '[name=pic]', '#a', '#b', '#out']) await live.act(() => page.click(button))
  t.same(handled.splice(0).map(([, payload]) => (payload as { how?: string }).how), [undefined, undefined, 'a', 'b', 'out'])
  await page.focus('[name=date]')
  await live.act(() => page.keyboard.press('Enter'))
  const [[, sent]] = handled.splice(0) as [[string, object]]
  t.match(sent, { id: '7', text: data.text, entity: 'café & é', placeholder: 'café', many: ['3', '1'], box: ['3', '1', '2'], r: 'on', outside: 'o7', legend: 'on', pic: 'p' })
  t.notOk('inside' in sent)
  await live.act(() => page.selectOption('[name=placeholder]', { index: 1 }))
  t.match(handled.splice(0), [['look', { placeholder: 'a b pieces' }]])
  await live.act(() => page.check('[name=r][value="2"]'))
  t.match(handled.splice(0), [['look', { r: '2' }]])
  const hears = async (what: () => Promise<unknown>, ...events: unknown[]): Promise<void> => {
    await what()
    while (handled.length < events.length) await setImmediate()
    t.same(handled.splice(0), events)
  }
  await hears(() => page.focus('#s'), ['see', { s: 'none' }])
  await hears(() => page.keyboard.press('Enter'), ['key', { s: 'none', key: 'Enter' }])
  await page.keyboard.press('Escape')
  await hears(() => page.selectOption('#s', 'two'), ['look', { s: 'two' }])
  await hears(() => page.focus('#e'), ['see', { s: 'two' }], ['see', { e: '' }])
  await hears(() => page.focus('#empty'), ['see', { e: '' }], ['see', { empty: '' }])
  await hears(() => page.check('#nameless'), ['look', { value: 'on' }])
  await page.focus('#push')
  await hears(() => page.keyboard.press('Enter'), ['key', { push: 'P', key: 'Enter' }])
  await live.change((data) => { data.list.reverse(); data.off = false; data.word = 'other'; data.id = 8 })
  await live.act(() => page.click('#b'))
  t.match(handled.pop(), ['save', { id: '8', many: ['off', '1', '3'], outside: 'o8', inside: 'x', how: 'b' }])
  t.same(live.refused.map(({ code, detail }) => `${code} ${detail}`), [])
  t.same(live.problems, [])
})
