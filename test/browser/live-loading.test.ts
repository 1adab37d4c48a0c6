/// <reference lib="dom" />
import t from 'tap'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'
import { defineView } from '../../plugin/index.ts'
import { startLiveApp } from '../helpers/live-app.ts'
import { strictPolicy } from '../helpers/page-server.ts'
import { withFresh } from '../helpers/same-as-fresh.ts'
import { launch } from './chromium.ts'
import { documentOf, isLive } from './open-live.ts'

const chromium = await launch(t)

type State = Record<string, unknown>

interface Asked {
  readonly fields: { readonly columns: readonly string[] }
  readonly state: State
}

interface Loader {
  readonly load: (asked: Asked) => unknown
  readonly deferred?: boolean
  readonly fallback?: string
}

interface LoadingOptions {
  /** What stands in the body. */
  readonly body: string
  readonly head?: string
  /** Further templates. */
  readonly others?: Record<string, string>
  readonly state?: State
  readonly loaders: Record<string, Loader>
  readonly events?: Record<string, (state: State) => void>
}

interface Loading {
  readonly page: Page
  readonly url: string
  readonly problems: string[]
  /** Loaders that fail from now on. */
  readonly failing: Set<string>
  /** Each run of a loader that has begun: `name column,column`. */
  readonly runs: string[]
  /** From now on these loaders wait; the function that comes of it lets them go on. */
  hold (...names: string[]): () => void
  /** Clicks a control, and waits until its event has been answered. */
  click (selector: string): Promise<void>
  /** Where the page has changed since the last look, by the nearest id. What the runtime says of itself does not count. */
  touched (): Promise<string[]>
  /** The page is what one gets who asks for it now, all of it at once. */
  same (t: Test): Promise<void>
}

/** Tells of all changes of the document once it is parsed, which is before a socket can be open. Runs in the browser. */
function watchChanges (): void {
  const touched: string[] = []
  Object.assign(window, { touched })
  const observer = new MutationObserver((records) => {
    for (const { target, addedNodes } of records) {
      const element = target instanceof Element ? target : target.parentElement
      const own = [element, ...Array.from(addedNodes)].some((node) => node instanceof Element && node.closest('[data-live-status]') !== null)
      if (element === null || element === document.documentElement || own) continue
      touched.push(element.closest('[id]')?.id ?? element.localName)
    }
  })
  // What the parser has added last is told only after it has ended.
  document.addEventListener('DOMContentLoaded', () => {
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
  })
}

