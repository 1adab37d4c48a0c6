/* eslint-disable @stylistic/max-len -- one case a line reads best */
import t from 'tap'
import { analyseFields } from '../lib/template/fields/analyse-fields.ts'
import type { FieldNode } from '../lib/template/fields/field-node.ts'
import { analyseProgram } from '../lib/template/fields/analyse-program.ts'
import type { FieldSet } from '../lib/template/fields/field-set.ts'
import type { LoadPlan, PlanBody } from '../lib/template/loading/load-plan.ts'
import { isEvaluable } from '../lib/template/loading/is-evaluable.ts'
import { Environment, parse } from '../lib/template/nunjucks.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { loadExactly, pathOf } from './helpers/load-exactly.ts'
import type { Page } from './helpers/load-exactly.ts'

const loaders: Page = {
  user: { name: 'Ann', role: 'admin', nick: '', email: 'a@b', secret: 's', tags: ['x'], a: 1, b: 2, c: 3 },
  orders: [{ id: 1, on: true, a: 1, b: 2, tags: ['x'] }, { id: 2, on: false, a: 3, b: 4, tags: [] }],
  detail: { a: 1, b: 2, open: true, lines: [{ id: 7, n: 1 }] },
  other: { a: 1, b: 2, c: 3 },
  gone: null,
}

type Templates = string | Record<string, string>

function environment (templates: Templates): TemplateEnvironment {
  const sources: Record<string, string> = typeof templates === 'string' ? { main: templates } : templates
  return new TemplateEnvironment([{ cache: {}, getSource: (name: string) => name in sources ? { src: sources[name], path: name } : null }] as any)
}

function analyse (templates: Templates): FieldSet {
  return analyseProgram(environment(templates).compile('main'))
}

function planOf (templates: Templates): LoadPlan {
  return analyse(templates).plan(new Set(Object.keys(loaders)))
}

/** What is asked for, each time, in order: `user(name role) then user(...)`. */
function asks (templates: Templates, page: Page = {}): string {
  const { asked } = loadExactly(analyse(templates), loaders, page)
  return Object.entries(asked).sort().map(([root, times]) => times.map((reads) => {
    const paths = [...new Set(reads.map((read) => read.replace(/:.*/, '').replace(root, '').replace(/^\./, '')))]
    return `${root}(${paths.join(' ')})`
  }).join(' then ')).join(', ')
}

/** The whole plan, as lines: reads by path, guards by their text. */
function show (plan: LoadPlan, body: PlanBody = plan.body, indent: string = ''): string[] {
  const names = (ids: readonly number[]): string => ids.map((id) => `${pathOf(plan.reads[id]!.node)}:${plan.reads[id]!.mark}`).join(' ')
  const below = `${indent}  `
  return [
    ...(body.reads.length > 0 ? [`${indent}${names(body.reads)}`] : []),
    ...body.guards.flatMap((guard) => guard.kind === 'loop'
      ? [`${indent}for ${guard.list.text}`, ...show(plan, guard.body, below)]
      : [`${indent}if ${guard.condition.text}`, ...show(plan, guard.truthy, below), ...(show(plan, guard.falsy).length > 0 ? [`${indent}else`, ...show(plan, guard.falsy, below)] : [])]),
  ]
}

/** The same templates with several pages: what each asks for. */
type Case = readonly [Templates, ...ReadonlyArray<readonly [Page, string]>]

