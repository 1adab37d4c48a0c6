// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import fc from 'fast-check'
import { parse } from 'parse5'
import type { DefaultTreeAdapterTypes as Dom } from 'parse5'
import t from 'tap'
import { diffTree } from '../lib/render/diff-tree.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { imageText, urlText } from '../lib/template/output/encode-place.ts'
import { srcsetText } from '../lib/template/output/url-lists.ts'
import { SafeString } from '../lib/template/nunjucks.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Tree } from '../lib/template/tree.ts'
import { ClientTree } from './helpers/client-tree.ts'
import { NOT_SENT, treeValue } from '../lib/render/encode-tree.ts'
import { pageTree, wireTree } from './helpers/page-tree.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)

interface Shown { readonly attributes: Readonly<Record<string, string>>, readonly text: string }

/** What the browser reads of the element with `id="x"`; what a patch would say is compared along the way. */
function shown (source: string, data: object, more: Record<string, string> = {}): Shown {
  const program = new TemplateEnvironment({ main: `<html><head></head><body>${source}</body></html>`, ...more }).compile('main')
  const tree = program.render(data) as Tree
  const page = renderPage(tree)
  const [written, sent] = [JSON.stringify(pageTree(page, tree.shape.id)), JSON.stringify(wireTree(tree))]
  if (written !== sent) throw new Error(`the page says ${written}, a patch ${sent}`)
  const found = elementOf(parse(page))
  if (found === null) throw new Error(`no element in ${page}`)
  return {
    attributes: Object.fromEntries(found.attrs.map(({ prefix, name, value }) => [prefix ? `${prefix}:${name}` : name, value])),
    text: found.childNodes.map((node) => (node as Dom.TextNode).value).join('')
  }
}

function elementOf (node: Dom.ParentNode): Dom.Element | null {
  for (const child of node.childNodes) {
    if (!('attrs' in child)) continue
    const found = child.attrs.some(({ name, value }) => name === 'id' && value === 'x') ? child : elementOf(child)
    if (found !== null) return found
  }
  return null
}

const attribute = (source: string, name: string, data: object, more: Record<string, string> = {}): string | undefined =>
  shown(source, data, more).attributes[name]

t.test('H01 I put a script into an address, in every spelling that browsers know', async (t) => {
  const link = '<a id="x" href="{{ a }}">x</a>'
  for (const a of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', ' javascript:x', '\u0001javascript:x', 'java\tscript:x', 'java\nscript:x', 'javascript\r:x', '\tjavascript:x', 'vbscript:x', 'data:text/html,<script>', 'data:image/svg+xml,x', 'data:image/png;base64,AA', 'blob:https://x/1', 'file:///etc/passwd', 'filesystem:x', 'view-source:x', 'ftp://x', 'intent://x', 'ms-word:x', 'javascript://%0aalert(1)', 'feed:javascript:x', 'about:blank', '\u00a0javascript:x', '\ufeffjavascript:x', 'x:']) {
    t.equal(attribute(link, 'href', { a }), '#unsafe', JSON.stringify(a))
  }
  for (const a of ['/a', 'a/b:c', '?x=javascript:', '#javascript:', '//x.example/', './javascript:x', 'https://a.example/?b:c', 'HTTPS://a', 'mailto:a@b', 'tel:+1', '', 'Größe:1', '1:2', ':x', '&#106;avascript:x', 'javascript&colon;x']) {
    t.equal(attribute(link, 'href', { a }), a, JSON.stringify(a))
  }
})

t.test('H01 I put a script together from several pieces', async (t) => {
  const pieces: ReadonlyArray<readonly [string, object]> = [
    ['{{ a }}{{ b }}', { a: 'java', b: 'script:x' }], ['{{ a }}{{ b }}', { a: 'javascript', b: ':x' }], ['java{{ b }}', { b: 'script:x' }],
    ['{{ a }}script:x', { a: 'java' }], ['{{ a }}:x', { a: 'javascript' }], ['&Tab;{{ a }}', { a: 'javascript:x' }], ['JAVA&#x73;cript{{ a }}', { a: ':x' }],
    ['{{ a }}&colon;x', { a: 'javascript' }], ['java&NewLine;{{ b }}', { b: 'script:x' }], ['{% if a %}java{% endif %}{{ b }}', { a: 1, b: 'script:x' }],
    ['{% if a %}javascript:{{ b }}{% endif %}', { a: 1, b: 'x' }], ['{% for c in a %}{{ c }}{% endfor %}', { a: [...'javascript:x'] }],
    ['{% if a %}{{ a }}{% else %}/{% endif %}{{ b }}', { a: 'data', b: ':text/html,x' }], ['{% include "part" %}', { b: 'script:x' }],
    ['{% macro m(y) %}java{{ y }}{% endmacro %}{{ m(b) }}', { b: 'script:x' }], ['{{ a }}', { a: new SafeString('java&#115;cript&colon;x') }], ['{{ a }}', { a: new SafeString('java&Tab;script&#58x') }]
  ]
  for (const [value, data] of pieces) {
    const trusted = Object.values(data).some((one) => one instanceof SafeString)
    for (const place of [`<a id="x" href="${value}">x</a>`, `<a id="x" {% if 1 %}hidden{% endif %} href="${value}">x</a>`, `<a {% if 1 %}id="x" href="${value}"{% endif %}>x</a>`].slice(0, trusted ? 2 : 3)) {
      const href = attribute(place, 'href', data, { part: 'java{{ b }}' })
      t.equal(href, '#unsafe', `${place} ${JSON.stringify(data)}`)
    }
  }
})

