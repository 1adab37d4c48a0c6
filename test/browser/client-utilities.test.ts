import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import fc from 'fast-check'
import t from 'tap'
import { ALLOWED, ATTRIBUTES, COMMON } from '../../runtime/security/allowed-html.ts'
import { safeAssign, sanitizeForLog } from '../../plugin/security.ts'
import { launch } from './chromium.ts'

interface Cleaned { readonly out: string, readonly again: string, readonly wrong: string[] }
interface Harness {
  clean (cases: ReadonlyArray<readonly [string, string, string?]>, elements?: readonly string[]): Promise<Cleaned[]>
  /** As a browser without Element.setHTML. */
  withoutNative (run: () => Promise<unknown>): Promise<unknown>
  hurt: string[]
  set (target: string, html: string): string
  logged (values: unknown[], maxLength?: number): string[]
  assigned (sources: unknown[], allowed: string[]): unknown[]
}
type Hosted = typeof globalThis & { harness: Harness }

const bundle = await build({
  entryPoints: [new URL('../../runtime/security/client-utilities.ts', import.meta.url).pathname],
  bundle: true,
  format: 'esm',
  target: 'es2020',
  write: false
})

// In the page: sets each case in the document, waits for what it could load, and says what is in it that should not be.
const harness = `
import * as utilities from '/client-utilities.js'
const hurt = []
const lists = ${JSON.stringify({ allowed: [...ALLOWED], common: COMMON, attributes: ATTRIBUTES })}
const names = (element) => [...lists.common, ...(lists.attributes[element] ?? [])]
const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
window.hurt = (what) => hurt.push(String(what))
window.alert = window.hurt
window.harness = {
  hurt,
  async clean (cases, elements) {
    const options = elements === undefined ? undefined : { elements }
    const cleaned = []
    for (const [, html] of cases) {
      const place = document.body.appendChild(document.createElement('div'))
      utilities.safeSetInnerHTML(place, html, options)
      const wrong = []
      for (const element of place.querySelectorAll('*')) {
        const { localName, namespaceURI, attributes } = element
        if (!lists.allowed.includes(localName) || namespaceURI !== 'http://www.w3.org/1999/xhtml') wrong.push('<' + localName + '>')
        for (const { name } of attributes) if (!names(localName).includes(name)) wrong.push(localName + ' ' + name)
        for (const url of [element.href, element.src, element.cite].filter(Boolean)) {
          const allowed = /^(?:https?|mailto|tel):/.test(url) || (localName === 'img' && /^data:image\\/(?:png|gif)/.test(url))
          if (!allowed) wrong.push(url)
        }
      }
      const iterator = document.createNodeIterator(place)
      for (let node = iterator.nextNode(); node; node = iterator.nextNode()) {
        if (node.nodeType !== 1 && node.nodeType !== 3) wrong.push('node ' + node.nodeType)
      }
      const out = place.innerHTML
      const second = document.body.appendChild(document.createElement('div'))
      utilities.safeSetInnerHTML(second, out, options)
      const third = document.body.appendChild(document.createElement('div'))
      third.innerHTML = out
      cleaned.push({ out, again: second.innerHTML, wrong })
      await Promise.all([...place.querySelectorAll('img'), ...third.querySelectorAll('img')].map((image) => image.decode().catch(() => {})))
      place.remove(); second.remove(); third.remove()
    }
    await frame()
    await frame()
    return cleaned
  },
  async withoutNative (run) {
    const native = Element.prototype.setHTML
    delete Element.prototype.setHTML
    try {
      return await run()
    } finally {
      Element.prototype.setHTML = native
    }
  },
  set (target, html) {
    const element = target === 'svg' ? document.createElementNS('http://www.w3.org/2000/svg', 'svg') : document.createElement(target)
    try {
      utilities.safeSetInnerHTML(document.body.appendChild(element), html)
      return element.innerHTML
    } catch (error) {
      return error.name + ': ' + error.message
    } finally {
      element.remove()
    }
  },
  logged: (values, maxLength) => values.map((value) => utilities.sanitizeForLog(value, { maxLength })),
  assigned: (sources, allowed) => sources.map((source) => {
    const target = {}
    return [utilities.safeObjectAssign(target, JSON.parse(source), allowed), JSON.stringify(target), target.admin === undefined]
  })
}
`

