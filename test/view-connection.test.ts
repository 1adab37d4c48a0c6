import t from 'tap'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import { Mount } from '../lib/view/mount.ts'
import type { AnyEventContext } from '../lib/view/view.ts'
import { click, connect, counter, mounting, template } from './helpers/engine-connection.ts'

t.test('nothing is rendered for a slow reader until it has caught up; a hopeless one is cut off', async (t) => {
  const { connection, channel, receive, closed } = await connect(t, { view: counter(), template })
  channel.buffered = 300_000
  receive(click(1))
  receive(click(2))
  t.same(channel.texts, [['j', 0], ['p', 1], ['p', 2]])
  channel.buffered = 280_000
  channel.sent.at(-1)?.()
  t.equal(channel.texts.length, 3, 'still too much on the way')
  channel.buffered = 0
  channel.sent.at(-1)?.()
  await new Promise(setImmediate)
  t.same(channel.texts.at(-1), ['p', 0, [0, 2]])
  channel.buffered = 2_000_000
  receive(click(3))
  t.equal(channel.ended, 'terminated')
  t.equal(connection.phase, 'closed')
  receive(click(4))
  connection.close(1000, 'again')
  t.equal(closed(), 1)
})

t.test('what fails while catching up is logged, and the next change is shown', async (t) => {
  let fails = false
  const view = counter({
    loaders: {
      rows: ({ state }: { state: { count: number } }) => {
        if (fails) throw new Error('no database')
        return state.count
      }
    }
  })
  const { channel, receive, logs } = await connect(t, { view, template: `${template}{{ rows }}` })
  channel.buffered = 300_000
  receive(click(1))
  fails = true
  channel.buffered = 0
  channel.sent.at(-1)?.()
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  t.match(logs.at(-1), /live loader failed view 'counter': loader 'rows' failed: no database/)
  fails = false
  receive(click(2))
  await new Promise((resolve) => setImmediate(resolve))
  t.same(channel.texts.at(-1), ['p', 2, [0, 2, 1, 2]])
})

t.test('D01 a frame is measured against the route\'s own size, and metered before it is read', async (t) => {
  const small = await connect(t, { view: counter(), template, limits: { maxMessageSize: 128 } })
  small.connection.receive(Buffer.alloc(129, 0x20), false)
  t.equal(small.channel.ended, '1009 LIVE_ERR_FRAME_SIZE')
  const codes: string[] = []
  const onViolation = (violation: { code: string }): void => { codes.push(violation.code) }
  const limits = { rateLimit: { rate: 1, burst: 1, maxWarnings: 5 } }
  const flood = await connect(t, { view: counter(), template, onViolation, limits })
  for (let k = 0; k < 9; k++) flood.connection.receive(Buffer.from('x'), false)
  t.same(codes, [...Array(3).fill('LIVE_ERR_FRAME_JSON'), 'LIVE_ERR_FRAME_RATE', 'LIVE_ERR_FRAME_RATE'])
  t.equal(flood.channel.ended, '4429 too many violations')
})

t.test('a full mailbox refuses events', async (t) => {
  const view = counter({ events: { add: { run: () => new Promise(() => {}) } } })
  const limits = { rateLimit: { rate: 1000, burst: 1000, maxWarnings: 3 } }
  // Short, so that the timers of the handler that hangs do not hold the tests up.
  const { connection, channel, receive, logs } = await connect(t, { view, template, limits, deadlines: { handler: 1 } })
  for (let ref = 1; ref <= 66; ref++) receive(click(ref))
  t.match(channel.texts.at(-1), ['r', 66, 'busy'])
  connection.handle.update(() => {})
  t.equal(connection.phase, 'live', 'honest people are not put out for it')
  t.notOk(logs.some((line) => line.includes('failed')))
})

t.test('a handler past its deadline fails its event, is aborted, and the queue goes on', async (t) => {
  const aborted: boolean[] = []
  const view = counter({
    events: {
      add: {
        run: ({ state, signal }: { state: { count: number }, signal: AbortSignal }) => {
          if (state.count++ > 0) return
          return new Promise((resolve) => { signal.addEventListener('abort', () => { aborted.push(true); resolve(undefined) }) })
        }
      }
    }
  })
  const { channel, receive } = await connect(t, { view, template, deadlines: { handler: 1 } })
  receive(click(1))
  receive(click(2))
  while (channel.texts.length < 3) await new Promise(setImmediate)
  t.match(channel.texts, [['j', 0], ['r', 1, 'error'], ['p', 2, [0, 2]]].concat([]))
  t.same(aborted, [true])
})

