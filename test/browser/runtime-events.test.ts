import { readFileSync } from 'node:fs'
import t from 'tap'
import { livePage, servePage } from '../helpers/page-server.ts'
import type { Peer } from '../helpers/page-server.ts'
import { launch } from './chromium.ts'

const server = await servePage(t)
const { open } = await launch(t)
const { page, problems } = await open()
// The page's clock stands still but where a test moves it: no debounce is waited for.
await page.clock.install()
page.setDefaultTimeout(5000)

async function show (body: string): Promise<Peer> {
  server.html = livePage(body)
  await page.goto(server.url)
  const peer = await server.joined()
  await page.waitForSelector('[data-live=live]')
  await page.clock.pauseAt(await page.evaluate('Date.now() + 1000') as number)
  return peer
}

/** The events that the page has sent up to now: its acknowledgement of a last message comes after all of them. */
async function events (peer: Peer): Promise<unknown[][]> {
  await page.evaluate('void (globalThis.synced = new Promise((resolve) ' +
    '=> document.addEventListener("live:sync", resolve, { once: true })))')
  peer.send('p', 0, 0, 0, { e: [['sync']] })
  await page.evaluate('synced.then(() => null)')
  await page.clock.runFor(50)
  await peer.next('a')
  return peer.received.filter(([type]) => type === 'e')
}

t.afterEach(() => {
  if (problems.length) throw new Error(problems.splice(0).join('\n'))
})

t.test('a click says where it was, what it showed, and each one counts', async (t) => {
  const row = (id: number): string => '<!--,--><li>' +
    `<button live-click="pick" live-value-id="${id}" live-value-b="x" live-at="0:live-value-id @0">` +
    `<b><!--1-->${id}</b></button></li>`
  const peer = await show(`<!--[0:main--><ul><!--{2:r-->${row(1)}${row(2)}<!--]--></ul>` +
    '<button live-click="all" live-at="@3" disabled>all</button><!--]-->' +
    '<a href="/elsewhere" live-click="go" live-at="@1">go</a>')
  await page.click('li:nth-child(2) b')
  await page.click('li:nth-child(2) b')
  t.same(await events(peer), [['e', 1, 'pick', 'click', [0, 2, 1], 0, ['2', 'x']], ['e', 2, 'pick', 'click', [0, 2, 1], 0,
    ['2', 'x']]])
  t.equal(await page.getAttribute('li:nth-child(2) button', 'data-live-busy'), 'click')
  peer.send('p', 1)
  peer.send('p', 2, [0, [2, [2, 1, 1, 0, 1, 1, [['7', '7']]]]], {
    r: row(0).replace('<!--,-->', '').replace('"0"',
      '""').replace(/0<.b>/, '</b>')
  })
  await page.waitForSelector('li:nth-child(3)')
  t.equal(await page.locator('[data-live-busy]').count(), 0)
  await page.click('li:nth-child(1) b')
  await page.click('li:nth-child(2) b')
  await page.click('a')
  await page.locator('[disabled]').dispatchEvent('click')
  t.same((await events(peer)).slice(2).map((event) => event.slice(4)), [[[0, 2, 1], 0, ['2', 'x']], [[0, 2, 2], 0, ['7',
    'x']], [[], 1]],
  'rows keep their numbers, a new one has the next')
  t.equal(page.url(), server.url)
})

t.test('a click on a link with a key held is the browser\'s', async (t) => {
  const peer = await show('<a href="/elsewhere" live-click="go" live-at="@0">go</a><div live-click="row" live-at="@1">' +
    '<a href="#in">in</a></div>')
  await page.evaluate('document.addEventListener("click", (event) => { globalThis.prevented = event.defaultPrevented; ' +
    'event.preventDefault() })')
  await page.click('a >> nth=0', { modifiers: ['Control'] })
  t.equal(await page.evaluate('prevented'), false)
  await page.click('text=in')
  t.same(await events(peer), [])
})

