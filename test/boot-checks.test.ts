import t from 'tap'
import { readFile } from 'node:fs/promises'
import { createTemplates } from '../example/templates.ts'
import { ordersView } from '../example/orders.ts'
import { analyseFields } from '../lib/template/fields/analyse-fields.ts'
import { analyseProgram } from '../lib/template/fields/analyse-program.ts'
import { checkFields } from '../lib/template/fields/check-fields.ts'
import { checkWholeReads } from '../lib/template/fields/check-whole-reads.ts'
import type { FieldSchema } from '../lib/template/fields/field-schema.ts'
import { createNameCheck } from '../lib/template/fields/name-check.ts'
import type { FieldSet } from '../lib/template/fields/field-set.ts'
import { Environment, parse } from '../lib/template/nunjucks.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import type { CompiledView } from '../lib/view/compiled-view.ts'
import { defineView } from '../lib/view/define-view.ts'
import { UNKNOWN_SCHEMA, readLoaderSchema } from '../lib/view/loader-schema.ts'
import { stateKeysOf } from '../lib/view/state-keys.ts'

const text = { type: 'string' }
const address = { type: 'object', properties: { city: text, zip: text } }
const schemas: Record<string, object | null> = {
  user: { type: 'object', properties: { name: text, email: text, address, tags: { type: 'array', items: text } } },
  orders: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' }, total: { type: 'number' }, lines: { type: 'array', items: { type: 'object', properties: { sku: text } } } } } },
  prices: { type: 'object', additionalProperties: { type: 'number' } },
  product: { type: 'object', properties: { title: text } },
  either: { anyOf: [{ type: 'array', items: address }, text] },
  open: { type: 'object', properties: { a: text }, additionalProperties: true },
  nested: { $ref: '#/$defs/list', $defs: { list: { type: 'array', items: { $ref: '#/$defs/list' } } } },
  count: null,
  plain: null,
  rows: null,
}
const loaders = new Map<string, FieldSchema | null>(Object.entries(schemas).map(([name, schema]) => {
  return [name, schema === null ? null : readLoaderSchema(schema, name, (problem) => { throw new Error(problem) })]
}))

loaders.set('any', UNKNOWN_SCHEMA)

type Extend = (environment: TemplateEnvironment) => void

function analyse (main: string, others: Record<string, string> = {}, extend: Extend = () => {}): FieldSet {
  const environment = new TemplateEnvironment({ main, ...others })
  extend(environment)
  return analyseProgram(environment.compile('main'))
}

/** The code and the message of what is wrong; null where nothing is. */
function refusal (main: string, others: Record<string, string> = {}, extend: Extend = () => {}): string | null {
  const fields = analyse(main, others, extend)
  try {
    checkFields(fields, loaders)
    checkWholeReads(fields, loaders)
    return null
  } catch (error: any) {
    t.match(error.message, new RegExp(`^${error.template as string}:${error.line as string}:${error.column as string}: `))
    return `${error.code as string} ${error.message as string}`
  }
}

t.test('a field that the schema does not name is refused where it stands, with the name that was meant', async (t) => {
  const cases: ReadonlyArray<readonly [string | Record<string, string>, RegExp]> = [
    ['a\n  {{ user.emial }}', /UNKNOWN_FIELD main:2:6: 'emial' is not a field of loader 'user'\. Did you mean 'email'\?/],
    ['{{ user.address.citty }}', /'citty' is not a field of 'user\.address', of loader 'user'\. Did you mean 'city'/],
    ['{% for e in either %}{{ e.citty }}{% endfor %}', /'citty'/],
    ['{% for o in orders %}{{ o.totl }}{% endfor %}', /'totl' is not a field of 'orders\[\]', of loader 'orders'\. Did you mean 'total'/],
    ['{{ orders[0].totl }}', /Did you mean 'total'/],
    ['{% for o in orders %}{% for l in o.lines %}{{ l.zzzzzzzz }}{% endfor %}{% endfor %}', /'zzzzzzzz' is not a field of 'orders\[\]\.lines\[\]'.*Its fields: sku\. Correct the name, or add it/],
    ['{{ orders.total }}', /'total' is not a field of loader 'orders', which is a list: loop over it, {% for one in orders %}{{ one\.total }}/],
    ['{{ user.name.first }}', /'first' is not a field of 'user\.name'.*It has none, being a single value/],
    ['{% if user.admin %}x{% endif %}', /'admin'/],
    ['{{ user["emial"] }}', /Did you mean 'email'/],
    ['{% set x = user.emial %}', /Did you mean 'email'/],
    ['{% set u = user %}{{ u.emial }}', /of loader 'user'/],
    ['{% if count %}{% set user = 1 %}{% endif %}{{ user.emial }}', /'emial'/],
    ['{{ orders | sort(attribute="totl") | length }}', /'totl'/],
    ['{{ orders | join(",", "totl") }}', /'totl'/],
    ['{{ user.getName() }}', /'getName'/],
    [{ main: '{% include "part" %}', part: '\n{{ user.emial }}' }, /UNKNOWN_FIELD part:2:4:/],
    [{ main: '{% import "part" as p %}{{ p.m(user) }}', part: '{% macro m(u) %}{{ u.emial }}{% endmacro %}' }, /UNKNOWN_FIELD part:1:20: .*of loader 'user'/],
    [{ main: '{% extends "part" %}{% block b %}{{ user.emial }}{% endblock %}', part: '{% block b %}{% endblock %}' }, /UNKNOWN_FIELD main:1:37:/],
    ['{% macro m(o) %}{{ o.sku }}{% endmacro %}{{ m(user) }}{{ m(product) }}', /'sku'/],
    ['{% for k, v in user %}{{ v.city }}{{ v.street }}{% endfor %}', /'street'/],
  ]
  for (const [given, expected] of cases) {
    const { main, ...others } = typeof given === 'string' ? { main: given } : given as { main: string }
    t.match(refusal(main, others), expected, main)
  }
  t.match(refusal('{{ user | f }}', {}, (environment) => { environment.addFilter('f', String, { reads: ['emial'] }) }), /'emial' is not a field/, 'a declaration')
})