const cases: Record<string, readonly Case[]> = {
  'a branch that is not taken asks for nothing': [
    ['{% if s %}{{ user.a }}{% elif r %}{{ user.b }}{% else %}{{ other.a }}{% endif %}', [{ s: 1 }, 'user(a)'], [{ r: 1 }, 'user(b)'], [{}, 'other(a)']],
    ['{{ user.a if s else user.b }}{{ other.a if r }}', [{ s: 1 }, 'user(a)'], [{ r: 1 }, 'other(a), user(b)']],
    ['{{ (user.a if s else other.b) | upper }}', [{ s: 1 }, 'user(a)'], [{}, 'other(b)']],
    ['{{ s and user.a }}{{ r or other.a }}', [{ s: 1, r: 1 }, 'user(a)'], [{}, 'other(a)']],
    ['{% if s and user.a %}{{ other.a }}{% endif %}', [{ s: 1 }, 'other(a), user(a)'], [{}, '']],
    ['{% if s or user.nick %}{{ other.a }}{% else %}{{ other.b }}{% endif %}', [{ s: 1 }, 'other(a)'], [{}, 'other(b), user(nick)']],
    ['{% if s %}{% if r %}{{ user.a }}{% else %}{{ user.b }}{% endif %}{% endif %}', [{ s: 1, r: 1 }, 'user(a)'], [{ s: 1 }, 'user(b)'], [{ r: 1 }, '']],
    ['{% switch s %}{% case 1 %}{% case 2 %}{{ user.a }}{% case 3 %}{{ user.b }}{% default %}{{ user.c }}{% endswitch %}', [{ s: 1 }, 'user(a)'], [{ s: 2 }, 'user(a)'], [{ s: 3 }, 'user(b)'], [{ s: '1' }, 'user(c)']],
    ['{% switch s %}{% case r %}{{ user.a }}{% case 4 %}{% endswitch %}', [{ s: 5, r: 5 }, 'user(a)'], [{ s: 4 }, '']],
    ['{% switch user.role %}{% case fn() %}{{ other.a }}{% default %}{{ other.b }}{% endswitch %}', [{ fn: () => 1 }, 'other(a b), user(role)']],
    ['{% if true %}{{ user.a }}{% else %}{{ user.b }}{% endif %}{% if 1 == 2 or not [1] %}{{ user.c }}{% endif %}', [{}, 'user(a)']],
    ['{% if "a" in none %}{{ user.a }}{% endif %}', [{}, '']],
    ['{% if can("x", user.role) %}{{ other.a }}{% endif %}{% if range(2)[1] == 1 %}{{ other.b }}{% endif %}', [{ can: () => false }, 'other(b), user(role)'], [{ can: () => true }, 'other(b) then other(a b), user(role)']],
    ['{% if s %}{{ user.a }}{% else %}{{ user.a }}{{ user.b }}{% endif %}', [{ s: 1 }, 'user(a)'], [{}, 'user(a b)']],
    ['{% if s %}{{ user.a }}{% endif %}{{ user }}', [{}, 'user()']],
    ['{% if s %}{% set x = user.a %}{% else %}{{ x.z }}{% endif %}', [{}, ''], [{ s: 1 }, '']],
    ['{% if s is none %}{{ user.a }}{% endif %}{% if gone is none %}{{ user.b }}{% endif %}', [{ s: null }, 'gone(), user(a) then user(a b)'], [{}, 'gone(), user(b)']],
    ['{% if s and r %}{{ user.a }}{% else %}{{ user.a }}{% endif %}{% if s or r %}{{ user.b }}{% else %}{{ user.b }}{% endif %}', [{}, 'user(a b)']],
  ],
  'conditions mean what the rendering takes them for': [
    ['{% if not 1 == 2 %}{{ user.a }}{% else %}{{ user.b }}{% endif %}', [{}, 'user(b)']],
    ['{% if not s == 2 %}{{ user.a }}{% else %}{{ user.b }}{% endif %}', [{ s: 1 }, 'user(b)'], [{}, 'user(b)']],
    ['{% if st.constructor %}{{ user.a }}{% endif %}{% if "toString" in st %}{{ user.b }}{% endif %}', [{ st: {} }, '']],
    ['{% if s is defined and s is not even %}{{ user.a }}{% endif %}{% if -s + 3 == 1 %}{{ user.b }}{% endif %}', [{ s: 2 }, 'user(b)'], [{ s: 3 }, 'user(a)']],
    ['{% if { a: s, "b": 1 }["a"] | default(0) > +0 %}{{ user.a }}{% endif %}{% if [s, r] | join("-") === "1-2" %}{{ user.b }}{% endif %}', [{ s: 1, r: 2 }, 'user(a b)'], [{}, '']],
    ['{% if (s if r else "") | string | length %}{{ user.a }}{% endif %}{% if tabs | select("odd") | first %}{{ user.b }}{% endif %}', [{ s: 5, r: 1, tabs: [2] }, 'user(a)'], [{ tabs: [1] }, 'user(b)']],
    ['{% if tabs | select(s) | first %}{{ user.a }}{% endif %}{% if tabs | random %}{{ user.b }}{% endif %}', [{ tabs: [] }, 'user(a b)']],
  ],
  'data that decides is loaded first': [
    ['{% if user.role == "admin" %}{{ user.secret }}{{ other.a }}{% endif %}', [{}, 'other(a), user(role) then user(role secret)']],
    ['{% if user.role == "x" %}{{ user.secret }}{{ other.a }}{% endif %}', [{}, 'user(role)']],
    ['{% if detail.open %}{% if other.a == 1 %}{{ user.name }}{% endif %}{% endif %}', [{}, 'detail(open), other(a), user(name)']],
    ['{{ user.nick or user.name }}', [{}, 'user(nick) then user(name nick)']],
  ],
  'whether something is there and what is there are one load': [
    ['{% if user %}{{ user.name }}{% endif %}{% if not detail %}-{% else %}{{ detail.a }}{% endif %}', [{}, 'detail(a), user(name)']],
    ['{% if orders.length %}{% for o in orders %}{{ o.id }}{% endfor %}{{ other.a }}{% endif %}', [{}, 'orders(length  [].id), other(a)']],
    ['{% if orders | length > 1 %}{{ orders[0].id }}{{ other.a }}{% endif %}', [{}, 'orders( [].id), other(a)']],
    ['{% if user and s %}{{ user.name }}{% endif %}{{ gone and gone.name }}', [{}, 'gone(name), user()'], [{ s: 1 }, 'gone(name), user(name )']],
    ['{% if gone %}{{ other.a }}{% else %}{{ gone.a }}{{ other.b }}{% endif %}', [{}, 'gone(), other(b)']],
    ['{% if gone.deep %}{{ other.a }}{% else %}{% if not gone.deep.er %}{{ other.c }}{% endif %}{% endif %}', [{}, 'gone(deep), other(c)']],
    ['{% if (user | d(0)).role == "x" %}{{ user.secret }}{% endif %}', [{}, 'user(role)']],
    ['{% if orders[r] %}-{% else %}{{ orders[s].a }}{% endif %}', [{ r: 9, s: 0 }, 'orders([].a)']],
    ['{% if user.length %}{{ user.a }}{% endif %}{{ user.b }}', [{}, 'user(b length)']],
  ],
  'names that stand for other things': [
    ['{% set u = user %}{% if u %}{{ u.name }}{% if u.role == "admin" %}{{ u.secret }}{% endif %}{% endif %}', [{}, 'user(name role) then user(name role secret)']],
    ['{% set may = user.role == "x" %}{% if may %}{{ other.a }}{% endif %}', [{}, 'user(role)']],
    ['{% if s %}{% set x = user.a %}{% else %}{% set x = other.b %}{% endif %}{{ x }}', [{ s: 1 }, 'user(a)'], [{}, 'other(b)']],
    ['{% if s %}{% set x = r %}{% if x %}{{ user.a }}{% endif %}{% endif %}{% if x %}{{ user.b }}{% endif %}', [{ s: 1 }, 'user(b)'], [{ s: 1, r: 1 }, 'user(a b)']],
    ['{% set x = 1 %}{% set x = 0 %}{% if x %}{{ user.a }}{% endif %}', [{}, 'user(a)']],
    ['{% if x %}{{ user.a }}{% endif %}{% set x = s %}', [{}, 'user(a)']],
    ['{% set x %}{{ s }}{% endset %}{% if x %}{{ user.a }}{% endif %}', [{}, 'user(a)']],
    ['{% for x in [1] %}{% set y = s %}{% if y %}{{ user.a }}{% endif %}{% endfor %}', [{}, 'user(a)']],
    ['{% set x = s %}{% for x in tabs %}{% if x %}{{ user.a }}{% endif %}{% endfor %}{% if x %}{{ user.b }}{% endif %}', [{ tabs: [] }, 'user(b)'], [{ tabs: [0] }, 'user(a b)']],
    ['{% set x, y = s %}{% if y %}{{ user.a }}{% endif %}', [{}, ''], [{ s: 1 }, 'user(a)']],
    ['{% set x = [user, other] if s else [] %}{{ x[0].a }}{% set y = { of: user } if r else {} %}{{ y.of.b }}', [{}, ''], [{ s: 1 }, 'user(a)'], [{ r: 1 }, 'user(b)']],
    ['{% set list = orders | groupby("id") if s else [] %}{% for k, os in list %}{{ os[0].a }}{% endfor %}', [{ s: 1 }, 'orders( [].a [].id)'], [{}, '']],
    [{ main: '{% set x = s %}{% include "row" %}{% macro m() %}{% if x %}{{ user.b }}{% endif %}{% endmacro %}{{ m() }}{% block b %}{% if x %}{{ user.c }}{% endif %}{% endblock %}', row: '{% if x %}{{ user.a }}{% endif %}' }, [{}, ''], [{ s: 1 }, 'user(a b c)']],
    [{ main: '{% block b %}{% set x = s %}{% if x %}{{ user.a }}{% endif %}{% endblock %}{% if x %}{{ user.b }}{% endif %}' }, [{}, 'user(b)'], [{ s: 1, x: 1 }, 'user(a b)'], [{ x: 1 }, 'user(a b)']],
  ],
  'macros are conditions of their own for each call': [
    ['{% macro m(x, show) %}{% if show %}{{ x.a }}{% else %}{{ x.b }}{% endif %}{% endmacro %}{{ m(user, true) }}{{ m(other, s) }}{{ m(detail) }}', [{}, 'detail(b), other(b), user(a)'], [{ s: 1 }, 'detail(b), other(a), user(a)']],
    ['{% macro m(x, y=s, z=r) %}{% if y %}{{ x.a }}{% endif %}{% if z %}{{ x.b }}{% endif %}{% endmacro %}{{ m(user, 1) }}{{ m(other, z=1) }}{{ m(x=detail) }}', [{}, 'other(b), user(a)'], [{ s: 1 }, 'detail(a), other(a b), user(a)']],
    ['{% macro m(x, y) %}{% if y %}{{ x.a }}{% endif %}{% endmacro %}{% macro n(x) %}{{ m(x, x.on) }}{% endmacro %}{% for o in tabs %}{{ n({ on: o.on, a: user.a }) }}{% endfor %}', [{ tabs: [{ on: 0 }] }, ''], [{ tabs: [{ on: 1 }] }, 'user(a)']],
    ['{% macro m(x) %}{% if x %}{{ caller(x) }}{% endif %}{% endmacro %}{% call(y) m(s) %}{% if y == 2 %}{{ user.a }}{% endif %}{% endcall %}', [{ s: 2 }, 'user(a)'], [{ s: 1 }, ''], [{}, '']],
    ['{% macro tree(n, deep) %}{{ n.id }}{% if deep %}{{ tree(n.next, s) }}{% endif %}{% endmacro %}{{ tree(user, true) }}', [{}, 'user(id next.id next.next.id next.next.next)']],
    ['{% macro m() %}{{ user.a }}{% endmacro %}{{ fn(m) }}{% if s %}{{ fn(m) }}{% endif %}', [{ fn: () => '' }, 'user(a)']],
    [{ main: '{% import "ui" as ui %}{% from "ui" import m %}{{ ui.m(user, s) }}{{ m(other, not s) }}', ui: '{% macro m(x, y) %}{% if y %}{{ x.a }}{% endif %}{% if z %}{{ x.b }}{% endif %}{% endmacro %}' }, [{}, 'other(a b), user(b)'], [{ s: 1 }, 'other(b), user(a b)']],
  ],
  'conditions around and inside of other templates': [
    [{ main: '{% if s %}{% include "row" %}{% endif %}', row: '{{ user.a }}{% if r %}{{ user.b }}{% endif %}' }, [{}, ''], [{ s: 1 }, 'user(a)'], [{ s: 1, r: 1 }, 'user(a b)']],
    [{ main: '{% include ("row" if s else "other") %}', row: '{{ user.a }}', other: '{{ other.b }}' }, [{}, 'other(b)'], [{ s: 1 }, 'user(a)']],
    [{ main: '{% extends "layout" %}{% block a %}{{ super() if s }}{% if r %}{{ user.b }}{% endif %}{% endblock %}', layout: '{% if t %}{% block a %}{{ user.a }}{% endblock %}{% endif %}' }, [{}, ''], [{ t: 1 }, ''], [{ t: 1, s: 1 }, 'user(a)'], [{ t: 1, r: 1 }, 'user(b)']],
    [{ main: '{% extends ("layout" if s else "other") %}{% block a %}{% if r %}{{ user.b }}{% endif %}{% endblock %}', layout: '{% set x = s %}{% block a %}{% endblock %}{% if x %}{{ user.a }}{% endif %}', other: '{{ other.b }}' }, [{}, 'other(b), user(a)']],
    [{ main: '{% for o in tabs %}{% include "row" %}{% endfor %}', row: '{% if o.on %}{{ user.a }}{% endif %}' }, [{ tabs: [{}] }, ''], [{ tabs: [{ on: 1 }] }, 'user(a)']],
    [{ main: '{% for k, o in tabs %}{% include "row" %}{% endfor %}', row: '{% if o.on %}{{ user.a }}{% endif %}' }, [{ tabs: [] }, ''], [{ tabs: [[1, {}]] }, 'user(a)']],
  ],
  loops: [
    ['{% for o in orders %}{{ o.id }}{% if o.on %}{{ o.a }}{{ detail.a }}{% endif %}{% endfor %}', [{}, 'detail(a), orders( [].a [].id [].on)']],
    ['{% for o in orders %}{% if o.id == open and detail %}{{ detail.a }}{{ detail.lines[0].n }}{% endif %}{% endfor %}', [{ open: 2 }, 'detail(a lines[].n), orders( [].id)'], [{ open: 9 }, 'orders( [].id)']],
    ['{% for o in orders %}{% if s %}{{ o.a }}{{ other.a }}{% endif %}{% endfor %}', [{}, 'orders()'], [{ s: 1 }, 'orders( [].a), other(a)']],
    ['{% for tab in tabs %}{% if tab.on %}{{ user[tab.field] }}{% endif %}{% else %}{{ other.a }}{% endfor %}', [{ tabs: [] }, 'other(a)'], [{ tabs: [{}] }, ''], [{ tabs: [{ on: 1 }] }, 'user([])']],
    ['{% for k, v in st %}{% if v == 1 %}{{ user.a }}{% endif %}{% if k == "z" %}{{ user.b }}{% endif %}{% else %}{{ other.a }}{% endfor %}', [{ st: { y: 1 } }, 'user(a)'], [{ st: [['z', 2]] }, 'user(b)'], [{ st: {} }, 'other(a)'], [{}, 'other(a)']],
    ['{% for o in orders %}{% for x in o.tags %}{% for y in tabs %}{% if x == y %}{{ other.a }}{% endif %}{% endfor %}{{ o.b }}{% endfor %}{% endfor %}', [{ tabs: [] }, 'orders( [].b [].tags)'], [{ tabs: ['x'] }, 'orders( [].b [].tags [].tags[]), other(a)']],
    ['{% for x in fn() %}{% if x.on %}{{ user.a }}{% endif %}{% if s %}{{ user.b }}{% endif %}{% if loop.first %}{{ user.c }}{% endif %}{% endfor %}', [{ fn: () => [] }, 'user(a c)']],
    ['{% for o in orders %}{% if s %}{% set x = user.a %}{% elif o.on %}{% set x = user.b %}{% endif %}{{ x }}{% endfor %}{{ x }}', [{}, 'orders( [].on), user(a b)']],
    ['{% for c in s %}{% if c == "x" %}{{ user.a }}{% endif %}{% endfor %}', [{ s: 'axb' }, 'user(a)'], [{ s: 'ab' }, ''], [{ s: new Set(['x']) }, 'user(a)'], [{ s: 7 }, '']],
    ['{% asyncEach x in tabs %}{% if x.on %}{{ user.a }}{% endif %}{% else %}{{ user.b }}{% endeach %}', [{ tabs: [] }, 'user(a b)']],
  ],
  'what cannot be evaluated counts as both': [
    ['{% if fn(s) %}{{ user.a }}{% else %}{{ user.b }}{% endif %}', [{ fn: () => 1 }, 'user(a b)']],
    ['{% if s.method() or st.x %}{{ user.a }}{% endif %}{{ user.b if caller else user.c }}', [{ s: { method: () => 0 } }, 'user(a b c)']],
    ['{% macro m(y) %}{% if y %}{{ user.a }}{% endif %}{% endmacro %}{{ m(fn()) }}', [{ fn: () => 0 }, 'user(a)']],
    ['{% macro m(y) %}{% if y %}{{ user.a }}{% endif %}{% endmacro %}{{ fn(m) }}', [{ fn: () => 0 }, 'user(a)']],
    [{ main: '{% for o in tabs %}{% for o in o.kids %}{% include "row" %}{% endfor %}{% endfor %}', row: '{% if o %}{{ user.a }}{% endif %}' }, [{ tabs: [{ kids: [0] }] }, 'user(a)'], [{ tabs: [] }, '']],
    [{ main: '{% for o in tabs %}{% include "row" %}{% endfor %}', row: '{% set o = s %}{% if o %}{{ user.a }}{% endif %}' }, [{ tabs: [0] }, 'user(a)']],
    ['{% macro a() %}{% if b %}{{ user.a }}{% endif %}{% endmacro %}{% macro b() %}{% endmacro %}{{ a() }}', [{}, 'user(a)']],
    [{ main: '{% include "row" %}{% if z %}{{ user.a }}{% endif %}', row: '{% set z = s %}' }, [{}, 'user(a)']],
    [{ main: '{% include "row" if s else "row" %}', row: '{% if r %}{{ user.a }}{% endif %}' }, [{}, 'user(a)']],
    ['{% for x in tabs %}-{% else %}{% if x %}{{ user.a }}{% endif %}{% endfor %}', [{ tabs: [] }, 'user(a)'], [{ tabs: [1] }, '']],
    ['{% set x = orders | reverse if s else [other] | list %}{{ x }}', [{ s: 1 }, 'orders( [])'], [{}, 'other()']],
    ['{% macro m() %}{{ user.a }}{% endmacro %}{% if s %}{{ fn(m) }}{% endif %}', [{}, 'user(a)']],
    ['{% set can = s %}{% if can("x") %}{{ user.a }}{% endif %}', [{}, 'user(a)']],
    ['{% macro can(x) %}{% endmacro %}{% if can("x") %}{{ user.a }}{% endif %}', [{}, 'user(a)']],
  ],
}

