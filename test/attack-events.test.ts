import { setImmediate } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection, View } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'

const head = '<html><head></head><body><p>{{ text }}</p>'
const buttons = (view: View): string => [...view.events.keys()].map((name) => `<button live-click="${name}"></button>`).join('')

interface Started { readonly live: LiveSocket, readonly url: string, readonly logs: string[] }

async function start (
  t: Parameters<typeof startLiveApp>[0], view: View, options: Partial<LiveAppOptions['live']> = {}, template = head + buttons(view)
): Promise<Started> {
  const logs: string[] = []
  const { url } = await startLiveApp(t, {
    live: { templates: { [view.template]: template }, ...options },
    logger: { level: 'warn', stream: { write: (line: string) => { logs.push(line) } } },
    routes: (app) => app.live('/v', view)
  })
  return { live: await new Visitor(url).open('/v'), url, logs }
}

const base = { name: 'v', template: 'v.njk', access: 'public', state: () => ({ text: 'one' }) } as const

t.test('I send what makes your validator throw: it is my event that fails, not your process', async (t) => {
  const throwing = (validate: (value: unknown) => unknown) =>
    ({ '~standard': { version: 1, vendor: 'x', validate, types: undefined as unknown as { input: unknown, output: { key: string } } } }) as const
  const view = defineView({
    ...base,
    events: {
      now: { payload: throwing(() => { throw new SyntaxError('bad') }) as never, run: () => {} },
      later: { payload: throwing(() => Promise.reject(new SyntaxError('bad'))) as never, run: () => {} },
      good: { run: ({ state }) => { state.text = 'two' } }
    }
  })
  const { live } = await start(t, view)
  t.match(await live.event('now', 'click', [], 0), ['r', 1, 'error'])
  t.match(await live.event('later', 'click', [], 1), ['r', 2, 'error'])
  t.same(await live.event('good', 'click', [], 2), ['p', 3, [0, 'two']])
  live.close()
})

t.test('I send junk, and your violation log is down: you go on', async (t) => {
  const view = defineView({ ...base, events: { good: { run: () => {} } } })
  const { live, logs } = await start(t, view, { onViolation: async () => { throw new Error('database is down') } })
  live.send('{')
  t.match(await live.event('good', 'click'), ['p', 1])
  t.match(logs.join(''), 'onViolation failed')
  live.close()
})

t.test('a flood of updates is two renderings, takes no place from events, and loses nothing', async (t) => {
  const aborted: string[] = []
  const connections: Connection[] = []
  const view = defineView({
    ...base,
    onConnect: ({ connection }) => { connections.push(connection as Connection) },
    events: { good: { run: ({ state, signal }) => { signal.addEventListener('abort', () => { aborted.push('good') }); state.text += '!' } } }
  })
  const { live } = await start(t, view)
  while (connections.length === 0) await setImmediate()
  for (let k = 0; k < 500; k++) connections[0]?.update((state) => { (state as { text: string }).text = `update ${k}` })
  const answers = [await live.next(), await live.next(), await live.event('good', 'click')]
  t.match(answers, [['p', 0, [0, 'update 0']], ['p', 0, [0, 'update 499']], ['p', 1, [0, 'update 499!']]])
  live.close()
  await live.closed
  await setImmediate()
  t.same(aborted, [], 'a handler that is done has no signal left to abort')
})

t.test('what a subscription of onConnect holds is told of the end, however many events came between', async (t) => {
  const told: string[] = []
  const view = defineView({
    ...base,
    onConnect: ({ signal }) => { signal.addEventListener('abort', () => { told.push('ended') }) },
    events: { good: { run: ({ signal }) => { told.push(String(signal.aborted)) } } }
  })
  const { live } = await start(t, view)
  await live.event('good', 'click')
  live.close()
  while (!told.includes('ended')) await setImmediate()
  t.same(told, ['false', 'ended'])
})

t.test('I join and leave at once: what onConnect starts late is stopped all the same', async (t) => {
  const order: string[] = []
  const gate: { open?: () => void } = {}
  const view = defineView({
    ...base,
    onConnect: async () => { order.push('connect begins'); await new Promise<void>((resolve) => { gate.open = resolve }); order.push('timer started') },
    onDisconnect: () => { order.push('timer stopped') }
  })
  const { live } = await start(t, view)
  while (order.length === 0) await setImmediate()
  live.close()
  await live.closed
  gate.open?.()
  while (order.length < 3) await setImmediate()
  t.same(order, ['connect begins', 'timer started', 'timer stopped'])
})