t.test('what a schema names is accepted, and so is what it cannot know', async (t) => {
  for (const main of [
    '{{ user.name }}{{ user.address.city }}{{ user.tags | join(",") }}{{ user.name.length }}{{ user.name.toUpperCase() }}',
    '{{ orders.length }}{% for o in orders %}{{ o.id }}{{ o.lines.length }}{{ o.lines[0].sku }}{{ o.total.toFixed(2) }}{% endfor %}',
    '{{ orders.slice(0, 1) }}{{ orders | dump }}{{ user | dump }}{% for k, v in user %}{{ k }}{{ v.city }}{% endfor %}{{ user[key] }}',
    '{% for name, price in prices %}{{ name }}{{ price }}{% endfor %}{{ prices.apple }}{{ prices | dump }}{{ open.b }}{{ open.a }}',
    '{% for e in either %}{{ e | dump }}{{ e.city }}{% endfor %}{{ open[key].x }}{{ any[0].x }}{{ any.y }}',
    '{{ plain.anything }}{{ state.anything }}{{ count }}',
    '{% macro m(o) %}{{ o.title or o.name }}{% endmacro %}{{ m(user) }}{{ m(product) }}',
    '{% for p in [1] %}{% set p2 = user %}{{ p2.name }}{% set p2 = product %}{{ p2.title }}{% endfor %}',
    '{% macro m(user) %}{{ user.title }}{% endmacro %}{{ m(product) }}',
    '{% macro m(user={}) %}{{ user.nick }}{% endmacro %}{{ m(user={ nick: 1 }) }}',
    '{% for user in orders %}{{ user.total }}{% endfor %}{% set product = { price: 1 } %}{{ product.price }}',
    '{% for o in orders | groupby("total") %}{{ o }}{% endfor %}{{ nested[0][1] }}{% for a, b in orders %}{% endfor %}',
  ]) t.equal(refusal(main), null, main)
})