t.test('hooks of the application that throw are logged and change nothing', async (t) => {
  const broken = (): never => { throw new Error('oh') }
  const view = counter({ onConnect: broken, onDisconnect: async () => broken() })
  const { connection, channel, receive, logs } = await connect(t, { view, template, onViolation: broken })
  await new Promise(setImmediate)
  t.ok(logs.includes('live onConnect failed oh'))
  receive(['e', 1, 'nothing', 'click'])
  t.ok(logs.includes('onViolation failed oh'))
  t.match(channel.texts.at(-1), ['r', 1, 'invalid'])
  connection.ended(1000)
  await new Promise(setImmediate)
  t.ok(logs.includes('live onDisconnect failed oh'))
})

t.test('A08 a join that fails closes, a join that comes too late too', async (t) => {
  const failing = await connect(t, { view: counter(), template, join: async () => { throw new Error('store down') } })
  t.equal(failing.channel.ended, '1011 join failed')
  t.ok(failing.logs.includes('live join failed store down'))
  const early = await connect(t, { view: counter(), template, first: ['x'] })
  early.connection.handle.update(() => { t.fail('there is no state yet') })
  await new Promise(setImmediate)
  t.same(early.logs, ['live refused'], 'nor a turn to change it')
  const wrong = await connect(t, { view: counter(), template, deadlines: { join: 1 }, first: click(1) })
  const slow = await connect(t, { view: counter(), template, deadlines: { join: 1 }, join: () => new Promise(() => {}) })
  while (slow.channel.ended === null) await new Promise(setImmediate)
  t.equal(slow.channel.ended, '4408 LIVE_ERR_JOIN_TIMEOUT', 'one that hangs holds no place for long')
  t.same(wrong.logs, ['live refused', 'live ended'], 'nor is one told to be late that has gone before')
  const hasty = await connect(t, { view: counter(), template, join: () => new Promise(() => {}) })
  hasty.receive(click(1))
  t.equal(hasty.channel.ended, '1008 LIVE_ERR_JOIN_FIRST')
  const settle: Array<(joined: never) => void> = []
  const join = (): Promise<never> => new Promise((resolve) => { settle.push(resolve) })
  const gone = await connect(t, { view: counter(), template, join })
  gone.connection.ended(1006)
  settle[0]?.(null as never)
  await new Promise(setImmediate)
  t.same(gone.channel.texts, [], 'nothing is sent to a socket that has gone')
  t.same(gone.logs, ['live ended'], 'and its answer is not looked at')
  t.equal(gone.connection.phase, 'closed')
})

t.test('over an event\'s budget typing waits, clicks are refused with the time to wait, and whoever goes on is warned', async (t) => {
  const seen: string[] = []
  const view = counter({ events: { add: { rateLimit: { rate: 0.1, burst: 1 }, run: () => {} } } })
  const onViolation = (violation: { weight: string }): void => { seen.push(violation.weight) }
  const limits = { rateLimit: { rate: 100, burst: 100 } }
  const { receive, channel, clock } = await connect(t, { view, template, onViolation, limits })
  receive(click(1))
  for (let ref = 2; ref <= 40; ref++) receive(['e', ref, 'add', 'input', [], 1])
  t.match(channel.texts.slice(2), Array.from({ length: 39 }, (_, k) => ['r', k + 2, 'limit', /fast/, /./, 10_000]))
  for (let ref = 41; ref <= 60; ref++) receive(click(ref))
  t.same(seen, Array(59).fill('none'), 'impatience is told twenty times')
  clock.now += 200
  receive(click(61))
  receive(click(62))
  t.same(seen.slice(59), ['none', 'warning'])
  t.match(channel.texts.at(-1), ['r', 62, 'limit', /fast/, /./, 9_800])
  clock.now = 2_000_000
  receive(click(63))
  await new Promise(setImmediate)
  t.same(channel.texts.at(-1), ['p', 63])
})

