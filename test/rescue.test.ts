// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import t from 'tap'
import { renderPage } from '../lib/render/render-page.ts'
import { resolveBinding } from '../lib/render/resolve-binding.ts'
import { Loader } from '../lib/template/nunjucks.ts'
import { RescueCompiler } from '../lib/template/rescue-compiler.ts'
import type { ShownGap } from '../lib/template/rescue-gap.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { Html } from '../lib/template/tree.ts'
import type { Tree } from '../lib/template/tree.ts'
import { NotLoaded, missingOf, touchOf, unavailable } from '../lib/template/unavailable.ts'
import { checkFallbacks } from '../lib/view/rescue-fallbacks.ts'
import { createRescue } from '../lib/view/rescue-slots.ts'
import { LiveComparison } from './fuzz/compare-live.ts'
import { compareRescue } from './fuzz/compare-rescue.ts'
import { extend } from './fuzz/extend.ts'

type Templates = Record<string, string>

const gone = (why: 'failed' | 'pending' | 'unneeded' = 'failed'): object => unavailable('detail', why, why === 'failed' ? 'E1' : '')

function environmentOf (templates: string | Templates): TemplateEnvironment {
  const environment = new TemplateEnvironment(typeof templates === 'string' ? { main: templates } : templates)
  extend(environment)
  return environment
}

/** The text of a page where `detail` is missing, each gap as `[detail]`. */
function around (templates: string | Templates, data: object = {}, why: 'failed' | 'pending' | 'unneeded' = 'failed'): string {
  const rescue = (gaps: readonly ShownGap[]): Html[] => gaps.map(({ missing }) => new Html(`[${missing.loader}]`))
  return String(environmentOf(templates).compile('main').renderAround({ ...data, detail: gone(why) }, rescue))
}

t.test('a placeholder may be passed around; whatever looks into it is told what is missing', async (t) => {
  const detail: any = gone()
  const passed = { ...{ detail } }
  t.ok(passed.detail === detail)
  t.same(missingOf(detail), { loader: 'detail', why: 'failed', errorId: 'E1' })
  t.equal(missingOf({}), null)
  t.equal(missingOf(() => {}), null)
  const touches: Record<string, () => unknown> = {
    member: () => detail.x,
    print: () => `${detail}`,
    walk: () => [...detail],
    keys: () => Object.keys(detail),
    json: () => JSON.stringify({ detail }),
    key: () => ({} as any)[detail],
    call: () => detail(),
    in: () => 'x' in detail,
    number: () => detail > 1,
    equal: () => detail == 'x', // eslint-disable-line eqeqeq
    class: () => detail instanceof Map,
    write: () => { detail.x = 1 },
    own: () => Object.hasOwn(detail, 'x'),
    accessor: () => { detail.caller = 1 },
    names: () => Reflect.ownKeys(detail),
    define: () => Object.defineProperty(detail, 'x', { value: 1 }),
    delete: () => delete detail.x,
    prototype: () => Object.setPrototypeOf(detail, null),
    open: () => Object.isExtensible(detail),
    close: () => Object.preventExtensions(detail)
  }
  for (const [name, touch] of Object.entries(touches)) {
    t.throws(touch, { constructor: NotLoaded, loader: 'detail', message: "the data of loader 'detail' was read, and is failed" }, name)
  }
  t.equal(Object.hasOwn(detail, '__keywords'), false, 'which nunjucks asks of arguments')
})

t.test('an ordinary rendering passes what was not loaded around, and fails with its place where it is read', async (t) => {
  const text = (main: string): string => environmentOf({ main, part: 'part' }).render('main', { detail: gone('unneeded') })
  t.equal(text('{% set d = detail %}{% macro m(x) %}m{% endmacro %}{{ m(d) }}{% include "part" %}{{ "there" if detail }}'), 'mpartthere')
  for (const read of ['{{ detail }}', '{{ detail.x }}', '{% for x in detail %}{% endfor %}', '{% for k, v in detail %}{% endfor %}', '{{ detail|dump }}', '{{ [detail] }}', '{{ "x" in detail }}', '{{ o[detail] }}', '{{ detail() }}', '{{ detail|length }}', '{{ detail|safe }}', '{{ detail + 1 }}', '{{ detail|join }}', '{{ { a: detail }|dump }}', '{% set d = detail %}{{ d.x }}']) {
    t.throws(() => text(read.replace('o[', '{}[')), { code: 'LIVE_ERR_TEMPLATE', line: 1, cause: { constructor: NotLoaded, loader: 'detail' } }, read)
  }
})

