import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { WebSocket } from 'ws'
import { Effects } from '../lib/view/effects.ts'
import { closedSchema } from '../lib/view/closed-schema.ts'
import { withDeadline } from '../lib/view/deadline.ts'
import { Mailbox } from '../lib/view/mailbox.ts'
import type { Mount } from '../lib/view/mount.ts'
import { createPayloadCheck } from '../lib/view/payload-check.ts'
import { RetainedMounts } from '../lib/view/retained-mounts.ts'
import { show } from '../lib/view/show-value.ts'
import { readsChanged, trackReads } from '../lib/view/track-reads.ts'
import { findClientScript } from '../plugin/client-script.ts'
import { listenersOf, updateStoredSession, watchSessionStore } from '../plugin/session-access.ts'
import type { SessionStore } from '../plugin/session-access.ts'
import { SocketChannel } from '../plugin/socket-channel.ts'
import { listeningOrigins } from '../plugin/listening-origins.ts'

t.test('a mailbox runs one task at a time, refuses what is too much, and stops when it is closed', async (t) => {
  const ran: string[] = []
  const mailbox = new Mailbox({ capacity: 2, failed: (error) => { ran.push(String(error)) }, pause () {}, resume () {} })
  let finish = (): void => {}
  mailbox.post(() => new Promise<void>((resolve) => { finish = resolve }).then(() => { ran.push('first') }))
  t.ok(mailbox.post(() => { ran.push('second') }))
  t.ok(mailbox.post(() => { ran.push('third') }))
  t.notOk(mailbox.post(() => { ran.push('too much') }))
  finish()
  await new Promise(setImmediate)
  t.same(ran, ['first', 'second', 'third'])
  mailbox.post(() => { throw new Error('thrown') })
  mailbox.post(async () => { throw new Error('rejected') })
  mailbox.post(() => { ran.push('goes on') })
  await new Promise(setImmediate)
  t.same(ran.slice(3), ['Error: thrown', 'Error: rejected', 'goes on'])
  mailbox.post(async () => {
    await null
    mailbox.close()
  })
  mailbox.insist(() => { ran.push('late') })
  await new Promise(setImmediate)
  t.notOk(mailbox.post(() => { ran.push('late') }))
  t.notOk(mailbox.insist(() => { ran.push('late') }))
  t.notOk(ran.includes('late'))
})

t.test('a deadline aborts and rejects, and a late outcome is dropped', async (t) => {
  let aborted = 0
  await t.rejects(withDeadline(new Promise(() => {}), 'the work', 1, () => { aborted++ }), { code: 'LIVE_ERR_DEADLINE', message: 'the work took longer than 1 ms' })
  t.equal(await withDeadline(Promise.resolve('in time'), 'the work', 10_000, () => { aborted++ }), 'in time')
  t.equal(aborted, 1)
})

t.test('retained mounts are bounded by count, time and owner, and given once', async (t) => {
  let time = 0
  const retained = new RetainedMounts({ now: () => time, maxMounts: 4, maxPerOwner: 2, lifetime: 100 })
  const mount = (name: string): Mount => ({ name } as unknown as Mount)
  const keep = (nonce: string, address: string, session: string | null = null): void => {
    retained.keep(nonce, mount(nonce), { address, session, identity: null, tenant: null, view: 'v' }, 1)
  }
  keep('a1', 'a', 's')
  keep('a2', 'a')
  keep('a3', 'a')
  t.equal(retained.claim('a3'), null, 'more than an address may have')
  keep('b1', 'b', 's')
  keep('c1', 'c', 's')
  t.equal(retained.claim('c1'), null, 'more than a session may have')
  t.same(retained.claim('a1'), mount('a1'))
  t.equal(retained.claim('a1'), null, 'given once')
  keep('d1', 'd')
  keep('e1', 'e')
  keep('f1', 'f')
  t.equal(retained.size, 4, 'more than all may have')
  retained.dropOwned(({ session }) => session === 's')
  t.equal(retained.claim('b1'), null)
  time = 99
  keep('g1', 'g')
  time = 100
  t.equal(retained.claim('d1'), null, 'too late')
  t.same(retained.claim('g1'), mount('g1'))
  t.equal(retained.size, 0)
  keep('h1', 'h')
  retained.clear()
  t.equal(retained.size, 0)
})