for (const [what, some] of Object.entries(cases)) {
  t.test(what, async (t) => {
    for (const [templates, ...pages] of some) {
      for (const [page, expected] of pages) {
        t.equal(asks(templates, page), expected, `${typeof templates === 'string' ? templates : templates['main']} with ${JSON.stringify(page)}`)
      }
    }
  })
}

t.test('a plan reads like the template', async (t) => {
  t.same(show(planOf('{% if s == 1 and not user.nick %}{{ other.a }}{% endif %}{% for o in orders | sort(attribute="id") %}{{ o.a }}{% if o.on is defined %}{{ detail.a if -o["x y"] + 1 > 2 else detail[{ k: [1, none] }] }}{% endif %}{% endfor %}')), [
    'orders:iter orders[].id:whole orders[].a:whole orders[].on:exists orders[].x y:whole',
    'if s == 1',
    '  user.nick:exists',
    '  if not user.nick',
    '    other.a:whole',
    'for orders | sort(attribute="id")',
    '  if o.on is defined',
    '    if -o["x y"] + 1 > 2',
    '      detail.a:whole',
    '    else',
    '      detail[]:whole',
  ])
  const texts = (template: string): string[] => planOf(template).body.guards.map((guard) => guard.kind === 'branch' ? guard.condition.text : guard.list.text)
  t.same(texts('{% if (s if r) %}{{ user.a }}{% endif %}{% if (s if r else +t) is divisibleby(3) or s in [1] %}{{ user.b }}{% endif %}'), ['s if r', '(s if r else +t) is divisibleby(3) or s in [1]'])
  t.same(texts('{% if can("x", s, { a: 1 }) %}{{ user.a }}{% endif %}{% switch s %}{% case 1 %}{% case "b" %}{{ user.b }}{% endswitch %}'), ['can("x", s, { a: 1 })', 's === 1 or s === "b"'])
  const long = texts(`{% if s == "${'x'.repeat(200)}" %}{{ user.a }}{% endif %}`)[0] as string
  t.ok(long.length === 80 && long.endsWith('…'))
  const [guard] = planOf('\n  {% if s %}{{ user.a }}{% endif %}').body.guards
  t.match(guard, { kind: 'branch', condition: { position: { template: 'main', line: 2, column: 9 } } })
})

