/// <reference lib="dom" />
import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Test } from 'tap'
import ts from 'typescript'
import { HOSTILE_HTML, HOSTILE_URLS } from '../helpers/hostile-html.ts'
import { NAVIGATION_VECTORS } from '../helpers/navigation-vectors.ts'
import { livePage, servePage, strictPolicy } from '../helpers/page-server.ts'
import type { Peer } from '../helpers/page-server.ts'
import { launch } from './chromium.ts'

// A server that is the attacker: what a page does with messages that no honest server sends. Most of it on pages without any
// policy, so that nothing but the runtime is between the message and the page.

const server = await servePage(t)
const { open } = await launch(t)
const names = Object.keys(HOSTILE_HTML)
const things = Object.values(HOSTILE_HTML)

/** Finds what can run or redirect, by the browser's own reading of the URLs; and presses whatever can be pressed. */
const LOOK = `globalThis.seen = () => {
  const found = []
  const see = (root) => {
    for (const one of root.querySelectorAll('*')) {
      const name = one.localName
      if (name === 'script' && !one.src && !/^application\\/json$/.test(one.type)) found.push('script')
      if (name === 'script' && (one.src || one.getAttribute('href')) && !/live.js$/.test(one.src)) found.push('script of a URL')
      if (/^(?:base|object|embed)$/.test(name) && /(?:href|data|src)=/.test(one.outerHTML)) found.push(name)
      if (name === 'meta' && one.httpEquiv && one.content !== 'de') found.push('meta')
      for (const { name: key, value } of one.attributes) {
        if (/^on/i.test(key)) found.push(name + ' ' + key)
        if (/srcdoc/i.test(key)) found.push('srcdoc')
        if (/^attributeName$/i.test(key) && /^\\s*on/i.test(value)) found.push(key)
        const runs = (text) => {
          const link = document.createElement('a')
          link.href = text
          return /^(?:javascript|vbscript):$/.test(link.protocol) || (link.protocol === 'data:' && !(name === 'img' && key === 'src'))
        }
        if (!/^live-|^title$|^id$/.test(key) && value.split(';').concat(value).some(runs)) found.push(name + ' ' + key + '=' + value)
      }
      if (one.content instanceof DocumentFragment) see(one.content)
      if (one.shadowRoot) found.push('shadow root')
    }
  }
  see(document)
  return [...new Set(found)]
}
globalThis.look = async () => {
  const found = seen()
  for (const one of document.querySelectorAll('a,area,button,input,math,svg text')) {
    one.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))
    if (one.matches('input')) one.focus()
  }
  for (const drawing of document.querySelectorAll('svg')) drawing.setCurrentTime?.(0.5)
  for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
  await new Promise((resolve) => setTimeout(resolve))
  return { found, hit: globalThis.hit }
}
// Nothing that is pressed shall really lead away from the page.
addEventListener('click', (event) => {
  const link = event.target.closest?.('a,area')
  if (link && !/javascript/i.test(link.outerHTML)) event.preventDefault()
})
addEventListener('submit', (event) => { if (/^http/.test(event.submitter?.formAction || event.target.action)) event.preventDefault() })`

const { page, problems, warnings } = await open()
page.setDefaultTimeout(10_000)
// It comes back at once.
await page.addInitScript(`Math.random = () => 0; ${LOOK}`)
const look = (): Promise<{ found: string[], hit: unknown }> => page.evaluate('look()')

async function show (body: string, policy = '', head = ''): Promise<Peer> {
  server.policy = policy
  server.html = livePage(body, head)
  await page.goto(server.url)
  const peer = await server.joined()
  await page.locator('html[data-live=live]').waitFor({ state: 'attached' })
  return peer
}

