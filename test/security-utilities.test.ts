import fc from 'fast-check'
import { parseFragment } from 'parse5'
import t from 'tap'
import { createSafeErrorResponse, formatHtml, isSafeEventName, jsonForScript, safeAssign, safeSet, sanitizeForLog } from '../plugin/security.ts'
import type { ErrorKind, SafeErrorOptions, SafeErrorResponse } from '../plugin/security.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)

const markup = '<img src=x onerror=alert(1)>'
const escaped = '&lt;img src=x onerror=alert(1)&gt;'

t.test('H04 I put markup into a text of formatHtml', async (t) => {
  t.equal(String(formatHtml`<b>${markup}</b>`), `<b>${escaped}</b>`)
  t.equal(String(formatHtml`<b title="${'" onclick="x'}">`), '<b title="&quot; onclick=&quot;x">')
  t.equal(String(formatHtml`<b title='${"' onclick='x"}'>`), '<b title=\'&#39; onclick=&#39;x\'>')
  t.equal(String(formatHtml`<title>${'</title><script>'}</title>`), '<title>&lt;/title&gt;&lt;script&gt;</title>')
  t.equal(String(formatHtml`<p>${'&lt;'} & ${'&'}</p>`), '<p>&amp;lt; & &amp;</p>', 'references of the value are text')

  const row = (name: string) => formatHtml`<li>${name}</li>`
  t.equal(String(formatHtml`<ul>${[row('<a>'), row('b')]}</ul>`), '<ul><li>&lt;a&gt;</li><li>b</li></ul>', 'no second escaping')
  t.equal(String(formatHtml`<i title="${row('"')}">${[[1, ['<']]]}</i>`), '<i title="&lt;li&gt;&quot;&lt;/li&gt;">1&lt;</i>')
  t.equal(String(formatHtml`<textarea>${row('x')}</textarea>`), '<textarea>&lt;li&gt;x&lt;/li&gt;</textarea>')
  t.equal(String(formatHtml`${null}${undefined}${false}${''}${0}${true}${12n}`), '0true12')
  t.equal(String(formatHtml`${new URL('https://example.com/?a&b')}`), 'https://example.com/?a&amp;b')
  t.equal(JSON.stringify({ html: row('x') }), '{"html":"<li>x</li>"}')

  const forged: unknown = JSON.parse('{"toString":"<script>","html":"<b>","#html":"<b>"}')
  for (const value of [forged, {}, Object.create(null), Promise.resolve(markup), () => markup, Symbol(markup), new Map()]) {
    t.throws(() => formatHtml`<b>${value}</b>`, { code: 'LIVE_ERR_FORMAT_VALUE', message: /Give the text or the field/ })
  }
  const cycle: unknown[] = []
  cycle.push(cycle)
  t.throws(() => formatHtml`${cycle}`, { code: 'LIVE_ERR_FORMAT_VALUE' })
  const Minted = row('x').constructor as new (key: unknown, html: string) => unknown
  t.throws(() => new Minted(Symbol('formatHtml'), markup), { code: 'LIVE_ERR_FORMAT' }, 'nobody else mints')

  class Joined extends Array<string> {
    override map (): never { return { join: () => markup } as never }
    override join (): string { return markup }
  }
  t.equal(String(formatHtml`<b>${Joined.from([markup])}</b>`), `<b>${escaped}</b>`, "a list's own functions are not asked")
  t.equal(String(formatHtml`<b>${Object.assign(row('x'), { toString: () => markup })}</b>`), '<b><li>x</li></b>', 'nor is what was made')
  // eslint-disable-next-line no-sparse-arrays -- what a hole becomes
  t.equal(String(formatHtml`<b>${[, 1, , 2]}</b>`), '<b>12</b>', 'holes are nothing')
})

