/// <reference lib="dom" />
import t from 'tap'
import type { Test } from 'tap'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { launch } from './chromium.ts'
import type { Watched } from './chromium.ts'
import { isLive, openExample, shows, signIn, takeViolations, watchPolicy } from './open-example.ts'

const example = await openExample()
t.teardown(() => example.close())
const chromium = await launch(t)

async function open (t: Test, role: 'clerk' | 'viewer' = 'clerk', options: BrowserContextOptions = {}): Promise<Watched> {
  const watched = await chromium.open(options)
  t.teardown(() => watched.page.context().close())
  watched.page.setDefaultTimeout(10_000)
  await signIn(watched.page, example.origin, role)
  if (options.javaScriptEnabled !== false) await isLive(watched.page)
  return watched
}

const texts = (page: Page, selector: string): Promise<string[]> => page.locator(selector).allInnerTexts()
const toNumber = (text: string): number => Number(text.replace(/[^\d.]/g, ''))

t.test('a clerk works through the orders without a page load and without a refusal by the policy', async (t) => {
  const { page, problems } = await open(t)
  await page.evaluate(() => Object.assign(window, { sameDocument: true }))
  t.equal(await page.innerText('#count'), '400')
  t.equal(await page.locator('.orders > tbody > tr').count(), 20)

  // sort
  await page.click('.column-total a')
  await page.locator('.column-total[aria-sort=ascending]').waitFor()
  await page.click('.column-total a')
  await page.locator('.column-total[aria-sort=descending]').waitFor()
  const totals = (await texts(page, 'tbody .column-total .amount')).map(toNumber)
  t.ok(totals.every((total) => total > 0))
  t.same(totals, [...totals].sort((a, b) => b - a))
  t.match(page.url(), 'sort=-total')

  // paginate
  await page.dblclick('.pager [rel=next]')
  await shows(page, '.pager', 'Page 3 of 20')
  t.match(page.url(), 'page=3', 'both clicks counted')
  await page.click('.pager [rel=prev]')
  await shows(page, '.pager', 'Page 2 of 20')

  // search as one types
  await page.locator('#q').pressSequentially('n-1010', { delay: 20 })
  await shows(page, '#count', /^10$/)
  t.ok((await texts(page, 'tbody .column-number')).every((text) => text.startsWith('N-1010')))
  t.equal(await page.inputValue('#q'), 'n-1010', 'what was typed is untouched')
  t.ok(await page.evaluate(() => document.activeElement?.id === 'q'), 'and the cursor is still there')
  t.match(page.url(), 'q=n-1010')
  await page.fill('#q', 'nothing like it')
  await shows(page, '.empty', 'Nothing matches “nothing like it”')
  await page.fill('#q', '')
  await shows(page, '#count', /^400$/)

  // an order's price, by the rule that only the server knows
  await page.click('.tabs >> text=Open')
  await page.locator('.tabs [aria-current] >> text=Open').waitFor()
  await page.locator('tbody .column-number a').first().click()
  await page.locator('.detail').waitFor()
  const before = await page.innerText('#goods')
  const quantity = page.locator('.lines input').first()
  await quantity.fill(String(Number(await quantity.inputValue()) + 3))
  await quantity.press('Tab')
  await page.waitForFunction((old) => document.querySelector('#goods')?.textContent !== old, before)
  t.ok(toNumber(await page.innerText('#goods')) > toNumber(before), 'the totals follow')

  // its status
  const count = Number(await page.innerText('.tabs [aria-current] .count'))
  const number = await page.locator('.detail h2').innerText()
  await page.click('.detail >> text=Pack order')
  await shows(page, '.flash', `${number} is now packed.`)
  t.equal(Number(await page.innerText('.tabs [aria-current] .count')), count - 1)
  t.equal(await page.locator('.detail').count(), 0, 'it is no longer among the open ones')

  t.ok(await page.evaluate(() => 'sameDocument' in window), 'all in one document')
  t.same(problems, [])
  await page.reload()
  t.match(await page.locator('.tabs [aria-current]').innerText(), 'Open', 'the address says what is shown')
})

t.test('cities are there for those who ask, also after a reload', async (t) => {
  const { page, problems } = await open(t)
  t.equal(await page.locator('tbody .column-customer .muted').count(), 0)
  await page.click('text=Show cities')
  await page.locator('tbody .column-customer .muted').first().waitFor()
  t.equal(await page.locator('tbody .column-customer .muted').count(), 20)
  t.match(page.url(), 'cities=shown')
  await page.reload()
  await isLive(page)
  t.equal(await page.locator('tbody .column-customer .muted').count(), 20)
  await page.locator('text=Hide cities').press('Enter')
  await page.locator('tbody .column-customer .muted').first().waitFor({ state: 'detached' })
  t.notMatch(page.url(), 'cities')
  t.same(problems, [])
})

t.test('discounts, and what else a customer ordered, are for clerks', async (t) => {
  const { page: clerk } = await open(t)
  const { page: viewer } = await open(t, 'viewer')
  for (const page of [clerk, viewer]) {
    await page.locator('tbody .column-number a').first().click()
    await page.locator('.detail').waitFor()
  }
  await clerk.locator('.history a').first().waitFor()
  t.equal(await clerk.locator('.totals dt').count(), 4)
  t.equal(await viewer.locator('.totals dt').count(), 2)
  t.equal(await viewer.locator('.history, .actions, .column-total .muted').count(), 0)
  t.match(await viewer.innerText('.price'), /^To pay/)
  const [number, all] = [await clerk.locator('.history a').first().innerText(), await clerk.innerText('.history')]
  await clerk.reload()
  await shows(clerk, '.history', number)
  t.equal(await clerk.innerText('.history'), all, 'also where the page was opened with it: it follows over the socket')
  await clerk.locator('.history a').first().click()
  await shows(clerk, '#count', /^1$/)
  t.equal(await clerk.innerText('tbody .column-number'), number)
})