/** Everything sent so far has been applied. */
async function applied (peer: Peer): Promise<void> {
  await page.evaluate('void (globalThis.synced = new Promise((resolve) => EventTarget.prototype.addEventListener.call(document, "live:sync", resolve, { once: true })))')
  peer.send('p', 0, 0, 0, { e: [['sync']] })
  await page.evaluate('synced.then(() => null)')
}

t.afterEach(() => {
  if (problems.length) throw new Error(problems.splice(0).join('\n'))
  warnings.splice(0)
})

t.test('H02 the look finds each of these things where nothing takes them out', async (t) => {
  await show('<div></div>')
  const missed: string[] = []
  for (const [name, html] of Object.entries(HOSTILE_HTML)) {
    const found = await page.evaluate(`{
      const holder = document.createElement('template')
      holder.innerHTML = ${JSON.stringify(html)}
      const found = []
      const see = (root) => {
        for (const one of root.querySelectorAll('*')) {
          found.push(one.localName, ...one.getAttributeNames())
          if (one.content instanceof DocumentFragment) see(one.content)
        }
      }
      see(holder.content)
      found.join(' ')
    }`) as string
    if (!/script|\bon|srcdoc|href|action|src|base|http-equiv|data|values|to\b/.test(found)) missed.push(name)
  }
  t.same(missed, ['a fragment that changes in a form'], 'that one runs where HTML is written out and parsed again, which the runtime never does')
  // One that runs and one that only stands there.
  await page.evaluate('document.querySelector("div").innerHTML = "<img src=x: onerror=parent.hit=1><template><a href=\' java\\tscript:1\'></a></template>"')
  await page.waitForFunction('globalThis.hit === 1')
  t.same((await look()).found, ['img onerror', 'a href= java\tscript:1'])
  problems.splice(0)
})

const shapes = Object.fromEntries(things.map((html, k) => [`s${k}`, html]))
const trees = things.map((_, k) => [{ s: `s${k}`, v: [] }])
const trusted = things.map((html) => [{ h: html }])
/** Each thing in a place of its own, all of them at once. */
const WAYS: Readonly<Record<string, (peer: Peer) => void>> = {
  'as trusted HTML': (peer) => { peer.send('p', 0, [0, [1, 0, trusted]], { row: '<li><!--0--></li>' }) },
  'as shapes': (peer) => { peer.send('p', 0, [0, [1, 0, trees]], { row: '<li><!--0--></li>', ...shapes }) },
  'as rows': (peer) => { for (const k of things.keys()) peer.send('p', 0, [100 + k, { l: `s${k}`, r: [[], []] }], { [`s${k}`]: shapes[`s${k}`] }) },
  'as trusted HTML in a drawing': (peer) => { peer.send('p', 0, [1, [1, 0, trusted]], { row: '<!--0-->' }) },
  'as shapes of a drawing': (peer) => { peer.send('p', 0, [1, [1, 0, trees]], { row: '<!--0-->', ...shapes }) },
  'as trusted HTML in a formula': (peer) => { peer.send('p', 0, [2, [1, 0, trusted]], { row: '<!--0-->' }) },
  'in the answer to a join': (peer) => {
    const lists = [['row', trees], ['cell', trusted], ['cell', trees]].map(([l, r]) => ({ l, r }))
    server.answer = ['j', { s: 'all', v: [...lists, 'x'] }, { row: '<li><!--0--></li>', cell: '<!--0-->', ...shapes }]
    peer.socket.close()
  }
}
const HOLES = things.map((_, k) => `<p><!--${100 + k}--></p>`).join('')
const BODY = '<ul><!--{0:row--><!--]--></ul><svg><g><!--{1:row--><!--]--></g></svg><math><mrow><!--{2:row--><!--]--></mrow></math>' +
  `<p id="last"><!--3-->x</p>${HOLES}`

/** What a page without a policy says of things that were taken out of it, or that lead nowhere. */
const EXPECTED = /ERR_|Failed to load|<\w+> attribute|Not allowed to|WebSocket/