t.test('H01 I look for an address that is forgotten', async (t) => {
  const places: ReadonlyArray<readonly [string, string]> = [
    ['<a id="x" href="{{ a }}"></a>', 'href'], ['<area id="x" href="{{ a }}">', 'href'], ['<form id="x" action="{{ a }}"></form>', 'action'],
    ['<button id="x" formaction="{{ a }}"></button>', 'formaction'], ['<input id="x" formaction="{{ a }}">', 'formaction'], ['<iframe id="x" src="{{ a }}"></iframe>', 'src'],
    ['<img id="x" src="{{ a }}">', 'src'], ['<input id="x" type="image" src="{{ a }}">', 'src'], ['<video id="x" src="{{ a }}"></video>', 'src'], ['<video id="x" poster="{{ a }}"></video>', 'poster'],
    ['<audio id="x" src="{{ a }}"></audio>', 'src'], ['<source id="x" src="{{ a }}">', 'src'], ['<track id="x" src="{{ a }}">', 'src'], ['<q id="x" cite="{{ a }}"></q>', 'cite'],
    ['<table id="x" background="{{ a }}"></table>', 'background'], ['<img id="x" longdesc="{{ a }}">', 'longdesc'], ['<link id="x" rel="icon" href="{{ a }}">', 'href'],
    ['<link id="x" rel="canonical" href="{{ a }}">', 'href'], ['<svg><a id="x" xlink:href="{{ a }}"></a></svg>', 'xlink:href'], ['<svg><image id="x" href="{{ a }}"></image></svg>', 'href'],
    ['<svg><animate id="x" attributeName="href" to="{{ a }}"></animate></svg>', 'to'], ['<svg><set id="x" attributeName="href" to="{{ a }}"></set></svg>', 'to'],
    ['<svg><animate id="x" attributeName="href" from="{{ a }}"></animate></svg>', 'from'], ['<math><mi id="x" href="{{ a }}"></mi></math>', 'href'], ['<img id="x" lowsrc="{{ a }}">', 'lowsrc']
  ]
  for (const [source, name] of places) {
    const inSet = source.replace('="{{ a }}"', '="{{ a }}" {% if 1 %}lang="en"{% endif %}')
    for (const place of [source, inSet]) {
      t.equal(attribute(place, name, { a: 'javascript:alert(1)' }), '#unsafe', place)
      t.equal(attribute(place, name, { a: '/honest?a=1&b=2' }), '/honest?a=1&b=2', place)
    }
    t.equal(attribute(source.replace(`${name}=`, `${name.toUpperCase()} = `), name, { a: 'javascript:alert(1)' }), '#unsafe', `${source} in capitals`)
  }
  const picture = 'data:image/png;base64,AA'
  for (const [source, name] of places.filter(([source, name]) => /^<(?:svg><)?(?:img|input|source|image)/.test(source) ? /src$|href/.test(name) : /poster|background|rel="icon"/.test(source))) {
    t.equal(attribute(source, name, { a: picture }), picture, `${source} shows a picture`)
    t.equal(attribute(source, name, { a: 'data:image/svg+xml,x' }), '#unsafe', source)
  }
})

