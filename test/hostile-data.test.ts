// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off', no-template-curly-in-string: 'off' */
import t from 'tap'
import { Environment, SafeString } from '../lib/template/nunjucks.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { Random } from './fuzz/random.ts'

const environments = new Map<string, TemplateEnvironment>()

function text (main: string, data: object = {}): string {
  let environment = environments.get(main)
  if (environment === undefined) {
    const part = '{% macro m(a, b="ordinary") %}{{ a }}/{{ b }}{% endmacro %}'
    environments.set(main, environment = new TemplateEnvironment({ main, part, base: 'base{% block b %}{% endblock %}' }))
  }
  return environment.render('main', data)
}

function outcome (main: string, data: object): string {
  try {
    return text(main, data)
  } catch (error: any) {
    return `fails: ${error.code}`
  }
}

const parse = (json: string): any => JSON.parse(json)
const KEYS = ['constructor', '__proto__', 'prototype']
const INHERITED = ['toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', '__lookupSetter__', 'isPrototypeOf']

t.test('K03 I reach for code through whatever a template has: constructor, __proto__, prototype, however they are written', async (t) => {
  const data = { o: { a: 1 }, s: 'text', n: 5, list: [1], f: (x: unknown) => x, date: new Date(0), map: new Map(), safe: new SafeString('x'), big: 1n }
  const targets = [
    'o', 's', 'n', 'list', 'f', 'date', 'map', 'safe', 'big', '""', '"".sub', '[]', '{}', 'range', 'joiner()', 'cycler(1)', 'cycler(1).next',
    '(m|string)', 'm', 'm("x")', 'o.a', 'list.join', 'list.entries()', 's.concat', 'true', 'loop', 'g', 'g.m', 'f.bind', 'o["a"]', 's[0]', '(o, list)'
  ]
  const prelude = '{% macro m(a) %}{{ caller.constructor }}{{ varargs }}{% endmacro %}{% import "part" as g %}'
  for (const target of targets) {
    for (const key of KEYS) {
      const written = [`.${key}`, `["${key}"]`, `["${key.slice(0, 4)}" ~ "${key.slice(4)}"]`, '[k]', '[k|safe]', '[[k]]', '[k ~ ""]']
      const main = `${prelude}${written.map((way) => `{{ ${target}${way} }}{% if ${target}${way} %}yes{% endif %}`).join('')}`
      const named = [key, [key], [[key]], new SafeString(key), Object(key), { toString: () => key }]
      t.same(named.filter((k) => outcome(main, { ...data, k }) !== ''), [], `${target} ${key}`)
    }
    t.equal(outcome(`${prelude}{{ ${target}.constructor.constructor("return process")() }}`, data), 'fails: LIVE_ERR_TEMPLATE', target)
  }
  t.equal(text('{% for x in [1] %}{{ loop.constructor }}{{ loop["__proto__"] }}{{ loop[k] }}{% endfor %}', { k: 'toString' }), '')
  t.equal(text('{% macro m() %}{{ caller.constructor }}{{ caller["prototype"] }}{% endmacro %}{% call m() %}x{% endcall %}'), '')
  t.equal(text('{{ this }}{{ env }}{{ context }}{{ runtime }}{{ process }}{{ globalThis }}{{ require }}{{ constructor }}{{ __proto__ }}{{ toString }}'), '')
  t.equal(text('{{ o[k] }}{{ o[1] }}', { o: { a: 1 }, k: Symbol.iterator }), '')
})

