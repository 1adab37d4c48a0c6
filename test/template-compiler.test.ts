// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import t from 'tap'
import { Environment, Loader, SafeString } from '../lib/template/nunjucks.ts'
import type { Shape } from '../lib/template/shape.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { TemplateEnvironmentOptions } from '../lib/template/template-environment.ts'
import { Html, List, Tree, flatten } from '../lib/template/tree.ts'
import { extend } from './fuzz/extend.ts'

class PlainLoader extends Loader {
  readonly templates: Record<string, string>

  constructor (templates: Record<string, string>) {
    super()
    this.templates = templates
  }

  override getSource (name: string): { src: string, path: string } | null {
    return name in this.templates ? { src: this.templates[name] as string, path: name } : null
  }
}

const shared: Record<string, string> = {
  'base.njk': '<html>{% block head %}H{% endblock %}|{% block body %}base {{ title }}{% endblock %}</html>',
  'other.njk': '<other>{% block body %}{% block deep %}deep{% endblock %}{% endblock %}</other>',
  'middle.njk': '{% extends "base.njk" %}{% block body %}middle {{ super() }}{% endblock %}',
  'part.njk': 'part {{ title }} {{ x }} {{ loop.index }}{% set leak = "L" %}',
  'macros.njk': '{% set exported = "E" %}{% set _hidden = 1 %}{% macro cell(a, b=2) %}<td>{{ a }}{{ b }}{{ title }}</td>{% endmacro %}{% macro wrapped() %}<w>{{ caller(1) }}</w>{% endmacro %}'
}

class Late extends SafeString {}

const data = (): Record<string, unknown> => ({
  title: '<T>',
  n: 2,
  items: [{ name: 'a<', n: 1, tags: ['x', 'y'] }, { name: 'b', n: 2, tags: [] }],
  pairs: [['k', 1], ['l', 2]],
  dict: { one: 1, two: '&' },
  inherited: Object.create({ up: 1 }),
  map: new Map([['m', 1]]),
  set: new Set([1, 2]),
  text: 'abc',
  yes: true,
  template: 'part.njk',
  safe: new SafeString('<s>'),
  late: new Late('<late>'),
  odd: { toString: () => ({ replace: () => '<odd>' }) },
  symbol: Symbol('sym'),
  nothing: null,
  date: new Date(0),
  big: 12345678901234567890n,
  negativeZero: -0,
  method () { return `m${typeof this}` },
  object: { greet (name: string) { return `hi ${name} ${this === undefined}` } }
})

const inheriting = [
  '{% for k, v in inherited %}{{ k }}{{ v }}{% else %}else{{ loop.index }}{% endfor %}{% for k, v in inherited %}{{ k }}{% else %}else{% endfor %}',
  '{{ inherited|dictsort }}{{ safe|dictsort|length }}{{ inherited.up }}'
]