t.test('the touch is found in whatever wraps it, and nowhere else', async (t) => {
  const detail: any = gone()
  let touch: unknown
  try { touch = detail.x } catch (error) { touch = error }
  t.equal(touchOf(new Error('x', { cause: new Error('y', { cause: touch }) })), touch)
  const own: any = new Error('own')
  own.cause = own
  for (const other of [own, new Error('x'), null, 'x', { cause: touch }]) t.equal(touchOf(other), null)
})

t.test('each slot that needs what is missing fails for itself', async (t) => {
  const cases: Record<string, string> = {
    '<p>{{ detail.x }}</p><i>{{ ok }}</i>': '<p>[detail]</p><i>OK</i>',
    '<p>{{ detail }}{{ ok if detail }}{{ detail or ok }}{{ ok or detail }}</p>': '<p>[detail][detail][detail]OK</p>',
    '{% if detail %}yes{% elif ok %}no{% endif %}{% if ok %}{{ detail.x }}!{% elif detail %}{% endif %}': '[detail][detail]!',
    '{% if not ok %}{% elif detail.x %}a{% else %}b{% endif %}': '[detail]',
    '<ul>{% for r in detail.rows %}<li>{{ r }}</li>{% else %}none{% endfor %}</ul>{% for x in [1, 2] %}<b>{{ x }}{{ detail.y }}</b>{% endfor %}': '<ul>[detail]</ul><b>1[detail]</b><b>2[detail]</b>',
    '{% for k, v in detail %}{{ k }}{% endfor %}{% for r in detail.rows %}{% set a = r %}{% endfor %}{{ ok }}': '[detail][detail]OK',
    '{% switch detail.k %}{% case 1 %}a{% default %}b{% endswitch %}{% switch ok %}{% case detail.k %}a{% default %}b{% endswitch %}': '[detail][detail]',
    '{% set d = detail.y %}{% set e = d %}{{ d }}{% if e %}x{% endif %}{{ e.z }}{% set d = ok %}{{ d }}': '[detail][detail][detail]OK',
    '{% set a, b = detail.y %}{{ a }}{{ b }}': '[detail][detail]',
    '{% set t %}a {{ detail.x }}{% endset %}<p>{{ t }}</p>{% set u %}a {{ ok }}{% endset %}{{ u }}': '<p>[detail]</p>a OK',
    '{% filter upper %}a {{ detail.x }}{% endfilter %}{% filter upper %}b{% endfilter %}': '[detail]B',
    '{% macro m(x) %}<i>{{ x }}{{ detail.y }}</i>{% endmacro %}{{ m(1) }}{{ m(detail) }}{{ m(1)|upper }}{{ m(x=detail.z) }}{{ m(1) ~ "" }}': '<i>1[detail]</i>[detail][detail][detail][detail]',
    '{% macro m(x=detail.y) %}<i>{{ x }}</i>{% endmacro %}{% set v = 1 %}{{ m() }}{{ v }}{{ m(2) }}': '[detail]1<i>2</i>',
    '{% macro m(x=detail.y) %}{% endmacro %}{% for x in [1, 2] %}{% set v = x %}{% set z = m() %}{{ v }}{{ z }}{% endfor %}': '1[detail]2[detail]',
    '{% macro m(x) %}{{ caller(x) }}{% endmacro %}{% call(y) m(1) %}{{ y }}{{ detail.y }}{% endcall %}': '1[detail]',
    '{% wrap %}a{{ detail.x }}{% endwrap %}{% wrap detail.y %}a{% endwrap %}{% wrap ok %}a{% endwrap %}': '[detail][detail](OKa)',
    '{% wait %}a{{ detail.x }}{% endwait %}{% wait %}a{{ ok }}{% endwait %}': '[detail]{aOK}',
    '{{ detail.x|later }}{{ ok|later }}{% if detail.x|later %}a{% else %}b{% endif %}{% if ok|later %}a{{ detail.x }}{% else %}b{% endif %}': '[detail]~OK[detail]a[detail]',
    '{% wrap %}{% include "later" %}{{ detail.y }}{% endwrap %}!': '[detail]!',
    '{% asyncEach x in detail.rows %}{{ x }}{% else %}none{% endeach %}{% asyncAll x in [1, 2] %}{{ x }}{{ detail.y }}{% endall %}{% asyncEach x in [] %}{{ x }}{% else %}none{% endeach %}': '[detail]1[detail]2[detail]none',
    '<p title="a {{ detail.x }}" class="{{ ok }}" {% if detail %}hidden{% endif %}>b</p><title>{{ detail.x }}{{ ok }}</title>': '<p title="a " class="OK" >b</p><title>OK</title>',
    '<p title="{% for x in [1] %}{{ x }}{{ detail.x }}{% endfor %}{% if ok %}{{ ok }}{{ detail.x }}{% endif %}">b</p>': '<p title="1OK">b</p>'
  }
  const later = { later: '{% if ok|later %}a{% endif %}' }
  for (const [main, expected] of Object.entries(cases)) {
    t.equal(around({ ...later, main }, { ok: 'OK' }), expected, main)
    t.equal(around({ ...later, main }, { ok: 'OK' }, 'pending'), expected)
  }
})

