import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'

const templates = { 'v.njk': '<html><head></head><body><p>{{ text }}</p><button live-click="add">+</button></body></html>' }

async function start (t: Parameters<typeof startLiveApp>[0], options: Partial<LiveAppOptions> = {}) {
  const ran: string[] = []
  const connections: Connection[] = []
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    state: ({ identity }) => ({ text: String(identity.name) }),
    events: { add: { run: ({ state }) => { ran.push('add'); state.text += '!' } } },
    onConnect: ({ connection }) => { connections.push(connection as Connection) }
  })
  const { app, url } = await startLiveApp(t, { live: { templates }, routes: (app) => app.live('/v', view), ...options })
  const visitor = new Visitor(url)
  await visitor.signIn({ id: 1, name: 'Ann' })
  return { app, visitor, ran, connections }
}

async function endOf (live: LiveSocket): Promise<number> {
  return await Promise.race([live.closed, live.next().then(() => 0, () => live.closed)])
}

t.test('C02 my page makes your browser open the socket, with your cookie: without the token of your page nothing is joined', async (t) => {
  const { visitor, ran, connections } = await start(t)
  const { token } = await visitor.page('/v')
  for (const mine of ['', 'v1', token.slice(0, -1), token.toUpperCase(), visitor.cookie.slice(0, 100)]) {
    const live = await visitor.socket('/v')
    live.send(['j', mine, 0, 0])
    live.send(['e', 1, 'add', 'click', [], 0])
    t.ok([4409, 1008].includes(await endOf(live)), JSON.stringify(mine))
  }
  t.same([ran, connections], [[], []])
})

t.test('C02 I read your access log: no token stands in it, nor any session', async (t) => {
  const lines: string[] = []
  const { visitor } = await start(t, { logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } } })
  const { html, token } = await visitor.page('/v')
  const live = await visitor.socket('/v')
  live.send(['j', token, pageDigest(html), 1])
  t.same(await live.next(), ['j', 0])
  t.match(await live.event('add', 'click'), ['p', 1])
  const gone = live.closed
  live.close()
  await gone
  const wrong = await visitor.socket('/v')
  wrong.send(['j', `${token.slice(0, -2)}xx`, 0, 0])
  await wrong.closed
  const all = lines.join('')
  t.match(all, '/v', 'there are lines')
  const [, mac] = /\.([\w-]{43})$/.exec(token) as unknown as [string, string]
  const session = decodeURIComponent(visitor.cookie.slice(visitor.cookie.indexOf('=') + 1))
  for (const secret of [token, mac, session, session.split('.')[0] as string]) t.notOk(all.includes(secret), 'not there')
})

t.test('C07 I ask a cache for your page: none may keep it, and no answer says that what it has is still good', async (t) => {
  const { visitor } = await start(t)
  const first = await visitor.fetch('/v')
  t.equal(first.headers.get('cache-control'), 'private, no-store')
  t.match(first.headers.get('vary'), /cookie/i)
  t.equal(first.headers.get('etag'), null)
  t.equal(first.headers.get('last-modified'), null)
  const again = await visitor.fetch('/v', { headers: { 'if-none-match': '*', 'if-modified-since': new Date(Date.now() + 1e9).toUTCString() } })
  t.equal(again.status, 200)
  const token = (html: string): string | undefined => /name="live-token" content="([^"]+)"/.exec(html)?.[1]
  t.not(token(await first.text()), token(await again.text()), 'each page has a token of its own')
})

t.test('G11 I set your clock: no limit is lifted, and nobody is thrown out', async (t) => {
  const wall = Date.now
  let ahead = 0
  t.teardown(() => { Date.now = wall })
  Date.now = () => wall() + ahead
  const { visitor, app } = await start(t, { live: { templates, rateLimit: { rate: 0.001, burst: 3 } } })
  const live = await visitor.open('/v')
  ahead = -3_600_000
  t.match(await live.event('add', 'click'), ['p', 1], 'an hour back')
  app.liveViews.beat()
  ahead = 1_000_000
  t.match(await live.event('add', 'click'), ['p', 2], 'some time ahead')
  app.liveViews.beat()
  for (let k = 0; k < 20; k++) await setImmediate()
  t.match(await live.event('add', 'click'), ['r', 3, 'limit'], 'a budget counts time, not clocks')
  t.equal(live.ws.readyState, live.ws.OPEN)
  live.close()
  // Tokens are written in wall time: half a minute of difference between two servers is borne, an hour is not.
  const { html, token } = await visitor.page('/v')
  for (const [back, code] of [[20_000, 0], [3_600_000, 4409]] as const) {
    ahead = 1_000_000 - back
    const other = await visitor.socket('/v')
    other.send(['j', token, pageDigest(html), 1])
    t.equal(await endOf(other), code, `${back / 1000} s back`)
    other.close()
  }
})
