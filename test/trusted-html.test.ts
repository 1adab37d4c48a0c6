import Module from 'node:module'
// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import t from 'tap'
import { compareExposure } from '../plugin/cli/compare-exposure.ts'
import { exposureOf, isExposure } from '../plugin/cli/exposure.ts'
import { formatViews } from '../plugin/cli/format-views.ts'
import { defineView } from '../plugin/index.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import { explainView } from '../lib/view/explain-view.ts'
import type { ViewExplanation } from '../lib/view/explain-view.ts'
import { encodeTree } from '../lib/render/encode-tree.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { SafeString, runtime } from '../lib/template/nunjucks.ts'
import type { TemplateEnvironmentOptions } from '../lib/template/template-environment.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { Html } from '../lib/template/tree.ts'
import type { Tree } from '../lib/template/tree.ts'

const macros = '{% macro link(u) %}<a href="{{ u }}">x</a>{% endmacro %}{% macro show(x) %}<b>{{ x | safe }}</b>{% endmacro %}{% macro box(t) %}<i>{{ t }}</i>{% endmacro %}' +
  '{% macro wrap() %}{% set c = caller() %}<p>{{ c }}</p>{% endmacro %}{% macro named(u, more="") %}{{ u }}{{ more }}{% endmacro %}'
const evil = '<img src=x onerror=alert(1)>'
const script = 'javascript:alert(1)'

interface Given {
  readonly trusted?: readonly string[]
  readonly data?: object
  readonly others?: Record<string, string>
  readonly extend?: (env: TemplateEnvironment) => void
  readonly options?: TemplateEnvironmentOptions
}

const environment = (main: string, { others = {}, extend = () => {}, options = {} }: Given = {}): TemplateEnvironment => {
  const env = new TemplateEnvironment({ ...others, main, 'macros.njk': macros }, options)
  extend(env)
  return env
}

const tree = (main: string, given: Given = {}): Tree =>
  environment(main, given).compile('main', { trustedHtml: given.trusted ?? [] }).render(given.data ?? {}) as Tree

/** The page without what is there for the browser's runtime. */
const page = (main: string, given: Given = {}): string => renderPage(tree(main, given)).replace(/<!--.*?-->| live-at="[^"]*"|<body>/g, '')

const refused = (t: any, main: string, given: Given, message: RegExp): void => {
  t.throws(() => environment(main, given).compile('main', { trustedHtml: given.trusted ?? [] }), { code: 'LIVE_ERR_HTML_TRUST', message }, main)
}

t.test('H01 I hide a script address in what a macro gives, and it stands where it is encoded, however the macro is used', async (t) => {
  const safe = '<a href="#unsafe">x</a>'
  const data = { u: script, user: { url: script } }
  for (const [main, expected = safe] of [
    ['{% set l = link(user.url) %}{{ l }}'], ['{{ [link(u)] | first }}'], ['{{ [link(u), 1][0] }}'], ['{{ {a: link(u)}.a }}'], ['{{ link(u) or "x" }}'], ['{{ u and link(u) }}'],
    ['{{ none | default(link(u), true) }}'], ['{{ box(link(u)) }}', `<i>${safe}</i>`], ['{{ named(more=link(u)) }}'], ['{{ named(u=link(u)) }}'], ['{{ link(u) | string }}'], ['{{ link(u) | safe }}'],
    ['{{ link(u) | escape }}'], ['{% set l = link(u) %}{{ l | safe }}'], ['{% call wrap() %}<a href="{{ u }}">x</a>{% endcall %}', `<p>${safe}</p>`], ['{% for l in [link(u), link(u)] %}{{ l }}{% endfor %}', safe + safe],
    ['{% set l = link(u) %}<ul>{% for i in [1, 2] %}<li>{{ l }}</li>{% endfor %}</ul>', `<ul><li>${safe}</li><li>${safe}</li></ul>`], ['{% import "macros.njk" as m %}{% set l = m.link(u) %}{{ l }}'],
    ['{% from "macros.njk" import link as other %}{{ box(other(u)) }}', `<i>${safe}</i>`], ['{% set f = link %}{% set l = f(u) %}{{ l }}'], ['{{ link(u) if u }}'], ['{{ (1, link(u)) }}']
  ] as const) t.equal(page(macros + main, { data }), expected, main)
  const others = { base: '{% block a %}<a href="{{ u }}">x</a>{% endblock %}' }
  for (const shown of ['{{ super() if u }}', '{% set s = super() %}{{ s }}', '{{ [super()] | last }}', '{{ box(super()) }}']) {
    t.match(page(`{% extends "base" %}${macros}{% block a %}{% macro box(t) %}{{ t }}{% endmacro %}${shown}{% endblock %}`, { data, others }), safe, shown)
  }
  t.equal(page(`${macros}{% set l = link(u) %}<p title="{{ l }}">`, { data }), '<p title="&lt;a href=&quot;javascript:alert(1)&quot;&gt;x&lt;/a&gt;">', 'text of an attribute is text')
  t.equal(page(`${macros}{% set s %}{{ link(u) }}{% endset %}{{ s }}`, { data }), '&lt;a href=&quot;#unsafe&quot;&gt;x&lt;/a&gt;', 'a block of text is text')
  const lists = macros + '{% set l = link(u) %}{{ l }}{{ l }}'
  const [one, two] = tree(lists, { data }).slots.slice(-2)
  t.ok(one !== two, 'each place has a tree of its own')
})

