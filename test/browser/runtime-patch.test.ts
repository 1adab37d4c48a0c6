import t from 'tap'
import { livePage, servePage } from '../helpers/page-server.ts'
import type { Peer } from '../helpers/page-server.ts'
import { launch } from './chromium.ts'

const server = await servePage(t)
const { open } = await launch(t)
const watched = await open()
const { page, problems, warnings } = watched
page.setDefaultTimeout(5000)

async function show (body: string, head?: string): Promise<Peer> {
  server.html = livePage(body, head)
  await page.goto(server.url)
  return server.joined()
}

/** Sends a patch and waits until the browser has applied it. */
async function patch (peer: Peer, change: unknown, shapes?: unknown): Promise<void> {
  peer.send('p', 0, change, ...shapes ? [shapes] : [])
  await peer.next('a')
}

t.afterEach(() => {
  // No error, and no violation of the page's policy.
  if (problems.length) throw new Error(problems.splice(0).join('\n'))
})

t.test('options come and go, and a chosen one is chosen', async (t) => {
  const peer = await show('<select name="s"><!--{0:o--><!--,--><option value="1" selected live-at="0:value 1*"><!--2-->one' +
    '</option>' +
    '<!--,--><option value="2" live-at="0:value 1*"><!--2-->two</option><!--]--></select>')
  const shapes = { o: '<option value="" live-at="0:value 1*"><!--2--></option>' }
  await patch(peer, [0, [3, 0, [1, { a: { selected: null } }], 3, 1, [1, { a: { selected: '' } }], 1, 1, [['9',
    { a: { value: '9' } }, 'nine']]]], shapes)
  t.equal(await page.inputValue('select'), '2')
  t.same(await page.locator('option').allTextContents(), ['one', 'nine', 'two'])
  await patch(peer, [0, [1, 0, [['0', { a: { value: '0', selected: '' } }, 'none']]]])
  t.equal(await page.inputValue('select'), '0')
})

t.test('checked, open, a dialog and style are live, not only attributes', async (t) => {
  const peer = await show('<input type="checkbox" live-at="0*"><details live-at="1*"><summary>s</summary>t</details>' +
    '<dialog open live-at="2*">d</dialog><p style="color: red" live-at="3:style">x</p><video live-at="4*"></video>')
  t.match(problems.splice(0), [/inline style/])
  t.equal(await page.evaluate('document.querySelector("p").style.color'), 'red', 'the policy killed it, the join brought it back')
  await page.check('input')
  await patch(peer, [0, { a: { checked: '' } }, 1, { a: { open: '' } }, 2, { a: { open: null } }, 3, 'color: blue', 4,
    { a: { muted: '' } }])
  const state = '[document.querySelector("input").checked, document.querySelector("details").open, ' +
    'document.querySelector("dialog").open, ' +
    'getComputedStyle(document.querySelector("p")).color, document.querySelector("video").muted]'
  t.same(await page.evaluate(state), [true, true, false, 'rgb(0, 0, 255)', true])
  await patch(peer, [0, { a: { checked: null } }, 1, { a: { open: null } }, 2, { a: { open: '' } }])
  t.same((await page.evaluate(state) as unknown[]).slice(0, 3), [false, false, true])
})

t.test('shapes of a drawing are drawn', async (t) => {
  const peer = await show('<svg viewBox="0 0 9 9"><g><!--{0:c--><!--]--></g><!--1--></svg>')
  await patch(peer, [0, [1, 0, [[{ s: 'i', v: ['3'] }]]], 1, { h: '<rect width="2"/>' }],
    { c: '<a><!--0--></a>', i: '<circle r="" live-at="0:r"/>' })
  t.same(await page.evaluate(
    'Array.from(document.querySelectorAll("svg *"), (one) => [one.localName, one.namespaceURI.slice(-3), one.getAttribute("r")])'
  ), [['g', 'svg', null], ['a', 'svg', null], ['circle', 'svg', '3'], ['rect', 'svg', null]])
  await patch(peer, [0, [1, 0, [[{ s: 'i', v: ['4'] }]]]])
  t.equal(await page.evaluate('document.querySelector("circle").namespaceURI'), 'http://www.w3.org/2000/svg')
})