let policy = ''
const http = createServer((request, response) => {
  const type = (name: string): unknown => response.setHeader('content-type', `${name}; charset=utf-8`)
  if (request.url === '/client-utilities.js') return type('text/javascript') && response.end((bundle.outputFiles[0] as { text: string }).text)
  if (request.url === '/harness.js') return type('text/javascript') && response.end(harness)
  if (request.url !== '/') return response.writeHead(204).end()
  type('text/html')
  if (policy !== '') response.setHeader('content-security-policy', policy)
  // What clobbers the document is in the page already.
  response.end('<!doctype html><title>x</title><body><img name="implementation" alt="">' +
    '<script type="module" src="/harness.js"></script>')
})
await new Promise<void>((resolve) => { http.listen(0, '127.0.0.1', resolve) })
const { page, problems } = await (await launch(t)).open()
t.teardown(() => new Promise((resolve) => { http.close(resolve) }))
const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
const elsewhere: string[] = []
page.on('request', (request) => { if (!request.url().startsWith(url) && !request.url().startsWith('data:')) elsewhere.push(request.url()) })
page.on('dialog', (dialog) => { elsewhere.push(dialog.message()); void dialog.dismiss() })

async function load (given: string): Promise<void> {
  policy = given
  await page.goto(url)
  await page.waitForFunction('window.harness')
  problems.splice(0)
}

