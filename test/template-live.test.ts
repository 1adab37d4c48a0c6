// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import t from 'tap'
import { encodeTree } from '../lib/render/encode-tree.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Tree } from '../lib/template/tree.ts'

const head = '<meta name="h">'

function page (templates: Record<string, string>, data: object = {}, includes: readonly string[] = []): string {
  return renderPage(new TemplateEnvironment(templates).compile('main', { includes }).render(data) as Tree, { head }).replace(/:[0-9a-z]{8,}-->/g, '-->')
}

t.test('a page that begins with a hole gets its <body>, whatever the hole gives', async (t) => {
  t.equal(page({ main: '{% if a %}<script src="/a"></script>{% endif %}<p>x</p>' }, { a: 1 }), `${head}<body><!--[0--><script src="/a"></script><!--]--><p>x</p>`)
  t.equal(page({ main: '\n{# c #}<!-- c -->{% block a %}{{ b }}<title>t</title>{% endblock %}' }, { b: 1 }), `${head}<body>\n<!-- c --><!--[0--><!--0-->1<title>t</title><!--]-->`)
  t.equal(page({ main: '{% block a %} {% endblock %}{% block b %}{{ b }}<title>t</title>{% endblock %}' }), `${head}<body><!--[0--> <!--]--><!--[1--><!--0--><title>t</title><!--]-->`)
  t.equal(page({ main: '{% block a %}<title>t</title>{% endblock %}{{ b }}' }), `${head}<!--[0--><title>t</title><!--]--><!--1-->`)
  t.equal(page({ main: '{% include "whole" %}', whole: '<!doctype html><html><head><title>{{ b }}</title></head><body>x' }), `<!--[0--><!doctype html><html><head><title live-at="0="></title>${head}</head><body>x<!--]-->`)
})

t.test('a template that extends on a condition is analysed with and without its parent', async (t) => {
  const templates = { main: '{% if b %}{% extends "base" %}{% endif %}{% block a %}<p title="{{ c }}">x</p>{% endblock %}', base: '<main>{% block a %}{% endblock %}</main>' }
  t.equal(page(templates, { b: true, c: 1 }), `${head}<body><main><!--[0--><p live-at="0:title" title="1">x</p><!--]--></main>`)
  t.equal(page(templates, { b: false, c: 1 }), `${head}<body><!--0--><!--[1--><p live-at="0:title" title="1">x</p><!--]-->`)
  t.throws(() => page({ ...templates, main: '{% if b %}{% extends "base" %}{% endif %}<script>{{ c }}</script>' }), { code: 'LIVE_ERR_HTML_PLACE', line: 1 })
})