async function goesOn (t: Test, peer: Peer, part: number): Promise<void> {
  peer.send('p', 0, [part, 'goes on'])
  await applied(peer)
  t.equal(await page.innerText('#last'), 'goes on')
  t.equal(page.url(), server.url)
  problems.splice(0, Infinity, ...problems.filter((text) => !EXPECTED.test(text)))
}

for (const [way, send] of Object.entries(WAYS)) {
  t.test(`H02 I send ${things.length} things that run, ${way}`, async (t) => {
    let peer = await show(BODY)
    send(peer)
    if (way.includes('join')) peer = await server.joined()
    await page.locator('html[data-live=live]').waitFor({ state: 'attached' })
    await applied(peer)
    server.answer = ['j', 0, 0]
    const { found, hit } = await look()
    t.same([found, hit], [[], undefined])
    t.ok(warnings.filter((text) => text.includes('dropped')).length >= things.length - 5, 'it says what it dropped')
    await goesOn(t, peer, 3)
  })
}

t.test('H02 I send whole pages that run, in their head, their body and their own attributes', async (t) => {
  const peer = await show(BODY)
  for (const [k, html] of things.entries()) {
    const doc = `<!doctype html><html onclick="hit=1" lang="x${k}"><head onload="hit=1"><title>${k}</title>${html}</head>` +
      `<body onload="hit=1" onpageshow="hit=1"><p>${html}</p></body></html>`
    peer.send('p', 0, { s: `page${k}`, v: [] }, { [`page${k}`]: doc })
    await applied(peer)
    const [found, lang] = await page.evaluate('[seen(), document.documentElement.lang]') as [string[], string]
    t.same([found, lang], [[], `x${k}`], names[k] as string)
  }
  t.equal((await look()).hit, undefined)
  peer.send('p', 0, { s: 'good', v: ['x'] }, { good: '<html><head></head><body><p id="last"><!--0--></p></body></html>' })
  await goesOn(t, peer, 0)
})

t.test('H02 I set attributes that run, one by one and in sets', async (t) => {
  const urls = ['href', 'HREF', 'src', 'action', 'formaction', 'FormAction', 'data', 'xlink:href', 'to', 'from', 'by', 'values']
  const code = {
    onclick: 'hit=1',
    ONCLICK: 'hit=1',
    OnError: 'hit=1',
    srcdoc: '<script>parent.hit=1</script>',
    SrcDoc: 'x',
    'http-equiv': 'refresh',
    'HTTP-EQUIV': 'refresh',
    content: '0;url=javascript:hit=1',
    attributeName: ' onclick',
    type: 'text/javascript',
    TYPE: 'module',
    language: 'javascript'
  }
  const elements = ['<a live-at="#">a</a>', '<area live-at="#">', '<iframe live-at="#"></iframe>', '<form live-at="#"><button>b</button></form>',
    '<button live-at="#">b</button>', '<input type="image" live-at="#">', '<svg live-at="#"></svg>', '<svg><a live-at="#"><text>a</text></a></svg>',
    '<svg><a><animate live-at="#"/><text>a</text></a></svg>', '<svg><a><set attributeName="href" live-at="#"/><text>a</text></a></svg>',
    '<svg><use live-at="#"/></svg>', '<svg><script type="application/json" live-at="#">{}</script></svg>', '<math live-at="#"></math>',
    '<object live-at="#"></object>', '<embed live-at="#">', '<script type="application/json" live-at="#">{}</script>', '<meta name="x" live-at="#">', '<meta http-equiv="content-language" content="de" live-at="#">',
    '<link live-at="#">', '<template live-at="#"></template>', '<base live-at="#">', '<b live-at="#">b</b>']
  const body = elements.map((html, k) => html.replace('#', [`${k}*`, ...urls.map((name, n) => `${100 + k * 20 + n}:${name}`),
    ...['onclick', 'srcdoc', 'http-equiv'].map((name, n) => `${112 + k * 20 + n}:${name}`), `${115 + k * 20}=`].join(' '))).join('')
  for (const [policy, tried] of [['', HOSTILE_URLS], [strictPolicy, HOSTILE_URLS.slice(-1)]] as const) {
    const peer = await show(`${body}<p id="last"><!--99-->x</p>`, policy)
    for (const [u, url] of tried.entries()) {
      for (const k of elements.keys()) {
        if (u > 0) peer.send('p', 0, [k, { a: Object.fromEntries(urls.map((name) => [name, url])) }])
        else peer.send('p', 0, urls.flatMap((name, n) => [100 + k * 20 + n, name === 'values' ? `#; ${url}` : url]))
      }
      await applied(peer)
      const found = await page.evaluate('seen()') as string[]
      t.same(found.filter((one) => !/^(?:link|image|input) /.test(one)), [], url)
    }
    for (const k of elements.keys()) {
      peer.send('p', 0, [k, { a: { ...code, id: `e${k}`, __proto__x: 'x' } }, ...[112, 113, 114].flatMap((n) => [n + k * 20, 'hit=1'])])
      // A JSON script that loses its type, and then gets a text, would be a program.
      peer.send('p', 0, [k, { a: { type: null, language: null } }])
      if (/script/.test(elements[k] as string)) peer.send('p', 0, [115 + k * 20, 'parent.hit=1'])
    }
    await applied(peer)
    const { found, hit } = await look()
    t.same([found.filter((one) => !/^(?:link|image|input) /.test(one)), hit], [[], undefined])
    t.equal(await page.locator(elements.map((_, k) => `#e${k}`).join()).count(), elements.length, 'what is no code was set all the same')
    problems.splice(0, Infinity, ...problems.filter((text) => !/violates the following/.test(text)))
    await goesOn(t, peer, 99)
  }
})