t.test('an option\'s value is shown in one short line', async (t) => {
  t.equal(show(() => {}), 'a function')
  t.equal(show({ a: [1, 2] }), '{ a: [ 1, 2 ] }')
  t.equal(show(Array(100).fill('long')).length, 120)
})

t.test('payloads: no schema takes nothing; objects that do not say otherwise take nothing additional', async (t) => {
  const compiled: object[] = []
  const compile = (schema: object) => { compiled.push(schema); return Object.assign(() => false, { errors: [{ schemaPath: '#/a/type' }, { schemaPath: '#/b' }, { schemaPath: '#/c' }, { schemaPath: '#/d' }] }) }
  t.same(createPayloadCheck(null, compile, 'v.e')({ a: 1 }), { ok: true, payload: {} })
  t.same(createPayloadCheck({ type: 'object' }, compile, 'v.e')({}), { ok: false, detail: 'does not fit #/a/type, #/b, #/c' })
  createPayloadCheck({ type: 'object', additionalProperties: true }, compile, 'v.e')
  createPayloadCheck({ type: 'object', patternProperties: {} }, compile, 'v.e')
  createPayloadCheck({ anyOf: [] }, compile, 'v.e')
  t.same(compiled, [
    { type: 'object', additionalProperties: false }, { type: 'object', additionalProperties: true },
    { type: 'object', patternProperties: {}, additionalProperties: false }, { anyOf: [] }
  ])
  for (const answer of [1, 'yes', Promise.resolve(false), Promise.reject(new Error('no')), { error: new Error('no') }]) {
    t.match(await createPayloadCheck({ type: 'object' }, () => () => answer, 'v.e')({}), { ok: false }, 'only true is valid')
  }
  for (const answer of [{ value: { a: 2 } }, Promise.resolve({ value: { a: 2 } })]) {
    const made = await createPayloadCheck({ type: 'object' }, () => () => answer, 'v.e')({ a: 1 })
    t.same(made, { ok: true, payload: { a: 2 } }, 'what the validator made of it')
  }
  const coercing = createPayloadCheck({ type: 'object' }, () => (value) => Object.assign(value as object, { n: Infinity }) === value, 'v.e')
  t.match(coercing({}), { ok: false, detail: 'a number is not finite' })
  const validated = createPayloadCheck({ $async: true }, () => async (value) => value, 'v.e')
  t.same(await validated({ a: 1 }), { ok: true, payload: { a: 1 } })
  const silent = createPayloadCheck({}, () => () => false, 'v.e')
  t.same(silent({}), { ok: false, detail: 'does not fit the schema' })
  const standard = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } }
  t.same(createPayloadCheck(standard, compile, 'v.e')({ a: 1 }), { ok: true, payload: { a: 1 } })
  const issues = [{ message: "not 'hunter2'", path: ['list', { key: 0 }, 'password'] }, { message: 'hunter2' }]
  const strict = { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues }) } }
  t.same(createPayloadCheck(strict, compile, 'v.e')({}), { ok: false, detail: 'does not fit: list.0.password, all of it' })
})

t.test('the listening origins are the addresses, and the names of loopback', async (t) => {
  t.same(listeningOrigins('http', [{ address: '127.0.0.1', port: 3000, family: 'IPv4' }]), ['http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000'])
  t.same(listeningOrigins('https', [{ address: '::', port: 1, family: 'IPv6' }]), ['https://localhost:1', 'https://127.0.0.1:1', 'https://[::1]:1'])
  t.same(listeningOrigins('http', [{ address: '192.0.2.7', port: 1, family: 'IPv4' }, { address: '2001:db8::1', port: 1, family: 'IPv6' }]), ['http://192.0.2.7:1', 'http://[2001:db8::1]:1'])
  t.match(listeningOrigins('http', [{ address: '::1', port: 1, family: 'IPv6' }]), ['http://[::1]:1'])
  t.same(listeningOrigins('http', ['/run/app.sock']), ['http://not-listening.invalid'])
})