const sources = [
  'plain text', '', '{{ title }}{{ n }}{{ yes }}{{ missing }}{{ nothing }}{{ missing.deep.er }}', '{{ title|safe }}{{ title|escape }}',
  '{{ big }}{{ negativeZero }}{{ 0/0 }}{{ 1/0 }}{{ items }}{{ dict }}{{ date }}{{ set }}{{ symbol }}', '{{ 1e21 * 10 }}',
  '{% if n == 1 %}one{% elif n == 2 %}two{{ title }}{% else %}more{% endif %}', '{% if missing %}x{% endif %}{% if n %}y{% else %}z{% endif %}',
  '{{ "a" if yes else "b" }}{{ "c" if missing }}{{ not 1 == 2 }}{{ 3 ~ 1 + 2 }}{{ -2**2 }}{{ 7 // 2 }}{{ 7 % 4 }}{{ "b" in text }}{{ +n }}',
  '{{ n is odd }}{{ n is divisibleby(2) }}{{ nothing is none }}{{ missing is defined }}{{ 1 < 2 }}{{ yes and text or n }}{{ r/b+/g.test("abb") }}',
  '{% switch n %}{% case 1 %}one{% case 2 %}{% case 3 %}three{{ title }}{% default %}d{% endswitch %}', '{% switch n %}{% case 9 %}x{% endswitch %}',
  '{% for i in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ i.name }}{% endfor %}',
  '{% for i in missing %}x{% else %}none{{ loop.index }}{% endfor %}{% for i in [] %}x{% else %}none{% endfor %}{% for i in nothing %}{% endfor %}',
  '{% for i in items %}{% for t in i.tags %}{{ loop.index }}{{ t }}{% else %}no {{ loop.index }}{% endfor %}{% endfor %}',
  '{% for k, v in dict %}{{ k }}={{ v }};{% endfor %}{% for k, v in pairs %}{{ k }}{{ v }}{{ loop.last }}{% endfor %}{% for k, v in map %}{{ k }}{{ v }}{% endfor %}',
  '{% for a, b, c in [[1, 2, 3]] %}{{ a }}{{ b }}{{ c }}{% endfor %}{% for c in text %}{{ c }}.{% endfor %}{% for s in set %}{{ s }}{% endfor %}',
  '{% for i in items %}{{ loop }}{{ loop.missing }}{{ loop["index"] }}{% set l = loop %}{{ l.index }}{% endfor %}', '{% for loop in items %}{{ loop.name }}{% endfor %}',
  '{% for i in [1, 2, 3] %}{{ x }}{% set x = i %}{% endfor %}{{ x }}', '{% set x, y = n %}{{ x }}{{ y }}{% set z %}<{{ title }}>{% endset %}{{ z }}{{ z|safe }}',
  '{% for i in items %}{{ shout(i.name) }}{{ i.name|upper }}{% if loop.first %}F{% endif %}{% switch i.n %}{% case 1 %}1{% endswitch %}{% endfor %}',
  '{% filter upper %}a{{ title }}{% endfilter %}{% raw %}{{ raw }}{% endraw %}{% verbatim %}{% x %}{% endverbatim %}{# c #}',
  '{% macro m(a, b="d") %}<m>{{ a }}{{ b }}{{ kwargs }}</m>{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(a=3, b=4) }}{{ m(1)|upper }}{{ m(1)|length }}{{ m(1) ~ "<" }}',
  '{% macro m() %}<m>{{ title }}</m>{% endmacro %}{{ m().shape }}{{ m().slots }}{{ m().val }}{{ m().length }}{{ m()|dump }}{{ m()|list|dump }}{{ (m()) }}{{ m()|safe }}{{ m() if yes }}{{ m() if missing else (m(), 1) }}{{ [m()] }}',
  '{% macro m(x) %}{{ caller() if caller else "no" }}{% endmacro %}{% call m(1) %}<c>{{ title }}</c>{% endcall %}{{ m(1) }}{% call(y) m() %}{% endcall %}',
  '{% macro each(list) %}{% for x in list %}{{ caller(x) }}{% endfor %}{% endmacro %}{% call(i) each(items) %}{{ i.n }}{{ loop.index }}{{ x.n }}{% endcall %}',
  '{% import "macros.njk" as m %}{{ m.cell(title) }}{{ m.exported }}{{ m._hidden }}{% call(z) m.wrapped() %}{{ z }}{{ title }}{% endcall %}{{ m.cell.name }}',
  '{% from "macros.njk" import cell, wrapped as w with context %}{{ cell(1, b=3) }}{{ w }}'.replace('{{ w }}', '{% call w() %}q{% endcall %}'), '{% from "macros.njk" import nope %}',
  '{% if yes %}{% import "macros.njk" as m %}{{ m.cell(1) }}{% from "macros.njk" import cell %}{{ cell(2) }}{% macro local() %}L{% endmacro %}{{ local() }}{% endif %}',
  '{% include "part.njk" %}{{ leak }}{% include template %}{% include "nope.njk" ignore missing %}{% include ["a"] %}', '{% include "nope.njk" %}', '{% include "part.njk" if yes else "base.njk" %}',
  '{% for x in items %}{% include "part.njk" %}{{ leak }}{% endfor %}', '{% extends "base.njk" %}dropped{% block body %}mine {{ super() }} {{ super()|upper }}{% endblock %}',
  '{% extends "middle.njk" %}{% block body %}{{ super() if yes }}{{ super() ~ "!" }}{{ super()|safe }}{% endblock %}{% block head %}{% block inner %}i{% endblock %}{% endblock %}',
  '{% extends "base.njk" if yes else "other.njk" %}{% block deep %}d{% endblock %}', '{% if missing %}{% extends "base.njk" %}{% endif %}own {% block body %}b{% endblock %}',
  '{% block a %}{{ super() }}{% endblock %}', '{% extends nothing %}', '{{ missing() }}', '{{ text() }}', '{{ title|nofilter }}', '{{ title is notest }}', '{{ text in 5 }}',
  '{{ method() }}{{ object.greet("x") }}{{ range(3) }}{% set c = cycler(1, 2) %}{{ c.next() }}{{ c.next() }}{% set j = joiner() %}{{ j() }}{{ j() }}', '{{ {a: 1, "b": [n]}|dump }}',
  '{% wrap %}body {{ title }}{% endwrap %}{% wrap "<" %}{% include "part.njk" %}{% endwrap %}', '{% wait %}x{{ title }}{% endwait %}', '{{ title|later }}{{ title|later|upper }}',
  '{% if n|later == "~2" %}y{{ title }}{% else %}n{% endif %}{% if missing|later %}{% elif n|later %}b{% endif %}', '{% for i in items %}{{ i.name|later }}{{ loop.index }}{% else %}e{% endfor %}',
  '{% asyncEach i in items %}{{ i.name }}{{ loop.index }}{% endeach %}{% asyncEach k, v in dict %}{{ k }}{{ v }}{% endeach %}{% asyncEach i in [] %}{% else %}none{% endeach %}',
  '{% asyncAll i in items %}{{ i.name }}{{ loop.last }}{% endall %}{% asyncAll k, v in dict %}{{ k }}{% endall %}{% asyncAll a, b, c in [[1, 2, 3]] %}{{ a }}{{ c }}{% endall %}', '{% ifAsync yes %}y{% endif %}{% ifAsync missing %}y{% else %}{{ n }}{% endif %}',
  '{% for i in items %}{% from "macros.njk" import cell %}{{ cell(i.n) }}{% endfor %}',
  '{% asyncEach k, v in dict %}{{ k }}{% else %}both{{ n }}{% endeach %}', '{{ "it\'s \\"q\\" \\\\ \\n" }}{{ text["length"] }}{{ items[0]["name"] }}{{ (1, 2) }}', '{{ a@b }}{{ ünï }}'
]