t.test('H04 my address runs', async (t) => {
  const run = ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'java\nscript:alert(1)', '\u0001javascript:alert(1)',
    ' \u0000 javascript:alert(1)', 'vbscript:x', 'data:text/html,<script>1</script>', 'data:image/svg+xml,x', 'blob:x', 'file:///x']
  for (const url of run) t.equal(String(formatHtml`<a href="${url}">x</a>`), '<a href="#unsafe">x</a>', JSON.stringify(url))
  for (const url of ['https://example.com/?q=1', 'http://x', 'mailto:a@b', 'tel:1', '/a', 'a', '?q=javascript:1', '#x', '//x']) {
    t.equal(String(formatHtml`<a href="${url}">x</a>`), `<a href="${url}">x</a>`)
  }
  t.equal(String(formatHtml`<form action="${run[0]}"><img src='${run[0]}'>`), '<form action="#unsafe"><img src=\'#unsafe\'>')
  t.equal(String(formatHtml`<a href="${run[0]}/x?${'a=1'}">`), '<a href="#unsafe/x?a=1">')
  t.equal(String(formatHtml`<a href="/users/${run[0]}"><a href="https://${'example.com'}/"><a href="page?x=${1}&amp;y=${2}">`),
    '<a href="/users/javascript:alert(1)"><a href="https://example.com/"><a href="page?x=1&amp;y=2">')
  const pixels = 'data:image/png;base64,AAAA'
  t.equal(String(formatHtml`<a href="${pixels}"><img src="${pixels}">`), `<a href="#unsafe"><img src="${pixels}">`, 'pixels run nothing')
  t.equal(String(formatHtml`<img src="${'data:image/svg+xml,x'}">`), '<img src="#unsafe">')
  t.throws(() => formatHtml`<a href="${[run[0]]}">`, { code: 'LIVE_ERR_FORMAT_VALUE' })
  t.throws(() => formatHtml`<a href="${formatHtml`${run[0]}`}">`, { code: 'LIVE_ERR_FORMAT_VALUE' })
})