t.test('H06 I send a script where the policy trusts what trusted scripts insert', async (t) => {
  const strictDynamic = "script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'"
  server.policy = strictDynamic
  server.html = livePage(BODY + '<script nonce="abc" live-at="900= 901:src"></script>').replace('<script ', '<script nonce="abc" ')
  await page.goto(server.url)
  const peer = await server.joined()
  const scripts = [`<script>${'parent.hit=1'}</script>`, '<script nonce="abc">parent.hit=1</script>', '<svg><script nonce="abc">parent.hit=1</script></svg>',
    '<script nonce="abc" src="data:text/javascript,parent.hit=1"></script>', '<script type="application/json" nonce="abc" live-at="0* 1=">x</script>']
  for (const [k, html] of scripts.entries()) {
    peer.send('p', 0, [0, { h: html }])
    await applied(peer)
    peer.send('p', 0, [0, { s: `n${k}`, v: k < 4 ? [] : [{ a: { type: null, nonce: 'abc' } }, 'parent.hit=1'] }], { [`n${k}`]: html })
    await applied(peer)
    t.equal((await look()).hit, undefined, html)
  }
  // A page may have an empty one that has not run yet.
  peer.send('p', 0, [900, 'parent.hit=1', 901, '/live.js?2'])
  await applied(peer)
  t.same(await page.evaluate('[document.querySelector("body > script").outerHTML, globalThis.hit]'),
    ['<script nonce="" live-at="900= 901:src"></script>', undefined])
  // It is not the policy that is tested.
  await page.evaluate('{ const s = document.createElement("script"); s.textContent = "globalThis.hit = 2"; document.body.append(s) }')
  t.equal(await page.evaluate('globalThis.hit'), 2, 'one that a script of the page makes, runs without a nonce')
  problems.splice(0)
})

