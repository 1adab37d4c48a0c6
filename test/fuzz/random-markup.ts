// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import { condition, expression, loopFields, output } from './random-expression.ts'
import type { Scope } from './random-expression.ts'
import { inner } from './random-program.ts'

/** An element, or several, with values in places of every kind. Nearly all of it is what an author may write. */
export function markup (around: Scope): string {
  // In text that becomes trusted HTML the quotes of a macro would end attributes: that is nobody's fault but the author's.
  const scope = around.captured ? { ...around, macros: [] } : around
  const { random } = scope
  const row = { ...scope, names: [...scope.names, 'r'], inLoop: true, blocks: [] }
  const value = (): string => `{{ ${expression(scope)} }}`
  const content = (more: Partial<Scope> = {}): string => random.chance(0.7) ? text(scope) : inner(scope, more)
  return random.pick([
    () => table(scope, row),
    () => table(scope, row),
    () => `<ul>${random.pick(['', '{% if flag %}<li>first</li>{% endif %}'])}{% for r in rows %}<li ${key(scope)}>{{ r.name }}${random.chance(0.5) ? text(row) : inner(row)}</li>${random.pick(['', '{% else %}<li>none</li>'])}{% endfor %}</ul>`,
    () => `<ol>{% for r in rows %}<li>{{ r.name }}{% for kid in r.kids %}<b ${random.pick(['id="{{ kid.n }}"', ''])}>{{ kid.name }}</b>{% endfor %}</li>{% endfor %}</ol>`,
    () => select(scope),
    () => `<input type="checkbox" ${flag(scope, 'checked')} name="q" value="${value()}">`,
    () => `<input name="${value()}" ${flag(scope, 'disabled')}${binding(scope, 'input')} />`,
    () => `<div class="${classes(scope)}" title='${value()}'>${content()}</div>`,
    () => `<section class="${classes(scope)}" ${sets(scope)}>${content()}</section>`,
    () => `<a ${random.pick(['href', 'HREF'])}="${random.pick(['/u/', 'https://x/?', ''])}${value()}${random.pick(['', '&amp;p={{ c }}'])}" ${random.chance(0.3) ? flag(scope, 'hidden') : ''}>${text({ ...scope, macros: [] })}</a>`,
    () => `<textarea name="t">${random.pick(['', '\n'])}${value()}${random.pick(['', '{% if flag %}\n{{ b }}{% endif %}', '{% for r in rows %}{{ r.name }}; {% endfor %}', ' &amp;'])}</textarea>`,
    () => form(scope),
    () => `<p>${text({ ...scope, macros: [] })}</p>`,
    () => `<p${random.pick([' hidden', ''])}>${text({ ...scope, macros: [] })}<br>${random.pick(['text', '', '<!--3-->', '<!--]-->'])}</p>`,
    () => '<script type="application/json">{"a": {{ b|dump|safe }}{% for r in rows %}, "{{ loop.index }}": {{ r.n|dump }}{% endfor %}}</script>',
    () => `<svg viewBox="0 0 {{ c }} 10" ${random.chance(0.5) ? flag(scope, 'hidden') : ''}><path d="${value()}"/>{% if ${condition(scope)} %}<g ${sets(scope)}><text>{{ b }}</text></g>{% endif %}</svg>`,
    () => `<details ${flag(scope, 'open')}><summary>{{ b }}</summary>${content()}</details>`,
    () => `<pre>${random.pick(['', '\n', 'x'])}{{ b }}\n</pre>`,
    () => '<dl>{% for k, v in dict %}<dt>{{ k }}</dt><dd>{{ v }}</dd>{% endfor %}</dl>',
    () => `<button ${binding(scope, 'click')} ${random.chance(0.4) ? flag(scope, 'disabled') : ''}>{{ b }}</button>`
  ])()
}

/** Wraps a page into a whole document, in one of the ways in which people write them. */
export function document (scope: Scope, page: string): string {
  const { random } = scope
  const head = `<title>${random.pick(['Page', '{{ b }}', 'Orders ({{ c }}) {% if flag %}new{% endif %}'])}</title>${random.pick(['', '{% if flag %}<meta name="n" content="{{ c }}">{% endif %}'])}`
  return random.pick([
    () => page,
    () => `<!doctype html>\n<html lang="{{ b }}"><head>${head}</head><body class="{{ b }}">${page}</body></html>`,
    () => `<!doctype html><html><head>${head}</head>\n<body ${flag(scope, 'hidden')}>${page}</body></html>`,
    () => `<!doctype html>${head}<body>${page}`,
    () => `<!doctype html><html><head>${head}<body>${page}`
  ])()
}

