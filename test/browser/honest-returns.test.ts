/// <reference lib="dom" />
import { setTimeout } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { Page } from 'playwright-core'
import { defineView } from '../../plugin/index.ts'
import type { Violation } from '../../plugin/index.ts'
import { startLiveApp } from '../helpers/live-app.ts'
import { withFresh } from '../helpers/same-as-fresh.ts'
import { launch, watch } from './chromium.ts'
import { isLive, openLive } from './open-live.ts'
import { slowNetwork } from './slow-network.ts'

/* Pages that are left, lost, put to sleep, kept or fetched ahead, and come back. */

const chromium = await launch(t)
const status = '[data-live-status]'
const Text = Type.Object({ text: Type.String() })
const lost = (problems: string[]): void => {
  // The browser reports what it could not reach.
  problems.splice(0, Infinity, ...problems.filter((text) => !/WebSocket|ERR_/.test(text)))
}
const notes = `<p>{{ data.text }}</p><input name="text" value="{{ data.text }}" live-input="type"><button live-click="add">add {{ data.count }}</button>
  <form live-submit="save"><input name="draft"><button>save</button></form>`

function notesEvents (data: { text: string, count: number, wait: number }) {
  return {
    type: { payload: Text, run: ({ text }: { text: string }) => { data.text = text } },
    add: { run: async () => { data.count++; await setTimeout(data.wait) } },
    save: { payload: Type.Object({ draft: Type.String() }), run: ({ draft }: { draft: string }) => { data.text = draft } }
  }
}

t.test('asleep for a night: the socket is dead, the clock is ahead, and what was typed before is still there', async (t) => {
  const data = { text: '', count: 0, wait: 0 }
  const network = await slowNetwork(t)
  const live = await openLive(t, chromium, { template: notes, data, events: notesEvents(data), network })
  const { page } = live
  await page.fill('[name=draft]', 'half a letter')
  const client = await page.context().newCDPSession(page)
  // No clock goes on in a machine that sleeps but the one on the wall.
  await page.evaluate(() => {
    const { now } = Date
    Date.now = () => now() + 8 * 3_600_000
  })
  await client.send('Page.setWebLifecycleState', { state: 'frozen' })
  network.cut()
  data.text = 'changed by others'
  await setTimeout(300)
  await client.send('Page.setWebLifecycleState', { state: 'active' })
  await page.locator('p', { hasText: 'changed by others' }).waitFor()
  t.equal(await page.inputValue('[name=draft]'), 'half a letter')
  await page.click('text=save')
  await page.locator('p', { hasText: 'half a letter' }).waitFor()
  lost(live.problems)
  await live.end()
})

t.test('G04 a connection that is lost over and over, while things change and I type: nothing is missing in the end', async (t) => {
  const data = { text: '', count: 0, wait: 0 }
  const network = await slowNetwork(t)
  const live = await openLive(t, chromium, { template: notes, data, events: notesEvents(data), network })
  const { page } = live
  await page.focus('[name=text]')
  for (let k = 0; k < 5; k++) {
    await page.keyboard.type(`word ${k} `)
    await setTimeout(100 + 40 * k)
    network.deaf = k % 2 === 1
    data.count++
    live.change(() => {}).catch(() => {})
    const joined = page.evaluate(() => new Promise<void>((resolve) => {
      document.addEventListener('live:state', (event) => { if ((event as CustomEvent).detail.state === 'live') resolve() })
    }))
    await page.evaluate(() => {})
    network.cut()
    await joined
  }
  await page.locator('p', { hasText: /^word 0 word 1 word 2 word 3 word 4/ }).waitFor()
  await page.locator('button', { hasText: 'add 5' }).waitFor()
  t.equal(data.text, await page.inputValue('[name=text]'))
  lost(live.problems)
  await live.end()
})

t.test('a phone changes networks in the middle of a click: it acts once, and the person is told that nobody knows', async (t) => {
  const data = { text: '', count: 0, wait: 0 }
  const network = await slowNetwork(t)
  const live = await openLive(t, chromium, { template: notes, data, events: notesEvents(data), network })
  const { page } = live
  network.deaf = true
  await page.click('text=add')
  while (data.count === 0) await setTimeout(10)
  network.cut()
  await page.locator(status, { hasText: 'may not have gone through' }).waitFor()
  await isLive(page)
  await page.locator('button', { hasText: 'add 1' }).waitFor()
  network.deaf = true
  await page.fill('[name=text]', 'typed while it was lost')
  await setTimeout(300)
  network.cut()
  await page.locator('p', { hasText: 'typed while it was lost' }).waitFor()
  await isLive(page)
  t.equal(data.count, 1)
  lost(live.problems)
  await live.end()
})

t.test('without a network: told, nothing sent twice, typing kept and sent when it is back', async (t) => {
  const data = { text: '', count: 0, wait: 0 }
  const live = await openLive(t, chromium, { template: notes, data, events: notesEvents(data) })
  const { page } = live
  await page.context().setOffline(true)
  await page.locator(status, { hasText: 'Connection lost' }).waitFor()
  await page.click('text=add')
  await page.locator(status, { hasText: 'not sent' }).waitFor()
  await page.fill('[name=text]', 'offline')
  await page.context().setOffline(false)
  await page.locator('p', { hasText: 'offline' }).waitFor()
  t.equal(data.count, 0)
  lost(live.problems)
  await live.end()
})

