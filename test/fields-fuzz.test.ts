/* eslint-disable @stylistic/max-len -- one case a line reads best */
import t from 'tap'
import { analyseFields } from '../lib/template/fields/analyse-fields.ts'
import { Environment, parse } from '../lib/template/nunjucks.ts'
import { UNKNOWN_SCHEMA } from '../lib/view/loader-schema.ts'
import { createProjection } from '../lib/view/project.ts'
import { WHOLE, planOf } from '../lib/view/projection-plan.ts'
import { Random } from './fuzz/random.ts'

// Rendering with the context cut to the analysed fields must give what rendering with all of it gives, for any program.
const seed = Number(process.env['FIELDS_SEED'] ?? Date.now() % 1_000_000)
const programs = Number(process.env['FIELDS_PROGRAMS'] ?? 200)

t.test(`no program reads more than its fields (${programs} programs, FIELDS_SEED=${seed})`, async (t) => {
  let compared = 0
  let cut = 0
  for (let number = 0; number < programs; number++) {
    const { templates, context } = randomProgram(new Random((seed + number) * 2654435761))
    const env = new Environment([{ getSource: (name: string) => name in templates ? { src: templates[name] as string, path: name, noCache: true } : null }])
    const trees = new Map(Object.entries(templates).map(([name, source]) => [name, parse(source, env)]))
    const fields = analyseFields({ ast: (name) => trees.get(name) ?? null }, 'main')
    const project = createProjection('fuzz')
    const kept: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(context)) {
      if (!fields.reads(name)) continue
      const node = fields.node(name)
      kept[name] = project(name, value, fields.everything || node === undefined ? WHOLE : planOf(node, UNKNOWN_SCHEMA))
    }
    // nunjucks itself prints objects by their prototype's toString; structuredClone keeps identity and gives prototypes back.
    const expected = render(env, context)
    const actual = render(env, structuredClone(kept))
    if (actual !== expected) {
      t.equal(actual, expected, `FIELDS_SEED=${seed + number}`, { templates, context, paths: fields.roots().flatMap((root) => fields.paths(root).map(({ path, marks }) => `${path}:${marks.join()}`)) } as any)
      return
    }
    if (expected !== 'ERROR') compared++
    if (size(kept) < size(context)) cut++
  }
  t.ok(compared > programs * 0.4, `${compared} programs render without an error`)
  t.ok(cut > programs * 0.8, `${cut} programs are given less than all`)
})

function size (value: unknown): number {
  return JSON.stringify(value).length
}

function render (env: Environment, context: object): string {
  try {
    return env.render('main', context)
  } catch {
    return 'ERROR'
  }
}