t.test('reading all of a loader without a schema is refused, where something reads objects', async (t) => {
  const own: Extend = (environment) => {
    environment.addFilter('mine', String).addTest('fine', Boolean).addGlobal('show', String)
    environment.addExtension('box', {
      tags: ['box'],
      parse (parser: any, nodes: any) {
        const token = parser.nextToken()
        const args = parser.parseSignature(null, true)
        parser.advanceAfterBlockEnd(token.value)
        return new nodes.CallExtension(this, 'run', args, [])
      },
    })
  }
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    ['x\n{{ plain | dump }}', /WHOLE_READ main:2:4: the filter 'dump' reads all of loader 'plain', which has no schema.*Show its fields, such as {{ plain\.name }}; or give the loader a schema.*declare/],
    ['{{ plain | urlencode }}', /the filter 'urlencode'/],
    ['{{ rows[0] | dump }}', /the filter 'dump' reads all of loader 'rows'/],
    ['{{ plain | mine }}', /the filter 'mine'/],
    ['{{ 1 | mine(plain) }}', /the filter 'mine'/],
    ['{% if plain is fine %}x{% endif %}', /the test 'fine'/],
    ['{{ rows | select("fine") | length }}', /the test 'fine'/],
    ['{{ rows | select(name) | length }}', /the test 'that data names'/],
    ['{{ show(plain) }}', /the function 'show'/],
    ['{{ show({ a: [plain] }) }}', /the function 'show'/],
    ['{{ can("edit", plain) }}', /the function 'can'/],
    ['{{ (show or can)(plain) }}', /the function '\(\.\.\.\)'/],
    ['{% box plain %}', /the tag 'box'/],
    ['{{ plain[key] }}', /a computed key/],
    ['{% for r in rows %}{{ r[key] }}{% endfor %}', /a computed key reads all of loader 'rows'/],
    ['{% for r in rows %}{{ r | dump }}{% endfor %}', /the filter 'dump'/],
    ['{{ rows.slice(0, 2) }}', /the method 'slice'/],
    ['{{ rows[method]() }}', /the method/],
    ['{% for k, v in plain %}{{ k }}{% endfor %}', /a loop over its keys/],
    ['{{ plain | dictsort }}', /the filter 'dictsort'/],
    ['{{ rows | sort(attribute=by) | length }}', /the filter 'sort', whose attribute is data,/],
    ['{{ open | dump }}', /loader 'open', whose schema does not name its fields/],
    ['{{ either | dump }}', /loader 'either', whose/],
    ['{{ nested | dump }}', /loader 'nested', whose schema does not name/],
    ['{% macro tree(r) %}{{ r.name }}{% for c in r %}{{ tree(c) }}{% endfor %}{% endmacro %}{{ tree(rows) }}', /a recursion, which is followed three deep,/],
  ]
  for (const [main, expected] of cases) t.match(refusal(main, {}, own), expected, main)
  t.match(refusal('{% include "part" %}', { part: '{% import "lib" as l %}\n{{ l.m(plain) }}', lib: '{% macro m(x) %}\n{{ x | dump }}{% endmacro %}' }), /WHOLE_READ lib:2:4:/)
})

t.test('text, numbers, comparisons and named fields of a loader without a schema are accepted', async (t) => {
  const declared: Extend = (environment) => {
    environment.addFilter('mine', String, { reads: ['name'] }).addFilter('all', String, { reads: 'all' }).addTest('fine', Boolean, { reads: ['ok'] })
    environment.addGlobal('show', String, { reads: [] })
  }
  for (const main of [
    '{{ count }}{{ count + 1 }}{{ count == 1 }}{{ count is odd }}{{ count | round }}{{ count.toFixed(2) }}{% for n in range(count) %}{{ n }}{% endfor %}',
    '{{ plain }}{% if plain %}x{% endif %}{{ plain is defined }}{{ plain.name | dump }}{{ plain.prefs[key] }}{{ can("edit", plain.id) }}',
    '{% for r in rows %}{{ r }}{{ r.name }}{{ r.prefs | dump }}{% endfor %}{{ rows | length }}{{ rows | join(",") }}{{ rows | first }}',
    '{{ rows[index].name }}{% for r in rows %}{{ r.id }}{% endfor %}',
    '{{ rows | sort }}{{ rows | sum }}{{ rows | sort(attribute="n") | length }}{{ 1 in rows }}{{ rows | select("odd") }}{{ rows.indexOf(1) }}{{ rows | reject | length }}',
    '{{ plain | mine }}{{ plain | all }}{% if plain is fine %}x{% endif %}{{ rows | select("fine") | length }}{{ show(plain) }}',
    '{% macro tree(r) %}{{ r.name }}{% for c in r.kids %}{{ tree(c) }}{% endfor %}{% endmacro %}{{ tree(plain) }}',
    '{% for plain in other %}{{ plain | dump }}{% endfor %}{{ state | dump }}{% set c = cycler("a", "b") %}{{ c.next() }}',
  ]) t.equal(refusal(main, {}, declared), null, main)
})

t.test('a program that cannot be followed reads everything, which needs schemas', async (t) => {
  const fields = analyseFields({ ast: () => parse('{% include name %}', new Environment([])) }, 'main')
  t.throws(() => checkWholeReads(fields, new Map([['user', null]])), { code: 'LIVE_ERR_WHOLE_READ', message: /^main:1:1: a program that is too large/ })
  t.doesNotThrow(() => checkWholeReads(fields, new Map([['user', loaders.get('user') as FieldSchema]])))
})

