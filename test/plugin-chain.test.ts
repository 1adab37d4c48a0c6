import { setImmediate } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { Test } from 'tap'
import { defineView } from '../plugin/index.ts'
import type { Connection, Violation } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'

const templates = {
  'list.njk': `<html><head></head><body><p>{{ text }}</p>
    <form live-submit="rename" live-input="rename"><input name="text"></form>
    {% if open %}<button live-click="close">x</button>{% else %}<button live-click="show">o</button>{% endif %}
    <ul>{% for row in rows %}<li id="{{ row.id }}">{{ row.id }} <button live-click="drop" live-value-id="{{ row.id }}">-</button></li>{% endfor %}</ul>
    {% for m in flash %}<b>{{ m.kind }} {{ m.text }}</b>{% endfor %}
    {% for name in ['fail', 'late', 'soon', 'slow', 'broken', 'denied', 'rude', 'effects', 'loads', 'odd', 'old', 'limited', 'reject'] %}{% endfor %}
    <button live-click="fail"></button><button live-click="late"></button><button live-click="soon"></button><button live-click="broken"></button>
    <button live-click="denied"></button><button live-click="effects"></button><button live-click="odd"></button><button live-click="limited"></button>
    <button live-click="reject"></button></body></html>`
}
const FIRST = 2
const element = (name: string): number => FIRST + ['fail', 'late', 'soon', 'broken', 'denied', 'effects', 'odd', 'limited', 'reject'].indexOf(name) - 1

interface Row { id: number }

function list (log: string[] = []) {
  return defineView({
    name: 'list',
    template: 'list.njk',
    access: 'public',
    state: () => ({ text: 'one', open: false, rows: [{ id: 1 }, { id: 2 }, { id: 3 }] as Row[], odd: undefined as unknown }),
    events: {
      rename: {
        payload: Type.Object({ text: Type.String({ maxLength: 10 }) }),
        run: ({ state, payload }) => { state.text = payload.text }
      },
      show: { run: ({ state }) => { state.open = true } },
      close: { run: ({ state }) => { state.open = false } },
      drop: {
        payload: Type.Object({ id: Type.Integer() }),
        run: ({ state, payload }) => {
          log.push(`drop ${payload.id} ${typeof payload.id}`)
          state.rows = state.rows.filter(({ id }) => id !== payload.id)
        }
      },
      fail: { run: ({ state }) => { state.text = 'half done'; throw new Error('the secret reason') } },
      reject: { run: async () => { throw new Error('the secret reason') } },
      late: {
        authorize: ({ state }) => state.text === 'one' ? 'yes' as unknown as boolean : true,
        run: async ({ state, signal }) => {
          await new Promise((resolve) => { signal.addEventListener('abort', resolve) })
          log.push('aborted')
          state.text = 'late'
        }
      },
      soon: { authorize: async () => true, run: async ({ state }) => { log.push('soon begins'); await setImmediate(); log.push('soon ends'); state.text += '.' } },
      broken: { authorize: () => { throw new Error('no answer') }, run: () => { log.push('broken ran') } },
      denied: { authorize: async () => false, run: () => { log.push('denied ran') } },
      odd: { run: ({ state }) => { state.rows = { toString: 1 } as unknown as Row[] } },
      limited: { rateLimit: { rate: 0.001, burst: 1 }, run: ({ state }) => { state.text += '+' } },
      effects: {
        run: ({ navigate, flash, pushEvent, patchUrl }) => {
          navigate('/other')
          flash('info', 'saved')
          pushEvent('saved', { id: 7 })
          patchUrl({ page: 2, none: null })
        }
      }
    },
    onParams: ({ state, query }) => { state.text = `page ${query.page ?? ''}` }
  })
}

async function start (t: Test, options: Partial<LiveAppOptions['live']> = {}, log: string[] = []) {
  const violations: Array<Pick<Violation, 'code' | 'weight' | 'event'>> = []
  const onViolation = ({ code, weight, event }: Violation): void => { violations.push({ code, weight, event }) }
  const started = await startLiveApp(t, { live: { templates, onViolation, ...options }, routes: (app) => app.live('/list', list(log)) })
  const visitor = new Visitor(started.url)
  const bystander = await visitor.open('/list')
  // Whatever happens to one connection, another goes on as before.
  const untouched = async (): Promise<void> => {
    t.match(await bystander.event('rename', 'input', [], 0, [], { text: 'fine' }), ['p'], 'another connection is untouched')
    bystander.close()
  }
  return { ...started, visitor, violations, untouched, log }
}