t.test('a browser runtime that is not built ends the boot, and says how to build it', async (t) => {
  t.throws(() => findClientScript(['/nowhere/client.js']), { code: 'LIVE_ERR_CLIENT', message: /build:client/ })
})

t.test('a read-only state notes what is read of it', async (t) => {
  const reads = new Map()
  const state = trackReads({ a: 1, b: { c: 2 }, [Symbol.for('s')]: 3 }, reads) as Record<PropertyKey, unknown>
  t.ok('a' in state && state[Symbol.for('s')] === 3 && Symbol.for('s') in state)
  t.same([...reads.keys()], ['a'])
  const message = /a loader does not change the state/
  t.throws(() => { state['a'] = 2 }, message)
  t.throws(() => { delete state['a'] }, message)
  t.throws(() => Object.defineProperty(state, 'z', { value: 1 }), message)
  t.throws(() => Object.setPrototypeOf(state, {}), message)
  t.throws(() => Object.freeze(state), message)
})

t.test('what was read of the state has changed, or has not', async (t) => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const state: Record<string, any> = {
    list: [1], other: 1, cycle, opaque: { run () {} }, none: NaN, map: new Map([['a', 1]]), set: new Set([1]), numbers: [NaN],
  }
  const after = (read: (tracked: any) => unknown, change: () => void = () => {}): boolean => {
    const reads = new Map()
    read(trackReads(state, reads))
    change()
    return readsChanged(state, reads)
  }
  t.equal(after(({ list }) => list), false)
  t.equal(after(({ list }) => list, () => { state['other']++ }), false)
  t.equal(after(({ list }) => list, () => { state['list'].push(2) }), true, 'in place')
  t.equal(after((tracked) => 'more' in tracked, () => { state['more'] = 1 }), true)
  t.equal(after(({ opaque }) => opaque), true, 'what cannot be compared may have changed')
  t.equal(after(Object.keys), true)
  delete state['opaque']
  t.equal(after(({ cycle }) => cycle), false)
  t.equal(after(({ none }) => none), false, 'NaN is NaN: ?page=abc is not one load for each event')
  t.equal(after(({ map }) => map.get('a'), () => { state['map'].set('a', 2) }), true, 'in a map')
  t.equal(after(({ set }) => set.size, () => { state['set'].add(2) }), true, 'in a set')
  t.equal(after(({ numbers }) => numbers[0], () => { state['numbers'][0] = null }), true)
  t.equal(after((tracked) => Object.hasOwn(tracked, 'own'), () => { state['own'] = undefined }), true, 'a key that came')
  t.equal(after((tracked) => Object.getOwnPropertyDescriptor(tracked, 'other')?.value, () => { state['other']++ }), true)
  t.equal(after(Object.keys), false)
  t.equal(after(Object.keys, () => { state['another'] = 1 }), true, 'all names were read')
})

t.test('effects wait for the next message', async (t) => {
  const effects = new Effects()
  t.equal(effects.take(), null)
  effects.token('t')
  effects.query('?a=1')
  t.same(effects.take(), { t: 't', u: '?a=1' })
  effects.navigate('/a/../b')
  t.same(effects.take(), { n: '/b' }, 'as the server has read it, not as a browser might')
})

t.test('the channel is the socket', async (t) => {
  const calls: string[] = []
  const names = ['send', 'ping', 'pause', 'resume', 'close', 'terminate']
  const socket = { bufferedAmount: 7, ...Object.fromEntries(names.map((name) => [name, () => { calls.push(name) }])) }
  const channel = new SocketChannel(socket as unknown as WebSocket)
  channel.send('x', () => {})
  channel.ping()
  channel.pause()
  channel.resume()
  channel.close(1000, '')
  channel.terminate()
  const closing = ['resume', 'close']
  t.same([channel.buffered, ...calls], [7, 'send', 'ping', 'pause', 'resume', ...closing, 'terminate'])
})

