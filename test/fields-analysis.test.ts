import t from 'tap'
import { analyseFields } from '../lib/template/fields/analyse-fields.ts'
import type { AnalysisOptions } from '../lib/template/fields/analysis.ts'
import { analyseProgram } from '../lib/template/fields/analyse-program.ts'
import { checkRoots } from '../lib/template/fields/check-roots.ts'
import { expressions } from '../lib/template/fields/expressions.ts'
import type { FieldSet } from '../lib/template/fields/field-set.ts'
import { statements } from '../lib/template/fields/statements.ts'
import { Environment, nodes, parse, parseForCompiler } from '../lib/template/nunjucks.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'

function analyse (templates: string | Record<string, string>, options?: AnalysisOptions): FieldSet {
  const sources: Record<string, string> = typeof templates === 'string' ? { main: templates } : templates
  const env = new Environment([])
  return analyseFields({ ast: (name) => name in sources ? parse(sources[name] as string, env) : null }, 'main', options)
}

/** `path:mark,mark`, with `!` behind what is shown. */
function paths (fields: FieldSet): string {
  return fields.roots().flatMap((root) => fields.paths(root))
    .map(({ path, marks, shown }) => `${path}:${[...marks].sort().join()}${shown ? '!' : ''}`).join(' ')
}

const reads: Record<string, ReadonlyArray<readonly [string, string | RegExp]>> = {
  'output and lookups': [
    ['{{ a.b.c }}', 'a.b.c:whole!'],
    ['{{ a["b"] }} {{ a[0].c }} {{ a["1"].d }}', 'a.b:whole! a[].c:whole! a[].d:whole!'],
    ['{{ ({x: a} if c else {x: b, y: d}).x }}', 'a:whole! b:whole! c:exists'],
    ['{{ a[k].b }}', 'a[].b:whole! k:whole'],
    ['{{ a.b + 1 }}{{ "x" ~ c }}{{ -d }}{{ (e, f) }}', 'a.b:whole! c:whole! d:whole! f:whole!'],
    ['{{ a == b.c < 3 }}{{ a2 in b2 }}', 'a:whole! a2:whole! b.c:whole! b2:whole!'],
    ['{{ {x: a.b, "y": c}.x }}{{ [d, e.f][1] }}{{ [g][k] }}', 'a.b:whole! e.f:whole! g:whole! k:whole'],
  ],
  'conditions decide, values are shown': [
    ['{% if a.b %}{{ c }}{% elif d %}{{ e }}{% else %}{{ f }}{% endif %}', 'a.b:exists c:whole! d:exists e:whole! f:whole!'],
    ['{{ a.b if c.d else e }}{{ x if y }}', 'a.b:whole! c.d:exists e:whole! x:whole! y:exists'],
    ['{{ a or b.c }}{{ d and e }}{% if not f %}{% endif %}', 'a:exists,whole! b.c:whole! d:exists,whole! e:whole! f:exists'],
    ['{% if a is defined and b is even and c is divisibleby(d) %}{% endif %}', 'a:exists b:whole c:whole d:whole'],
    ['{% switch a.b %}{% case c %}{{ d }}{% default %}{{ e }}{% endswitch %}{% switch f %}{% case 1 %}{% endswitch %}', 'a.b:whole c:whole d:whole! e:whole! f:whole'],
  ],
  loops: [
    ['{% for x in a.list %}{{ x.n }}{{ loop.index }}{% else %}{{ b }}{% endfor %}', 'a.list:iter! a.list[].n:whole! b:whole!'],
    ['{% for x in a %}{% endfor %}', 'a:iter'],
    ['{% for id, user in users %}{{ user.name }}{% endfor %}', 'users:iter,keys users[].1.name:whole! users[].name:whole!'],
    ['{% for id, user in users %}{{ id }}{% endfor %}', 'users:iter,keys! users[].0:whole!'],
    ['{% for x, y, z in points %}{{ z }}{% endfor %}', 'points:iter,keys points[].2:whole!'],
    ['{% asyncEach x in a %}{{ x.n }}{% endeach %}{% asyncAll k in b %}{{ loop.index }}{% else %}{{ c }}{% endall %}',
      'a:iter,keys! a[].n:whole! b:iter,keys! b[]:whole! c:whole!'],
    ['{% for x in [a.b, c] %}{{ x.n }}{% endfor %}{% for k, v in {p: d} %}{{ k }}{{ v.m }}{% endfor %}', 'a.b.n:whole! c.n:whole! d.m:whole!'],
    ['{% for row in rows %}{% for x in row.items %}{{ x.n ~ row.m }}{% endfor %}{% endfor %}', 'rows:iter rows[].items:iter rows[].items[].n:whole! rows[].m:whole!'],
  ],
  'names that templates set': [
    ['{% set x = a.b %}{{ x.c }}', 'a.b.c:whole!'],
    ['{% if a %}{% set x = b %}{% endif %}{{ x.c }}', 'a:exists b.c:whole! x.c:whole!'],
    ['{% set x %}{{ a.b }}{% endset %}{{ x }}', 'a.b:whole!'],
    ['{% set x, y = a %}{{ y.b }}', 'a.b:whole!'],
    ['{% set x = 1 %}{% for i in a %}{% set x = { next: x, value: i.n } %}{% endfor %}{{ x.value }}', 'a:iter a[].n:whole!'],
    ['{% set n = a %}{% for i in b %}{% set n = n.next %}{% endfor %}{{ n.v }}', /^a\.next(\.next){9}:whole! .*a\.v:whole! b:iter$/],
    ['{% filter upper %}{{ a }}{% endfilter %}', 'a:whole!'],
  ],
  filters: [
    ['{{ a | upper }}{{ b.c | replace("x", d) }}{{ e | int(default=f) }}', 'a:whole! b.c:whole! d:whole! e:whole! f:whole!'],
    ['{{ a.b | default(c.d) }}{{ e | d("x", f) }}', 'a.b:exists,whole! c.d:whole! e:exists,whole! f:exists'],
    ['{{ (a | first).n }}{{ (b | last).n }}{{ a2 | random }}', 'a:iter a[].n:whole! a2:iter a2[]:whole! b:iter b[].n:whole!'],
    ['{% if (a | reverse | length) > 1 %}{% endif %}{{ b | length }}', 'a:iter b:iter,keys!'],
    ['{% for x in a | list %}{{ x.key }}{{ x.value.n }}{% endfor %}', 'a:iter,keys! a[].key:whole! a[].n:whole! a[].value.n:whole!'],
    ['{% for xs in a | batch(b, c) %}{% for x in xs %}{{ x.n }}{% endfor %}{% endfor %}', 'a:iter a[].n:whole! b:whole c.n:whole!'],
    ['{% for x in a | select %}{{ x.n }}{% endfor %}', 'a:iter a[]:exists a[].n:whole!'],
    ['{{ (a | reject("odd", b))[0].n }}', 'a:iter,whole a[]:exists a[].n:whole! b:whole'],
    ['{{ (a | selectattr("on"))[0].n }}{{ (b | rejectattr(k)).length }}', 'a:iter a[].n:whole! a[].on:exists b:iter,whole k:whole'],
    ['{% for k, xs in a | groupby("cat.id") %}{{ k }}{% for x in xs %}{{ x.n }}{% endfor %}{% endfor %}', 'a:iter! a[].cat.id:whole! a[].n:whole!'],
    ['{{ (a | groupby("on"))["x"][0].n }}', 'a:iter a[].n:whole! a[].on:whole'],
    ['{{ (a | sort(b, c, "cat.id") | first).n }}{{ (d | sort(attribute="m"))[0].n }}', 'a:iter a[].cat.id:whole a[].n:whole! b:exists c:exists d:iter d[].m:whole d[].n:whole!'],
    ['{{ a | sort | join(b, "n") }}{{ c | join }}', 'a:iter,whole a[].n:whole! b:whole c:iter,whole!'],
    ['{{ a | sum("n", b) }}{{ c | sum }}', 'a:iter a[].n:whole! b:whole! c:iter,whole!'],
    ['{% for k, v in a | dictsort %}{{ k }}{{ v.n }}{% endfor %}', 'a:keys! a[].n:whole!'],
    ['{% for k, v in a | dictsort(b, "value") %}{{ v.n }}{% endfor %}', 'a:keys,whole a[].n:whole! b:exists'],
    ['{{ a | custom(b.c, d=e) }}', 'a:whole! b.c:whole! e:whole!'],
  ],
  'macros, callers, calls': [
    ['{% macro m(x, y) %}{{ x.n }}{% endmacro %}{{ m(a, b) }}{{ m(y=c, x=d) }}', 'a.n:whole! d.n:whole!'],
    ['{% macro m(x, k=a) %}{{ k.n }}{% endmacro %}{{ m(1) }}{{ m(1, b) }}{{ m(1, k=c) }}', 'a.n:whole! b.n:whole! c.n:whole! k.n:whole!'],
    ['{% macro m(x) %}{{ caller(x.c) }}{% endmacro %}{% call(y) m(a) %}{{ y.n }}{{ b }}{% endcall %}', 'a.c.n:whole! b:whole!'],
    ['{% macro tree(n) %}{{ n.v }}{% for c in n.kids %}{{ tree(c) }}{% endfor %}{% endmacro %}{{ tree(root) }}',
      'root.kids:iter root.kids[].kids:iter root.kids[].kids[].kids:iter root.kids[].kids[].kids[]:whole root.kids[].kids[].v:whole! root.kids[].v:whole! root.v:whole!'],
    ['{{ a.f(b.c) }}{{ g(d, e=h) }}', 'a:whole! b.c:whole! d:whole! g:whole! h:whole!'],
    ['{% macro m() %}{{ caller(caller) }}{% endmacro %}{% call(g) m() %}{{ g(g) }}{{ b.n }}{% endcall %}', 'b.n:whole!'],
    ['{% macro m(x) %}{{ x.n }}{% endmacro %}{{ unknown(m) }}{% set c = { a: m } %}{{ c.a(b) }}', 'b.n:whole! unknown:whole!'],
    ['{% macro m() %}{% set kept = caller %}{{ kept(a) }}{% endmacro %}{% call(x) m() %}{{ x.n }}{{ b }}{% endcall %}', 'a:whole! b:whole! kept:whole!'],
    ['{% macro outer() %}{{ caller() }}{% endmacro %}{% macro m(x) %}{% call outer() %}{{ m(x.next) }}{{ x.v }}{% endcall %}{% endmacro %}{{ m(a) }}',
      /^a\.next\.next\.next:whole .*a\.v:whole!$/],
  ],
}