t.test('blocks, includes and imports fail where their own slots do, or where they are named', async (t) => {
  const templates = {
    base: '<title>{% block title %}{{ detail.t }}{{ ok }}{% endblock %}</title><main>{% block main %}<b>{{ detail.x }}</b>{% endblock %}</main>{% include "part" %}',
    part: '<u>{{ detail.x }}{{ ok }}{{ d }}</u>',
    macros: '{% macro m(x) %}<i>{{ x }}{{ detail.y }}</i>{% endmacro %}{% set v = detail.v %}{% set w = ok %}{{ detail.never }}'
  }
  t.equal(around({ ...templates, main: '{% extends "base" %}{% block main %}{{ super() }}!{% endblock %}{{ detail.nowhere }}' }, { ok: 'OK' }), '<title>OK</title><main><b>[detail]</b>!</main><u>[detail]OK</u>')
  t.equal(around({ ...templates, main: '{% set d = detail.d %}{% include "part" %}{% include "gone" ignore missing %}{% for x in [1] %}{% include "part" %}{% endfor %}' }, { ok: 'OK' }), '<u>[detail]OK[detail]</u><u>[detail]OK[detail]</u>')
  t.equal(around({ ...templates, main: '<p>{% include "part" if detail.x else "macros" %}</p>{{ ok }}' }, { ok: 'OK' }), '<p>[detail]</p>OK')
  t.equal(around({ ...templates, main: '{% import "macros" as g with context %}{{ g.m(1) }}{{ g.v }}{{ g.w }}' }, { ok: 'OK' }), '<i>1[detail]</i>[detail]OK')
  t.equal(around({ ...templates, main: '{% from "macros" import m, v as u, w with context %}{{ m(1) }}{{ u }}{{ w }}' }, { ok: 'OK' }), '<i>1[detail]</i>[detail]OK')
  t.equal(around({ ...templates, main: '{% import "macros" as g %}{% from "macros" import m %}{{ m(1) }}{{ g.m(2) }}{{ g.v }}' }), '<i>1</i><i>2</i>', 'without the context')
  t.equal(around({ ...templates, main: '{% import "macros" if detail.x else "part" as g %}{% from "macros" if detail.x else "part" import m %}{{ g.m(1) }}{{ m(1) }}{{ g }}{{ ok }}' }, { ok: 'OK' }), '[detail][detail][detail]OK')
  t.throws(() => around({ ...templates, main: '{% from "macros" import nothing %}' }), /cannot import 'nothing'/)
  for (const main of ['{% extends "base" if detail.x else "part" %}', '{% if detail.x %}{% extends "base" %}{% endif %}']) {
    t.throws(() => around({ ...templates, main }), { code: 'LIVE_ERR_TEMPLATE', template: 'main', message: /which template this one extends depends on the data of loader 'detail', which is failed/ }, main)
    t.throws(() => around({ ...templates, main }, {}, 'unneeded'), { cause: { constructor: NotLoaded, missing: { why: 'unneeded' } } }, main)
  }
  t.equal(around({ ...templates, main: '{% if ok %}{% extends "part" %}{% endif %}' }, { ok: 'OK' }), '<u>[detail]OK</u>')
})

t.test('what a missing body would have bound is missing as well', async (t) => {
  const inner = '{% set a = 1 %}{% macro m() %}{% set own = 1 %}m{% endmacro %}{% import "macros" as g %}{% from "macros" import n, n as o %}'
  const uses = '{{ a }}{{ m() }}{{ g.n() }}{{ n() }}{{ o() }}{{ own }}{{ b }}'
  const macros = '{% macro n() %}n{% endmacro %}'
  const all = '[detail][detail][detail][detail][detail][detail]2'
  t.equal(around({ main: `{% set b = 2 %}{% if detail %}${inner}{% endif %}${uses}`, macros }), all)
  t.equal(around({ main: `{% set b = 2 %}{% switch detail.x %}{% case 1 %}${inner}{% endswitch %}${uses}`, macros }), all)
  t.equal(around('{% set a = 1 %}{% for x in detail.rows %}{% set a = x %}{% set c = 1 %}{% endfor %}{{ a }}{{ c }}|'), '[detail][detail]|', "a loop's own names end with it")
  t.equal(around('{% set a = 1 %}{% asyncEach x in detail.rows %}{% set a = x %}{% endeach %}{{ a }}|'), '[detail][detail]|')
  t.equal(around('{% macro m(a) %}{% if detail %}{% set a = 1 %}{% endif %}{{ a }}{% endmacro %}{{ m(1) }}|'), '[detail][detail]|')
  t.equal(around('{% macro m(f) %}{{ caller() }}{% endmacro %}{% if detail %}{% call m() %}{% set z = 1 %}{% endcall %}{% endif %}{{ z }}|'), '[detail]|')
})