/** A view whose loaders the test holds up and lets fail, at `/`; and at `/whole` the same with nothing deferred. */
async function openLoading (t: Test, options: LoadingOptions, javaScriptEnabled: boolean = true): Promise<Loading> {
  const { loaders, events = {} } = options
  const failing = new Set<string>()
  const held = new Map<string, Promise<void>>()
  const runs: string[] = []
  const shared: State = { ...options.state, answered: 0 }
  const define = (viewName: 'page' | 'whole'): ReturnType<typeof defineView> => defineView({
    name: viewName,
    template: 'page.njk',
    access: 'public',
    state: () => ({ ...shared }),
    loaders: Object.fromEntries(Object.entries(loaders).map(([name, { load, deferred, ...rest }]) => [name, {
      ...rest,
      deferred: deferred === true && viewName === 'page',
      load: async (asked: Asked) => {
        if (viewName === 'page') runs.push(`${name} ${asked.fields.columns.join()}`)
        // Before anything is waited for, as a query does that gets its parameters.
        const data = await load(asked)
        if (viewName === 'page') await held.get(name)
        if (failing.has(name)) throw new Error(`the words of ${name}`)
        return data
      }
    }])) as never,
    events: Object.fromEntries(Object.entries(events).map(([name, change]) => [name, {
      run: ({ state }: { state: State }) => {
        change(state)
        state['answered'] = Number(state['answered']) + 1
        Object.assign(shared, state)
      }
    }]))
  }) as never
  const { url } = await startLiveApp(t as never, {
    sessions: 'none',
    live: {
      templates: {
        'page.njk': documentOf(`<i id="answered">{{ answered }}</i>${options.body}`, options.head).replace('{{ data.version }}', ''),
        ...options.others
      },
      secret: 'a secret of the tests, which is forty characters long'
    },
    before: (app) => {
      app.addHook('onSend', async (_request, reply) => { reply.header('content-security-policy', strictPolicy) })
      app.get('/favicon.ico', async (_request, reply) => reply.code(204).send())
      app.get('/elsewhere', async (_request, reply) => reply.type('text/html').send('<p>Elsewhere</p>'))
    },
    routes: (app) => {
      app.live('/', define('page'))
      app.live('/whole', define('whole'))
    }
  })
  const { page, problems } = await chromium.open({ viewport: { width: 800, height: 600 }, javaScriptEnabled })
  page.setDefaultTimeout(5000)
  t.teardown(() => page.context().close())
  await page.addInitScript(watchChanges)
  return {
    page,
    url,
    problems,
    failing,
    runs,
    hold (...names) {
      let release: () => void = () => {}
      const until = new Promise<void>((resolve) => { release = resolve })
      for (const name of names) held.set(name, until)
      return release
    },
    async click (selector) {
      const next = Number(await page.innerText('#answered')) + 1
      await page.click(selector)
      await page.locator('#answered', { hasText: new RegExp(`^${next}$`) }).waitFor({ state: 'attached' })
    },
    async touched () {
      const all = await page.evaluate(() => (window as never as { touched: string[] }).touched.splice(0))
      return [...new Set(all)].sort()
    },
    async same (t) {
      t.same(problems, [], 'no error in the page')
      const { live, fresh } = await withFresh(page, `${url}/whole`)
      t.same(live, fresh, 'the page is what the server would give now')
    }
  }
}

const slowPage: LoadingOptions = {
  head: '<title>{{ fast.title }}</title>',
  body: `<h1>{{ fast.title }}</h1><input id="free"><button id="add" live-click="add">add</button><p id="n">{{ n }}</p>
    <section id="news">{% if news.length %}<ul>{% for item in news %}<li live-key="{{ item.id }}">{{ item.text }}</li>{% endfor %}</ul>{% else %}<p>Nothing new.</p>{% endif %}</section>
    <table><thead><tr><th>Line</th><th>Price</th></tr></thead>
    <tbody id="lines">{% for line in lines %}<tr live-key="{{ line.id }}"><td>{{ line.id }}</td><td>{{ line.price }}</td></tr>{% endfor %}</tbody></table>`,
  others: {
    'news-wait.njk': '<p class="wait" role="status">{{ "No news just now." if unavailable.why == "failed" else "News are on their way …" }}</p>',
    'lines-wait.njk': '<tr class="wait"><td colspan="2">Lines are on their way …</td></tr>'
  },
  state: { n: 0 },
  loaders: {
    fast: { load: () => ({ title: 'At once' }) },
    news: { deferred: true, fallback: 'news-wait.njk', load: () => [{ id: 1, text: 'first news' }, { id: 2, text: 'second news' }] },
    lines: { deferred: true, fallback: 'lines-wait.njk', load: () => [{ id: 7, price: 70 }, { id: 8, price: 80 }] }
  },
  events: { add: (state) => { state['n'] = Number(state['n']) + 1 } }
}

const waits = (page: Page): Promise<string[]> => page.locator('.wait').allInnerTexts()