t.test('H01 the text of a macro, which filters and tags of the application get, has its addresses checked as well', async (t) => {
  const nested = '{% macro m(u, rows) %}<a href="{{ u }}" {{ "hidden" if u }} title="a {{ u }} b">{{ u }}{% for x in rows %}<q cite="{{ x }}">{{ x }}</q>{% else %}-{% endfor %}{% if u %}<i>{{ 1 }}</i>{% endif %}</a><table>{{ u }}<tbody></tbody></table><textarea>{{ u }}</textarea>{% endmacro %}'
  const extend = (env: TemplateEnvironment): void => { env.addFilter('framed', (html: unknown) => `<div>${String(html)}</div>`, { html: true }) }
  const data = { u: `${script}"<`, rows: [script, 'https://x'] }
  t.equal(page(`${nested}{{ m(u, rows) | framed }}`, { data, extend }), `<div><a href="#unsafe" hidden="" title="a ${script}&quot;&lt; b">${script}&quot;&lt;<q cite="#unsafe">${script}</q><q cite="https://x">https://x</q><i>1</i></a><table><tbody></tbody></table><textarea>${script}&quot;&lt;</textarea></div>`)
  t.equal(page('<script type="application/json">[{{ u | framed }}, {{ u | framed | safe }}]</script>', { data: { u: 1 }, extend: (env) => { env.addFilter('framed', (html: unknown) => `"${String(html)}\\u003cb"`, { html: true }) } }),
    '<script type="application/json">["\\"1\\\\u003cb\\"", "\\"1\\\\u003cb\\""]</script>', 'HTML in a script of JSON is a text, though JSON itself')
  const inherited = Object.create({ a: script })
  t.notMatch(page('{% for k, v in o %}<a href="{{ v }}">x</a>{% else %}e{% endfor %}', { data: { o: inherited } }), /javascript/)
  t.equal(new TemplateEnvironment({ main: `${nested}{% set l = m(u, []) %}{{ l | string | length > 10 }}` }).render('main', data), 'true', 'without a program nothing is known of places')
})

const tag = (run: (context: unknown, ...args: any[]) => unknown, more: object = {}): any => ({
  tags: ['box'],
  parse (parser: any, nodes: any) {
    const token = parser.nextToken()
    const args = parser.parseSignature(null, true)
    parser.advanceAfterBlockEnd(token.value)
    const body = parser.parseUntilBlocks('endbox')
    parser.advanceAfterBlockEnd()
    return new nodes.CallExtension(this, 'run', args, [body])
  },
  run,
  ...more
})