t.test('H01 whatever I write, the browser finds no scheme in it but those that are followed', async (t) => {
  const bases = ['https://app.example/orders/1', 'http://127.0.0.1:3000/']
  const piece = fc.oneof(
    fc.constantFrom('javascript', 'data', 'vbscript', 'http', 'https', 'mailto', 'tel', 'file', 'blob', 'JAVA', 'script', 'image/png', ':', ':', ':', '/', '//', '\\', '?', '#', '.', '..', '%3a', '&colon;', '&#58;', ';', ',', '@', '+', '-',
      '\t', '\n', '\r', '\f', '\v', ' ', '\0', '\u001f', '\u007f', '\u0085', '\u009f', '\u00a0', '\u200b', '\u202e', '\u2028', '\ufeff', '\u212a', '\u017f', 'ſ', 'ı', '：', '\ud800', '🧀'),
    fc.string({ maxLength: 3, unit: 'binary' }))
  const scheme = fc.constantFrom('javascript', 'data:image/png;', 'data:text/html,', 'https', 'mailto', 'file', 'x-y+z.1').chain((name) => fc.tuple(piece, fc.nat({ max: name.length })).map(([inside, at]) => `${name.slice(0, at)}${inside}${name.slice(at)}:`))
  const address = fc.oneof(fc.array(piece, { maxLength: 7 }), fc.tuple(piece, scheme, piece), fc.tuple(scheme, piece)).map((pieces) => pieces.join(''))
  let schemes = 0
  fc.assert(fc.property(address, fc.constantFrom(...bases), (value, base) => {
    const [link, picture] = [urlText(value), imageText(value)]
    for (const text of [link, picture]) {
      if (text !== value && !/^[\p{Cc}\s]*[a-z][a-z0-9+.\p{Cc}-]*:/iu.test(value)) throw new Error('replaced, and nothing in it looks like a scheme')
    }
    for (const text of [link, picture]) {
      if (!URL.canParse(text, base)) continue
      const { protocol, href } = new URL(text, base)
      if (/^https?:$/.test(protocol) || (text === link && /^(?:mailto|tel):$/.test(protocol))) continue
      if (text === picture && /^data:image\/(?:png|gif|jpeg|webp|avif)[;,]/i.test(href)) continue
      throw new Error(`followed to ${protocol}`)
    }
    if (link === '#unsafe') schemes++
    return true
  }), { seed, numRuns: 1500 })
  t.ok(schemes > 200, `${schemes} of them were refused`)
})

t.test('H01 I lead what fetches code out of its folder', async (t) => {
  const script = '<script id="x" src="/assets/{{ a }}/app.js"></script>'
  for (const a of ['..', '../uploads', '%2e%2e', '.%2E', '%2e', '.', 'a/../..', 'a\\..', '\\', '/', '//evil.example', 'a//b', '', ' ', '\t.\t.', '.\n.', 'a%2fb', 'a%5cb', 'a%00', 'a;b', ':', '..\u0000', '&period;&period;', '..?', '..#', 'a/..?', '<', '"', '%252e%252e', '%2%65', '%%32e', '%u002e', '..%3b', '%c0%ae', '%']) {
    t.equal(attribute(script, 'src', { a }), '#unsafe', JSON.stringify(a))
    t.equal(attribute(script.replace('src', '{% if 1 %}defer{% endif %} src'), 'src', { a }), '#unsafe', `${JSON.stringify(a)} beside conditions`)
  }
  for (const a of ['1.2.3', 'v1', 'a/b', '...', '..a', 'a..', '.well-known', 'größe', '%20', 'a@1.0', 'v?x=../', 'v#../']) {
    t.equal(attribute(script, 'src', { a }), `/assets/${a}/app.js`, a)
    t.equal(attribute(script.replace('src', '{% if 1 %}defer{% endif %} src'), 'src', { a }), `/assets/${a}/app.js`, `${a} beside conditions`)
  }
  t.equal(attribute(script, 'src', { a: new SafeString('&period;&period;') }), '#unsafe')
  t.equal(attribute(script, 'src', { a: new SafeString('&nosuch;') }), '#unsafe')
  t.equal(attribute('<script id="x" src="/a.js?a&am{{ a }}"></script>', 'src', { a: 'p;' }), '#unsafe', 'a reference in two halves')
  for (const [place, name, kept, lost] of [
    ['<script id="x" src="https://cdn.example/x/{{ a }}.js"></script>', 'src', 'v1', '../y'],
    ['<script id="x" src="//cdn.example:8443/x/v{{ a }}"></script>', 'src', '1', '/../..'],
    ['<link id="x" rel="stylesheet" href="themes/{{ a }}.css">', 'href', 'dark', '../dark'],
    ['<link id="x" rel="preload" as="script" href="/js/{{ a }}">', 'href', 'a.js', '..'],
    ['<base id="x" href="/app/{{ a }}/">', 'href', 'en', '..'],
    ['<object id="x" data="/files/{{ a }}"></object>', 'data', '1.pdf', '//evil'],
    ['<embed id="x" src="/files/{{ a }}">', 'src', '1.pdf', '..'],
    ['<svg><use id="x" href="/icons/{{ a }}.svg#i"></use></svg>', 'href', 'ok', '../x'],
    ['<svg><use id="x" xlink:href="/icons/{{ a }}.svg#i"></use></svg>', 'xlink:href', 'ok', '../x']
  ] as const) {
    t.not(attribute(place, name, { a: kept }), '#unsafe', place)
    t.equal(attribute(place, name, { a: lost }), '#unsafe', place)
  }
  for (const a of ['../x', 'javascript:x', '//evil.example']) {
    t.equal(attribute('<svg><use id="x" href="#icon-{{ a }}"></use></svg>', 'href', { a }), `#icon-${a}`, 'a fragment stays here')
    t.equal(attribute('<script id="x" src="/app.js?v={{ a }}"></script>', 'src', { a }), `/app.js?v=${a}`, 'a query does not change the file')
    t.equal(attribute('<script id="x" src="{% if a %}/a.js{% else %}/b.js{% endif %}"></script>', 'src', { a }), '/a.js', 'a condition only chooses')
    for (const set of ['', '{% if a %}defer{% endif %}']) {
      t.equal(attribute(`<script id="x" ${set} src="{% if a %}/a{% if none %}/c{% endif %}.js{% else %}/b.js{% endif %}"></script>`, 'src', { a }), '/a.js', 'nor beside attributes that come and go')
      t.equal(attribute(`<link id="x" ${set} rel="stylesheet" href="/css/{% if a %}{{ a }}{% endif %}.css">`, 'href', { a }), '#unsafe', 'a value in a condition is a value')
    }
  }
  const outside = fc.string({ unit: fc.constantFrom('.', '/', '\\', '%2e', '%2F', '\t', '\n', ' ', 'a', '?', '#', ':', '@', '%', '\u0000', ';', 'evil.example') })
  const compiled = new TemplateEnvironment({ main: '<script src="/assets/{{ a }}/app.js"></script>' }).compile('main')
  fc.assert(fc.property(outside, (a) => {
    const src = /src="([^"]*)"/.exec(renderPage(compiled.render({ a }) as Tree))?.[1] as string
    const { origin, pathname } = new URL(src.replaceAll('&#92;', '\\').replaceAll('&amp;', '&'), 'https://app.example/')
    return src === '#unsafe' || (origin === 'https://app.example' && pathname.startsWith('/assets/') && !pathname.includes('//'))
  }), { seed, numRuns: 300 })
})

