import t from 'tap'
import { diffTree } from '../lib/render/diff-tree.ts'
import { decodeEntities } from '../lib/template/html/decode-entities.ts'
import { encodeTree } from '../lib/render/encode-tree.ts'
import { enclosedSource, htmlSource, imageText, jsonText, textSource, urlText } from '../lib/template/output/encode-place.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { Html, List, SaidSafe, Tree } from '../lib/template/tree.ts'
import type { Slot } from '../lib/template/tree.ts'
import type { Shape } from '../lib/template/shape.ts'
import { handmadeShape } from './helpers/handmade-shape.ts'

const head = '<meta name="live-token" content="t">'

function pageOf (source: string, slots: Slot[], options?: Parameters<typeof handmadeShape>[2]): string {
  return renderPage(new Tree(handmadeShape('page', source, options), slots))
}

function valuesOf (shape: Shape, slots: Slot[]): readonly unknown[] {
  return encodeTree(new Tree(shape, slots), new Set()).tree.v
}

t.test('the head is completed where the document closes it, in whichever body that is', async (t) => {
  const layout = handmadeShape('layout', '<html><head><!--3--><title>{}</title></head><body>{}</body></html>')
  t.equal(renderPage(new Tree(layout, ['a', 'b']), { head }),
    `<html><head><!-- 3--><title live-at="0=">a</title>${head}</head><body><!--1-->b</body></html>`)
  const inner = handmadeShape('inner', '<head></head>')
  t.equal(renderPage(new Tree(handmadeShape('outer', '<html>{}<body></body>'), [new Tree(inner, [])]), { head }),
    `<html><!--[0:inner--><head>${head}</head><!--]--><body></body>`)
})

t.test('the head is found by whatever stands before it in its own tag list', async (t) => {
  const shape = handmadeShape('page', '<head {} id="x"></head><body>{}</body>')
  t.equal(renderPage(new Tree(shape, ['hidden', '']), { head }), `<head hidden="" id="x" live-at="0*">${head}</head><body><!--1--></body>`)
})

t.test('a document without </head> gets it where its head would be', async (t) => {
  for (const [before, after] of [
    ['<!doctype html><html lang="a>b"><head>', '<title>x</title><body>'],
    ['<!-- c --><!doctype html>\n<html lang=\'en\'>', '<body><p>x</p>'],
    ['<!doctype html>', '<p>x</p>'],
    ['<html>', 'x'],
    ['', '<title>x</title>'],
    ['', '<!-- c --> <body>x'],
  ] as const) t.equal(renderPage(new Tree(handmadeShape('page', before + after), []), { head }), before + head + after)
})

t.test('D12 I begin my name with thousands of byte order marks: the page is made as fast', async (t) => {
  const marks = '\ufeff'.repeat(10_000)
  t.equal(renderPage(new Tree(handmadeShape('page', '<!doctype html>{}'), [marks]), { head }), `<!doctype html>${head}<!--0-->${marks}`)
})

t.test('a bare fragment gets a body too, so that its first marker and its first text stay together', async (t) => {
  t.equal(renderPage(new Tree(handmadeShape('page', '{}<p>x</p>'), ['a']), { head }), `${head}<body><!--0-->a<p>x</p>`)
  t.equal(pageOf('{}<p>x</p>', ['a']), '<!--0-->a<p>x</p>', 'without a head nothing is added')
})

t.test('a thousand markers in front of the content do not slow the search for the head down', async (t) => {
  const page = renderPage(new Tree(handmadeShape('page', '<!-- c -->'.repeat(5000) + '<p>x</p>'), []), { head })
  t.ok(page.startsWith(head))
})

t.test('text is escaped as nunjucks does, also in quoted attributes', async (t) => {
  t.equal(pageOf('<p title="a {}">{}</p>', ['"\'>', '<&\\>']),
    '<p title="a &quot;&#39;&gt;" live-at="0:title"><!--1-->&lt;&amp;&#92;&gt;</p>')
  t.equal(textSource('plain'), 'plain')
})

