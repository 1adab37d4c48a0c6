// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import type { Random } from './random.ts'
import { condition, expression, output } from './random-expression.ts'
import type { Scope } from './random-expression.ts'
import { document, markup } from './random-markup.ts'

/** A program: templates by name, and the one to render. */
export interface RandomProgram {
  readonly templates: Record<string, string>
  readonly entry: string
}

/** In set blocks, filter blocks and custom tags nunjucks knows neither blocks nor super(). */
const captured = { blocks: [], superFor: false, captured: true }

/** Writes a program over all of the language. Most of its markup is what an author may write. */
export function randomProgram (random: Random): RandomProgram {
  const templates: Record<string, string> = {}
  const scope: Scope = {
    random, names: [], depth: 0, includes: [], macros: [], inLoop: false, inMacro: false, superFor: false, captured: false, blocks: []
  }
  templates['part2.njk'] = body({ ...scope, depth: 1 })
  templates['part1.njk'] = body({ ...scope, depth: 1, includes: ['part2.njk'] })
  templates['macros.njk'] = `{% set v = b %}${macro(scope, 'mi')}${macro(scope, 'mj')}{% macro each(list) %}{% for x in list %}<i>{{ caller(x, loop.index) }}</i>{% else %}none{% endfor %}{% endmacro %}`
  const parts = ['part1.njk', 'part2.njk']
  const hasParent = random.chance(0.6)
  if (hasParent) {
    for (const name of ['base.njk', 'other.njk']) {
      const blocks = ['one', 'two', 'three']
      const page = `<main>${body({ ...scope, includes: parts, blocks })}</main>`
      templates[name] = document(scope, blocks[0] === 'one' ? `${page}{% block one %}1${name}{{ v }}{% endblock %}` : page)
    }
  }
  const imports = random.pick(['', '{% import "macros.njk" as g %}', '{% import "macros.njk" as g with context %}', '{% from "macros.njk" import mi, mj as mk %}', '{% from "macros.njk" import each %}{% import "macros.njk" as g %}'])
  const macros = [
    ...(imports.includes(' as g') ? ['g.mi', 'g.mj'] : []), ...(imports.includes('import mi') ? ['mi', 'mk'] : []), 'own'
  ]
  const parent = hasParent
    ? random.pick(['{% extends "base.njk" %}', '{% extends "base.njk" if flag else "other.njk" %}', '{% if flag %}{% extends "base.njk" %}{% endif %}'])
    : ''
  const main = body({ ...scope, includes: parts, macros, blocks: ['one', 'two', 'three'], superFor: parent.startsWith('{% extends "base.njk" %}') })
  const page = hasParent ? main : document(scope, main)
  templates['main.njk'] = `${random.chance(0.5) ? parent + imports : imports + parent}${macro(scope, 'own')}${page}`
  return { templates, entry: 'main.njk' }
}

function macro ({ random }: Scope, name: string): string {
  const scope: Scope = {
    random, names: ['p', 'q'], depth: 2, includes: [], macros: [], inLoop: false, inMacro: true, superFor: false, captured: false, blocks: []
  }
  const parameters = random.pick(['p', 'p, q', 'p, q=c', 'p="<d>", q=b', ''])
  return `{% macro ${name}(${parameters}) %}${body(scope)}${random.chance(0.4) ? '{{ caller(p) if caller else "" }}' : ''}{% endmacro %}`
}

function body (scope: Scope): string {
  let text = ''
  for (let n = 1 + scope.random.below(scope.depth > 1 ? 2 : 3); n > 0; n--) text += statement(scope)
  return text
}

export function inner (scope: Scope, more: Partial<Scope> = {}): string {
  return body({ ...scope, depth: scope.depth + 1, ...more })
}

function statement (scope: Scope): string {
  const { random, depth } = scope
  if (depth > 2 + (random.chance(0.3) ? 1 : 0)) return random.chance(0.4) ? 'text ' : output(scope)
  switch (random.below(25)) {
    case 0: return random.pick(['plain ', '<div>para</div>', '\n', '<b>{{ b }}</b>', '{# comment #}', '{% raw %}{{ raw }}{% endraw %}', ' -{%- if true -%} t {%- endif -%}- '])
    case 1: case 2: case 3: case 4: return output(scope)
    case 5: case 6: return branch(scope)
    case 7: case 8: case 9: return loop(scope)
    case 10: return `{% set ${random.pick(['v', 'w', 'x', 'v, w'])} = ${expression(scope)} %}`
    case 11: return `{% set ${random.pick(['v', 'w'])} %}${inner(scope, captured)}{% endset %}`
    case 12: return `{% filter ${random.pick(['upper', 'trim', 'safe', 'replace("a", "<")'])} %}${inner(scope, captured)}{% endfilter %}`
    case 13: case 20: return choice(scope)
    case 14: return include(scope)
    case 15: return block(scope)
    case 16: return call(scope)
    case 17: return `{% wrap ${random.pick(['', 'b', '"<"'])} %}${inner(scope, captured)}{% endwrap %}`
    case 18: return asynchronous(scope)
    case 19: return depth < 2 && !scope.inLoop ? `${macro(scope, 'own')}{{ own(${expression(scope)}) }}` : output(scope)
    default: return markup(scope)
  }
}