t.test('H01 I hide an address in a list of them', async (t) => {
  const list = '<img id="x" srcset="/a.png 1x, {{ a }}">'
  for (const [a, expected] of [
    ['/b.png 2x', '/b.png 2x'], ['javascript:x 2x', '#unsafe 2x'], ['/b.png 2x, javascript:x 3x', '/b.png 2x, #unsafe 3x'], ['/b,c.png 2x', '/b,c.png 2x'], ['data:image/png;base64,AA 2x', 'data:image/png;base64,AA 2x'],
    ['data:image/svg+xml,x 2x', '#unsafe 2x'], ['/b.png,javascript:x', '/b.png,javascript:x'], ['/b.png, javascript:x', '/b.png, #unsafe'], ['/b.png (a,b), javascript:x', '/b.png (a,b), #unsafe'], ['/b.png (a, javascript:x', '/b.png (a, javascript:x'],
    ['/b.png 2x,javascript:x', '/b.png 2x,#unsafe'], [',,javascript:x,,', ',,#unsafe,,'], ['\tjavascript:x\n', '\t#unsafe\n']
  ] as const) {
    t.equal(attribute(list, 'srcset', { a }), `/a.png 1x, ${expected}`, JSON.stringify(a))
    t.equal(attribute('<link id="x" rel="icon" imagesrcset="/a.png 1x, {{ a }}">', 'imagesrcset', { a }), `/a.png 1x, ${expected}`, JSON.stringify(a))
  }
  t.equal(attribute('<img id="x" srcset="{{ a }}ipt:x 1x">', 'srcset', { a: 'javascr' }), '#unsafe 1x')
  t.equal(attribute('<img id="x" srcset="{{ a }}">', 'srcset', { a: new SafeString('/a 1x,&#32;javascript&colon;x 2x') }), '/a 1x, #unsafe 2x')
  t.equal(srcsetText(`${','.repeat(1e5)}:`).length, 1e5 + 1, 'a hundred thousand commas take no time')
  t.equal(attribute('<a id="x" href="/" ping="/a {{ a }}">x</a>', 'ping', { a: 'javascript:x\n/b' }), '/a #unsafe /b')
  t.equal(attribute('<a id="x" href="/" ping="/a {{ a }}">x</a>', 'ping', { a: '/b\n/c' }), '/a /b\n/c')
  t.equal(attribute('<svg><animate id="x" attributeName="href" values="/a;{{ a }}"></animate></svg>', 'values', { a: '/b; javascript:x;/c' }), '/a;/b;#unsafe;/c')
  t.equal(attribute('<svg><animate id="x" attributeName="r" values="1;{{ a }}"></animate></svg>', 'values', { a: '2;3' }), '1;2;3')
})