t.test('H04 I write where no value is safe', async (t) => {
  const x = 'x'
  const refused: ReadonlyArray<readonly [name: string, make: () => unknown, says: RegExp]> = [
    ['a script', () => formatHtml`<script>let a = "${x}"</script>`, /in <script>, behind "<script>let a = \\"".*jsonForScript/],
    ['JSON', () => formatHtml`<script type="application/json">${x}</script>`, /jsonForScript/],
    ['a style', () => formatHtml`<style>${x}</style>`, /in <style>.*between tags/],
    ['an iframe', () => formatHtml`<iframe>${x}</iframe>`, /in <iframe>/],
    ['a title with tags', () => formatHtml`<title><a href="${x}"></title>`, /in <title>/],
    ['a comment', () => formatHtml`<!-- ${x} -->`, /in a comment/],
    ['a bogus comment', () => formatHtml`<!a ${x}>`, /in a comment/],
    ['a doctype', () => formatHtml`<!doctype ${x}>`, /in a doctype/],
    ['a CDATA section', () => formatHtml`<svg><![CDATA[ > ${x}]]></svg>`, /CDATA/],
    ['an event handler', () => formatHtml`<p OnClick="${x}">`, /attribute OnClick of <p>, which is code or CSS/],
    ['srcdoc', () => formatHtml`<iframe srcdoc="${x}">`, /srcdoc/],
    ['a style attribute', () => formatHtml`<p style="color:${x}">`, /style/],
    ['no quotes', () => formatHtml`<p title=${x}>`, /without quotes.*attribute="…"/],
    ['no quotes, later', () => formatHtml`<p title=a${x}>`, /without quotes/],
    ['the name of an attribute', () => formatHtml`<p ${x}>`, /part of a name/],
    ['behind a value', () => formatHtml`<p title="a"${x}>`, /part of a name/],
    ['the name of a tag', () => formatHtml`<${x}>`, /in a tag name/],
    ['half the name of a tag', () => formatHtml`<h${x}>`, /part of a name/],
    ['the name of an end tag', () => formatHtml`</${x}>`, /in an end tag/],
    ['inside an end tag', () => formatHtml`</p ${x}>`, /end tag/],
    ['half a reference', () => formatHtml`<a href="&#${x}">`, /character reference.*Write &amp;/],
    ['half a scheme', () => formatHtml`<a href="java${x}">`, /behind "java", and could choose the scheme/],
    ['a script of theirs', () => formatHtml`<a href="javascript:f('${x}')">`, /could choose the scheme/],
    ['a scheme by reference', () => formatHtml`<a href="javascript&#58;/${x}">`, /could choose the scheme/],
    ['a scheme before a colon', () => formatHtml`<a href="${x}:alert(1)">`, /complete a scheme.*whole URL/],
    ['two halves of a scheme', () => formatHtml`<a href="${x}${x}">`, /complete a scheme/],
    ['sizes of a picture', () => formatHtml`<img srcset="${x} 2x">`, /srcset of <img>/],
    ['a script from anywhere', () => formatHtml`<script src="${x}"></script>`, /src of <script>, which loads or is code/],
    ['another base', () => formatHtml`<base href="${x}">`, /<base>/],
    ['a refresh', () => formatHtml`<meta http-equiv="refresh" content="0;${x}">`, /<meta>/],
    ['a plug-in', () => formatHtml`<object data="${x}">`, /<object>/],
    ['an animated address', () => formatHtml`<svg><a><set attributeName="href" to="${x}"/></a></svg>`, /<set>/],
    ['what is taken in', () => formatHtml`<p>${x}<!--`, /ends inside/],
    ['what is taken in by an attribute', () => formatHtml`<p title="${x}`, /ends inside/],
    ['what is taken in by a textarea', () => formatHtml`<textarea>${x}`, /ends inside/]
  ]
  for (const [name, make, says] of refused) {
    const error = throwing(make)
    t.equal(error.code, 'LIVE_ERR_FORMAT', name)
    t.match(error.message, says, name)
  }
})

t.test('H04 whatever the value is, the page has the tags of the format', async (t) => {
  const makers: ReadonlyArray<(value: unknown) => unknown> = [
    (x) => formatHtml`<p title="${x}" class='${x}'>${x}<b>${x}</b></p><textarea>${x}</textarea>`,
    (x) => formatHtml`<a href="${x}">${x}</a><img src="/i/${x}" alt='${x}'><noscript>${x}</noscript>`,
    (x) => formatHtml`<table><tr><td>${x}</td></tr></table><svg><title>${x}</title><text>${x}</text></svg>`,
    (x) => formatHtml`<div>${formatHtml`<i title="${x}">${x}</i>`}</div>`,
    (x) => formatHtml('<p title="{t}">{t}</p>', { t: x })
  ]
  const nasty = fc.string({
    unit: fc.constantFrom('<', '>', '"', "'", '`', '&', '=', '/', ' ', '\t', '\n', '\0', '\\', '{', '}', '<!--', '-->', ']]>', '<script>',
      '</textarea>', '</title>', '</noscript>', 'javascript:', 'data:', 'onerror', '&#x3c;', '&quot;', '\u0001', 'x', ':', '${', '\u2028', '\ud800')
  })
  for (const make of makers) {
    const plain = skeleton(String(make('x')))
    fc.assert(fc.property(nasty, (value) => skeleton(String(make(value))) === plain), { seed, numRuns: 300 })
  }
})

t.test('H04 formatHtml is a function too', async (t) => {
  t.equal(String(formatHtml('<b>{}</b> <i>{}</i>', markup, 2)), `<b>${escaped}</b> <i>2</i>`)
  t.equal(String(formatHtml('{{{name}}} <a href="{url}">{name}</a>', { name: '<', url: 'javascript:1' })), '{&lt;} <a href="#unsafe">&lt;</a>')
  for (let i = 0; i < 250; i++) formatHtml(`<b>{}</b>${i}`, i)
  t.equal(String(formatHtml('<b>{}</b>', 1)), '<b>1</b>')
  const wrong: ReadonlyArray<readonly [make: () => unknown, says: RegExp]> = [
    [() => formatHtml('<b>{}</b>'), /takes 1 values, and 0 are given/],
    [() => formatHtml('<b>{}</b>', 1, 2), /takes 1 values, and 2 are given/],
    [() => formatHtml('<b>{name}</b>', { nam: 1 }), /no value is given for \{name\}/],
    [() => formatHtml('<b>{name}</b>', null), /no value is given for \{name\}/],
    [() => formatHtml('<b>{name}</b>', 'x'), /no value is given for \{name\}/],
    [() => formatHtml('<b>{toString}</b>', {}), /no value is given for \{toString\}/],
    [() => formatHtml('<b>{name}</b>', {}, {}), /takes one object/],
    [() => formatHtml('<b>{name} {}</b>', {}), /both/],
    [() => formatHtml('<b>{a b}</b>', {}), /a placeholder \{a b\}/],
    [() => formatHtml('<b>{</b>', 1), /a single \{\. Write \{\{/],
    [() => formatHtml('<b>}</b>', 1), /a single \}\. Write \}\}/],
    [() => formatHtml(`<b>${markup}</b>`), /no placeholder\. Write formatHtml`…` without parentheses/],
    [() => formatHtml('<p {}>', 1), /part of a name/],
    [() => formatHtml(['<b>', '</b>'] as never, 1), /the format is \[ '<b>', '<\/b>' \]/],
    [() => formatHtml(undefined as never), /the format is undefined/]
  ]
  for (const [make, says] of wrong) {
    const error = throwing(make)
    t.equal(error.code, 'LIVE_ERR_FORMAT')
    t.match(error.message, says)
  }
})

t.test('H04 I end your script from inside of your data', async (t) => {
  const data = { a: '</script><script>alert(1)//', b: '<!--<script>', c: '&amp;', d: '\u2028\u2029', e: ']]>', '</script>': 'key', f: undefined }
  const json = jsonForScript(data)
  t.notMatch(json, /[<>&\u2028\u2029]/)
  const { f, ...kept } = data
  t.same(JSON.parse(json), kept)
  t.equal(jsonForScript({ a: [1] }, 2), '{\n  "a": [\n    1\n  ]\n}')
  t.equal(jsonForScript('</'), '"\\u003c/"')
  t.equal(jsonForScript(new Date(0)), '"1970-01-01T00:00:00.000Z"')
  t.equal(jsonForScript(null), 'null')
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    fc.pre(!JSON.stringify(value).includes('__proto__'))
    const text = jsonForScript(value)
    return !/[<>&\u2028\u2029]/.test(text) && JSON.stringify(JSON.parse(text)) === JSON.stringify(value)
  }), { seed, numRuns: 500 })

  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const refused: ReadonlyArray<readonly [value: unknown, says: RegExp]> = [
    [undefined, /has undefined,/], [() => 1, /has a function,/], [{ run () {} }, /has a function at "run"/], [Symbol('x'), /a symbol/],
    [{ id: 1n }, /a bigint at "id"/], [{ sum: NaN }, /NaN at "sum"/], [[Infinity], /Infinity at "0"/], [[undefined], /undefined at "0"/],
    [{ m: new Map() }, /a Map or Set at "m"/], [new Set(), /a Map or Set,/], [JSON.parse('{"a":{"__proto__":{"x":1}}}'), /a key at "__proto__"/],
    [cycle, /cannot be written/], [{ toJSON () { throw new Error('x') } }, /cannot be written/], [{ toJSON () {} }, /has undefined/]
  ]
  for (const [value, says] of refused) {
    const error = throwing(() => jsonForScript(value))
    t.equal(error.code, 'LIVE_ERR_SCRIPT_JSON')
    t.match(error.message, says)
  }
})