t.test('K03 I name a key that every object inherits, in lookups, `in`, loops, filters and tests', async (t) => {
  const rows = [{ name: 'a', n: 1 }, { name: 'b', n: 2 }]
  for (const k of [...KEYS, ...INHERITED]) {
    const data = { rows, k, o: { a: 1 }, path: `name.${k}` }
    t.equal(text('{{ o[k] }}{{ k in o }}{{ [k] in o }}', data), 'falsefalse', k)
    t.equal(text('{{ rows|selectattr(k)|length }}{{ rows|rejectattr(k)|length }}', data), '02', k)
    t.equal(text('{{ rows|join(",", k) }}', data), ',', `join ${k}`)
    t.equal(text('{{ rows|sum(k) }}', data), 'NaN', `sum ${k}`)
    t.equal(text('{{ rows|sort(false, false, k)|join(",", "name") }}{{ rows|sort(attribute=path)|length }}', data), 'a,b2', `sort ${k}`)
    t.equal(text('{% for g, all in rows|groupby(k) %}{{ g }}={{ all|length }}{% endfor %}', data), 'undefined=2', `groupby ${k}`)
    t.equal(text('{% for g, all in rows|groupby([k]) %}{{ g }}={{ all|length }}{% endfor %}', data), 'undefined=2', `groupby list ${k}`)
    t.match(outcome('{{ [1]|select(k)|length }}', data), /^fails: LIVE_ERR_TEMPLATE$/, `select ${k}`)
    t.match(outcome(`{{ 1|${k} }}`, data), /^fails/, `filter ${k}`)
    t.match(outcome(`{{ 1 is ${k} }}`, data), /^fails/, `test ${k}`)
  }
  t.equal(text('{% for k, v in o %}{{ k }}{{ v }}{% else %}none{% endfor %}{{ o|dictsort }}', { o: Object.create({ inherited: 1 }) }), 'none')
})

t.test('K03 I name my group constructor, my tag __proto__: they are names like any other', async (t) => {
  const rows = ['constructor', '__proto__', 'toString', 'a', 'constructor'].map((tag, n) => ({ tag, n }))
  t.equal(text('{% for tag, all in rows|groupby("tag") %}{{ tag }}:{{ all|join("", "n") }} {% endfor %}{{ rows|groupby("tag")|length }}', { rows }), 'constructor:04 __proto__:1 toString:2 a:3 4')
  t.equal(text('{{ (rows|groupby("tag")).polluted }}{{ (rows|groupby("tag")).__proto__ }}{{ {}.n }}', { rows }), '')
  t.equal(text('{{ rows|groupby(f)|dump|safe|length }}', { rows, f: (row: { tag: string }) => row.tag }) !== '0', true)
  const own = ['{"constructor":"c"}', '{"__proto__":"c"}', '{"a":{"prototype":"c"}}'].map(parse)
  t.equal(text('{% for p in ["constructor", "__proto__", "a.prototype"] %}{% for g, all in own|groupby(p) %}{{ g }}{{ all|length }}{% endfor %}{% endfor %}', { own }), 'undefined3'.repeat(3), 'nor are they read where they are own')
  const symbol = Symbol('s')
  t.equal(text('{{ rows|groupby("tag")|length }}', { rows: [{ tag: symbol }] }), '0', 'as in nunjucks')
  const strict = new TemplateEnvironment({ sort: '{{ rows|sort(attribute=k) }}', groupby: '{{ rows|groupby(k) }}', test: '{{ rows|select(k) }}' }, { throwOnUndefined: true })
  t.equal(strict.render('sort', { rows: [{ n: 2 }, { n: 1 }], k: 'n' }), '[object Object],[object Object]')
  t.throws(() => strict.render('sort', { rows: [{ n: 2 }, {}], k: 'n' }), { message: /attribute "n" resolved to undefined/ })
  t.throws(() => strict.render('sort', { rows: [{}, { n: 2 }], k: 'n' }), { message: /attribute "n" resolved to undefined/ })
  for (const main of ['sort', 'groupby', 'test']) {
    for (const k of ['constructor', ['constructor'], 'nothing']) t.throws(() => strict.render(main, { rows, k }), { message: /attribute "\w+" resolved to undefined|test not found: \w+/ }, main)
  }
})