t.test('names are checked at boot as far as they are known, and the rest with the first mount', async (t) => {
  const fields = analyse('{{ page }}{{ orders.length }}\n{{ csrf }}{{ can("x") }}')
  const known = { fields, loaders: ['orders'], globals: ['can', 'flash'] }
  t.ok(createNameCheck({ ...known, state: ['page'], requestGlobals: ['csrf'] }).complete)
  t.throws(() => createNameCheck({ ...known, state: ['page'], requestGlobals: ['csfr'] }), { code: 'LIVE_ERR_UNKNOWN_ROOT', line: 2, message: /'csrf' is neither.*Did you mean 'csfr'/ })
  t.throws(() => createNameCheck({ ...known, state: ['orders'], requestGlobals: null }), { code: 'LIVE_ERR_NAME_COLLISION', message: /'orders' is both a state key and a loader/ })
  t.throws(() => createNameCheck({ ...known, state: null, loaders: ['flash'], requestGlobals: null }), { code: 'LIVE_ERR_NAME_COLLISION', message: /a loader and a global/ })
  t.throws(() => createNameCheck({ ...known, state: null, requestGlobals: ['can'] }), { code: 'LIVE_ERR_NAME_COLLISION' })
  const waiting = createNameCheck({ ...known, state: ['page'], requestGlobals: null })
  t.notOk(waiting.complete)
  t.throws(() => waiting.atMount(['page'], []), { code: 'LIVE_ERR_UNKNOWN_ROOT' })
  t.throws(() => waiting.atMount(['page'], ['csrf', 'page']), { code: 'LIVE_ERR_NAME_COLLISION' })
  waiting.atMount(['page'], ['csrf'])
  t.doesNotThrow(() => waiting.atMount([], []), 'once is enough')
})

t.test('the keys of a state are learned from a call with an empty request, where it answers one', async (t) => {
  const keys = (state: any): readonly string[] | null => stateKeysOf(defineView({ name: 'v', template: 'v.njk', state }))
  t.same(keys(undefined), [])
  t.same(keys(({ query, identity }: any) => ({ page: Number(query.page ?? 1), name: identity.name.toUpperCase(), admin: identity.roles.includes('admin') })), ['page', 'name', 'admin'])
  t.same(keys(({ identity, tenant }: any) => ({ plain: `${String(identity.then)}${String(identity[Symbol.iterator])}`, tenant })), ['plain', 'tenant'])
  t.equal(keys(({ query }: any) => ({ q: query.q.trim() })), null)
  t.equal(keys(() => { throw new Error('no') }), null)
  t.equal(keys(async () => ({ a: 1 })), null)
  t.equal(keys(async () => { throw new Error('no') }), null)
  t.equal(keys(() => 1), null)
})

t.test('a view is compiled when all of its templates fit its loaders and events, fallbacks too', async (t) => {
  const schema = { type: 'object', properties: { name: text } }
  const compile = (template: string, fallback = '<i>-</i>'): CompiledView => compileView(defineView({
    name: 'v', template: 'main', loaders: { user: { schema, fallback: 'fallback', load: () => null }, rows: () => [], unread: () => [] }, events: { go: { run () {} } }
  }), new TemplateEnvironment({ main: template, fallback }), 'strict')
  const body = '<p>{{ user.name }}</p>{% for row in rows %}{{ row.id }}{% endfor %}'
  t.same([...compile(body).placeholders.keys()], ['user', 'rows'])
  t.equal(compile(body).build, compile(body).build)
  t.not(compile(body).build, compile(body, '<b>-</b>').build, 'a page of before another fallback does not fit')
  t.throws(() => compile('{{ user.nmae }}'), { code: 'LIVE_ERR_UNKNOWN_FIELD' })
  t.throws(() => compile('{{ rows | dump }}'), { code: 'LIVE_ERR_WHOLE_READ' })
  t.throws(() => compile(body, '{{ rows.length }}'), { code: 'LIVE_ERR_FALLBACK' })
  t.throws(() => compile('<b live-click="gone"></b>'), { code: 'LIVE_ERR_EVENT_UNKNOWN' })
  t.throws(() => compile(body, '<b live-click="gone"></b>'), { code: 'LIVE_ERR_EVENT_UNKNOWN' })
})