t.test('H01 code of the application says that it answers with HTML, or its answer is text', async (t) => {
  const data = { u: evil }
  const say = (html: boolean | undefined) => (env: TemplateEnvironment): void => {
    const options = html === undefined ? {} : { html }
    env.addFilter('bold', (x: unknown) => `<b>${String(x)}</b>`, options)
    env.addFilter('late', (x: unknown, done: any) => done(null, `<b>${String(x)}</b>`), { async: true, ...options })
    env.addGlobal('icon', () => new SafeString('<i></i>'), options)
    env.addExtension('box', tag((_, ...args) => `<div>${args.at(-1)()}</div>`), options)
  }
  t.equal(page('{{ "x" | bold }}{{ "x" | late }}{{ icon() }}{% box %}<a href="{{ u }}" title="{{ v }}">y</a>{% endbox %}', { data: { u: script, v: '"<' }, extend: say(true) }),
    '<b>x</b><b>x</b><i></i><div><a href="#unsafe" title="&quot;&lt;">y</a></div>')
  t.equal(page('{{ "x" | bold }}{% box %}<i>{{ u }}</i>{% endbox %}', { data, extend: say(false) }), '&lt;b&gt;x&lt;/b&gt;&lt;div&gt;&lt;i&gt;&amp;lt;img src=x onerror=alert(1)&amp;gt;&lt;/i&gt;&lt;/div&gt;')
  t.throws(() => page('{{ icon() }}', { extend: say(undefined) }), { code: 'LIVE_ERR_HTML_TRUST', line: 1, message: /addFilter\(name, filter, \{ html: true \}\)/ })
  t.throws(() => page('{% box %}<script>{{ u }}</script>{% endbox %}', { extend: say(true) }), { code: 'LIVE_ERR_HTML_PLACE' }, 'what stands in such a tag is HTML, and checked')
  refused(t, '{% box %}{{ u | safe }}{% endbox %}', { extend: say(true) }, /'\| safe' prints u as it is/)
  refused(t, '{{ icon() | safe }}', { extend: say(false) }, /computed by a function/)
  t.equal(page('{{ icon() | safe }}{{ 1 | bold | safe | trim }}', { extend: say(true) }), '<i></i><b>1</b>')
  const env = new TemplateEnvironment({})
  t.throws(() => env.addExtension('box', tag(() => '', { autoescape: false })), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /\{ html: true \}/ })
  t.throws(() => env.addGlobal('n', 1, { html: true }), { message: /has html, and is no function/ })
  t.throws(() => env.addFilter('f', String, { html: 'yes' as any }), { message: /its html is "yes"/ })
  env.addFilter('f', () => 7, { html: true })
  t.equal(env.renderString('{{ 1 | f }}'), '7', 'what is no text is what it is')
  const compatible = new TemplateEnvironment({}, { compatible: true })
  compatible.addExtension('box', tag((_, ...args) => args.at(-1)(), { autoescape: false })).addFilter('f', () => '<', { html: true })
  t.equal(compatible.renderString('{% box %}<{% endbox %}{{ 1 | f }}'), '<&lt;', 'as in nunjucks')
})