t.test('rows are addressed by number and their own values reach the handler, coerced by the schema', async (t) => {
  const { visitor, log, untouched, violations } = await start(t)
  const live = await visitor.open('/list')
  t.same(await live.event('drop', 'click', [2, 1], 0, ['2']), ['p', 1, [2, [0, 1, 1]]])
  t.same(await live.event('drop', 'click', [2, 2], 0, ['3']), ['p', 2, [2, [0, 1, 1]]], 'its number stays its own')
  t.same(log, ['drop 2 number', 'drop 3 number'])
  const [kind, ref, reason, text, id] = await live.event('drop', 'click', [2, 1], 0, ['2'])
  t.same([kind, ref, reason], ['r', 3, 'stale'], 'a row that is gone is stale, not a violation')
  t.match(text, 'changed in the meantime')
  t.match(id, /^[0-9a-f]{12}$/)
  t.match(await live.event('drop', 'click', [2, 0], 0, ['7']), ['r', 4, 'stale'], 'other values than those shown')
  t.same(violations.map(({ weight }) => weight), ['none', 'none'])
  t.same(log.length, 2)
  live.close()
  await untouched()
})

t.test('a branch\'s text is sent when it is first shown, and not again', async (t) => {
  const { visitor } = await start(t)
  const live = await visitor.open('/list')
  t.notMatch(live.html, 'live-click="close"')
  const [, , patch, shapes] = await live.event('show', 'click', [1], 0)
  t.match(patch, [1, { s: String }])
  t.match(Object.values(shapes), [/live-click="close"/])
  t.match(await live.event('close', 'click', [1], 0), ['p', 2, [1, {}], {}])
  t.same((await live.event('show', 'click', [1], 0)).length, 3, 'known by now')
  live.close()
})

t.test('what the page does not show cannot be called', async (t) => {
  const { visitor, violations, untouched, log } = await start(t)
  const live = await visitor.open('/list')
  t.match(await live.event('close', 'click', [1], 0), ['r', 1, 'stale'], 'the other branch')
  for (const [event, kind, path, element, seen] of [
    ['nothing', 'click', [], 0, []],
    ['drop', 'click', [], 0, ['2']],
    ['constructor', 'click', [], 0, []],
  ] as const) {
    const fresh = await visitor.open('/list')
    t.match(await fresh.event(event, kind, [...path], element, [...seen]), ['r', 1, /invalid|stale/])
    fresh.close()
  }
  const impossible = await visitor.open('/list')
  t.match(await impossible.event('rename', 'click', [], 0), ['r', 1, 'invalid'], 'a form that has no click')
  t.match(await impossible.event('rename', 'submit', [9, 9], 0), ['r', 2, 'invalid'])
  impossible.send(['e', 3, 'rename', 'submit', [], 900])
  t.match(await impossible.next(), ['r', 3, 'invalid'])
  t.equal(await impossible.closed, 4429, 'three times is no accident')
  await t.rejects(visitor.socket('/list'), { message: 'status 429' }, 'the address cools down')
  t.ok(violations.some(({ code }) => code === 'LIVE_ERR_BINDING'))
  t.same(log, [])
  live.close()
  await untouched()
})

t.test('a payload that does not fit its schema never reaches the handler', async (t) => {
  const { visitor, violations } = await start(t)
  const live = await visitor.open('/list')
  for (const data of [{ text: 'x'.repeat(11) }, {}, { text: ['one', 'two'] }]) {
    t.match(await live.event('rename', 'submit', [], 0, [], data), ['r', Number, 'invalid'])
  }
  t.same(await live.event('rename', 'submit', [], 0, [], { text: 'two', other: 'dropped' }), ['p', 4, [0, 'two']])
  t.same(violations.map(({ code, weight }) => `${code} ${weight}`), Array(3).fill('LIVE_ERR_PAYLOAD none'))
  live.close()
})

t.test('a handler that throws fails its own event; the page shows what the state is', async (t) => {
  const logs: string[] = []
  const { url } = await startLiveApp(t, {
    live: { templates },
    logger: { level: 'error', stream: { write: (line: string) => { logs.push(line) } } },
    routes: (app) => app.live('/list', list())
  })
  const live = await new Visitor(url).open('/list')
  const answer = await live.event('fail', 'click', [], element('fail'))
  t.match(answer, ['r', 1, 'error', 'Something went wrong. Please try again.', String])
  t.same(await live.next(), ['p', 0, [0, 'half done']])
  t.match(await live.event('reject', 'click', [], element('reject')), ['r', 2, 'error'])
  t.same(await live.event('rename', 'submit', [], 0, [], { text: 'two' }), ['p', 3, [0, 'two']])
  t.match(logs[0], 'the secret reason')
  t.match(logs[0], answer[4], 'the id that the browser was told is in the log')
  t.notMatch(JSON.stringify(answer), 'secret')
  live.close()
})

