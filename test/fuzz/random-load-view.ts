// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import type { Random } from './random.ts'

/** Templates whose conditions, loops, macros and names go over several loaders, each read as what it is. */
export interface RandomLoadView {
  readonly templates: Record<string, string>
  /** False where the template has nothing but conditions that can be answered before it is rendered. */
  readonly isFree: boolean
}

export interface RandomLoadOptions {
  /** Whether loaders declare schemas: without, keys that are data are refused at boot. */
  readonly schemas: boolean
  /** Whether everything may stand anywhere; otherwise only what exact loading promises to be exact for. */
  readonly isFree: boolean
}

type Kind = 'row' | 'rows' | 'scalar'

interface Name {
  readonly name: string
  readonly kind: Kind
}

const SCALARS = ['f1', 'f2', 'f3', 'f4', 'n', 'on']
const EVENTS = ['"edit"', '"no"']

export function randomLoadView (random: Random, { schemas, isFree }: RandomLoadOptions): RandomLoadView {
  const names: Name[] = []
  let made = 0
  /** Above 0 where a name may be set any number of times: conditions on it are not asked beforehand. */
  let unsure = 0
  /** The macro `m`, where it may be called: recursions are read whole from some depth on. */
  let m = 'm'
  const { pick, below, chance } = { pick: <T>(items: readonly T[]): T => random.pick(items), below: (n: number) => random.below(n), chance: (p: number) => random.chance(p) }
  const field = (): string => pick(SCALARS)
  const bound = (kind: Kind): string[] => names.filter((name) => name.kind === kind).map(({ name }) => name)
  const one = (...writers: Array<(() => string) | false>): string => pick(writers.filter((writer) => writer !== false))()

  const row = (depth: number): string => {
    const near = bound('row')
    if (depth <= 0 || chance(0.5)) return near.length > 0 && chance(0.6) ? pick(near) : pick(['u', 'v', 'w'])
    return one(
      () => `${row(depth - 1)}.next`, () => 'map.k1', () => 'map["k2"]', () => `${root('rows')}[0]`, () => `(${rows(0)} | first)`,
      isFree && (() => `(${row(depth - 1)} or ${row(0)})`), isFree && (() => `(${row(depth - 1)} if ${condition(1)} else ${row(0)})`),
      schemas && isFree && (() => `map[${scalar(0)}]`), schemas && isFree && (() => `${root('rows')}[${scalar(0)}]`), schemas && isFree && (() => `u[${pick(['key', '"next"', 's'])}]`)
    )
  }
  const root = (kind: 'rows'): string => bound(kind).length > 0 && chance(0.4) ? pick(bound(kind)) : pick(['items', 'list', 'cols'])
  const rows = (depth: number): string => {
    if (depth <= 0 || chance(0.4)) return chance(0.7) ? root('rows') : `${row(0)}.kids`
    return one(
      () => `(${rows(depth - 1)} | reverse)`, () => `(${rows(depth - 1)} | selectattr("${field()}"))`, () => `(${rows(depth - 1)} | rejectattr("${field()}"))`,
      () => `(${rows(depth - 1)} | sort(attribute="${pick(['f1', 'n'])}"))`, () => `[${row(1)}, ${row(1)}]`, isFree && (() => `(${rows(depth - 1)} or [])`),
      isFree && (() => `(${rows(depth - 1)} if ${condition(1)} else ${rows(0)})`), () => `(${rows(depth - 1)} | list)`
    )
  }
  const scalar = (depth: number): string => {
    const near = bound('scalar')
    if (depth <= 0 || chance(0.3)) return one(() => `${row(1)}.${field()}`, () => `${row(0)}.${field()}`, () => pick(['s', 'r', 'q', ...near, ...near]), () => pick(['1', '2', '"p"', '"q"', 'true']))
    const next = (): string => scalar(depth - 1)
    return one(
      () => `(${next()} and ${next()})`, () => `(${next()} or ${next()})`, () => `(${next()} if ${condition(depth - 1)} else ${next()})`, () => `(${next()} if ${condition(depth - 1)})`,
      () => `(${next()} ~ ${next()})`, () => `(${next()} | ${pick(['upper', 'default("d")', 'string', 'title'])})`, () => `(${next()} | default(${next()}))`, () => `(${rows(1)} | ${pick(['length', `join(",", "${field()}")`])})`,
      () => `${root('rows')}.length`, () => `(${row(1)}.tags | ${pick(['join("-")', 'length', 'first'])})`, () => `[${next()}, ${next()}][${pick(['0', '1'])}]`, () => `{ a: ${next()}, b: ${next()} }.${pick(['a', 'b'])}`,
      schemas && isFree && (() => `(map | ${pick(['length', 'list | length'])})`)
    )
  }
  const condition = (depth: number): string => one(
    () => pick(['s', 'r', 'q', 's == 1', 'q > 1', 'not r']), () => `${row(0)}.${field()}`, () => `${row(1)}.${field()} == ${scalar(0)}`, () => `${row(1)}.next`, () => `${rows(0)}.length`, () => `can(${pick(EVENTS)})`,
    ...(depth > 0
      ? [() => `(${condition(depth - 1)} and ${condition(depth - 1)})`, () => `(${condition(depth - 1)} or ${condition(depth - 1)})`, () => `(not ${condition(depth - 1)})`, () => scalar(depth), () => `${scalar(1)} in ${row(0)}.tags`,
          () => `${scalar(0)} is ${pick(['defined', 'string', 'number', 'truthy', 'odd'])}`, () => `${scalar(1)} ${pick(['==', '!=', '===', '<'])} ${scalar(0)}`]
      : [])
  )

  const within = (inner: readonly Name[], depth: number): string => {
    names.push(...inner)
    const text = body(depth)
    names.length -= inner.length
    return text
  }
  const body = (depth: number): string => {
    const before = names.length
    const text = Array.from({ length: 1 + below(3) }, () => statement(depth)).join('')
    names.length = before
    return text
  }
  const fresh = (prefix: string): string => `${prefix}${++made}`
  const unsurely = (write: () => string): string => {
    unsure++
    const text = write()
    unsure--
    return text
  }
  const alias = (kind: Kind, value: string): string => {
    if (unsure > 0 && !isFree) return `{{ ${scalar(1)} }},`
    const name = fresh('a')
    names.push({ name, kind })
    return `{% set ${name} = ${value} %}`
  }
  const loop = (over: string, inner: (x: string) => string): string => {
    const x = isFree && chance(0.3) ? 'x' : fresh('x')
    return `{% for ${x} in ${over} %}${unsurely(() => inner(x))}{{ ${x}.${field()} }};{% else %}-{% endfor %}`
  }
  const statement = (depth: number): string => {
    if (depth <= 0 || chance(0.2)) return `{{ ${scalar(1)} }},`
    const inner = (): string => body(depth - 1)
    const asRow = (x: string): Name[] => [{ name: x, kind: 'row' }]
    return one(
      () => `{% if ${condition(1)} %}${inner()}{% endif %}`, () => `{% if ${condition(1)} %}${inner()}{% else %}${inner()}{% endif %}`, () => `{% if ${condition(2)} %}${inner()}{% elif ${condition(1)} %}${inner()}{% else %}${inner()}{% endif %}`,
      () => `{% if ${condition(0)} %}{% if ${condition(1)} %}${inner()}{% else %}${inner()}{% endif %}{% endif %}`, () => `{{ ${scalar(0)} if ${condition(1)} else ${scalar(0)} }},`, () => `{{ ${scalar(2)} }},`,
      () => loop(rows(1), (x) => within(asRow(x), depth - 1)), () => loop(rows(0), (x) => `{% if ${x}.${field()} %}${within(asRow(x), depth - 1)}{% endif %}`), () => loop('cols', (x) => `{% if ${x}.${field()} %}${inner()}{% else %}${inner()}{% endif %}`),
      () => alias('row', row(1)), () => alias('scalar', scalar(1)), () => alias('rows', rows(0)), () => alias('scalar', condition(1)),
      () => `{% include "${pick(['part', 'leaf'])}" %}`, () => `{% include "part" if ${condition(1)} else "leaf" %}`,
      () => `{{ ${pick([m, 'ui.row'])}(${row(1)}, ${scalar(1)}) }}`, () => `{{ ${m}(${row(0)}, ${pick(['kw', 'y'])}=${scalar(1)}) }}`, () => `{% call(c) ui.wrap(${row(1)}) %}${unsurely(() => within(asRow('c'), depth - 1))}{% endcall %}`,
      () => `{% switch ${scalar(0)} %}{% case "p" %}{% case ${pick(['1', '2', 's'])} %}{{ ${scalar(1)} }}{% case ${scalar(0)} %}{{ ${scalar(1)} }}{% default %}{{ ${scalar(1)} }}{% endswitch %}`,
      isFree && (() => `{% if ${condition(1)} %}{% set z = ${row(1)} %}{% else %}{% set z = ${row(0)} %}{% endif %}{{ z.${field()} }},`), isFree && (() => `{% set z = ${row(1)} %}{{ z.${field()} }}`),
      isFree && (() => { const x = fresh('b'); return `{% set ${x} %}${inner()}{% endset %}{{ ${x} }}` }), isFree && (() => `{% filter upper %}${inner()}{% endfilter %}`), isFree && (() => `{{ tree(${row(1)}) }}`),
      schemas && isFree && (() => `{% for k, x in map %}{{ k }}${within([{ name: 'k', kind: 'scalar' }, ...asRow('x')], depth - 1)}{% endfor %}`)
    )
  }

  if (!isFree) m = 'ui.row'
  const own = (): Name[] => [{ name: 'x', kind: 'row' }, { name: 'y', kind: 'scalar' }]
  const macros = `{% macro m(x, y, kw=${scalar(0)}) %}{% if y %}{{ x.n }}{% else %}{{ x.f1 }}{% endif %}${unsurely(() => within(own(), 1))}{% if kw %}{{ x.f2 }}{{ v.f3 }}{% endif %}{% endmacro %}{% macro tree(n) %}{{ n.n }}{% if n.next %}{{ tree(n.next) }}{% endif %}{% endmacro %}`
  m = 'm'
  const templates: Record<string, string> = {
    ui: '{% macro row(x, y=1) %}{% if y %}{{ x.n }}{% else %}{{ x.f4 }}{% endif %}{% endmacro %}{% macro wrap(x) %}[{% if x.on %}{{ caller(x) }}{% endif %}]{% endmacro %}',
    leaf: `{{ ${scalar(2)} }}{% if ${condition(1)} %}{{ ${scalar(1)} }}{% endif %}`,
    part: `${loop(rows(1), (x) => `{{ ${x}.n }}{% include "leaf" %}`)}{% if ${condition(1)} %}{{ ${scalar(1)} }}{% endif %}`,
    layout: `{% import "ui" as ui %}${macros}({% block one %}${body(1)}{% endblock %}|{% block two %}{{ ${scalar(1)} }}{% endblock %})${body(1)}`,
  }
  const head = `{% import "ui" as ui${pick(['', ' with context'])} %}${macros}${isFree ? `{% set x = ${row(0)} %}` : ''}${chance(0.5) ? alias('row', row(1)) : ''}${chance(0.5) ? alias('scalar', condition(1)) : ''}`
  templates['main'] = one(
    () => head + body(2) + body(2), () => head + body(3), () => head + body(2) + body(2) + body(2),
    () => `{% extends "layout" %}{% block one %}{% import "ui" as ui %}${macros}${body(2)}{{ super() }}{% endblock %}`,
    isFree && (() => `{% extends "layout" if ${condition(1)} else "layout" %}{% block two %}{{ ${scalar(1)} }}{% endblock %}`)
  )
  return { templates, isFree }
}