t.test('a condition names all that evaluating it reads, and stops where the template stops', async (t) => {
  const plan = planOf('{% set may = user.role == "admin" %}{% macro m(x) %}{% if x and (other.a or detail.a) %}{{ orders[0].id }}{% endif %}{% endmacro %}{{ m(may) }}')
  t.same(show(plan), ['user.role:whole', 'if x', '  other.a:exists', '  if other.a', '  else', '    detail.a:exists', '  if other.a or detail.a', '    orders[].id:whole'])
  const [outer] = plan.body.guards
  if (outer?.kind !== 'branch') throw new Error('a branch')
  t.same(show(plan, outer.condition.reads), ['user.role:whole'])
  const [, inner] = outer.truthy.guards
  if (inner?.kind !== 'branch') throw new Error('a branch')
  t.same(show(plan, inner.condition.reads), ['other.a:exists', 'if other.a', 'else', '  detail.a:exists'])
})

t.test('only the roots that are asked for are planned', async (t) => {
  const plan = analyse('{% if s.x %}{{ user.a }}{% endif %}{{ other.b }}').plan(new Set(['user', 'detail']))
  t.same([plan.roots, show(plan)], [['user'], ['if s.x', '  user.a:whole']])
  t.same(planOf('{{ user.deep.er.and.deep.er.and.deep.er.and.deep.er }}').reads.map(({ mark, root }) => `${root}:${mark}`), ['user:whole'], 'cut where paths end')
})