function randomProgram (random: Random): { templates: Record<string, string>, context: Record<string, unknown> } {
  const below = (limit: number): number => random.below(limit)
  const chance = (probability: number): boolean => random.chance(probability)
  const pick = <T>(items: readonly T[]): T => random.pick(items)
  // Many fields and short programs: a rule that forgets a read must not be saved by another that reads the same.
  const plain = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7', 'f8']
  const fields = [...plain, 'n', 'on', 'cat', 'ps', 'next', 'length']
  const field = (): string => pick(plain)
  const roots = ['a', 'b', 'u', 'items', 'map', 'pairs', 'who']
  const names = ['x', 'y', 'z', 'a', 'u']

  const scalar = (): unknown => pick<unknown>([0, 1, 2, 'p', 'q', 'r', '', true, false, null, undefined, 'long text', '<b>'])
  const row = (depth = 0): unknown => ({
    n: scalar(),
    on: scalar(),
    cat: { id: pick(['c1', 'c2', 'c3']), n: scalar() },
    ps: [scalar(), scalar()].slice(0, below(3)),
    secret: 'secret',
    ...Object.fromEntries(plain.map((name) => [name, scalar()])),
    ...(depth < 3 && chance(0.6) ? { next: row(depth + 1) } : {}),
    ...(chance(0.2) ? { kids: [row(3), row(3)] } : {})
  })
  const items = Array.from({ length: below(4) }, () => row())
  const u: any = row()
  const context: Record<string, unknown> = {
    a: scalar(),
    b: chance(0.5) ? scalar() : row(),
    u,
    items,
    map: { k1: row(), k2: row(2) },
    pairs: [['p1', row()], ['p2', scalar()]],
    who: chance(0.4) ? items[0] : row(),
    unread: 'secret',
    x: scalar(),
    y: row()
  }

  const name = (): string => chance(0.7) ? pick(roots) : pick(names)
  const literal = (): string => pick(['1', '2', '"p"', '"q"', '"n"', 'true', 'false', 'none', '"<i>"'])
  const path = (): string => {
    let text = name()
    while (chance(0.55)) text += pick([`.${pick(fields)}`, `.${pick(fields)}`, '.kids', '[0]', '["n"]', `[${chance(0.5) ? '"cat"' : pick(names)}]`])
    return text
  }
  const list = (depth: number): string => {
    if (depth <= 0 || chance(0.35)) return pick(['items', 'items', 'u.ps', 'pairs', 'u.kids', 'x', 'y.ps', `[${path()}, ${path()}]`])
    const inner = list(depth - 1)
    return pick([
      () => `${inner} | selectattr("${pick(fields)}")`, () => `${inner} | rejectattr("${field()}")`, () => `${inner} | sort(${pick(['false', 'true'])}, false, "${pick([field(), 'cat.id'])}")`,
      () => `${inner} | sort(attribute="${field()}")`, () => `${inner} | reverse`, () => `(${inner} or [])`, () => `${inner} | list`,
      () => `map | dictsort${pick(['', '(false, "value")'])}`, () => `${inner} | batch(2)`, () => `${inner} | slice(2) | first`, () => `${inner} | select`,
      () => `${inner} | reject("${pick(['null', 'odd', 'undefined'])}")`, () => 'map | list', () => `(${inner} if ${value(1)} else items)`,
    ])()
  }
  const value = (depth: number): string => {
    if (depth <= 0 || chance(0.3)) return chance(0.85) ? path() : literal()
    const next = (): string => value(depth - 1)
    return pick<() => string>([
      path, path, () => `(${next()} ${pick(['and', 'or'])} ${next()})`, () => `(${next()} if ${next()} else ${next()})`, () => `(${next()} if ${next()})`,
      () => `(not ${next()})`, () => `(${next()} ${pick(['==', '!=', '<', '==='])} ${next()})`, () => `(${next()} ${pick(['+', '~', '-'])} ${next()})`,
      () => `(${next()} in ${list(1)})`, () => `("${pick(['k1', 'k3'])}" in map)`,
      () => `(${next()} is ${pick(['defined', 'undefined', 'null', 'string', 'number', 'truthy', 'mapping', 'even', 'iterable'])})`,
      () => `(${next()} is sameas(${next()}))`, () => `(${next()} | ${pick(['upper', 'default("d")', 'd(u.n, true)', 'string', 'dump', 'length', 'e', 'int(default=4)'])})`,
      () => `(${list(depth - 1)} | ${pick(['first', 'last', 'length', `join("-", "${field()}")`, `sum("${field()}")`, 'dump', 'join(",")'])})`,
      () => `(${list(depth - 1)})${pick(['[0]', '[0].n', '.length', '[1].cat.id'])}`, () => `{n: ${next()}, cat: ${next()}}${pick(['.n', '.cat', '["n"]', `[${path()}]`])}`,
      () => `[${next()}, ${next()}][${pick(['0', '1', 'a'])}]`, () => `map[${next()}]${pick(['', '.n', '.cat.id'])}`, () => `range(${below(3)}) | join`,
    ])()
  }
  const body = (depth: number): string => Array.from({ length: 1 + below(3) }, () => statement(depth)).join('')
  const statement = (depth: number): string => {
    if (depth <= 0 || chance(0.25)) return `{{ ${value(2)} }},`
    const inner = (): string => body(depth - 1)
    const bound = pick(names)
    return pick<() => string>([
      () => `{% if ${value(2)} %}${inner()}{% elif ${value(1)} %}${inner()}{% else %}${inner()}{% endif %}`,
      () => `{% for ${bound} in ${list(2)} %}${inner()}{{ ${bound}.${field()} }}{{ loop.${pick(['index', 'last', 'length', 'revindex'])} }}{% else %}${inner()}{% endfor %}`,
      () => `{% for k, ${bound} in ${pick(['map', 'pairs', 'u', 'items | groupby("cat.id")', 'map | dictsort'])} %}{{ k }}${inner()}{{ ${bound}.${field()} }}{% endfor %}`,
      () => `{% for k, g in items | groupby("${pick([field(), 'cat.id'])}") %}{{ k }}{% for ${bound} in g %}{{ ${bound}.on }}${inner()}{% endfor %}{% endfor %}`,
      () => `{% set ${bound} = ${value(2)} %}{{ ${bound}.${field()} }}`, () => `{% set ${bound}, z = ${list(1)} %}`, () => `{% set ${bound} %}${inner()}{% endset %}{{ ${bound} }}`,
      () => `{% set z = ${bound}.next %}{{ z.n }}`, () => `{% filter ${pick(['upper', 'trim'])} %}${inner()}{% endfilter %}`,
      () => `{{ ${pick(['m', 'ui.row', 'ui.wrap', 'tree'])}(${value(1)}, ${value(1)}) }}`, () => `{{ m(${value(1)}, kw=${value(1)}) }}`,
      () => `{% call(c) ui.wrap(${value(1)}) %}{{ c.${field()} }}${inner()}{% endcall %}`, () => `{% include "${pick(['part', 'leaf'])}" %}`,
      () => `{% include "${pick(['part', 'leaf'])}" if ${value(1)} else "leaf" %}`, () => '{% include "nowhere" ignore missing %}',
      () => `{% switch ${value(1)} %}{% case "p" %}${inner().replace(/{% (include|block|import)[^%]*%}/g, '')}{% default %}{{ ${value(1)} }}{% endswitch %}`,
    ])()
  }
  const macros = `{% macro m(x, y, kw=${value(1)}) %}{{ x.n }}${body(1)}{{ kw }}{% endmacro %}{% macro tree(n) %}{{ n.n }}{% if n.next %}{{ tree(n.next) }}{% endif %}{% endmacro %}`
  const templates: Record<string, string> = {
    ui: `{% set inside = ${value(1)} %}{% macro row(x, y=1) %}{{ x.n }}{{ y }}{{ inside }}{% endmacro %}{% macro wrap(x) %}[{{ x.on }}{{ caller(x) if caller }}]{% endmacro %}`,
    leaf: `{{ ${value(2)} }}{{ x.n }}`,
    part: `{% for y in ${list(1)} %}{{ y.n }}{% include "leaf" %}{% endfor %}{% set z = ${value(1)} %}{{ z }}`,
    layout: `{% import "ui" as ui %}${macros}<{% block one %}${body(1)}{% endblock %}|{% block two %}{{ ${value(1)} }}{% endblock %}>${body(1)}`,
  }
  const head = `{% import "ui" as ui${pick(['', ' with context'])} %}${macros}`
  templates['main'] = pick([
    () => head + body(2) + body(2),
    () => `{% extends "layout" %}${head}{% set x = ${value(1)} %}{% block one %}${body(2)}{{ super() }}{% endblock %}`,
    () => `${head}{% if ${value(1)} %}{% extends "layout" %}{% endif %}{% block one %}${body(2)}{% endblock %}{% block two %}${body(1)}{% endblock %}`,
    () => `${head}{% for x in items %}{% block one %}${body(2)}{% endblock %}{% endfor %}${body(2)}`,
  ])()
  return { templates, context }
}
