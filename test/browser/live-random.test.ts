import { Type } from '@sinclair/typebox'
import t from 'tap'
import { Random } from '../fuzz/random.ts'
import { withFresh } from '../helpers/same-as-fresh.ts'
import { launch } from './chromium.ts'
import { documentOf, isLive, openLive, translate } from './open-live.ts'

const chromium = await launch(t)
const seed = Number(process.env['SEED'] ?? 20260)
const steps = Number(process.env['STEPS'] ?? 40)
const random = new Random(seed)

interface Line { id: number, text: string, on: boolean }
interface Row { id: number, name: string, kind: string, lines: Line[], html: string }
interface Data { rows: Row[], flag: boolean, word: string, html: string, chosen: number, words: string[], mode: string }

const texts = ['', 'a', 'b & c', '<x>', '"q"', 'long text', '0', ' ', '\n', 'é']
const htmls = ['', '<b>b</b>', 'plain', '<i>1</i> &amp; <u>2</u>', '<!-- c -->x', '<ul><li>1<li>2</ul>']
let lastId = 0
const text = (): string => random.pick(texts)
const line = (): Line => ({ id: ++lastId, text: text(), on: random.chance(0.5) })
const some = <T>(make: () => T): T[] => Array.from({ length: random.below(4) }, make)
const row = (): Row => ({ id: ++lastId, name: text(), kind: random.pick(['x', 'y', 'z', '']), lines: some(line), html: random.pick(htmls) })

const changes: Record<string, (data: Data, at: number) => void> = {
  insert: ({ rows }, at) => { rows.splice(at, 0, ...some(row)) },
  remove: ({ rows }, at) => { rows.splice(at, 1 + random.below(2)) },
  sort: ({ rows }) => { rows.sort((one, other) => one.name < other.name ? -1 : 1) },
  shuffle: ({ rows }) => { rows.sort(() => random.next() - 0.5) },
  clear: (data) => { if (random.chance(0.3)) data.rows = random.chance(0.5) ? [] : [row(), row(), row()] },
  row: ({ rows }, at) => {
    const one = rows[at]
    if (one) Object.assign(one, row(), random.chance(0.7) && { id: one.id, lines: one.lines })
  },
  lines: ({ rows }, at) => { rows[at]?.lines.splice(random.below(3), random.below(2), ...some(line)) },
  reverse: ({ rows }, at) => { rows[at]?.lines.reverse() },
  line: ({ rows }, at) => {
    for (const one of rows[at]?.lines ?? []) if (random.chance(0.5)) Object.assign(one, line(), { id: one.id })
  },
  flag: (data) => { data.flag = !data.flag },
  word: (data) => { data.word = text() },
  html: (data) => { data.html = random.pick(htmls) },
  chosen: (data, at) => { data.chosen = data.rows[at]?.id ?? 3 },
  words: (data) => { data.words = some(text) },
  mode: (data) => { data.mode = random.pick(['a', 'b', 'c']) }
}

