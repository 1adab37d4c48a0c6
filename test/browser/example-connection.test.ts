/// <reference lib="dom" />
import t from 'tap'
import { launch } from './chromium.ts'
import { isLive, openExample, shows, signIn } from './open-example.ts'

t.test('after a restart of the server the page goes on, with what was typed meanwhile', async (t) => {
  const example = await openExample(60)
  t.teardown(() => example.close())
  const { browser } = await launch(t)
  const page = await browser.newPage()
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
  const { browser } = await launch(t)
  const context = await browser.newContext()
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
