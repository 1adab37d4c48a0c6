import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { Test } from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection, Violation } from '../plugin/index.ts'
import { TokenBucket } from '../lib/limits/token-bucket.ts'
import { normalizeLimits } from '../lib/limits/limit-options.ts'
import { backoff } from '../runtime/backoff.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { ClientTree, Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { findControl } from './helpers/page-controls.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { clocks } from './helpers/session-life.ts'

/*
 * What people and their browsers do, over real sockets. In every run nobody is warned or closed, whatever is not done is
 * told, and in the end a page shows what the server would show somebody who comes now.
 */

type Message = Awaited<ReturnType<LiveSocket['next']>>

interface Row { readonly id: number, done: number }

const templates = {
  'orders.njk': `<!doctype html><html><head><title>Orders</title></head><body><p>{{ left }} left</p>
    {% if left %}<button live-click="take">take one</button>{% endif %}
    <ul>{% for row in rows %}<li live-key="{{ row.id }}"><b>{{ row.id }}: {{ row.done }}</b>
      <button live-click="pick" live-value-id="{{ row.id }}">pick</button></li>{% endfor %}</ul>
    <button live-click="slow">slow</button><button live-click="rare">rare</button></body></html>`
}

/** An application with every limit as it is without options, unless a test says otherwise. */
async function start (t: Test, { slow = async () => {} }: { slow?: () => Promise<void> } = {}) {
  const data = { left: 3, rows: [1, 2, 3, 4].map((id): Row => ({ id, done: 0 })) }
  const ran: string[] = []
  const told: Violation[] = []
  const connections = new Set<Connection<{ round: number }>>()
  const show = (): void => {
    for (const connection of connections) connection.update((state) => { state.round++ })
  }
  const change = (name: string, how: () => void) => ({ state }: { state: { round: number } }): void => {
    ran.push(name)
    how()
    state.round++
  }
  const view = defineView({
    name: 'orders',
    template: 'orders.njk',
    access: 'public',
    state: () => ({ round: 0 }),
    loaders: {
      left: ({ state }) => state.round >= 0 && data.left,
      rows: ({ state }) => state.round >= 0 && structuredClone(data.rows)
    },
    events: {
      take: { run: change('take', () => { data.left-- }) },
      pick: {
        payload: Type.Object({ id: Type.Integer() }),
        run: ({ state, payload }) => {
          const row = data.rows.find(({ id }) => id === payload.id)
          change(`pick ${payload.id}`, () => { if (row) row.done++ })({ state })
        }
      },
      slow: { run: async ({ state }) => { await slow(); change('slow', () => {})({ state }) } },
      rare: { rateLimit: { rate: 0.001, burst: 4 }, run: change('rare', () => {}) }
    },
    onConnect: ({ connection }) => { connections.add(connection as Connection<{ round: number }>) },
    onDisconnect: ({ connection }) => { connections.delete(connection as Connection<{ round: number }>) }
  })
  const { app, url } = await startLiveApp(t as never, {
    live: { templates, onViolation: (violation) => { told.push(violation) } },
    routes: (app) => { app.live('/orders', view) }
  })
  /** Nobody was warned, and what was refused was refused for these reasons. */
  const end = async (people: readonly Person[], refused: readonly string[] = []): Promise<void> => {
    t.same(told.filter(({ weight }) => weight !== 'none'), [], 'nobody is warned')
    t.same(told.map(({ reason }) => reason), refused)
    const newcomer = await arrive(new Visitor(url))
    for (const person of people) {
      t.same(person.tree.toValue(), newcomer.tree.toValue(), 'the page is what the server would give now')
      t.equal(person.live.ws.readyState, 1)
    }
    for (const { live } of [...people, newcomer]) live.close()
  }
  return { app, url, data, ran, told, show, end }
}

interface Person {
  readonly visitor: Visitor
  readonly live: LiveSocket
  readonly tree: ClientTree
  /** The page's own HTML, by which controls are found. */
  readonly html: string
  /** The next message, applied to what the person sees. */
  hear (): Promise<Message>
  send (ref: number, event: string, ...values: string[]): void
}

/** A browser that takes the whole tree over, as after a reconnect, so that it knows all values. */
async function arrive (visitor: Visitor, path = '/orders'): Promise<Person> {
  const { html, token } = await visitor.page(path)
  const live = await visitor.socket(path)
  live.send(['j', token, pageDigest(html), 0])
  const [kind, value, shapes] = await live.next()
  if (kind !== 'j') throw new Error(`joined with ${kind}`)
  const tree = new ClientTree(value)
  tree.apply(value, shapes || null)
  return {
    visitor,
    live,
    tree,
    html,
    async hear () {
      const message = await live.next()
      const [kind, , patch, shapes] = message
      if (kind === 'p' && patch) tree.apply(patch, shapes || null)
      return message
    },
    send (ref, event, ...values) {
      const { kind, path, element, seen } = findControl(html, event, ...values)
      live.send(['e', ref, event, kind, path, element, seen])
    }
  }
}

