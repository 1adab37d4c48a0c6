import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { markersDigest } from '../../lib/render/markers-digest.ts'
import { protocolCases } from '../helpers/protocol-cases.ts'
import type { ProtocolFixture } from '../helpers/protocol-fixture.ts'
import { servePage } from '../helpers/page-server.ts'
import { launch } from './chromium.ts'

const folder = new URL('../fixtures/protocol/', import.meta.url)

// What a golden file expects: the body without the protocol's markers, attributes sorted by name.
const shown = `(() => {
  const body = document.body.cloneNode(true)
  const comments = document.createTreeWalker(body, 128)
  const found = []
  while (comments.nextNode()) found.push(comments.currentNode)
  for (const comment of found) if (/^(?:\\d+|[[{]\\d+:\\w+|\\(\\d+|[\\],/])$/.test(comment.data)) comment.remove()
  for (const element of body.querySelectorAll('*')) {
    const all = Array.from(element.attributes, ({ name, value }) => [name, value]).filter(([name]) => name !== 'live-at').sort()
    for (const { name } of Array.from(element.attributes)) element.removeAttribute(name)
    for (const [name, value] of all) element.setAttribute(name, value)
  }
  const title = document.querySelector('title')
  return [body.innerHTML, title === null ? '' : title.innerHTML]
})()`

t.test('the browser shows after each golden message what the server says it must', async (t) => {
  const server = await servePage(t)
  const { open } = await launch(t)
  const { page, problems } = await open()
  for (const file of readdirSync(folder)) {
    const fixture = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as ProtocolFixture
    // The style policy stays out: reading attributes back in the test would set style attributes.
    server.html = fixture.page.replace('</head>', '<script src="/live.js" defer></script></head>')
    await page.goto(server.url)
    const peer = await server.joined()
    const first = protocolCases.find(({ name }) => name === fixture.name)?.trees()[0]
    t.same(peer.received[0], ['j', 't', first && markersDigest(first), 1], `${fixture.name}: the same digest on both sides`)
    for (const [i, message] of fixture.messages.entries()) {
      peer.send(...message)
      await peer.next('a')
      t.same(await page.evaluate(shown), [fixture.expected[i], fixture.titles[i]], `${fixture.name}, message ${i + 1}`)
    }
  }
  t.same(problems, [])
})
