/// <reference lib="dom" />
// What is planted is easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import { Type } from '@sinclair/typebox'
import type { Page } from 'playwright-core'
import t from 'tap'
import { HONEST_TEMPLATE, OPEN_PLACES, itemOf } from '../helpers/honest-template.ts'
import type { Item } from '../helpers/honest-template.ts'
import { HOSTILE_VALUES } from '../helpers/hostile-values.ts'
import { shownBy } from '../helpers/same-as-fresh.ts'
import { launch } from './chromium.ts'
import { isLive, openLive } from './open-live.ts'

// What people write into an honest page, in a browser that would run it: no policy is in the way but one that allows scripts
// of every kind. The values come with the page itself, and again as patches to a page that is open.

const chromium = await launch(t)
const GROUP = 28
// Those that a malicious server sends are tried, as what it sends, beside this.
const VALUES = HOSTILE_VALUES.filter(([name]) => !name.startsWith('patch: '))
const groups = Array.from({ length: Math.ceil(VALUES.length / GROUP) }, (_, k) =>
  Array.from({ length: GROUP }, (_, n) => VALUES[(k * GROUP + n) % VALUES.length] as readonly [string, unknown]))
const itemsOf = (group: ReadonlyArray<readonly [string, unknown]>): Item[] => group.map(([, value], k) => itemOf(k, value))
const harmless = (): Item[] => Array.from({ length: GROUP }, (_, k) => itemOf(k, 'harmless'))

/** Runs in the page: what it holds of each kind, what is in it that must not be, and what happens where everything is pressed. */
const LOOK = `
globalThis.hits = []
globalThis.hit = (what) => { hits.push(String(what ?? 'hit')) }
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) globalThis[name] = (what) => hit(name + ' ' + what)
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => hit('violates ' + violatedDirective + ' ' + blockedURI))
const OPEN = ${JSON.stringify(OPEN_PLACES)}.map((name) => '[data-place="' + name + '"]').join()
const FOLLOWED = /^(?:https?|mailto|tel):$/
// Whatever is followed is followed for real, but for what leads to a page.
for (const type of ['click', 'submit']) {
  addEventListener(type, (event) => {
    const { target, submitter } = event
    const link = target.closest('a,area')
    const address = type === 'submit' ? submitter?.hasAttribute('formaction') ? submitter.formAction : target.getAttribute('action') ?? '' : link && (link.href.baseVal ?? link.href)
    if (typeof address !== 'string') return
    const url = URL.canParse(address, location.href) ? new URL(address, location.href) : null
    if (url && !FOLLOWED.test(url.protocol)) hit(type + ' ' + address)
    else event.preventDefault()
  })
}
const press = (element) => element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, composed: true }))
globalThis.look = async () => {
  const counts = {}
  const wrong = []
  const count = (what) => { counts[what] = (counts[what] ?? 0) + 1 }
  for (const element of document.querySelectorAll('*')) {
    const { localName } = element
    // The runtime's own: what it tells people of the connection.
    if (element.closest('[data-live-status]')) continue
    if (!element.parentElement?.closest(OPEN)) count(localName)
    else if (/^(?:script|style|iframe|object|embed|svg|math|form|input|button|link|meta|base|template|video|audio)$/.test(localName)) wrong.push('cleaned <' + localName + '>')
    for (const { name, value } of element.attributes) {
      if (/^on|^srcdoc$/i.test(name)) wrong.push(localName + ' ' + name)
      if (!element.closest(OPEN)) count(localName + ' ' + name)
      if (!/^(?:xlink:)?href$|^(?:form)?action$|^src$|^poster$|^cite$/.test(name) || !URL.canParse(value, location.href)) continue
      const { protocol } = new URL(value, location.href)
      const isPicture = /^(?:src|poster)$/.test(name) && /^data:image\\/(?:png|gif|jpeg|webp|avif)[;,]/i.test(value)
      if (!FOLLOWED.test(protocol) && !isPicture) wrong.push(localName + ' ' + name + '=' + value)
    }
    // The browser's own reading of the style: one property that the template named, or none where it says nothing valid.
    for (const property of element.style ?? []) if (!/^(?:color|top|--x|width|background.*|fill)$/.test(property)) wrong.push(localName + ' style ' + property)
    if (element.shadowRoot) wrong.push('shadow root')
  }
  for (const script of document.scripts) if (script.type === 'application/json') JSON.parse(script.text)
  const before = location.href.split('#')[0]
  for (const element of document.querySelectorAll('a,area,button:not([live-click]),input[type=submit]')) press(element)
  for (const form of document.forms) HTMLFormElement.prototype.requestSubmit.call(form)
  for (const field of document.querySelectorAll('input,textarea,select,details,[tabindex]')) field.focus()
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
  await new Promise((resolve) => setTimeout(resolve))
  if (location.href.split('#')[0] !== before) wrong.push('moved to ' + location.href)
  if (document.body === null || globalThis.fastifyLiveView === undefined) wrong.push('the page is gone')
  return { counts, wrong: [...new Set(wrong)], hits: hits.splice(0) }
}`

/** What parsers and UTF-8 change in a text is no difference: returns, NUL, half characters. */
const same = (text: string): string => Buffer.from(text).toString().replace(/\r\n?/g, '\n').replace(/[\0\ufffd]/g, '')

/** The page's elements, attributes and texts; of styles what the browser makes of them: in patches it leaves out what is not valid. */
async function shown (page: Page): Promise<string[]> {
  const lines = (await shownBy(page)).map((line) => same(line).replace(/ style=\S*/, ''))
  const styles = await page.evaluate('Array.from(document.querySelectorAll("[style]"), ({ style }) => style.cssText)') as string[]
  return [...lines.filter((line) => !/^ *""$/.test(line)), ...styles]
}