t.test('a program that cannot be followed reads all of every root', async (t) => {
  const env = new Environment([])
  const plain = analyseFields({ ast: () => parse('{{ user.a if s }}', env) }, 'main')
  t.same(loadExactly(plain, loaders, {}).asked, {}, 'one that can be followed does not, whoever parsed it')
  const fields = analyseFields({ ast: () => parse('{{ user.a if s }}{% include s %}', env) }, 'main')
  const plan = fields.plan(new Set(['user', 'detail']))
  t.same(show(plan), ['detail:whole user:whole'])
  t.same(plan.roots, ['detail', 'user'])
  t.equal(plan.reads[1]?.node, fields.node('user'))
  let deep = plan.reads[0]?.node as FieldNode
  for (let depth = 0; depth < 12; depth++) deep = deep.child('x', { template: 'main', line: 1, column: 1 })
  t.equal(deep.depth, 10, 'a root that no template names is a place like any other')
})

t.test('what the application declares can decide, what it does not declare cannot', async (t) => {
  const source = '{% if s | label %}{{ user.a }}{% endif %}{% if s is odder %}{{ user.b }}{% endif %}{% if may(s) %}{{ user.c }}{% endif %}{% if [s] | select("odder") | first %}{{ other.a }}{% endif %}{% if s | later %}{{ other.b }}{% endif %}'
  const load = (options: object | undefined): object => {
    const env = environment(source) as any
    env.addFilter('label', () => false, options)
    env.addFilter('later', () => false, { ...options, async: true })
    env.addTest('odder', () => false, options)
    env.addGlobal('may', () => false, options)
    return loadExactly(analyseProgram(env.compile('main')), loaders, { s: 1 }).asked
  }
  t.same(Object.keys(load(undefined)), ['other', 'user'])
  t.same(load({ reads: [] }), { other: [['other.b:whole']] })
})

