import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { backoff, mayReload } from '../../runtime/backoff.ts'
import { livePage, servePage } from '../helpers/page-server.ts'
import type { Peer } from '../helpers/page-server.ts'
import { launch } from './chromium.ts'

const server = await servePage(t)
const { open } = await launch(t)
const { page, problems } = await open()
page.setDefaultTimeout(5000)
await page.clock.install()
// Before the runtime loads: it keeps the browser's own.
await page.addInitScript('Object.defineProperty(Document.prototype, "visibilityState", { get: () => globalThis.visibility ?? "visible" })')

async function show (body: string, head?: string): Promise<Peer> {
  // The page of the test before may be loading itself anew just now.
  await page.goto('about:blank').catch(() => {})
  server.html = livePage(body, head)
  await page.goto(server.url)
  const peer = await server.joined()
  if (server.answer) await page.waitForSelector('[data-live=live]')
  await page.clock.pauseAt(await page.evaluate('Date.now() + 1000') as number)
  return peer
}

/** Everything sent so far has been applied. */
async function applied (peer: Peer): Promise<void> {
  await page.evaluate('void (globalThis.synced = new Promise((resolve) ' +
    '=> document.addEventListener("live:sync", resolve, { once: true })))')
  peer.send('p', 0, 0, 0, { e: [['sync']] })
  await page.evaluate('synced.then(() => null)')
  await page.clock.runFor(50)
}

async function lose (peer: Peer, code?: number): Promise<void> {
  if (code) peer.socket.close(code)
  else peer.socket.terminate()
  await page.waitForSelector('html:not([data-live=live])', { state: 'attached' })
}

/** Lets the longest wait pass, and gives the peer of the join that follows. */
async function rejoined (): Promise<Peer> {
  const joined = server.joined()
  let peer: Peer | null = null
  while (peer === null) {
    await page.clock.runFor(31_000)
    // A try that was refused may be told later than that: the next one waits for the clock again.
    peer = await Promise.race([joined, setTimeout(1000, null)])
  }
  await page.waitForSelector('[data-live=live]', { state: 'attached' })
  return peer
}

t.afterEach(() => {
  server.answer = ['j', 0, 0]
  server.open = true
  const found = problems.splice(0).filter((text) => !/WebSocket connection to|ERR_|status of 401/.test(text))
  if (found.length) throw new Error(found.join('\n'))
})

/** The protocol's digest over a list of numbers. */
function digestOf (...numbers: number[]): number {
  return numbers.reduce((hash, n) => Math.imul(hash ^ n, 16777619) >>> 0, 2166136261)
}

t.test('the join says token, digest and whether the page is as it was sent; later ones take the whole tree over', async (t) => {
  const row = (id: number): string => `<!--,--><li><button live-click="pick" live-at="@0"><!--0-->${id}</button></li>`
  const peer = await show(`<!--[0:main--><p><!--0-->x</p><!--]--><ul><!--{1:row-->${row(1)}${row(2)}<!--]--></ul><!--(2-->` +
    '<i>h</i><!--]-->' +
    '<input name="q" class="a" title="t" data-x="1" value="" live-at="3*">')
  const digest = digestOf(1, 0, 5, 8 + 2, 4, 6 + 8, 0, 4, 6 + 8, 0, 5, 16 + 3, 5, 6 + 8)
  t.same(peer.received[0], ['j', 't0', digest, 1])
  await page.fill('input', 'typed')
  peer.send('p', 0, [1, [2, 1, 1, 0]], 0, { t: 't1' })
  await applied(peer)
  server.answer = ['j', {
    s: 'root',
    v: [{ s: 'main', v: ['y'] }, { l: 'row', r: [['2'], ['1'], ['3']] }, {
      h: '<b>h' +
      '</b>'
    }, { a: { name: 'q', class: 'b', value: '', 'data-x': '1' } }]
  }, { row: '<li><button live-click="pick" live-at="@0"><!--0--></button></li>' }, { t: 't2' }]
  await page.evaluate('globalThis.first = document.querySelector("li")')
  await lose(peer, 1012)
  const next = await rejoined()
  t.same(next.received[0]?.slice(0, 2), ['j', 't1'])
  t.equal(next.received[0]?.[3], 0)
  await applied(next)
  t.equal(await page.evaluate('document.body.innerText.replace(/\\s+/g, " ").trim()'), 'y 2 1 3 h')
  t.equal(await page.evaluate('first === document.querySelector("li")'), true, 'rows that stay are not made anew')
  t.equal(await page.inputValue('input'), 'typed')
  t.same(await page.evaluate('document.querySelector("input").getAttributeNames().sort()'), ['class', 'data-x', 'live-at',
    'name', 'value'])
  await page.click('li:first-child button')
  t.same((await next.next('e')).slice(4, 6), [[1, 0], 0], 'rows are numbered anew')
})