function text (scope: Scope): string {
  const { random } = scope
  return random.pick([output(scope), `text ${output(scope)}, and {{ b }}{{ c }}`, '{{ b }} text', `{% if ${condition(scope)} %}yes {{ b }}{% else %}no{% endif %} so`])
}

function key (scope: Scope): string {
  return scope.random.pick(['id="r{{ r.id }}"', 'live-key="{{ r.id }}"', 'data-key="{{ r.id }}"', 'class="{{ r.name }}"', ''])
}

function table (scope: Scope, row: Scope): string {
  const { random } = scope
  const cell = (): string => random.pick(['{{ r.name }}', '{{ r.n }} of {{ r.id }}', '{% if r.n > 1 %}<b>{{ r.n }}</b>{% else %}-{% endif %}', `{{ loop.${random.pick(loopFields)} }}`])
  const last = random.chance(0.8) ? '' : inner(row)
  const cells = `<td>${cell()}</td>${random.pick(['', `<td class="${classes(row)}">${cell()}${last}</td>`, '{% for k in r.kids %}<td>{{ k.name }}</td>{% endfor %}', '{% if r.n %}<td>{{ r.n }}</td>{% endif %}'])}`
  const rows = `{% for r in rows %}<tr ${key(scope)}${random.chance(0.2) ? ` ${flag(scope, 'hidden')}` : ''}>${cells}</tr>${random.pick(['', '', '{% for kid in r.kids %}<tr><td>{{ kid.n }}</td></tr>{% endfor %}', '{% else %}<tr><td>none</td></tr>'])}{% endfor %}`
  return `<table>${random.pick(['', '<thead><tr><th>{{ b }}</th></tr></thead>', '{% if flag %}<caption>{{ b }}</caption>{% endif %}', '<tr><th>{{ b }}</th></tr>'])}` +
    `${random.pick([rows, `<tbody>${rows}</tbody>`, `\n<tbody class="{{ b }}">\n${rows}\n</tbody>\n`])}</table>`
}

function select (scope: Scope): string {
  const { random } = scope
  return `<select name="s"${binding(scope, 'change')}>${random.pick(['', '<option value="">any</option>'])}` +
    `{% for r in rows %}<option value="{{ r.id }}" ${random.pick(['{% if r.n == c %}selected{% endif %}', "{{ 'selected' if r.n == c }}", ''])}>{{ r.name }}</option>{% endfor %}</select>`
}

function form (scope: Scope): string {
  return `<form method="post"${binding(scope, 'submit')}><input name="n" value="{{ b }}">{% if ${condition(scope)} %}<em>{{ c }}</em>{% endif %}` +
    `${scope.random.pick([select(scope), ''])}<button${binding(scope, 'click')}>{{ c }}</button></form>`
}

function binding (scope: Scope, kind: string): string {
  // Text that is captured has no elements to bind.
  return scope.captured || scope.random.chance(0.4) ? '' : ` live-${kind}="go" live-value-id="{{ ${scope.names.includes('r') ? 'r.id' : 'c'} }}"`
}

function flag (scope: Scope, name: string): string {
  return scope.random.pick([`{% if ${condition(scope)} %}${name}{% endif %}`, `{{ '${name}' if ${condition(scope)} }}`])
}

function sets (scope: Scope): string {
  return scope.random.pick([flag(scope, 'hidden'), `{% if ${condition(scope)} %}data-x="{{ c }}" lang='{{ b }}'{% else %}hidden{% endif %}`, '{% for r in rows %}data-{{ loop.index }}="{{ r.name }}" {% endfor %}', `title="{{ b }}" ${flag(scope, 'hidden')}`])
}

function classes (scope: Scope): string {
  return scope.random.pick(['a {{ b }}', '{{ b }}', `a {% if ${condition(scope)} %}on{% else %}{{ c }}{% endif %} z`, '{% for r in rows %}{{ r.name }} {% endfor %}', `{{ ${expression(scope)} }}`])
}