for (const [what, cases] of Object.entries(reads)) {
  t.test(`reads: ${what}`, async (t) => {
    for (const [template, expected] of cases) {
      if (typeof expected === 'string') t.equal(paths(analyse(template)), expected, template)
      else t.match(paths(analyse(template)), expected, template)
    }
  })
}

t.test('reads: across templates', async (t) => {
  const layout = '{{ title }}{% block body %}{{ base }}{% endblock %}'
  const ui = '{% set own = 1 %}{% macro row(o) %}{{ o.id }}{{ hidden }}{{ own }}{% endmacro %}'
  const cases: ReadonlyArray<readonly [Record<string, string>, string]> = [
    [{ main: '{% extends "layout" %}{{ a }}{% block body %}{{ b }}{% endblock %}{% block unused %}{{ c }}{% endblock %}', layout }, 'a:whole! b:whole! title:whole!'],
    [{ main: '{% extends "layout" %}{% block body %}{{ super() }}{{ b }}{% endblock %}', layout }, 'b:whole! base:whole! title:whole!'],
    [{ main: '{% if a %}{% extends "layout" %}{% endif %}{% block body %}{{ b }}{% endblock %}', layout }, 'a:exists b:whole! base:whole! title:whole!'],
    [{ main: '{% extends "layout" if a else "other" %}{% block body %}{{ b }}{% endblock %}', layout, other: '{{ c }}' }, 'a:exists b:whole! base:whole! c:whole! title:whole!'],
    [{ main: '{% import "ui" as ui %}{% for o in orders %}{{ ui.row(o) }}{% endfor %}', ui }, 'orders:iter orders[].id:whole!'],
    [{ main: '{% from "ui" import row as r, own %}{{ r(a) }}{{ own }}', ui }, 'a.id:whole!'],
    [{ main: '{% from "ui" import nothing %}{{ nothing }}', ui }, ''],
    [{ main: '{% import "ui" as ui with context %}{{ ui.row(a) }}', ui }, 'a.id:whole! hidden:whole!'],
    [{ main: '{% include "row" %}{% set o = a %}{% include "row" %}', row: '{{ o.id }}{% set p = b %}{{ p.n }}' }, 'a.id:whole! b.n:whole! o.id:whole!'],
    [{ main: '{% block b %}{% extends "layout" %}{{ a }}{% endblock %}', layout }, 'a:whole!'],
    [{ main: '{% extends "layout" %}{% import "ui" as ui %}{% block body %}{{ ui.row(order) }}{% endblock %}', layout, ui }, 'order.id:whole! title:whole!'],
    [{ main: '{% for o in orders %}{% include "row" %}{% endfor %}', row: '{{ o.total }}' }, 'o.total:whole! orders:iter orders[].total:whole!'],
    [{ main: '{% include ("row" if a else "other") %}{% include "none" ignore missing %}', row: '{{ b }}', other: '{{ c }}' }, 'a:exists b:whole! c:whole!'],
  ]
  for (const [templates, expected] of cases) t.equal(paths(analyse(templates)), expected, templates['main'] as string)
  const tree = analyse({ main: '{% for n in a.kids %}{% include "tree" %}{% endfor %}', tree: '{{ n.v }}{% for n in n.kids %}{% include "tree" %}{% endfor %}' })
  t.ok(tree.paths('a').some(({ path, marks }) => path.startsWith('a.kids[].kids[].kids[]') && marks.includes('whole')), 'a recursive include ends')
  t.same(analyse({ main: '{% include "row" %}', row: '{% extends "layout" %}', layout }).templates, ['layout', 'main', 'row'])
  const resolved = analyseFields({ ast: (name) => parse(name === 'a/main' ? '{% include "./row" %}' : '{{ a }}', new Environment([])), resolve: (name) => `a/${name.slice(2)}` }, 'a/main')
  t.same(resolved.templates, ['a/main', 'a/row'])
})

