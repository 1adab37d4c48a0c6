import t from 'tap'
import type { Test } from 'tap'
import { defineView } from '../plugin/index.ts'
import type { LiveViewOptions } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'

const templates = { 'v.njk': '<html><head></head><body><p>{{ n }}</p><button live-click="add">+</button></body></html>' }

async function start (t: Test, live: Partial<LiveViewOptions> = {}, rest: Partial<LiveAppOptions> = {}) {
  const view = defineView({
    name: 'v', template: 'v.njk', access: 'public', state: () => ({ n: 1 }), events: { add: { run: ({ state }) => { state.n++ } } }
  })
  const started = await startLiveApp(t, { live: { templates, ...live }, routes: (app) => app.live('/v', view), ...rest })
  return { ...started, live: started.app.liveViews }
}

/** The clock that limits go by. */
function stopClock (t: Test): { time: number } {
  const clock = { time: Math.ceil(performance.now()) }
  t.intercept(performance, 'now', { value: () => clock.time })
  return clock
}

async function signedIn (url: string, id: number): Promise<Visitor> {
  const visitor = new Visitor(url)
  await visitor.signIn({ id, name: `user ${id}` })
  return visitor
}

t.test('F06 I open sockets with my session and never join, second after second: my colleagues at the same address come in', async (t) => {
  const clock = stopClock(t)
  const { url, live } = await start(t)
  const me = await signedIn(url, 1)
  const sockets: LiveSocket[] = []
  const refused: string[] = []
  for (let k = 0; k < 120; k++) {
    clock.time += 60
    await me.socket('/v').then((socket) => sockets.push(socket), ({ message }: Error) => refused.push(message))
  }
  t.equal(sockets.length, 20, 'joined or not, I have what a session may have')
  t.same(refused, Array(100).fill('status 429'))
  const colleague = await (await signedIn(url, 2)).open('/v')
  t.same(await colleague.event('add', 'click'), ['p', 1, [0, 2]])
  for (const { ws } of [...sockets, colleague]) ws.terminate()
  await Promise.all([...sockets, colleague].map(({ closed }) => closed))
  while (live.caps.open() > 0) await new Promise(setImmediate)
  t.equal(live.caps.sessions.size(), 0, 'and what was taken is given back, once')
})