/** Name, what is sent, and what is left of it where that is more than the rules that hold for all. */
const CASES: ReadonlyArray<readonly [name: string, html: string, left?: string]> = [
  // What another live view's client lets pass.
  ['a tab in the scheme', '<a href="java&#9;script:hurt(1)">x</a>', '<a>x</a>'],
  ['a control character before the scheme', '<a href="&#1;javascript:hurt(1)">x</a>', '<a>x</a>'],
  ['a document in an attribute', '<iframe srcdoc="<script>parent.hurt(1)</script>"></iframe>', ''],
  ['what a template holds', '<template><img src=x onerror=hurt(1)></template>x', 'x'],
  ['another base', '<base href="https://evil.example/"><a href="a">x</a>', '<a href="a">x</a>'],
  ['a refresh', '<meta http-equiv="refresh" content="0;url=https://evil.example/">x', 'x'],
  ['a style that imports', '<style>@import "https://evil.example/x.css"</style>x', 'x'],
  ['a form\'s other target', '<form><button formaction="java&#9;script:hurt(1)">x</button></form>', ''],
  ['a harmless title is kept', '<b title="data: x">x</b>', '<b title="data: x">x</b>'],
  ['pixels as data are kept', '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="x">',
    '<img alt="x" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'],
  // What is allowed stays.
  ['text and marks', 'a <b>b</b> <i lang="en">c</i> &lt;d&gt; &amp;', 'a <b>b</b> <i lang="en">c</i> &lt;d&gt; &amp;'],
  ['links', '<a href="/a">a</a><a href="https://x.example/?a=1&amp;b">b</a><a href="mailto:a@b">c</a><a href="tel:1">d</a><a href="#e">e</a>',
    '<a href="/a">a</a><a href="https://x.example/?a=1&amp;b">b</a><a href="mailto:a@b">c</a><a href="tel:1">d</a><a href="#e">e</a>'],
  ['lists and tables', '<ol start="2"><li value="3">x</li></ol><table><tbody><tr><td colspan="2">y</td></tr></tbody></table>',
    '<ol start="2"><li value="3">x</li></ol><table><tbody><tr><td colspan="2">y</td></tr></tbody></table>'],
  ['elements of old', '<center><font color="red">x</font> <tt>y</tt> <strike>z</strike></center>',
    '<section><span>x</span> <code>y</code> <s>z</s></section>'],
  ['rows alone', '<tr><td>x</td></tr>', '<tr><td>x</td></tr>'],
  ['space at the beginning', ' x', ' x'],
  // OWASP's list.
  ['a script', '<script>hurt(1)</script>x', 'x'],
  ['a script from elsewhere', '<SCRIPT SRC=https://evil.example/x.js></SCRIPT>', ''],
  ['a script without an end', '<script src=//evil.example/x.js', ''],
  ['a script in a script', '<scr<script>ipt>hurt(1)</scr</script>ipt>'],
  ['a picture that fails', '<img src=x onerror=hurt(1)>', '<img src="x">'],
  ['a picture that fails, in quotes of old', '<IMG SRC=`x` onerror="hurt(1)">'],
  ['a picture without quotes at its end', '<IMG """><SCRIPT>hurt("1")</SCRIPT>">', '<img>"&gt;'],
  ['a slash for a space', '<img/src="x"/onerror=hurt(1)>', '<img src="x">'],
  ['odd characters before a handler', '<img src=x \fonerror=hurt(1)><img src=x \u000bonerror=hurt(1)><img src=x\u00a0onerror=hurt(1)>'],
  ['a form feed and a slash', '<img\f/onerror=hurt(1)\f/src=x>', '<img src="x">'],
  ['a NUL in the tag', '<scr\0ipt>hurt(1)</scr\0ipt><im\0g src=x onerror=hurt(1)>'],
  ['a NUL in the handler', '<img src=x on\0error=hurt(1)>'],
  ['a body that loads', '<body onload=hurt(1)>x', 'x'],
  ['a second html', '<html onclick=hurt(1)><head><script>hurt(1)</script></head><body onload=hurt(1)>x</html>', 'x'],
  ['details that toggle', '<details open ontoggle=hurt(1)><summary>a</summary>b</details>', '<details open=""><summary>a</summary>b</details>'],
  ['focus by itself', '<b autofocus tabindex=1 onfocus=hurt(1)>x</b>', '<b>x</b>'],
  ['a style that runs', '<div style="background:url(javascript:hurt(1));width:expression(hurt(1))">x</div>', '<div>x</div>'],
  ['a style that loads', '<div style="background:url(https://evil.example/x)">x</div>', '<div>x</div>'],
  ['animation by class', '<b class="spin" onanimationstart=hurt(1) style="animation:x 1s">x</b>', '<b>x</b>'],
  ['javascript in capitals', '<a href="JaVaScRiPt:hurt(1)">x</a>', '<a>x</a>'],
  ['javascript by entities', '<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;hurt(1)">x</a>', '<a>x</a>'],
  ['javascript by long entities', '<a href="&#0000106&#0000097vascript:hurt(1)">x</a>', '<a>x</a>'],
  ['javascript by named entities', '<a href="javascript&colon;hurt(1)">x</a><a href="java&Tab;script&NewLine;:hurt(1)">x</a>', '<a>x</a><a>x</a>'],
  ['javascript by hexadecimal', '<a href="&#x6A&#x61vascript&#x3A;hurt(1)">x</a>', '<a>x</a>'],
  ['javascript behind spaces', '<a href=" &#14; javascript:hurt(1)">x</a>', '<a>x</a>'],
  ['javascript with a newline', '<a href="java\nscript:hurt(1)">x</a><a href="java\r\nscript:hurt(1)">x</a>', '<a>x</a><a>x</a>'],
  ['javascript as a picture', '<img src="javascript:hurt(1)" dynsrc="javascript:hurt(1)" lowsrc="javascript:hurt(1)">', '<img>'],
  ['javascript as a source', '<q cite="javascript:hurt(1)">x</q>', '<q>x</q>'],
  ['vbscript', '<a href="vbscript:MsgBox(1)">x</a>', '<a>x</a>'],
  ['data as a document', '<a href="data:text/html,<script>hurt(1)</script>">x</a>', '<a>x</a>'],
  ['data as a drawing', '<img src="data:image/svg+xml,<svg onload=hurt(1)>"><a href="data:image/png,x">x</a>', '<img><a>x</a>'],
  ['blob, file, filesystem, about', '<a href="blob:x">a</a><a href="file:///etc/passwd">b</a><a href="filesystem:x">c</a><a href="about:blank">d</a>',
    '<a>a</a><a>b</a><a>c</a><a>d</a>'],
  ['the source of a view', '<a href="view-source:https://x">x</a><a href="intent://x#Intent;end">y</a><a href="feed:javascript:hurt(1)">z</a>',
    '<a>x</a><a>y</a><a>z</a>'],
  ['a table\'s background', '<table background="javascript:hurt(1)"><tr><td background="javascript:hurt(1)">x</td></tr></table>',
    '<table><tbody><tr><td>x</td></tr></tbody></table>'],
  ['an input that is a picture', '<input type=image src=x onerror=hurt(1)>', ''],
  ['isindex', '<isindex type=image src=1 onerror=hurt(1) action=javascript:hurt(1)>', ''],
  ['a marquee', '<marquee onstart=hurt(1)>x</marquee>', ''],
  ['a player', '<video src=x onerror=hurt(1)><source onerror=hurt(1)></video><audio src onloadstart=hurt(1)></audio>', ''],
  ['a plug-in', '<object data="javascript:hurt(1)"></object><embed src="javascript:hurt(1)"><applet code=x></applet>', ''],
  ['a frame', '<iframe src="javascript:parent.hurt(1)"></iframe><frameset onload=hurt(1)><frame src=x></frameset>', ''],
  ['a link to a style', '<link rel=stylesheet href="https://evil.example/x.css">', ''],
  ['a layer and its like', '<layer src="https://evil.example/x"></layer><bgsound src="javascript:hurt(1)"><xml id=i><x></x></xml>', ''],
  ['a ping and a target', '<a href="/x" ping="https://evil.example/" target="_top" rel="opener" download>x</a>', '<a href="/x">x</a>'],
  ['pictures by size', '<img srcset="https://evil.example/x 1x" sizes="1px"><picture><source srcset="https://evil.example/y"></picture>', '<img>'],
  ['a popover and its command', '<b id=p popover onbeforetoggle=hurt(1)>x</b><button popovertarget=p>y</button>', '<b>x</b>'],
  // Other parsers' ways of reading.
  ['noscript', '<noscript><p title="</noscript><img src=x onerror=hurt(1)>"></noscript>'],
  ['a style in a drawing', '<svg><style><img src=x onerror=hurt(1)></style></svg>'],
  ['math, mtext, mglyph, style', '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=hurt(1)&gt;">'],
  ['math, mtext, mglyph and a form', '<form><math><mtext></form><form><mglyph><style></math><img src onerror=hurt(1)>'],
  ['svg, desc, title', '<svg></p><style><a id="</style><img src=1 onerror=hurt(1)>"><desc><title><img src=x onerror=hurt(1)>'],
  ['a drawing in mathematics', '<math><annotation-xml encoding="text/html"><svg><p><style><!--</style><img src=x onerror=hurt(1)>-->'],
  ['a foreign object', '<svg><foreignObject><img src=x onerror=hurt(1)></foreignObject></svg>', ''],
  ['a drawing that loads', '<svg onload=hurt(1)><svg/onload=hurt(1)>', ''],
  ['an animation', '<svg><a><animate attributeName=href values=javascript:hurt(1) onbegin=hurt(1) /><text>x</text></a></svg>', ''],
  ['a set in a drawing', '<svg><set attributeName=onmouseover to=hurt(1) /></svg>', ''],
  ['use of another drawing', '<svg><use xlink:href="data:image/svg+xml,<svg id=x><script>hurt(1)</script></svg>#x" /></svg>', ''],
  ['xlink', '<math><mi xlink:href="javascript:hurt(1)">x</mi></math><a xlink:href="javascript:hurt(1)">y</a>', '<a>y</a>'],
  ['a script in a drawing', '<svg><script href="data:text/javascript,hurt(1)"></script><script>hurt&#40;1)</script></svg>', ''],
  ['forms in each other', '<form><div></form><form><input name=attributes></form>x'],
  ['an input called attributes', '<form><input name=attributes><input name=firstChild><input name=childNodes><img src=x onerror=hurt(1)></form>', ''],
  ['inputs that hide a node', '<form onclick=hurt(1)><input name=nodeType><input name=localName><input name=namespaceURI><input name=getAttribute></form>', ''],
  ['an input called nextSibling', '<form><input name=nextSibling></form><b>x</b>', '<b>x</b>'],
  ['ids and names that hide', '<a id=harness name=hurt href="/x">x</a><img name=body id=cookie>', '<a href="/x">x</a><img>'],
  ['a select', '<select><option><style></option></select><img src=x onerror=hurt(1)></style></select>'],
  ['a select that lets go', '<select><script>hurt(1)</script><img src=x onerror=hurt(1)></select><keygen autofocus onfocus=hurt(1)>'],
  ['foster parents', '<table><img src=x onerror=hurt(1)><tr><script>hurt(1)</script><td>x</table>',
    '<img src="x"><table><tbody><tr><td>x</td></tr></tbody></table>'],
  ['foster parents of links', '<a href="/1"><table><a href="javascript:hurt(1)"><td><a href="/2">x</a>'],
  ['CDATA', '<![CDATA[<img src=x onerror=hurt(1)>]]><svg><![CDATA[><img src=x onerror=hurt(1)>]]></svg>'],
  ['processing instructions', '<?xml version="1.0"?><?php <img src=x onerror=hurt(1)> ?>'],
  ['a comment that ends at once', '<!--><img src=x onerror=hurt(1)>-->', '<img src="x">--&gt;'],
  ['a comment that ends by a dash', '<!---><img src=x onerror=hurt(1)>-->', '<img src="x">--&gt;'],
  ['a comment that ends by a mark', '<!-- a --!><img src=x onerror=hurt(1)>-->'],
  ['a comment without an end', 'x<!-- <img src=x onerror=hurt(1)>', 'x'],
  ['a conditional comment', '<!--[if gte IE 4]><script>hurt(1)</script><![endif]-->x<![if !IE]>y<![endif]>', 'xy'],
  ['a doctype', '<!DOCTYPE html [<!ENTITY x "<img src=x onerror=hurt(1)>">]>x'],
  ['xmp, noembed, noframes', '<xmp><p title="</xmp><img src=x onerror=hurt(1)>"></xmp><noembed><img src=x onerror=hurt(1)></noembed>' +
    '<noframes><p title="</noframes><img src=x onerror=hurt(1)>"></noframes>'],
  ['plaintext', 'x<plaintext><img src=x onerror=hurt(1)>', 'x'],
  ['a textarea and a title', '<textarea><img title="</textarea><img src=x onerror=hurt(1)>"></textarea><title><img title="</title><img src=x onerror=hurt(1)>">'],
  ['an attribute that is a tag', '<b title="<img src=x onerror=hurt(1)>">x</b><b title=\'"><img src=x onerror=hurt(1)>\'>y</b>'],
  ['an attribute that ends a style', '<b title="</style></script></title><img src=x onerror=hurt(1)>">x</b>'],
  ['backquotes', '<b title="``onmouseover=hurt(1)">x</b><div title="`x`>`">y</div>'],
  ['an attribute twice', '<a href="/x" href="javascript:hurt(1)">x</a><a HREF="javascript:hurt(1)" href="/y">y</a>', '<a href="/x">x</a><a>y</a>'],
  ['an end tag with attributes', '</a onclick=hurt(1) style=x:expression(hurt(1))>x</p onload=hurt(1)>'],
  ['a custom element', '<x-y onclick=hurt(1)><img src=x onerror=hurt(1)></x-y><b is="x-b">x</b>', '<b>x</b>'],
  ['a control of a live view', '<b live-click="remove" live-value-id="7" data-action="pay" aria-label="x" role="button" slot="s" part="p">x</b>', '<b>x</b>'],
  ['a declared shadow', '<div><template shadowrootmode=open><img src=x onerror=hurt(1)></template>x</div>', '<div>x</div>'],
  ['templates in templates', '<template><template><script>hurt(1)</script></template></template><table><template><tr><img src=x onerror=hurt(1)></template></table>',
    '<table></table>'],
  ['a portal, a fenced frame', '<portal src="https://evil.example/" onload=hurt(1)></portal><fencedframe></fencedframe>', ''],
  ['marks that cross', '<b><p><a href="/x"><i></b><img src=x onerror=hurt(1)></a></i></p>x'],
  ['headings in each other', '<h1><font><h2>x</h2></font></h1><li><center><li>y</center></li>'],
  ['the same, of what goes', '<p><svg></p><p>x</svg><p>y<math><p>z'],
  ['deep nesting', '<div>'.repeat(600) + '<img src=x onerror=hurt(1)>', '<div>'.repeat(250) + '</div>'.repeat(250)],
  ['letters that become others', '<a href="javaſcript:hurt(1)">x</a><ſcript>hurt(1)</ſcript><ımg src=x onerror=hurt(1)>'],
  ['lone halves of characters', '<a href="\ud800javascript:hurt(1)" title="\udc00">x</a>\ud83d']
]

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)
await load('')