t.test('a template name that is data reads everything, and is told with its place', async (t) => {
  for (const main of ['{% include x.name %}', '{% include "a" if b else c %}', '{% include "a" if b %}', '\n {% import f(x) as y %}{{ y.z(a) }}']) {
    const fields = analyse({ main, a: '' })
    t.ok(fields.everything && fields.reads('anything') && fields.whole('anything'), main)
    t.equal(fields.dynamicNames.length, 1)
  }
  t.match(analyse('\n {% extends name %}').dynamicNames, [{ template: 'main', line: 2, column: 13 }])
})

t.test('a program that cannot be followed to its end reads everything', async (t) => {
  const levels = Array.from({ length: 16 }, (_, level) => `{% macro m${level + 1}(x) %}{{ m${level}(x) }}{{ m${level}(x.n) }}{% endmacro %}`)
  const fields = analyse(`{% macro m0(x) %}{{ x.v }}{% endmacro %}${levels.join('')}{{ m16(a) }}`)
  t.ok(fields.everything)
  t.notOk(analyse('{{ a }}').everything)
  const backwards = Array.from({ length: 40 }, (_, n) => `{% set x${n} = x${n + 1} %}`).join('')
  t.ok(analyse(`{{ x0.v }}${backwards}{% set x40 = a %}`).everything, 'each round finds one name')
})