t.test('what is rendered for a connection that has ended meanwhile is not sent', async (t) => {
  const finish: Array<() => void> = []
  let held: { readonly signal: AbortSignal } | null = null
  const view = counter({
    events: {
      add: {
        run: (scope: { state: { count: number }, readonly signal: AbortSignal }) => {
          held = scope
          scope.state.count++
        }
      }
    }
  })
  const environment = new TemplateEnvironment({ 'counter.njk': `${template}{{ count | later }}{% set unused %}<p>text{% endset %}` })
  environment.addFilter('later', (value: number, cb: (error: null, text: string) => void) => {
    if (value === 0) cb(null, 'at once')
    else finish.push(() => { cb(null, 'later') })
  }, true)
  const { connection, receive, channel } = await connect(t, { view, template: environment })
  t.equal(connection.handle.id, 'c')
  receive(click(1))
  connection.ended(1006)
  finish[0]?.()
  await new Promise(setImmediate)
  t.same(channel.texts, [['j', 0]])
  t.ok((held as unknown as { readonly signal: AbortSignal }).signal.aborted, 'a signal asked for too late is aborted')
})

t.test('a signal that is asked for once the handler has ended lives as long as the connection, which holds no scope for it', async (t) => {
  const held: Array<{ readonly signal: AbortSignal }> = []
  const view = counter({ events: { add: { run: (scope: { readonly signal: AbortSignal }) => { held.push(scope) } } } })
  const { connection, receive } = await connect(t, { view, template })
  receive(click(1))
  receive(click(2))
  const signals = held.map(({ signal }) => signal)
  t.same([signals.map(({ aborted }) => aborted), connection.scopes.size], [[false, false], 0])
  connection.ended(1006)
  t.same(signals.map(({ aborted }) => aborted), [true, true])
})

t.test('what a handler says after its deadline is not said for it', async (t) => {
  let finish = (): void => {}
  const over = new Promise<void>((resolve) => { finish = resolve })
  const view = counter({
    events: {
      add: {
        run: async (scope: AnyEventContext) => {
          if ((scope.state as { count: number }).count++ > 0) return
          await new Promise((resolve) => { scope.signal.addEventListener('abort', resolve) })
          scope.navigate('/late')
          scope.flash('info', 'late')
          scope.pushEvent('late', 1)
          scope.patchUrl({ late: 1 })
          await scope.updateSession(() => {})
          scope.reload('rows')
          t.ok(scope.signal.aborted)
          finish()
        }
      }
    },
    loaders: { rows: () => 1 }
  })
  const { channel, receive, logs } = await connect(t, { view, template: `${template}{{ rows }}`, deadlines: { handler: 1 } })
  receive(click(1))
  await over
  receive(click(2))
  while (!channel.texts.some((text) => (text as number[])[1] === 2)) await new Promise(setImmediate)
  t.match(channel.texts.at(-1), ['p', 2, [0, 2]])
  t.equal((channel.texts.at(-1) as unknown[]).length, 3, 'no effect of the late one')
  t.equal(logs.filter((line) => line === 'a live handler went on after its deadline').length, 6)
})

const standard = (validate: (value: unknown) => unknown): object => ({ '~standard': { version: 1, vendor: 'x', validate } })

t.test('I find a rule or a validator of yours that never answers: it denies after its deadline, and the queue goes on', async (t) => {
  const ran: string[] = []
  const never = (): Promise<never> => new Promise(() => {})
  for (const [rest, reason] of [[{ authorize: never }, 'denied'], [{ payload: standard(never) }, 'error']] as const) {
    const view = counter({ events: { add: { run: () => { ran.push(reason) }, ...rest } } })
    const { channel, receive } = await connect(t, { view, template, deadlines: { handler: 1 } })
    receive(click(1))
    receive(click(2))
    for (let k = 0; k < 1e6 && channel.texts.length < 3; k++) await new Promise(setImmediate)
    t.match(channel.texts.slice(1), [['r', 1, reason], ['r', 2, reason]])
  }
  t.same(ran, [])
})

t.test('I let a rule of yours hang, or reject, or answer something like yes: only true is yes', async (t) => {
  const ran: string[] = []
  for (const answer of [async () => 'yes', async () => { throw new Error('down') }, () => 1]) {
    const view = counter({ events: { add: { run: () => { ran.push('ran') }, authorize: answer } } })
    const { channel, receive } = await connect(t, { view, template })
    receive(click(1))
    await new Promise(setImmediate)
    t.match(channel.texts.at(-1), ['r', 1, 'denied'])
  }
  t.same(ran, [])
})