async function hearAll (person: Person, count: number): Promise<Message[]> {
  const heard: Message[] = []
  while (heard.length < count) {
    const message = await person.hear()
    if (message[1] !== 0) heard.push(message)
  }
  return heard
}

const answers = (messages: readonly Message[]): string[] => messages.map(([kind, ref, reason]) => kind === 'p' ? `${ref} done` : `${ref} ${reason}`)

t.test('E05 ten clicks in one packet take three of three, and seven are told that there is nothing left', async (t) => {
  const { url, data, ran, end } = await start(t)
  const person = await arrive(new Visitor(url))
  for (let ref = 1; ref <= 10; ref++) person.send(ref, 'take')
  t.same(answers(await hearAll(person, 10)), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((ref) => ref <= 3 ? `${ref} done` : `${ref} stale`))
  t.equal(data.left, 0)
  t.equal(ran.length, 3)
  await end([person], Array(7).fill('stale'))
})

t.test('a double click reaches the handler twice, as both were shown', async (t) => {
  const { url, ran, end } = await start(t)
  const person = await arrive(new Visitor(url))
  person.send(1, 'take')
  person.send(2, 'take')
  t.same(answers(await hearAll(person, 2)), ['1 done', '2 done'])
  t.same(ran, ['take', 'take'])
  await end([person])
})