t.test('custom filters and tests may read all, also where they replace built-in ones', async (t) => {
  const options = { customFilters: new Set(['first']), customTests: new Set(['defined', 'truthy']) }
  t.equal(paths(analyse('{{ (a | first).n }}{% if b is defined %}{% endif %}{{ (c | select("truthy"))[0].n }}', options)),
    'a:whole! b:whole c:iter,whole c[]:exists c[].n:whole!')
})

t.test('custom tags show their arguments whole and their bodies as they are; async filters likewise', async (t) => {
  const env = new Environment([])
  const tag = (contents: number) => ({
    tags: ['box'],
    parse (parser: any, nodes: any) {
      const token = parser.nextToken()
      const args = parser.parseSignature(null, true)
      parser.advanceAfterBlockEnd(token.value)
      const body = parser.parseUntilBlocks('endbox')
      parser.advanceAfterBlockEnd()
      return new (contents ? nodes.CallExtension : nodes.CallExtensionAsync)(this, 'run', args, [body, null])
    },
  })
  env.addFilter('later', () => {}, true)
  for (const contents of [0, 1]) {
    env.addExtension('box', tag(contents))
    const fields = analyseFields({ ast: () => parse('{% box a.b %}{{ c }}{% endbox %}', env) }, 'main')
    t.equal(paths(fields), 'a.b:whole! c:whole!', 'what a tag gives back may be what it was given')
  }
  const declared = new TemplateEnvironment({ main: '{% tab %}' })
  const parsed = (parser: any, nodes: any): unknown => {
    const token = parser.nextToken()
    parser.advanceAfterBlockEnd(token.value)
    return new nodes.CallExtension('tab', 'run', new nodes.NodeList(0, 0, []))
  }
  declared.addExtension('tab', { tags: ['tab'], parse: parsed, run: () => '' } as any, { reads: ['user.name'] })
  t.equal(paths(analyseProgram(declared.compile('main'))), 'user.name:whole!', 'and what it declares')
  const lifted = (source: string): string => paths(analyseFields({ ast: (name) => parseForCompiler(name === 'main' ? source : '{% block b %}{{ z }}{% endblock %}', env) }, 'main'))
  t.equal(lifted('{% extends "layout" %}{% block b %}{{ super() }}{{ a.b | later(c) }}{% endblock %}'), 'a.b:whole! c:whole! z:whole!')
  t.equal(lifted('{% if a %}{{ b | later }}{% endif %}'), 'a:exists b:whole!')
  t.equal(paths(analyse('{{ super() }}')), 'super:whole!', 'outside of a block it is a name like any other')
})