t.test('H03 I name my inputs and images like what a program asks of forms and documents', async (t) => {
  const own = (prototype: string): string[] => ['parentNode', 'nextSibling', 'firstChild', 'textContent', 'nodeType', 'nodeName', 'isConnected', 'localName',
    'namespaceURI', 'classList', 'ownerDocument', 'tagName', 'dataset', 'attributes', 'children', 'childNodes', 'id', 'innerHTML', 'outerHTML', 'style',
    'elements', 'length', 'action', 'target', 'method', 'name', 'getAttribute', 'setAttribute', 'removeAttribute', 'hasAttribute', 'getAttributeNames',
    'setAttributeNS', 'closest', 'matches', 'contains', 'insertBefore', 'removeChild', 'append', 'remove', 'moveBefore', 'querySelectorAll', 'submit',
    'reset', 'addEventListener', 'dispatchEvent', 'cloneNode', 'constructor', '__proto__'].map((name) => `<input ${prototype}="${name}">`)
  const ofDocument = ['body', 'head', 'documentElement', 'activeElement', 'getElementById', 'querySelectorAll', 'createElement', 'createTextNode', 'createComment',
    'createTreeWalker', 'importNode', 'forms', 'currentScript', 'readyState', 'visibilityState', 'prerendering', 'addEventListener', 'dispatchEvent', 'location',
    'defaultView', 'title', 'fastifyLiveView', 'trustedTypes', 'history', 'sessionStorage', 'navigator', 'CSS', 'FormData', 'JSON']
  const traps = ofDocument.map((name, k) => [`<img name="${name}">`, `<form name="${name}"></form>`, `<iframe name="${name}"></iframe>`, `<a id="${name}"></a>`][k % 4]).join('')
  const row = (k: number): string => `<!--,--><b><!--0-->${k}</b><input name="row${k}" value="" live-at="1:value">`
  const peer = await show(`<div id="free">x</div>${traps}<form id="f" class="a" style="color: red" live-submit="go" live-change="typed" live-loading="busy" live-at="0:class 1* 2:style @0">` +
    `${own('name').join('')}${own('id').join('')}<!--{3:row-->${row(1)}${row(2)}${row(3)}<!--]--><p><!--4-->x</p><!--5--><!--6--><button>go</button></form>` +
    '<form live-status live-at="7*"><input name="style"><input name="textContent"><input name="isConnected"></form>', strictPolicy)
  t.match(problems.splice(0), [/inline style/])
  const q = (selector: string): string => `Document.prototype.querySelector.call(document, ${JSON.stringify(selector)})`
  const inForm = async (what: string): Promise<unknown> => page.evaluate(`{ const form = ${q('#f')}; ${what} }`)
  const attribute = (name: string): Promise<unknown> => inForm(`Element.prototype.getAttribute.call(form, '${name}')`)

  peer.send('p', 0, [0, 'b', 1, { a: { title: 'set', 'data-x': '1' } }, 2, 'color: blue', 3, [2, 0, 1, 2, 0, 1, 1, 1, 0, [['new', '']]], 4, 'text', 5, { s: 'i', v: ['y'] }, 6,
    { h: '<form id="inner"></form><u>html</u>' }], { row: '<b><!--0--></b><input live-at="1:value">', i: '<i><!--0--></i>' })
  await applied(peer)
  t.same([await attribute('class'), await attribute('title'), await attribute('data-x')], ['b', 'set', '1'])
  t.equal(await inForm('getComputedStyle(form).color'), 'rgb(0, 0, 255)')
  const texts = (): Promise<unknown> => page.evaluate('Array.from(Document.prototype.querySelectorAll.call(document, "#f b, #f p, #f i, #f u"), (one) => one.textContent)')
  t.same(await texts(), ['new', '2', '1', 'text', 'y', 'html'])

  // What a person has the focus in stays where it is while rows move, and its form is read as it is.
  await page.evaluate(`${q('[name=row2]')}.focus()`)
  await page.keyboard.type('7')
  peer.send('p', 0, [3, [2, 1, 1, 0]])
  await applied(peer)
  t.equal(await page.evaluate(`Object.getOwnPropertyDescriptor(Document.prototype, 'activeElement').get.call(document) === ${q('[name=row2]')}`), true)
  t.same(await texts(), ['2', 'new', '1', 'text', 'y', 'html'])
  await page.keyboard.press('Enter')
  const change = await peer.next('e')
  t.same(change.slice(1, 4), [1, 'typed', 'change'])
  const submit = await peer.next('e')
  t.same(submit.slice(1, 7), [2, 'go', 'submit', [], 0, []])
  t.match(submit[7], { row2: '7', parentNode: '', getAttribute: '' })
  t.equal(Object.getOwnPropertyDescriptor(submit[7], '__proto__')?.value, '')
  t.match(await attribute('data-live-busy'), /submit|change/)
  peer.send('p', 1, 0)
  peer.send('p', 2, [4, 'done'], 0, { f: [['info', 'Saved.']], u: 'q=1' })
  await applied(peer)
  t.equal(await attribute('data-live-busy'), null)
  t.equal(await page.evaluate(`Object.getOwnPropertyDescriptor(Node.prototype, 'textContent').get.call(${q('[live-status]')})`), 'Saved.')
  t.equal(await page.evaluate('window.location.search'), '?q=1')

  // The whole tree after a lost connection, and a page that is built anew.
  const rows = [['one', ''], ['two', '']]
  const tree = ['c', { a: { id: 'f', title: 'again', 'live-submit': 'go' } }, 'color: red', { l: 'row', r: rows }, 'joined', { s: 'i', v: ['z'] }, { h: '<u>u</u>' }, { a: { 'live-status': '' } }]
  server.answer = ['j', { s: 'page', v: tree }, { row: '<b><!--0--></b><input live-at="1:value">', i: '<i><!--0--></i>' }]
  peer.socket.close()
  const again = await server.joined()
  server.answer = ['j', 0, 0]
  await applied(again)
  t.same([await attribute('class'), await attribute('title'), await attribute('data-x'), await texts()],
    ['c', 'again', null, ['one', 'two', 'joined', 'z', 'u']])
  again.send('p', 0, { s: 'doc', v: ['built'] }, { doc: '<html><head></head><body><p><!--0--></p><form name="body"><input name="childNodes"></form></body></html>' })
  await applied(again)
  t.equal(await page.evaluate(`${q('p')}.textContent`), 'built')
  server.html = livePage('<p>sign in</p>')
  again.socket.close(4401)
  await server.joined()
  t.equal(await page.innerText('p'), 'sign in', 'an ended session is one here too')
  problems.splice(0, Infinity, ...problems.filter((text) => !EXPECTED.test(text)))
})