t.test('I acknowledge more than I was sent: it buys me no patches ahead', async (t) => {
  const { connection, channel, receive, clock } = await connect(t, { view: counter(), template })
  receive(['a', 1_000_000])
  for (let k = 0; k < 30; k++) {
    clock.now += 50
    connection.handle.update(((state: { count: number }) => { state.count++ }) as (state: never) => void)
    await new Promise(setImmediate)
  }
  t.equal(channel.texts.length, 1 + 10, 'the join, and as many patches as may be on the way')
})

t.test('what still waits when a connection ends is not run, not answered, and not sent', async (t) => {
  const ran: number[] = []
  const asked: string[] = []
  const finish: Array<(outcome?: unknown) => void> = []
  const view = counter({
    events: {
      add: {
        authorize: () => asked.push('add') > 0,
        run: () => {
          ran.push(ran.length)
          return new Promise((resolve, reject) => { finish.push(reject as () => void) })
        }
      }
    }
  })
  const codes: string[] = []
  const { connection, channel, receive } = await connect(t, { view, template, onViolation: ({ code }) => { codes.push(code) } })
  receive(click(1))
  receive(click(2))
  const { signal: lifetime } = connection
  connection.ended(1006)
  t.ok(lifetime.aborted, 'loaders are told')
  finish[0]?.(new Error('too late'))
  await new Promise(setImmediate)
  receive(click(3))
  connection.send(['p', 9])
  connection.handle.update(() => { ran.push(9) })
  await new Promise(setImmediate)
  t.same(ran, [0])
  t.same(asked, ['add'], 'nor is any rule asked about it')
  t.same(codes, [])
  t.same(channel.texts, [['j', 0]])
})

t.test('a thousand updates that wait for a handler take one turn: the socket is read on, and none is lost', async (t) => {
  let finish = (): void => {}
  const view = counter({ events: { add: { run: () => new Promise<void>((resolve) => { finish = resolve }) } } })
  const { connection, channel, receive } = await connect(t, { view, template })
  receive(click(1))
  const change = ((state: { count: number }) => { state.count++ }) as (state: never) => void
  for (let k = 0; k < 1000; k++) connection.handle.update(change)
  t.notOk(connection.isPaused())
  finish()
  while (channel.texts.length < 3) await new Promise(setImmediate)
  t.same(channel.texts.slice(1), [['p', 1], ['p', 0, [0, 1000]]])
})

t.test('an update from outside that never ends holds nothing up for long', async (t) => {
  const { connection, channel, receive, logs } = await connect(t, { view: counter(), template, deadlines: { handler: 1 } })
  connection.handle.update(() => new Promise(() => {}))
  receive(click(1))
  for (let k = 0; k < 1e6 && channel.texts.length < 2; k++) await new Promise(setImmediate)
  t.same(channel.texts.at(-1), ['p', 1, [0, 1]])
  t.match(logs.join(), /live update failed update took longer than 1 ms/)
})

t.test('I sign out while you push to me: the look at my session comes first, and closes', async (t) => {
  const refused = { code: 'LIVE_ERR_SESSION_ENDED', reason: 'invalid', weight: 'close', close: 4401, detail: 'gone' } as const
  const { connection, channel, clock } = await connect(t, { view: counter(), template })
  Object.assign(connection.joined as object, { recheck: async () => refused })
  clock.now = 15_001
  connection.handle.update(((state: { count: number }) => { state.count = 7 }) as (state: never) => void)
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  t.equal(channel.ended, '4401 LIVE_ERR_SESSION_ENDED')
  t.same(channel.texts, [['j', 0]])
})