t.test('trusted HTML cannot end the attribute or the element it stands in', async (t) => {
  t.match(pageOf('<p title="{}">x</p>', [new Html('" onclick="x()')]), 'title="&quot; onclick=&quot;x()"')
  t.match(pageOf('<textarea>{}</textarea>', [new Html('</textarea><script>')]), '>&lt;/textarea&gt;&lt;script&gt;</textarea>')
  t.equal(enclosedSource('"\'<>&amp;'), '&quot;&#39;&lt;&gt;&amp;')
})

t.test('no comment of the author or of trusted HTML passes for a marker', async (t) => {
  for (const lookalike of [
    '<!--3-->', '<!--]-->', '<!--,-->', '<!--/-->', '<!--[3:a-->', '<!--{3:a-->', '<!--(3-->',
    '<!3>', '</3>', '<!]>', '<//>', '<!--3--!>'
  ]) {
    t.match(htmlSource(lookalike), /^<(?:!--|!|\/) /, lookalike)
  }
  for (const harmless of ['<!-- 3-->', '<!--[if IE]>', '<![CDATA[x]]>', '</p>', '<!doctype html>', 'a < !3']) {
    t.equal(htmlSource(harmless), harmless)
  }
  t.equal(pageOf('<!--3--><p>{}</p>', [new Html('<!--]-->')]), '<!-- 3--><p><!--(0--><!-- ]--><!--]--></p>')
})

t.test('a URL keeps only schemes that run nothing', async (t) => {
  for (const url of ['/a', 'a/b', '//x.com', '?a=b:c', '#x:y', 'https://a', 'HTTP://a', 'mailto:a@b', 'tel:+1', '', '1:2']) t.equal(urlText(url), url, url)
  for (const url of ['javascript:alert(1)', ' javascript:x', 'java\tscript:x', 'JAVA\nSCRIPT:x', '\u0001javascript:x', 'vbscript:x', 'data:text/html,x', 'data:image/svg+xml,x', 'data:image/png;base64,AA', 'blob:x', 'file:///x']) {
    t.equal(urlText(url), '#unsafe', JSON.stringify(url))
  }
  t.equal(imageText('data:image/png;base64,AA'), 'data:image/png;base64,AA', 'a picture may be data where it is only looked at')
  for (const url of ['data:image/svg+xml,x', 'data:text/html,x', 'javascript:x', 'mailto:a@b']) t.equal(imageText(url), '#unsafe', url)
  t.match(pageOf('<a href="{}">x</a>', ['javascript:x']), 'href="#unsafe"')
  t.match(pageOf('<a href="{}{}">x</a>', ['java', 'script:x']), 'href="#unsafe"')
  t.match(pageOf('<a href="{}">x</a>', [new Html('javascript&colon;x')]), 'href="#unsafe"')
  t.match(pageOf('<a href="{}">x</a>', [new Html('java&Tab;script&#58x')]), 'href="#unsafe"')
  t.match(pageOf('<a href="{}?a=1&amp;b={}">x</a>', ['/a', 'c&d']), 'href="/a?a=1&amp;b=c&amp;d"')
  t.match(pageOf('<a {} href="{}">x</a>', ['hidden', 'file:///x']), 'href="#unsafe"')
  t.notMatch(pageOf('<a {} href="{}">x</a>', ['hidden', 'javascript:x']), 'javascript')
  const link = handmadeShape('page', '<a href="{}">x</a><a href="{}&amp;">x</a>')
  t.same(valuesOf(link, ['javascript:x', 'javascript:y']), ['#unsafe', '#unsafe'], 'on the wire as in the page')
  t.same(valuesOf(link, ['/a', '/b']), ['/a', { h: '/b&amp;' }])
})