t.test('the server restarts while I write: the draft stays, what I typed in a live field arrives', async (t) => {
  const data = { text: '', count: 0, wait: 0 }
  const live = await openLive(t, chromium, {
    template: notes, data, events: notesEvents(data), live: { secret: 'a secret that outlives the server, forty characters' }
  })
  const { page } = live
  await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  await page.fill('[name=draft]', 'half a letter')
  await live.restart(async () => {
    await page.fill('[name=text]', 'meanwhile')
    await page.fill('[name=draft]', 'a whole letter')
  })
  await page.locator('p', { hasText: 'meanwhile' }).waitFor()
  t.equal(await page.inputValue('[name=draft]'), 'a whole letter')
  await live.act(() => page.press('[name=draft]', 'Enter'))
  t.equal(data.text, 'a whole letter')
  t.ok(await page.evaluate(() => 'sameDocument' in window), 'without a page load')
  await live.end()
})

/** Pages of somebody who is signed in, and pages beside them that are not live. */
async function signedInApp (test: typeof t, live: object = {}) {
  const violations: Violation[] = []
  const mounted: string[] = []
  const health = { ill: false, failed: 0 }
  const desk = defineView({
    name: 'desk',
    template: 'desk.njk',
    access: 'user',
    state: ({ identity, query }) => {
      mounted.push(String(query.page ?? ''))
      if (health.ill) {
        health.failed++
        throw new Error('ill')
      }
      return { name: String(identity.name), page: String(query.page ?? '1'), count: 0 }
    },
    events: {
      add: { run: ({ state }) => { state.count++ } },
      turn: {
        run: ({ state, patchUrl }) => {
          state.page = '2'
          patchUrl({ page: '2' })
        }
      }
    }
  })
  const { app, url } = await startLiveApp(test as never, {
    live: {
      templates: {
        'desk.njk': `<html><head><title>Desk</title></head><body><p>secret of {{ name }}, page {{ page }}</p>
          <button live-click="add">add {{ count }}</button><button live-click="turn">turn</button><a href="/plain">away</a></body></html>`
      },
      signInUrl: '/plain',
      onViolation: (violation: Violation) => { violations.push(violation) },
      ...live
    },
    routes: (app) => {
      app.get('/favicon.ico', async (_request, reply) => reply.code(204).send())
      app.get('/in', async (request, reply) => {
        await request.session.regenerate()
        request.session.set('person', { id: 1, name: 'Ann' })
        return reply.redirect('/desk')
      })
      app.get<{ Querystring: { rules?: string } }>('/plain', async (request, reply) => reply.type('text/html').send(
        `<title>Plain</title><a href="/desk">desk</a>${request.query.rules
          ? `<script type="speculationrules">{"${request.query.rules}":[{"source":"list","urls":["/desk"],"eagerness":"immediate"}]}</script>`
          : ''}`))
      app.live('/desk', desk)
    }
  })
  const end = async (page: Page): Promise<void> => {
    test.same(violations.filter(({ weight }) => weight !== 'none'), [], 'nobody is warned')
    const { live, fresh } = await withFresh(page)
    test.same(live, fresh)
  }
  return { app, url, mounted, health, end }
}

// Chromium without a window keeps no pages for the back button ("disabled for delegate"): the events that it would send come
// from the test, all else is real.
t.test('back to a page that the browser has kept: it joins again; after a sign-out it shows nothing', async (t) => {
  const { app, url, end } = await signedInApp(t as never)
  const { page } = await chromium.open()
  t.teardown(() => page.context().close())
  page.setDefaultTimeout(5000)
  const leave = async (): Promise<void> => {
    await page.evaluate(() => {
      // A page that is kept has no timers; here they go on, and the pause before the next try may be none.
      Object.assign(window, { dice: Math.random })
      Math.random = () => 1000
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    })
    while (app.liveViews.connections.size > 0) await setTimeout(10)
    t.equal(await page.locator('p:visible').count(), 0)
  }
  const back = (): Promise<void> => page.evaluate(() => {
    Math.random = (window as unknown as { dice: () => number }).dice
    dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
  })
  await page.goto(`${url}/in`)
  await isLive(page)
  await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  await leave()
  await back()
  await page.locator('p:visible').waitFor()
  await page.click('text=add')
  await page.locator('button', { hasText: 'add 1' }).waitFor()
  t.ok(await page.evaluate(() => 'sameDocument' in window))
  await page.reload()
  await isLive(page)
  await end(page)
  await leave()
  await page.context().request.post(`${url}/sign-out`)
  await page.evaluate(() => {
    const look = (): void => {
      if (document.body.style.visibility !== 'hidden' && /secret/.test(document.body.textContent ?? '')) sessionStorage.setItem('seen', 'yes')
      requestAnimationFrame(look)
    }
    look()
  })
  await back()
  await page.waitForURL('**/plain')
  t.equal(await page.evaluate(() => sessionStorage.getItem('seen')), null)
  await page.goto(`${url}/desk`)
  await page.waitForURL('**/plain')
  t.equal(await page.locator('text=secret of Ann').count(), 0, 'nor does a page that is loaded anew')
})