t.test('H01 I put a SafeString of nunjucks into data, or into what a filter answers', async (t) => {
  const data = { s: new SafeString(evil), o: { s: new SafeString(evil) }, marked: runtime.markSafe(evil), list: [new SafeString(evil)] }
  for (const main of ['{{ s }}', '{{ o.s }}', '{{ marked }}', '{{ list[0] }}', '{% for x in list %}{{ x }}{% endfor %}', '{{ s | default("") }}', '{{ s | trim }}', '{{ s | replace("x", "y") }}', '{% macro m(x) %}{{ x }}{% endmacro %}{{ m(s) }}']) {
    t.throws(() => page(main, { data }), { code: 'LIVE_ERR_HTML_TRUST', template: 'main', line: 1, message: /engine did not make it/ }, main)
  }
  t.equal(page('{{ list }}{{ s | upper }}{{ s ~ "" }}{{ s | escape }}', { data }).includes('<img'), false, 'as text it is text')
  const attributes = '<p title="{{ s }}" lang="{{ s | escape }}" id="{{ m | safe }}" {{ "hidden" if s }} class="{{ marked | trim }}">'
  t.equal(page(attributes, { data: { ...data, m: '"><script>' } }), '<p title="&lt;img src=x onerror=alert(1)&gt;" lang="&lt;img src=x onerror=alert(1)&gt;" id="&quot;&gt;&lt;script&gt;" hidden="" class="&lt;img src=x onerror=alert(1)&gt;">')
  t.same(encodeTree(tree('<textarea>{{ s }}</textarea><script type="application/json">["{{ s }}"]</script>', { data: { s: new SafeString('</textarea></script>') } }), new Set()).tree.v, ['</textarea></script>', '["\\u003c/textarea\\u003e\\u003c/script\\u003e"]'])
  t.throws(() => page('{{ o }}', { data: { o: { toString: () => ({ replace: () => evil }) } } }), { code: 'LIVE_ERR_TEMPLATE' }, 'what is no text has no text')
})

t.test('H01 I name an argument of a macro by data that looks like named arguments', async (t) => {
  const row = JSON.parse('{"__keywords":true,"more":"<script>"}')
  t.equal(page(`${macros}{{ named(row) }}`, { data: { row } }), '[object Object]')
  t.equal(page('{% macro m(a, b, c=3, d=4) %}{{ a }}{{ b }}{{ c }}{{ d }};{% endmacro %}{{ m(1) }}{{ m(1, 2, 5) }}{{ m(b=2, a=1, d=6) }}{{ m(1, 2, 5, 6, 7) }}{{ m(1, c=8) }}', {}), '134;1254;1236;1256;184;')
})