t.test('K03 I send a __proto__ of my own: it never makes anything true', async (t) => {
  const poison = parse('{"__proto__":{"isAdmin":true,"secret":"s","list":[1]}}')
  t.equal(text('{{ isAdmin }}{{ secret }}{% if isAdmin %}yes{% endif %}{% for x in list %}x{% endfor %}{{ __proto__ }}', poison), '', 'as all of the data')
  const copied = Object.assign({}, poison)
  for (const user of [poison, copied, { ...poison }, Object.create(poison), structuredClone(poison)]) {
    t.equal(text('{{ user.isAdmin }}{% if user.isAdmin %}yes{% endif %}{{ "isAdmin" in user }}{{ user["secret"] }}{% for x in user.list %}x{% endfor %}{{ [user]|selectattr("isAdmin")|length }}', { user }), 'false0')
  }
  t.equal(text('{% set d = {"__proto__": user, "a": 1} %}{{ d.isAdmin }}{{ d.a }}{% include "base" %}', { user: { isAdmin: true } }), '1base', 'written out in a template')
  t.equal(text('{% import "part" as g with context %}{{ g.isAdmin }}{{ isAdmin }}{% include "base" %}', poison), 'base')
  t.equal(({} as any).isAdmin, undefined)
  class Account { readonly #name = 'Ann'; get name (): string { return this.#name } hello (): string { return 'hi' } }
  class Old { declare kind: string }
  Old.prototype.kind = 'old'
  const inherits = Object.create({ hello: () => 'hi', get name () { return 'Bob' }, data: 'no' })
  t.equal(text('{{ a.name }}{{ a.hello() }}{{ o.kind }}{{ i.name }}{{ i.hello() }}{{ i.data }}', { a: new Account(), o: new Old(), i: inherits }), 'AnnhioldBobhi', 'what classes give stays')
  const tagged = new TemplateEnvironment({ main: '{% show %}' })
  tagged.addExtension('show', {
    tags: ['show'],
    parse (parser: any, nodes: any) {
      const token = parser.nextToken()
      parser.advanceAfterBlockEnd(token.value)
      return new nodes.CallExtension(this, 'run', null, [])
    },
    run: (context: any) => String(context.lookup('isAdmin'))
  } as any, { reads: ['isAdmin'] })
  t.equal(tagged.render('main', poison), 'undefined', 'nor for a tag that looks it up')
})

/** Expressions over a value `x`, a list `xs` that holds it, and a text `s`. */
const EXPRESSIONS = [
  '{{ x }}', '{{ xs }}', '{{ [x, [x]] }}', '{{ x ~ "a" }}{{ "a" ~ x }}{{ x ~ x }}', '{{ x + 1 }}{{ "a" + x }}{{ x + x }}{{ xs + xs }}', '{{ x - 1 }}{{ x * 2 }}{{ x / 2 }}{{ x % 2 }}{{ x // 2 }}{{ x ** 2 }}{{ -x }}{{ +x }}',
  '{{ x == 1 }}{{ x == x }}{{ x == "[object Object]" }}{{ x != xs[0] }}{{ x == null }}{{ xs == x }}{{ xs == xs }}{{ x == other }}', '{{ x < 1 }}{{ x > "a" }}{{ x <= x }}{{ x >= xs }}{{ 1 < x }}', '{{ x === x }}{{ x !== other }}',
  '{{ (x, x) ~ 1 }}{{ (x if yes else 1) ~ "" }}{{ x and 1 }}{{ x or 1 }}{{ not x }}{{ (x or 1) ~ 2 }}{{ not x == 1 }}', '{% if x %}yes{% endif %}{% if x == 1 %}yes{% elif x < 2 %}no{% else %}none{% endif %}', '{% switch x %}{% case 1 %}1{% case x %}x{% default %}d{% endswitch %}',
  '{{ x|random }}{{ [x]|random }}{{ [[x]]|random }}', '{{ o[x] }}{{ o[xs] }}{{ s[x] }}{{ xs[x] }}', '{{ x in o }}{{ x in xs }}{{ x in s }}{{ xs in s }}', '{{ x.nothing }}{{ x.nothing.deep }}',
  '{% for i in x %}{{ i }}{% else %}none{% endfor %}', '{% for i in xs %}{{ i }}{{ loop.index }}{% endfor %}', '{% for k, v in x %}{{ k }}={{ v }}{{ loop.length }}{% else %}none{% endfor %}', '{% for k, v in [xs] %}{{ k }}{{ v }}{% endfor %}',
  '{% macro m(a, b="b") %}{{ a }}/{{ b }}{% endmacro %}{{ m(x) }}{{ m(x, x) }}{{ m(1, x) }}{{ m(b=x) }}{{ m(x, b=1) }}{{ m() }}{{ m(1, 2, x) }}', '{% macro m(a) %}{{ caller(a) if caller }}{% endmacro %}{{ m(x) }}{% call(v) m(x) %}[{{ v }}]{% endcall %}', '{% from "part" import m %}{{ m(x) }}{{ m(x, x) }}',
  '{% set y = x %}{{ y }}{{ y.nothing }}', '{% set y %}{{ x }}{% endset %}{{ y }}', '{% filter upper %}{{ x }}{% endfilter %}', '{{ [x].join("-") }}{{ xs.toString() }}{{ xs.indexOf(x) }}{{ xs.includes(x) }}', '{{ s.indexOf(x) }}{{ s.concat(x) }}{{ s.replace("a", x) }}{{ s.padEnd(x) }}', '{{ x.toUpperCase() }}', '{{ x() }}', '{{ x.nothing() }}',
  '{{ range(x) }}{{ range(0, x) }}{{ range(x, 3) }}{{ range(0, 2, x) }}', '{{ cycler(x, 1).next() }}', '{% set j = joiner(x) %}{{ j() }}{{ j() }}',
  ...[
    'abs', 'batch(2)', 'capitalize', 'center(9)', 'default(1)', 'd(1)', 'dictsort', 'dictsort(true, "value")', 'dump', 'e', 'escape', 'first', 'float', 'float(1)', 'forceescape', 'groupby("a")', 'indent', 'int', 'int(2)', 'int(base=16)', 'join', 'join("-")', 'join("-", "a")', 'last', 'length', 'list', 'lower', 'nl2br', 'reject', 'reject("odd")', 'rejectattr("a")',
    'replace("a", "b")', 'replace("", "b")', 'reverse', 'round', 'round(2)', 'select', 'select("even")', 'select("eq", 1)', 'selectattr("a")', 'slice(2)', 'slice(2, 0)', 'sort', 'sort(true)', 'sort(attribute="a")', 'string', 'striptags', 'striptags(true)', 'sum', 'sum("a")', 'sum("a", 1)', 'title', 'trim', 'truncate', 'truncate(2)', 'truncate(2, true)', 'upper', 'urlencode', 'urlize', 'wordcount'
  ].flatMap((filter) => [`{{ x|${filter} }}`, `{{ xs|${filter} }}`, `{{ deep|${filter} }}`]),
  ...[
    'batch(x)', 'batch(2, x)', 'center(x)', 'default(x)', 'indent(x)', 'join(x)', 'join("-", x)', 'replace(x, "b")', 'replace("a", x)', 'replace("a", "b", x)', 'round(x)', 'select("gt", x)', 'select("ge", x)', 'select("divisibleby", x)', 'select("eq", x)', 'selectattr(x)', 'groupby(x)', 'sort(x)', 'sort(attribute=x)', 'slice(x)', 'sum(x)', 'sum("n", x)', 'truncate(x)', 'truncate(1, true, x)', 'urlize(x)', 'int(x)', 'int(1, x)', 'float(x)', 'dump(x)', 'dictsort(x, "value")'
  ].flatMap((filter) => [`{{ s|${filter} }}`, `{{ rows|${filter} }}`, `{{ 5|${filter} }}`]),
  ...['callable', 'defined', 'divisibleby(2)', 'escaped', 'eq(1)', 'sameas(x)', 'even', 'odd', 'falsy', 'truthy', 'ge(1)', 'gt(x)', 'le("a")', 'lt(x)', 'lower', 'upper', 'ne(x)', 'null', 'number', 'string', 'undefined', 'iterable', 'mapping'].flatMap((test) => [`{{ x is ${test} }}`, `{{ xs is ${test} }}`]),
  ...['divisibleby', 'ge', 'gt', 'lessthan', 'le', 'eq', 'ne'].map((test) => `{{ 5 is ${test}(x) }}{{ s is ${test}(x) }}`),
]

/** Values of JSON, with one key each that JavaScript, nunjucks or we might ask for. */
const VALUES = ['1', '-1', '1000000000', '"x"', 'null', 'true', '[1]', '{"a":1}', '"<b>"']
const NAMES = [
  'toString', 'valueOf', 'toJSON', 'length', 'then', 'hasOwnProperty', 'map', 'filter', 'join', 'indexOf', 'split', 'constructor', '__proto__', 'prototype', 'val', '__keywords', 'raw', 'size', 'next', 'toLowerCase', 'replace', 'caller', 'call', 'apply', 'lineno', 'type', 'slots', 'shape', 'toLocaleString', 'slice', 'push', 'reduce', 'forEach', 'substring', 'Symbol(Symbol.iterator)', 'done', 'html', 'loader', 'why'
]
const ORDINARY = 'ordinaryname'

t.test('D11 K01 I send JSON whose keys are named like what JavaScript asks for: it is shown, added, compared and filtered like any other', async (t) => {
  const seed = 50011
  t.comment(`seed ${seed}`)
  const random = new Random(seed)
  const around = (x: unknown, yes: boolean): object => ({
    x, xs: [x, yes ? 'b' : 2, x], deep: [[x], [1]], s: 'a b', o: { a: 1, '[object Object]': 'o' }, rows: [{ n: 1, a: 'p' }, { n: 2, a: x }], other: parse('{"a":1}'), yes
  })
  const bare = (value: object): object => Object.assign(Object.create(null), value)
  const named = (name: string, value: string): any => parse(`{"first":1,${JSON.stringify(name)}:${value}}`)
  const compare = (main: string, name: string, value: string, yes: boolean): string | null => {
    const expected = outcome(main, around(named(ORDINARY, value), yes))
    for (const form of [(given: object) => given, bare]) {
      const got = outcome(main, around(form(named(name, value)), yes))
      // Keys are shown in loops and dumps, where they are sorted too.
      if (got.replaceAll(name, ORDINARY).length !== expected.length || [...got.replaceAll(name, ORDINARY)].sort().join('') !== [...expected].sort().join('')) {
        return `${main} with {${name}: ${value}}: ${got.slice(0, 200)}, and for an ordinary name ${expected.slice(0, 200)}`
      }
    }
    return null
  }
  const found: string[] = []
  const NASTY = [['toString', '1'], ['length', '1000000000'], ['length', '1'], ['__keywords', 'true'], ['__proto__', '{"a":1}']] as const
  for (const main of EXPRESSIONS) {
    for (const [name, value] of NASTY) found.push(...[compare(main, name, value, true)].filter((each) => each !== null))
    for (let n = 0; n < 3; n++) found.push(...[compare(main, random.pick(NAMES), random.pick(VALUES), random.chance(0.5))].filter((each) => each !== null))
  }
  t.same(found, [])
})

t.test('D11 I send lists inside of themselves, and the application sends objects that print themselves', async (t) => {
  const around = (first: unknown): unknown[] => {
    const list: unknown[] = [first]
    list.push(list, [list])
    return list
  }
  const main = '{{ list }}{{ list ~ "" }}{{ list|join("-") }}{{ list == list }}{{ list == other }}'
  t.equal(text(main, { list: around(parse('{"toString":1}')), other: [] }), text(main, { list: around({ a: 1 }), other: [] }))
  const two = (name: string): object => ({ o: parse(`{"b":{"${name}":1},"a":{"${name}":2},"c":"z"}`) })
  t.equal(text('{{ o|dictsort(true, "value") }}{{ o|dictsort }}', two('toString')), text('{{ o|dictsort(true, "value") }}{{ o|dictsort }}', two('ordinary')))
  t.equal(text('{{ money }}{{ money ~ "" }}{{ money|string }}', { money: { toString: () => '5 Eur' } }), '5 Eur5 Eur5 Eur')
})

t.test('K01 I write template code into a field: it prints itself, wherever a template lets it through', async (t) => {
  const u = '{{7*7}}{% include "base" %}{# x #}${7*7}#{7*7}'
  const shown = '{{7*7}}{% include &quot;base&quot; %}{# x #}${7*7}#{7*7}'
  t.equal(text('{{ u }}{{ u|trim }}{{ [u]|join }}{% set v %}{{ u }}{% endset %}', { u }), shown.repeat(3))
  t.equal(text('{{ o[u] }}{{ o|dictsort|first|first }}{% for k, v in o %}{{ k }}{% endfor %}', { u, o: { [u]: '' } }), shown.repeat(2))
  t.equal(text('{% macro m(a) %}{{ a }}{{ caller() }}{% endmacro %}{% call m(u) %}{{ u }}{% endcall %}', { u }), shown.repeat(2))
  t.equal(new TemplateEnvironment({}).renderString('{{ u }}', { u }), shown, 'nor where the application renders a string')
  t.match(outcome('{{ env.renderString(u) }}{{ this.env }}', { u }), /^fails/)
  t.equal(text('{{ range.env }}{{ g }}{{ renderString }}{{ getTemplate }}{{ ctx }}{{ frame }}{{ cb }}{{ S }}{{ Tree }}{{ fail }}'), '')
})

t.test('K02 I name the template that is included, imported or extended: what is written out stands, whatever I send', async (t) => {
  const environment = new TemplateEnvironment({ a: 'a', secret: '{{ secret }}', main: '{% include name %}', imports: '{% import name as g %}', from: '{% from name import m %}', extends: '{% extends name %}', ignored: '{% include name ignore missing %}', either: '{% include ["secret", name] %}', __proto__: 'p', raw: '' })
  const foreign = new Environment([])
  const names: unknown[] = [
    'secret', './secret', '../secret', 'a/../secret', '..\\secret', 'secret\0', '%2e%2e/secret', '..%2fsecret', 'C:/secret', '\\\\host\\share\\secret', '/etc/passwd', 'file:///etc/passwd', 'x'.repeat(100_000), '\u2024\u2024/secret', '\uff0e\uff0e/secret', 'secret.', 'secret ', 'SECRET', 'con', 'nul', '',
    '__proto__', 'constructor', ['secret'], [['secret']], ['a', 'secret'], { raw: 'secret' }, { val: 'secret' }, { toString: 1 }, { path: 'secret' }, { raw: { raw: 'secret' } }, Object('secret'), new SafeString('secret'), 5, true, null, undefined, Symbol('secret'), foreign, { tmplStr: '{{ secret }}', compile: 1 }
  ]
  for (const page of ['main', 'imports', 'from', 'extends', 'ignored']) {
    const program = environment.compile(page, { includes: ['a'] })
    for (const name of names) {
      t.throws(() => program.render({ name, secret: 's' }), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC', template: page }, `${page} ${typeof name}`)
      t.throws(() => environment.render(page, { name, secret: 's' }), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC' }, `${page} as text`)
      t.throws(() => environment.renderString('{% include name %}', { name, secret: 's' }), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC' })
    }
  }
  t.throws(() => environment.compile('either'), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC' })
  for (const name of [{ raw: 'secret' }, { toString: 1 }, ['secret']]) t.throws(() => environment.getTemplate(name), { message: /names must be a string/ })
  t.equal(new TemplateEnvironment({ secret: 's' }, { compatible: true }).getTemplate({ raw: 'secret' }).render(), 's', 'as in nunjucks')
})

t.test('D11 I mark my row as keyword arguments: a macro and a filter take it for data', async (t) => {
  const row = parse('{"__keywords":true,"b":"mine","caller":"c","attribute":"n","base":36,"reverse":true}')
  const macro = '{% macro m(a, b="ours") %}{{ b }}{{ "called" if caller }}{% endmacro %}'
  t.equal(text(`${macro}{{ m(row) }}{{ m(1, row).length }}{{ m(a=row) }}`, { row }), 'ours15ours')
  t.equal(text(`${macro}{{ m(1, b="named") }}{{ [2, 1]|sort(reverse=true) }}{{ "11"|int(base=2) }}{{ [{n: 2}, {n: 1}]|sort(attribute="n")|join("", "n") }}`), 'named2,1312')
  t.equal(text('{{ ["b", "a"]|sort(row) }}{{ "z"|int(row) }}', { row }), 'b,a[object Object]')
})

t.test('D11 I choose how much is made: one number cannot take the memory', async (t) => {
  for (const n of [1e6, 1e9, Infinity, '1e9', Number.MAX_SAFE_INTEGER]) {
    for (const main of ['{{ range(n) }}', '{{ range(0, n, 1) }}', '{{ range(0, n, 0.001) }}', '{{ range(n, 0, -1)|length }}', '{{ [1]|batch(n, "x") }}', '{{ [1]|slice(n) }}']) {
      // A text counts down to nothing.
      if (typeof n === 'string' && main.includes('-1')) continue
      t.match(outcome(main, { n }), /^fails: LIVE_ERR_TEMPLATE_SIZE$/, `${main} ${n}`)
    }
  }
  for (const n of [1e7, 1e9, Infinity, '1e9']) {
    for (const main of ['{{ "x"|center(n) }}', '{{ "x\ny"|indent(n) }}', '{{ "x".repeat(n) }}', '{{ "x".padStart(n) }}', '{{ "x".padEnd(n, "ab") }}']) {
      t.match(outcome(main, { n }), /^fails: LIVE_ERR_TEMPLATE_SIZE$/, `${main} ${n}`)
    }
  }
  const long = 'x'.repeat(20_000)
  t.match(outcome('{{ long|replace("x", long) }}', { long }), /SIZE$/)
  t.match(outcome('{{ long|replace("", long) }}', { long }), /SIZE$/)
  t.match(outcome('{{ range("1", "5") }}', {}), /SIZE$/, 'which never ends in nunjucks')
  t.throws(() => text('{{ range(n) }}', { n: 1e9 }), { code: 'LIVE_ERR_TEMPLATE_SIZE', template: 'main', line: 1, message: /range\(\) would make more than 100000 items\. Bound the number.*Math\.min\(count, 100\)/ })
  t.equal(text('{{ range(100000)|length }}{{ ("x"|center(1000000)).length }}{{ long|replace("y", long)|length }}{{ 1|round(400) }}{{ "x"|truncate(1000000000) }}{{ 5|replace("5", "6") }}', { long }), '100000100000020000NaNx6')
  t.equal(text('{{ {"length": n}|reverse }}{{ {"length": n}|last }}{{ {"length": n}|batch(2) }}{{ {"length": n}|select }}{{ {"length": n}|sort }}{{ {"length": n}|join("", "a") }}{% for x in {"length": n} %}x{% endfor %}', { n: 1e9 }), '')
  const environment = new TemplateEnvironment({ main: '{{ range(3) }}{{ "x"|center(1) }}' })
  environment.addGlobal('range', () => 'own').addFilter('center', () => 'own')
  t.equal(environment.render('main'), 'ownown', "an application's own stand in their place")
})

t.test('D11 I send a run of spaces or of open tags: it is searched once', async (t) => {
  const n = 300_000
  for (const u of [`x${' '.repeat(n)}x`, '<a'.repeat(n), `${'<!--'.repeat(n)}>`, `a${'\n '.repeat(n)}b`]) {
    t.ok(text('{{ u|trim|length }}{{ u|striptags|length }}{{ u|striptags(true)|length }}', { u }))
  }
  t.equal(text('{{ "\ud800x"|urlencode }}{{ u|urlencode }}{{ o|urlencode }}', { u: '\ud800x', o: { a: '\udfff', b: [1] } }), '%EF%BF%BDx%EF%BF%BDxa=%EF%BF%BD&amp;b=1')
})

t.test("hardened filters and range give nunjucks' own results for ordinary data", async (t) => {
  const seed = 50012
  t.comment(`seed ${seed}`)
  const random = new Random(seed)
  const ours = new TemplateEnvironment({}).filters
  const environment = new Environment([])
  const range = new TemplateEnvironment({}).getGlobal('range')
  const texts = ['', 'a', 'B', 'b <i>x</i> c', '  x  y ', 'ä\r\n\n\n\nb  ', 'x.com a@b.de', '10', '1.5', 'a-b', '<!-- c --> d <b', '<<b>i>', ' \n a   \n  b \n', '> <p a=">">-->']
  const scalar = (): unknown => random.pick([random.pick(texts), random.below(9) - 3, random.below(90) / 8, random.chance(0.5), null, undefined, 0])
  const record = (): object => ({ a: scalar(), n: random.below(5), o: { p: scalar() } })
  const value = (): unknown => random.pick([scalar, record, () => Array.from({ length: random.below(6) }, scalar), () => Array.from({ length: random.below(6) }, record), () => new SafeString(random.pick(texts)), () => new Map([['a', 1]]), () => new Set([1]), () => new Date(5)])()
  const argument = (): unknown => random.pick([scalar, scalar, () => random.pick(['a', 'n', 'o.p', 'nothing', 'odd', 'string', 'value', 'key']), () => random.below(5), () => random.chance(0.5), () => undefined, () => /a/g])()
  const attempt = (run: () => unknown): unknown => {
    try {
      const result = run()
      return result instanceof SafeString ? `safe ${String(result)}` : result
    } catch {
      return 'fails'
    }
  }
  const differing: unknown[] = []
  const hardened = Object.keys(environment.filters).filter((name) => !['random', 'safe', 'escape', 'e', 'forceescape', 'nl2br', 'trim', 'indent', 'string'].includes(name) || ['trim', 'indent'].includes(name))
  for (const name of hardened) {
    for (let n = 0; n < 60; n++) {
      const args = [value(), ...Array.from({ length: random.below(4) }, argument)]
      // Ours leaves out what a SafeString inherits.
      if (name === 'dictsort' && args[0] instanceof SafeString) continue
      const [expected, actual] = [environment.filters, ours].map((filters) => attempt(() => filters[name]?.apply({ env: environment }, args)))
      const show = (result: unknown): string => JSON.stringify(result, (_, each) => each === undefined ? '_' : Number.isNaN(each) ? 'NaN' : each) ?? '_'
      if (show(actual) !== show(expected)) differing.push(`${name}(${args.map((each) => each instanceof SafeString ? 'safe' : show(each)).join(', ')}): ${show(actual)}, and in nunjucks ${show(expected)}`)
    }
  }
  for (let n = 0; n < 300; n++) {
    const args = [() => random.below(9) - 2, argument, () => random.below(5) - 2].slice(0, 1 + random.below(3)).map((each) => each())
    const expected = typeof args[0] === 'string' || args[1] instanceof RegExp ? null : attempt(() => environment.getGlobal('range')(...args))
    if (expected !== null && JSON.stringify(attempt(() => range(...args))) !== JSON.stringify(expected)) differing.push(['range', args, expected])
  }
  t.same(differing, [])
})
