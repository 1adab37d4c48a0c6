// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { FileLoader } from '../lib/template/file-loader.ts'
import { MemoryLoader } from '../lib/template/memory-loader.ts'
import { Environment, FileSystemLoader, Frame, Loader, PrecompiledLoader, Template } from '../lib/template/nunjucks.ts'
import type { LoaderSource } from '../lib/template/nunjucks.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Tree } from '../lib/template/tree.ts'
import { Random } from './fuzz/random.ts'

t.test('the file loader serves its folder and nothing outside of it', async (t) => {
  const root = t.testdir({
    views: { 'a.njk': 'a {% include "./sub/b.njk" %}', sub: { 'b.njk': 'b {% include "../c.njk" %}' }, 'c.njk': 'ç', folder: {} },
    more: { 'a.njk': 'second', 'd.njk': 'd' },
    'views-secret': { 'x.njk': 'secret' }
  })
  const views = join(root, 'views')
  symlinkSync(join(root, 'views-secret', 'x.njk'), join(views, 'link.njk'))
  symlinkSync(join(views, 'c.njk'), join(views, 'inside.njk'))
  const loader = new FileLoader([views, join(root, 'more'), join(root, 'absent')])
  for (const name of [
    '../views-secret/x.njk', 'sub/../../views-secret/x.njk', join(root, 'views-secret', 'x.njk'), 'link.njk', 'a.njk\0', '..\\views-secret\\x.njk', 'C:/x.njk', 'folder', 'nope', '.', ''
  ]) t.equal(loader.getSource(name), null, name)
  t.same(loader.getSource('inside.njk'), { src: 'ç', path: 'inside.njk' })
  const env = new TemplateEnvironment([views, join(root, 'more')])
  t.equal(env.render('a.njk'), 'a b ç')
  t.equal(env.render('d.njk'), 'd')
  t.same(env.compile('a.njk').templates.map(({ name }) => name), ['a.njk', 'sub/b.njk', 'c.njk'])
  t.throws(() => env.compile('nope.njk'), { code: 'LIVE_ERR_TEMPLATE_MISSING', message: new RegExp(`"nope.njk" is in none of: ${views}, `) })
  t.equal(new FileLoader(['/']).getSource(join(views, 'c.njk').slice(1))?.src, 'ç')
  t.throws(() => new TemplateEnvironment('/').render('nope.njk'), { message: /none of: \/$/ })
  t.throws(() => new TemplateEnvironment().render('nope.njk'), { message: /views$/ })
})