t.test('what cannot be sent fails in the handler that gives it, and loses no patch', async (t) => {
  const view = defineView({
    ...base,
    events: {
      big: { run: ({ state, pushEvent }) => { state.text = 'changed'; pushEvent('big', { n: 1n }) } },
      nothing: { run: ({ pushEvent }) => { pushEvent('nothing', undefined) } }
    }
  })
  const { live } = await start(t, view)
  t.match(await live.event('big', 'click', [], 0), ['r', 1, 'error'])
  t.same(await live.next(), ['p', 0, [0, 'changed']])
  t.same(await live.event('nothing', 'click', [], 1), ['p', 2, 0, 0, { e: [['nothing', null]] }])
  live.close()
})

t.test('a long text and a field called constructor are answered; only the second is a warning', async (t) => {
  const weights: string[] = []
  const view = defineView({
    ...base,
    events: {
      save: { payload: Type.Object({ text: Type.String() }), run: ({ state, payload }) => { state.text = payload.text } }
    }
  })
  const { live } = await start(t, view, { onViolation: ({ weight }) => { weights.push(weight) } }, `${head}<form live-submit="save"></form>`)
  t.match(await live.event('save', 'submit', [], 0, [], { text: 'x'.repeat(17_000) }), ['r', 1, 'invalid'])
  t.match(await live.event('save', 'submit', [], 0, [], { constructor: 'x' }), ['r', 2, 'invalid'])
  t.match(await live.event('save', 'submit', [], 0, [], { text: 'fine', admin: 'yes' }), ['p', 3, [0, 'fine']])
  t.same(weights, ['none', 'warning'])
  live.close()
})

t.test('a query builder that a handler returns is run', async (t) => {
  let ran = 0
  const query = { then: (resolve: () => void) => { ran++; resolve() } }
  const view = defineView({ ...base, events: { save: { run: () => query as unknown as Promise<void> } } })
  const { live } = await start(t, view)
  t.same(await live.event('save', 'click'), ['p', 1])
  t.equal(ran, 1)
  live.close()
})

t.test('I press a key that the control does not listen to', async (t) => {
  const view = defineView({ ...base, events: { save: { run: ({ state }) => { state.text += '.' } } } })
  const { live } = await start(t, view, {}, `${head}<input live-keydown="save" live-keys="Enter Space">`)
  t.match(await live.event('save', 'keydown', [], 0, [], { key: 'x', value: '' }), ['r', 1, 'invalid'])
  t.match(await live.event('save', 'keydown', [], 0), ['r', 2, 'invalid'])
  const second = await start(t, view, {}, `${head}<input live-keydown="save" live-keys="Enter Space">`)
  t.match(await second.live.event('save', 'keydown', [], 0, [], { key: 'Enter' }), ['p', 1])
  t.match(await second.live.event('save', 'keydown', [], 0, [], { key: ' ' }), ['p', 2])
  live.close()
  second.live.close()
})

t.test('a view with a small message size leaves the sizes of other sockets as they are', async (t) => {
  const view = defineView({ ...base })
  const { url } = await startLiveApp(t, {
    live: { templates: { 'v.njk': head } },
    routes: (app) => {
      app.live('/v', view, { live: { maxMessageSize: 128 } })
      app.get('/chat', { websocket: true }, (socket) => { socket.on('message', (text: Buffer) => { socket.send(JSON.stringify(['got', text.length])) }) })
    }
  })
  const visitor = new Visitor(url)
  const live = await visitor.open('/v')
  const chat = await visitor.socket('/chat')
  chat.send('x'.repeat(1000))
  t.same(await chat.next(), ['got', 1000])
  chat.close()
  live.close()
})

t.test('a loader is told when its connection ends', async (t) => {
  const told: string[] = []
  const view = defineView({
    ...base,
    loaders: {
      slow: async ({ signal, state }) => {
        if (state.text === 'one') return 1
        await new Promise((resolve) => { signal.addEventListener('abort', resolve) })
        told.push('aborted')
      }
    },
    events: { go: { run: ({ state }) => { state.text = 'two' } } }
  })
  const { live } = await start(t, view, {}, `${head}{{ slow }}${buttons(view)}`)
  live.send(['e', 1, 'go', 'click'])
  live.ws.ping()
  await new Promise((resolve) => { live.ws.once('pong', resolve) })
  live.close()
  while (told.length === 0) await setImmediate()
  t.same(told, ['aborted'])
})

/** A Standard Schema that tells what it was given. */
function telling (log: unknown[], validate: (value: unknown) => unknown) {
  const told = (value: unknown): unknown => {
    log.push(value)
    return validate(value)
  }
  return { '~standard': { version: 1, vendor: 'x', validate: told, types: undefined as unknown as { input: unknown, output: { id: string } } } } as const
}