t.test('what comes later: its fallback at once, and all else works meanwhile', async (t) => {
  const live = await openLoading(t, slowPage)
  const { page } = live
  const [news, lines] = [live.hold('news'), live.hold('lines')]
  await page.goto(live.url)
  t.same(await waits(page), ['News are on their way …', 'Lines are on their way …'])
  t.equal(await page.locator('#lines > tr.wait > td').count(), 1, 'a row among rows')
  await isLive(page)
  t.same(await live.touched(), [], 'joining changes nothing')
  t.same(live.runs.sort(), ['fast title', 'lines id,price', 'news id,text'], 'the socket asks for what the page left out')
  await page.fill('#free', 'typed')
  await live.click('#add')
  await page.focus('#free')
  await page.keyboard.press('ArrowLeft')
  t.same(await live.touched(), ['add', 'answered', 'n'])
  t.equal((await waits(page)).length, 2)
  lines()
  await page.locator('#lines', { hasText: '80' }).waitFor()
  t.same(await waits(page), ['News are on their way …'], 'each comes when it is there')
  news()
  await page.locator('#news', { hasText: 'second news' }).waitFor()
  t.same(await live.touched(), ['lines', 'news'], 'and nothing else was touched')
  t.same(await page.evaluate(() => {
    const input = document.activeElement as HTMLInputElement
    return [input.id, input.value, input.selectionStart]
  }), ['free', 'typed', 4], 'what was typed, the focus and the cursor')
  await page.fill('#free', '')
  await live.same(t)
  await live.click('#add')
  t.equal(live.runs.length, 3, 'and nothing loads twice')
  await live.same(t)
})

t.test('without scripts the fallback is what stands there', async (t) => {
  const { page, url } = await openLoading(t, slowPage, false)
  const response = await page.goto(url)
  t.equal(response?.status(), 200)
  t.same(await waits(page), ['News are on their way …', 'Lines are on their way …'])
  t.equal(await page.innerText('h1'), 'At once')
})

t.test('a page that was filled in keeps its data when the connection comes back', async (t) => {
  const live = await openLoading(t, slowPage)
  const { page } = live
  const context = page.context()
  const offline = (): Promise<void> => page.locator('html[data-live=offline]').waitFor({ state: 'attached' })
  const first = live.hold('news', 'lines')
  await page.goto(live.url)
  await isLive(page)
  await context.setOffline(true)
  await offline()
  t.equal((await waits(page)).length, 2, 'lost before it was filled in')
  await context.setOffline(false)
  await isLive(page)
  t.equal((await waits(page)).length, 2)
  first()
  await page.locator('#news', { hasText: 'second news' }).waitFor()
  await page.locator('#lines', { hasText: '80' }).waitFor()
  await page.fill('#free', 'typed')
  await live.touched()
  const again = live.hold('news', 'lines')
  await context.setOffline(true)
  await offline()
  const asked = live.runs.length
  await context.setOffline(false)
  await t.resolveMatch(until(() => live.runs.length === asked + 3), true, 'all is asked for before anything is taken over')
  t.same(await waits(page), [])
  again()
  await isLive(page)
  t.same(await waits(page), [])
  t.same(await live.touched(), [], 'no fallback in between: nothing was touched')
  t.equal(await page.inputValue('#free'), 'typed')
  await live.click('#add')
  await page.fill('#free', '')
  await live.same(t)
})

t.test('going away while it loads, and coming back', async (t) => {
  const live = await openLoading(t, slowPage)
  const { page } = live
  const release = live.hold('news', 'lines')
  await page.goto(live.url)
  await isLive(page)
  await page.goto(`${live.url}/elsewhere`)
  release()
  await page.goBack()
  await page.locator('#news', { hasText: 'second news' }).waitFor()
  await page.locator('#lines', { hasText: '80' }).waitFor()
  await live.same(t)
})

t.test('what comes later may fail: its fallback says so, or a region; an event heals both', async (t) => {
  const { fallback: _, ...plain } = slowPage.loaders['lines'] as Loader
  const live = await openLoading(t, { ...slowPage, loaders: { ...slowPage.loaders, lines: plain } })
  const { page } = live
  live.failing.add('news').add('lines')
  await page.goto(live.url)
  await page.locator('.wait', { hasText: 'No news just now.' }).waitFor()
  const region = page.locator('#lines > tr > td > span.live-error[role=alert]')
  await region.waitFor()
  t.match(await region.innerText(), /^This part could not be loaded\. Reference: [\w-]+$/)
  live.failing.clear()
  await live.click('#add')
  t.equal(await page.locator('.live-error, .wait').count(), 0)
  await live.same(t)
})