t.test('H04 what you set as HTML is mine', async (t) => {
  const raw = await page.evaluate(async () => {
    const place = document.body.appendChild(document.createElement('div'))
    place.innerHTML = '<img src="data:," onerror="hurt(0)">'
    await new Promise((resolve) => { place.firstElementChild?.addEventListener('error', resolve) })
    place.remove()
    return (globalThis as Hosted).harness.hurt.splice(0)
  })
  t.same(raw, ['0'], 'the page would run it')
  const run = (cases: typeof CASES): Promise<Cleaned[]> => (globalThis as Hosted).harness.clean(cases)
  const native = await page.evaluate(run, CASES)
  const fallback = await page.evaluate(async (cases) => {
    const { clean, withoutNative } = (globalThis as Hosted).harness
    return await withoutNative(() => clean(cases)) as Cleaned[]
  }, CASES)
  for (const [index, [name, , left]] of CASES.entries()) {
    const { out, again, wrong } = native[index] as Cleaned
    t.same(wrong, [], `${name}: nothing that is not allowed`)
    if (left !== undefined) t.equal(out, left, `${name}: what is left`)
    t.equal(again, out, `${name}: nothing more is taken`)
    t.same(fallback[index], native[index], `${name}: the same without setHTML`)
  }
  t.same(await page.evaluate(() => (globalThis as Hosted).harness.hurt), [], 'nothing ran')
  t.same(elsewhere.filter((address) => !address.startsWith('https://x.example/')), [], 'nothing was asked for elsewhere')
  t.same(problems, [])
})