t.test('what one clerk changes, another sees', async (t) => {
  const { page: one } = await open(t)
  const { page: other } = await open(t, 'viewer')
  t.equal(await other.locator('.column-next').count(), 0, 'a viewer has no buttons')
  const row = one.locator('.orders > tbody > tr', { hasText: 'Pack order' }).first()
  const number = await row.locator('.column-number').innerText()
  await row.locator('button').click()
  await other.locator('.orders > tbody > tr', { hasText: number }).locator('text=Packed').waitFor()
})

t.test('the keyboard alone is enough', async (t) => {
  const { page, problems } = await open(t)
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to content')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  t.equal(await page.evaluate(() => document.activeElement?.id), 'q')
  await page.locator('tbody button', { hasText: 'Pack order' }).first().press('Enter')
  await shows(page, '.flash', 'is now packed.')
  t.match(await page.evaluate(() => document.activeElement?.textContent), /^Ship order/, 'the focus stays for the next step')
  await page.locator('.column-customer a').first().focus()
  await page.keyboard.press('Enter')
  await page.locator('.column-customer[aria-sort=ascending]').waitFor()
  t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Customer', 'the focus stays where it was')
  const link = page.locator('tbody .column-number a').first()
  await link.focus()
  await page.keyboard.press('Enter')
  await page.locator('.detail').waitFor()
  t.equal(await link.getAttribute('aria-expanded'), 'true')
  t.equal(await page.evaluate(() => document.activeElement?.getAttribute('aria-expanded')), 'true')
  await link.press('Enter')
  await page.locator('.detail').waitFor({ state: 'detached' })
  t.same(problems, [])
})

t.test('on a phone the rows are cards and nothing is cut off', async (t) => {
  const { page, problems } = await open(t, 'clerk', { viewport: { width: 375, height: 700 }, hasTouch: true, isMobile: true })
  await page.locator('tbody .column-number a').nth(2).tap()
  await page.locator('.detail').waitFor()
  t.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'no sideways scrolling')
  t.equal(await page.locator('tbody > tr').first().evaluate((row) => getComputedStyle(row).display), 'grid')
  const heights = await page.locator('tbody button:visible')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height))
  t.ok(heights.every((height) => height >= 44), 'buttons are big enough for a thumb')
  t.same(problems, [])
})

t.test('without scripts the page reads well, searches and turns pages', async (t) => {
  const { page } = await open(t, 'clerk', { javaScriptEnabled: false })
  t.equal(await page.innerText('#count'), '400')
  t.equal(await page.locator('.needs-live:visible').count(), 0, 'what cannot work is not shown')
  await page.click('.pager [rel=next]')
  await page.waitForURL('**/orders?page=2')
  t.match(await page.innerText('.pager'), 'Page 2 of 20')
  await page.fill('#q', 'n-1010')
  await page.press('#q', 'Enter')
  await page.waitForURL('**/orders?q=n-1010')
  t.equal(await page.innerText('#count'), '10')
  await page.locator('tbody .column-number a').first().click()
  t.match(await page.innerText('.detail'), 'To pay')
  t.notMatch(await page.innerText('.detail'), /Also ordered|One moment/, 'nor what would come later')
  await page.click('text=Sign out')
  await page.waitForURL('**/sign-in')
})

t.test('H06 errors and refused forms need nothing that the policy refuses', async (t) => {
  const { page } = await open(t, 'viewer')
  t.equal((await page.goto(`${example.origin}/nowhere`))?.status(), 404)
  await shows(page, 'h1', 'There is no such page')
  await page.goto(`${example.origin}/orders`)
  await isLive(page)
  await page.evaluate(() => {
    const field = document.querySelector<HTMLInputElement>('form[action="/sign-out"] [name=_csrf]')!
    field.value = 'mine'
    field.form!.submit()
  })
  await shows(page, 'h1', 'out of date')
  await page.context().clearCookies()
  await page.goto(`${example.origin}/sign-in`)
  await page.fill('#email', 'nobody@example.com')
  await page.fill('#password', 'wrong')
  await page.press('#password', 'Enter')
  await page.locator('text=E-mail address or password is wrong.').waitFor()
})

for (const javaScriptEnabled of [true, false]) {
  t.test(`H05 H06 what the policy refuses is noticed, ${javaScriptEnabled ? 'before and after scripts run' : 'also without scripts'}`, async (t) => {
    const { page } = await chromium.open({ javaScriptEnabled })
    t.teardown(() => page.context().close())
    await watchPolicy(page.context())
    await page.route('**/sign-in', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('<head>', '<head><style>p { color: red }</style><script>1</script>') })
    })
    const refused = page.waitForEvent('console', (message) => message.text().includes('inline style'))
    await page.goto(`${example.origin}/sign-in`)
    await refused
    t.match(takeViolations().join('\n'), javaScriptEnabled ? /^style-src-elem inline .*\n(?:.*\n)*script-src-elem inline /m : /inline style/)
    if (javaScriptEnabled) {
      await page.evaluate(() => new Promise((resolve) => {
        addEventListener('securitypolicyviolation', resolve)
        setTimeout(() => { document.body.innerHTML = 'x' })
      }))
      t.match(takeViolations().join('\n'), /^require-trusted-types-for trusted-types-sink /m)
    }
    takeViolations()
  })
}

t.test('in all of this, no secret of the database left the server', async (t) => {
  const { found, bytes } = example.leaked()
  t.same(found, [])
  t.ok(bytes > 500_000, `${bytes} bytes`)
})