t.test('a name that is not written out needs a list, and data cannot leave it', async (t) => {
  const templates = {
    main: '\n{% include card %}',
    a: '<i>{{ user.name }}</i>',
    b: '<b>{{ count }}</b>',
    secret: '{{ secret }}',
    lib: '{% macro m(card) %}{% include card %}{% endmacro %}',
    layout: '<main>{% block body %}{% endblock %}</main>',
    imports: '{% import card as c %}{{ c.m("a") }}',
    extends: '{% extends card %}{% block body %}x{% endblock %}',
    through: '{% from "lib" import m %}{% import "lib" as l %}{% import "lib" as w with context %}{% filter upper %}{% include "main" %}{% endfilter %}{{ m(card) }}{{ l.m(card) }}{{ w.m(card) }}',
  }
  const environment = new TemplateEnvironment(templates)
  for (const [name, kind] of [['main', 'include'], ['imports', 'import'], ['extends', 'extends']] as const) {
    t.throws(() => environment.compile(name), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC', template: name, message: new RegExp(`${kind} takes the name.*Write the names: {% ${kind} "a.njk".*or list.*includes: \\['a.njk', 'b.njk'\\]`) })
    t.throws(() => environment.compile(name, { includes: [] }), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC' })
  }
  const program = environment.compile('main', { includes: ['a', 'b'] })
  const fields = analyseProgram(program)
  t.equal(fields.everything, false)
  t.same(fields.roots(), ['card', 'count', 'user'])
  t.same(program.templates.map(({ name }) => name), ['main', 'a', 'b'])
  t.equal(String(program.render({ card: 'b', count: 2 })), '\n<b>2</b>')
  for (const [card, message] of [
    ['secret', /main:2:4: the template "secret" is not among those that may stand here: a, b\. Correct the name, or add it/],
    ['nowhere', /"nowhere" is not among/],
    ['../../etc/passwd', /is not among/],
    [undefined, /a value of type undefined/],
    [environment.getTemplate('secret'), /a value of type object/],
    [{ raw: environment.getTemplate('secret') }, /a value of type object/],
    [{ raw: 'secret' }, /a value of type object/],
    [{ val: 'secret', toString: () => 'secret' }, /"secret"/],
    [Object.assign(Object.create({ toString: () => 'a' }), { raw: 'secret' }), /a value of type object/],
  ] as const) t.throws(() => program.render({ card }), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC', template: 'main', message }, String(message))
  t.equal(String(environment.compile('extends', { includes: ['layout'] }).render({ card: 'layout' })), '<main>x</main>')
  const imports = environment.compile('imports', { includes: ['lib', 'a'] })
  for (let n = 0; n < 2; n++) t.equal(String(imports.render({ card: 'lib' })), '<i></i>')
  const through = environment.compile('through', { includes: ['a'] })
  t.throws(() => through.render({ card: 'secret' }), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC' })
  t.equal(String(through.render({ card: 'a', user: { name: 'n' } })), '\n&lt;I&gt;N&lt;/I&gt;<i></i><i></i><i>n</i>')
  t.throws(() => new TemplateEnvironment(templates).render('main', { card: 'a' }), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC', message: /"a" is named by a value, and nothing says.*Write the names, or list them/ })
  t.equal(new TemplateEnvironment(templates).render('main', { card: environment.getTemplate('a') }), '\n<i></i>', 'an object of the application is no data')
  t.equal(new TemplateEnvironment(templates, { compatible: true }).compile('main').render({ card: 'secret', secret: 's' }).toString(), '\ns')
})

t.test('a list may name templates that name one another', async (t) => {
  const environment = new TemplateEnvironment({
    main: '{% include card %}',
    a: '<div>a{% if next %}{% set card = next %}{% set next = null %}{% include card %}{% endif %}</div>',
    b: '{% extends parent %}',
    c: '{% if lib %}{% import lib as l %}{% endif %}<div>c</div>',
  })
  const program = environment.compile('main', { includes: ['a', 'b', 'c'] })
  t.equal(String(program.render({ card: 'a', next: 'b', parent: 'c', lib: 'c' })), '<div>a<div>c</div></div>')
  t.same(analyseProgram(program).roots(), ['card', 'lib', 'next', 'parent'])
})

t.test("nothing is refused in the example's templates, nor in the README's", async (t) => {
  const compiled = compileView(ordersView(null as never), createTemplates(), 'strict')
  const example = new Map(Object.values(compiled.view.loaders).map((loader: any) => [loader.name, loader.schema]))
  t.ok(example.size > 0)
  checkFields(compiled.fields, example)
  checkWholeReads(compiled.fields, example)
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const blocks = [...readme.matchAll(/```(?:html|njk|jinja|nunjucks)\n(.*?)```/gs)].map(([, source]) => source as string)
  t.ok(blocks.length > 0)
  for (const main of blocks) {
    const fields = analyseFields({ ast: (name) => parse(name === 'main' ? main : '', new Environment([])) }, 'main')
    t.doesNotThrow(() => checkWholeReads(fields, new Map(fields.roots().map((name) => [name, null]))), main)
  }
})