t.test('H04 whatever tags I throw at it', async (t) => {
  const names = ('a b i p div table tr td caption col li ul dt dl h1 h2 font center form svg math mtext mglyph style title template ' +
    'select option noscript pre ruby rt details object foreignObject desc annotation-xml textarea xmp script button').split(' ')
  const pieces = [...names.flatMap((name) => [`<${name}>`, `<${name}>`, `</${name}>`]), '<img src=x onerror=hurt(1)>', '<!--', '-->', '<![CDATA[', ']]>',
    '<a href="javascript:hurt(1)">', '<p title="', '">', '<svg onload=hurt(1)>', 'x', ' ', '<input name=nextSibling>', '<b onclick=hurt(1)']
  const soups = fc.sample(fc.array(fc.constantFrom(...pieces), { minLength: 2, maxLength: 14 }).map((parts) => parts.join('')), { seed, numRuns: 300 })
  const cases = soups.map((soup) => ['', soup] as const)
  const native = await page.evaluate((given) => (globalThis as Hosted).harness.clean(given), cases)
  const fallback = await page.evaluate(async (given) => {
    const { clean, withoutNative } = (globalThis as Hosted).harness
    return await withoutNative(() => clean(given)) as Cleaned[]
  }, cases)
  const bad = soups.filter((soup, index) => {
    const { out, again, wrong } = native[index] as Cleaned
    return wrong.length > 0 || again !== out || fallback[index]?.out !== out
  })
  t.same(bad, [])
  t.same(await page.evaluate(() => (globalThis as Hosted).harness.hurt), [])
})