t.test('a row that is nothing but a branch finds its namespace and its table', async (t) => {
  const peer = await show('<svg><!--{0:row--><!--]--></svg><table><tbody><!--{1:row--><!--]--></tbody></table>')
  await patch(peer, [0, [1, 0, [[{ s: 'circle', v: [] }]]], 1, [1, 0, [[{ s: 'tr', v: [] }]]]],
    { row: '<!--0-->', circle: '<circle r="1"/>', tr: '<tr><td>cell</td></tr>' })
  t.equal(await page.evaluate('document.querySelector("circle") instanceof SVGElement'), true)
  t.equal(await page.innerText('table tbody tr td'), 'cell')
})

t.test('a translated page goes on being patched', async (t) => {
  const peer = await show('<p><!--0-->hello</p><p><!--1-->world<b>!</b></p><p><!--2-->a<!--/--> static</p>')
  // What the browser's translation does with text nodes.
  await page.evaluate(`for (const p of document.querySelectorAll('p')) for (const node of Array.from(p.childNodes)) if (node.nodeType === 3) {
    const font = document.createElement('font'), inner = document.createElement('font')
    font.style.verticalAlign = inner.style.verticalAlign = 'inherit'
    font.append(inner); inner.append('<' + node.data + '>'); node.replaceWith(font)
  }`)
  await patch(peer, [0, 'bye', 1, 'moon', 2, 'b'])
  t.same(await page.locator('p').allTextContents(), ['bye', 'moon!', 'b< static>'])
  await patch(peer, [0, 'again'])
  t.equal(await page.locator('p').first().textContent(), 'again')
})

t.test('focus, selection and scroll stay through patches and moves', async (t) => {
  const rows = (keys: string[]): string => keys.map((k) => `<!--,--><li><input value="${k}" live-at="0:value"></li>`).join('')
  const body = `<p><!--0-->0</p><ul>${'<!--{1:r-->'}${rows(['a', 'b', 'c', 'd'])}<!--]--></ul>`
  for (const native of ['Element.prototype.moveBefore', 'delete Element.prototype.moveBefore']) {
    const peer = await show(body)
    await page.evaluate(native)
    await page.evaluate('globalThis.b = document.querySelectorAll("input")[1]; b.focus(); b.setSelectionRange(0, 1); b.id = "it"')
    const blurred = 'b.addEventListener("blur", () => { globalThis.blurred = true }); ' +
      'document.documentElement.style.height = "5000px"; scrollTo(0, 40)'
    await page.evaluate(blurred)
    await patch(peer, [0, '1', 1, [2, 0, 2, 2]])
    await patch(peer, [0, '2', 1, [2, 3, 1, 0, 1, 0, [['new']]]], { r: '<li><input value="" live-at="0:value"></li>' })
    t.same(await page.evaluate('[document.activeElement === b, b.selectionStart, b.selectionEnd, globalThis.blurred, scrollY]'),
      [true, 0, 1, null, 40].map((one) => one === null ? undefined : one), native)
    t.same(await page.evaluate('Array.from(document.querySelectorAll("input"), (one) => one.value)'), ['new', 'b', 'c', 'd', 'a'])
  }
})

t.test('what a person is typing is kept, and the rest is set', async (t) => {
  const peer = await show('<form live-submit="add" live-at="@0"><input name="a" value="x" live-at="0:value">' +
    '<textarea name="b" live-at="1="></textarea><select name="c"><option live-at="2*">1</option><option live-at="3*">2' +
      '</option></select></form>' +
    '<input id="other" value="" live-at="4:value">')
  const values = 'Array.from(document.querySelectorAll("input,textarea,select"), (one) => one.value)'
  await page.focus('[name=a]')
  await page.keyboard.press('End')
  await page.keyboard.type('yz')
  await patch(peer, [0, 'server', 1, 'text', 4, 'set'])
  t.same(await page.evaluate(values), ['xyz', 'text', '1', 'set'])
  await page.focus('textarea')
  await page.keyboard.type('!')
  await patch(peer, [1, 'other'])
  t.match(await page.inputValue('textarea'), '!')
  t.equal(await page.inputValue('[name=a]'), 'xyz', 'nobody has heard of it yet: it waits for the submit')

  await page.focus('[name=a]')
  await page.keyboard.press('Enter')
  t.same((await peer.next('e')).slice(1, 4), [1, 'add', 'submit'])
  peer.send('p', 1, [0, ''])
  await patch(peer, 0)
  t.same(await page.evaluate(values), ['', 'other', '1', 'set'],
    'accepted: the form shows what the server says, though it has the focus')
})