t.test('a form is sent as a person expects, once, and locked until the answer', async (t) => {
  const peer = await show('<form live-submit="save" live-at="@0" action="/wrong" method="post"><input name="a" value="1">' +
    '<input name="a" value="2">' +
    '<input type="checkbox" name="b" value="yes" checked><input type="checkbox" name="c"><input name="off" disabled value="x">' +
    '<select name="m" multiple><option selected>x</option><option selected>y</option></select><select name="s"><option>one' +
      '</option></select>' +
    '<input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked><textarea name="t">text</textarea>' +
    '<input type="file" name="f"><button name="how" value="now">save</button></form>')
  await page.setInputFiles('[type=file]', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('secret') })
  await page.dblclick('button')
  t.same(await events(peer), [['e', 1, 'save', 'submit', [], 0, [],
    { a: ['1', '2'], b: 'yes', m: ['x', 'y'], s: 'one', r: '2', t: 'text', how: 'now' }]])
  t.same(await page.evaluate('[document.forms[0].ariaBusy, document.querySelector("button").ariaDisabled, ' +
    'document.activeElement.localName]'),
  ['true', 'true', 'button'], 'nothing is really disabled: the focus stays')
  peer.send('r', 1, 'invalid', 'Please look at the fields.', 'e-1')
  await page.waitForSelector('text=Please look at the fields. (e-1)')
  t.same(await page.evaluate('[document.forms[0].ariaBusy, document.querySelector("[role=status]").ariaLive]'), [null, 'polite'])
  await page.click('button')
  t.equal((await events(peer)).length, 2, 'unlocked')
})

t.test('typing is sent when it pauses, or before anything else is sent', async (t) => {
  const peer = await show('<input name="q" live-input="search" live-at="@0"><button live-click="go" live-at="@1">go</button>')
  await page.focus('input')
  await page.keyboard.type('ab')
  t.same(await events(peer), [])
  await page.clock.runFor(150)
  await page.keyboard.type('cd')
  await page.clock.runFor(500)
  t.same(await events(peer), [['e', 1, 'search', 'input', [], 0, [], { q: 'ab' }]], 'the next waits for the answer')
  peer.send('p', 1)
  t.same((await events(peer)).slice(1), [['e', 2, 'search', 'input', [], 0, [], { q: 'abcd' }]])
  await page.keyboard.type('e')
  await page.click('button')
  t.same((await events(peer)).slice(2).map((event) => [event[2], event[7]]), [['search', { q: 'abcde' }], ['go', undefined]])
})

t.test('eight events at most are unanswered, what comes after them waits in its order', async (t) => {
  const peer = await show('<button live-click="go" live-at="@0">go</button><input name="q" live-input="q" live-at="@1">')
  for (let k = 0; k < 10; k++) await page.click('button')
  await page.fill('input', 'a')
  await page.click('button')
  const names = async (): Promise<unknown[]> => (await events(peer)).map((event) => event[2])
  t.same(await names(), Array(8).fill('go'), 'a network that stalls delivers all at once: not more than the server takes')
  peer.send('p', 1)
  peer.send('p', 2)
  peer.send('p', 3)
  t.same((await names()).slice(8), ['go', 'go', 'q'])
  peer.send('r', 4, 'stale', 'Look again.')
  t.same((await names()).slice(11), ['go'])
})

t.test('an event over its limit is not sent before the time that the server names, and then one by one', async (t) => {
  const peer = await show('<button live-click="go" live-at="@0">go</button><button live-click="other" live-at="@1">other</button>')
  for (let k = 0; k < 3; k++) await page.click('text=go')
  peer.send('p', 1)
  peer.send('r', 2, 'limit', 'Too fast.', 'e-2', 400)
  peer.send('r', 3, 'limit', 'Too fast.', 'e-3', 400)
  await page.waitForSelector('[role=status]:text-is("Too fast.")')
  await page.click('text=go')
  await page.waitForSelector('text=That was too fast.')
  await page.click('text=other')
  t.same((await events(peer)).slice(3).map((event) => event[2]), ['other'], 'others are')
  peer.send('p', 4)
  await page.clock.runFor(400)
  await page.click('text=go')
  await page.click('text=go')
  t.equal((await events(peer)).length, 5)
  peer.send('p', 5)
  t.equal((await events(peer)).length, 6, 'the second with the first one\'s answer')
  peer.send('r', 6, 'limit', 'Too fast.', 'e-6', 400)
  await page.waitForSelector('[role=status]:text-is("Too fast.")')
})