t.test('H04 only what the page asks for is let through', async (t) => {
  const cases = [['few', '<b>x</b> <i>y</i><img src="/x">']] as const
  const [few] = await page.evaluate((given) => (globalThis as Hosted).harness.clean(given, ['b']), cases)
  t.equal(few?.out, '<b>x</b> ')
  await t.rejects(page.evaluate((given) => (globalThis as Hosted).harness.clean(given, ['b', 'script']), cases),
    /'script' is never allowed\. Allowed: a, abbr/)
  const set = (target: string): Promise<string> => page.evaluate((name) => (globalThis as Hosted).harness.set(name, 'hurt(1)'), target)
  for (const target of ['script', 'style', 'template', 'iframe', 'textarea', 'svg', 'noscript']) t.match(await set(target), /^TypeError: safeSetInnerHTML: the element is a /)
  t.equal(await set('article'), 'hurt(1)')
  t.equal(await page.evaluate(() => (globalThis as Hosted).harness.set('p', null as never)), 'null')
  t.same(await page.evaluate(() => (globalThis as Hosted).harness.hurt), [])
})

t.test('L02 D08 log lines and fields are the same on both sides', async (t) => {
  const values = ['a\r\nb', '\u001b[31mred\u001b[0m', '\u001b]8;;http://evil.example\u001b\\x', '\u009d8;;y\u009cx', '\u001bPq\u001b\\x',
    'a\u0085b\u2028c', 'user\u202enimda\u2066', 'ad\u200bmin\ufeff\u00ad\u3164', '\ud800x', 'x'.repeat(500), null, 7, ['a', ['b\n']], {}]
  const logged = (maxLength?: number): Promise<string[]> => page.evaluate(([given, length]) =>
    (globalThis as Hosted).harness.logged(given as unknown[], length as number), [values, maxLength] as const)
  t.same(await logged(), values.map((value) => sanitizeForLog(value)))
  t.same(await logged(4), values.map((value) => sanitizeForLog(value, { maxLength: 4 })))
  const sources = ['{"a":{"__proto__":{"admin":true}}}', '{"__proto__":{"admin":true}}', '{"a":{"constructor":{"prototype":{"admin":true}}}}',
    '{"get":1,"set":2}', '{"a":[{"__proto__":1,"b":2}],"c":3}', 'null', '"text"', '[1]', '{"toString":1}']
  const allowed = ['a', 'get', 'set', '__proto__', 'constructor', '0', 'toString']
  const ours = sources.map((source) => {
    const target: Record<string, unknown> = {}
    return [safeAssign(target, JSON.parse(source), allowed), JSON.stringify(target), true]
  })
  const theirs = await page.evaluate(([given, names]) =>
    (globalThis as Hosted).harness.assigned(given, names), [sources, allowed] as const)
  t.same(theirs, ours)
  await t.rejects(page.evaluate(() => (globalThis as Hosted).harness.assigned(['{}'], undefined as never)), /TypeError: safeObjectAssign: the allow-list/)
})