t.test('K02 I name a file that is not in the folder: beside it, behind a link, a device, in whatever spelling', async (t) => {
  const root = t.testdir({
    views: { 'a.njk': 'a', sub: { 'b.njk': 'b' }, 'up.njk': '{% include "../views-private/s.njk" %}' },
    'views-private': { 's.njk': 'SECRET' },
    outside: { 's.njk': 'SECRET', deep: { 's.njk': 'SECRET' } }
  })
  const views = join(root, 'views')
  symlinkSync(join(root, 'outside'), join(views, 'folder'))
  symlinkSync(join(root, 'outside', 's.njk'), join(views, 'file.njk'))
  symlinkSync('../views-private', join(views, 'relative'))
  symlinkSync('.', join(views, 'self'))
  symlinkSync('loop', join(views, 'loop'))
  symlinkSync(views, join(root, 'link'))
  execFileSync('mkfifo', [join(views, 'pipe.njk')])
  // The path of a socket has to be short.
  const short = mkdtempSync(join(tmpdir(), 'k02-'))
  const socket = createServer().listen(join(short, 'socket.njk'))
  t.teardown(() => {
    socket.close()
    rmSync(short, { recursive: true })
  })
  await once(socket, 'listening')
  symlinkSync('/dev/zero', join(views, 'zero.njk'))
  // What is a name here is a drive, a stream or another folder elsewhere.
  const elsewhere = ['d:x.njk', 'a.njk:x', 'sub\\b.njk', 'line\n.njk']
  for (const name of elsewhere) writeFileSync(join(views, name), 'SECRET')
  const names = [
    ...elsewhere, '../views-private/s.njk', 'sub/../../views-private/s.njk', './../views-private/s.njk', 'folder/s.njk', 'folder/deep/s.njk', 'file.njk', 'relative/s.njk', 'self/../../outside/s.njk', 'loop', 'pipe.njk', 'socket.njk', 'zero.njk',
    'a.njk\0', 'a.njk\0.html', '../views-private/s.njk\0', '..\\views-private\\s.njk', 'sub\\..\\a.njk', '%2e%2e/views-private/s.njk', '..%2fviews-private/s.njk', '%2e%2e%2fviews-private%2fs.njk', '..%5cviews-private', '..;/views-private/s.njk', '/etc/passwd', '//etc/passwd', 'file:///etc/passwd',
    join(root, 'views-private', 's.njk'), 'C:/s.njk', 'C:s.njk', 'c:\\s.njk', '//host/share/s.njk', '\\\\host\\share', '\\\\?\\C:\\s.njk', 'a.njk::$DATA', 'a.njk:stream', '.. /views-private/s.njk', '... /s', '.../s.njk', '..', '.', '', ' ', '/', 'sub', 'sub/', 'a.njk.', 'a.njk ', 'a.njk/', 'con', 'nul', 'aux.njk',
    '\u2024\u2024/views-private/s.njk', '\uff0e\uff0e/views-private/s.njk', '\u2025/s.njk', '\ufeff../views-private/s.njk', '\r\n', 'a.njk\n', 'A.NJK', `${'a/'.repeat(3000)}a.njk`, 'x'.repeat(100_000), `${'../'.repeat(50)}etc/passwd`, '/proc/self/environ', 'proc/self/environ', '~/s.njk', '$HOME', '__proto__', 'constructor', 'toString'
  ]
  const loader = new FileLoader([views, join(root, 'link'), short])
  t.same(names.filter((name) => loader.getSource(name) !== null), [])
  t.equal(loader.getSource('./sub/./b.njk')?.src, 'b')
  t.equal(loader.getSource('self/self/a.njk')?.src, 'a', 'a link inside of the folder')
  t.equal(new FileLoader([join(root, 'link')]).getSource('sub/b.njk')?.src, 'b', 'a folder that is a link itself')
  const environment = new TemplateEnvironment(views)
  for (const main of ['../views-private/s.njk', './../views-private/s.njk']) {
    t.throws(() => environment.renderString(`{% include "${main}" %}`, {}, { path: 'sub/x.njk' }), { code: 'LIVE_ERR_TEMPLATE_MISSING' })
  }
  t.throws(() => environment.render('up.njk'), { code: 'LIVE_ERR_TEMPLATE_MISSING' })
  t.throws(() => environment.compile('up.njk'), { code: 'LIVE_ERR_TEMPLATE_MISSING', template: 'up.njk', line: 1 })
  t.same(Object.keys(environment.loaders[0]?.cache ?? {}).filter((name) => !['up.njk'].includes(name)), [])
  const seed = 50013
  t.comment(`seed ${seed}`)
  const random = new Random(seed)
  const parts = ['..', '.', '', 'views', 'views-private', 'outside', 'deep', 's.njk', 'a.njk', 'sub', 'b.njk', 'folder', 'relative', 'self', 'link', '%2e%2e', '.. ', '...', 'etc', 'passwd', '\0', '\\', root.slice(1), 'C:']
  const served = new Set<string | undefined>()
  for (let n = 0; n < 3000; n++) {
    let name = random.chance(0.1) ? '/' : ''
    for (let k = random.below(7); k >= 0; k--) name += random.pick(parts) + random.pick(['/', '/', '/', '\\', '//', ''])
    const source = loader.getSource(random.chance(0.7) ? name.replace(/[/\\]+$/, '') : name)
    if (source !== null) served.add(source.src as string)
  }
  t.same([...served].filter((src) => !['a', 'b'].includes(src as string)), [])
  const memory = new MemoryLoader(JSON.parse('{"a":"a","__proto__":"p"}'))
  t.same(['constructor', 'toString', '__proto__', 'prototype', '../a', 'A', ''].map((name) => memory.getSource(name)?.src), [undefined, undefined, 'p', undefined, undefined, undefined, undefined])
  t.equal(new TemplateEnvironment(memory).render('__proto__'), 'p')
})

t.test("K02 I name a file beside the folder of nunjucks' own loader: it finds it, and it is not served", async (t) => {
  const root = t.testdir({ views: { 'a.njk': 'a', 'up.njk': '{% include "../views-private/s.njk" %}' }, 'views-private': { 's.njk': 'SECRET' } })
  symlinkSync(join(root, 'views-private', 's.njk'), join(root, 'views', 'link.njk'))
  const loader = new FileSystemLoader([join(root, 'views'), join(root, 'absent')])
  t.match(loader.getSource('../views-private/s.njk'), { src: 'SECRET' })
  const live = new TemplateEnvironment([loader])
  t.equal(live.render('a.njk'), 'a')
  for (const name of ['../views-private/s.njk', 'link.njk', 'up.njk']) t.throws(() => live.render(name), { code: 'LIVE_ERR_TEMPLATE_MISSING' }, name)
  t.equal(new TemplateEnvironment([loader], { compatible: true }).render('up.njk'), 'SECRET', 'as in nunjucks')
  t.equal(new TemplateEnvironment([new FileSystemLoader(root), new MemoryLoader({ m: 'm' })]).render('m'), 'm')
  const odd = Object.assign(new Loader(), { searchPaths: [root], getSource: (name: string) => ({ src: name, path: name }) })
  t.equal(new TemplateEnvironment([odd]).render('x'), 'x', 'a loader that names no file')
})