t.test('authorize denies by anything but true, a throw included', async (t) => {
  const { visitor, log } = await start(t)
  const live = await visitor.open('/list')
  t.match(await live.event('denied', 'click', [], element('denied')), ['r', 1, 'denied'])
  t.match(await live.event('broken', 'click', [], element('broken')), ['r', 2, 'denied'])
  t.match(await live.event('late', 'click', [], element('late')), ['r', 3, 'denied'], 'truthy is not true')
  t.match(await live.event('soon', 'click', [], element('soon')), ['p', 4])
  t.same(log, ['soon begins', 'soon ends'])
  live.close()
})

t.test('handlers of one connection run one at a time, in order', async (t) => {
  const { visitor, log } = await start(t)
  const live = await visitor.open('/list')
  for (let ref = 1; ref <= 3; ref++) live.send(['e', ref, 'soon', 'click', [], element('soon')])
  t.same([await live.next(), await live.next(), await live.next()].map(([, ref]) => ref), [1, 2, 3])
  t.same(log, Array(3).fill(['soon begins', 'soon ends']).flat())
  live.close()
})

t.test('C04 I send an event again under its number: it acts once', async (t) => {
  const { visitor } = await start(t)
  const live = await visitor.open('/list')
  const event = ['e', 1, 'drop', 'click', [2, 0], 0, ['1']]
  live.send(event)
  live.send(event)
  live.send(['e', 2, 'rename', 'submit', [], 0, [], { text: 'two' }])
  t.match([await live.next(), await live.next()], [['p', 1], ['p', 2, [0, 'two']]])
  live.close()
})

t.test('a connection that ends aborts its handler', async (t) => {
  const { visitor, log, untouched } = await start(t)
  const live = await visitor.open('/list')
  await live.event('rename', 'submit', [], 0, [], { text: 'two' })
  live.send(['e', 2, 'late', 'click', [], element('late')])
  await untouched()
  live.close()
  while (!log.includes('aborted')) await setImmediate()
  t.same(log, ['aborted'])
})

t.test('what cannot be rendered fails its event, and the page goes on once it can', async (t) => {
  const { visitor, untouched } = await start(t)
  const live = await visitor.open('/list')
  const [kind, ref] = await live.event('odd', 'click', [], element('odd'))
  t.match([kind, ref], [/p|r/, 1])
  t.match(await live.event('rename', 'submit', [], 0, [], { text: 'two' }), [/p|r/, 2])
  live.close()
  await untouched()
})

t.test('effects travel with the answer', async (t) => {
  const { visitor } = await start(t)
  const live = await visitor.open('/list')
  const [kind, ref, patch, , effects] = await live.event('effects', 'click', [], element('effects'))
  t.match([kind, ref], ['p', 1])
  t.match(patch, [0, 'page 2', 3, { r: [['info', 'saved']] }], 'onParams ran, and the template shows the flash itself')
  t.same(effects, { n: '/other', u: '?page=2', e: [['saved', { id: 7 }]] })
  t.match(await live.event('rename', 'submit', [], 0, [], { text: 'two' }), ['p', 2, [0, 'two', 3, [0, 0, 1]]], 'a flash is shown once')
  live.close()
})

t.test('an event\'s own budget is shared by the sockets of one caller', async (t) => {
  const { visitor, violations } = await start(t)
  const [first, second] = [await visitor.open('/list'), await visitor.open('/list')]
  t.match(await first.event('limited', 'click', [], element('limited')), ['p', 1])
  t.match(await second.event('limited', 'click', [], element('limited')), ['r', 1, 'limit'])
  t.same(violations, [{ code: 'LIVE_ERR_HANDLER_RATE', weight: 'none', event: 'limited' }])
  first.close()
  second.close()
})