t.test('I send names that you never had: they are refused as names, before anything is looked up, and cannot forge a log line', async (t) => {
  const codes: string[] = []
  const view = defineView({ ...base, events: { good: { run: () => {} } } })
  const { live, logs } = await start(t, view, { onViolation: ({ code }) => { codes.push(code) } })
  t.match(await live.event('Good\nlevel: 60', 'click'), ['r', 1, 'invalid'])
  t.match(await live.event('constructor', 'click'), ['r', 2, 'invalid'])
  t.same(codes, ['LIVE_ERR_EVENT_NAME', 'LIVE_ERR_EVENT'])
  const { event, detail } = JSON.parse(logs[0] as string) as { event: string, detail: string }
  t.same([event, detail], ['Good level: 60', 'event name Good level: 60'])
  live.close()
})

t.test('I keep you busy with what will be refused: each thing is asked only once the cheaper ones have passed', async (t) => {
  const asked: unknown[] = []
  const view = defineView({
    ...base,
    events: {
      save: {
        rateLimit: { rate: 0.001, burst: 2 },
        payload: telling(asked, (value) => (value as { wrong?: string }).wrong === undefined ? { value } : { issues: [{ message: 'wrong' }] }),
        authorize: () => { asked.push('authorize'); return true },
        run: () => {}
      }
    }
  })
  const { live } = await start(t, view, {}, `${head}<form live-submit="save" live-value-id="7"></form>`)
  for (let ref = 1; ref <= 3; ref++) t.match(await live.event('save', 'submit', [], 0, ['8']), ['r', ref, 'stale'])
  t.same(asked, [], 'what is not shown like this costs nobody a budget, and asks nothing')
  t.match(await live.event('save', 'submit', [], 0, ['7'], { wrong: 'yes' }), ['r', 4, 'invalid'])
  t.notOk(asked.splice(0).includes('authorize'), 'your rule sees checked payloads only')
  t.match(await live.event('save', 'submit', [], 0, ['7']), ['p', 5])
  t.equal(asked.splice(0).length, 2)
  t.match(await live.event('save', 'submit', [], 0, ['7']), ['r', 6, 'limit'])
  t.same(asked, [], 'over budget nothing is validated')
  live.close()
})

t.test('I put my own value beside the one that you rendered: yours counts, in an object that inherits nothing', async (t) => {
  const given: unknown[] = []
  const view = defineView({
    ...base,
    events: {
      drop: { payload: telling(given, (value) => ({ value })), run: ({ state, payload }) => { state.text = payload.id } }
    }
  })
  const { live } = await start(t, view, {}, `${head}<form live-submit="drop" live-value-id="7"></form>`)
  t.same(await live.event('drop', 'submit', [], 0, ['7'], { id: '9' }), ['p', 1, [0, '7']])
  t.equal(Object.getPrototypeOf(given[0]), null)
  live.close()
})

t.test('a rule that answers something like yes hides its control, as it would deny its event', async (t) => {
  const view = defineView({ ...base, events: { drop: { authorize: () => 'yes' as unknown as boolean, run: () => {} } } })
  const { live } = await start(t, view, {}, `${head}{% if can('drop') %}<button live-click="drop"></button>{% endif %}`)
  t.notMatch(live.html, '<button')
  t.match(await live.event('drop', 'click', [1], 0), ['r', 1, 'stale'])
  live.close()
})

t.test('I make your handler fail after it said where to go: the page goes nowhere', async (t) => {
  const view = defineView({
    ...base,
    events: {
      pay: {
        run: ({ state, navigate, flash, patchUrl }) => {
          state.text = 'half done'
          navigate('/paid')
          flash('info', 'paid')
          patchUrl({ paid: 1 })
          throw new Error('card refused')
        }
      },
      go: { run: ({ navigate, state, query }) => { navigate('/on'); state.text = JSON.stringify(query) } }
    }
  })
  const { live } = await start(t, view)
  t.match(await live.event('pay', 'click', [], 0), ['r', 1, 'error'])
  t.same(await live.next(), ['p', 0, [0, 'half done']], 'the state is shown, nothing else')
  t.same(await live.event('go', 'click', [], 1), ['p', 2, [0, '{}'], 0, { n: '/on' }])
  live.close()
})

t.test('I make your handler reject after it said that all is well: the page does not say so', async (t) => {
  const view = defineView({
    ...base,
    events: {
      pay: {
        run: async ({ state, flash }) => {
          state.text = 'half done'
          flash('info', 'paid')
          await setImmediate()
          throw new Error('card refused')
        }
      },
      go: { run: () => {} }
    }
  })
  const shown = '<html><head></head><body><p>{{ text }}</p>{% for note in flash %}<b>{{ note.text }}</b>{% endfor %}' +
    '<button live-click="pay">x</button><button live-click="go">x</button></body></html>'
  const { live } = await start(t, view, {}, shown)
  t.match(await live.event('pay', 'click', [], 0), ['r', 1, 'error'])
  t.same(await live.next(), ['p', 0, [0, 'half done']], 'what is, and not what was said of it')
  live.close()
})