t.test('the list is sorted while my finger comes down: the row that I touched is meant', async (t) => {
  const { url, data, ran, show, end } = await start(t)
  const person = await arrive(new Visitor(url))
  const order = (): string[] => [...JSON.stringify(person.tree.toValue()).matchAll(/\[(\d),\d/g)].map(([, id]) => id as string)
  const shows = async (ids: string): Promise<void> => {
    show()
    while (order().join('') !== ids) await person.hear()
  }
  data.rows.reverse()
  await shows('4321')
  // The page still says where the rows were when it was loaded: that is where the click was aimed.
  person.send(1, 'pick', '4')
  await hearAll(person, 1)
  data.rows.sort((a, b) => a.id - b.id)
  data.rows.splice(1, 1)
  await shows('134')
  person.send(2, 'pick', '2')
  person.send(3, 'pick', '3')
  t.same(answers(await hearAll(person, 2)), ['2 stale', '3 done'])
  t.same(ran, ['pick 4', 'pick 3'], 'never the row that is there now')
  await end([person], ['stale'])
})

t.test('I click on while the server thinks: all of it is done, in order', async (t) => {
  let go = (): void => {}
  const passed = new Promise<void>((resolve) => { go = resolve })
  const { url, ran, end } = await start(t, { slow: () => passed })
  const person = await arrive(new Visitor(url))
  person.send(1, 'slow')
  for (let ref = 2; ref <= 8; ref++) person.send(ref, ref % 2 ? 'slow' : 'pick', ...ref % 2 ? [] : ['1'])
  await setImmediate()
  go()
  t.same(answers(await hearAll(person, 8)), [1, 2, 3, 4, 5, 6, 7, 8].map((ref) => `${ref} done`))
  t.same(ran, ['slow', 'pick 1', 'slow', 'pick 1', 'slow', 'pick 1', 'slow', 'pick 1'])
  await end([person])
})

t.test('ten colleagues behind one address work, reload and work, with the limits as they are', async (t) => {
  const { url, data, end } = await start(t)
  data.left = 1000
  let people = await Promise.all(Array.from({ length: 10 }, () => arrive(new Visitor(url))))
  for (const person of people) for (let ref = 1; ref <= 8; ref++) person.send(ref, 'take')
  for (const person of people) t.same(answers(await hearAll(person, 8)), [1, 2, 3, 4, 5, 6, 7, 8].map((ref) => `${ref} done`))
  t.equal(data.left, 920)
  // A reload: the old socket's end and the new page overtake one another.
  people = await Promise.all(people.map(async ({ live, visitor }) => {
    live.close()
    await live.closed
    return arrive(visitor)
  }))
  await Promise.all(people.map(async (person) => { person.send(1, 'take'); await hearAll(person, 1) }))
  t.equal(data.left, 910)
  for (const { live } of people) live.close()
  await Promise.all(people.map(({ live }) => live.closed))
  await end([])
})

t.test('thirty signed-in colleagues do, too', async (t) => {
  const { url, data, end } = await start(t)
  data.left = 1000
  const people = await Promise.all(Array.from({ length: 30 }, async (_, id) => {
    const visitor = new Visitor(url)
    await visitor.signIn({ id: id + 1, name: `Person ${id}` })
    return arrive(visitor)
  }))
  await Promise.all(people.map(async (person) => { person.send(1, 'take'); await hearAll(person, 1) }))
  t.equal(data.left, 970)
  await end([])
  for (const { live } of people) live.close()
})

t.test('an event that colleagues have used up is refused to me with the time to wait, not held against me', async (t) => {
  const { url, ran, end } = await start(t)
  const people = await Promise.all([1, 2, 3].map(() => arrive(new Visitor(url))))
  for (const person of people) for (let ref = 1; ref <= 4; ref++) person.send(ref, 'rare')
  const heard = (await Promise.all(people.map((person) => hearAll(person, 4)))).flat()
  t.equal(ran.length, 4)
  const refused = heard.filter(([kind]) => kind === 'r')
  t.equal(refused.length, 8)
  for (const [, , reason, text, , wait] of refused) t.same([reason, /wait/.test(String(text)), Number(wait) > 900_000], ['limit', true, true])
  await end([], Array(8).fill('limit'))
  for (const { live } of people) live.close()
})

t.test('a page left open over night: in the morning it comes back with the token it was given, without being loaded anew', async (t) => {
  const clock = clocks(t)
  const { app, url, show, data, end } = await start(t)
  const visitor = new Visitor(url)
  await visitor.signIn({ id: 1, name: 'Ann' })
  const person = await arrive(visitor)
  let token = ''
  person.live.ws.on('message', (text) => {
    const [kind, ref, , , effects] = JSON.parse(String(text)) as Message
    token = effects?.t ?? token
    if (kind === 'p' && ref === 0) person.live.send(['a', 1])
  })
  const tokens = new Set<string>()
  // Twelve hours, looked at as often as an application does, though the answers to its pings need their real time.
  for (let quarter = 0; quarter < 48; quarter++) {
    clock.pass(15 * 60_000)
    const pinged = once(person.live.ws, 'ping')
    for (let beat = 0; beat < 3; beat++) app.liveViews.beat()
    await pinged
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    tokens.add(token)
  }
  t.ok(tokens.size > 12, `${tokens.size} tokens in twelve hours`)
  t.equal(person.live.ws.readyState, 1, 'it was connected all the time')
  person.live.ws.terminate()
  data.rows.reverse()
  show()
  const socket = await visitor.socket('/orders')
  socket.send(['j', token, 0, 0])
  t.match((await socket.next())[0], 'j')
  socket.close()
  await end([])
})

t.test('G02 after a restart ten thousand browsers come back spread, and the server takes in what it can', async (t) => {
  const { maxJoinsPerSecond } = normalizeLimits().rateLimit
  let seed = 20260101
  const random = (): number => (seed = seed * 48271 % 2147483647) / 2147483647
  for (const down of [0, 3, 10, 30, 60].map((seconds) => seconds * 1000)) {
    let now = 0
    const gate = new TokenBucket({ rate: maxJoinsPerSecond, burst: maxJoinsPerSecond, now: () => now })
    const due = new Map<number, number[]>()
    const plan = (attempt: number): void => {
      const at = Math.ceil(now + 1 + backoff(attempt, random))
      due.set(at, [...due.get(at) ?? [], attempt + 1])
    }
    for (let k = 0; k < 10_000; k++) plan(0)
    const joins: number[] = []
    const tries: number[] = []
    for (let left = 10_000; left > 0; now++) {
      const second = Math.floor((now - down) / 1000)
      for (const attempt of due.get(now) ?? []) {
        if (now >= down) tries[second] = (tries[second] ?? 0) + 1
        if (now >= down && gate.take()) {
          joins[second] = (joins[second] ?? 0) + 1
          left--
        } else plan(attempt)
      }
      due.delete(now)
    }
    const [most, mean] = [Math.max(...joins.map((count = 0) => count)), 10_000 / joins.length]
    t.comment(`${down / 1000} s down: ${most} joins in the worst second, ${Math.round(mean)} in the mean, all back after ` +
      `${joins.length} s; ${Math.max(...tries.map((count = 0) => count))} tries in the worst second`)
    t.ok(most / mean < 3, 'peak over mean')
    t.ok(joins.length < 100, 'and nobody waits much longer than it takes')
  }
})
