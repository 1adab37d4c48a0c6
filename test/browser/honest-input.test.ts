/// <reference lib="dom" />
import { setTimeout } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { launch } from './chromium.ts'
import { openLive, translate } from './open-live.ts'
import { slowNetwork } from './slow-network.ts'

/* People who type, click and fill in as people do. `end()` says in every test: nobody warned, and the page is the server's. */

const chromium = await launch(t)
const status = '[data-live-status]'
const Query = Type.Object({ query: Type.String() })
const SignIn = Type.Object({
  user: Type.String(), password: Type.String(), website: Type.String(), stay: Type.Optional(Type.String()), step: Type.String()
})

t.test('a fast typist, and a key that is held: the server has the last text soon after the last key', async (t) => {
  const data = { query: '', steps: 0 }
  const live = await openLive(t, chromium, {
    template: `<input name="query" value="{{ data.query }}" live-input="search" live-debounce="0"><p id="query">{{ data.query }}</p>
      <input id="steps" live-keydown="step" live-keys="ArrowDown"><p>{{ data.steps }}</p>`,
    data,
    events: {
      search: { payload: Query, rateLimit: { rate: 5, burst: 3 }, run: ({ query }) => { data.query = query } },
      step: { payload: Type.Object({ key: Type.String() }), rateLimit: { rate: 5, burst: 3 }, run: () => { data.steps++ } }
    }
  })
  const { page } = live
  const text = 'the quick brown fox jumps over the lazy dog and then the dog jumps over the fox as well, says the tale'.slice(0, 100)
  await page.focus('[name=query]')
  await page.keyboard.type(text, { delay: 66 })
  let last = performance.now()
  await page.locator('#query', { hasText: text }).waitFor()
  t.comment(`${Math.round(performance.now() - last)} ms after the last of 100 keys, in ${live.handled.length} events`)
  t.equal(await page.inputValue('[name=query]'), text)
  t.equal(await page.textContent(status), '', 'typing too fast is nothing to be told')
  for (let k = 0; k < 60; k++) {
    await page.keyboard.down('x')
    await setTimeout(33)
  }
  await page.keyboard.up('x')
  last = performance.now()
  await page.locator('#query', { hasText: `${text}${'x'.repeat(60)}` }).waitFor()
  t.comment(`${Math.round(performance.now() - last)} ms after a key was held for two seconds`)
  await page.focus('#steps')
  for (let k = 0; k < 45; k++) {
    await page.keyboard.down('ArrowDown')
    await setTimeout(22)
  }
  await page.keyboard.up('ArrowDown')
  t.match(await page.textContent(status), /too fast/, 'steps that are not taken are told')
  t.comment(`${data.steps} steps in a second at 5 a second, ${live.refused.length} refused`)
  await live.end()
})

t.test('two seconds of latency: typing, clicks and a list that is sorted meanwhile', async (t) => {
  const data = { query: '', rows: [1, 2, 3, 4, 5].map((id) => ({ id, picked: 0 })), sum: 0 }
  const network = await slowNetwork(t)
  const live = await openLive(t, chromium, {
    network,
    template: `<input name="query" value="{{ data.query }}" live-input="search"><p id="query">{{ data.query }}</p>
      <button id="add" live-click="add">{{ data.sum }}</button>
      <ul>{% for row in data.rows %}<li live-key="{{ row.id }}"><button live-click="pick" live-value-id="{{ row.id }}">{{ row.id }}</button>
        <b>{{ row.picked }}</b></li>{% endfor %}</ul>`,
    data,
    events: {
      search: { payload: Query, run: ({ query }) => { data.query = query } },
      add: { run: () => { data.sum++ } },
      pick: {
        payload: Type.Object({ id: Type.Integer() }),
        run: ({ id }) => { for (const row of data.rows) if (row.id === id) row.picked++ }
      }
    }
  })
  const { page } = live
  network.delay = 1000
  await page.focus('[name=query]')
  await page.keyboard.type('late', { delay: 50 })
  for (let k = 0; k < 12; k++) await page.click('#add')
  const sorted = live.change((data) => { data.rows.reverse(); data.rows.splice(1, 1) }).catch(() => {})
  await page.click('li:first-child button')
  await page.click('li:nth-child(4) button')
  await page.locator('li:first-child', { hasText: '5' }).waitFor()
  await page.click('li:first-child button')
  await page.locator('#add', { hasText: /^12$/ }).waitFor({ timeout: 10_000 })
  await page.locator('li', { hasText: /1\s+1/ }).waitFor()
  await page.locator(status, { hasText: 'no longer' }).or(page.locator(status, { hasText: 'changed' })).waitFor()
  await page.locator('#query', { hasText: 'late' }).waitFor()
  await page.waitForFunction(() => document.querySelector('[data-live-busy]') === null)
  t.same(data.rows.map(({ id, picked }) => [id, picked]), [[5, 1], [3, 0], [2, 0], [1, 1]], 'what was touched was meant, and 4 is told to be gone')
  network.delay = 0
  await sorted
  await live.end()
})