t.test('nothing is rendered for who has gone while his session was looked at, or his address, and nothing said of him', async (t) => {
  let rendered = 0
  const environment = new TemplateEnvironment({ 'counter.njk': `${template}{{ count | shown }}` })
  environment.addFilter('shown', (value: number) => {
    rendered++
    return value
  })
  const refused = { code: 'LIVE_ERR_DENIED', reason: 'denied', weight: 'close', close: 4403, detail: 'no' } as const
  for (const found of [null, refused]) {
    const { connection, clock, logs, channel } = await connect(t, { view: counter(), template: environment })
    const before = rendered
    let answer = (): void => {}
    Object.assign(connection.joined as object, { recheck: () => new Promise((resolve) => { answer = () => { resolve(found) } }) })
    clock.now = 15_001
    connection.handle.update(((state: { count: number }) => { state.count = 7 }) as (state: never) => void)
    await new Promise(setImmediate)
    connection.ended(1006)
    answer()
    await new Promise(setImmediate)
    t.same([rendered, channel.texts, logs], [before, [['j', 0]], ['live ended']])
  }
  const scopes: Array<{ readonly signal: AbortSignal }> = []
  const view = counter({
    onConnect: (scope: { readonly signal: AbortSignal }) => { scopes.push(scope) && scope.signal.throwIfAborted() },
    onParams: ({ connection }: { connection: { close: () => void } }) => { connection.close() },
    events: { add: { run: ({ patchUrl }: { patchUrl: (query: object) => void }) => { patchUrl({ page: 2 }) } } }
  })
  const { connection, receive, channel } = await connect(t, { view, template: environment })
  await new Promise(setImmediate)
  const before = rendered
  t.equal(connection.scopes.size, 1, 'a signal that stays is kept')
  receive(click(1))
  await new Promise(setImmediate)
  t.same([rendered, channel.ended], [before, '4409 closed by the application'])
  t.same([connection.scopes.size, scopes[0]?.signal.aborted], [0, true], 'until the end, not for longer')
})

t.test('a loader that never answers fails the page after its deadline', async (t) => {
  const view = counter({ loaders: { rows: () => new Promise(() => {}) } })
  const compiled = compileView(view, new TemplateEnvironment({ 'counter.njk': `${template}{{ rows }}` }), 'strict')
  const input = { params: {}, query: {}, identity: null, tenant: null, globals: {}, deadline: 1, overDelivered: null }
  const outcome = await Promise.race([
    Mount.create(compiled, input, mounting).catch((error: Error) => error.message),
    new Promise((resolve) => { setTimeout(resolve, 2000, 'still waiting').unref() })
  ])
  t.match(outcome, /took longer than 1 ms/)
  const reason = new Error('left')
  const left = Mount.create(compiled, { ...input, deadline: 5000 }, { ...mounting, signal: AbortSignal.abort(reason) })
  await t.rejects(left, { cause: reason }, 'or when nobody waits for it any more')
})

t.test('B05 my role is taken away while you look at me: the look is as old as its beginning', async (t) => {
  const { connection, clock } = await connect(t, { view: counter({}), template })
  Object.assign(connection.joined as object, { recheck: async () => { clock.now += 16_000; return null } })
  await connection.session.look()
  t.ok(connection.session.ifDue() !== null, 'the next event looks again')
})

t.test('B05 I am signed out by a handler while your store rests from its failure: nobody waits for that', async (t) => {
  const { connection } = await connect(t, { view: counter({}), template })
  Object.assign(connection.joined as object, { recheck: async () => 'store-down' })
  t.equal(await connection.session.look(), null)
  t.notOk(connection.session.isIdle(), 'the store rests')
  connection.session.demand()
  t.ok(connection.session.isIdle(), 'what was written is looked at all the same')
})

t.test('E04 where nobody says who may, nobody may', async (t) => {
  const compiled = compileView(counter({}), new TemplateEnvironment({ 'counter.njk': template }), 'strict')
  const input = { params: {}, query: {}, identity: { id: 1 }, tenant: null, globals: {}, deadline: 5000, overDelivered: null }
  const mount = await Mount.create(compiled, input, mounting)
  t.equal(await mount.hasPermission('anything'), false)
})

t.test('a signal that is asked for after the deadline is aborted', async (t) => {
  let told = (): void => {}
  const answered = new Promise<void>((resolve) => { told = resolve })
  const aborted: boolean[] = []
  const view = counter({
    events: {
      add: {
        run: async (scope: AnyEventContext) => {
          await answered
          aborted.push(scope.signal.aborted)
        }
      }
    }
  })
  const { channel, receive } = await connect(t, { view, template, deadlines: { handler: 1 } })
  receive(click(1))
  while (channel.texts.length < 2) await new Promise(setImmediate)
  told()
  while (aborted.length === 0) await new Promise(setImmediate)
  t.same(aborted, [true])
})