t.test('H01 I leave the property that I was given', async (t) => {
  const style = (source: string, data: object, more: Record<string, string> = {}): string | undefined => {
    const alone = attribute(`<p id="x" style="${source}">x</p>`, 'style', data, more)
    const inSet = attribute(`<p id="x" {% if 1 %}hidden{% endif %} style="${source}">x</p>`, 'style', data, more)
    const trusted = Object.values(data).some((one) => one instanceof SafeString)
    const inBody = trusted ? alone : attribute(`<p {% if 1 %}id="x" style="${source}"{% endif %}>x</p>`, 'style', data, more)
    if (alone !== inSet || alone !== inBody) throw new Error(`${String(alone)}, ${String(inSet)}, ${String(inBody)}`)
    return alone
  }
  for (const a of ['red; position: fixed', 'red}', '{', 'url(javascript:x)', 'url(//evil.example)', 'expression(alert(1))', 'expression', 'ex\\70ression', 'e x p r e s s i o n', '-moz-binding', 'behavior', '/*', '*/', '*', '/', '\\', '"', "'", '<!--', '@import', '!important', 'a:b', '(', ')', '`', '[', '\n', '\0', '\u2028', 'var(--x)', 'calc(1px)', '</style>', '&quot;', new SafeString('&semi;'), new SafeString('&nosuch;')]) {
    t.equal(style('color: {{ a }}; top: 0', { a }), 'color: unsafe; top: 0', encodeURIComponent(String(a)))
  }
  for (const a of ['red', '#ff0000', '12px', '1.5', 50, -1, 1e21, true, 'bold 12px', '1fr 2fr', 'Größe', '10%', 'a, b', '', '--my-color', '1e+3', new SafeString('red')]) {
    t.equal(style('color: {{ a }}; top: 0', { a }), `color: ${String(a)}; top: 0`, String(a))
  }
  t.equal(style('--size: {{ a }}px', { a: 4 }), '--size: 4px')
  t.equal(style('--size: {{ a }}', { a: '4px; color: red' }), '--size: unsafe')
  t.equal(style('width: calc({{ a }}px + 1em)', { a: '1) ; x:(' }), 'width: calc(unsafepx + 1em)')
  t.equal(style('{% if a %}color: {{ a }};{% endif %} top: {{ b }}px', { a: 'red', b: 3 }), 'color: red; top: 3px')
  t.equal(style('{% if a %}color{% else %}background{% endif %}: {{ b }}', { b: 'red' }), 'background: red')
  t.equal(style('{% for c in a %}--c: {{ c }};{% endfor %}', { a: [1, ';'] }), '--c: 1;--c: unsafe;')
  t.equal(style('color: {% for c in a %}{{ c }} {% else %}none{% endfor %}', { a: ['a', ';'] }), 'color: a unsafe ')
  t.equal(style('color: {% include "part" %}', { a: 'x;' }, { part: '{{ a }}{% if 0 %}{% include "part" %}{% endif %}' }), 'color: unsafe')
  t.equal(style('{% macro m(y) %}color: {{ y }}{% endmacro %}top: 0;left: {{ m(a) }}', { a: ';' }), 'top: 0;left: color: unsafe', 'a macro in its place')
  t.equal(style('{% macro m(y) %};{{ y }}{% endmacro %}left: {{ m(a) }}', { a: 'color: red' }), 'left: ;unsafe', 'a macro that leaves its place')
  t.equal(style('{% macro m(y) %}1/*{{ y }}{% endmacro %}left: {{ m(a) }}', { a: '*/;x:y' }), 'left: 1/*')
  t.equal(style('{% macro m(y) %}{{ y }}(1){% endmacro %}left: {{ m(a) }}', { a: 'expr' }), 'unsafe', 'a macro that calls what a value says')
  t.equal(style('{% macro m(y) %}url({{ y }}data:image/png,x){% endmacro %}left: {{ m(a) }}', { a: 'x' }), 'unsafe', 'a macro that puts a scheme behind a value')
  t.equal(style('aspect-ratio: 16/{{ a }}', { a: '*' }), 'aspect-ratio: 16/unsafe')
  t.equal(style('aspect-ratio: {{ a }} / {{ b }}', { a: 16, b: 9 }), 'aspect-ratio: 16 / 9')
  t.equal(style('content: &quot;{{ a }}&quot;', { a: '"; x: y\\\n</p>' }), 'content: "\\22 ;\\20 x:\\20 y\\5c \\a \\3c /p\\3e "'.replaceAll(';', '\\3b '))
  t.equal(style("content: '{{ a }}'", { a: 'Note: Käse 🧀' }), "content: 'Note:\\20 Käse\\20 \\1f9c0 '")
  for (const [source, before, after] of [["background: url('", '{{ a }}', "')"], ['background: url(', '{{ a }}', ') 0 0'], ['background: image-set(&quot;', '{{ a }}', '&quot; 1x)']] as const) {
    const [left, right] = [source.replace('&quot;', '"'), after.replace('&quot;', '"')]
    const unsafe = `${left}#unsafe${right}`
    for (const a of ['javascript:x', ' java\tscript:x', 'data:text/html,x', 'data:image/svg+xml,x', 'mailto:a@b']) t.equal(style(source + before + after, { a }), unsafe, a)
    t.equal(style(source + before + after, { a: '/a.png' }), `${left}/a.png${right}`)
    t.equal(style(source + before + after, { a: 'https://a.example/b.png?c=d&e' }), `${left}https://a.example/b.png?c=d&e${right}`)
    t.equal(style(source + before + after, { a: 'data:image/png;base64,AA=' }), `${left}data:image/png\\3b base64,AA=${right}`)
    t.equal(style(source + before + after, { a: "/a) ; x: url('\"b" }), `${left}/a\\29 \\20 \\3b \\20 x:\\20 url\\28 \\27 \\22 b${right}`)
    t.equal(style(`${source}{{ a }}{{ b }}${after}`, { a: 'java', b: 'script:x' }), `${left}java#unsafe${right}`)
    t.equal(style(`${source}{{ a }}{{ b }}${after}`, { a: '\t', b: 'javascript:x' }), `${left}\\9 #unsafe${right}`)
    t.equal(style(`${source}java{{ b }}${after}`, { b: 'script:x' }), `${left}java#unsafe${right}`)
    t.equal(style(`${source}javascript{{ b }}${after}`, { b: ':x' }), `${left}javascript#unsafe${right}`)
    t.equal(style(`${source}/i/{{ a }}:{{ b }}${after}`, { a: 'x:y', b: 'javascript:' }), `${left}/i/x:y:javascript:${right}`)
    t.equal(style(`${source}https://a.example/{{ a }}${after}`, { a: 'x:y' }), `${left}https://a.example/x:y${right}`)
    t.equal(style(`${source}data:image/png;base64,{{ a }}${after}`, { a: 'A:' }), `${left}data:image/png;base64,A:${right}`)
    t.equal(style(`{% macro m(y) %}${source}{{ y }}script:x${after}{% endmacro %}--x: {{ m(a) }}`, { a: 'java' }), 'unsafe', 'a macro')
    t.equal(style(`{% macro m(y) %}${source}data:{{ y }}${after}{% endmacro %}--x: {{ m(a) }}`, { a: 'text/html,x' }), `--x: ${left}data:unsafe${right}`, 'a macro')
  }
})