t.test('a double click on "pay" counts twice where it is a button, once where it is a form; ten at once count ten times', async (t) => {
  const data = { paid: 0, sent: 0, rare: 0, due: 1 }
  const live = await openLive(t, chromium, {
    template: `<button id="pay" live-click="pay">pay {{ data.paid }}</button><form live-submit="send"><button>send {{ data.sent }}</button></form>
      <button id="rare" live-click="rare">rare {{ data.rare }}</button>{% if data.due %}<button id="last" live-click="settle">settle</button>{% endif %}`,
    data,
    events: {
      pay: { run: () => { data.paid++ } },
      send: { run: async () => { await setTimeout(500); data.sent++ } },
      rare: { rateLimit: { rate: 1, burst: 3 }, run: () => { data.rare++ } },
      settle: { run: () => { data.due-- } }
    }
  })
  const { page } = live
  await page.dblclick('#pay')
  await page.locator('#pay', { hasText: 'pay 2' }).waitFor()
  await page.focus('#pay')
  for (let k = 0; k < 30; k++) await page.keyboard.down('Enter')
  await page.keyboard.up('Enter')
  await page.locator('#pay', { hasText: 'pay 3' }).waitFor()
  await page.dblclick('form button')
  await page.locator('form button', { hasText: 'send 1' }).waitFor()
  await page.waitForFunction(() => document.querySelector('[data-live-busy]') === null)
  t.equal(data.sent, 1)
  await page.evaluate(() => { for (let k = 0; k < 10; k++) document.querySelector<HTMLElement>('#pay')?.click() })
  await page.locator('#pay', { hasText: 'pay 13' }).waitFor()
  t.equal(await page.textContent(status), '')
  await page.evaluate(() => { for (let k = 0; k < 2; k++) document.querySelector<HTMLElement>('#last')?.click() })
  await page.locator(status, { hasText: /changed|no longer/ }).waitFor()
  t.equal(data.due, 0, 'what is no longer shown is not done twice, and told')
  await page.evaluate(() => { for (let k = 0; k < 10; k++) document.querySelector<HTMLElement>('#rare')?.click() })
  await page.locator(status, { hasText: 'too fast' }).waitFor()
  await page.waitForFunction(() => document.querySelector('[data-live-busy]') === null)
  t.equal(data.rare, 3)
  await live.end()
})

t.test('a handler that takes three seconds: impatient clicks are all done, in order, and a form is sent once', async (t) => {
  const data = { log: '' }
  const live = await openLive(t, chromium, {
    template: `<p>{{ data.log }}</p><button id="slow" live-click="slow">slow</button><button id="go" live-click="go">go</button>
      <form live-submit="save"><button>save</button></form>`,
    data,
    events: {
      slow: { run: async () => { await setTimeout(3000); data.log += 's' } },
      go: { run: () => { data.log += 'g' } },
      save: { run: () => { data.log += 'f' } }
    }
  })
  const { page } = live
  await page.click('#slow')
  await page.click('#go')
  t.equal(await page.getAttribute('#go', 'data-live-busy'), 'click', 'it is shown that it is under way')
  for (let k = 0; k < 11; k++) await page.click('#go')
  for (let k = 0; k < 3; k++) await page.click('text=save', { force: true })
  await page.locator('p', { hasText: /^sg{12}f$/ }).waitFor()
  await page.waitForFunction(() => document.querySelector('[data-live-busy]') === null)
  t.equal(await page.textContent(status), '')
  await live.end()
})

