import t from 'tap'
import { analyseInclude, analysePlaces, analyseShape, placeOf } from '../lib/template/html/analyse-places.ts'
import { parseAttributes } from '../lib/template/html/parse-attributes.ts'
import type { HtmlError } from '../lib/template/html/errors.ts'
import type { Layout } from '../lib/template/layout.ts'
import type { Shape } from '../lib/template/shape.ts'
import { block, either, filtered, include, loop, shape, templates, value, when } from './html-shapes.ts'
import type { Hole, Part, Parts } from './html-shapes.ts'

function analyse (root: readonly Part[], more: Record<string, Parts> = {}): Shape {
  const source = templates({ 'page.njk': { root }, ...more })
  analysePlaces(source, 'page.njk')
  return source.shape('page.njk')
}

/** The template as the browser gets it: it names every part. */
function html (...root: Part[]): string {
  return (analyse(root).layout as Layout).html
}

function refusal (root: readonly Part[], more: Record<string, Parts> = {}): string {
  try {
    analyse(root, more)
  } catch (error) {
    const { code, message, line, column, template } = error as HtmlError
    if (typeof code !== 'string') throw error
    return message.startsWith(`${template}:${line}:${column}: `) ? `${code.replace('LIVE_ERR_HTML_', '')} ${message}` : `no position: ${message}`
  }
  return 'accepted'
}

const row = (...parts: Part[]): Hole => loop('<tr><td>', ...parts, '</td></tr>')