/** What nunjucks prints as HTML since an object says so. */
const believed = ['{{ safe }}{{ late }}', '{{ odd }}']

t.test('the whole language prints what nunjucks prints, in both modes', async (t) => {
  const modes: Array<[string, TemplateEnvironmentOptions]> = [
    ['live', {}], ['compatible', { compatible: true }], ['raw', { compatible: true, autoescape: false }], ['strict', { throwOnUndefined: true }]
  ]
  for (const [name, options] of modes) {
    // Outside of compatible mode what is inherited is not the object's own.
    for (const source of options.compatible ? [...sources, ...inheriting, ...believed] : sources) {
      const reference = new Environment(new PlainLoader({ ...shared, main: source }), { ...options })
      const ours = new TemplateEnvironment({ ...shared, main: source }, { ...options })
      const text = [reference, ours].map((env) => {
        extend(env)
        try {
          return [env.render('main', data()), env.renderString(source, data())]
        } catch {
          return 'error'
        }
      })
      t.same(text[1], text[0], `${name}: ${source}`)
    }
  }
})

const environment = (templates: Record<string, string>, options = {}): TemplateEnvironment => {
  const env = new TemplateEnvironment({ ...shared, ...templates }, options)
  extend(env)
  return env
}

const render = (source: string, context: object = data(), trustedHtml: readonly string[] = []): Tree =>
  environment({ main: source }).compile('main', { trustedHtml }).render(context) as Tree