t.test('what was not needed and is read, and every other error, goes up', async (t) => {
  for (const main of ['{{ detail.x }}', '{% if detail.x > 1 %}{% endif %}', '{% set a = detail.x | upper %}', '{% include detail.x %}', '{% for x in detail %}{% endfor %}', '{{ detail.x|later }}', '{% asyncEach x in detail.y %}{% endeach %}', '{% wait %}{{ detail.x }}{% endwait %}']) {
    const environment = environmentOf({ main, part: '' })
    t.throws(() => environment.compile('main', { includes: ['part'] }).renderAround({ detail: gone('unneeded') }, () => t.fail('nothing to fill') as never), { code: 'LIVE_ERR_TEMPLATE', cause: { constructor: NotLoaded } }, main)
  }
  t.equal(around('{% set d = detail %}{{ "there" if d }}', {}, 'unneeded'), 'there')
  const unused = '{% set d = detail.x %}{% set e = [d.y, detail][0] %}{% set f = { a: d }.a %}{% macro m(x, y) %}{{ x }}{{ y.z if open }}{% endmacro %}{{ m("a", d.y) }}{{ [d, "b"][1] }}{{ d.z ~ e.z ~ f.z if open }}'
  t.equal(around(unused, {}, 'unneeded'), 'ab', 'a part of it may be looked up and not be used')
  for (const main of ['{{ ok.x.y() }}', '{% set a = ok() %}', '{% if ok() %}{% endif %}', '{% asyncEach x in ok() %}{% endeach %}', '{{ ok()|later }}']) {
    t.throws(() => around(main, { ok: 'OK' }), { code: 'LIVE_ERR_TEMPLATE', message: /Unable to call/ }, main)
  }
  const files: Templates = { main: '{{ detail }}\n{% include "part" %}', part: '' }
  const getSource = (name: string): object | null => files[name] === undefined ? null : { src: files[name], path: name, noCache: true }
  const program = new TemplateEnvironment(Object.assign(new Loader(), { getSource })).compile('main')
  delete files['part']
  t.throws(() => program.renderAround({ detail: gone() }, () => []), { code: 'LIVE_ERR_TEMPLATE_MISSING', template: 'main', line: 2 })
  t.throws(() => around({ main: '{% include "part" %}', part: '{{ ok() }}' }), { template: 'part', message: /Unable to call/ })
})

t.test('text that is made of a body with a gap in it is missing as a whole', async (t) => {
  const dict = { key: 1 }
  t.equal(around('<p>{% asyncEach k, v in dict %}{{ detail.x }}{% else %}e{% endeach %}</p>{% asyncEach k, v in dict %}{{ k }}{% else %}e{% endeach %}', { dict }), '<p>[detail]</p>keye')
})

t.test('templates that wait are rendered around what is missing as well', async (t) => {
  const environment = environmentOf('<p>{{ ok|soon }}</p>{{ detail.x|soon }}{{ ok|fails }}')
  environment.addFilter('soon', (value: unknown, cb: (error: unknown, result: unknown) => void) => setImmediate(cb, null, `~${String(value)}`), true)
  environment.addFilter('fails', (value: unknown, cb: (error: unknown) => void) => setImmediate(cb, value === 'OK' ? gone() && touched() : null), true)
  const page = { ok: 'OK', detail: gone() }
  const tree = environment.compile('main').renderAround(page, async (gaps) => gaps.map(() => 'later'))
  t.equal(String(await tree), '<p>~OK</p>laterlater')
  const twice = new TemplateEnvironment({ main: '{{ ok|twice }}' })
  twice.addFilter('twice', (value: unknown, cb: (error: unknown, result: unknown) => void) => {
    cb(null, value)
    throw new Error('too late')
  }, true)
  t.equal(String(twice.compile('main').renderAround(page, () => [])), 'OK', 'what was given counts, as in every rendering')
  t.equal(String(twice.compile('main').render(page)), 'OK')
  const thrower = environmentOf('{{ ok|later }}{{ ok() }}')
  t.throws(() => thrower.compile('main').renderAround({ ok: 1, detail: gone() }, () => []), /Unable to call/)
})