t.test('attributes that come and go are written anew from what the tokenizer accepted', async (t) => {
  t.equal(pageOf('<input {} title="{}" class=\'a"b\'>', ['checked', '"']),
    '<input checked="" title="&quot;" class="a&quot;b" live-at="0*">')
  t.notMatch(pageOf('<p {}>x</p>', ['onclick=x()']), 'onclick')
  t.notMatch(pageOf('<p {}>x</p>', [new Html('onclick="x()"')]), 'onclick')
  const named = handmadeShape('named', 'title="{} &amp;"')
  const each = handmadeShape('each', ' data-{}="1"')
  const slots = [new Tree(named, ['<a>']), new List(each, [['a'], ['b']]), new Html(' lang="en"'), new Html('"q"')]
  t.equal(pageOf('<p {}{}{} title2="{}">x</p>', slots),
    '<p title="&lt;a&gt; &amp;" data-a="1" data-b="1" lang="en" title2="&quot;q&quot;" live-at="0*">x</p>')
  const set = handmadeShape('page', '<p {} title="{}">x</p>')
  t.equal(diffTree(new Tree(set, ['hidden', 'a']), new Tree(set, [' hidden', 'a']), new Set()).patch, null)
  t.same(valuesOf(set, ['hidden', 'a&b']), [{ a: { hidden: '', title: { h: 'a&amp;b' } } }])
})

t.test('bodies inside an attribute are flattened into it', async (t) => {
  const word = handmadeShape('word', '{} ')
  const shape = handmadeShape('page', '<p class="x {}{}">y</p>')
  const slots = [new List(word, [['a'], ['"b']]), new Tree(word, ['c'])]
  t.match(renderPage(new Tree(shape, slots)), 'class="x a &quot;b c "')
  t.same(valuesOf(shape, slots), ['x a "b c '])
  t.same(valuesOf(shape, [new List(word, [[new Html('&lt;')], ['"b']]), new Tree(word, ['c'])]), [{ h: 'x &lt; &quot;b c ' }])
})

t.test('title and textarea hold text, a script holds JSON', async (t) => {
  t.equal(pageOf('<textarea>{}</textarea>', ['\n<a>']), '<textarea live-at="0=">\n\n&lt;a&gt;</textarea>',
    'the parser drops the first newline')
  const json = '<script type="application/json">{"a":{}}</script>'
  const item = handmadeShape('item', '[{}]')
  t.equal(pageOf(json, [new SaidSafe('"</script><!--\u2028&"')]),
    '<script type="application/json" live-at="0=">{"a":"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026"}</script>')
  const script = handmadeShape('page', json)
  t.same(valuesOf(script, [new Tree(item, [1])]), ['{"a":[1]}'])
  t.same(valuesOf(script, [new List(item, [[1], [2]])]), ['{"a":[1][2]}'])
  t.equal(jsonText('a<b'), 'a\\u003cb')
  t.same(valuesOf(handmadeShape('page', '<title>{} &mdash; {}</title>'), ['<', 'b']), [{ h: '&lt; &mdash; b' }])
})

t.test('text that the parser would move out of a table is left out, in the page and on the wire', async (t) => {
  const shape = handmadeShape('page', '<table><tbody>{}</tbody></table>')
  t.equal(renderPage(new Tree(shape, ['moved'])), '<table><tbody><!--0--></tbody></table>')
  t.same(valuesOf(shape, ['moved']), [''])
  t.equal(diffTree(new Tree(shape, ['moved']), new Tree(shape, ['too']), new Set()).patch, null)
  t.equal(renderPage(new Tree(shape, [new Html('<tr></tr>')])), '<table><tbody><!--(0--><tr></tr><!--]--></tbody></table>')
})

t.test('numbers and booleans travel as they are, unless JSON has no word for them', async (t) => {
  const shape = handmadeShape('page', '<p title="{}">{}</p>')
  t.same(valuesOf(shape, [1.5, true]), [1.5, true])
  t.same(valuesOf(shape, [Infinity, NaN]), ['Infinity', 'NaN'])
})

t.test('the server reads entities as a browser does where it must understand a value', async (t) => {
  t.equal(decodeEntities('&amp;&lt;&#39;&#x41;&#65&unknown;&amp'), '&<\'AA&unknown;&amp')
  t.equal(decodeEntities('&#0;&#xd800;&#x110000;&#x1F600;'), '\ufffd\ufffd\ufffd😀')
})