t.test('every node type of nunjucks has a rule, and one that nunjucks does not have is refused with its place', async (t) => {
  // Bases that no parser makes, parts of other nodes, and a printer.
  const others = ['Node', 'Value', 'BinOp', 'UnaryOp', 'Pair', 'Case', 'CompareOperand', 'printNodes']
  for (const [name, type] of Object.entries(nodes)) {
    if (others.includes(name)) continue
    const { typename } = type.prototype as { typename: string }
    t.ok(expressions[typename] ?? statements[typename], typename)
  }
  const Root = nodes['Root'] as any
  const Pair = nodes['Pair'] as any
  const ast = (): any => new Root(0, 0, [new Pair(3, 4)])
  t.throws(() => analyseFields({ ast }, 'main'), { code: 'LIVE_ERR_UNKNOWN_NODE', message: /^main:4:5: .*'Pair'/, line: 4 })
})

t.test('missing templates are refused with their place', async (t) => {
  t.throws(() => analyse('\n{% include "row" %}'), { code: 'LIVE_ERR_TEMPLATE_MISSING', message: /^main:2:4: .*'row'/ })
  t.throws(() => analyse({}), { code: 'LIVE_ERR_TEMPLATE_MISSING' })
})

t.test('each read is known with its place', async (t) => {
  const fields = analyse('{% if user.name %}\n  {{ user.name | upper }}{% endif %}')
  t.match(fields.paths('user'), [{
    path: 'user.name',
    shown: true,
    reads: [
      { mark: 'exists', shown: false, position: { template: 'main', line: 1, column: 7 } },
      { mark: 'whole', position: { template: 'main', line: 2, column: 6 } }]
  }])
  t.same(fields.paths('other'), [])
  t.notOk(fields.whole('user'))
  t.equal(fields.reads('other'), false)
  t.equal(fields.node('other'), undefined)
})

t.test('roots: unknown names and names with two meanings are refused, names set in templates are not', async (t) => {
  const known = { state: ['query'], loaders: ['orders'], globals: ['nonce'] }
  const fields = analyse('{{ query }}{{ nonce }}{% for o in orders %}{{ o.id }}{% include "row" %}{% endfor %}{% set x = 1 %}{{ x }}{{ range(3) }}'.replace('{% include "row" %}', ''))
  t.doesNotThrow(() => checkRoots(fields, known))
  t.throws(() => checkRoots(analyse('{{ query }}\n{{ ordrs | length }}'), known), { code: 'LIVE_ERR_UNKNOWN_ROOT', message: /^main:2:4: 'ordrs' .* Did you mean 'orders'\?$/, line: 2, column: 4 })
  t.throws(() => checkRoots(analyse('{{ completely }}'), known), { message: /Known: query, orders, nonce$/ })
  t.throws(() => checkRoots(analyse('{% set alias = zzz %}'), { state: [], loaders: [], globals: [] }), { message: /'zzz' .* Known: nothing$/ })
  t.doesNotThrow(() => checkRoots(analyse('{{ zzz }}'), { ...known, state: null }))
  t.throws(() => checkRoots(fields, { ...known, state: ['orders'] }), { code: 'LIVE_ERR_NAME_COLLISION', message: /'orders' is both a state key and a loader/ })
  t.throws(() => checkRoots(fields, { ...known, state: null, globals: ['orders'] }), { message: /both a loader and a global/ })
})

t.test('a compiled program is analysed with the environment that it was compiled in', async (t) => {
  const environment = new TemplateEnvironment([{
    getSource: (name: string) => ({ 'main.njk': { src: '{% include "row.njk" %}{% include "none.njk" ignore missing %}{{ (items | first).n }}{{ (rows | last).n }}', path: name }, 'row.njk': { src: '{{ a.b }}', path: name } })[name] ?? null
  }] as any)
  environment.addFilter('last', (list: any) => list)
  t.equal(paths(analyseProgram(environment.compile('main.njk'))), 'a.b:whole! items:iter items[].n:whole! rows:whole!')
})