t.test('a password manager fills everything at once, the trap included; another fills without a word', async (t) => {
  const data = { tried: 0, query: '' }
  const live = await openLive(t, chromium, {
    template: `<form live-submit="enter" live-change="check"><input name="user" autocomplete="username"><input name="password" type="password">
      <input name="website" hidden tabindex="-1" autocomplete="off"><input type="checkbox" name="stay"><input type="hidden" name="step" value="1">
      <button>sign in</button></form><p>{{ data.tried }}</p>`,
    data,
    events: {
      check: {
        payload: SignIn,
        rateLimit: { rate: 5, burst: 3 },
        run: () => {}
      },
      enter: {
        payload: SignIn,
        run: () => { data.tried++ }
      }
    }
  })
  const { page } = live
  await page.evaluate(() => {
    const values = { user: 'ann', password: 'secret', website: 'https://filled.example' }
    for (const [name, value] of Object.entries(values)) {
      const field = document.querySelector<HTMLInputElement>(`[name=${name}]`) as HTMLInputElement
      field.focus()
      field.value = value
      for (const type of ['keydown', 'keyup', 'input', 'change', 'blur']) field.dispatchEvent(new Event(type, { bubbles: true }))
    }
    document.querySelector<HTMLInputElement>('[name=stay]')?.click()
  })
  await page.press('[name=password]', 'Enter')
  await page.locator('p', { hasText: /^1$/ }).waitFor()
  const entered = (): unknown => live.handled.filter(([event]) => event === 'enter').at(-1)?.[1]
  t.match(entered(), { user: 'ann', password: 'secret', website: 'https://filled.example', stay: 'on', step: '1' })
  await page.evaluate(() => {
    for (const field of document.querySelectorAll<HTMLInputElement>('[name=user],[name=password]')) field.value = 'autofilled'
  })
  await page.click('text=sign in')
  await page.locator('p', { hasText: /^2$/ }).waitFor()
  t.match(entered(), { user: 'autofilled', password: 'autofilled', website: '' })
  await page.waitForFunction(() => document.querySelector('[data-live-busy]') === null)
  await live.end()
})

t.test('keyboard only, and touch', async (t) => {
  const data = { log: '' }
  const live = await openLive(t, chromium, {
    template: `<p>{{ data.log }}</p><button live-click="add" live-value-key="b">b</button><a href="/" live-click="add" live-value-key="a">a</a>
      <form live-submit="save"><input name="text"><select name="how"><option>x</option><option>y</option></select><button>save</button></form>`,
    data,
    events: {
      add: { payload: Type.Object({ key: Type.String() }), run: ({ key }) => { data.log += key } },
      save: { payload: Type.Object({ text: Type.String(), how: Type.String() }), run: ({ text, how }) => { data.log += `${text}${how}` } }
    },
    context: { hasTouch: true, isMobile: true, viewport: { width: 390, height: 800 } }
  })
  const { page } = live
  for (const key of ['Tab', 'Enter', 'Tab', 'Enter', 'Tab']) await page.keyboard.press(key)
  await page.keyboard.type('t')
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Enter')
  await page.locator('p', { hasText: /^baty$/ }).waitFor()
  await page.tap('text=b >> nth=-1')
  await page.tap('a')
  await page.locator('p', { hasText: /^baty/ }).waitFor()
  await page.waitForFunction(() => document.querySelector('[data-live-busy]') === null)
  t.match(live.data.log, /^baty[ba]*a$/)
  await live.end()
})

t.test('a translated page: its words change, its controls act, and what is patched is the server\'s', async (t) => {
  const data = { title: 'Orders', rows: [1, 2, 3], note: '' }
  const live = await openLive(t, chromium, {
    template: `<h1>{{ data.title }}</h1>{% if data.note %}<em>{{ data.note }}</em>{% endif %}<ul>{% for row in data.rows %}<li live-key="{{ row }}">
      Row {{ row }} <button live-click="drop" live-value-id="{{ row }}">Drop {{ row }}</button></li>{% endfor %}</ul>`,
    data,
    events: {
      drop: { payload: Type.Object({ id: Type.Integer() }), run: ({ id }) => { data.rows = data.rows.filter((row) => row !== id); data.note = `dropped ${id}` } }
    }
  })
  const { page } = live
  await translate(page)
  await live.act(() => page.click('text=Drop 2'))
  await live.change((data) => { data.title = 'Bestellungen'; data.rows.unshift(9) })
  await translate(page)
  await live.act(() => page.click('text=Drop 9'))
  await live.act(() => page.click('text=Drop 3'))
  t.same(data.rows, [1])
  t.equal(await page.innerText('h1'), 'Bestellungen')
  await live.end()
})