t.test('places', async (t) => {
  const golden: Array<[string, string, Part[]]> = [
    ['text', '<p><!--0--></p>', ['<p>', value, '</p>']],
    ['text among text', '<p>Hello <!--0--><!--/-->, you have <!--1--></p>', ['<p>Hello ', value, ', you have ', value, '</p>']],
    ['one attribute', '<p live-at="0:class" class="">x</p>', ['<p class="a ', value, ' b">x</p>']],
    ['attributes as they may be spaced', '<a live-at="0:title" title = "" href=>x</a><p><!--1--></p>', ['<a title = "', value, '" href=>x</a><p>', value, '</p>']],
    ['a cell that leaves formatting open', '<table><tbody><tr><td><b>x</td><td><!--0--></td></tr></tbody></table>', ['<table><tbody><tr><td><b>x</td><td>', value, '</td></tr></tbody></table>']],
    ['several attributes', '<a live-at="0:href 1:title" href="" rel=x title=\'\'>x</a>', ['<a href="/u/', value, '" rel=x title=\'', value, '\'>x</a>']],
    ['whole attributes', '<input live-at="0*">', ['<input type="radio" ', when('checked'), ' value="', value, '">']],
    ['an attribute at the tag name', '<tr live-at="0*"></tr>'.replace(/tr/g, 'i'), ['<i', when(' class="a"'), '></i>']],
    ['an attribute behind a name', '<i live-at="0*"></i>', ['<i hidden', when(' class="a"'), '></i>']],
    ['whole attributes, nested', '<i live-at="0*"/>', ['<i ', when('class="', value, '" ', when('hidden')), '/>']],
    ['an attribute from an output', '<option live-at="0*">x</option>', ['<option ', value, '>x</option>']],
    ['title', '<title live-at="0="></title>', ['<title>Orders (', value, ')</title>']],
    ['textarea', '<textarea live-at="0:name 1=" name=""></textarea>', ['<textarea name="', value, '">\n', value, '</textarea>']],
    ['JSON', '<script live-at="0=" type="application/json"></script>', ['<script type="application/json">', value, '</script>']],
    ['JSON of a kind', '<script live-at="0=" type="application/ld+json"></script>', ['<script type="application/ld+json">[', value, ',', value, ']</script>']],
    ['an event', '<button live-at="@0" live-click="save">x</button>', ['<button live-click="save">x</button>']],
    ['an event with a value', '<b live-at="0:live-value-id @0" live-click="a" live-value-id=""></b>', ['<b live-click="a" live-value-id="', value, '"></b>']],
    ['implied tbody', '<table><tbody><!--0--></table>', ['<table>', row(value), '</table>']],
    ['implied tbody behind columns', '<table><colgroup><col></colgroup><tbody><!--0--></table>', ['<table><col>', row(value), '</table>']],
    ['implied tbody of static rows', '<table><tbody><tr><td><!--0--></td></table>', ['<table><tr><td>', value, '</td></table>']],
    ['implied tr', '<table><tbody><tr><td><!--0--></td></table>', ['<table><tbody><td>', value, '</td></table>']],
    ['rows in a condition in a loop', '<table><tbody><!--0--></table>', ['<table>', loop(when(' <!-- a --><tr><td>x</td></tr>')), '</table>']],
    ['a written tbody', '<table><tbody><!--0--></tbody></table>', ['<table><tbody>', row(value), '</tbody></table>']],
    ['options', '<select><!--0--></select>', ['<select>', loop('<option>', value, '</option>'), '</select>']],
    ['items that end by themselves', '<ul><li>a <!--0--><li>b <!--1--></ul>', ['<ul><li>a ', value, '<li>b ', value, '</ul>']],
    ['a paragraph that ends at a block', '<p><!--0--><div><!--1--></div>', ['<p>', value, '<div>', value, '</div>']],
    ['SVG names', '<svg live-at="0:viewBox" viewBox=""><title><!--1--></title><path live-at="2:d" d=""/></svg>',
      ['<svg viewbox="', value, '"><title>', value, '</title><path d="', value, '"/></svg>'].map((part) => typeof part === 'string' ? part.replace('viewbox', 'viewBox') : part)],
    ['CDATA in SVG', '<svg><![CDATA[<b>]]><!--0--></svg>', ['<svg><![CDATA[<b>]]>', value, '</svg>']],
    ['comments like markers', '<!-- 3--><!-- [3:x--><!-- ]--><!-- 4--><!--a--><!--0-->', ['<!--3--><!--[3:x--><!--]--><!4><!--a-->', value]],
    ['script as text', '<script>"<!--<script></script>-->"</script><!--0-->', ['<script>"<!--<script></script>-->"</script>', value]],
    ['short comments', '<!--><!---><!--a--!><!--0-->', ['<!--><!---><!--a--!>', value]],
    ['a link in parts', '<a live-at="0:href" href="">x</a>', ['<a href="', either(['/a'], ['/b']), '">x</a>']],
    ['image data', '<img live-at="0:src" src="">', ['<img src="data:image/png;base64,', value, '">']],
    ['an animated address', '<svg><animate live-at="0:to" to=""/></svg>', ['<svg><animate to="', value, '"/></svg>']],
    ['style', '<b live-at="0:style" style="">', ['<b style="--a:', value, '">']],
    ['a stray end tag in columns', '<table><colgroup></b><!--0--></table>', ['<table><colgroup></b>', value, '</table>']],
    ['tags behind the body', '<body></body></div>x<!--0-->', ['<body></body></div>x', value]],
    ['text behind the body', '<body></body>x<!--0-->', ['<body></body>x', value]],
    ['a head that is none', '<head><script></script></head><div></head><!--0--></div>', ['<head><script></script></head><div></head>', value, '</div>']],
    ['groups that end with their options', '<select><optgroup><option><!--0--></optgroup></select>', ['<select><optgroup><option>', value, '</optgroup></select>']],
    ['formatting repaired before values', '<b><p><i>x</b>y</i></p><!--0-->', ['<b><p><i>x</b>y</i></p>', value]],
    ['HTML in MathML', '<math><annotation-xml encoding="text/html"><p><!--0--></p></annotation-xml></math>', ['<math><annotation-xml encoding="text/html"><p>', value, '</p></annotation-xml></math>']],
    ['hidden fields in tables', '<table><input type=hidden><tbody><!--0--></tbody></table>', ['<table><input type=hidden><tbody>', value, '</tbody></table>']],
    ['what is not markup', '</><?a?><b a= "b" c= d=><!--0-->', ['</><?a?><b a= "b" c= d=>', value]],
    ['names with spaces', '<b live-at="0*">', ['<b hidden  class="', value, '" ', when('id'), '>']],
    ['a less-than sign', '1 < 2 <!--0-->', ['1 < 2 ', value]]
  ]
  for (const [name, expected, parts] of golden) t.equal(html(...parts), expected, name)
})