const failingPage: LoadingOptions = {
  head: '<title>Page{% if ttl.text %} {{ ttl.text }}{% endif %}</title>',
  body: `<h1>Head</h1><form live-submit="add"><input id="free" name="free"></form><button id="add" live-click="add">add</button><p id="n">{{ n }}</p>
    <table><tbody id="table">{% for row in tbl %}<tr live-key="{{ row.id }}"><td>{{ row.text }}</td></tr>{% endfor %}</tbody></table>
    <table><tr id="cells">{% for cell in cls %}<td>{{ cell.text }}</td>{% endfor %}</tr></table>
    <ul id="list">{% for row in lst %}<li live-key="{{ row.id }}">{{ row.text }}</li>{% endfor %}</ul>
    <p id="paragraph">Before {{ par.text }} after</p>
    <p id="attribute" title="A {{ att.text }}" {% if att.on %}lang="de"{% endif %}>attribute</p>
    <textarea id="area" aria-label="area">{{ are.text }}</textarea>
    <select id="select"><option>none</option>{% for row in sel %}<option>{{ row.text }}</option>{% endfor %}</select>
    <div id="branch">{% if bra.on %}<b>{{ bra.text }}</b>{% else %}<i>off</i>{% endif %}</div><p id="last">last {{ n }}</p>`,
  state: { n: 0 },
  loaders: Object.fromEntries(['ttl', 'tbl', 'cls', 'lst', 'par', 'att', 'are', 'sel', 'bra'].map((name) => [name, {
    load: ({ state }: Asked) => {
      const row = { id: 1, on: true, text: `${name} ${String(state['n'])}` }
      return ['tbl', 'cls', 'lst', 'sel'].includes(name) ? [row, { ...row, id: 2 }] : row
    }
  }])),
  events: { add: (state) => { state['n'] = Number(state['n']) + 1 } }
}

t.test('a loader that fails on an event says so in its place, wherever that is; the rest works on, and the next event heals it', async (t) => {
  const live = await openLoading(t, failingPage)
  const { page } = live
  await page.goto(live.url)
  await isLive(page)
  await page.fill('#free', 'typed')
  await live.click('#add')
  for (const name of Object.keys(failingPage.loaders)) live.failing.add(name)
  for (const round of ['2', '3']) {
    await live.click('#add')
    t.equal(await page.innerText('#n'), round, 'what needs none of it goes on')
    t.equal(await page.innerText('#last'), `last ${round}`)
    const places = await page.locator('.live-error').evaluateAll((all) => all.map((each) =>
      `${each.getAttribute('role')}: ${each.closest('[id]')?.id} > ${each.parentElement?.localName}`))
    t.same(places, ['alert: table > td', 'alert: cells > td', 'alert: list > ul', 'alert: paragraph > p', 'alert: branch > div'])
    const ids = await page.locator('.live-error').evaluateAll((all) => all.map((each) => [each.getAttribute('data-live-error'), each.textContent]))
    t.equal(new Set(ids.map(([id]) => id)).size, 5, 'each with an id of its own')
    t.ok(ids.every(([id, text]) => text === `This part could not be loaded. Reference: ${String(id)}`))
    t.match(await page.innerText('#paragraph'), /^Before This part .* after$/)
    t.equal(await page.title(), 'Page')
    t.same(await page.locator('#attribute').evaluate((one) => [one.getAttribute('title'), one.getAttribute('lang')]), ['A ', null])
    t.equal(await page.inputValue('#area'), '')
    t.same(await page.locator('#select option').allInnerTexts(), ['none'])
    t.notMatch(await page.content(), 'the words of')
    t.equal(await page.inputValue('#free'), 'typed')
  }
  live.failing.clear()
  await live.click('#add')
  t.equal(await page.locator('.live-error').count(), 0)
  t.equal(await page.title(), 'Page ttl 4')
  t.equal(await page.inputValue('#free'), 'typed')
  await page.fill('#free', '')
  await live.same(t)
})