t.test('typing over a limit is sent when its time has come, as it then is', async (t) => {
  const peer = await show('<input name="q" live-input="q" live-debounce="0" live-at="@0">')
  await page.focus('input')
  await page.keyboard.type('abc')
  t.same((await events(peer)).map((event) => event[7]), [{ q: 'a' }, { q: 'ab' }, { q: 'abc' }])
  for (const ref of [1, 2, 3]) peer.send('r', ref, 'limit', 'Too fast.', 'e', 700)
  await events(peer)
  await page.clock.runFor(500)
  await page.keyboard.type('d')
  t.equal((await events(peer)).length, 3)
  await page.clock.runFor(700)
  t.same((await events(peer)).slice(3).map((event) => event[7]), [{ q: 'abcd' }])
  t.equal(await page.textContent('[role=status]'), '', 'and nobody is told')
})

t.test('a key that is held down repeats as fast as it is answered', async (t) => {
  const peer = await show('<input name="k" live-keydown="key" live-at="@0">')
  await page.focus('input')
  for (let k = 0; k < 20; k++) await page.keyboard.down('ArrowDown')
  t.equal((await events(peer)).length, 1)
  peer.send('p', 1)
  await events(peer)
  for (let k = 0; k < 20; k++) await page.keyboard.down('ArrowDown')
  t.equal((await events(peer)).length, 2)
})

t.test('half a word of an input method is not sent', async (t) => {
  const peer = await show('<input name="q" live-input="search" live-at="@0">')
  await page.evaluate(`globalThis.q = document.querySelector('input'); q.value = 'か'
    q.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true }))`)
  await page.clock.runFor(1000)
  t.same(await events(peer), [])
  await page.evaluate("q.value = '価'; q.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }))")
  await page.clock.runFor(1000)
  t.same((await events(peer)).map((event) => event[7]), [{ q: '価' }])
})

t.test('live-debounce and live-throttle set the pace', async (t) => {
  const peer = await show('<input name="q" live-input="late" live-debounce="1000" live-at="@0">' +
    '<input name="b" live-input="blurred" live-debounce="blur" live-at="@1">' +
    '<button live-click="often" live-throttle="1000" live-at="@2">x</button>')
  await page.focus('[name=q]')
  await page.keyboard.type('a')
  await page.clock.runFor(900)
  t.same(await events(peer), [])
  await page.clock.runFor(100)
  t.equal((await events(peer)).length, 1)
  await page.focus('[name=b]')
  await page.keyboard.type('b')
  await page.clock.runFor(10_000)
  t.equal((await events(peer)).length, 1)
  await page.focus('[name=q]')
  t.match((await events(peer))[1], ['e', 2, 'blurred', 'input'])
  await page.click('button')
  await page.click('button')
  await page.clock.runFor(1000)
  await page.click('button')
  t.same((await events(peer)).slice(2).map((event) => event[2]), ['often', 'often'])
})