const anything = (): Record<string, unknown> => ({})

t.test('D08 I reach Object.prototype through the fields that you copy', async (t) => {
  const sent = (text: string): unknown => JSON.parse(text)
  const poisoned = '{"admin":true}'
  const table: ReadonlyArray<readonly [name: string, source: unknown, allowed: string[], target: unknown, set: string[]]> = [
    ['what is allowed and no more', sent('{"name":"x","role":"admin"}'), ['name'], { name: 'x' }, ['name']],
    ['__proto__ that is listed', sent(`{"__proto__":${poisoned}}`), ['__proto__'], {}, []],
    ['constructor that is listed', sent(`{"constructor":{"prototype":${poisoned}}}`), ['constructor', 'prototype'], {}, []],
    ['__proto__ below', sent(`{"a":{"__proto__":${poisoned},"b":1}}`), ['a'], { a: { b: 1 } }, ['a']],
    ['__proto__ in a list', sent(`{"a":[{"b":{"__proto__":${poisoned}}}]}`), ['a'], { a: [{ b: {} }] }, ['a']],
    ['constructor.prototype below', sent(`{"a":{"constructor":{"prototype":${poisoned}}}}`), ['a'], { a: {} }, ['a']],
    ['names that only look unsafe', sent('{"get":1,"set":2,"value":3,"toString":4}'), ['get', 'set', 'value', 'toString'],
      { get: 1, set: 2, value: 3, toString: 4 }, ['get', 'set', 'value', 'toString']],
    ['and below', sent('{"a":{"get":1,"set":{"has":2},"__proto":3}}'), ['a'], { a: { get: 1, set: { has: 2 }, __proto: 3 } }, ['a']],
    ['what is inherited', Object.create({ name: 'x' }), ['name'], {}, []],
    ['toString that is nobody\'s', sent('{}'), ['toString'], {}, []],
    ['what is not listed as a field', Object.defineProperty({}, 'name', { value: 'x' }), ['name'], {}, []],
    ['twice', sent('{"name":"x"}'), ['name', 'name'], { name: 'x' }, ['name']],
    ['nothing', sent('{"name":"x"}'), [], {}, []],
    ['no object', sent('null'), ['name'], {}, []],
    ['a text', 'abc', ['0', 'length'], {}, []],
    ['a list', sent('["a"]'), ['0', 'length'], { 0: 'a' }, ['0']],
    ['primitives', { a: null, b: undefined, c: 1n, d: NaN }, ['a', 'b', 'c', 'd'], { a: null, b: undefined, c: 1n, d: NaN },
      ['a', 'b', 'c', 'd']],
    ['a date', { at: new Date(5) }, ['at'], { at: new Date(5) }, ['at']],
    ['an instance', { a: new Map(), b: [new URL('http://x')], c: () => 1, d: Symbol('x'), e: 1 }, ['a', 'b', 'c', 'd', 'e'], { e: 1 }, ['e']],
    ['too deep', { a: JSON.parse('['.repeat(17) + ']'.repeat(17)), b: JSON.parse('['.repeat(16) + ']'.repeat(16)) }, ['a', 'b'],
      { b: JSON.parse('['.repeat(16) + ']'.repeat(16)) }, ['b']]
  ]
  for (const [name, source, allowed, expected, set] of table) {
    const target = anything()
    t.strictSame(safeAssign(target, source, allowed), set, name)
    t.strictSame(target, expected, name)
    t.equal(Object.getPrototypeOf(target), Object.prototype, name)
    t.equal((target as { admin?: unknown }).admin, undefined, name)
  }
  t.equal(anything()['admin'], undefined)

  const source = { tags: ['a'] }
  const target: Record<string, unknown> = {}
  safeAssign(target, source, ['tags'])
  source.tags.push('b')
  t.same(target, { tags: ['a'] }, 'a copy')

  const cycle: Record<string, unknown> = { name: 'x' }
  cycle['self'] = cycle
  safeAssign(target, { cycle }, ['cycle'])
  const { cycle: copied } = target as { cycle: { self: unknown } }
  t.equal(copied.self, copied, 'a cycle is copied once')
  t.not(copied, cycle)

  let runs = 0
  const accessors = { get name () { return ++runs }, nested: { get name () { return ++runs }, other: 1 } }
  t.same(safeAssign(target, accessors, ['name', 'nested']), ['nested'])
  t.same([target['nested'], runs], [{ other: 1 }, 0], 'no accessor of the source is run')
  fc.assert(fc.property(fc.anything({ withNullPrototype: true, withDate: true, withMap: true }), (value) => {
    safeAssign(anything(), { value, __proto__: value }, ['value', '__proto__', 'constructor'])
    return Object.keys(Object.prototype).length === 0
  }), { seed, numRuns: 500 })
})