t.test('H03 I name an image like the state of the document, in a head that is read before the rest', async (t) => {
  server.policy = ''
  server.html = livePage('<p><!--0-->x</p>').replace('<head>', '<head><img name="readyState"><form name="trustedTypes"><input name="createPolicy"></form>')
    .replace(' defer', '')
  const { page, problems } = await open()
  t.teardown(() => page.context().close())
  // As in a browser without trusted types, where the name is free.
  await page.addInitScript('delete window.trustedTypes')
  await page.goto(server.url)
  const peer = await server.joined()
  peer.send('p', 0, [0, { s: 'i', v: ['patched'] }], { i: '<i><!--0--></i>' })
  await page.locator('p i').waitFor()
  t.equal(await page.innerText('p'), 'patched')
  t.same(problems, [])
})

t.test('H05 I make a policy of that name first: the runtime says so and does not start', async (t) => {
  const { page, problems } = await open()
  t.teardown(() => page.context().close())
  await page.addInitScript("trustedTypes.createPolicy('fastify-live-view', { createHTML: (html) => html })")
  server.policy = strictPolicy
  server.html = livePage('<button live-click="go" live-at="@0">go</button>')
  const before = server.peers.length
  await page.goto(server.url, { waitUntil: 'networkidle' })
  await page.click('button')
  t.equal(server.peers.length, before, 'no socket')
  t.same(await page.evaluate('[document.documentElement.dataset.live, typeof fastifyLiveView]'), [undefined, 'undefined'])
  t.ok(problems.some((text) => /not started: trusted-types must allow fastify-live-view, once/.test(text)), problems.join())
})