const strict = "default-src 'none'; script-src 'self'; img-src 'self'; require-trusted-types-for 'script'; trusted-types fastify-live-view"

t.test('H05 a page that trusts no text sets HTML all the same', async (t) => {
  const set = (): Promise<string> => page.evaluate(() => (globalThis as Hosted).harness.set('div', '<b onclick=x>x</b><script>hurt(1)</script>'))
  const setWithout = (): Promise<unknown> => page.evaluate(() => (globalThis as Hosted).harness.withoutNative(async () =>
    (globalThis as Hosted).harness.set('div', '<b onclick=x>x</b><script>hurt(1)</script>')))
  await load(strict)
  t.equal(await set(), '<b>x</b>', 'no policy of its own where the browser can')
  t.same(problems, [], 'and no violation')
  t.match(await setWithout(), /^Error: safeSetInnerHTML: .* Add fastify-live-view-client to the trusted-types/)
  await load(`${strict} fastify-live-view-client`)
  t.equal(await setWithout(), '<b>x</b>', 'else by a policy that the page allows')
  t.equal(await setWithout(), '<b>x</b>', 'made once')
  t.same(problems, [])
  await load("trusted-types 'none'")
  t.equal(await setWithout(), '<b>x</b>', 'a page that asks for none needs none')
})

t.test('what docs/output.md says of them is so', async (t) => {
  await load('')
  const [block] = [...readFileSync('docs/output.md', 'utf8').matchAll(/^```js\n(import \{ safeObjectAssign[^]*?)^```$/gm)].map(([, code]) => code as string)
  const lines = (block as string).trim().split('\n').slice(2)
  t.equal(lines.length, 4)
  for (const line of lines) {
    const [, code, said] = /^(.*?) \/\/ (.*)$/.exec(line) as unknown as [string, string, string]
    const got = await page.evaluate(`(async () => {
      const { safeObjectAssign, safeSetInnerHTML, sanitizeForLog } = await import('/client-utilities.js')
      const note = document.body.appendChild(document.createElement('p'))
      note.id = 'note'
      let told
      const console = { warn: (text) => { told = text } }
      const result = (${code})
      const shown = note.innerHTML
      note.remove()
      return told ?? (Array.isArray(result) ? '[' + result.map((name) => "'" + name + "'").join(', ') + ']' : shown)
    })()`)
    t.equal(got, said, code)
  }
})
