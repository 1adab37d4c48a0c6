/// <reference lib="dom" />
import t from 'tap'
import type { Test } from 'tap'
import type { Db } from '../../example/database.ts'
import type { KyselyPlugin } from 'kysely'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { launch } from './chromium.ts'
import { isLive, openExample, shows, signIn } from './open-example.ts'

/** Tables whose queries fail; `history` is what else a customer ordered. */
const failing = new Set<string>()
const failures: KyselyPlugin = {
  transformQuery ({ node }) {
    const text = JSON.stringify(node)
    const kind = text.includes('"this"') ? 'history' : /"identifier":\{"kind":"IdentifierNode","name":"(\w+)"/.exec(text)?.[1] ?? ''
    if (failing.has(kind)) throw new Error(`the words of ${kind}`)
    return node
  },
  transformResult: async ({ result }) => result
}

let held: Promise<void> | null = null

/** Queries of the table `orders`, of which the history is the only one on a page, wait while they are held. */
function wrap (db: Db): Db {
  const later = <T extends object>(builder: T): T => new Proxy(builder, {
    get (target: any, key) {
      if (key === 'execute') return async () => { await held; return target.execute() }
      if (typeof target[key] !== 'function') return target[key]
      return (...given: unknown[]) => {
        const next = target[key](...given)
        return typeof next?.execute === 'function' ? later(next) : next
      }
    }
  })
  const failable: any = db.withPlugin(failures)
  return new Proxy(failable, {
    get (target, key) {
      if (key === 'selectFrom') return (table: string) => table === 'orders' ? later(target.selectFrom(table)) : target.selectFrom(table)
      return typeof target[key] === 'function' ? target[key].bind(target) : target[key]
    }
  })
}

const example = await openExample(200, wrap)
t.teardown(() => example.close())
const chromium = await launch(t)

async function open (t: Test, options: BrowserContextOptions = {}): Promise<{ page: Page, problems: string[] }> {
  const { page, problems } = await chromium.open(options)
  t.teardown(() => page.context().close())
  page.setDefaultTimeout(10_000)
  await signIn(page, example.origin)
  await isLive(page)
  return { page, problems }
}

const number = (page: Page, row: number): ReturnType<Page['locator']> => page.locator('.orders > tbody > tr:not(.detail-row) .column-number a').nth(row)
const history = (page: Page): Promise<string[]> => page.locator('.history a').allInnerTexts()

/** Nothing of what else a customer ordered comes before this is called. */
function hold (): () => void {
  let release: () => void = () => {}
  held = new Promise((resolve) => { release = resolve })
  return () => {
    held = null
    release()
  }
}

t.test('of two orders that are opened one after the other, each shows its own customer\'s', async (t) => {
  const { page, problems } = await open(t)
  const own: string[][] = []
  for (const row of [0, 1]) {
    await number(page, row).click()
    await shows(page, '.detail h2', await number(page, row).innerText())
    own.push(await history(page))
  }
  t.notSame(own[0], own[1])
  await page.goto(`${example.origin}/orders`)
  await isLive(page)
  await number(page, 0).click()
  await page.locator('.detail').waitFor()
  // Everything that ever stands in the panel from here on.
  await page.addInitScript(() => {
    const seen = new Set<string>()
    Object.assign(window, { seen })
    new MutationObserver(() => {
      for (const link of Array.from(document.querySelectorAll('.history a'))) seen.add(link.textContent)
    }).observe(document, { subtree: true, childList: true, characterData: true })
  })
  const release = hold()
  await page.reload()
  await isLive(page)
  t.equal(await page.innerText('.history'), 'One moment …')
  await number(page, 0).click()
  await page.locator('.detail').waitFor({ state: 'detached' })
  await number(page, 1).click()
  await shows(page, '.detail h2', await number(page, 1).innerText())
  t.equal(await page.innerText('.history'), 'One moment …', 'for this one too')
  release()
  await page.locator('.history a, .history li:has-text("Nothing else")').first().waitFor()
  t.same(await history(page), own[1])
  t.same(await page.evaluate(() => [...(window as never as { seen: Set<string> }).seen].sort()), [...own[1] as string[]].sort(), 'and never another\'s')
  t.same(problems, [])
})

for (const [device, options] of [['desk', {}], ['phone', { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true }]] as const) {
  t.test(`nothing to press moves when it arrives, on a ${device}`, async (t) => {
    const { page } = await open(t, options)
    await number(page, 0).click()
    await page.locator('.history a').first().waitFor()
    const release = hold()
    await page.reload()
    await isLive(page)
    t.equal(await page.innerText('.history'), 'One moment …')
    const before = await page.locator('.actions button').first().boundingBox()
    release()
    await page.locator('.history a').first().waitFor()
    t.ok((await history(page)).length > 1, 'more than was there before')
    t.same(await page.locator('.actions button').first().boundingBox(), before)
    t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'no sideways scrolling')
  })
}

t.test('a part that the database does not give says so in its place; what was typed stays, and it heals', async (t) => {
  const { page } = await open(t)
  await number(page, 0).click()
  await page.locator('.history a').first().waitFor()
  await page.evaluate(() => { document.querySelector<HTMLInputElement>('#q')!.value = 'typed' })
  for (const kind of ['history', 'line_list']) failing.add(kind)
  await number(page, 1).click()
  await shows(page, '.history', 'Not available right now.')
  t.match(await page.innerText('.lines tbody'), /^This part could not be loaded\. Reference: \w+$/)
  const [cell, table] = await Promise.all(['.lines tbody td', '.lines'].map((selector) => page.locator(selector).boundingBox()))
  t.equal(cell?.width, table?.width, 'across the whole table')
  failing.add('order_list')
  await page.click('text=Show cities')
  await page.locator('main > .live-error').waitFor()
  t.equal(await page.locator('.orders').count(), 0)
  t.equal(await page.innerText('#count'), '200', 'what needs no other columns stays as it is')
  t.notMatch(await page.content(), 'the words of')
  failing.clear()
  await page.click('text=Hide cities')
  await page.locator('.lines tbody tr').first().waitFor()
  t.equal(await page.locator('.live-error').count(), 0)
  t.equal(await page.inputValue('#q'), 'typed')
})

t.test('a page that cannot be loaded at first is an error page', async (t) => {
  const { page } = await open(t)
  failing.add('order_list')
  t.teardown(() => { failing.clear() })
  t.equal((await page.reload())?.status(), 500)
  t.equal(await page.innerText('h1'), 'Something went wrong')
  failing.clear()
  t.equal((await page.reload())?.status(), 200)
  await isLive(page)
})