t.test('H05 I take the policy away from the runtime: it makes nothing of mine', async (t) => {
  const { page, problems } = await open()
  t.teardown(() => page.context().close())
  await page.addInitScript(`{
    const { createPolicy } = TrustedTypePolicyFactory.prototype
    TrustedTypePolicyFactory.prototype.createPolicy = function (name, rules) { return globalThis.taken = createPolicy.call(this, name, rules) }
  }`)
  server.policy = strictPolicy
  server.html = livePage('<p><!--0-->x</p>')
  await page.goto(server.url)
  const peer = await server.joined()
  peer.send('p', 0, [0, { h: '<i>html</i>' }])
  await page.locator('p i').waitFor()
  t.equal(await page.evaluate("String(taken.createHTML('<img src=x: onerror=hit=1>'))"), '')
  t.equal(await page.evaluate("taken.createScript?.call && (() => { try { return String(taken.createScript('1')) } catch { return null } })()"), null, 'nor scripts')
  t.same(await page.evaluate('Object.keys(fastifyLiveView)'), ['state', 'connect', 'disconnect'])
  t.same(problems, [])
})

t.test('H05 one place makes HTML of a string, and none a program', async (t) => {
  const source = ts.createSourceFile('client.js', readFileSync(new URL('../../dist/client.js', import.meta.url), 'utf8'), ts.ScriptTarget.Latest)
  const sinks: string[] = []
  const NEVER = new RegExp('^(?:' + ['outerHTML', 'insertAdjacentHTML', 'write', 'writeln', 'DOMParser', 'parseFromString', 'createContextualFragment', 'setHTMLUnsafe',
    'parseHTMLUnsafe', 'eval', 'Function', 'execScript', 'srcdoc', 'srcDoc', 'import', 'importScripts', 'Worker', 'SharedWorker', 'createScript', 'createScriptURL',
    'insertAdjacentElement', 'javascript', 'open'].join('|') + ')$')
  const visit = (node: ts.Node): void => {
    const text = (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) ? node.text : ''
    if (text === 'innerHTML') sinks.push(node.parent.parent.getText(source))
    // \`Function.prototype\` makes no program, and an element's \`open\` is an attribute.
    const isFine = (text === 'Function' && /^Function\.prototype\.call/.test(node.parent.parent.getText(source))) ||
      (text === 'open' && /\.open$|==/.test(node.parent.getText(source)))
    if (NEVER.test(text) && !isFine) sinks.push(text)
    if (ts.isCallExpression(node)) {
      const [name, first] = [node.expression.getText(source), node.arguments[0]?.getText(source) ?? '']
      if (/^set(?:Timeout|Interval|Immediate)$/.test(name) && !/=>|^function|^\w+$/.test(first)) sinks.push(node.getText(source))
      if (/setAttribute/i.test(name) && /["'`]\s*on/i.test(first)) sinks.push(node.getText(source))
    }
    const isSet = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken
    if (isSet && /(?:^|\.)(?:location|href|src|action|formAction|on(?!open|message|close)\w+)$/.test(node.left.getText(source))) sinks.push(node.getText(source))
    ts.forEachChild(node, (child) => {
      Object.assign(child, { parent: node })
      visit(child)
    })
  }
  visit(source)
  t.equal(sinks.length, 1, sinks.join('\n'))
  t.match(sinks[0], /^\w+\.innerHTML=\w+\.createHTML\(""\)$/)
})

t.test('E10 I make the server send people to my site: the browser does not go', async (t) => {
  const peer = await show('<p>x</p>', strictPolicy)
  await page.evaluate("globalThis.gone = []; navigation.addEventListener('navigate', (event) => { gone.push(event.destination.url); event.preventDefault() })")
  const went = async (path: string): Promise<string[]> => {
    peer.send('p', 0, 0, 0, { n: path })
    await applied(peer)
    return await page.evaluate('gone.splice(0)') as string[]
  }
  const here = server.url.slice(0, -1)
  for (const [path, target] of NAVIGATION_VECTORS) {
    const name = encodeURIComponent(JSON.stringify(path)).slice(0, 60)
    if (target === null) {
      const addresses = await went(path)
      // What the server refuses for its length alone leads nowhere else.
      t.same(path.length > 4000 ? [] : addresses, [], name)
      t.ok(addresses.every((address) => address.startsWith(server.url)), name)
    } else {
      t.same(await went(target), [here + target], name)
      t.equal(await page.evaluate(`new URL(${JSON.stringify(path)}, location.href).href`), here + target, 'as the browser itself reads it')
    }
  }
  t.ok(warnings.some((text) => text.includes('refused to go to')))
  for (const query of ['//evil.example', '#//evil.example', '\\\\evil.example', '@evil.example', 'a=\n//x', '?x=1', 'javascript:alert(1)', '']) {
    peer.send('p', 0, 0, 0, { u: query })
    await applied(peer)
    t.equal(await page.evaluate('location.origin + location.pathname + location.hash'), server.url, query)
  }
})

t.test('I send what is no message of the protocol', async (t) => {
  for (const [sent, ...more] of [
    [['p', 0, JSON.parse('[0, { "a": { "__proto__": "x", "constructor": "y", "hasOwnProperty": "z" } }]')]],
    [['p', 0, [1, { s: 'constructor', v: [] }], JSON.parse('{ "constructor": "<i>1</i>" }')]],
    [['p', 0, [1, { s: '__proto__', v: [] }], JSON.parse('{ "__proto__": "<i>2</i>" }')]],
    [['p', 0, [1, { s: 'toString', v: [] }]], 'lost'], [['p', 0, ['constructor', 'x']], 'lost'], [['p', 0, ['__proto__', [1, 0, [['x']]]]], 'lost'],
    [['p', 0, ['length', 'x']], 'lost'], [['p', 0, ['push', { a: { x: 'y' } }]], 'lost'], [['p', 0, [2, ['__proto__', 'constructor', [0, 'x']]]], 'lost'],
    [['p', 0, 7], 'lost'], [['p', 0, 'text'], 'lost'], [['p', 0, 0, 0, { f: 7 }], 'lost'], [['p', 0, [0, { a: { 'a b': 'x' } }]], 'lost'], ['p'], [[]], [null, 'lost'],
    [['p', 0, 0, 0, { e: [['__proto__', {}]], t: JSON.parse('{ "__proto__": 1 }') }]], [['r', '__proto__', 'x', 'y']], [['r', {}, [], {}, {}, {}]]
  ] as [unknown, string?][]) {
    const peer = await show('<b live-at="0*">b</b><p><!--1-->x</p><ul><!--{2:row--><!--,--><li><!--0-->1</li><!--]--></ul>')
    peer.socket.send(JSON.stringify(sent))
    const now = more[0] === 'lost' ? await server.joined() : peer
    now.send('p', 0, [1, 'goes on'])
    await applied(now)
    t.equal(await page.innerText('p'), 'goes on', JSON.stringify(sent))
    t.same(await page.evaluate('[Object.keys(Object.prototype), Object.keys(Array.prototype), typeof {}.kind, typeof [].kind, typeof Array.kind]'),
      [[], [], 'undefined', 'undefined', 'undefined'])
    problems.splice(0, Infinity, ...problems.filter((text) => more[0] !== 'lost'))
  }
})