function touched (): unknown {
  try {
    return (gone() as any).x
  } catch (error) {
    return error
  }
}

t.test('a tag that declares its reads fails where they are missing', async (t) => {
  const environment = new TemplateEnvironment({ main: '{% who %}{% who %}{{ ok }}' })
  const tag = {
    tags: ['who'],
    parse (parser: any, nodes: any) {
      parser.advanceAfterBlockEnd(parser.nextToken().value)
      return new nodes.CallExtension(this, 'run', null, [])
    },
    run: (context: any) => context.lookup('detail') ? 'there' : 'not there'
  }
  environment.addExtension('who', tag, { reads: ['detail.name'] })
  const program = environment.compile('main')
  t.equal(String(program.renderAround({ ok: 'OK', detail: gone() }, (gaps) => gaps.map(() => '-'))), '--OK')
  t.equal(String(program.renderAround({ ok: 'OK', detail: 0 }, () => [])), 'not therenot thereOK')
})

const REGION = /<span class="live-error" role="alert" data-live-error="E1">This part could not be loaded. Reference: E1<\/span>/

/** The page of a view with one loader, `detail`, rendered with its fallback. */
function page (templates: Templates, options: { fallback?: string | null, why?: 'failed' | 'pending', data?: object, failures?: unknown[] } = {}): Tree | Promise<Tree> {
  const { fallback = 'fallback' in templates ? 'fallback' : null, why = 'failed', data = {}, failures = [] } = options
  const program = environmentOf(templates).compile('main')
  const fallbacks = checkFallbacks('v', [{ name: 'detail', fallback }, { name: 'other', fallback: null }], program)
  const names = { ...data, detail: gone(why) }
  return program.renderAround(names, createRescue({ fallbacks, page: names, fallbackFailed: (...failure) => { failures.push(failure) } }))
}