t.test('a chain of branches that read the same is shortened as it stands, however long it is', { timeout: 20_000 }, async (t) => {
  const chain = Array.from({ length: 15 }, (_, n) => `{% elif s.x == ${n} %}{{ user.a }}`).join('')
  const two = planOf('{% if s.n %}{{ user.a }}{% elif s.x %}{{ user.a }}{% else %}{{ user.b }}{% endif %}')
  t.same(show(two).filter((line) => line.trim().startsWith('if')), ['if s.n', '  if s.x', 'if s.x'])
  t.equal(asks(`{% if s.n %}{{ user.a }}${chain}{% else %}{{ user.b }}{% endif %}`, { s: { x: 7 } }), 'user(a)')
  t.equal(asks(`{% if s.n %}{{ user.a }}${chain}{% else %}{{ user.a }}{% endif %}`, { s: { x: 99 } }), 'user(a)')
  t.same(show(planOf('{% if s.n %}{{ user.a }}{% elif s.x %}{{ user.a }}{% else %}{{ user.a }}{% endif %}')), ['user.a:whole'])
})

t.test('what is no expression is never evaluated', async (t) => {
  const call = parse('{% call m() %}{% endcall %}', new Environment([]))['children'][0].children[0]
  t.equal(isEvaluable(call.args.children[0].children[0].value, {}), false, call.args.children[0].children[0].value.typename)
})