t.test('a changed source is compiled anew', async (t) => {
  const root = t.testdir({ 'a.njk': 'one' })
  const loader = new FileLoader([root])
  const env = new TemplateEnvironment(loader)
  const updates: string[] = []
  env.on('update', (name) => updates.push(name))
  t.equal(env.render('a.njk'), 'one')
  mkdirSync(join(root, 'sub'))
  writeFileSync(join(root, 'a.njk'), 'two')
  t.equal(env.render('a.njk'), 'one')
  loader.update(join(root, 'a.njk'))
  loader.update(join(root, 'other'))
  t.equal(env.render('a.njk'), 'two')
  const memory = new MemoryLoader({ m: 'one', part: '{% include "./m" %}' })
  t.equal(new TemplateEnvironment([memory]).render('part'), 'one')
  t.throws(() => new TemplateEnvironment([memory]).render('gone'), { message: /none of: memory \(m, part\)/ })
  const env2 = new TemplateEnvironment([memory, root])
  t.equal(env2.render('m') + env2.render('a.njk'), 'onetwo')
  memory.update('m', 'two')
  t.equal(env2.render('m'), 'two')
  t.same(updates, ['a.njk'])
})

class SlowLoader extends Loader {
  override readonly async = true

  override getSource (name: string, cb: (error: unknown, source: LoaderSource | null) => void): void {
    setImmediate(() => {
      if (name === 'broken') return cb(new Error('disk'), null)
      cb(null, name === 'part' ? { src: 'part {{ n|slow }}', path: name, noCache: true } : name === 'main' ? { src: '{% include "part" %}!', path: name } : null)
    })
  }
}

const slow = (value: unknown, cb: (error: unknown, result?: unknown) => void): void => {
  setImmediate(() => value === 'fail' ? cb(new Error('slow failed')) : cb(null, `<${String(value)}>`))
}

t.test('asynchronous loaders, filters and callbacks work as in nunjucks', async (t) => {
  for (const compatible of [false, true]) {
    const env = new TemplateEnvironment(new SlowLoader(), { compatible })
    env.addFilter('slow', slow, true)
    const render = promisify((name: string, context: object, cb: any) => env.render(name, context, cb))
    t.equal(await render('main', { n: 1 }), 'part &lt;1&gt;!')
    t.equal(env.render('main', { n: 1 }), null)
    await t.rejects(render('broken', {}), /disk/)
    await t.rejects(render('absent', {}), compatible ? /template not found: absent/ : { code: 'LIVE_ERR_TEMPLATE_MISSING' })
    await t.rejects(render('main', { n: 'fail' }), /slow failed/)
    const string = promisify((source: string, context: object, cb: any) => env.renderString(source, context, cb))
    t.equal(await string('{{ n|slow }}', { n: 2 }), '&lt;2&gt;')
    await t.rejects(string('{{', {}), /unexpected|expected/)
    const withPath = promisify((source: string, cb: any) => env.renderString(source, {}, { path: 'p' }, cb))
    await t.rejects(withPath('{{ f() }}'), /p/)
    if (!compatible) t.throws(() => env.compile('main'), { code: 'LIVE_ERR_TEMPLATE_MISSING', message: /asynchronous loader/ })
    t.throws(() => new TemplateEnvironment(new SlowLoader(), { compatible }).compile('main'), { code: 'LIVE_ERR_TEMPLATE_MISSING', message: /asynchronous loader/ })
  }
  const both = new TemplateEnvironment([new MemoryLoader({ main: '{% include "part" %}', bare: '{{ f() }}' }), new SlowLoader()])
  both.addFilter('slow', slow, true)
  t.throws(() => both.compile('main'), { code: 'LIVE_ERR_TEMPLATE_MISSING', message: /asynchronous/, line: 1 })
  let early = true
  both.render('bare', {}, (error) => t.match(error, { code: 'LIVE_ERR_TEMPLATE', early: undefined }) && t.notOk(early))
  early = false
  await turn()
})