t.test('slots hold raw primitives, Html, lists and trees', async (t) => {
  const tree = render('{{ title }}{{ n }}{{ yes }}{{ big }}{{ negativeZero }}{{ missing }}{{ title|safe }}', data(), ['title'])
  t.same(tree.slots.slice(0, 6), ['<T>', 2, true, '12345678901234567890', '0', ''])
  t.ok(tree.slots[6] instanceof Html)
  const [list, branch, none, block, include, macro, flat] = render('{% for i in items %}<li>{{ i.n }}</li>{% endfor %}{% if yes %}y{% endif %}{% if missing %}n{% endif %}{% block b %}{{ n }}{% endblock %}{% include "part.njk" %}{% macro m() %}m{% endmacro %}{{ m() }}{% filter upper %}x{% endfilter %}').slots
  t.ok(list instanceof List)
  t.same((list as List).rows, [[1], [2]])
  t.equal(String(list), '<li>1</li><li>2</li>')
  t.equal(flatten(branch as Tree), 'y')
  t.equal(none, '')
  t.ok(block instanceof Tree && include instanceof Tree && macro instanceof Tree)
  t.equal(flat, 'X')
})

t.test('shapes say what their slots are, where they stand and what can fill them', async (t) => {
  const program = environment({
    main: 'a{% if n %}b{{ n }}{% elif yes %}c{% else %}d{% endif %}\n  {% for i in items %}r{% else %}e{% endfor %}{% include "part.njk" if yes else "macros.njk" %}{% include template %}{% include ("part.njk") ignore missing %}{% block b %}{% endblock %}{% wrap %}w{% endwrap %}{% filter upper %}f{% endfilter %}{{ n }}'
  }).compile('main', { includes: ['part.njk'] })
  const root = program.template.root as Shape
  t.same(root.statics, ['a', '\n  ', '', '', '', '', '', '', '', ''])
  t.same(root.slots.map((slot) => [slot.kind, slot.bodies.map((body) => body.statics.join('_')), slot.names, slot.optional]), [
    ['branch', ['b_', 'c', 'd'], null, false],
    ['loop', ['r', 'e'], null, false],
    ['include', [], ['part.njk', 'macros.njk'], false],
    ['include', [], null, false],
    ['include', [], ['part.njk'], true],
    ['block', [], ['b'], false],
    ['flat', ['w'], null, false],
    ['flat', ['f'], null, false],
    ['output', [], null, false]
  ])
  t.equal(root.slots[1]?.row, root.slots[1]?.bodies[0])
  t.match(root.slots[1]?.position, { template: 'main', line: 2, column: 6 })
  t.equal(program.template.expressions.get(root.slots[8]!)?.typename, 'Symbol')
  t.same(program.template.captures.map((shape) => shape.statics), [['w'], ['f']])
  t.equal(root.layout?.parts.length, 9)
})

t.test('shape ids are equal for equal source and differ by place', async (t) => {
  const ids = (source: string): string[] => environment({ main: source }).compile('main').shapes().map(({ id }) => id)
  const source = '{% for k, v in dict %}<b>{{ k }}{% if v %}x{% endif %}{% if v %}x{% endif %}</b>{% endfor %}'
  t.same(ids(source), ids(source))
  t.equal(new Set(ids(source)).size, 4)
  t.notSame(ids(source), ids(source.replaceAll('b>', 'i>')))
  t.match(ids(source)[0], /^[0-9a-z]{8,13}$/)
})

t.test('names cannot leave their quotes in generated code', async (t) => {
  const syntax = { code: 'LIVE_ERR_TEMPLATE_SYNTAX', template: 'main', line: 1 }
  for (const source of [
    '{{ a"b }}', '{{ a\\b }}', '{% set a.b = 1 %}', '{% block a;b %}{% endblock %}', '{% macro m(a;b) %}{% endmacro %}', '{% from "macros.njk" import a;b %}',
    '{% call(a;b) m() %}{% endcall %}', '{% from "macros.njk" import a as b;c %}', '{% block a %}{% endblock %}{% block a %}{% endblock %}', '{% if %}', '{{ [', '{% nosuchtag %}'
  ]) {
    t.throws(() => environment({ main: source }).compile('main'), syntax, source)
    t.throws(() => environment({ main: source }, { compatible: true }).render('main', {}), source)
  }
  const injection = '{{ 1 is \'even").call(context,2)+(globalThis.injected=1)+("\' }}'
  t.throws(() => environment({ main: injection }).compile('main'), { code: 'LIVE_ERR_TEMPLATE_UNKNOWN' })
  t.throws(() => environment({ main: injection }, { compatible: true }).render('main', {}), /test not found/)
  t.throws(() => environment({ main: '{{ title["a\\\\"]() }}{{ none() }}{{ f()() }}{{ (1)() }}' }).render('main', {}), /Unable to call/)
  t.equal('injected' in globalThis, false)
})

