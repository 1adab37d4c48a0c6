// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import type { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import type { LoadCase, Page } from './compare-load.ts'
import { extend } from './extend.ts'

/** What the loaders of all cases give. Every value stands at one place only, so that a read that is forgotten shows. */
const loaders: Page = {
  u: { name: 'Uma', on: true, off: false, n: 3, neg: -3.4, k: 'name', text: ' <b>pear</b> tree\nfig ', address: 'see http://x.test', next: { name: 'Nia', next: { name: 'Nell' } }, tags: ['t1', 't2'], unread: 'secret' },
  v: { name: 'Vic', on: true, off: false, n: 4, two: 2, k: 'k2', unread: 'secret' },
  w: { name: 'Wim', on: true, off: false, n: 3, pear: 'a pear', unread: 'secret' },
  z: { name: 'Zoe', on: true, off: false, n: 9, unread: 'secret' },
  items: [
    { id: 1, n: 2, name: 'b', on: true, cat: { id: 'c2' }, kids: [{ name: 'b1' }], unread: 'secret' },
    { id: 2, n: 1, name: 'a', on: false, cat: { id: 'c1' }, kids: [], unread: 'secret' },
    { id: 3, n: 5, name: 'c', on: true, cat: { id: 'c1' }, kids: [{ name: 'c1' }, { name: 'c2' }], unread: 'secret' }
  ],
  one: [{ name: 'only' }],
  words: ['pear', 'apple', 'fig'],
  numbers: [3, 1, 2],
  map: { k2: { n: 1, name: 'm2' }, k1: { n: 2, name: 'm1' } },
  ranks: { b: 2, a: 3, c: 1 },
  cased: { B: 1, a: 2, C: 3 },
  flags: [true, false, null],
  pairs: [['p1', { n: 1 }], ['p2', { n: 2 }]],
  word: 'pear'
}

/** The other names that the templates see. */
const page: Page = { s: true, t: false, q: 3, key: 'name' }

type Templates = string | Record<string, string>

const ui = '{% set inside = w.name %}{% macro row(x, y) %}{{ x.name }}{{ y }}{{ inside }}{% endmacro %}{% macro wrap(x) %}[{{ x.on }}{{ caller(x) }}]{% endmacro %}'
const layout = '({% block one %}{{ v.name }}{% endblock %}|{% block two %}{{ w.name }}{% endblock %}){{ z.name }}'
const row = '{{ x.name }}{{ v.name }}'