t.test('keys are filtered, focus, blur and change bring the value', async (t) => {
  const peer = await show('<input name="k" live-keydown="key" live-keys="Enter Escape Space" live-at="@0">' +
    '<input name="f" value="v" live-focus="in" live-blur="out" live-at="@1">' +
      '<input type="checkbox" name="c" live-change="tick" live-at="@2">' +
    '<form live-change="any" live-at="@3"><input name="x"><select name="y"><option>1</option><option>2</option></select></form>')
  await page.focus('[name=k]')
  for (const key of ['a', 'Enter', ' ', 'Escape', 'b']) await page.keyboard.press(key)
  await page.focus('[name=f]')
  await page.check('[name=c]')
  await page.uncheck('[name=c]')
  await page.selectOption('select', '2')
  t.same((await events(peer)).map((event) => [event[2], event[3], event[7]]), [
    ['key', 'keydown', { k: 'a', key: 'Enter' }], ['key', 'keydown', { k: 'a', key: ' ' }], ['key', 'keydown', {
      k: 'a ',
      key: 'Escape'
    }],
    ['in', 'focus', { f: 'v' }], ['out', 'blur', { f: 'v' }],
    ['tick', 'change', { c: 'on' }], ['tick', 'change', {}], ['any', 'change', { x: '', y: '2' }]
  ])
})

t.test('the golden refusals are told as they are, with an id only where somebody may ask for help', async (t) => {
  const golden = JSON.parse(readFileSync(new URL('../fixtures/refusals.json', import.meta.url), 'utf8')) as unknown[][]
  const peer = await show('<button live-click="go" live-at="@0">go</button>')
  for (let k = 0; k < 4; k++) await page.click('button')
  peer.send('p', 1)
  for (const message of golden) {
    peer.send(...message)
    const [, , reason, text, id] = message
    await page.waitForSelector(`[role=status]:text-is("${String(text)}${reason === 'error' ? ` (${String(id)})` : ''}")`)
  }
  t.equal(await page.locator('[data-live-busy]').count(), 0)
})

t.test('a refused tick is undone, and a stale click is told', async (t) => {
  const peer = await show('<input type="checkbox" name="c" live-change="tick" live-at="0* @0">' +
    '<button live-click="go" live-loading="wait" live-at="@1">go</button>')
  await page.evaluate('document.addEventListener("live:refused", ({ detail }) => { globalThis.refused = detail })')
  await page.check('input')
  peer.send('r', 1, 'denied', 'Not allowed.')
  await page.waitForSelector('input:not(:checked)')
  await page.click('button')
  t.equal(await page.getAttribute('button', 'class'), 'wait')
  peer.send('r', 2, 'stale', 'This has changed.')
  await page.waitForSelector('[role=status]:text("This has changed.")')
  t.match(await page.evaluate('refused'), { event: 'go', reason: 'stale' })
  t.equal(await page.getAttribute('button', 'class'), null)
})

t.test('what the server made of the typing is shown when the field is left', async (t) => {
  const peer = await show('<input name="q" value="" live-input="q" live-at="0:value @0"><button>x</button>')
  await page.focus('input')
  await page.keyboard.type(' a ')
  await page.clock.runFor(150)
  await peer.next('e')
  peer.send('p', 1, [0, 'a'])
  await events(peer)
  t.equal(await page.inputValue('input'), ' a ')
  await page.focus('button')
  t.equal(await page.inputValue('input'), 'a')
})

t.test('effects: flash, events for scripts, the query, and only pages of this origin', async (t) => {
  const peer = await show('<p><!--0-->x</p>')
  await page.evaluate('document.addEventListener("live:toast", ({ detail }) => { globalThis.toast = detail })')
  peer.send('p', 0, 0, 0, { f: [['info', 'Saved.']], e: [['toast', { n: 1 }]], u: 'page=2&q=a b' })
  await page.waitForSelector('text=Saved.')
  t.same(await page.evaluate('toast'), { n: 1 })
  t.equal(page.url(), `${server.url}?page=2&q=a%20b`)
  for (const path of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/\t/evil.example']) {
    peer.send('p', 0, 0, 0, { n: path })
  }
  await events(peer)
  t.equal(page.url(), `${server.url}?page=2&q=a%20b`)
  peer.send('p', 0, 0, 0, { n: '/next?a=1' })
  await page.waitForURL(`${server.url}next?a=1`)
  t.pass('and there it went')
})