const templates = {
  'page.njk': documentOf(`{% import 'macros.njk' as m %}{{ data.word }}{{ data.mode }}
    <div>{{ data.word }} {{ data.chosen }}{{ data.word }}<section>{{ data.html | safe }}</section>{{ data.word }}</div>
    <table class="t {{ data.mode }}{{ ' on' if data.flag }}">{% if data.flag %}<caption>{{ data.word }}</caption>{% endif %}
    {% for row in data.rows %}<tr live-key="{{ row.id }}" class="k-{{ row.kind }}"{% if row.kind == 'x' %} title="{{ row.name }}"{% endif %}>
    <td>{{ loop.index }}</td><td>{{ row.name }}{% if row.kind == 'x' %}<em>{{ row.name }}</em>{{ m.pick(row.id, 'P') }}
    {% elif row.kind == 'y' %}y{{ row.name }}{% endif %}</td>
    <td>{% for line in row.lines %}{% if line.on %}<button live-click="pick" live-value-id="{{ line.id }}">{{ line.text }}</button>
    {% else %}{{ line.text }}{% endif %}{% endfor %}</td><td>{{ row.html | safe }}</td></tr>{% else %}<tr><td>none</td></tr>{% endfor %}
    {% for row in data.rows %}<tr><td>{{ row.name }}</td></tr>{% endfor %}</table>
    <ul>{% for row in data.rows %}<li id="r{{ row.id }}">{{ row.name }}<ol>
    {% for line in row.lines %}<li live-key="{{ line.id }}">{{ line.text }}{{ m.pick(line.id, line.text) }}</li>{% endfor %}</ol></li>{% endfor %}
    {% for w in data.words %}<li>{{ w }}</li>{% endfor %}</ul>
    <div>{% for w in data.words %}{{ w }}{% endfor %}tail{% for w in data.words %}, {{ w }}{% endfor %}</div>
    <select><option value="">none</option>{% for row in data.rows %}
    <option value="{{ row.id }}"{{ ' selected' if row.id == data.chosen }}>{{ row.name }}</option>{% endfor %}</select>
    <svg viewBox="0 0 {{ data.chosen }} 9">{% for row in data.rows %}{% if row.kind == 'x' %}<circle r="{{ row.id }}"/>
    {% else %}<g>{% for l in row.lines %}<rect width="{{ l.id }}"/>{% endfor %}</g>{% endif %}{% endfor %}</svg>
    {% if data.mode == 'a' %}{% include 'rows.njk' %}{% elif data.mode == 'b' %}
    {% call m.card(data.word) %}{% for w in data.words %}<q>{{ w }}</q>{% endfor %}{% endcall %}{% endif %}
    <textarea>{{ data.word }} {{ data.mode }}</textarea><input value="{{ data.word }}"><input type="checkbox"{% if data.flag %} checked{% endif %}>
    <details {{ 'open' if data.flag }} data-x="{{ data.word }}"><summary>s</summary>{{ data.html | safe }}{{ data.word }}</details>`,
  '<title>{{ data.word }} {% if data.flag %}F{% endif %}</title>{% if data.flag %}<meta name="x" content="{{ data.word }}">{% endif %}'),
  'macros.njk': `{% macro pick(id, text) %}<button live-click="pick" live-value-id="{{ id }}">{{ text }}</button>{% endmacro %}
    {% macro card(title) %}<section><h3>{{ title }}</h3>{{ caller() }}{{ title }}</section>{% endmacro %}`,
  'rows.njk': `<section>{% for row in data.rows %}<span>{{ row.name }}</span>
    {% if row.kind %}<s>{{ row.kind }}</s>{% endif %}{% endfor %}{{ data.word }}</section>`
}

t.test(`after random changes, clicks, reconnects and translations the page is a fresh one's equal (SEED=${seed} STEPS=${steps})`, async (t) => {
  const data: Data = { rows: some(row), flag: true, word: 'w', html: '<b>1</b>', chosen: 1, words: ['one', 'two'], mode: 'a' }
  const { page, change, act, handled, problems } = await openLive(t, chromium, {
    template: templates,
    data,
    trustedHtml: ['data.html', 'data.rows[].html'],
    events: { pick: { payload: Type.Object({ id: Type.Integer() }) } },
    live: { rateLimit: { rate: 1000, burst: 1000 } }
  })
  for (let step = 0; step < steps; step++) {
    const did: string[] = []
    if (random.chance(0.1)) {
      did.push('translate')
      await translate(page)
    }
    await change((data) => {
      for (let n = random.below(3); n >= 0; n--) {
        const name = random.pick(Object.keys(changes))
        did.push(name)
        changes[name]?.(data, random.below(data.rows.length + 1))
      }
    })
    if (random.chance(0.1)) {
      did.push('reconnect')
      await page.evaluate('fastifyLiveView.disconnect()')
      changes['insert']?.(data, 0)
      data.word = text()
      await page.evaluate('fastifyLiveView.connect()')
      await isLive(page)
    }
    const { live, fresh } = await withFresh(page)
    if (!t.same(live, fresh, `step ${step}: ${did.join(', ')}`)) break
    const buttons = page.locator('button')
    const count = await buttons.count()
    if (count === 0 || random.chance(0.3)) continue
    const button = buttons.nth(random.below(count))
    const id = Number(await button.getAttribute('live-value-id'))
    await act(() => button.dispatchEvent('click'))
    t.same(handled.at(-1), ['pick', { id }], 'the click reaches what it was on')
  }
  t.same(problems, [])
})