t.test('D08 I choose the name of the field that you set', async (t) => {
  const target: Record<string, unknown> = {}
  for (const name of ['role', '__proto__', 'constructor', 'prototype', 'toString', '', 'theme.x', ['theme'], null, 7, { toString: () => 'theme' }]) {
    t.equal(safeSet(target, name, { admin: true }, ['theme', '__proto__', 'constructor', 'prototype']), false, String(name))
  }
  t.same(target, {})
  t.equal(safeSet(target, 'theme', JSON.parse('{"a":1,"__proto__":{"admin":true}}'), ['theme']), true)
  t.strictSame(target, { theme: { a: 1 } })
  t.equal(safeSet(target, 'theme', new Map(), ['theme']), false)

  class Account {
    #name = ''
    readonly id = 1
    get name (): string { return this.#name }
    set name (name: string) { this.#name = name.trim() }
    get fixed (): number { return 1 }
  }
  const account = new Account()
  t.ok(safeSet(account, 'name', ' x ', ['name']))
  t.equal(account.name, 'x', 'setters of the target run')
  t.throws(() => safeSet(account, 'fixed', 2, ['fixed']), TypeError)
  t.throws(() => safeAssign(Object.freeze({ name: '' }), { name: 'x' }, ['name']), TypeError)

  const wrong: ReadonlyArray<readonly [target: unknown, allowed: unknown, says: RegExp]> = [
    [null, ['a'], /target is no object/], ['x', ['a'], /target is no object/], [() => 1, ['a'], /target is no object/],
    [new Map(), ['a'], /Map or Set/], [new Set(), ['a'], /Map or Set/], [{}, undefined, /allow-list/], [{}, 'name', /allow-list/],
    [{}, ['a', 7], /allow-list/], [{}, { a: true }, /allow-list/]
  ]
  for (const [given, allowed, says] of wrong) {
    t.throws(() => safeAssign(given as object, {}, allowed as never), { code: 'LIVE_ERR_FIELDS', message: says })
    t.throws(() => safeSet(given as object, 'a', 1, allowed as never), { code: 'LIVE_ERR_FIELDS', message: says })
  }
})

t.test('L01 I read what went wrong', async (t) => {
  const secret = 'hunter2 at /srv/app/db.ts'
  const error = Object.assign(new Error(secret), { statusCode: 422, payload: secret, validation: [{ data: secret }] })
  const before = process.env['NODE_ENV']
  const answerIn = (environment: string | undefined, options: SafeErrorOptions): SafeErrorResponse => {
    if (environment === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = environment
    return createSafeErrorResponse(options)
  }
  t.teardown(() => {
    if (before === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = before
  })
  const kinds = ['default', 'mount', 'event', 'render', 'validation', 'not_found', 'permission',
    'stale', 'denied', 'invalid', 'limit', 'busy', 'error'] as const
  for (const environment of ['production', 'test', '', 'Development', undefined]) {
    for (const kind of kinds) {
      const answer = answerIn(environment, { error, kind, event: secret })
      t.same(Object.keys(answer), ['statusCode', 'kind', 'error', 'errorId'], `${kind} in ${environment}`)
      t.match(answer, { kind, error: /^[A-Z][a-z ,]+\.( [A-Z][a-z ]+\.)?$/, errorId: /^[0-9a-f]{12}$/ })
      t.ok(answer.statusCode >= 400 && answer.statusCode < 600)
    }
  }
  const status = (given: unknown, kind?: string): unknown => {
    const answer = answerIn('production', { error: given, kind: kind as ErrorKind })
    return [answer.statusCode, answer.kind]
  }
  t.same(status(error), [400, 'validation'])
  t.same(status(error, 'mount'), [500, 'mount'])
  t.same(status(error, secret), [400, 'validation'], 'an unknown kind')
  t.same(status({ statusCode: 403 }, 'constructor'), [403, 'permission'])
  t.same(status({ statusCode: 401 }), [403, 'permission'])
  t.same(status({ statusCode: 404 }), [404, 'not_found'])
  t.same(status({ statusCode: 429 }), [429, 'limit'])
  t.same(status({ statusCode: 302 }), [500, 'default'])
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  for (const thrown of [undefined, null, 'text', 7, Symbol('x'), proxy, { get statusCode () { throw new Error('no') } }]) {
    t.same(status(thrown), [500, 'default'])
    t.ok(answerIn('development', { error: thrown }).details)
  }
  t.match(createSafeErrorResponse(), { statusCode: 500, kind: 'default' })
  for (const options of [null, 'text', proxy]) t.match(createSafeErrorResponse(options as never), { statusCode: 500, kind: 'default' })

  const { details } = answerIn('development', { error, event: 'add_row' })
  t.equal(details?.event, 'add_row')
  t.equal(details?.message, secret)
  t.match(details?.stack, /\n +at /)
  t.same(Object.keys(details ?? {}), ['event', 'message', 'stack'], 'and nothing else that the error carries')
  t.equal(answerIn('development', { error: 'text', event: '<b>' }).details?.event, null)
  t.equal(answerIn('development', { error: 'text' }).details?.message, 'text')
})

t.test('the entry has what it says', async (t) => {
  t.equal(isSafeEventName('add_row'), true)
  t.equal(sanitizeForLog('a\nb'), 'a b')
})

interface Node { nodeName: string, attrs?: Array<{ name: string, value: string }>, childNodes?: Node[] }

/** Tags and names of attributes as a browser finds them; URLs that would run are named. */
function skeleton (html: string): string {
  const walk = (node: Node): string => node.nodeName === '#text'
    ? ''
    : `<${node.nodeName} ${(node.attrs ?? []).map(({ name, value }) => name === 'href' && runs(value) ? 'RUNS' : name).join(' ')}>${
      (node.childNodes ?? []).map(walk).join('')}`
  return walk(parseFragment(html) as unknown as Node)
}

function runs (href: string): boolean {
  return URL.canParse(href, 'https://x') && !['http:', 'https:', 'mailto:', 'tel:'].includes(new URL(href, 'https://x').protocol)
}

function throwing (make: () => unknown): { code?: string, message: string } {
  try {
    make()
  } catch (error) {
    return error as Error
  }
  return { message: 'did not throw' }
}