t.test('a branch that opens asks for more of what is shown, and what was typed in its rows stays', async (t) => {
  const live = await openLoading(t, {
    body: `<input id="free"><button id="widen" live-click="widen">widen</button>
      <table id="orders"><tbody>{% for o in orders %}<tr live-key="{{ o.id }}"><td><input id="note-{{ o.id }}" name="note"></td>
      {% if wide %}<td>{{ o.city }}</td>{% endif %}</tr>{% endfor %}</tbody></table>`,
    state: { wide: false },
    loaders: { orders: { load: () => [{ id: 1, city: 'Oslo', secret: 's' }, { id: 2, city: 'Bergen', secret: 's' }] } },
    events: { widen: (state) => { state['wide'] = state['wide'] !== true } }
  })
  const { page } = live
  await page.goto(live.url)
  await isLive(page)
  t.same(live.runs.splice(0), ['orders id'])
  await page.fill('#note-1', 'typed')
  await page.focus('#note-2')
  await page.evaluate(() => { document.querySelector<HTMLButtonElement>('#widen')?.click() })
  await page.locator('#orders', { hasText: 'Bergen' }).waitFor()
  t.same(live.runs.splice(0), ['orders city,id'])
  t.same([await page.inputValue('#note-1'), await page.evaluate(() => document.activeElement?.id)], ['typed', 'note-2'])
  live.failing.add('orders')
  await live.click('#widen')
  await live.click('#widen')
  t.equal(await page.locator('.live-error').count(), 0, 'what is there is enough, so nothing is asked for')
  t.equal(await page.inputValue('#note-1'), 'typed')
  live.failing.clear()
  await page.fill('#note-1', '')
  await live.same(t)
})

t.test('rows open details that another loader gives; one that fails stands in its row', async (t) => {
  const live = await openLoading(t, {
    body: `<button id="next" live-click="next">next</button><button id="none" live-click="none">none</button>
      <table><tbody id="orders">{% for o in orders %}<tr live-key="{{ o.id }}"><th>{{ o.id }}</th><td><input id="note-{{ o.id }}" name="note"></td></tr>
      {% if o.id == open %}<tr class="detail"><td colspan="2">{{ detail.text }}</td></tr>{% endif %}{% endfor %}</tbody></table>`,
    state: { open: 0 },
    loaders: {
      orders: { load: () => [{ id: 1 }, { id: 2 }, { id: 3 }] },
      detail: { load: ({ state }) => ({ text: `detail of ${String(state['open'])}` }) }
    },
    events: {
      next: (state) => { state['open'] = Number(state['open']) + 1 },
      none: (state) => { state['open'] = 0 }
    }
  })
  const { page } = live
  await page.goto(live.url)
  await isLive(page)
  t.same(live.runs.splice(0), ['orders id'])
  await page.fill('#note-2', 'typed')
  await live.click('#next')
  t.same(await page.locator('#orders > tr').allInnerTexts(), ['1', 'detail of 1', '2', '3'].map((text) => text.startsWith('d') ? text : `${text}\t`))
  await page.fill('#note-2', '')
  await live.same(t)
  await page.fill('#note-2', 'typed')
  live.failing.add('detail')
  await live.click('#next')
  t.match(await page.locator('tr:has(#note-2) + tr.detail > td').innerText(), /^This part could not be loaded/)
  t.equal(await page.locator('.detail').count(), 1)
  live.failing.clear()
  await live.click('#next')
  t.equal(await page.innerText('tr:has(#note-3) + tr.detail'), 'detail of 3')
  await live.click('#none')
  t.equal(await page.locator('.detail').count(), 0)
  t.same(live.runs.splice(0), ['detail text', 'detail text', 'detail text'])
  t.equal(await page.inputValue('#note-2'), 'typed')
  await page.fill('#note-2', '')
  await live.same(t)
})

t.test('a first page that cannot be loaded is an error page, and once it can, a page', async (t) => {
  const live = await openLoading(t, failingPage)
  const { page } = live
  live.failing.add('par')
  const failed = await page.goto(live.url)
  t.equal(failed?.status(), 500)
  t.equal(await page.locator('h1, meta[name=live-token]').count(), 0)
  live.failing.clear()
  t.equal((await page.reload())?.status(), 200)
  await isLive(page)
  live.problems.splice(0)
  await live.same(t)
})

/** Waits for what only the server knows, as long as the test may take. */
async function until (holds: () => boolean): Promise<boolean> {
  while (!holds()) await new Promise((resolve) => { setImmediate(resolve) })
  return true
}