t.test('H03 a form whose inputs have the names of DOM properties is patched like any other', async (t) => {
  const names = ['attributes', 'getAttribute', 'parentNode', 'nodeType', 'nextSibling', 'childNodes', 'firstChild',
    'children', 'id',
    'setAttribute', 'closest', 'contains', 'classList', 'localName', 'querySelectorAll', 'insertBefore', 'removeChild',
    'elements', 'style']
  const peer = await show(`<form class="a" live-submit="go" live-at="0:class @0">${names.map((name) => `<input name="${name}">`).join('')}` +
    '<p><!--1-->x</p><button>go</button></form><img name="body"><img name="activeElement"><form name="createElement"></form>' +
    '<img name="prerendering"><img name="fastifyLiveView"><img name="documentElement"><img name="createTreeWalker"><img name="querySelectorAll"><img name="addEventListener">')
  await patch(peer, [0, 'b', 1, { s: 'i', v: ['y'] }], { i: '<i><!--0--></i>' })
  t.equal(await page.evaluate('Element.prototype.getAttribute.call(document.forms[0], "class")'), 'b')
  t.equal(await page.evaluate('Document.prototype.querySelector.call(document, "form i").textContent'), 'y')
  // Playwright itself would fall into the trap.
  await page.evaluate('Document.prototype.querySelector.call(document, "[name=id]").focus()')
  await page.keyboard.type('7')
  await page.keyboard.press('Enter')
  const event = await peer.next('e')
  t.same(event.slice(1, 7), [1, 'go', 'submit', [], 0, []])
  t.match(event[7], { id: '7', parentNode: '' })
  peer.send('p', 1, [1, 'done'])
  await patch(peer, 0)
  t.equal(await page.evaluate('Document.prototype.querySelector.call(document, "form p").textContent'), 'done')
})

t.test('H02 no patch brings code into the page', async (t) => {
  const peer = await show('<a href="/" live-at="0:href">a</a><!--1--><p live-at="2*">p</p>')
  await patch(peer, [0, ' java\tscript:globalThis.hit=1', 2, { a: { onclick: 'hit=1', title: 'ok' } }, 1, {
    h: '<script>globalThis.hit = 1</script><img src="/nope" onerror="globalThis.hit=1"><iframe srcdoc="<script>parent.hit=1' +
      '</script>"></iframe>' +
      '<svg><animate attributeName="href" values="#; java\tscript:hit=1"/><a xlink:href="javascript:hit=1"><script>globalThis.hit=1</script></a></svg><base href="//evil">' +
        '<form action="javascript:hit=1"></form>' +
      '<meta http-equiv="refresh" content="0;url=//evil"><object data="x"></object><b live-click="x" live-at="@0">bold</b>'
  }])
  t.equal(await page.evaluate('document.querySelector("a").getAttribute("href")'), '/')
  t.equal(await page.evaluate('document.querySelector("p").outerHTML'), '<p live-at="2*" title="ok">p</p>')
  t.equal(await page.locator('body script, base, meta[http-equiv], object, [onerror], [srcdoc], [action], [onclick], [values]').count(), 0)
  t.equal(await page.innerText('b'), 'bold')
  t.equal(await page.evaluate('globalThis.hit'), undefined)
  t.ok(warnings.some((text) => text.includes('dropped attribute href')), 'said in the console')
  await page.click('b')
  t.same(peer.received.filter(([type]) => type === 'e'), [], 'trusted HTML has no events')
})