t.test('a loader is stood in for once, in the first place that has room; where there is no fallback, by a region with its id', async (t) => {
  const main = '<p title="{{ detail.t }}">{{ detail.x }}</p><p>{{ detail.y }}</p><b>{{ ok }}</b>'
  t.equal(String(page({ main, fallback: '<i>{{ unavailable.why }} {{ ok }}</i>' }, { data: { ok: 'OK' } })), '<p title=""><i>failed OK</i></p><p></p><b>OK</b>')
  t.equal(String(page({ main, fallback: '<i>{{ unavailable.why }}</i>' }, { why: 'pending' })), '<p title=""><i>pending</i></p><p></p><b></b>')
  t.match(String(page({ main })), new RegExp(`^<p title="">${REGION.source}</p><p></p><b></b>$`))
  t.equal(String(page({ main }, { why: 'pending' })), '<p title=""></p><p></p><b></b>', 'nothing while it is loading')
  t.match(renderPage(page({ main }) as Tree), /<p live-at="0:title" title=""><!--\(1--><span class="live-error"/)
  t.equal(String(page({ main: '<svg>{{ detail.x }}</svg><section>{{ detail.y }}</section>', fallback: '{% if ok %}<a>a</a>{% endif %}<div>L</div>' }, { data: { ok: 1 } })),
    '<svg></svg><section><a>a</a><div>L</div></section>', 'a place that was tried in vain says nothing of the next')
  const blocks = '<p>{{ detail.x }}</p><div>{{ detail.y }}</div>'
  t.equal(String(page({ main: blocks, fallback: '<div>Wait</div>' })), '<p></p><div><div>Wait</div></div>', 'a paragraph cannot hold it')
  t.equal(String(page({ main: '<svg>{{ detail.x }}</svg><table>{{ detail.y }}</table>' })), '<svg></svg><table></table>', 'nor these a region')
  t.match(String(page({ main: '<table>{% for r in detail.rows %}<tr><td>{{ r }}</td></tr>{% endfor %}</table>' })), /^<table><tr><td colspan="100"><span [^>]*>[^<]*E1<\/span><\/td><\/tr><\/table>$/)
  t.match(String(page({ main: '<table><tr>{% for r in detail.rows %}<td>{{ r }}</td>{% endfor %}</tr></table>' })), /^<table><tr><td><span [^>]*>[^<]*E1<\/span><\/td><\/tr><\/table>$/)
  t.equal(String(page({ main: '{{ detail.x }}' + blocks + '<table><tbody>{{ detail }}</tbody></table>', fallback: '<tr><td>Wait</td></tr>' })), '<p></p><div></div><table><tbody><tr><td>Wait</td></tr></tbody></table>')
  t.match(String(page({ main: '<table>{% for r in detail.rows %}<tr><td>{{ r }}</td></tr>{% endfor %}</table><p>{{ detail.x }}</p>' })), /^<table><tr>.*<\/tr><\/table><p><\/p>$/, 'the first place, though it takes more')
  t.match(String(page({ main: '{% import "macros" as m %}<p>{{ detail.x }}</p>', macros: '{% macro m() %}<b>b</b>{% endmacro %}' })), /^<p><span/, 'in a template that imports')
  t.match(String(page({ main: '{% if a %}<table><tbody>{{ detail }}</tbody></table>{% endif %}<p>{{ detail.x }}</p>', fallback: '<tr><td>Wait</td></tr>' })), REGION, 'the place with room is not shown')
})

t.test('what is said of a failure is text, and stands between tags only', async (t) => {
  const around = (main: string, others: Templates = {}): string => {
    const names = { detail: unavailable('detail', 'failed', '"><img>') }
    return String(environmentOf({ main, ...others }).compile('main').renderAround(names, createRescue({ fallbacks: new Map(), page: names, fallbackFailed: (loader) => { t.fail(loader) } })))
  }
  t.match(around('<p>{{ detail.x }}</p>'), /data-live-error="&quot;&gt;&lt;img&gt;">This part could not be loaded\. Reference: &quot;&gt;&lt;img&gt;<\/span>/)
  t.match(around('{% macro m() %}{{ detail.x }}{% endmacro %}<p title="{{ m() }}">a</p><div>{{ m() }}</div>'), /^<p title="">a<\/p><div><span /)
  t.throws(() => around('{{ detail.x }}{% from "part" import toString as s %}{{ s }}', { part: 'a' }), /cannot import 'toString'/)
})

t.test('rows, list items and options hold a fallback that fits there', async (t) => {
  const table = '<table>{% for r in detail.rows %}<tr><td>{{ r }}</td></tr>{% else %}<tr><td>none</td></tr>{% endfor %}</table>'
  t.match(renderPage(page({ main: table, fallback: '<tr><td>Loading</td></tr>' }) as Tree), /<table><tbody><!--\[0:\w+--><tr><td>Loading<\/td><\/tr><!--\]--><\/table>/)
  t.match(renderPage(page({ main: '<ul>{% for r in detail.rows %}<li>{{ r }}</li>{% endfor %}</ul>', fallback: '<li>Loading</li>' }) as Tree), /<ul><!--\[0:\w+--><li>Loading<\/li><!--\]--><\/ul>/)
  t.match(renderPage(page({ main: '<select name="s">{% for r in detail.rows %}<option>{{ r }}</option>{% endfor %}</select>', fallback: '<option>Loading</option>' }) as Tree), /--><option>Loading<\/option><!--/)
  t.match(String(page({ main: '{% for x in [1, 2, 3] %}<tr><td>{{ detail.x }}</td></tr>{% endfor %}'.replace(/^(.*)$/, '<table>$1</table>'), fallback: '<b>L</b>' })), /^<table><tr><td><b>L<\/b><\/td><\/tr><tr><td><\/td><\/tr><tr><td><\/td><\/tr><\/table>$/)
})

t.test('the body of a macro that is shown in several places takes what fits in all of them', async (t) => {
  const macro = '{% macro m() %}{{ detail.x }}{% endmacro %}'
  t.equal(String(page({ main: `${macro}<div>{{ m() }}</div>`, fallback: '<div>L</div>' })), '<div><div>L</div></div>')
  t.match(String(page({ main: `${macro}<div>{{ m() }}</div><p>{{ m() }}</p>`, fallback: '<div>L</div>' })), /^<div><span/)
})

t.test('a fallback that fails leaves the region; one that waits is waited for', async (t) => {
  const failures: unknown[] = []
  const main = '<p>{{ detail.x }}</p>'
  t.match(String(page({ main, fallback: '{{ ok() }}' }, { failures })), REGION)
  t.same(failures.map(([loader, error]: any) => [loader, error.code, error.template]), [['detail', 'LIVE_ERR_TEMPLATE', 'fallback']])
  t.equal(String(page({ main, fallback: '{{ ok() }}' }, { why: 'pending' })), '<p></p>')
  const waiting = (filter: (value: unknown, cb: (error: unknown, text?: string) => void) => void): Tree | Promise<Tree> => {
    const environment = new TemplateEnvironment({ main, fallback: '<i>{{ ok|soon }}</i>' })
    environment.addFilter('soon', filter, true)
    const program = environment.compile('main')
    const names = { ok: 'OK', detail: gone() }
    const fallbacks = checkFallbacks('v', [{ name: 'detail', fallback: 'fallback' }], program)
    return program.renderAround(names, createRescue({ fallbacks, page: names, fallbackFailed: (...failure) => { failures.push(failure) } }))
  }
  t.equal(String(await waiting((value, cb) => setImmediate(cb, null, `~${String(value)}`))), '<p><i>~OK</i></p>')
  t.match(String(await waiting((value, cb) => setImmediate(cb, new Error('later')))), REGION)
  t.equal(failures.length, 2)
})

t.test('a fallback that could not be shown is refused at boot, with its position and the way out', async (t) => {
  const check = (templates: Templates, fallback: string = 'fallback') => () => page(templates, { fallback })
  const view = "view 'v': the fallback 'fallback' of loader 'detail'"
  t.throws(check({ main: '<p>{{ detail.x }}</p>' }), { code: 'LIVE_ERR_FALLBACK', message: /cannot be compiled\. The template "fallback" is in none of: .*\. Write that template/ })
  t.throws(check({ main: '<p>{{ detail.x }}</p>', fallback: 'a\n{% if %}' }), { code: 'LIVE_ERR_TEMPLATE_SYNTAX', template: 'fallback', line: 2 })
  t.throws(check({ main: '<p>{{ detail.x }}</p>', fallback: 'a\n{{ other.x }}' }), { code: 'LIVE_ERR_FALLBACK', message: `${view} names the data of loader 'other' at fallback:2:4. It is shown when data is missing: let it show state and globals only` })
  const nowhere = '<title>{{ detail.t }}</title><p title="{{ detail.x }}">a</p>{% set v %}{{ detail.y }}{% endset %}<p class="{% if ok %}{{ detail.z }}{% endif %}">a</p>'
  t.throws(check({ main: nowhere, fallback: '<b>L</b>' }), { code: 'LIVE_ERR_FALLBACK', message: `${view} can stand in none of its places; at main:1:8: the value is text of <title>; at main:1:40: the value stands in a tag; at main:1:72: the value becomes part of a text. Show some of the data between tags, where that markup is allowed, or write a fallback that fits there` })
  t.throws(check({ main: '<p>\n{{ detail.x }}</p>', fallback: '<div>L</div>' }), { code: 'LIVE_ERR_FALLBACK', message: /none of its places; at main:2:1: <div> in this include closes the <p> .*, or move the whole <p> into the include. Show some/ })
  t.throws(check({ main: '<table>{{ detail.x }}</table>', fallback: '{% if ok %}<p>{{ ok }}</p>{% endif %}' }), { code: 'LIVE_ERR_FALLBACK' })
  t.equal(String(page({ main: '<p>{{ ok }}</p>', fallback: '<div>L</div>' })), '<p></p>', 'a loader that nothing shows')
})

t.test('every way in which a value can come to a place counts as one of the places', async (t) => {
  const templates = { part: '<i>{{ d }}</i>', macros: '{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}{% macro n() %}<b>{{ detail.x }}</b>{% endmacro %}', deep: '{% macro k(a=detail) %}{{ a }}{% endmacro %}' }
  const ways = [
    '{% set d = detail.x %}{% set e = d %}<p>{{ e }}</p>', '{% set d %}{{ detail.x }}{% endset %}<p>{{ d }}</p>', '{% import "macros" as g %}<p>{{ g.n() }}</p>', '{% from "macros" import n as f %}<p>{{ f() }}</p>',
    '{% import "deep" as g with context %}<p>{{ g.k() }}</p>', '{% from "deep" import k with context %}<p>{{ k() }}</p>', '<p>{% if ok %}{% elif detail %}a{% endif %}</p>', '<p>{% switch ok %}{% case detail.x %}{% endswitch %}</p>',
    '<p>{% asyncEach x in detail.rows %}{% endeach %}{% if ok|later %}{% endif %}</p>', '<p>{% wrap %}{{ detail.x }}{% endwrap %}</p>', '<p>{% include "part" if detail.x else "macros" %}</p>', '{% set d = detail %}{% include "part" %}'
  ]
  for (const main of ways) t.doesNotThrow(() => page({ ...templates, main, fallback: '<em>L</em>' }), main)
})

t.test('controls of a fallback are known: once it is gone they are stale, not an attack', async (t) => {
  const templates = { main: '<p>{{ detail.x }}</p><div>{% if detail.y %}<b>{{ ok }}</b>{% endif %}{% if ok %}{% endif %}</div>', fallback: '<button live-click="retry">Again</button>' }
  const program = environmentOf(templates).compile('main')
  const fallbacks = checkFallbacks('v', [{ name: 'detail', fallback: 'fallback' }], program)
  const names = { detail: gone() }
  const missing = program.renderAround(names, createRescue({ fallbacks, page: names, fallbackFailed () {} })) as Tree
  t.match(resolveBinding(missing, [0], 0, 'click'), { status: 'rendered', event: 'retry' })
  const loaded = program.render({ detail: { x: 1, y: 1 } }) as Tree
  t.same(resolveBinding(loaded, [0], 0, 'click'), { status: 'stale' })
  t.same(resolveBinding(loaded, [1], 0, 'click'), { status: 'stale' })
  t.same(resolveBinding(loaded, [1], 1, 'click'), { status: 'impossible' })
  t.same(resolveBinding(loaded, [2], 0, 'click'), { status: 'impossible' })
  t.same(fallbacks.get('detail')?.program.shapes().flatMap(({ layout }) => layout?.elements ?? []).flatMap(({ events }) => events), [{ kind: 'click', event: 'retry' }])
})

t.test('pages and patches say the same as a fresh page, from missing to loaded and back', async (t) => {
  const templates = {
    main: '<main class="{{ detail.kind }}">{% if detail %}<h1>{{ detail.name }}</h1>{% endif %}<table>{% for r in detail.rows %}<tr live-key="{{ r }}"><td>{{ r }}</td></tr>{% endfor %}</table>{{ other.x }}{{ ok }}</main>',
    fallback: '<p>Wait {% for n in [1, 2] %}<i>{{ n }}{{ ok }}</i>{% endfor %}</p>'
  }
  const program = environmentOf(templates).compile('main')
  const fallbacks = checkFallbacks('v', [{ name: 'detail', fallback: 'fallback' }, { name: 'other', fallback: null }], program)
  const comparison = new LiveComparison({})
  const show = (data: object): void => {
    const names = { ok: 1, ...data }
    t.same(comparison.take(program.renderAround(names, createRescue({ fallbacks, page: names, fallbackFailed () {} })) as Tree), [])
  }
  const detail = { kind: 'a', name: 'N', rows: [1, 2, 3] }
  const other = unavailable('other', 'failed', 'E2')
  show({ detail: unavailable('detail', 'pending', ''), other: { x: 1 } })
  for (const data of [{ detail, other }, { detail: gone(), other }, { detail: gone(), other, ok: 2 }, { detail: { ...detail, rows: [] }, other: { x: 2 } }, { detail: gone(), other: { x: 2 } }]) show(data)
  t.same(comparison.take(program.render({ ok: 1, detail, other: {} }) as Tree), [], 'and the ordinary rendering gives the same bodies')
})

const seed = Number(process.env['SEED'] ?? 71)
const programs = Number(process.env['PROGRAMS'] ?? 100)

t.test(`random programs without the data of one name say the same in every place that does not need it (seed ${seed})`, async (t) => {
  let gaps = 0
  for (let n = 0; n < programs; n++) {
    const { mismatch, gaps: found } = compareRescue(seed + n)
    t.equal(mismatch, null)
    gaps += found ?? 0
  }
  t.ok(gaps > programs / 4, `${gaps} gaps in ${programs} programs`)
})

t.test('the comparison notices bugs that are planted in the generated code', async (t) => {
  const { _emitLine: emitLine, _emit: emit } = RescueCompiler.prototype
  t.teardown(() => { Object.assign(RescueCompiler.prototype, { _emitLine: emitLine, _emit: emit }) })
  const untilCaught = (): number => {
    for (let n = 0; n < 200; n++) if (compareRescue(seed + n).mismatch !== null) return n + 1
    return Infinity
  }
  for (const [right, wrong] of [[/runtime\.bindMissing\(.*context\); /, ''], ['runtime.attempt(() => (', '((']] as const) {
    RescueCompiler.prototype._emitLine = function (code) { emitLine.call(this, code.replace(right, wrong)) }
    RescueCompiler.prototype._emit = function (code) { emit.call(this, code.replace(right, wrong)) }
    t.ok(untilCaught() < Infinity, `without ${String(right)}`)
  }
})

t.test('a layout that depends on what nobody foresaw is loaded for, not refused', async (t) => {
  const program = environmentOf({ main: '{% extends ("a" if (detail | upper) else "b") %}', a: 'a', b: 'b' }).compile('main')
  t.throws(() => program.renderAround({ detail: gone('unneeded'), other: gone() }, () => []), { cause: { constructor: NotLoaded } })
})

t.test('an imported template that cannot be compiled is told where it is imported', async (t) => {
  const environment = new TemplateEnvironment({ main: '{% import "bad" as b %}{{ b.x }}', bad: '{% if %}' }, { compatible: true })
  t.throws(() => environment.render('main', {}), /bad|unexpected|expected/i)
  const dynamic = new TemplateEnvironment({ main: '{% extends name %}' }, { compatible: true })
  t.equal(dynamic.getTemplate('main', true).parents, null, 'nor is a parent known whose name is data')
})