function differences (patched: readonly string[], loaded: readonly string[]): string[] {
  const all = patched.flatMap((line, k) => line === loaded[k] ? [] : [`${line.slice(0, 300)} instead of ${String(loaded[k]).slice(0, 300)}`])
  if (patched.length !== loaded.length) all.push(`${patched.length} instead of ${loaded.length}`)
  return all.slice(0, 5)
}

interface Seen { readonly counts: Record<string, number>, readonly wrong: string[], readonly hits: string[] }

t.test('H01 H02 K01 whatever I am called, nothing of it runs in a browser that would let it, at first and when it changes', async (t) => {
  const live = await openLive(t, chromium, {
    template: HONEST_TEMPLATE,
    data: { one: itemOf(0, 'harmless'), items: harmless() },
    events: { pick: { payload: Type.Object({ text: Type.String() }) }, wipe: {} },
    live: { rateLimit: { rate: 1000, burst: 1000 } },
    before: (app) => {
      app.addHook('onSend', async (_request, reply) => {
        reply.header('content-security-policy', "script-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob: https:; object-src *; base-uri *")
      })
    }
  })
  const { page, change, problems, handled, url } = live
  const bad: string[] = []
  const origin = new URL(url).origin
  page.on('dialog', (dialog) => { bad.push(`a dialog: ${dialog.message()}`); void dialog.dismiss() })
  page.context().on('page', (other) => { other.on('dialog', (dialog) => { bad.push('a dialog elsewhere'); void dialog.dismiss() }) })
  page.on('frameattached', () => bad.push('a frame'))
  await page.addInitScript(LOOK)
  await page.context().route('**/*', async (route) => {
    const request = route.request()
    const type = request.resourceType()
    const path = new URL(request.url()).pathname
    if (request.url().startsWith(origin) && (type === 'document' || path.endsWith('/live-view.js'))) return route.fallback()
    // Pictures are asked for wherever they are, and say nothing but that; so is what a page is told to ping.
    if (!/^(?:image|media|ping)$/.test(type) && path !== '/favicon.ico') bad.push(`a request for ${type}: ${request.url()}`)
    return route.abort()
  })
  const look = (): Promise<Seen> => page.evaluate('look()')
  await page.reload()
  await isLive(page)
  const { counts, ...none } = await look()
  t.same(none, { wrong: [], hits: [] })

  // Each look finds what it looks for: on a page where it is.
  const planted: ReadonlyArray<readonly [string, RegExp]> = [
    ['<a href="javascript:hit(1)">x</a>', /hit.*click javascript:/], ['<a href="java&Tab;script:hit(2)">x</a>', /click javascript:/], ['<img src="x:" onerror="hit(3)">', /img onerror/],
    ['<form action="javascript:hit(4)"></form>', /submit javascript:/], ['<form><button formaction="javascript:hit(5)"></button></form>', /submit javascript:/], ['<svg><a href="javascript:hit(6)"><text>x</text></a></svg>', /click javascript:/],
    ['<p style="position: fixed"></p>', /style position/], ['<input onfocus="hit(7)">', /7/], ['<b></b>', /"b":/]
  ]
  for (const [html, finds] of planted) {
    // eslint-disable-next-line no-unsanitized/method -- that it is not clean is what is tested
    await page.evaluate((html) => { document.body.insertAdjacentHTML('beforeend', `<div id="planted">${html}</div>`) }, html)
    const { counts: more, ...found } = await look()
    t.match(JSON.stringify({ ...found, more: more['b'] === counts['b'] ? {} : { b: more['b'] } }), finds, html)
    await page.evaluate(() => { document.querySelector('#planted')?.remove() })
  }
  bad.splice(0)

  async function check (what: string, group: ReadonlyArray<readonly [string, unknown]>): Promise<void> {
    const seen = await look()
    t.same({ ...seen, bad: bad.splice(0) }, { counts, wrong: [], hits: [], bad: [] }, `${what}: ${group.map(([name]) => name).join(', ')}`)
  }
  const show = (items: readonly Item[]) => (now: { one: Item, items: Item[] }): void => {
    now.items = [...items]
    now.one = items[0] as Item
  }
  for (const [k, group] of groups.entries()) {
    await change(show(itemsOf(group)))
    const patched = await shown(page)
    await check('as a patch', group)
    await page.reload()
    await isLive(page)
    t.same(differences(patched, await shown(page)), [], `what is patched is what is loaded, group ${k}`)
    await check('as a page', group)
  }
  await change(show(harmless()))
  await check('harmless again', [])
  t.same(handled, [], 'no control but those of the template')
  const markers = HOSTILE_VALUES.filter(([name]) => name.startsWith('own: ') || name.startsWith('polyglot: ')).slice(0, GROUP)
  await change(show(itemsOf([...markers, ...groups[0] as typeof markers].slice(0, GROUP))))
  for (const k of [3, 8, markers.length - 1]) {
    await live.act(() => page.locator('section').nth(k).locator('[live-click=pick]').dispatchEvent('click'))
    t.same(handled.at(-1), ['pick', { text: markers[k]?.[1] }], `pressed: ${String(markers[k]?.[0])}`)
  }
  t.same(live.refused, [])
  problems.splice(0, Infinity, ...problems.filter((text) => !/ERR_FAILED|Failed to load/.test(text)))
  t.same(problems, [])
})