t.test('a session that has ended meanwhile is not written again', async (t) => {
  const writes: unknown[] = []
  const store = (found: unknown): SessionStore => ({
    get: (id, answer) => { answer(null, found) },
    set: (id, session, answer) => { writes.push(session); answer() },
    destroy: (id, answer) => { answer() }
  })
  await updateStoredSession(store(null), 's', (session) => { session['a'] = 1 })
  t.same(writes, [])
  await updateStoredSession(store({ b: 2, cookie: { path: '/' } }), 's', (session) => { session['a'] = 1 })
  t.same(writes, [{ a: 1, b: 2, cookie: { path: '/' } }])
})

t.test('objects in a payload are closed at every depth; combined ones have to say what else they take', async (t) => {
  const inner = Type.Object({ a: Type.String() })
  t.match(closedSchema(Type.Object({ inner, list: Type.Array(inner), either: Type.Union([Type.Literal('a'), Type.Null()]) }), 'v.e'), {
    additionalProperties: false,
    properties: {
      inner: { additionalProperties: false }, list: { items: { additionalProperties: false } }, either: { anyOf: Array }
    }
  })
  const other = Type.Object({ b: Type.String() })
  for (const open of [Type.Intersect([inner, other]), Type.Union([inner, other]), { type: 'object', oneOf: [{ required: ['a'] }] }]) {
    t.throws(() => closedSchema(Type.Object({ open: open as unknown as typeof inner }), 'v.e'), { code: 'LIVE_ERR_PAYLOAD_SCHEMA', message: /payload of event 'v.e'.*Type.Composite/ })
  }
  for (const hidden of [
    { anyOf: [Type.Array(inner), Type.Null()] }, { contains: inner }, { not: inner },
    { $ref: 'shared' }, { anyOf: [{ $ref: 'shared' }, { type: 'null' }] }, { allOf: [{ items: { $ref: 'https://example.com/shared' } }] },
    { oneOf: [{ type: 'object', additionalProperties: false, properties: { deep: inner } }] }
  ]) {
    t.throws(() => closedSchema({ properties: { hidden } }, 'v.e'), { code: 'LIVE_ERR_PAYLOAD_SCHEMA' }, JSON.stringify(hidden))
  }
  t.match(closedSchema({ type: ['object', 'null'], properties: { deep: { $ref: '#/definitions/a' } } }, 'v.e'), { additionalProperties: false })
  t.match(closedSchema(Type.Record(Type.Number(), Type.String()), 'v.e'), { additionalProperties: false })
  t.match(closedSchema({ properties: { a: {} } }, 'v.e'), { additionalProperties: false })
  t.notMatch(closedSchema({ type: 'string', properties: {} }, 'v.e'), { additionalProperties: false })
  const said = { additionalProperties: false }
  t.ok(closedSchema(Type.Union([Type.Object({ a: Type.String() }, said), Type.Object({ b: Type.String() }, said)]), 'v.e'))
  t.match(closedSchema(Type.Tuple([inner]), 'v.e'), { items: [{ additionalProperties: false }], additionalItems: false })
  t.match(closedSchema({ type: 'array', items: true }, 'v.e'), { items: true })
  t.match(closedSchema(Type.Composite([inner, other]), 'v.e'), { additionalProperties: false })
})

t.test('I hide a field of yours in a record, a rest or a definition: it is taken out there too', async (t) => {
  const inner = Type.Object({ a: Type.String() })
  const closed = { additionalProperties: false }
  const record = closedSchema(Type.Record(Type.String(), inner), 'v.e') as { patternProperties: Record<string, object> }
  t.match(Object.values(record.patternProperties), [closed])
  t.match(closedSchema({ type: 'object', additionalProperties: inner }, 'v.e'), { additionalProperties: closed })
  t.match(closedSchema({ $ref: '#/$defs/row', $defs: { row: inner }, definitions: { row: inner } }, 'v.e'), { $defs: { row: closed }, definitions: { row: closed } })
  t.match(closedSchema({ type: 'array', items: [inner], prefixItems: [inner], additionalItems: inner }, 'v.e'), {
    items: [closed], prefixItems: [closed], additionalItems: closed
  })
  t.throws(() => closedSchema({ if: { required: ['b'] }, then: inner }, 'v.e'), { code: 'LIVE_ERR_PAYLOAD_SCHEMA' })
})