t.test('a program renders at once when nothing waits, else by promise', async (t) => {
  const env = new TemplateEnvironment({ sync: '{{ n }}', async: '{{ n|slow }}', twice: '{% asyncAll i in [1, 2] %}{{ "fail"|slow }}{% endall %}', bad: '{{ f() }}' })
  env.addFilter('slow', slow, true)
  t.equal(String(env.compile('sync').render({ n: 1 })), '1')
  const promise = env.compile('async').render({ n: 1 })
  t.ok(promise instanceof Promise)
  t.equal(String(await promise), '&lt;1&gt;')
  await t.rejects(Promise.resolve(env.compile('async').render({ n: 'fail' })), { code: 'LIVE_ERR_TEMPLATE', template: 'async' })
  await t.rejects(Promise.resolve(env.compile('twice').render({})), /slow failed/)
  t.throws(() => env.compile('bad').render({}), { code: 'LIVE_ERR_TEMPLATE', line: 1 })
  const context = { n: 1 }
  new TemplateEnvironment({ main: '{% set n = 2 %}' }).compile('main').render(context)
  t.same(context, { n: 1 })
})

t.test('a program knows its templates, chain, blocks, macros and what each template names', async (t) => {
  const env = new TemplateEnvironment({
    main: '{% extends "base" if n else "other" %}{% import "macros" as m %}{% block b %}main {% include "part" %}{% endblock %}',
    base: '{% extends "root" %}{% block b %}base{% endblock %}{% block c %}c{% endblock %}',
    other: '{% block b %}other{% endblock %}',
    root: '{% block b %}{% endblock %}',
    part: '{% include "part" ignore missing %}{% include "gone" ignore missing %}{% include name ignore missing %}',
    macros: '{% macro one() %}1{% endmacro %}{% macro two() %}2{% endmacro %}',
    dynamic: '{% extends parent %}'
  })
  const program = env.compile('main', { includes: ['macros'] })
  t.same(program.templates.map(({ name }) => name), ['main', 'base', 'root', 'other', 'macros', 'part'])
  t.same(program.template.parents, ['base', 'other'])
  t.same(program.resolve(program.template, 'other')?.parents, [])
  t.equal(program.resolve(program.template, 'gone'), null)
  t.throws(() => env.compile('dynamic'), { code: 'LIVE_ERR_TEMPLATE_DYNAMIC', template: 'dynamic', line: 1, column: 4, message: /Write the names/ })
  t.same(program.template.includes.map(({ names, optional }) => [names, optional]), [[['part'], false]])
  t.match(program.template.imports, [{ kind: 'import', names: ['macros'], position: { line: 1, column: 42 } }])
  t.equal(program.shapes().length, 13)
  t.match(program.template.blockShapes.get('b')?.layout, { parts: [{ kind: 'hole' }] })
  t.equal(program.template.ast.typename, 'Root')
  t.equal(program.template.ast['children'][0].typename, 'Extends')
})

t.test('names that do not exist are refused when the program is compiled, with their place', async (t) => {
  const compile = (main: string): unknown => new TemplateEnvironment({ main, broken: '{% if %}' }).compile('main')
  t.throws(() => compile('a\n{{ x|uper }}'), { code: 'LIVE_ERR_TEMPLATE_UNKNOWN', line: 2, column: 6, message: /unknown filter "uper".*upper/ })
  t.throws(() => compile('{{ x is oddly }}'), { code: 'LIVE_ERR_TEMPLATE_UNKNOWN', message: /unknown test "oddly"/ })
  t.throws(() => compile('<a {{ x }}="y">'), { code: /^LIVE_ERR_HTML/, template: 'main' })
  t.throws(() => compile('\n {% include "gone" %}'), { code: 'LIVE_ERR_TEMPLATE_MISSING', template: 'main', line: 2, column: 5 })
  t.throws(() => compile('{% extends "broken" %}'), { code: 'LIVE_ERR_TEMPLATE_SYNTAX', template: 'broken' })
  const compatible = new TemplateEnvironment({ main: '{% if x %}{{ x|uper }}{% include "gone" %}{% endif %}' }, { compatible: true })
  t.equal(String(compatible.compile('main').render({})), '')
  t.throws(() => compatible.compile('main').render({ x: 1 }), /filter not found: uper/)
})

