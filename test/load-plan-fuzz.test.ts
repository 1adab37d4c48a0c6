import t from 'tap'
import { analyseProgram } from '../lib/template/fields/analyse-program.ts'
import type { Program } from '../lib/template/program.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { Random } from './fuzz/random.ts'
import { loadAll, loadExactly } from './helpers/load-exactly.ts'
import type { Page } from './helpers/load-exactly.ts'

// Rendering with what the plan says, loaded by rounds, must give what rendering with everything gives, for any program.
const seed = Number(process.env['PLAN_SEED'] ?? Date.now() % 1_000_000)
const programs = Number(process.env['PLAN_PROGRAMS'] ?? 200)

const functions = { can: (name: unknown) => name === 'edit' || name === 1 }

t.test(`exact loading shows the same page (${programs} programs, PLAN_SEED=${seed})`, async (t) => {
  const counts = { compared: 0, less: 0, unasked: 0, again: 0, rounds: 0 }
  for (let number = 0; number < programs; number++) {
    const { templates, loaders, others } = randomProgram(new Random((seed + number) * 2654435761))
    const program = compile(templates)
    const fields = analyseProgram(program)
    const expected = render(program, { ...structuredClone(loaders), ...functions, ...others })
    const exact = loadExactly(fields, loaders, { ...others, ...functions })
    const actual = render(program, exact.page)
    if (actual !== expected) {
      t.equal(actual, expected, `PLAN_SEED=${seed + number}`, { templates, loaders, others, asked: exact.asked } as any)
      return
    }
    if (expected === 'ERROR') continue
    const union = loadAll(fields, loaders, others)
    counts.compared++
    if (size(exact.page) < size({ ...union, ...functions })) counts.less++
    if (Object.keys(union).some((name) => !(name in exact.page))) counts.unasked++
    if (Object.values(exact.asked).some((times) => times.length > 1)) counts.again++
    counts.rounds = Math.max(counts.rounds, exact.rounds)
  }
  t.comment(JSON.stringify(counts))
  t.ok(counts.compared > programs * 0.6, `${counts.compared} programs render without an error`)
  t.ok(counts.less > counts.compared * 0.6, `${counts.less} programs ask for less than the union of their branches`)
  t.ok(counts.unasked > counts.compared * 0.2, `${counts.unasked} programs leave out whole loaders`)
})

function size (value: unknown): number {
  return JSON.stringify(value).length
}

function compile (templates: Record<string, string>): Program {
  const loader = { cache: {}, getSource: (name: string) => name in templates ? { src: templates[name], path: name } : null }
  return new TemplateEnvironment([loader] as any).compile('main')
}

function render (program: Program, page: Page): string {
  try {
    return String(program.render(page))
  } catch {
    return 'ERROR'
  }
}