t.test('generated programs stay bounded: beyond what is told apart, everything counts as read', async (t) => {
  const calls = Array.from({ length: 200 }, (_, n) => `{% if s${n} %}{{ tree(user.f${n}, s${n} == 1) }}{% endif %}`).join('')
  const plan = planOf(`{% macro tree(n, deep) %}{{ n.v }}{% if n.on %}{{ n.w }}{% endif %}{% if deep %}{% for c in n.kids %}{{ tree(c, deep) }}{% endfor %}{{ tree(n.next, n.x) }}{% endif %}{% endmacro %}${calls}`)
  const count = (body: PlanBody): number => body.guards.reduce((sum, guard) => sum + 1 + (guard.kind === 'loop' ? count(guard.body) : count(guard.truthy) + count(guard.falsy)), 0)
  const guards = count(plan.body)
  t.ok(guards > 100 && guards < 4000, `${guards} guards`)
  const nested = `${'{% if s %}{% if user.a %}'.repeat(12)}{{ other.a }}${'{% endif %}{% endif %}'.repeat(12)}`
  t.equal(asks(nested, { s: 1 }), 'other(a), user(a)')
  const many = Array.from({ length: 40 }, (_, n) => `{{ user.a if s${n} }}`).join('')
  t.equal(asks(many), 'user(a)', 'too many ways to one read')
  const joined = `${Array.from({ length: 10 }, (_, n) => `{% if s${n} %}{% set x = user %}{% endif %}`).join('')}{{ x.a }}`
  t.equal(asks(joined), 'user(a)', 'too many ways to one value')
  const cases = `{% switch s %}${Array.from({ length: 2100 }, (_, n) => `{% case ${n} %}{{ user.f${n} }}`).join('')}{% default %}{{ user.z }}{% endswitch %}`
  t.ok(planOf(cases).body.reads.length > 0, 'more cases than are told apart')
  const ifs = `${Array.from({ length: 2000 }, (_, n) => `{% if s.f${n} %}{{ user.f${n} }}{% endif %}`).join('')}{% if s and r %}{{ detail.a }}{% elif s or r %}{{ detail.b }}{% endif %}`
  t.match(asks(ifs), /^detail\(a b\)/, 'more conditions than are told apart')
})