t.test('a schema that holds itself, or names what every message is refused for, ends the boot', async (t) => {
  const cyclic: Record<string, unknown> = { type: 'object', properties: {} }
  for (const place of [{ properties: { child: cyclic } }, { anyOf: [{ items: cyclic }] }, { not: cyclic }]) {
    Object.assign(cyclic, { properties: {}, anyOf: undefined, not: undefined }, place)
    t.throws(() => closedSchema(cyclic, 'v.e'), { code: 'LIVE_ERR_PAYLOAD_SCHEMA', message: /holds itself.*\$defs/ })
  }
  for (const name of ['constructor', 'prototype', '__proto__']) {
    const property = JSON.parse(`{ "type": "object", "properties": { "a": { "anyOf": [{ "properties": { "${name}": {} } }] } } }`)
    t.throws(() => closedSchema(property, 'v.e'), { code: 'LIVE_ERR_PAYLOAD_SCHEMA', message: new RegExp(`property '${name}'.*Rename it`) })
  }
  const shared = Type.String()
  t.ok(closedSchema(Type.Object({ a: shared, b: Type.Array(shared) }), 'v.e'), 'twice beside each other is no circle')
  t.ok(closedSchema({ $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } } }, 'v.e'))
})

t.test('a store goes on as before when it is watched, and tells of the end however it comes', async (t) => {
  const told: string[] = []
  const store = {
    get () {},
    set () {},
    destroy: (id: string, callback?: (error: unknown) => void): unknown => {
      if (id === 'throws') throw new Error('down')
      if (callback === undefined) return id === 'rejects' ? Promise.reject(new Error('down')) : Promise.resolve('done')
      return callback(id === 'fails' ? new Error('down') : null)
    }
  }
  const unwatch = watchSessionStore(store as unknown as SessionStore, (id) => { told.push(id) })
  store.destroy('callback', (error) => { t.equal(error, null) })
  store.destroy('fails', (error) => { t.match(error, { message: 'down' }) })
  t.equal(await store.destroy('promise'), 'done')
  await t.rejects(store.destroy('rejects') as Promise<never>)
  t.throws(() => store.destroy('throws'))
  const twice = ['callback', 'fails', 'promise', 'rejects', 'throws'].map((id) => told.filter((each) => each === id).length)
  t.same(twice, [2, 2, 2, 2, 2], 'when it is asked for, and when it is done')
  unwatch()
  store.destroy('later', () => {})
  t.notOk(told.includes('later'))
})

t.test('a session that is signed out of while it is updated stays signed out', async (t) => {
  const calls: string[] = []
  let held: Array<() => void> = []
  const store: SessionStore = {
    get: (id, answer) => { held.push(() => { answer(null, { cookie: {} }) }) },
    set: (id, session, answer) => { calls.push('set'); held.push(() => { answer() }) },
    destroy: (id, answer) => { calls.push('destroy'); answer() }
  }
  const release = async (): Promise<void> => {
    const now = held
    held = []
    for (const each of now) each()
    await new Promise(setImmediate)
  }
  t.equal(listenersOf(store), 0)
  const before = updateStoredSession(store, 's', () => {})
  t.equal(listenersOf(store), 1)
  store.destroy('s', () => {})
  await release()
  await release()
  await before
  t.same(calls.splice(0), ['destroy'], 'signed out before it was written')
  const after = updateStoredSession(store, 's', () => {})
  await release()
  await release()
  store.destroy('s', () => {})
  await release()
  await after
  t.same(calls, ['set', 'destroy', 'destroy'], 'signed out while it was written')
  t.equal(listenersOf(store), 0, 'nobody listens for an update that is over')
})