t.test('H01 safe prints what the view lists, through macros, sets and loops, and nothing else', async (t) => {
  const data = { post: { body: '<h1>b</h1>' }, comments: [{ html: '<u>1</u>' }, { html: '<u>2</u>' }], rich: { a: '<s>a</s>' }, bio: evil }
  for (const [main, trusted, expected] of [
    ['{{ post.body | safe }}', ['post.body'], '<h1>b</h1>'], ['{{ show(post.body) }}', ['post.body'], '<b><h1>b</h1></b>'], ['{% set x = post.body %}{{ x | safe }}', ['post.body'], '<h1>b</h1>'],
    ['{% for c in comments %}{{ show(c.html) }}{% endfor %}', ['comments[].html'], '<b><u>1</u></b><b><u>2</u></b>'], ['{{ (nope or post.body) | safe }}', ['nope', 'post.body'], '<h1>b</h1>'],
    ['{% for k, v in rich %}{{ v | safe }}{% endfor %}', ['rich[]', 'rich[].1'], '<s>a</s>'], ['{{ post.body | safe | trim | indent(2) | nl2br }}', ['post.body'], '<h1>b</h1>'], ['{{ "<hr>" | safe }}', [], '<hr>'],
    ['{{ bio | escape | nl2br }}', [], '&lt;img src=x onerror=alert(1)&gt;'], ['{{ bio | escape | safe }}{{ bio | forceescape | e }}', [], '&lt;img src=x onerror=alert(1)&gt;'.repeat(2)], ['{{ {a: post.body}.a | safe }}', ['post.body'], '<h1>b</h1>'],
    ['<p title="{{ bio | safe }}">{{ bio | striptags }}', [], '<p title="&lt;img src=x onerror=alert(1)&gt;">'], ['<p title="{% if bio %}{{ bio | safe | truncate(3) }}{% endif %}">', [], '<p title="&lt;im...">'],
    ['<script type="application/json">{{ rich | dump | safe }}</script>', [], '<script type="application/json">{"a":"\\u003cs\\u003ea\\u003c/s\\u003e"}</script>'], ['{% if (show(post.body) | trim) == "" %}{% else %}y{% endif %}', ['post.body'], 'y']
  ] as const) t.equal(page(macros + main, { data, trusted }), expected, main)
  for (const [main, message, trusted = []] of [
    ['{{ bio | safe }}', /^main:1:\d+: '\| safe' prints bio as it is: .*Write '\| sanitize' instead.*trust it: compile\(name, \{ trustedHtml: \["bio"\] \}\)$/], ['{{ show(post.body) }}{{ show(bio) }}', /prints bio as it is \(it prints post\.body or bio/, ['post.body']],
    ['{% set x = post.body ~ bio %}{{ x | safe }}', /a text with values in it.*\{\{ x \| sanitize \}\}/], ['{{ bio | nl2br | safe }}', /Escape first: \{\{ bio \| escape \| nl2br \}\}/], ['{{ bio | trim | safe }}', /Let safe come first: \{\{ bio \| safe \| trim \}\}/],
    ['{{ bio | urlize | safe }}', /by the filter 'urlize'.*sanitize come last: \{\{ bio \| urlize \| sanitize \}\}/], ['{{ [post.body, bio] | join | safe }}', /by the filter 'join'/], ['{{ (bio | string) | safe }}', /safe come first: \{\{ bio \| safe \| string \}\}/],
    ['{% set x %}<b>{{ bio }}</b>{% endset %}{{ x | safe }}', /Write a macro instead/], ['{% filter safe %}<b>{{ bio }}</b>{% endfilter %}', /\{\{ … \| safe \}\}.*Write a macro instead/], ['{{ bio | own | safe }}', /by the filter 'own'.*html: true/], ['{{ f(bio) | safe }}', /by a function/],
    ['{{ (bio | later) | safe }}', /by the filter 'later'/], ['{% for k, v in rich %}{{ k | safe }}{% endfor %}', /not followed/], ['{% set l = [] %}{% set z = l.push(bio) %}{{ l[0] | safe }}', /not followed/], ['{{ [bio] | safe }}', /not followed/], ['{{ show | safe }}', /not followed/],
    ['{{ post.body.toString() | safe }}', /by a function/, ['post.body']], ['{{ call(show, bio) }}', /not followed/], ['{% macro d(h="") %}{{ h | safe }}{% endmacro %}{{ call(d, bio) }}', /not followed/], ['{% macro d(h="") %}{{ h | safe }}{% endmacro %}{{ d(post.body) }}', /prints h as it is \(it prints/, ['post.body']],
    ['{% macro r(n) %}{{ n.html | safe }}{% for c in n.kids %}{{ r(c) }}{% endfor %}{% endmacro %}{{ r(tree) }}', /not followed.*a macro that calls itself/, ['tree.html', 'tree.kids[].html', 'tree.kids[].kids[].html']], ['{{ a.b.c.d.e.f.g.h.i.j.k.l | safe }}', /not followed/],
    ['<p title="{{ l.push(bio | safe) }}">{{ bio }}', /prints bio/], ['{% macro keep(x) %}{% set y = x | safe %}{{ y }}{% endmacro %}<p title="{{ keep(bio) }}">', /prints bio/], ['{% set g = show if bio else call(bio) %}{{ g(bio) | safe }}', /prints bio|by a function/]
  ] as ReadonlyArray<readonly [main: string, message: RegExp, trusted?: readonly string[]]>) {
    refused(t, macros + main, { trusted, extend (env) { env.addFilter('own', String).addFilter('later', (x: unknown, done: any) => done(null, x), true).addGlobal('f', String).addGlobal('call', (f: any, x: unknown) => f(x)) } }, message)
  }
  refused(t, '{{ post.body | safe }}', { trusted: ['post.bdy', 'post.body'] }, /lists "post\.bdy", which no template prints.* Did you mean "post\.body"\?/)
  refused(t, '<p title="{{ post.body | safe }}">', { trusted: ['post.body'] }, /lists "post\.body", which no template prints by '\| safe' between tags\. Take it out/)
  t.throws(() => environment('').compile('main', { trustedHtml: 'post.body' as any }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /array of fields' paths/ })
})

t.test('H01 I put text into HTML that is trusted, by a filter behind it', async (t) => {
  const given: Given = { data: { u: evil }, trusted: [] }
  for (const filter of ['replace("X", u)', 'truncate(1, true, u)', 'truncate(1)', 'title', 'capitalize', 'center(90)', 'reverse', 'striptags']) {
    refused(t, `{{ "<b>X</b>" | safe | ${filter} }}`, given, new RegExp(`HTML that the filter '${filter.replace(/\(.*/, '')}' changed`))
    refused(t, `${macros}{% set l = link(u) | ${filter} %}{{ l }}`, given, /changed: it can cut tags/)
    t.match(page(`${macros}<p title="{{ link(u) | ${filter} }}">`, given), /^<p title="[^<>"]*">$/, 'in an attribute all of it is text')
  }
  for (const filter of ['trim', 'indent', 'nl2br']) refused(t, `${macros}{{ link(u) | ${filter} }}`, given, new RegExp(`the filter '${filter}' changed`))
  t.equal(page(`${macros}{{ link(u) | upper }}{{ "<b>" | safe | lower }}`, given).includes('<'), false, 'what makes texts makes texts')
  const dynamic = environment('{{ x | replace("b", u) }}', { extend (env) { env.addGlobal('x', new Html('<b>')) } })
  t.throws(() => dynamic.compile('main').render({ u: evil }), { code: 'LIVE_ERR_HTML_TRUST' }, 'where boot cannot know it, it is not shown')
})

t.test('K01 I write a script into a comment, and sanitize leaves what is harmless', async (t) => {
  const clean = (body: string): string => page('{{ body | sanitize }}', { data: { body } })
  for (const [body, expected] of [
    [`a<b>b</b>${evil}<script>alert(1)</script>`, 'a<b>b</b><img src="x" />'], ['<a href="javascript:alert(1)" onclick="x" target="_blank">x</a>', '<a rel="nofollow noopener noreferrer ugc">x</a>'], ['<a href="JaVa\tScript:alert(1)">x</a><a href="data:text/html,x">y</a>', '<a rel="nofollow noopener noreferrer ugc">x</a><a rel="nofollow noopener noreferrer ugc">y</a>'],
    ['<a href="/p?a=1" rel="opener">x</a>', '<a href="/p?a=1" rel="nofollow noopener noreferrer ugc">x</a>'], ['<a href="//evil.example/x">x</a>', '<a rel="nofollow noopener noreferrer ugc">x</a>'], ['<img src="mailto:a@b" alt="x"><img src="https://x/y.png" width="3" style="x" srcset="y">', '<img alt="x" /><img src="https://x/y.png" width="3" />'],
    ['<p id="attributes" class="live" style="position:fixed" name="x" live-click="go" live-at="0">x</p>', '<p>x</p>'], ['<form action="/x"><input name="submit"><button>b</button></form><iframe srcdoc="x"></iframe><svg><a href="x">s</a></svg><math><mi>m</mi></math>', 'b<a href="x" rel="nofollow noopener noreferrer ugc">s</a>m'],
    ['<table><tr><td colspan="2" onclick="x">c', '<table><tr><td colspan="2">c</td></tr></table>'], ['a & b < c &lt;script&gt;', 'a &amp; b &lt; c &lt;script&gt;'], ['<!--[0--><!-- c -->x', 'x']
  ] as const) t.equal(clean(body), expected, body)
  t.notMatch(clean('<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><svg><style><img src=x onerror=alert(1)></style></svg><math><mtext><table><mglyph><style><img src onerror=alert(1)>'), /<(?:img|style|svg|math|noscript)/)
  t.ok((clean('<div>'.repeat(500) + 'x').match(/<div>/g) ?? []).length <= 64, 'nor does it nest for ever')
  t.equal(page('{{ none | sanitize }}{{ 1 | sanitize }}{{ "<b>x" | sanitize | safe | trim }}<p title="{{ u | sanitize }}">', { data: { u: '<b>"' } }), '1<b>x</b><p title="&lt;b&gt;&quot;&lt;/b&gt;">')
})

t.test('sanitize can be another one, and is remembered for as long as texts come again', async (t) => {
  const asked: string[] = []
  const options = { sanitize: (html: string) => { asked.push(html); return `<q>${html.length}</q>` } }
  const program = environment('{{ a | sanitize }}{{ b | sanitize }}', { options }).compile('main')
  const render = (a: string, b: string): string => String(program.render({ a, b }))
  t.equal(render('<i>', 'bb'), '<q>3</q><q>2</q>')
  t.equal(render('<i>', 'bb'), '<q>3</q><q>2</q>')
  t.same(asked, ['<i>', 'bb'])
  for (let n = 0; n < 4_999; n++) render('<i>', `${n}`)
  t.equal(asked.filter((text) => text === '<i>').length, 1, 'what is shown again stays')
  render('<i>', 'bb')
  t.equal(asked.filter((text) => text === 'bb').length, 2, 'what is not goes')
  asked.length = 0
  const long = 'x'.repeat(2_400_000)
  render(long, `${long}y`)
  render(long, '')
  t.same(asked.map(({ length }) => length), [2_400_000, 2_400_001, 2_400_000, 0], 'nor are long ones kept')
  t.throws(() => new TemplateEnvironment({}, { sanitize: 'no' as any }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /\(html\) => string/ })
  t.throws(() => environment('{{ 1 | sanitize }}', { options: { sanitize: (async () => '') as any } }).compile('main').render({}), { message: /answered with a value of type object/ })
  const own = environment('{{ 1 | sanitize }}', { extend (env) { env.addFilter('sanitize', () => '<own>') } })
  t.equal(String(own.compile('main').render({})), '&lt;own&gt;', 'a filter of that name is the application\'s')
  t.throws(() => new TemplateEnvironment({ main: '{{ 1 | sanitize }}' }, { compatible: true }).render('main'), /filter not found: sanitize/)
})

t.test('H01 a view lists what it trusts, its fallbacks are held to it, and the lock of what is exposed has it', async (t) => {
  const view = (templates: Record<string, string>, trustedHtml: any): ViewExplanation => explainView(compileView(defineView({
    name: 'post',
    template: 'main',
    trustedHtml,
    state: () => ({ note: '' }),
    loaders: { post: { load: () => ({ body: '' }), fallback: 'lost' } }
  }), new TemplateEnvironment({ lost: 'x', ...templates }), 'strict'))
  const main = '<p>{{ post.body | safe }}</p>'
  const trusting = view({ main }, ['post.body', 'post.body'])
  t.same(trusting.trustedHtml, [{ path: 'post.body', places: [{ template: 'main', line: 1, column: 7 }] }])
  t.throws(() => view({ main }, undefined), { code: 'LIVE_ERR_HTML_TRUST', message: /trust it: trustedHtml: \["post\.body"\] in view 'post'$/ })
  t.throws(() => view({ main, lost: '{{ note | safe }}' }, ['post.body']), { code: 'LIVE_ERR_HTML_TRUST', template: 'lost', message: /prints note as it is/ })
  t.throws(() => view({ main: '<p>{{ post.body }}</p>' }, ['post.body']), { code: 'LIVE_ERR_HTML_TRUST', message: /^trustedHtml of view 'post' lists "post\.body"/ })
  t.same(view({ main: '<p>{{ post.body }}</p>', lost: '{{ note | safe }}' }, ['note']).trustedHtml.map(({ path }) => path), ['note'])
  for (const wrong of ['post.body', [''], [1]]) t.throws(() => view({ main }, wrong), { code: 'LIVE_ERR_VIEW', message: /trustedHtml is .*array of fields' paths/ })
  const [before, after] = [exposureOf([view({ main: '<p>{{ post.body }}</p>' }, [])]), exposureOf([trusting])]
  t.same([before.views['post']?.trusts, after.views['post']?.trusts], [undefined, ['post.body']])
  t.same(compareExposure(before, [trusting]).findings, [{ view: 'post', sign: '!', what: 'trusts the HTML of post.body', places: [{ template: 'main', line: 1, column: 7 }] }])
  t.same(compareExposure(after, [trusting]), { findings: [], outdated: [] })
  t.same(compareExposure(after, [view({ main: '<p>{{ post.body }}</p>' }, [])]).outdated, ['post no longer trusts the HTML of post.body'])
  t.ok(isExposure(after))
  t.notOk(isExposure({ ...after, views: { post: { ...after.views['post'], trusts: [1] } } }))
  t.match(formatViews([trusting], { width: 100, paint: { bold: String, alert: String } as any }), /trusts the HTML of +post\.body \(main:1\)/)
})

t.test('H01 I write JSON where the application has a filter of its own for it', async (t) => {
  const json = (source: string, extend: (environment: TemplateEnvironment) => void): unknown => {
    const own = new TemplateEnvironment({ main: `<script type="application/json">{"a": ${source}, "admin": false}</script>` })
    extend(own)
    const html = renderPage(own.compile('main').render({ x: '1, "admin": true', o: { b: '<' } }) as Tree)
    return JSON.parse(/>(\{.*\})</.exec(html)?.[1] as string)
  }
  t.same(json('{{ x | dump }}', (own) => own.addFilter('dump', String)), { a: '1, "admin": true', admin: false }, 'a dump that is none')
  t.same(json('{{ x | json | safe }}', (own) => own.addFilter('json', String)), { a: '1, "admin": true', admin: false }, 'nor is it by safe')
  t.same(json('{{ o | dump | safe }}', (own) => own.addFilter('dump', (value) => JSON.stringify(value))), { a: { b: '<' }, admin: false }, 'one that is')
  t.same(json('{{ o | dump }}', () => {}), { a: { b: '<' }, admin: false })
})

t.test('H01 I try what else templates do with HTML', async (t) => {
  const safe = '<a href="#unsafe">x</a>'
  const data = { u: script, yes: true, rows: [script, script] }
  const hand = (env: TemplateEnvironment): void => {
    // Answers with what it was given.
    env.addExtension('box', tag((_, given) => given), { html: true })
    env.addFilter('late', (x: unknown, done: any) => done(null, x), true)
  }
  t.equal(page(`${macros}{% box link(u) %}{% endbox %}`, { data, extend: hand }), safe, 'a tag that hands on what a macro gave')
  t.equal(page('{% box u %}{% endbox %}', { extend: (env) => env.addExtension('box', tag(() => new SafeString('<b>x</b>')), { html: true }) }), '<b>x</b>', 'or a SafeString')
  const list = '{% macro list(rows) %}{% for r in rows %}<a href="{{ r }}">x</a>{% endfor %}{% endmacro %}'
  t.equal(page(`${list}{% set l = list(rows) %}<p>{{ l }}</p><p>{{ l }}</p>`, { data }), `<p>${safe}${safe}</p><p>${safe}${safe}</p>`, 'a list that stands twice')
  t.equal(page(`${macros}{{ (link(u) if yes else (u | sanitize)) | safe }}{{ (u if no else link(u)) }}`, { data }), safe + safe)
  refused(t, `${macros}{% macro cut(u) %}{{ link(u) | truncate(3) }}{% endmacro %}{{ cut(u) }}{{ cut(1) }}`, {}, /the filter 'truncate' changed/)
  refused(t, '{{ u | late | safe }}', { extend: hand }, /by the filter 'late'/)
  const names = new TemplateEnvironment({ main: 'x' })
  t.equal(names.getTemplate(Object('main') as string).render(), 'x', 'a text that is an object names a template')
})

t.test('a template that cleans needs something that does it', async (t) => {
  const { require } = Module.prototype
  t.intercept(Module.prototype, 'require', { value (this: Module, id: string) { return id === 'sanitize-html' ? require.call(this, 'not-installed') : require.call(this, id) } })
  t.throws(() => page('{{ u | sanitize }}'), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /npm install sanitize-html; or bring another one/ })
})