function randomProgram (random: Random): { templates: Record<string, string>, loaders: Page, others: Page } {
  const below = (limit: number): number => random.below(limit)
  const chance = (probability: number): boolean => random.chance(probability)
  const pick = <T>(items: readonly T[]): T => random.pick(items)
  // Many fields and short programs: what one read forgets must not be asked for by another.
  const plain = Array.from({ length: 24 }, (_, index) => `f${index}`)
  const field = (): string => pick([...plain, 'on', 'n', 'next', 'tags', 'length'])
  const scalar = (): unknown => pick<unknown>([0, 1, 2, 'p', 'q', '', true, false, null, undefined, 'text'])
  const row = (depth = 0): unknown => chance(0.1)
    ? scalar()
    : {
        n: scalar(),
        on: scalar(),
        tags: [scalar(), scalar()].slice(0, below(3)),
        ...Object.fromEntries(plain.map((name) => [name, scalar()])),
        ...(depth < 3 && chance(0.5) ? { next: row(depth + 1) } : {}),
        ...(depth < 2 ? { kids: Array.from({ length: below(3) }, () => row(3)) } : {})
      }
  const rows = (): unknown => Array.from({ length: below(4) }, () => row(1))
  const loaders: Page = { u: row(), v: row(), w: row(), items: rows(), list: rows(), map: { k1: row(2), k2: row(2) } }
  const others: Page = { s: scalar(), r: scalar(), q: scalar(), st: row(), cols: rows(), open: pick([1, 2, 'p']) }

  const names = ['x', 'y', 'z']
  const bound: string[] = []
  const name = (): string => bound.length > 0 && chance(0.5) ? pick(bound) : pick(['u', 'v', 'w', 'u', 'v', 'w', 's', 'r', 'q', 'st', 'map.k1', 'items[0]', pick(names)])
  const path = (): string => {
    let text = name()
    if (['u', 'v', 'w'].includes(text) && chance(0.9)) text += `.${pick(plain)}`
    while (chance(0.6)) text += pick([`.${field()}`, `.${field()}`, `.${field()}`, '["n"]', `[${pick(['"on"', 's', 'st.n'])}]`])
    return text
  }
  const literal = (): string => pick(['1', '2', '"p"', '"q"', 'true', 'false', 'none'])
  const list = (depth: number): string => pick([
    () => 'items', () => 'list', () => 'cols', () => 'u.kids', () => 'st.kids', () => 'v.tags', () => (bound.length > 0 ? `${pick(bound)}.${pick(['kids', 'tags'])}` : 'items'),
    ...(depth <= 0
      ? []
      : [() => `(${list(depth - 1)} or [])`, () => `(${list(depth - 1)} if ${value(1)} else ${list(depth - 1)})`, () => `${list(depth - 1)} | reverse`, () => `${list(depth - 1)} | selectattr("${field()}")`,
          () => `${list(depth - 1)} | sort(attribute="${pick(plain)}")`, () => `[${path()}, ${path()}]`, () => 'range(2)'])
  ])()
  const value = (depth: number): string => {
    if (depth <= 0 || chance(0.3)) return chance(0.85) ? path() : literal()
    const next = (): string => value(depth - 1)
    return pick<() => string>([
      path, () => `(${next()} and ${next()})`, () => `(${next()} or ${next()})`, () => `(${next()} if ${next()} else ${next()})`, () => `(${next()} if ${next()})`, () => `(not ${next()})`,
      () => `(not ${next()} == ${next()})`, () => `(${next()} ${pick(['==', '!=', '<', '==='])} ${next()})`, () => `(${next()} ~ ${next()})`, () => `(${next()} in (${list(1)}))`,
      () => `(${next()} is ${pick(['defined', 'undefined', 'null', 'string', 'truthy', 'mapping', 'even'])})`, () => `(${next()} | ${pick(['upper', 'default("d")', 'length', 'string', 'd(v.f2, true)'])})`,
      () => `((${list(1)})${pick(['.length', ' | length', ' | first', ' | join(",")'])})`, () => `can(${pick(['"edit"', '"no"', next()])})`, () => `[${next()}, ${next()}][${pick(['0', '1', 's'])}]`,
    ])()
  }
  const body = (depth: number): string => Array.from({ length: 1 + below(3) }, () => statement(depth)).join('')
  const inside = (names: readonly string[], depth: number): string => {
    bound.push(...names)
    const text = body(depth)
    bound.length -= names.length
    return text
  }
  const condition = (): string => pick([() => value(1), () => value(2), () => pick(['s', 'r', 'q', 'st.on', `o${below(9)}`, 'u', 'v.on', 'items.length', 'list', 'u.next', 's == 1', 'can("edit")', 's and u', 'u and v.on', 'not u', 'w.n or s'])])()
  const statement = (depth: number): string => {
    if (depth <= 0 || chance(0.2)) return `{{ ${value(1)} }},`
    const inner = (): string => body(depth - 1)
    const one = pick(names)
    return pick<() => string>([
      () => `{% if ${condition()} %}${inner()}{% endif %}`, () => `{% if ${condition()} %}${inner()}{% else %}${inner()}{% endif %}`,
      () => `{% if ${condition()} %}${inner()}{% elif ${condition()} %}${inner()}{% else %}${inner()}{% endif %}`,
      () => `{% if ${condition()} %}{% if ${condition()} %}${inner()}{% else %}${inner()}{% endif %}{% endif %}`,
      () => `{{ ${path()} if ${condition()} else ${path()} }},`, () => `{{ (${path()} if ${condition()} else ${path()}) | upper }},`, () => `{{ ${path()} and ${path()} }},{{ ${path()} or ${path()} }},`,
      () => `{% for ${one} in ${list(1)} %}${inside([one], depth - 1)}{{ ${one}.${field()} }}{% else %}${inner()}{% endfor %}`,
      () => `{% for ${one} in ${list(1)} %}{% if ${one}.${field()} %}${inside([one], depth - 1)}{% endif %}{% endfor %}`, () => `{% for k, ${one} in ${pick(['map', 'st', '[[1, u], [2, v]]'])} %}{{ k }}${inside(['k', one], depth - 1)}{% endfor %}`,
      () => `{% set ${one} = ${value(2)} %}{% if ${one} %}${inside([one], depth - 1)}{% endif %}{{ ${one}.${field()} }}`, () => `{% set ${one} = ${path()} %}{{ ${one}.f1 }}`,
      () => `{% for t in cols %}{% if t.${pick(['on', 'n'])} %}{% set ${one} = ${path()} %}{% elif ${one} %}{{ ${one} }}{{ ${path()} }}{% endif %}{% endfor %}`,
      () => `{% if ${condition()} %}{% set o${below(9)} = ${condition()} %}{% endif %}{% if o${below(9)} %}${inner()}{% endif %}`,
      () => `{% if ${condition()} %}{% set ${one} = ${path()} %}{% else %}{% set ${one} = ${path()} %}{% endif %}{{ ${one}.${field()} }}`, () => `{% set o${below(9)} = ${condition()} %}${inner()}`,
      () => `{% set p${below(99)} = ${value(1)} %}{% if ${condition()} %}${inner()}{% endif %}`, () => `{% set ${one} %}${inner()}{% endset %}{{ ${one} }}`,
      () => `{{ ${pick(['m', 'ui.row', 'ui.wrap', 'tree'])}(${value(1)}, ${value(1)}) }}`, () => `{{ m(${value(1)}, ${pick(['kw', 'y'])}=${value(1)}) }}`, () => `{% call(c) ui.wrap(${value(1)}) %}{% if c %}${inside(['c'], depth - 1)}{% endif %}{% endcall %}`,
      () => `{% include "${pick(['part', 'leaf'])}" %}`, () => `{% include "part" if ${condition()} else "leaf" %}`,
      () => `{% switch ${path()} %}{% case "p" %}{% case ${literal()} %}${inner().replace(/{% (include|block|import)[^%]*%}/g, '')}{% case ${path()} %}${inner()}{% default %}{{ ${value(1)} }}{% endswitch %}`,
    ])()
  }
  const alias = (): string => {
    const one = `a${below(4)}`
    const text = `{% set ${one} = ${value(2)} %}`
    bound.push(one)
    return text
  }
  const macros = `{% macro m(x, y, kw=${value(1)}) %}{% if y %}{{ x.n }}{% else %}{{ x.f1 }}{% endif %}${inside(['x', 'y'], 1)}{% if kw %}{{ x.f2 }}{{ v.f3 }}{% endif %}{% endmacro %}{% macro tree(n) %}{{ n.n }}{% if n.next %}{{ tree(n.next) }}{% endif %}{% endmacro %}`
  const templates: Record<string, string> = {
    ui: `{% set inside = ${value(1)} %}{% macro row(x, y=1) %}{% if y %}{{ x.n }}{% else %}{{ x.f4 }}{% endif %}{{ inside }}{% endmacro %}{% macro wrap(x) %}[{% if x.on %}{{ caller(x) if caller }}{% endif %}]{% endmacro %}`,
    leaf: `{{ ${value(2)} }}{% if x %}{{ x.n }}{{ v.f5 }}{% endif %}`,
    part: `{% for y in ${list(1)} %}{{ y.n }}{% include "leaf" %}{% endfor %}{% if ${condition()} %}{% set z = ${value(1)} %}{{ z.f1 }}{% endif %}`,
    layout: `{% import "ui" as ui %}${macros}({% block one %}${body(1)}{% endblock %}|{% block two %}{{ ${value(1)} }}{% endblock %})${body(1)}`,
  }
  const head = `{% import "ui" as ui${pick(['', ' with context'])} %}${macros}${chance(0.5) ? alias() : ''}${chance(0.5) ? alias() : ''}`
  templates['main'] = pick([
    () => head + body(2) + body(2), () => head + body(3), () => head + body(2) + body(2) + body(2),
    () => `{% extends "layout" %}${head}{% block one %}${body(2)}{{ super() }}{% endblock %}`, () => `{% extends "layout" if s else "layout" %}${head}{% block two %}${body(2)}{% endblock %}`,
    () => `${head}{% if ${value(1)} %}{% extends "layout" %}{% endif %}{% block one %}${body(2)}{% endblock %}{% block two %}${body(1)}{% endblock %}`,
  ])()
  return { templates, loaders, others }
}