t.test('offline: the person is told, clicks are refused, typing is sent after the rejoin', async (t) => {
  const peer = await show('<input name="q" live-input="q" live-at="@0"><button live-click="go" live-at="@1">go</button>' +
    '<form live-submit="save" live-at="@2"><input name="x"><button>save</button></form>')
  server.open = false
  await lose(peer)
  await page.clock.runFor(900)
  t.equal(await page.locator('[role=status]:visible').count(), 0, 'short breaks are not worth a word')
  await page.clock.runFor(200)
  t.match(await page.innerText('[role=status]'), /Connection lost/)
  await page.click('text=go')
  t.match(await page.innerText('[role=status]'), /not sent/)
  await page.clock.runFor(7000)
  t.match(await page.innerText('[role=status]'), /Connection lost/, 'which is said again, as long as it is')
  await page.fill('[name=x]', 'kept')
  await page.click('text=save')
  t.equal(await page.inputValue('[name=x]'), 'kept')
  t.equal(page.url(), server.url, 'nor is it sent the old way')
  await page.fill('[name=q]', 'a')
  await page.fill('[name=q]', 'ab')
  server.open = true
  const next = await rejoined()
  t.same((await next.next('e')).slice(1), [1, 'q', 'input', [], 0, [], { q: 'ab' }])
  t.match(await page.innerText('[role=status]'), 'Connected again')
  t.equal(next.received.filter(([type]) => type === 'e').length, 1)
})

t.test('a click whose answer was lost with the connection is not passed over in silence', async (t) => {
  const peer = await show('<button live-click="go" live-at="@0">go</button>')
  await page.click('button')
  await peer.next('e')
  server.open = false
  await lose(peer)
  t.equal(await page.locator('[data-live-busy]').count(), 0)
  await page.clock.runFor(1000)
  t.match(await page.innerText('[role=status]'), 'may not have gone through')
  server.open = true
  t.same((await rejoined()).received.map(([type]) => type), ['j'], 'it is not sent twice')
})

t.test('what is clicked before the join waits for it', async (t) => {
  server.answer = null
  const peer = await show('<button live-click="go" live-at="@0">go</button>')
  t.equal(await page.getAttribute('html', 'data-live'), 'connecting')
  await page.click('button')
  peer.send('j', 0, 0)
  t.same((await peer.next('e')).slice(1, 4), [1, 'go', 'click'])
})

t.test('but not for a join that comes later than the person can expect', async (t) => {
  server.answer = null
  const peer = await show('<button live-click="go" live-at="@0">go</button>')
  await page.click('button')
  server.answer = ['j', 0, 0]
  peer.socket.terminate()
  await page.waitForSelector('[data-live=offline]')
  const next = await rejoined()
  await applied(next)
  t.same(next.received.filter(([type]) => type === 'e'), [])
  t.match(await page.innerText('[role=status]'), /Connected again|may not have gone through/)
})

t.test('I03 an ended session wipes the page at once and loads it anew', async (t) => {
  const peer = await show('<p>secret</p><form name="body"></form>', '<title>secret</title><meta name="description" content="secret">' +
    '<script type="application/json">["secret"]</script>')
  server.html = livePage('<p>sign in</p>')
  await lose(peer, 4401)
  t.equal(await page.evaluate('document.querySelector("body").childNodes.length'), 0)
  t.notMatch(await page.content(), /secret|t0/, 'nor does anything stay in the head, or the token')
  t.match(await page.innerText('[role=status]'), 'session has ended')
  await page.clock.runFor(1000)
  await server.joined()
  t.equal(await page.innerText('p'), 'sign in')
})