t.test('over the connection\'s budget typing waits, anything else is warned and then out', async (t) => {
  const { visitor, untouched } = await start(t, { rateLimit: { rate: 0.001, burst: 8 } })
  const live = await visitor.open('/list')
  for (let ref = 1; ref <= 7; ref++) t.match(await live.event('rename', 'input', [], 0, [], { text: 'x' }), ['p', ref])
  for (let ref = 8; ref <= 12; ref++) t.match(await live.event('rename', 'input', [], 0, [], { text: 'y' }), ['r', ref, 'limit'])
  for (let ref = 13; ref <= 15; ref++) live.send(['e', ref, 'show', 'click', [1], 0])
  t.equal(await live.closed, 4429)
  await untouched()
})

t.test('D05, D09, D13 malformed frames are warned, impossible ones end the connection, and nobody else notices', async (t) => {
  const { visitor, untouched, violations } = await start(t, { rateLimit: { reconnectCooldown: 0 } })
  for (const frame of ['{', '[1', 'null', '[]', '["x"]', '["e",1]', '["e",1,"drop","click",[],0,[],{"__proto__":1}]', '['.repeat(100), '["e",REF,"Drop","click"]']) {
    const live = await visitor.open('/list')
    for (let k = 1; k <= 3; k++) live.send(frame.replace('REF', String(k)))
    t.equal(await live.closed, 4429, frame.slice(0, 40))
  }
  const binary = await visitor.open('/list')
  binary.ws.send(Buffer.from([1, 2]))
  t.equal(await binary.closed, 1003)
  const big = await visitor.open('/list')
  big.send(`["e",1,"${'x'.repeat(70_000)}"]`)
  t.equal(await big.closed, 1009)
  const early = await visitor.socket('/list')
  early.send(['e', 1, 'show', 'click', [1], 0])
  t.equal(await early.closed, 1008, 'an event before the join')
  const twice = await visitor.open('/list')
  twice.send(['j', 'v1.x', 0, 0])
  t.equal(await twice.closed, 1008)
  t.ok(violations.every(({ code }) => code.startsWith('LIVE_ERR_')))
  t.same(violations.filter(({ weight }) => weight === 'close').map(({ code }) => code), [
    'LIVE_ERR_FRAME_BINARY', 'LIVE_ERR_FRAME_PROTOCOL', 'LIVE_ERR_JOIN_FIRST', 'LIVE_ERR_JOIN_TWICE'
  ])
  await untouched()
})

t.test('D04 a flood of pings ends the connection', async (t) => {
  const { visitor, untouched } = await start(t, { rateLimit: { rate: 1, burst: 2 } })
  const live = await visitor.open('/list')
  for (let k = 0; k < 50; k++) live.ws.ping()
  t.equal(await live.closed, 1008)
  const pongs = await visitor.open('/list')
  for (let k = 0; k < 50; k++) pongs.ws.pong()
  t.equal(await pongs.closed, 1008, 'pongs that nobody asked for are no cheaper')
  await untouched()
})

t.test('A05 the wrong subprotocol is told to load the page anew', async (t) => {
  const { url } = await start(t)
  const { WebSocket } = await import('ws')
  const ws = new WebSocket(url.replace('http', 'ws') + '/list', 'live.v0', { headers: { origin: url } })
  t.equal(await new Promise((resolve) => { ws.on('close', resolve) }), 4409)
})

t.test('changes from outside come in turn, and stop with the connection', async (t) => {
  const connections: Connection[] = []
  const ended: string[] = []
  const view = defineView({
    name: 'clock',
    template: 'clock.njk',
    access: 'public',
    state: () => ({ time: 0 }),
    onConnect: ({ connection, state }) => { connections.push(connection as Connection); state.time = 1 },
    onDisconnect: ({ state }) => { ended.push(`at ${state.time}`) }
  })
  const { url } = await startLiveApp(t, { live: { templates: { 'clock.njk': '<p>{{ time }}</p>' } }, routes: (app) => app.live('/clock', view) })
  const live = await new Visitor(url).open('/clock')
  t.same(await live.next(), ['p', 0, [0, 1]], 'what onConnect changed')
  const [connection] = connections as [Connection<{ time: number }>]
  t.equal(connection.view, 'clock')
  t.equal(connection.identity, null)
  t.equal(connection.tenant, null)
  connection.update(async (state) => { await setImmediate(); state.time = 2 })
  connection.update((state) => { state.time = 3 })
  connection.update(() => { throw new Error('nothing but this is lost') })
  t.same([await live.next(), await live.next()], [['p', 0, [0, 2]], ['p', 0, [0, 3]]])
  live.send(['a', 2])
  connection.close()
  t.equal(await live.closed, 4409)
  while (ended.length === 0) await setImmediate()
  t.same(ended, ['at 3'])
  connection.update((state) => { state.time = 4 })
})