/** Statements and expressions. An array: pages that the case is rendered for. */
const language: Record<string, readonly [Templates, ...Page[]]> = {
  output: ['{{ u.name }}'],
  'an object put out': ['{{ pairs[0][0] }}{{ numbers }}'],
  if: ['{% if u.on %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  'if, not': ['{% if u.off %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  elif: ['{% if u.off %}{{ v.name }}{% elif v.on %}{{ w.name }}{% else %}{{ z.name }}{% endif %}'],
  'if on the page': ['{% if s %}{{ u.name }}{% else %}{{ v.name }}{% endif %}', { s: true }, { s: false }],
  'if on the page, nested': ['{% if s %}{% if t %}{{ u.name }}{% else %}{{ v.name }}{% endif %}{% elif t %}{{ w.name }}{% else %}{{ z.name }}{% endif %}',
    { s: true, t: true }, { s: true, t: false }, { s: false, t: true }, { s: false, t: false }],
  'if on one field of a loader for another of it': ['{% if u.on %}{{ u.name }}{% else %}{{ u.n }}{% endif %}'],
  'if with and': ['{% if s and u.on %}{{ v.name }}{% else %}{{ w.name }}{% endif %}', { s: true }, { s: false }],
  'if with or': ['{% if s or u.off %}{{ v.name }}{% else %}{{ w.name }}{% endif %}', { s: true }, { s: false }],
  'if with not': ['{% if not u.on %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  'if with not and and': ['{% if not (s and u.on) %}{{ v.name }}{% else %}{{ w.name }}{% endif %}', { s: true }, { s: false }],
  'if on a name that is set': ['{% set open = s and u.on %}{% if open %}{{ v.name }}{% else %}{{ w.name }}{% endif %}', { s: true }, { s: false }],
  'if on presence': ['{% if u.next %}{{ u.next.name }}{% else %}{{ v.name }}{% endif %}{% if u.missing %}{{ u.missing.name }}{% else %}{{ w.name }}{% endif %}'],
  'if async': ['{% ifAsync u.on %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  'if async on the page': ['{% ifAsync s %}{{ v.name }}{% else %}{{ w.name }}{% endif %}', { s: true }, { s: false }],
  'inline if': ['{{ v.name if u.on else w.name }}{{ z.name if u.off }}'],
  'inline if on the page': ['{{ u.name if s else v.name }}{{ w.name if t }}', { s: true, t: false }, { s: false, t: true }],
  'inline if, looked into': ['{{ (u if s else v).name }}', { s: true }, { s: false }],
  'and, shown': ['{{ u.on and v.name }}{{ u.off and w.name }}'],
  'and on the page': ['{{ s and u.name }}', { s: true }, { s: false }],
  'and, or, looked into': ['{{ (u.on and w).name }}{{ (u.off or v).name }}'],
  'or, shown': ['{{ u.off or v.name }}{{ u.on or w.name }}'],
  'or on the page': ['{{ s or u.name }}', { s: '' }, { s: true }],
  not: ['{{ not u.on }}'],
  'switch on data': ['{% switch u.n %}{% case 1 %}{{ v.name }}{% case w.n %}{{ w.name }}{% default %}{{ z.name }}{% endswitch %}'],
  'switch on the page': ['{% switch q %}{% case 1 %}{% case 2 %}{{ u.name }}{% case v.n %}{{ v.name }}{% default %}{{ w.name }}{% endswitch %}', { q: 1 }, { q: 2 }, { q: 4 }, { q: 5 }],
  'for over rows': ['{% for x in items %}{{ x.name }}{% endfor %}'],
  'for over rows of rows': ['{% for x in items %}{{ x.id }}{% for y in x.kids %}{{ y.name }}{{ x.n }}{% endfor %}{% endfor %}'],
  'for without reading rows': ['{% for x in items %}.{% endfor %}{% for x in ranks %}.{% else %}none{% endfor %}'],
  'for and its counter': ['{% for x in items %}{{ loop.index }}{{ loop.last }}{% endfor %}'],
  'for, a branch in each row': ['{% for x in items %}{% if x.on %}{{ x.name }}{% else %}{{ x.n }}{% endif %}{% endfor %}'],
  'for, another loader in each row': ['{% for x in items %}{{ u.name }}{{ x.n }}{% else %}{{ v.name }}{% endfor %}'],
  'for over nothing': ['{% for x in u.missing %}{{ v.name }}{% else %}{{ w.name }}{% endfor %}'],
  'for over the page, another loader by row': ['{% for x in cols %}{% if x.on %}{{ u.name }}{% else %}{{ v.name }}{% endif %}{% else %}{{ w.name }}{% endfor %}', { cols: [{ on: true }] }, { cols: [{ on: false }] }, { cols: [] }, { cols: [{ on: true }, { on: false }] }],
  'for with key and value': ['{% for k, x in map %}{{ k }}{{ x.n }}{% endfor %}'],
  'for with keys only': ['{% for k, x in ranks %}{{ k }}{% endfor %}'],
  'for with key and value, neither read': ['{% for k, x in ranks %}.{% endfor %}'],
  'for, a list that another condition may empty': ['{% for x in (items if u.on else words) %}.{% endfor %}'],
  'for over pairs': ['{% for k, x in pairs %}{{ k }}{{ x.n }}{% endfor %}'],
  'for over key and value of the page': ['{% for k, x in cols %}{% if x %}{{ u.name }}{% else %}{{ v.name }}{% endif %}{% endfor %}', { cols: { a: true } }, { cols: { a: false } }],
  'for over several lists': ['{% for x in [u, v] %}{{ x.name }}{% endfor %}{% for k, x in { a: w } %}{{ k }}{{ x.name }}{% endfor %}'],
  asyncEach: ['{% asyncEach x in items %}{{ x.name }}{{ loop.index }}{% else %}{{ u.name }}{% endeach %}'],
  asyncAll: ['{% asyncAll x in items %}{{ x.name }}{% endall %}'],
  'asyncEach and asyncAll without reading rows': ['{% asyncEach x in items %}.{% endeach %}{% asyncAll x in words %}.{% endall %}'],
  'asyncEach and asyncAll over an object': ['{% asyncEach k, x in ranks %}.{% endeach %}{% asyncAll k, x in map %}.{% endall %}'],
  set: ['{% set x = u.next %}{{ x.name }}'],
  'set, two names': ['{% set x, y = u.next %}{{ x.name }}{{ y.next.name }}'],
  'set under a condition': ['{% set x = u %}{% if s %}{% set x = v %}{% endif %}{{ x.name }}', { s: true }, { s: false }],
  'set block': ['{% set x %}{{ u.name }}{% endset %}{{ x }}'],
  'set in a row': ['{% set last = "" %}{% for x in items %}{{ last.name }}{% set last = x %}{% endfor %}'],
  'filter block': ['{% filter upper %}{{ u.name }}{% endfilter %}'],
  macro: ['{% macro m(x, y) %}{{ x.name }}{{ y }}{% endmacro %}{{ m(u, v.name) }}{{ m(y=w.n, x=z) }}'],
  'macro with defaults': ['{% macro m(x, y=u.name) %}{{ x.name }}{{ y }}{% endmacro %}{{ m(v) }}{{ m(v, w.name) }}{{ m(v, y=z.name) }}'],
  'macro with a condition': ['{% macro m(x, y) %}{% if y %}{{ x.name }}{% else %}{{ x.n }}{% endif %}{% endmacro %}{{ m(u, s) }}{{ m(v, not s) }}', { s: true }, { s: false }],
  'macro that calls itself': ['{% macro m(x) %}{{ x.name }}{% if x.next %}{{ m(x.next) }}{% endif %}{% endmacro %}{{ m(u) }}'],
  caller: ['{% macro m(x) %}[{{ caller(x.next) }}]{% endmacro %}{% call(y) m(u) %}{{ y.name }}{{ v.name }}{% endcall %}'],
  'caller under a condition': ['{% macro m(x) %}{% if x %}{{ caller() }}{% endif %}{% endmacro %}{% call m(s) %}{{ u.name }}{% endcall %}.', { s: true }, { s: false }],
  'caller without arguments': ['{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ u.name }}{% endcall %}'],
  include: [{ main: '{% set x = u %}{% include "row" %}', row }],
  'include of a name that is missing': [{ main: '{% include "nowhere" ignore missing %}{{ u.name }}' }],
  'include by a condition': [{ main: '{% include "row" if s else "other" %}', row: '{{ u.name }}', other: '{{ v.name }}' }, { s: true }, { s: false }],
  'include by a condition on data': [{ main: '{% include "row" if u.on else "other" %}', row: '{{ w.name }}', other: '{{ v.name }}' }],
  'include under a condition': [{ main: '{% if s %}{% include "row" %}{% endif %}.', row: '{{ u.name }}' }, { s: true }, { s: false }],
  'include in rows': [{ main: '{% for x in items %}{% include "row" %}{% endfor %}', row }],
  extends: [{ main: '{% extends "layout" %}{% block one %}{{ u.name }}{% endblock %}', layout }],
  'extends by a condition': [{ main: '{% extends "layout" if s else "other" %}{% block one %}{{ u.name }}{% endblock %}', layout, other: '{{ items.length }}{% block one %}{% endblock %}' }, { s: true }, { s: false }],
  'extends by a condition on data': [{ main: '{% extends "layout" if u.on else "other" %}', layout, other: '{{ items.length }}' }],
  block: ['{% block one %}{{ u.name }}{% endblock %}'],
  'block under a condition': ['{% if s %}{% block one %}{{ u.name }}{% endblock %}{% endif %}.', { s: true }, { s: false }],
  super: [{ main: '{% extends "layout" %}{% block one %}{{ super() }}{{ u.name }}{% endblock %}', layout }],
  import: [{ main: '{% import "ui" as ui %}{{ ui.row(u, v.name) }}', ui }],
  'import with context': [{ main: '{% import "ui" as ui with context %}{{ ui.row(u, 1) }}', ui: '{% macro row(x) %}{{ x.name }}{{ v.name }}{% endmacro %}' }],
  'import of what is set': [{ main: '{% import "ui" as ui with context %}{{ ui.own.name }}', ui: '{% set own = u %}' }],
  'from import': [{ main: '{% from "ui" import row as r, wrap %}{{ r(u, v.name) }}{% call(x) wrap(w) %}{{ x.name }}{% endcall %}', ui }],
  'from import of what is set': [{ main: '{% from "ui" import own with context %}{{ own.name }}', ui: '{% set own = u %}' }],
  'custom tag': ['{% wrap u.name %}{{ v.name }}{% endwrap %}'],
  'custom tag with named arguments': ['{% tell k=u.name %}'],
  'custom tag with a list of nodes': ['{% nest u.name %}'],
  'custom tag, async': ['{% wait %}{{ u.name }}{% endwait %}'],
  'custom tag that reads the page': ['{% greet %}'],
  'function of the application': ['{{ shout(u.name) }}{{ apply(shout, v.name) }}'],
  'function that declares what it reads': ['{{ initials(u) }}{{ firsts(items) }}'],
  'function for a condition': ['{% if has(u) %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  'code that calls macros': ['{% macro m() %}{{ u.name }}{% endmacro %}{% macro o() %}{{ v.name }}{% endmacro %}{{ apply(m) }}{{ o | called }}'],
  'a test that calls macros': ['{% macro m() %}{{ u.name }}{% endmacro %}{{ m is calling }}'],
  'a test that calls macros of a list': ['{% macro m() %}{{ u.name }}{% endmacro %}{{ ([m] | select("calling")).length }}'],
  'a test that calls macros of a list, rejecting': ['{% macro m() %}{{ u.name }}{% endmacro %}{{ ([m] | reject("calling")).length }}'],
  'a test that calls macros and says what it reads': ['{% macro m() %}{{ u.name }}{% endmacro %}{{ ([m] | select("answering")).length }}'],
  'a test that calls the macro it is given': ['{% macro m() %}{{ u.name }}{% endmacro %}{{ ([1] | select("agreeing", m)).length }}'],
  'a tag that calls macros': ['{% macro m() %}{{ u.name }}{% endmacro %}{% tell m %}'],
  'filter of the application': ['{{ u.name | shouted }}{{ (v | named) }}'],
  'filter that is async': ['{{ u.name | later }}{{ "x" | later | replace("x", v.name) }}'],
  'condition that is async': ['{% if u.n | later == "~3" %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  'test of the application': ['{% if u is known %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  'method of data': ['{{ word.indexOf("a") }}{{ u.n.toFixed(2) }}{{ words.slice(1)[0] }}'],
  'names written out': ['{{ u["name"] }}{{ words[1] }}{{ items[0].name }}{{ items[1].kids.length }}'],
  'computed key': ['{{ u[key] }}{{ map[v.k].name }}{{ items[q - 2].name }}'],
  'dict and list': ['{{ { a: u.name, "b": v.name }.a }}{{ [w.name, z.name][1] }}{{ { a: u }.a.n }}{{ [v][0].n }}'],
  group: ['{{ (u).name }}{{ (1, v.name) }}'],
  'literals and text': ['text {{ "u" }}{{ 1 }}{{ true }}'],
  in: ['{{ "p" in word }}{{ u.n in numbers }}{{ "b" in ranks }}'],
  'in, for a condition': ['{% if "k1" in map %}{{ u.name }}{% else %}{{ v.name }}{% endif %}{% if q in numbers %}{{ w.name }}{% endif %}'],
  compare: ['{{ u.n == w.n }}{{ v.n < z.n }}{{ 1 < u.n }}'],
  'compare, for a condition': ['{% if u.n == w.n %}{{ v.name }}{% else %}{{ z.name }}{% endif %}'],
  'compare with the page': ['{% if q == u.n %}{{ v.name }}{% else %}{{ w.name }}{% endif %}', { q: 3 }, { q: 4 }],
  'is defined': ['{{ u.name is defined }}{{ v.missing is undefined }}{{ w.n is number }}{{ word is string }}'],
  'is, looked into': ['{{ u.n is odd }}{{ w.n is divisibleby(v.n - 1) }}{{ z.n is gt(u.n) }}'],
  'is sameas': ['{{ u.n is sameas(w.n) }}'],
  add: ['{{ 1 + u.n }}'],
  concat: ['{{ u.name ~ v.name }}'],
  sub: ['{{ u.n - v.n }}'],
  mul: ['{{ u.n * v.n }}'],
  div: ['{{ u.n / v.n }}'],
  'floor div': ['{{ z.n // v.n }}'],
  mod: ['{{ z.n % v.n }}'],
  pow: ['{{ u.n ** v.n }}'],
  neg: ['{{ -u.n }}'],
  pos: ['{{ +u.n }}'],
  'cycler and joiner': ['{% set c = cycler("a", "b") %}{% for x in items %}{{ c.next() }}{{ x.id }}{% endfor %}'],
  range: ['{% for k in range(u.n) %}{{ k }}{{ v.name }}{% endfor %}'],
}

/** One for each filter of nunjucks', named after it; more where one has several ways to read. */
const filters: Record<string, Templates> = {
  abs: '{{ u.neg | abs }}',
  'batch, counted': '{{ (items | batch(v.two)).length }}',
  batch: '{% for xs in items | batch(2, v.name) %}{% for x in xs %}{{ x.name or x }}{% endfor %};{% endfor %}',
  'batch by data': '{% for xs in items | batch(v.two) %}{% for x in xs %}{{ x.name }}{% endfor %};{% endfor %}',
  capitalize: '{{ u.name | capitalize }}',
  center: '{{ u.name | center(v.n * 3) }}',
  d: '{{ u.missing | d(v.name) }}',
  default: '{{ u.missing | default(v.name) }}{{ u.name | default(w.name) }}',
  'default for what is falsy': '{{ u.off | default(w.name, v.on) }}',
  'd for what is falsy': '{{ u.off | d(w.name, v.on) }}',
  'default, looked into': '{{ (u.missing | default(v)).name }}',
  dictsort: '{% for k, x in map | dictsort %}{{ k }}{{ x.n }}{% endfor %}',
  'dictsort by value': '{% for k, x in ranks | dictsort(false, "value") %}{{ k }}{{ x }}{% endfor %}',
  'dictsort, keys only': '{% for k, x in ranks | dictsort %}{{ k }}{% endfor %}',
  'dictsort by data': '{% for k, x in ranks | dictsort(u.on, "value") %}{{ k }}{% endfor %}{% for k, x in cased | dictsort(u.on) %}{{ k }}{% endfor %}',
  dump: '{{ u.next | dump }}',
  e: '{{ u.text | e }}',
  escape: '{{ u.text | escape }}',
  first: '{{ (items | first).name }}',
  'first of a text': '{{ word | first }}',
  float: '{{ u.n | float }}',
  forceescape: '{{ u.text | forceescape }}',
  groupby: '{% for k, xs in items | groupby("n") %}{{ k }}{% for x in xs %}{{ x.name }}{% endfor %}{% endfor %}',
  'groupby, by a path': '{% for k, xs in items | groupby("cat.id") %}{{ k }}{% for x in xs %}{{ x.name }}{% endfor %}{% endfor %}',
  'groupby, keys only': '{% for k, xs in items | groupby("n") %}{{ k }}{% endfor %}',
  'groupby by data': '{% for k, xs in items | groupby(key) %}{{ k }}{% endfor %}',
  indent: '{{ u.text | indent(v.n) }}',
  int: '{{ u.n | int }}{{ "x" | int(v.n) }}',
  join: '{{ words | join(u.name) }}',
  'join of an attribute': '{{ items | join(",", "name") }}',
  last: '{{ (items | last).name }}',
  length: '{{ items | length }}',
  'length of an object': '{{ map | length }}',
  'length for a condition': '{% if items | length > 2 %}{{ u.name }}{% else %}{{ v.name }}{% endif %}',
  'length of a text': '{{ u.name | length }}',
  list: '{% for x in ranks | list %}{{ x.key }}{{ x.value }}{% endfor %}',
  'list of an object, keys only': '{% for x in map | list %}{{ x.key }}{% endfor %}',
  'list of an object, counted': '{% for x in ranks | list %}.{% endfor %}',
  'list of a list': '{% for x in items | list %}{{ x.name }}{% endfor %}',
  lower: '{{ u.name | lower }}',
  nl2br: '{{ u.text | nl2br }}',
  random: '{{ (one | random).name }}',
  reject: '{% for x in numbers | reject("odd") %}{{ x }}{% endfor %}',
  'reject, counted': '{{ (numbers | reject("odd")).length }}{{ (flags | reject).length }}',
  'reject by data': '{{ (numbers | reject("divisibleby", v.two)).length }}',
  rejectattr: '{% for x in items | rejectattr("on") %}{{ x.name }}{% endfor %}',
  replace: '{{ u.name | replace("U", v.name) }}',
  reverse: '{% for x in items | reverse %}{{ x.name }}{% endfor %}',
  'reverse, counted': '{{ (items | reverse).length }}',
  'reverse of a text': '{{ word | reverse }}',
  round: '{{ u.neg | round }}',
  safe: '{{ u.text | safe }}',
  sanitize: '{{ u.text | sanitize }}',
  select: '{% for x in numbers | select("odd") %}{{ x }}{% endfor %}',
  'select, counted': '{{ (numbers | select("odd")).length }}{{ (flags | select).length }}',
  'select by data': '{{ (numbers | select("divisibleby", v.two)).length }}',
  'select by a test that says what it reads': '{{ (items | select("atLeast", v.two)).length }}',
  'select what is there': '{{ ([u.on, u.off, v.missing] | select).length }}{{ (words | select).length }}',
  'select by a test of the application': '{{ ([u, v] | select("known")).length }}',
  selectattr: '{% for x in items | selectattr("on") %}{{ x.name }}{% endfor %}',
  'selectattr, counted': '{{ (items | selectattr("on")).length }}',
  'selectattr by data': '{{ (items | selectattr(key)).length }}',
  'slice, counted': '{{ (items | slice(v.two)).length }}{{ (numbers | slice(2)).length }}',
  slice: '{% for xs in items | slice(2) %}{% for x in xs %}{{ x.name }}{% endfor %};{% endfor %}',
  sort: '{{ words | sort | join(",") }}',
  'sort by an attribute': '{% for x in items | sort(attribute="n") %}{{ x.name }}{% endfor %}',
  'sort by a path': '{% for x in items | sort(false, false, "cat.id") %}{{ x.id }}{% endfor %}',
  'sort, backwards by data': '{% for x in numbers | sort(u.on) %}{{ x }}{% endfor %}',
  'sort by data': '{% for x in items | sort(false, false, key) %}{{ x.id }}{% endfor %}',
  'lists that are worked out and not used': '{% set a = items | first %}{% set b = words | last %}{% set c = one | random %}{{ u.name }}',
  string: '{{ u.n | string }}',
  striptags: '{{ u.text | striptags }}',
  sum: '{{ items | sum("n") }}',
  'sum from data on': '{{ numbers | sum(undefined, u.n) }}',
  title: '{{ word | title }}',
  trim: '{{ u.text | trim }}',
  truncate: '{{ u.text | truncate(v.n) }}',
  upper: '{{ u.name | upper }}',
  urlencode: '{{ ranks | urlencode }}{{ u.name | urlencode }}',
  urlize: '{{ u.address | urlize }}',
  wordcount: '{{ u.text | wordcount }}',
}

/** Of these, only the tree that nunjucks compiles has the statements. */
const lifted: Record<string, readonly [Templates, ...Page[]]> = {
  'super, lifted': language['super'] as [Templates],
  'async filter, lifted': ['{{ u.name | later }}{{ "x" | later | replace("x", v.name) }}'],
  'async filter of a macro, lifted': ['{% macro m() %}{{ u.name }}{% endmacro %}{{ m | calledLater }}'],
  'async filter in a condition, lifted': ['{% if u.n | later == "~3" %}{{ v.name }}{% else %}{{ w.name }}{% endif %}'],
  'async filter in a loop, lifted': ['{% for x in items %}{{ x.name | later }}{{ loop.index }}{% endfor %}'],
}

export const loadCases: ReadonlyMap<string, LoadCase> = new Map([
  ...Object.entries(language).map(([name, [templates, ...pages]]) => caseOf(name, templates, pages, false)),
  ...Object.entries(filters).map(([name, templates]) => caseOf(`filter ${name}`, templates, [], false)),
  ...Object.entries(lifted).map(([name, [templates, ...pages]]) => caseOf(name, templates, pages, true)),
])

function caseOf (name: string, templates: Templates, pages: readonly Page[], lifted: boolean): readonly [string, LoadCase] {
  return [name, {
    templates: typeof templates === 'string' ? { main: templates } : templates,
    loaders,
    pages: pages.length === 0 ? [page] : pages.map((own) => ({ ...page, ...own })),
    lifted,
    trustedHtml: name === 'filter safe' ? ['u.text'] : [],
    extend: extendCases,
  }]
}

function extendCases (environment: TemplateEnvironment): void {
  extend(environment)
  const tag = (name: string, wrapped: (nodes: any, args: any) => any): object => ({
    tags: [name],
    parse (parser: any, nodes: any) {
      const token = parser.nextToken()
      const args = parser.parseSignature(null, true)
      parser.advanceAfterBlockEnd(token.value)
      return new nodes.CallExtension(this, 'run', wrapped(nodes, args), null)
    },
    run: (context: { ctx: Record<string, any> }, given?: any) => name === 'greet' ? `Hello ${String(context.ctx['u']?.name)}` : String(typeof given === 'function' ? given() : given?.k ?? given),
  })
  environment.addExtension('tell', tag('tell', (_, args) => args) as any)
  environment.addExtension('greet', tag('greet', (_, args) => args) as any, { reads: ['u.name'] })
  environment.addExtension('nest', tag('nest', (nodes, args) => new nodes.NodeList(0, 0, [new nodes.NodeList(0, 0, args.children)])) as any)
  environment.addGlobal('initials', (user: any) => String(user.name).slice(0, 1), { reads: ['name'] })
  environment.addGlobal('firsts', (rows: any) => rows.map((row: any) => row.name).join(), { reads: ['[].name'] })
  environment.addGlobal('has', (user: any) => user.on, { reads: ['on'] })
  environment.addFilter('called', (macro: any) => macro())
  environment.addFilter('calledLater', (macro: any, cb: (error: unknown, text: string) => void) => cb(null, macro()), true)
  environment.addTest('calling', (macro: any) => String(macro()) === 'Uma')
  environment.addTest('answering', (macro: any) => String(macro()) === 'Uma', { reads: [] })
  environment.addTest('agreeing', (_: unknown, macro: any) => String(macro()) === 'Uma')
  environment.addTest('atLeast', (row: any, n: number) => row.n >= n, { reads: ['n'] })
  environment.addFilter('shouted', (text: unknown) => `${String(text)}!`)
  environment.addFilter('named', (user: any) => user.name, { reads: ['name'] })
  environment.addTest('known', (user: any) => user.name === 'Uma', { reads: ['name'] })
}