t.test('run-time errors carry template, line and column of what failed', async (t) => {
  const fails = (templates: Record<string, string>, context: object, expected: object): void => {
    t.throws(() => environment(templates).render('main', context), { code: 'LIVE_ERR_TEMPLATE', ...expected })
    t.throws(() => environment(templates, { compatible: true }).render('main', context), { message: /\S/ })
  }
  const boom = (): never => { throw new TypeError('boom') }
  fails({ main: 'a\n  {{ boom() }}' }, { boom }, { template: 'main', line: 2, column: 10, message: 'main:2:10: boom', cause: { name: 'TypeError' } })
  fails({ main: 'a\n{{ missing.x() }}' }, {}, { line: 2, message: /Unable to call `missing\["x"\]`/ })
  fails({ main: '\n\n{{ list|join(",", "x") }}' }, { list: [null] }, { line: 3, column: 9 })
  fails({ main: '{% include "sub" %}', sub: '\n{{ boom() }}' }, { boom }, { template: 'sub', line: 2 })
  fails({ main: '{% include "sub" %}\n{{ boom() }}', sub: 'x' }, { boom }, { template: 'main', line: 2 })
  fails({ main: '{% import "sub" as s %}\n{{ s.m(1) }}', sub: '{% macro m(f) %}\n\n{{ f() }}{% endmacro %}' }, {}, { template: 'sub', line: 3 })
  fails({ main: '{% extends "sub" %}{% block b %}\n{{ boom() }}{% endblock %}', sub: '{% block b %}{% endblock %}' }, { boom }, { template: 'main', line: 2 })
  fails({ main: '{% wrap %}{% include "part.njk" %}\n{{ boom() }}{% endwrap %}' }, { boom }, { template: 'main', line: 2 })
  fails({ main: '\n{% include "gone" %}' }, {}, { code: 'LIVE_ERR_TEMPLATE_MISSING' })
  fails({ main: '{{ f() }}' }, { f () { throw 'text' } }, { message: 'main:1:5: text', cause: 'text' }) // eslint-disable-line no-throw-literal
})

t.test('what nunjucks generates invalid code for works', async (t) => {
  t.equal(String(render('{% switch n %}{% case 2 %}{% include "part.njk" %}{% block in %}B{% endblock %}{% endswitch %}')), 'part &lt;T&gt;  B')
  t.equal(String(render('{% for i in [] %}{% else %}{% include "part.njk" %}{% endfor %}!')), 'part &lt;T&gt;  !')
})

t.test('custom tags: empty bodies, unescaped output, preprocessing, wrong arguments', async (t) => {
  const tag = (name: string, args: (nodes: any) => any, more: object = {}): any => ({
    tags: [name],
    parse (parser: any, nodes: any) {
      parser.advanceAfterBlockEnd(parser.nextToken().value)
      return new nodes.CallExtension(this, 'run', args(nodes), [null])
    },
    run: () => '<tag>',
    ...more
  })
  const env = environment({ main: 'Q{% raw1 %}{% esc1 %}{{ title }}', bad: '{% bad1 %}' })
  env.addExtension('raw1', tag('raw1', () => null, { autoescape: false, preprocess: (source: string) => source.replace('Q', 'R') }), { html: true })
  env.addExtension('esc1', tag('esc1', () => null))
  env.addExtension('bad1', tag('bad1', (nodes) => new nodes.Literal(0, 0, 1)))
  t.equal(env.render('main', data()), 'R<tag>&lt;tag&gt;&lt;T&gt;')
  t.equal(env.compile('main').template.ast['children'][0].children[0].value, 'R')
  t.throws(() => env.compile('bad'), { code: 'LIVE_ERR_TEMPLATE_SYNTAX', message: /arguments must be a NodeList/, template: 'bad', line: 1 })
})