function branch (scope: Scope): string {
  const { random } = scope
  const elif = random.chance(0.4) ? `{% ${random.pick(['elif', 'elseif'])} ${condition(scope)} %}${inner(scope)}` : ''
  const otherwise = random.chance(0.5) ? `{% else %}${inner(scope)}` : ''
  return `{% if ${condition(scope)} %}${inner(scope)}${elif}${otherwise}{% endif %}`
}

// A block or an include in a loop's else is a syntax error in nunjucks, and works here: programs leave them out.
function loop (scope: Scope): string {
  const { random } = scope
  const [names, items] = random.pick([
    ['r', 'rows'], ['r', 'rows'], ['r', 'rows|reverse'], ['i', '[1, 2, 3]'], ['i', 'range(3)'], ['k, v', 'dict'], ['k, n', 'pairs'], ['r', 'a'],
    ['t', 'r.tags'], ['kid', 'r.kids'], ['x', 'rows'], ['m', 'b'], ['v, w', 'dict'], ['k, v', 'pairs'], ['r', 'missing']
  ] as const)
  const bound = names.split(', ')
  const content = random.chance(0.3) ? '{{ loop.index }}:{{ ' + bound[0] + ' }}' : ''
  const row = inner(scope, { names: [...scope.names, ...bound], inLoop: true, blocks: [] })
  const otherwise = random.chance(0.3) ? `{% else %}none${output({ ...scope, names: [...scope.names, ...bound], inLoop: scope.inLoop || random.chance(0.3), superFor: false })}` : ''
  return `{% for ${names} in ${items} %}<div>${content}${row}</div>${otherwise}{% endfor %}`
}

// nunjucks generates invalid code for include, block and the like within a case: plain content only.
function choice (scope: Scope): string {
  const { random } = scope
  const simple = (): string => random.pick(['one', output({ ...scope, superFor: false }), `{% if ${condition(scope)} %}y{% endif %}`, ''])
  return `{% switch ${random.pick(['c', 'b', 'user.age', 'flag'])} %}{% case 0 %}${simple()}{% case 1 %}${simple()}{% case "plain" %}${simple()}` +
    `${random.chance(0.5) ? `{% default %}d${simple()}` : ''}{% endswitch %}`
}

function include (scope: Scope): string {
  const { random } = scope
  if (scope.includes.length === 0) return random.chance(0.3) ? '{% include "nowhere.njk" ignore missing %}' : output(scope)
  const name = random.pick(scope.includes)
  return random.pick([`{% include "${name}" %}`, `{% include "${name}" if flag else "part2.njk" %}`, `{% include "${name}" ignore missing %}`])
}

function block (scope: Scope): string {
  const name = scope.inMacro || scope.inLoop ? undefined : scope.blocks.shift()
  if (!name) return output(scope)
  const fromParent = scope.superFor && name === 'one'
  return `{% block ${name} %}${inner(scope, { superFor: fromParent })}{% endblock %}`
}

function call (scope: Scope): string {
  const { random } = scope
  const macro = random.pick(scope.macros.length > 0 ? scope.macros : ['shout'])
  const content = inner(scope, { ...captured, names: [...scope.names, 'z'] })
  if (macro === 'shout') return output(scope)
  if (random.chance(0.5)) {
    return '{% macro around(list) %}{% for x in list %}<u>{{ x.n }}{{ caller(x, loop.index) }}</u>{% endfor %}{% endmacro %}' +
      `{% call(z, w) around(rows) %}${content}{{ x.n }}{{ w }}{{ loop.index }}{% endcall %}`
  }
  return `{% call(z) ${macro}(${expression(scope)}) %}${content}{% endcall %}`
}

function asynchronous (scope: Scope): string {
  const { random } = scope
  if (scope.inMacro || scope.inLoop || scope.captured) return output(scope)
  const names = [...scope.names, 'r']
  const simple = (): string => `<i>${output({ ...scope, names, superFor: false })}</i>{% if ${condition(scope)} %}y{{ b }}{% endif %}`
  return random.pick([
    () => '{{ b|later }}',
    () => `{{ ${expression(scope)}|later|upper }}`,
    () => `{% if c|later == "~1" %}${simple()}{% else %}n{% endif %}`,
    () => '{% set v = b|later %}{{ v }}',
    () => `{% for r in rows %}{{ r.name|later }}${simple()}{{ loop.index }}{% endfor %}`,
    () => `{% asyncEach r in rows %}${simple()}{{ loop.last }}{% endeach %}`,
    () => `{% asyncAll r in rows %}${simple()}{{ loop.index0 }}{% endall %}`,
    () => `{% asyncEach k, v in dict %}{{ k }}${simple()}{% endeach %}`,
    () => `{% ifAsync flag %}${simple()}{% else %}{{ c }}{% endif %}`,
    () => `{% wait %}${simple()}{% endwait %}`
  ])()
}