t.test('a page that is refused while it reconnects does not stay on the screen', async (t) => {
  const peer = await show('<p>secret</p>')
  server.open = false
  server.status = 401
  server.html = livePage('<p>sign in</p>')
  await lose(peer)
  for (let i = 0; i < 40 && await page.locator('text=secret').count() > 0; i++) {
    await page.clock.runFor(31_000)
    await page.waitForLoadState('networkidle')
  }
  t.equal(await page.locator('text=secret').count(), 0)
  server.status = 200
})

t.test('a page that cannot join stops loading itself anew', async (t) => {
  const peer = await show('<p>x</p>')
  await page.evaluate('sessionStorage.setItem("live-reloads", JSON.stringify(Array(10).fill(Date.now())))')
  await lose(peer, 4409)
  t.match(await page.innerText('[role=status]'), 'cannot be kept up to date')
  t.equal(await page.getAttribute('html', 'data-live'), 'ended')
  await page.clock.runFor(60_000)
  t.equal(server.peers[server.peers.length - 1], peer)
  await page.evaluate('sessionStorage.clear()')
})

t.test('a hidden tab waits until somebody looks', async (t) => {
  const peer = await show('<p>x</p>')
  await page.evaluate('globalThis.visibility = "hidden"')
  await lose(peer)
  await page.clock.runFor(600_000)
  t.equal(server.peers[server.peers.length - 1], peer)
  await page.evaluate('globalThis.visibility = "visible"; document.dispatchEvent(new Event("visibilitychange"))')
  t.ok(await rejoined())
})

t.test('a page from the back button shows nothing before it has joined again', async (t) => {
  const peer = await show('<p>secret</p>')
  const closed = new Promise((resolve) => peer.socket.once('close', resolve))
  await page.evaluate('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))')
  await closed
  t.equal(await page.locator('p:visible').count(), 0)
  server.answer = null
  await page.evaluate('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))')
  const next = await server.joined()
  t.equal(await page.locator('p:visible').count(), 0)
  next.send('j', 0, 0)
  await page.waitForSelector('p:visible')
  t.pass('shown again')
})

t.test('a prerendered page joins when it is shown', async (t) => {
  const { page: hidden } = await open()
  await hidden.addInitScript('Object.defineProperty(Document.prototype, "prerendering", { get: () => true, configurable: true })')
  const before = server.peers.length
  server.html = livePage('<p>x</p>')
  await hidden.goto(server.url)
  t.equal(server.peers.length, before)
  await hidden.evaluate('delete Document.prototype.prerendering; document.dispatchEvent(new Event("prerenderingchange"))')
  await server.joined()
  await hidden.waitForSelector('[data-live=live]')
  await hidden.context().close()
})

t.test('a patch that does not fit costs a join, not the page', async (t) => {
  const peer = await show('<p><!--0-->x</p>')
  server.answer = ['j', { s: 'root', v: ['new'] }]
  peer.send('p', 0, [7, 'nowhere'])
  await page.waitForSelector('[data-live=offline]')
  const next = await rejoined()
  t.equal(next.received[0]?.[3], 0)
  await page.waitForSelector('p:text("new")')
  t.match(problems.splice(0), [/no part 7/])
})

t.test('scripts can close and open the connection', async (t) => {
  await show('<p>x</p>')
  await page.evaluate('fastifyLiveView.disconnect()')
  t.equal(await page.evaluate('fastifyLiveView.state'), 'offline')
  await page.clock.runFor(60_000)
  t.equal(await page.textContent('[role=status]'), '', 'nothing is lost')
  await page.evaluate('fastifyLiveView.connect()')
  await server.joined()
  await page.waitForSelector('[data-live=live]')
})

t.test('clients of a restarted server come spread over time', async (t) => {
  t.equal(backoff(0, () => 1), 500)
  t.equal(backoff(40, () => 1), 30_000)
  let seed = 1
  const random = (): number => (seed = seed * 48271 % 2147483647) / 2147483647
  const seconds = new Map<number, number>()
  for (let i = 0; i < 10_000; i++) {
    const second = Math.floor(backoff(6, random) / 1000)
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
  }
  t.ok(Math.max(...seconds.values()) < 3 * 10_000 / seconds.size)
  t.equal(mayReload(Array(10).fill(1000), 61_001), true)
  t.equal(mayReload(Array(10).fill(1000), 60_000), false)
})