// As CSS Syntax reads it, written anew: names of properties, and what strings and addresses say.
function declarations (css: string): Array<{ name: string, functions: string[], texts: string[] }> {
  const found: Array<{ name: string, functions: string[], texts: string[] }> = []
  let now = { name: '', functions: [] as string[], texts: [] as string[] }
  let inValue = false
  const TOKEN = /\/\*[^]*?\*\/|"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'|url\(((?:[^"'()\\\s]|\\[0-9a-f]{1,6} )*)\)|([\w-]+)\(|[^]/gu
  for (const [token, double, single, address, called] of css.matchAll(TOKEN)) {
    const text = double ?? single ?? address
    if (text !== undefined) now.texts.push(text.replace(/\\([0-9a-f]{1,6})\s?/gi, (_, hex) => String.fromCodePoint(parseInt(hex as string, 16))))
    else if (called !== undefined) now.functions.push(called)
    else if (token === ';') {
      found.push(now)
      now = { name: '', functions: [], texts: [] }
      inValue = false
    } else if (token === ':' && !inValue) inValue = true
    else if (!inValue) now.name += token.trim()
    else if (/["'{}\\@!<>]/.test(token)) now.functions.push(`stray ${token}`)
  }
  return [...found, now]
}

t.test('H01 whatever I am called, a style attribute keeps its declarations and its strings say what I wrote', async (t) => {
  const source = 'color: {{ a }};background: url("/i/{{ b }}");width: calc({{ c }} + 1px);--x: {{ d }} {{ a }};font-family: \'{{ e }}\';cursor: url(/c/{{ f }})'
  const program = new TemplateEnvironment({ main: `<p id="x" style='${source.replaceAll("'", '&#39;')}'>x</p>` }).compile('main')
  const nasty = fc.string({ unit: fc.oneof(fc.constantFrom(...'"\'();:{}\\/*@!<>&#\n\r\t\f,+-_%.a1 ', '\0', 'url(', 'expression', '/*', '*/', '🧀', '\u2028', '&quot;', '\\a '), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), maxLength: 12 })
  fc.assert(fc.property(fc.record({ a: nasty, b: nasty, c: nasty, d: nasty, e: nasty, f: nasty }), (data) => {
    const tree = program.render(data) as Tree
    const style = elementOf(parse(renderPage(tree)))?.attrs.find(({ name }) => name === 'style')?.value as string
    const read = declarations(style)
    const [got, wanted] = [read.map(({ name, functions, texts }) => [name, functions, texts]), [
      ['color', [], []], ['background', ['url'], [`/i/${data.b}`]], ['width', ['calc'], []], ['--x', [], []], ['font-family', [], [data.e]], ['cursor', [], [`/c/${data.f}`]]
    ]].map((all) => JSON.stringify(all))
    if (got !== wanted) throw new Error(`${style}: ${String(got)}, instead of ${String(wanted)}`)
  }), { seed, numRuns: 100 })
})

t.test('H01 I am a word among attributes: I am a name, and never one that the template says itself or that binds the page', async (t) => {
  const names = (source: string, data: object): unknown[] => {
    const { attrs } = elementOf(parse(renderPage(new TemplateEnvironment({ main: source }).compile('main').render(data) as Tree))) as { attrs: Array<{ name: string, value: string }> }
    return attrs.filter(({ name }) => name !== 'live-at' && name !== 'id').map(({ name, value }) => `${name}=${value}`)
  }
  t.same(names('<form id="x" {{ a }} method="post" action="/pay">', { a: 'method action novalidate' }), ['method=post', 'action=/pay', 'novalidate='])
  t.same(names('<p id="x" {{ a }} class="a {{ b }}">', { a: 'hidden class', b: 'c' }), ['hidden=', 'class=a c'])
  t.same(names('<p id="x" {{ a }}>', { a: 'hidden\tLIVE-value-role live-ignore live-click onclick x-y' }), ['hidden=', 'x-y='])
  t.same(names('<p id="x" {% if b %}{{ a }} title="t"{% endif %}>', { a: 'title', b: 1 }), ['title=t'])
})

t.test('H01 I break out of JSON in a script', async (t) => {
  const json = (source: string, data: object, more: Record<string, string> = {}): unknown => JSON.parse(shown(`<script type="application/json" id="x">${source}</script>`, data, more).text)
  const attack = '</script><script>alert(1)</script><!--"\\\n\u2028&'
  t.same(json('{"name": {{ a }}, "n": {{ n }}, "t": {{ yes }}, "all": {{ all | dump }}}', { a: attack, n: 1.5, yes: true, all: { [attack]: [attack] } }), { name: attack, n: 1.5, t: true, all: { [attack]: [attack] } })
  t.same(json('{"hello": "Hello {{ a }}, {{ n }}!"}', { a: attack, n: 3 }), { hello: `Hello ${attack}, 3!` })
  t.same(json('{"a": {{ a }}}', { a: '1, "admin": true' }), { a: '1, "admin": true' })
  for (const a of ['{"admin":true}', '[1]', 'true', 'null', '1', '"x"']) t.same(json('{"a": {{ a }}}', { a }), { a }, `${a} is a text`)
  t.same(json('{"a": "{{ a }}"}', { a: '", "admin": "' }), { a: '", "admin": "' })
  t.same(json('[{{ all | dump | safe }}, {{ all | dump(2) }}, {{ (all | dump) if n else (n | dump) }}]', { all: [attack], n: 0 }), [[attack], [attack], 0])
  t.same(json('[{{ none | dump }}, {{ f | dump }}, {{ none }}]', { f () {} }), [null, null, ''], 'what is not there, or cannot be said')
  t.same(json('[{% for row in rows %}{% if not loop.first %},{% endif %}{{ row.n | dump }}{% endfor %}]', { rows: [{ n: attack }, { n: 2 }] }), [attack, 2])
  t.same(json('[{% for row in rows %}{{ row }}{% if not loop.last %},{% endif %}{% endfor %}]', { rows: ['a"', attack] }), ['a"', attack])
  t.same(json('{"a": "{% if a %}is {{ a }}{% else %}none{% endif %}"}', { a: attack }), { a: `is ${attack}` })
  t.same(json('{"a": "{% for b in a %}{{ b }}\\n{% endfor %}"}', { a: ['"', '\\'] }), { a: '"\n\\\n' })
  t.same(json('[{% include "part" %}]', { a: attack }, { part: '{"b": {{ a }}, "c": {{ a | dump }}}' }), [{ b: attack, c: attack }])
  t.same(json('[{% for b in a %}{% filter upper %}{{ b }}{% endfilter %}{% endfor %}]', { a: ['x"'] }), ['X&QUOT;'], 'what a filter block makes is text')
  t.same(json('{% macro m(y) %}{"b": {{ y }}}{% endmacro %}[{{ m(a) }}]', { a: attack }), [{ b: attack }])
  t.same(json('{"a": {{ a | safe }}, "b": {{ b | safe }}}', { a: '{"x":"</script>"}', b: '1,"admin":true' }), { a: { x: '</script>' }, b: '1,"admin":true' }, '`| safe` is JSON as long as it is')
  for (const a of ['"\\u003cimg src=x onerror=alert(1)\\u003e"', '["\\u003cb"]', 'true', '1']) {
    for (const clean of ['sanitize', 'sanitize | safe', 'trim | sanitize | trim']) t.same(json(`{"a": {{ a | ${clean} }}}`, { a }), { a }, `${a} | ${clean} is a text`)
    t.same(json('{"a": {{ a | escape }}}', { a }), { a: a.replaceAll('"', '&quot;').replaceAll('\\', '&#92;') })
    t.same(json('{"a": {{ a }}}', { a: new SafeString(a) }), { a })
  }
  const program = new TemplateEnvironment({ main: '<script type="application/json" id="x">{"value": {{ value | dump }}, "text": {{ text }}, "in": "({{ text }})", "list": [{% for item in list %}{{ item }}{% if not loop.last %},{% endif %}{% endfor %}]}</script>' }).compile('main')
  const nasty = fc.string({ unit: fc.oneof(fc.constantFrom('"', '\\', '<', '</script', '<!--', '<script', '&', '&quot;', '\u2028', '\n', '\0', '\ud800', "'"), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })) })
  fc.assert(fc.property(fc.record({ value: fc.jsonValue(), text: nasty, list: fc.array(fc.oneof(nasty, fc.integer(), fc.boolean())) }), (data) => {
    const page = renderPage(program.render(structuredClone(data)) as Tree)
    // What encodes the response as UTF-8 replaces half characters, and the parser what is no character: both outside of JSON's doing.
    const sent = Buffer.from(page).toString().replaceAll('\0', '\ufffd')
    const read = JSON.parse((elementOf(parse(sent))?.childNodes[0] as Dom.TextNode).value) as object
    const wanted = { value: data.value, text: data.text, in: `(${data.text})`, list: data.list }
    if (JSON.stringify(read) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(read)}, instead of ${JSON.stringify(wanted)}`)
  }), { seed, numRuns: 100 })
})

t.test('H01 I change what I am called while the page is open: a patch says what a fresh page would', async (t) => {
  const program = new TemplateEnvironment({
    main: '<a href="{{ a }}" style="width: {{ a }}px; background: url(/{{ a }})" srcset="{{ a }}">x</a><p {% if a %}hidden{% endif %} style="top: {{ a }}">x</p><img srcset="{{ a }} 1x" src="{{ a }}"><script src="/x/{{ a }}"></script><script type="application/json">["{{ a }}", {{ a }}]</script>'
  }).compile('main')
  const values = ['1', 'javascript:x', '../..', '"; x: y', '</script>', 'data:image/png;base64,AA', '&amp;', new SafeString('&semi;'), 7, '']
  let tree = program.render({ a: 'x' }) as Tree
  const client = new ClientTree(JSON.parse(JSON.stringify(treeValue(tree, NOT_SENT))))
  for (const a of values) {
    const next = program.render({ a }) as Tree
    const { patch, shapes } = diffTree(tree, next, new Set())
    if (patch !== null) client.apply(JSON.parse(JSON.stringify(patch)), shapes)
    t.strictSame(client.toValue(), JSON.parse(JSON.stringify(treeValue(next, NOT_SENT))), String(a))
    t.strictSame(pageTree(renderPage(next), next.shape.id), wireTree(next), String(a))
    tree = next
  }
})

t.test('H01 I bring attributes along that only the template may write', async (t) => {
  const brought = (source: string, a: string): Record<string, string> => {
    const { 'live-at': _, id, ...attributes } = shown(source, { a: new SafeString(a), b: a }).attributes
    return attributes
  }
  t.same(brought('<p id="x" {{ a }}>x</p>', 'onclick="x()" srcdoc="x" style="top: 0" lang="en" href="javascript:x" live-at="0*"'), { lang: 'en', href: '#unsafe' })
  t.same(brought('<p id="x" {{ b }}>x</p>', 'onclick="x()" title=x hidden'), { hidden: '' })
  t.same(brought('<script id="x" {{ a }}></script>', 'src="https://evil.example/x.js" type="module" nonce="n"'), { nonce: 'n' })
  t.same(brought('<link id="x" {{ a }} href="/a.css">', 'rel="stylesheet"'), { href: '/a.css' })
  t.same(brought('<link id="x" {{ a }} {% if a %}href="/x/{{ b }}"{% endif %}>', 'rel="stylesheet"'), { href: '#unsafe' })
  t.same(brought('<link id="x" {{ a }} href="{{ b }}">', 'rel="stylesheet"'), { href: '#unsafe' })
  t.same(brought('<link id="x" href="{{ b }}" {{ a }}>', 'lang="en"'), { href: 'lang="en"', lang: 'en' })
  t.same(brought('<link id="x" rel="icon" {{ a }} href="/x">', 'hidden'), { rel: 'icon', href: '/x', hidden: '' })
  t.equal(shown('<link id="x" {{ a }} href="/{{ b }}">', { a: new SafeString('rel="stylesheet"'), b: 'mine.css' }).attributes['href'], '#unsafe')
  t.same(brought('<meta id="x" {{ a }} content="0;url={{ b }}">', 'http-equiv="refresh"'), {})
  t.same(brought('<p id="x" {{ a }} title=\'a"{{ b }}\'>x</p>', 'hidden'), { hidden: '', title: 'a"hidden' })
  t.same(brought('<meta id="x" {{ a }} name="b">', 'http-equiv="refresh" content="0;url=//evil.example"'), { name: 'b' })
  t.same(brought('<iframe id="x" sandbox {{ a }} src="/a"></iframe>', 'sandbox="allow-scripts allow-same-origin"'), { sandbox: '', src: '/a' })
  t.same(brought('<script id="x" type="module" {{ a }} src="/a.js"></script>', 'defer'), { type: 'module', defer: '', src: '/a.js' }, "the template's own stay")
  t.same(brought('<p id="x" style="top: 0" {{ a }}>x</p>', 'hidden'), { style: 'top: 0', hidden: '' })
})
