/// <reference lib="dom" />
import helmet from '@fastify/helmet'
import t from 'tap'
import { defineView } from '../../plugin/index.ts'
import { startLiveApp } from '../helpers/live-app.ts'
import { launch, watch } from './chromium.ts'
import { isLive, openExample, shows, signIn } from './open-example.ts'

const { browser } = await launch(t)

t.test('after a restart of the server the page goes on, with what was typed meanwhile', async (t) => {
  const example = await openExample(60)
  t.teardown(() => example.close())
  const page = await browser.newPage()
  t.teardown(() => page.close())
  await signIn(page, example.origin)
  await isLive(page)
  await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  await example.restart(async () => {
    await page.locator('html[data-live=offline]').waitFor({ state: 'attached' })
    await shows(page, '.connection', 'Connection lost')
    await page.locator('#q').pressSequentially('n-1000')
  })
  await shows(page, '#count', /^9$/)
  t.equal(await page.inputValue('#q'), 'n-1000')
  t.notMatch(await page.innerText('.connection'), 'lost')
  t.ok(await page.evaluate(() => 'sameDocument' in window), 'without a page load')
  await page.click('tbody .column-number a')
  await page.locator('.detail').waitFor()
})

t.test('signing out in one tab ends the page in the other', async (t) => {
  const example = await openExample(60)
  t.teardown(() => example.close())
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const [one, other] = [await context.newPage(), await context.newPage()]
  await signIn(one, example.origin)
  await other.goto(`${example.origin}/orders`)
  await isLive(other)
  const wiped = other.waitForFunction(() => !/N-10\d\d\d/.test(document.body.textContent ?? ''))
  const moved = other.waitForURL('**/sign-in')
  await one.click('text=Sign out')
  await wiped
  await moved
  await other.goBack()
  t.notMatch(await other.content(), /N-10\d\d\d/, 'and going back shows nothing')
})

t.test('I02 I03 after a sign-out I go back, load anew, look into the cache: no order, not for a moment', async (t) => {
  const example = await openExample(60)
  t.teardown(() => example.close())
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const seen: string[] = []
  await context.exposeBinding('sawOrder', ({ page }) => { seen.push(page.url()) })
  await context.addInitScript(() => {
    const look = (): void => { if (/N-10\d\d\d/.test(document.documentElement?.textContent ?? '')) (window as unknown as { sawOrder (): void }).sawOrder() }
    new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true })
    addEventListener('pageshow', look)
  })
  const [page, other] = [await context.newPage(), await context.newPage()]
  await signIn(page, example.origin)
  await isLive(page)
  // A tab without the runtime: nothing in it hears of the sign-out.
  await other.route('**/live-view.js*', (route) => route.abort())
  await other.goto(`${example.origin}/orders`)
  await page.goto(`${example.origin}/orders?status=open`)
  await isLive(page)
  // What a duplicated or restored tab, and "view source", would take: the browser's own copy, however old.
  const copyOf = (): Promise<string> => page.evaluate((url) =>
    fetch(url, { cache: 'only-if-cached', mode: 'same-origin' }).then((answer) => answer.text(), () => ''), `${example.origin}/orders?status=open`)
  t.notMatch(await copyOf(), /N-10\d\d\d/, 'there is none, not even for who is signed in')
  await page.click('text=Sign out')
  await page.waitForURL('**/sign-in')
  t.match(await other.content(), /N-10\d\d\d/, 'paper is patient')
  t.ok(seen.length > 0)
  seen.splice(0)

  for (let back = 0; back < 2; back++) {
    await page.goBack()
    t.match(page.url(), /sign-in$/)
    t.notMatch(await page.content(), /N-10\d\d\d/)
  }
  await other.reload()
  t.match(other.url(), /sign-in$/)
  t.notMatch(await copyOf(), /N-10\d\d\d/)
  const twin = page.waitForEvent('popup')
  await page.evaluate(() => { window.open('/orders') })
  await (await twin).waitForURL('**/sign-in')
  t.same(seen, [])
})

const greet = defineView({
  name: 'greet',
  template: 'greet.njk',
  access: 'public',
  state: () => ({ count: 0 }),
  events: { add: { run: ({ state }) => { state.count++ } } }
})
const greetTemplates = {
  'greet.njk': '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Greet</title><script src="/own.js" nonce="{{ nonce }}"></script></head>' +
    '<body><p>count {{ count }}</p><button live-click="add">+</button></body></html>'
}

t.test('H06 under @fastify/helmet with nonces, also where only they count, the page is live and nothing is refused', async (t) => {
  for (const scriptSrc of [["'self'"], ["'strict-dynamic'"]]) {
    const { url } = await startLiveApp(t as never, {
      live: { templates: greetTemplates, globals: ({ reply }) => ({ nonce: reply.cspNonce.script }), globalNames: ['nonce'] },
      before: (app) => app.register(helmet, { enableCSPNonces: true, contentSecurityPolicy: { directives: { scriptSrc } } }),
      routes: (app) => {
        app.get('/own.js', async (request, reply) => reply.type('text/javascript').send('window.own = true'))
        app.get('/favicon.ico', async (request, reply) => reply.code(204).send())
        app.live('/greet', greet)
      }
    })
    const context = await browser.newContext()
    const { page, problems } = watch(await context.newPage())
    await page.goto(`${url}/greet`)
    await isLive(page)
    await page.click('button')
    await shows(page, 'p', 'count 1')
    t.equal(await page.evaluate(() => (window as unknown as { own: boolean }).own), true, "a template's own script has the nonce")
    // The next join brings another nonce for the same page.
    await page.evaluate('fastifyLiveView.disconnect(); fastifyLiveView.connect()')
    await shows(page, 'p', 'count 0')
    await page.click('button')
    await shows(page, 'p', 'count 1')
    t.same(problems, [])
    await context.close()
  }
})

t.test('H07 I put the page into a frame: another origin never, its own where the route says so', async (t) => {
  const { url } = await startLiveApp(t as never, {
    live: { templates: greetTemplates, globals: () => ({ nonce: '' }), globalNames: ['nonce'] },
    routes: (app) => {
      app.get('/favicon.ico', async (request, reply) => reply.code(204).send())
      app.get('/frame', async (request, reply) => reply.type('text/html').send(`<iframe src="${(request.query as { of: string }).of}"></iframe>`))
      app.live('/greet', greet).live('/framed', greet, { live: { frameAncestors: 'self' } })
    }
  })
  const context = await browser.newContext()
  t.teardown(() => context.close())
  const page = await context.newPage()
  const framed = async (from: string, path: string): Promise<string> => {
    await page.goto(`${from}/frame?of=${url}${path}`)
    return (await page.frames()[1]?.locator('body').innerText() ?? '').includes('count 0') ? 'shown' : 'refused'
  }
  const otherOrigin = url.replace('127.0.0.1', 'localhost')
  t.equal(await framed(otherOrigin, '/greet'), 'refused')
  t.equal(await framed(otherOrigin, '/framed'), 'refused')
  t.equal(await framed(url, '/greet'), 'refused')
  t.equal(await framed(url, '/framed'), 'shown')
})