t.test('two tabs: what one does is not done in the other, and signing out in one wipes both', async (t) => {
  const { url, end } = await signedInApp(t as never)
  const { page } = await chromium.open()
  t.teardown(() => page.context().close())
  page.setDefaultTimeout(5000)
  await page.goto(`${url}/in`)
  await isLive(page)
  const { page: other, problems } = watch(await page.context().newPage())
  await other.goto(`${url}/desk`)
  await isLive(other)
  await page.click('text=add')
  await page.locator('button', { hasText: 'add 1' }).waitFor()
  t.match(await other.innerText('button >> nth=0'), 'add 0')
  await end(other)
  await page.evaluate(() => fetch('/sign-out', { method: 'POST' }))
  await Promise.all([page, other].map((one) => one.waitForURL('**/plain')))
  t.same(problems, [])
})

t.test('Back after the address was changed leaves the page, Forward brings what the address says', async (t) => {
  const { url, end } = await signedInApp(t as never)
  const { page } = await chromium.open()
  t.teardown(() => page.context().close())
  page.setDefaultTimeout(5000)
  await page.goto(`${url}/plain`)
  await page.goto(`${url}/in`)
  await isLive(page)
  await page.click('text=turn')
  await page.waitForURL('**/desk?page=2')
  await page.goBack()
  await page.waitForURL('**/plain')
  await page.goForward()
  await page.waitForURL('**/desk?page=2')
  await isLive(page)
  t.match(await page.innerText('p'), 'page 2')
  await end(page)
})

t.test('fetched ahead and never looked at: nothing is kept for it; looked at, it is live', async (t) => {
  const { app, url, mounted, end } = await signedInApp(t as never)
  const { page } = await chromium.open()
  t.teardown(() => page.context().close())
  page.setDefaultTimeout(5000)
  await page.goto(`${url}/in`)
  await isLive(page)
  await page.goto(`${url}/plain?rules=prefetch`)
  while (app.liveViews.connections.size > 0 || mounted.length < 2) await setTimeout(10)
  t.same([app.liveViews.connections.size, app.liveViews.retained.size], [0, 0], 'no socket, nothing retained')
  await page.click('text=desk')
  await isLive(page)
  await page.click('text=add')
  await page.locator('button', { hasText: 'add 1' }).waitFor()
  await page.reload()
  await isLive(page)
  await end(page)
  // With developer tools attached, as here, Chromium prerenders nothing: its header and its flag come from the test.
  const prerendered = await page.context().newPage()
  await prerendered.setExtraHTTPHeaders({ 'sec-purpose': 'prefetch;prerender' })
  await prerendered.addInitScript(() => { Object.defineProperty(Document.prototype, 'prerendering', { get: () => true, configurable: true }) })
  await prerendered.goto(`${url}/desk`)
  t.same([app.liveViews.connections.size, app.liveViews.retained.size], [1, 0], 'only the page that is looked at')
  await prerendered.setExtraHTTPHeaders({})
  await prerendered.evaluate(() => {
    Reflect.deleteProperty(Document.prototype, 'prerendering')
    document.dispatchEvent(new Event('prerenderingchange'))
  })
  await isLive(prerendered)
  await prerendered.click('text=add')
  await prerendered.locator('button', { hasText: 'add 1' }).waitFor()
})

t.test('G05 a page whose every join is refused loads itself anew ten times, then says so and stays', async (t) => {
  let count = 0
  const { url } = await signedInApp(t as never, { identityKey: () => String(count++) })
  const { page } = await chromium.open()
  t.teardown(() => page.context().close())
  await page.addInitScript(() => { Math.random = () => 0.01 })
  let loads = 0
  page.on('request', (request) => { if (request.isNavigationRequest()) loads++ })
  await page.goto(`${url}/in`)
  await page.locator(status, { hasText: 'cannot be kept up to date' }).waitFor()
  await setTimeout(500)
  t.equal(loads, 12, 'the sign-in, the page, and ten times again')
  t.match(await page.innerText('p'), 'secret of Ann', 'what was shown stays')
})

t.test('G05 a page that cannot be mounted any more says that it is not connected, and goes on when it can', async (t) => {
  const { url, health, end } = await signedInApp(t as never)
  const { page } = await chromium.open()
  t.teardown(() => page.context().close())
  page.setDefaultTimeout(10_000)
  await page.goto(`${url}/in`)
  await isLive(page)
  let loads = 0
  page.on('request', (request) => { if (request.isNavigationRequest()) loads++ })
  health.ill = true
  await page.context().setOffline(true)
  await page.context().setOffline(false)
  await page.locator(status, { hasText: 'Connection lost' }).waitFor()
  while (health.failed < 2) await setTimeout(20)
  health.ill = false
  await isLive(page)
  await page.locator(status, { hasText: 'Connected again' }).waitFor()
  t.equal(loads, 0, 'without a page load')
  await end(page)
})