t.test('I change one thing and two loaders run, of which one fails: the other\'s new data is not lost', async (t) => {
  let fails = true
  const view = defineView({
    ...base,
    state: () => ({ text: 'x', account: 1 }),
    loaders: {
      a: ({ state }) => {
        if (state.account === 2 && fails) throw new Error('down')
        return `a${state.account}`
      },
      b: async ({ state, signal }) => {
        const { account } = state
        await setImmediate()
        return `b${account}${account === 2 && fails && !signal.aborted ? ' not told' : ''}`
      }
    },
    events: { next: { run: ({ state }) => { state.account = 2 } } }
  })
  const { live } = await start(t, view, {}, `${head}{{ a }}{{ b }}${buttons(view)}`)
  t.match(await live.event('next', 'click'), ['p', 1, [1, { h: /This part could not be loaded/ }, 2, 'b2']])
  fails = false
  t.same(await live.event('next', 'click'), ['p', 2, [1, 'a2']])
  live.close()
})

t.test('a state that is promised, and a can() that is, are errors with no loose end', async (t) => {
  const promised = defineView({ ...base, state: (async () => { throw new Error('loose') }) as never })
  const asked = defineView({ ...base, events: { go: { authorize: async () => { throw new Error('loose') }, run: () => {} } } })
  for (const [view, template, message] of [
    [promised, head, /its state answered a promise/], [asked, '{{ can("go") }}{{ text }}', /needs an authorize that answers at once/]
  ] as const) {
    const { url } = await startLiveApp(t, { live: { templates: { 'v.njk': template } }, routes: (app) => app.live('/v', view) })
    t.match(await (await fetch(`${url}/v`)).json(), { message })
  }
})

t.test('a rule that holds the signal leaves nothing behind, and a signal asked for late is the connection\'s', async (t) => {
  const late: Array<{ readonly signal: AbortSignal }> = []
  const view = defineView({
    ...base,
    events: {
      go: { authorize: ({ signal }) => !signal.aborted, run: (scope) => { late.push(scope) } },
      wait: { authorize: async ({ signal }) => !signal.aborted, run: () => {} }
    }
  })
  const { url, app } = await startLiveApp(t, { live: { templates: { 'v.njk': head + buttons(view) } }, routes: (app) => app.live('/v', view) })
  const live = await new Visitor(url).open('/v')
  for (let k = 0; k < 5; k++) await live.event('go', 'click', [], 0)
  await live.event('wait', 'click', [], 1)
  for (const connection of app.liveViews.connections.all()) t.equal(connection.scopes.size, 0)
  t.notOk(late[0]?.signal.aborted)
  live.close()
  while (late[0]?.signal.aborted !== true) await setImmediate()
  t.ok(late[1]?.signal.aborted)
})

t.test('onConnect succeeds and its loader fails: the connection stays', async (t) => {
  let fails = false
  const view = defineView({
    ...base,
    loaders: {
      rows: ({ state }) => {
        if (fails) throw new Error('down')
        return state.text
      }
    },
    onConnect: ({ state }) => { fails = true; state.text = 'two' },
    events: { go: { run: () => { fails = false } } }
  })
  const { live } = await start(t, view, {}, `${head}{{ rows }}${buttons(view)}`)
  t.match(await live.next(), ['p', 0, [0, 'two', 1, { h: /This part could not be loaded/ }]])
  t.same(await live.event('go', 'click'), ['p', 1, [1, 'two']])
  live.close()
})

t.test('what ends the connection ends what was to come after it', async (t) => {
  const ran: string[] = []
  const connections: Connection[] = []
  const view = defineView({
    ...base,
    loaders: { rows: () => { ran.push('loaded'); return 1 } },
    onConnect: ({ connection }) => { connections.push(connection as Connection) },
    onParams: ({ connection }) => { connection.close() },
    events: { go: { run: ({ patchUrl }) => { patchUrl({ a: 1 }) } } }
  })
  const { live, url } = await start(t, view, {}, `${head}{{ rows }}${buttons(view)}`)
  live.send(['e', 1, 'go', 'click'])
  t.equal(await live.closed, 4409)
  const second = await new Visitor(url).open('/v')
  while (connections.length < 2) await setImmediate()
  connections[1]?.update(async () => { await setImmediate() })
  connections[1]?.update(() => { connections[1]?.close() })
  connections[1]?.update(() => { ran.push('updated') })
  t.equal(await second.closed, 4409)
  t.same(ran, ['loaded', 'loaded'], 'one for each page, none for the changed address')
})