t.test('what scripts own is left alone', async (t) => {
  const peer = await show('<div live-ignore class="a" live-at="0:class"><!--1-->x<!--{2:r--><!--]--></div><p><!--3-->x</p>')
  await page.evaluate('document.querySelector("div").className = "theirs"')
  await patch(peer, [0, 'b', 1, 'y', 2, [1, 0, [['z']]], 3, 'y'], { r: '<b><!--0--></b>' })
  await patch(peer, [2, [3, 0, [0, 'w']]])
  t.equal(await page.evaluate('document.querySelector("div").className + document.querySelector("div").innerText'), 'theirsx')
  t.equal(await page.innerText('p'), 'y')
})

t.test('a page whose markers a minifier took is built anew, sheet and script staying', async (t) => {
  const html = '<!doctype html><html lang="" live-at="0:lang"><head><meta charset="utf-8"><title live-at="1="></title>' +
    '<link rel="stylesheet" href="/style.css"><script src="/live.js" defer></script></head><body class="x"><ul><!--{2-->' +
      '</ul><!--2--><p><!--3--></p>' +
    '<input id="focused"></body></html>'
  server.answer = ['j', { s: 'doc', v: ['de', 'Title', { l: 'row', r: [['1'], ['2']] }, 'text'] }, {
    doc: html,
    row: '<li>' +
    '<!--0--></li>'
  }, { b: 1, t: 't1' }]
  // Before the first message can come: autofocus waits for a frame, which the rebuilt page may be ahead of.
  await page.addInitScript("addEventListener('DOMContentLoaded', () => document.getElementById('focused')?.focus())")
  const peer = await show('<ul></ul><p>text</p><input id="focused">', '<title>old</title>' +
    '<link rel="stylesheet" href="/style.css">')
  await page.waitForSelector('[data-live=live]')
  t.same(await page.evaluate('[document.title, document.documentElement.lang, ' +
    'document.body.className, document.body.innerText.trim()]'),
  ['Title', 'de', 'x', '1\n2\n\ntext'])
  t.equal(await page.evaluate('document.querySelectorAll("link").length'), 1)
  t.equal(await page.evaluate('document.activeElement.id'), 'focused')
  await patch(peer, [2, [1, 2, [['3']]], 3, 'more'])
  t.same(await page.locator('li').allTextContents(), ['1', '2', '3'])
  server.answer = ['j', 0, 0]
})

t.test('one cell of a thousand rows is patched in no time', async (t) => {
  const rows = Array.from({ length: 1000 }, (_, i) => `<!--,--><tr><td><!--0-->${i}</td><td><!--1-->Item ${i}</td></tr>`).join('')
  const peer = await show(`<table><tbody><!--{0:r-->${rows}<!--]--></tbody></table>`)
  await page.evaluate(`globalThis.times = []; const native = JSON.parse; JSON.parse = (text) => {
    const before = performance.now(), value = native(text)
    queueMicrotask(() => times.push(performance.now() - before))
    return value
  }`)
  for (let i = 0; i < 20; i++) await patch(peer, [0, [3, 500 + i, [1, `changed ${i}`]]])
  const times = (await page.evaluate('times') as number[]).sort((a, b) => a - b)
  t.comment(`parse and patch: median ${times[10]?.toFixed(3)} ms, worst ${times[19]?.toFixed(3)} ms`)
  t.equal(await page.innerText('tr:nth-child(501) td:nth-child(2)'), 'changed 0')
  await page.evaluate('times.length = 0')
  await patch(peer, [0, [0, 0, 1000]])
  await patch(peer, [0, [1, 0, Array.from({ length: 1000 }, (_, i) => [i, `Item ${i}`])]],
    { r: '<tr><td><!--0--></td><td><!--1--></td></tr>' })
  const [removal, insertion] = await page.evaluate('times') as [number, number]
  t.comment(`a thousand rows: removed in ${removal.toFixed(1)} ms, inserted in ${insertion.toFixed(1)} ms`)
  t.equal(await page.locator('tr').count(), 1000)
})