t.test('escaping cannot be switched off outside of compatible mode', async (t) => {
  t.throws(() => new TemplateEnvironment({}, { autoescape: false }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /autoescape is false/ })
  t.equal(new TemplateEnvironment([], { compatible: true, autoescape: false }).compatible, true)
  const env = new TemplateEnvironment({ main: '{{ x }}' })
  env.opts.autoescape = false
  t.equal(env.render('main', { x: '<' }), '&lt;')
})

t.test('templates that nunjucks itself compiled are text in compatible mode and refused otherwise', async (t) => {
  const functions = (text: string): object => ({ root: (env: unknown, context: unknown, frame: unknown, runtime: unknown, cb: any) => cb(null, text), b_x: () => {} })
  const precompiled = new PrecompiledLoader({ pre: functions('<pre>'), none: functions('') })
  const sources = new MemoryLoader({ main: '{% include "pre" %}{% include "none" %}{% include object %}', child: '{% extends "pre" %}' })
  const object = new Template('<o>{{ 1 }}', new Environment([]), 'o')
  const env = new TemplateEnvironment([sources, precompiled], { compatible: true })
  t.equal(env.render('main', { object }), '<pre><o>1')
  const program = env.compile('child')
  t.equal(String(program.render({})), '<pre>')
  t.equal((program.render({}) as Tree).shape.template, '<text>')
  const template = env.getTemplate('pre')
  t.same([template.root, template.shapes, template.macros, template.captures, template.htmlBodies, [...template.expressions], [...template.blockShapes]], [null, [], [], [], [], [], []])
  const live = new TemplateEnvironment([sources, precompiled])
  t.throws(() => live.compile('main'), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /"pre" was compiled by nunjucks/ })
  t.throws(() => live.getTemplate(object), { code: 'LIVE_ERR_TEMPLATE_OPTION' })
  t.throws(() => live.getTemplate(new Template('x', live)), { code: 'LIVE_ERR_TEMPLATE_OPTION' })
})

t.test('getTemplate takes what nunjucks takes', async (t) => {
  const env = new TemplateEnvironment({ main: 'x{{ y }}', constructor: 'c', broken: '{{', hello: 'h' })
  const template = env.getTemplate('main', true)
  t.equal(env.getTemplate(template, true), template)
  t.equal(env.getTemplate('main'), template)
  env.getTemplate('main', (_: unknown, found: unknown) => t.equal(found, template))
  env.getTemplate('hello', true, (_: unknown, found: { compiled: boolean }) => t.ok(found.compiled))
  env.getTemplate('gone', (error: { code: string }) => t.equal(error.code, 'LIVE_ERR_TEMPLATE_MISSING'))
  t.equal(env.render('constructor'), 'c')
  t.throws(() => env.getTemplate(5), /template names must be a string: 5/)
  t.throws(() => env.getTemplate('broken', true), { code: 'LIVE_ERR_TEMPLATE_SYNTAX', template: 'broken', line: 1 })
  t.equal(template.render({ y: 1 }), 'x1')
  t.equal(template.render(), 'x')
  const text = await new Promise((resolve) => template.render((_: unknown, text: string) => resolve(text)))
  t.equal(text, 'x')
  const exported = await new Promise((resolve) => env.getTemplate('main').getExported((_: unknown, values: object) => resolve(values)))
  t.same(exported, {})
  class Silent extends Loader { override getSource (): null { return null } }
  t.throws(() => new TemplateEnvironment(new Silent()).render('x'), { message: /none of: Silent$/ })
  t.equal(new TemplateEnvironment({ m: '{{ f()|safe }}{{ f() }}' }).render('m', { f: () => '<' }), '<&lt;')
})

t.test('a frame that nunjucks passes on is seen, and its callback is called at once', async (t) => {
  const frame = new Frame()
  frame.set('n', 1)
  let text = ''
  const template = new TemplateEnvironment({ main: '{{ n }}{{ f() if fail }}' }).getTemplate('main')
  template.render({}, frame, (error: unknown, result: string) => { text = error ? 'failed' : result })
  t.equal(text, '1')
  template.render({ fail: true }, frame, (error: unknown, result: unknown) => t.match([error, result], [{ code: 'LIVE_ERR_TEMPLATE' }, undefined]))
})

t.test('names of templates are known where they are written out, alone or in an inline if', async (t) => {
  const main = ['"a"', '("a")', '"a" if x else "b"', '"a" if x', '5', '("a", "b")', 'x if y else "a"', 'x'].map((name) => `{% include ${name} ignore missing %}`).join('')
  const { template } = new TemplateEnvironment({ main, a: '', b: '' }, { compatible: true }).compile('main')
  t.same(template.includes.map(({ names }) => names), [['a'], ['a'], ['a', 'b'], null, null, null, null, null])
})