t.test('a body whose places were never analysed is refused with its position', async (t) => {
  const tree = new TemplateEnvironment({ main: '<p>{{ a }}</p>' }, { compatible: true }).compile('main').render({}) as Tree
  t.throws(() => renderPage(tree), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC', template: 'main', line: 1, column: 1, message: /not known\. Compile its template/ })
})

t.test('a block that ends the head is refused: its marks would stand in different elements', async (t) => {
  t.throws(() => page({ main: '<title>t</title>{% block a %}<p>{{ b }}</p>{% endblock %}' }), { code: 'LIVE_ERR_HTML_PARSER', line: 1, column: 20, message: /begins in the head/ })
  t.match(page({ main: '<title>t</title>{% block a %}<meta name="n" content="{{ b }}">{% endblock %}</head><body>x' }, { b: 1 }), /<meta live-at="0:content"/)
})

t.test('a block that super() shows in another place is analysed there', async (t) => {
  const templates = { main: '{% extends "base" %}{% block a %}<p>{{ super() }}</p>{% endblock %}', base: '{% block a %}<b>{{ b }}</b>{% endblock %}' }
  t.match(page(templates, { b: 1 }), /<p><!--\[0--><b><!--0-->1<\/b><!--\]--><\/p>/)
  const whole = { ...templates, base: '{% block a %}<!doctype html><html><head></head><body>{{ b }}</body></html>{% endblock %}' }
  t.throws(() => page(whole, { b: 1 }), { code: /^LIVE_ERR_HTML/, template: 'base', line: 1 })
})

t.test('what a macro gives is analysed in the place where it is printed, once that is known', async (t) => {
  const macros = '{% macro row(r) %}<tr><td>{{ r }}</td></tr>{% endmacro %}'
  t.match(page({ main: `${macros}<table><tbody>{{ row(1) }}</tbody></table>` }), /<tbody><!--\[0--><tr><td><!--0-->1<\/td><\/tr><!--\]--><\/tbody>/)
  const twice = new TemplateEnvironment({ main: `${macros}<p>\n{{ row(1) if a }}</p>` }).compile('main')
  t.equal(String(twice.render({})), '<p>\n</p>')
  for (let n = 0; n < 2; n++) t.throws(() => twice.render({ a: 1 }), { code: 'LIVE_ERR_HTML_PARSER', template: 'main', line: 1, column: 19, message: /<tr> stands outside of a table/ })
  const dynamic = { main: '{% import name as g %}<table><tbody>{{ g.row(1) }}</tbody></table>', macros }
  t.match(page(dynamic, { name: 'macros' }, ['macros']), /<tbody><!--\[0--><tr><td><!--0-->1/)
  const uncompiled = new TemplateEnvironment({ main: `${macros}<p>{{ row(1) }}</p>` })
  t.equal(uncompiled.render('main'), '<p><tr><td>1</td></tr></p>', 'text alone has no places')
})

t.test('templates that values may name are listed, and all of them are analysed where they are included', async (t) => {
  const templates = { main: '<ul>\n{% include name %}</ul>', li: '<li>{{ a }}</li>', tr: 'x\n<tr></tr>', sub: '{% extends "li" %}', up: '{% extends parent %}', bad: '<a {{ a }}="x">', part: '{% include "gone" %}' }
  t.match(page(templates, { name: 'li', a: 1 }, ['li', 'sub']), /<ul>\n<!--\[0--><li><!--0-->1<\/li><!--\]--><\/ul>/)
  t.match(page(templates, { name: 'sub', a: 1 }, ['li', 'sub']), /<li><!--0-->1<\/li>/)
  t.match(page(templates, { name: 'up', parent: 'sub', a: 1 }, ['up', 'sub']), /<li><!--0-->1<\/li>/)
  t.match(page({ ...templates, main: '<p title="{% include name %}">', li: 'a {{ a }}' }, { name: 'li', a: '"' }, ['li']), /title="a &quot;"/)
  t.throws(() => page(templates, { name: 'li' }, ['li', 'tr']), { code: 'LIVE_ERR_HTML_PARSER', template: 'tr', line: 2, column: 1 })
  t.throws(() => page(templates, { name: 'li' }, ['li', 'bad']), { code: 'LIVE_ERR_HTML_PLACE', template: 'bad' })
  t.throws(() => page(templates, { name: 'li' }, ['li', 'nowhere']), { code: 'LIVE_ERR_TEMPLATE_MISSING', template: 'main', line: 2, column: 4, message: /^main:2:4: The template "nowhere"/ })
  t.throws(() => page({ main: '{% include name ignore missing %}' }, {}, ['nowhere']), { code: 'LIVE_ERR_TEMPLATE_MISSING' }, 'what is listed is there')
  t.throws(() => page(templates, { name: 'part' }, ['part']), { code: 'LIVE_ERR_TEMPLATE_MISSING', template: 'part', line: 1 })
})

t.test('tags and quotes of a macro do not end the attribute or the text that it is printed into', async (t) => {
  const macro = '{% macro m(x) %}<i class="a">{{ x }}</i></script>{% endmacro %}'
  t.match(page({ main: `${macro}<p title="{{ m('"') }}">x</p>` }), /title="&lt;i class=&quot;a&quot;&gt;&quot;&lt;\/i&gt;/)
  t.match(page({ main: `${macro}<textarea>{{ m(1) }}</textarea>` }), />&lt;i class=&quot;a&quot;&gt;1/)
  t.match(page({ main: `${macro}<script type="application/json">[{{ m(1) }}]</script>` }), /\[\\u003ci class="a"\\u003e1\\u003c\/i\\u003e\\u003c\/script\\u003e\]<\/script>/)
})

function text (main: string, data: object = {}): string {
  return new TemplateEnvironment({ main, macros: '{% macro m(k) %}{{ constructor }}{{ toString }}{{ k.constructor }}{% endmacro %}' }).render('main', data)
}

t.test('lookups read own members and names only, and nothing that leads to code', async (t) => {
  const names = ['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf']
  const may = { view: true, own: '' }
  for (const k of names) {
    t.equal(text('{% if may[k] %}yes{% endif %}{{ may[k] }}', { may, k }), '', `may[${k}]`)
    t.equal(text('{{ k in may }}', { may, k }), 'false', `${k} in may`)
    t.equal(text(`{{ ${k} }}{{ range.${k} }}{% if ${k} %}yes{% endif %}`), '', k)
  }
  t.equal(text('{{ "view" in may }}{{ "x" in ["x"] }}{{ "x" in "xy" }}{{ may.view }}{{ may["view"] }}', { may }), 'truetruetruetruetrue')
  t.throws(() => text('{{ range.constructor("return process")() }}'), { code: 'LIVE_ERR_TEMPLATE', message: /Unable to call `range\["constructor"\]`/ })
  t.throws(() => text('{{ range[k]("return process")() }}', { k: ['constructor'] }), { code: 'LIVE_ERR_TEMPLATE' })
  t.throws(() => text('{{ range.call() }}{{ range.bind() }}'), { code: 'LIVE_ERR_TEMPLATE' })
  t.throws(() => text('{{ "a" in 1 }}'), { code: 'LIVE_ERR_TEMPLATE', message: /"in" operator/ })
  t.equal(text('{{ a.b.c }}{{ a[k].c }}{{ none.x }}', { k: Symbol('k'), a: { b: undefined } }), '')
  t.equal(text('{% import "macros" as g %}{{ g.m("x") }}{{ g.toString }}'), '')
  t.equal(text('{{ a }}', Object.create({ a: 'inherited' })), '')
  class Person { name = 'Ann'; greet (): string { return 'hi' } }
  t.equal(text('{{ p.name }} {{ p.greet() }}{{ p.hasOwnProperty }}{{ p.toString }}', { p: new Person() }), 'Ann hi', 'what a class gives')
  t.equal(text('{{ f.call }}{{ f.bind }}{{ f.length }}', { f: (one: number) => one }), '1', 'and not what every function has')
  t.throws(() => new TemplateEnvironment({ main: '{{ x|constructor }}' }).compile('main'), { code: 'LIVE_ERR_TEMPLATE_UNKNOWN' })
  const compatible = new TemplateEnvironment({ main: '{{ p.greet() }}{{ range.constructor("return 1")() }}' }, { compatible: true })
  t.equal(compatible.render('main', { p: new Person() }), 'hi1', 'as in nunjucks')
})

t.test('what values have by right stays: own members, lengths and methods', async (t) => {
  const data = { s: 'aBc', list: [3, 1], n: 1.256, yes: true, big: 7n, date: new Date(0), map: new Map([['k', 'v']]), set: new Set([1]), o: { f: (x: number) => x + 1 } }
  t.equal(text('{{ s.length }}{{ s.toUpperCase() }}{{ s[1] }}{{ list.length }}{{ list.join("-") }}{{ list[0] }}{{ list.concat([2]).indexOf(2) }}', data), '3ABCB23-132')
  t.equal(text('{{ n.toFixed(1) }}{{ yes.toString() }}{{ big.toString() }}{{ date.getTime() }}{{ map.get("k") }}{{ map.size }}{{ set.has(1) }}{{ o.f(1) }}', data), '1.3true70v1true2')
  t.equal(text('{{ (s|safe).length }}{{ (s|safe).toLowerCase() }}{{ (s|safe).valueOf() }}{% set c = cycler("a", "b") %}{{ c.next() }}{{ c.current }}', data), '3abcaBcaa')
  t.equal(text('{% macro m() %}<i>{% endmacro %}{{ m() }}{{ loop.index }}{% for x in list %}{{ loop["index"] }}{{ loop.length }}{% endfor %}', data), '<i>1222')
})

t.test('data without a prototype prints as any object does', async (t) => {
  const bare = Object.assign(Object.create(null), { a: 1 })
  t.equal(text('{{ o }}{{ o.a }}{{ o|dump|safe }}', { o: bare }), '[object Object]1{"a":1}')
  const list: unknown[] = [bare, [1, null, bare]]
  list.push(list)
  t.equal(text('{{ list }}', { list }), '[object Object],1,,[object Object],')
  t.throws(() => new TemplateEnvironment({ main: '{{ o }}' }, { compatible: true }).render('main', { o: bare }), /toString is not a function/)
})

t.test('attributes that come and go keep the case of SVG on the wire, and URLs are safe in every attribute that holds one', async (t) => {
  const values = (main: string, data: object): unknown => encodeTree(new TemplateEnvironment({ main }).compile('main').render(data) as Tree, new Set()).tree.v
  const svg = '<svg viewBox="0 0 {{ n }} 1" {{ "hidden" if n }}><a><text textLength="{{ n }}" {% if n %}lengthAdjust="spacing"{% endif %}/></a></svg>'
  t.same(values(svg, { n: 2 }), [{ a: { viewBox: '0 0 2 1', hidden: '' } }, { a: { textLength: '2', lengthAdjust: 'spacing' } }])
  t.same(values('<p viewBox="{{ n }}" {{ "hidden" if n }}>x</p>', { n: 2 }), [{ a: { viewbox: '2', hidden: '' } }])
  for (const [tag, name] of [['img', 'srcset'], ['a', 'ping'], ['body', 'background'], ['video', 'poster'], ['button', 'formaction'], ['form', 'action']] as const) {
    t.same(values(`<${tag} ${name}="{{ u }}" {{ 'hidden' if u }}>`, { u: 'file:///x' }), [{ a: { [name]: '#unsafe', hidden: '' } }], name)
    t.same(values(`<${tag} ${name}="{{ u }}">`, { u: 'file:///x' }), ['#unsafe'], name)
  }
})