t.test('refusals say where, what and what to write instead', async (t) => {
  const golden: Array<[string, string, Part[]]> = [
    ['script', 'PLACE page.njk:1:9: a value stands in <script>, whose content runs as code. Pass data as <script type="application/json">{{ value | dump }}</script> or in data-* attributes, and read it from a static script.', ['<script>', value, '</script>']],
    ['style', 'PLACE page.njk:1:8: a value stands in <style>, whose content runs as CSS. Set a custom property instead, style="--size: {{ … }}px", and use var(--size) in the stylesheet.', ['<style>', value, '</style>']],
    ['event handler', 'PLACE page.njk:1:13: a value stands in the event handler attribute onclick, which runs as a script. Write live-click="event_name" and pass the value as live-value-NAME="{{ … }}".', ['<b onclick="', value, '">']],
    ['unquoted', 'PLACE page.njk:1:10: the value of class in <p> is not in quotes, so that a space in it starts a new attribute. Write class="…" with the quotes outside of {{ }} and {% %}.', ['<p class=', value, '>']],
    ['tag name', 'PLACE page.njk:1:3: a value is part of the tag name "h…". Tag names are literal: write {% if … %}<h1>…</h1>{% else %}<h2>…</h2>{% endif %}, or put a space before attributes.', ['<h', value, '>']],
    ['comment', 'PLACE page.njk:1:6: a value stands in an HTML comment. Use a template comment, {# … #}, or take the value out of the comment.', ['<!-- ', value, ' -->']],
    ['script URL', 'PLACE page.njk:1:21: a value stands in a javascript: URL in href, which the browser runs or shows as a document. Write live-click="event_name" with live-value-NAME="{{ … }}" instead, or link to a route.', ['<a href="javascript:', value, '">']],
    ['unclosed row', 'BALANCE page.njk:1:5: this loop body leaves <li> open. Write "</li>" before the end of the loop body.', ['<ul>', loop('<li>', value), '</ul>']],
    ['closing the outside', 'BALANCE page.njk:1:1: <div> in this branch closes the <p> that was opened outside of it. Close it before the branch ("</p>"), or move the whole <p> into the branch.', ['<p>', when('<div></div>'), '</p>']],
    ['text in a row', 'PARSER page.njk:1:12: text "total" stands directly in <tr>: the browser moves it out, before the table. Put it in a cell: <td>…</td>, or in a <caption>.', ['<table><tr>total', value, '</tr></table>']],
    ['a misspelt binding', 'BINDING page.njk:1:1: there is no attribute live-clik. Did you mean live-click? Attributes of your own can be called data-*.', ['<b live-clik="a">', value]],
    ['an event from a value', 'BINDING page.njk:1:1: live-click takes its event\'s name from a value. Write the name itself: live-click="save", or live-click="{% if open %}close{% else %}open{% endif %}"; pass data as live-value-NAME="{{ … }}".', ['<b live-click="', value, '">']],
    ['formatting across blocks', 'PARSER page.njk:1:7: </b> stands inside <p>, which is open in the <b>: the browser takes both apart, and with them the places of the values between. Close <p> first: write "</p></b>".', ['<b><p>', value, '</b></p>']]
  ]
  for (const [name, expected, parts] of golden) t.equal(refusal(parts), expected, name)

  const brief: Array<[RegExp, Part[]]> = [
    [/BALANCE .* leaves <b> open/, [when('<p><b>x</p>')]],
    [/BALANCE .* ">" ends <p> inside a body/, ['<p ', when('>'), '>']],
    [/BALANCE .* ends inside the value of class/, ['<p ', when('class="a'), '">']],
    [/BALANCE .* ends inside the value of class/, ['<p ', when('class='), '"a">']],
    [/BALANCE .* this branch ends inside the start tag <p\. Complete/, [when('<p class="a'), '">']],
    [/BALANCE .* this template or block ends inside the content of <title>\. Write "<\/title>"/, ['<title>', value]],
    [/BALANCE .* ends inside a comment/, ['<!-- a']],
    [/BALANCE .* ends inside a comment/, ['<!a']],
    [/PARSER .* <input> stands directly in <colgroup>/, ['<table><colgroup><input type=hidden>', value]],
    [/PLACE .* a branch inside <script> contains a tag/, ['<script type="application/json">', when('<a'), '</script>']],
    [/BALANCE .* ends inside a doctype/, ['<!doctype']],
    [/BALANCE .* <\/p> closes nothing in this branch\. Remove it/, [when('</p>')]],
    [/BALANCE .* <\/br> closes nothing in this branch\. Write <br>/, [when('</br>')]],
    [/BALANCE .* <\/body> stands in a branch/, ['<body>', when('</body>')]],
    [/BALANCE .* <hr> closes the <option> before it only when/, ['<select>', when('<option>a<hr>'), '</select>']],
    [/BALANCE .* <rt> closes the element before it only when/, ['<ruby>', when('<rt>a<rt>b</rt>'), '</ruby>']],
    [/PLACE .* srcdoc/, ['<iframe srcdoc="', value, '">']],
    [/PLACE .* live-at is reserved/, ['<b live-at="', value, '">']],
    [/BINDING .* live-at, which is reserved/, ['<b live-at="0:class">']],
    [/PLACE .* type of a <script>/, ['<script type="', value, '">']],
    [/PLACE .* chooses the attribute that <set>/, ['<svg><set attributeName="', value, '"/></svg>']],
    [/PLACE .* http-equiv/, ['<meta http-equiv="', value, '">']],
    [/PLACE .* in a data: URL in src/, ['<iframe src="data:text/html,', value, '">']],
    [/PLACE .* in a javascript: URL/, ['<a href="&#x6a;ava&#115;cript&colon;', value, '">']],
    [/PLACE .* whose name is none/, ['<b $="', value, '">']],
    [/PLACE .* contains ", which ends the value/, ['<b class="', when('"'), '">']],
    [/PLACE .* part of the attribute name "data-…"/, ['<b data-', value, '="a">']],
    [/PLACE .* part of the attribute name in <b> \("…x"\)/, ['<b ', value, 'x>']],
    [/PLACE .* part of the attribute name in <b> \("…x"\)/, ['<b ', value, 'x', value, '>']],
    [/PLACE .* onclick stands in <b>, in which whole attributes/, ['<b ', value, ' onclick="a()">']],
    [/PLACE .* value of class in <b> is not in quotes, and whole/, ['<b ', value, ' class=a>']],
    [/PLACE .* in a doctype|in the doctype/, ['<!doctype ', value, '>']],
    [/PLACE .* end tag/, ['</', value, '>']],
    [/PLACE .* end tag/, ['<p></p', value, '>']],
    [/PLACE .* where a tag name is/, ['<', value, '>']],
    [/PLACE .* CDATA/, ['<svg><![CDATA[', value, ']]></svg>']],
    [/PLACE .* <style>/, ['<svg><style>', value, '</style></svg>']],
    [/PLACE .* <script>/, ['<svg><script>', value, '</script></svg>']],
    [/PLACE .* inside <template>/, ['<template><p>', value, '</p></template>']],
    [/PLACE .* inside <template>/, ['<template><p class="', value, '"></p></template>']],
    [/PLACE .* stands in <noscript>, whose content browsers with scripts read as mere text/, ['<noscript>', value, '</noscript>']],
    [/PLACE .* stands in <xmp>, whose content browsers read as mere text/, ['<xmp>', value, '</xmp>']],
    [/PLACE .* behind "<!--" in a <script>/, ['<script type="application/json">"<!-- a ', value, '"</script>']],
    [/PLACE .* follows "<\/ti" in <title>/, ['<title></ti', value, '</title>']],
    [/PLACE .* follows "<a" in <script>/, ['<script type="application/json">"<a', value, '"</script>']],
    [/PLACE .* a branch inside <title> contains a tag/, ['<title>', when('</title>'), '</title>']],
    [/PARSER .* behind <\/body>/, ['<html><head></head><body></body>', value, '</html>']],
    [/PARSER .* before <head>/, ['<!doctype html>', value]],
    [/PARSER .* before <head>/, ['<html>', when('<meta>')]],
    [/PARSER .* between <\/head> and <body>/, ['<head></head>', value]],
    [/PARSER .* doctype stands behind/, [value, '<!doctype html>']],
    [/PARSER .* <html> stands where the document already has one/, [when('<html>')]],
    [/PARSER .* <frameset> is not supported/, ['<frameset>']],
    [/PARSER .* stands in <p>, which the browser takes apart: <b> was closed inside <p>/, ['<b><p>a</b>', value]],
    [/PARSER .* opens <b> again/, ['<p><b>x</p>', value]],
    [/PARSER .* opens it a second time/, ['<p><b class="', value, '">x</p>y']],
    [/PARSER .* attribute class twice/, ['<b class="a" class="', value, '">']],
    [/PARSER .* <td> stands outside of a table/, ['<td>', value]],
    [/PARSER .* <div> stands directly in <table>/, ['<table><div>', value]],
    [/PARSER .* <link> stands directly in <table>/, ['<table><link>', value]],
    [/PARSER .* <div> stands in a <select>/, ['<select><div>', value]],
    [/PARSER .* <title> stands in a <select>/, ['<select><title>', value]],
    [/PARSER .* <form> stands inside another form/, ['<form><form>', value]],
    [/PARSER .* <\/form> stands inside <div>/, ['<form><div></form>']],
    [/PARSER .* <\/form> stands inside <table>/, ['<form><table></form>']],
    [/PARSER .* <\/div> closes a <form>/, ['<div><form></div>']],
    [/PARSER .* <table> stands in a <p>/, ['<p><table>']],
    [/PARSER .* stands inside another link/, ['<a><svg><desc><a>']],
    [/BINDING .* "a-b" does not name an event|live-click="a-b"/, ['<b live-click="a-b">']],
    [/BINDING .* live-click="" does not name/, ['<b live-click>']],
    [/BINDING .* Write live-value-order_id/, ['<b live-value-orderId="', value, '">']],
    [/BINDING .* live-hook is reserved for a later version\. Use a script/, ['<b live-hook="', value, '">']],
    [/BINDING .* live-patch is reserved .*An ordinary link works/, ['<a live-patch href="/">']],
    [/BINDING .* LIVE-navigate is reserved/, ['<a href="/" LIVE-navigate ', when('hidden'), '>']],
    [/BINDING .* there is no attribute live-xyzzyxyzzy\. Attributes of your own/, ['<b live-xyzzyxyzzy>']],
    [/BINDING .* live-debounce="soon" is not a number.* "blur" to wait until/, ['<b live-debounce="soon">']],
    [/BINDING .* live-throttle="blur" is not a number.* Write for example live-throttle="300"\./, ['<b live-throttle="blur">']],
    [/BINDING .* live-keys must list/, ['<b live-keys="">']],
    [/BINDING .* live-key must have exactly one value/, [loop('<p live-key="', value, value, '"></p>')]],
    [/BINDING .* live-key stands on <b>, which is not the first/, [loop('<p></p><b live-key="', value, '"></b>')]],
    [/BINDING .* stands in text/, [filtered('<b live-click="a">')]],
    [/PLACE .* chooses what <script> loads and runs\./, ['<script src="', value, '">']],
    [/PLACE .* chooses what <script> loads/, ['<script ', when('src="', value, '"'), '>']],
    [/PLACE .* chooses what <script> loads/, ['<script src="/../x/', value, '">']],
    [/PLACE .* chooses what <script> loads/, ['<script src="x/./', value, '">']],
    [/PLACE .* chooses what <script> loads/, ['<script src="https:/x/', value, '">']],
    [/PLACE .* chooses what <script> loads/, ['<script src="/x/../a.js?', value, '">']],
    [/PLACE .* chooses what <script> loads/, ['<script src="', either(['/a'], [value]), '">']],
    [/PLACE .* chooses what <object> loads/, ['<object data="/', value, '">']],
    [/PLACE .* chooses what a <link> loads/, ['<link href="', value, '" rel="icon stylesheet">']],
    [/PLACE .* chooses what a <link> loads/, ['<link ', when('rel="icon"'), ' href="', value, '">']],
    [/PLACE .* chooses what a <link> loads/, ['<link ', when('hidden'), ' rel="icon" href="', value, '">']],
    [/PLACE .* href of <base>/, ['<base href="//', value, '/">']],
    [/PLACE .* an SVG <use> fetches/, ['<svg><use xlink:href="', value, '"/></svg>']],
    [/PLACE .* content of a <meta http-equiv>/, ['<meta content="', value, '" ', when('http-equiv="refresh"'), '>']],
    [/PLACE .* content of a <meta http-equiv>/, ['<meta content="', value, '" http-equiv="', value, '">']],
    [/PLACE .* rel of a <link>/, ['<link rel="', value, '">']],
    [/PLACE .* behind "ftp:" in href/, ['<a href="ftp:', value, '">']],
    [/PLACE .* in a data: URL in href/, ['<a href="data:image/png;', value, '">']],
    [/PLACE .* in a data: URL in src/, ['<img src="data:image/svg+xml,', value, '">']],
    [/PLACE .* in a javascript: URL/, ['<a ', when('href="javascript:', value, '"'), '>']],
    [/PLACE .* names a property/, ['<p ', when('style="', value, '"'), '>']],
    [/PLACE .* names a property/, ['<p style="', either(['color:'], ['x']), value, '">']],
    [/PLACE .* names a property/, ['<p style="a: ', loop('b;'), value, '">']],
    [/PLACE .* names a property/, ['<p style="', when('color:'), value, '">']],
    [/PLACE .* names a property/, ['<p style="', loop('color:'), value, '">']],
    [/PLACE .* names a property/, ['<p style="a: (;', value, '">']],
    [/PLACE .* CSS comment/, ['<p style="a: /', value, '* ', value, '">']],
    [/PLACE .* part of a function's name/, ['<p style="a: ', value, when('b'), '(1)">']],
    [/PLACE .* part of a function's name/, ['<p style="a: u\\72l(', value, ')">']],
    [/PLACE .* address's scheme/, ['<p style="a: url(ftp:', value, ')">']],
    [/PLACE .* address's scheme/, ['<p style="a: url(\\2f', value, ')">']],
    [/PLACE .* address's scheme/, ['<p style="a: url(', value, 'data:image/png;,x)">']],
    [/PLACE .* address's scheme/, ['<p style="a: url(data:text/html;', value, ')">']],
    [/PLACE .* type of a data: URL/, ['<p style="a: url(data:', value, ')">']],
    [/PLACE .* follows a backslash/, ["<p style=\"a: '\\", value, "'\">"]],
    [/PLACE .* only a browser knows: b&nosuch;/, ['<p style="', when('b&nosuch;'), '">']],
    [/PLACE .* whose type comes and goes/, ['<script ', when('type="module"'), ' type="application/json">', value, '</script>']],
    [/PLACE .* decides what the browser loads/, ['<script type="importmap">', value, '</script>']],
    [/PLACE .* string of JSON contains "/, ['<script type="application/json">"', when('"', value), '"</script>']],
    [/PLACE .* backslash in a string of JSON/, ['<script type="application/json">"', when('\\', value), '"</script>']],
    [/BALANCE .* begins in a string of JSON and ends behind a backslash/, ['<script type="application/json">"', when('\\'), '"</script>']],
    [/BALANCE .* begins outside of a string of JSON and ends in one/, ['<script type="application/json">', when('"'), value, '</script>']]
  ]
  for (const [expected, parts] of brief) t.match(refusal(parts), expected)
})

t.test('what stands where it can be encoded is accepted', async (t) => {
  const accepted: Part[][] = [
    ['<link href="', value, '">'],
    ['<link rel=" Icon  shortcut " ', when('hidden'), ' href="', value, '">'],
    ['<script src="/x/', value, '" ', when('defer'), '></script>'],
    ['<script src="', either(['/a'], ['/', either(['b'], ['c'])]), '.js"></script>'],
    ['<meta content="', value, '" ', when('name="b"'), '>'],
    ['<script defer ', when('async'), ' nonce="', value, '" type="module"></script>'],
    ['<p style="', when('color: ', value, ';'), '--a:', value, '; ', loop('b: ', value, ';'), '">'],
    ['<p style="/* a ** / b */ width: /* c */ ', value, 'px">'],
    ["<p style=\"content: '\\201C\\'", value, "'; a: 'b\n c: ", value, '">'],
    ['<p style="a\\:b: c\\;', either(['d'], ['e']), ' ', value, '">'],
    ['<p style="a: b(c(d) ', value, ') ', value, '">'],
    ['<p style="a: url( /a\\29 ', value, ')">'],
    ['<p style="a: url(b c', value, ')">'],
    ['<p style="a: url(:', value, ')">'],
    ["<p style=\"a: url( '", value, '/', value, ":')\">"],
    ['<p style="a: url(ht\ntps://b/', value, ')">'],
    ['<p style="a: url(data:image/png;base64,', value, ')">'],
    ['<p style="', loop('a'), loop('('), ': ', value, '">'],
    ['<svg><animate dur="', value, '"/></svg>'],
    ['<p style="a: ', include('self.njk'), '">'],
    ['<script type="application/json">"', include('self.njk'), '"</script>']
  ]
  for (const parts of accepted) t.equal(refusal(parts, { 'self.njk': { root: [value, when(include('self.njk'))] } }), 'accepted', JSON.stringify(parts))
})

t.test('positions count back from the next value, else on from the last', async (t) => {
  t.match(refusal(['<ul>\n  <td>', value]), 'page.njk:2:3:')
  t.match(refusal(['<ul>', value, '\n\n <td>']), 'page.njk:3:2:')
  t.match(refusal(['<ul>', value, '<td>']), 'page.njk:1:5:')
  t.match(refusal(['<td>\n', value]), 'page.njk:1:1:')
})

t.test('a whole page', async (t) => {
  const { layout } = analyse(['<!doctype html>\n<html lang="', value, '"><head><title>a</title>', when('<meta name="b">'), '</head>\n<body class="', value, '">',
    '<button live-click="', either(['open'], ['close']), '" type=button>', value, ' orders</button>\n', loop('<p id="o-', value, '">', value, '</p>'), '</body></html>'])
  const { page, parts, partOf, marks, elements, headEnd } = layout as Layout
  t.same(parts.map((part) => part.kind), ['attribute', 'hole', 'attribute', 'attribute', 'hole', 'hole'])
  t.same(partOf, [0, 1, 2, 3, 4, 5])
  t.same(marks, [-1, 1, -1, -2, 4, 5])
  t.same(parts[1], { kind: 'hole', slot: 1, closed: true, textless: true })
  t.same(parts[4], { kind: 'hole', slot: 4, closed: false })
  t.equal(page[headEnd!.index]!.slice(headEnd!.offset, headEnd!.offset + 7), '</head>')
  t.same(elements[0]?.events, [{ kind: 'click', event: 'open' }, { kind: 'click', event: 'close' }])
  t.same([...elements[0]!.attributes], [['live-click', [3]], ['type', ['button']]])
})

t.test('a head that ends where the body begins', async (t) => {
  const { page, headEnd } = analyse(['<head><title>', value, '</title><body>']).layout as Layout
  t.equal(page[headEnd!.index]!.slice(headEnd!.offset), '<body>')
})

t.test('a layout of blocks and includes may open in one and close in another', async (t) => {
  const source = templates({
    'page.njk': { parents: ['base.njk'], blocks: { main: ['<p>', value, '</p>'], head: ['<link>', value] }, imports: ['forms.njk'] },
    'base.njk': { root: [include('top.njk'), block('main'), block('none'), include('bottom.njk')], blocks: { main: ['old ', value, '<b live-click="a"></b>'], none: [] } },
    'top.njk': { root: ['<!doctype html><html><head>', block('head'), '</head><body>'], blocks: { head: [] } },
    'bottom.njk': { root: ['</body></html>'] },
    'whole.njk': { root: [block('all')], blocks: { all: ['<html><head><!--1--></head><body>'] } },
    'other.njk': { parents: ['whole.njk'], blocks: { all: ['<html><head><!--1--></head><body>', value] } },
    'forms.njk': { macros: [['<tbody></tbody>'], ['<tr><td>', value, '</td></tr>', value, '<tr></tr>'], ['<label>', value, '</label>'], ['<td>a</td>']], imports: ['forms.njk'] }
  })
  analysePlaces(source, 'page.njk')
  t.equal(source.shape('base.njk').layout?.html, '<!--0--><!--1--><!--2--><!--3-->')
  t.equal(source.shape('top.njk').layout?.headEnd?.index, 1)
  t.equal(source.template('page.njk').blocks.get('main')?.layout?.html, '<p><!--0--></p>')
  t.equal(source.template('base.njk').blocks.get('main')?.layout?.html, 'old <!--0--><b live-at="@0" live-click="a"></b>', 'super() may ask for it')
  t.ok(source.template('forms.njk').macros.every((macro) => macro.layout !== null))
  analysePlaces(source, 'page.njk')
  analysePlaces(source, 'other.njk')
  const { page, headEnd } = source.template('other.njk').blocks.get('all')!.layout as Layout
  t.equal(page[0]!.slice(headEnd!.offset), '</head><body>')
  t.equal(source.template('whole.njk').blocks.get('all')!.layout, null, 'a whole document is nobody\'s super()')
})

t.test('includes in conditions, of several names, of themselves', async (t) => {
  const item: Part[] = ['<li>', value, '<ul>', loop(include('item.njk')), '</ul></li>']
  const root = analyse(['<ul>', loop(include('item.njk')), '</ul>', include('a.njk', 'b.njk')], {
    'item.njk': { root: item }, 'a.njk': { root: ['<b>a</b>'] }, 'b.njk': { root: [include('c.njk')] }, 'c.njk': { root: ['c', include('c.njk')] }
  })
  t.equal(root.layout?.html, '<ul><!--0--></ul><!--1-->')
  t.equal(analyse([include('c.njk'), include('d.njk'), '<title>', include('c.njk'), '</title>'], { 'c.njk': { root: ['c', include('c.njk')] }, 'd.njk': {} }).layout?.html, '<!--0--><!--1--><title live-at="2="></title>')
  t.equal(analyse(['<table>', include('r.njk'), '</table>'], { 'r.njk': { root: [when(include('r.njk')), '<tr></tr>'] } }).layout?.html, '<table><tbody><!--0--></table>')
  const missing: Hole = { kind: 'include', bodies: [], names: ['none.njk'], optional: true }
  t.equal(analyse([missing]).layout?.html, '<!--0-->')
  t.throws(() => analyse([include('none.njk')]), /no template none/)
  t.match(refusal([when(include('a.njk'))], { 'a.njk': { root: ['<div>'] } }), /BALANCE a.njk.* this include leaves <div> open/)
  t.match(refusal([include('a.njk'), '<table>', include('a.njk'), '</table>'], { 'a.njk': { root: ['<tr><td></td></tr>'] } }), /outside of a table/)
  t.match(refusal(['<table><tbody>', include('a.njk'), '</tbody></table><svg>', include('b.njk'), '</svg>', include('b.njk')], { 'a.njk': { root: ['<tr></tr>'] }, 'b.njk': { root: ['<circle/>'] } }),
    /CONTEXT b.njk:1:1: this body is used in two places where the browser reads it differently/)
})

t.test('what a dynamic name gives is analysed when it is known', async (t) => {
  const root = analyse(['<table><tbody>', { kind: 'include', bodies: [], names: null }, '</tbody></table>'])
  const source = templates({})
  const rows = shape(['<tr><td>', value, '</td></tr>'])
  analyseShape(source, rows, placeOf(root, 0))
  t.equal(rows.layout?.html, '<tr><td><!--0--></td></tr>')
  t.throws(() => analyseShape(source, shape(['text']), placeOf(root, 0)), { code: 'LIVE_ERR_HTML_PARSER' })
  t.throws(() => analyseShape(source, shape(['<tr></tr>text']), null), { message: /beside parts of a table of another kind/ })
  t.throws(() => analyseShape(source, shape(['text<tr></tr>']), null), { message: /beside other content than its own kind/ })
  t.throws(() => analyseShape(source, shape(['</body>']), null), { message: /<\/body> stands in a macro/ })
  const late = templates({ 'late.njk': { root: [block('a')], blocks: { a: ['<tr></tr>'] } } })
  analyseInclude(late, 'late.njk', placeOf(root, 0)!)
  t.equal(late.template('late.njk').blocks.get('a')!.layout?.html, '<tr></tr>')
  const lone = shape([block('nowhere')])
  analyseShape(source, lone, null)
  t.equal(lone.layout?.html, '<!--0-->')
  t.equal(placeOf(rows, 7), null)
  t.equal(placeOf(shape([]), 0), null)
})

t.test('rows are told apart by live-key, id or data-key of their first element', async (t) => {
  const key = (...body: Part[]): number | null | undefined => analyse([loop(...body)]).slots[0]!.bodies[0]!.layout?.keySlot
  t.equal(key('\n<!-- a --><p class="', value, '" live-key="', value, '" id="', value, '">x</p>'), 1)
  t.equal(key('<p data-key="', value, '" id="o-', value, '">x</p>'), 1)
  t.equal(key('<p data-key="', value, '" id="', value, value, '">x</p>'), 0)
  t.equal(key('<p class="', value, '">x</p>'), null)
  t.equal(key('x<p id="', value, '">x</p>'), null)
  t.equal(key(value, '<p id="', value, '">x</p>'), null)
})

t.test('events that only some renderings bind are known too', async (t) => {
  const { elements } = analyse(['<button ', when('live-click="cancel" live-value-id="', value, '"'), ' live-blur="left" live-blur="left">x</button>',
    '<input live-keydown="save" live-keys="Enter Escape" live-debounce="blur" live-throttle="', value, '" live-click="', when('go'), '">']).layout as Layout
  t.same(elements.map(({ tag, set, events }) => ({ tag, set, events })), [
    { tag: 'button', set: 0, events: [{ kind: 'blur', event: 'left' }, { kind: 'click', event: 'cancel' }] },
    { tag: 'input', set: null, events: [{ kind: 'keydown', event: 'save' }, { kind: 'click', event: 'go' }] }
  ])
})

t.test('rendered attributes keep what is plain and drop what is not', async (t) => {
  const kept = (text: string): Record<string, string> => Object.fromEntries(parseAttributes(text))
  t.same(kept(' checked class="a &amp; b" data-x=\'1\' / HREF = "/a" '), { checked: '', class: 'a &amp; b', 'data-x': '1', href: '/a' })
  t.same(kept('x onclick=alert(1)'), { x: '' }, 'unquoted')
  t.same(kept('onclick="a()" OnLoad srcdoc="<p>" live-at="0*"'), {}, 'scripts, documents, marks')
  t.same(kept('a="1" a="2" \'b\' $="1" "'), { a: '1', b: '' }, 'the first of a name; no other names')
  t.same(kept('live-click="save"'), { 'live-click': 'save' }, 'quotes come from the template alone')
})
