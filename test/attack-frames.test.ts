import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { defineView } from '../plugin/index.ts'
import type { LiveOptions, LiveViewOptions, Violation } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { closeFrame, frame, openRaw } from './helpers/raw-socket.ts'
import type { RawSocket } from './helpers/raw-socket.ts'

const templates = { 'v.njk': '<html><head></head><body><p>{{ n }}</p><button live-click="add">+</button></body></html>' }
const FAST = { rate: 100_000, burst: 100_000 }
const MANY = { ...FAST, maxConnectionsPerIp: 1000, maxJoinsPerSecond: 10_000, maxPagesPerIp: 10_000, reconnectCooldown: 0 }
const click = (ref: number): string => JSON.stringify(['e', ref, 'add', 'click', [], 0])
const text = (event: string | Buffer, options = {}): Buffer => frame(event, options)
const ping = (payload: string | Buffer, options = {}): Buffer => frame(payload, { opcode: 9, ...options })
const begin = (payload: string | Buffer, options = {}): Buffer => frame(payload, { fin: false, ...options })
const go = (payload: string | Buffer, options = {}): Buffer => frame(payload, { opcode: 0, ...options })
const middle = (payload: string | Buffer): Buffer => go(payload, { fin: false })

interface StartOptions {
  readonly live?: Partial<LiveViewOptions>
  readonly route?: LiveOptions
  readonly app?: Partial<LiveAppOptions>
}

async function start (t: Test, { live, route, app: rest }: StartOptions = {}) {
  const ran: string[] = []
  const violations: Array<Pick<Violation, 'code' | 'detail'>> = []
  const view = (name: string) => defineView({
    name,
    template: 'v.njk',
    access: 'public',
    state: () => ({ n: 1 }),
    events: { add: { run: ({ state }) => { state.n++; ran.push(name) } } }
  })
  const sockets: Socket[] = []
  const onViolation = ({ code, detail }: Violation): void => { violations.push({ code, detail }) }
  const started = await startLiveApp(t, {
    live: { templates, onViolation, rateLimit: MANY, ...live },
    routes: (app) => {
      app.server.on('connection', (socket: Socket) => { sockets.push(socket) })
      app.live('/v', view('v'), route)
      app.get('/own', { websocket: true }, () => {})
      app.live('/other', view('other'), { live: { rateLimit: FAST } })
    },
    ...rest
  })
  const { app, url } = started
  const visitor = new Visitor(url)
  const honest = await visitor.open('/other')
  t.teardown(() => { honest.ws.terminate() })

  // Joined, so that whatever gets through can do something.
  async function attack (): Promise<RawSocket> {
    const { html, token } = await visitor.page('/v')
    const raw = await openRaw(`${url}/v`)
    t.teardown(() => raw.socket.destroy())
    raw.write(text(JSON.stringify(['j', token, pageDigest(html), 1])))
    await raw.frame()
    return raw
  }

  // Everything of the attacker's is gone, and the honest one's next click is answered.
  async function gone (t: Test, raw: RawSocket, name: string): Promise<void> {
    const port = raw.socket.localPort
    const theirs = sockets.find((socket) => socket.remotePort === port)
    const closed = theirs === undefined || theirs.closed ? null : once(theirs, 'close')
    raw.socket.end()
    await closed
    await setImmediate()
    raw.socket.destroy()
    const before = ran.length
    const [kind] = await honest.event('add', 'click', [], 0)
    const { liveViews, websocketServer } = app
    const left = { connections: liveViews.connections.size, places: liveViews.caps.open(), sockets: websocketServer.clients.size }
    t.same({ kind, ran: ran.length - before, ...left }, { kind: 'p', ran: 1, connections: 1, places: 1, sockets: 1 }, `${name}: nothing of it stays, another is answered`)
    ran.length = 0
  }
  return { ...started, ran, violations, sockets, attack, gone }
}

type Row = readonly [name: string, bytes: Buffer | readonly Buffer[], code: number]

type Started = Awaited<ReturnType<typeof start>>

async function table (t: Test, { attack, gone, ran, violations }: Started, rows: readonly Row[]): Promise<void> {
  for (const [name, bytes, code] of rows) {
    const raw = await attack()
    ran.length = 0
    violations.length = 0
    // A good event behind it must not be looked at.
    raw.write(Buffer.concat([bytes, text(click(1))].flat()))
    t.equal(await raw.closed(), code, name)
    t.same(ran, [], `${name}: no handler ran`)
    await gone(t, raw, name)
    const counted = code === 1003 ? 'LIVE_ERR_FRAME_BINARY' : 'LIVE_ERR_FRAME_PROTOCOL'
    t.equal(violations.filter(({ code }) => code === counted).length, 1, `${name}: counted once`)
  }
}

t.test('D01 I claim more than I send, or send more than you take', async (t) => {
  const started = await start(t)
  const before = process.memoryUsage()
  const big = 65_537
  await table(t, started, [
    ['a gigabyte, by its header alone', frame('', { length: 2 ** 30 }), 1009],
    ['more than a number can hold', frame('', { length: Number.MAX_SAFE_INTEGER + 1 }), 1009],
    ['one byte too many', text('1'.repeat(big)), 1009],
    ['one byte too many, in two fragments', [begin('1'.repeat(big - 1)), go('1')], 1009],
    ['one byte too many, binary', frame('1'.repeat(big), { opcode: 2 }), 1009],
    ['a fragment that claims a gigabyte', [begin('1'), go('', { length: 2 ** 30 })], 1009],
  ])
  const after = process.memoryUsage()
  const grown = after.external + after.arrayBuffers - before.external - before.arrayBuffers
  t.ok(grown < 64e6, `no gigabyte was ever taken (${grown})`)
  const raw = await started.attack()
  raw.write(text(`"${'1'.repeat(65_534)}"`))
  raw.write(text(click(1)))
  t.match(String((await raw.frame())?.payload), /^\["p",1,/, 'as much as is allowed does not end it')
  await raw.hangUp()
})

t.test('D01 I send to a small view what a large one takes', async (t) => {
  const started = await start(t, { route: { live: { maxMessageSize: 256 } } })
  await table(t, started, [
    ['one byte too many', text('1'.repeat(257)), 1009],
    ['one byte too many, in two fragments', [begin('1'.repeat(256)), go('1')], 1009],
  ])
})

t.test('D02 I cut messages into dust', async (t) => {
  const started = await start(t)
  const dust = (count: number, piece: string): Buffer[] => {
    return Array.from({ length: count }, (_, k) => k === 0 ? begin(piece) : middle(piece))
  }
  await table(t, started, [
    ['65 fragments of a byte', dust(65, '1'), 1008],
    ['65 fragments of nothing', dust(65, ''), 1008],
    ['the end comes as the 65th', [...dust(64, '1'), go('1')], 1008],
  ])
  const raw = await started.attack()
  const whole = click(1)
  raw.write(Buffer.concat([...dust(63 - whole.length, ''), ...[...whole].map((byte) => middle(byte)), go('')]))
  t.match(String((await raw.frame())?.payload), /^\["p",1,/, '64 of them are a message')
  await raw.hangUp()
})

t.test('D02 I send a thousand tiny messages in one packet', async (t) => {
  const rateLimit = { rate: 0.001, burst: 10, maxWarnings: 3 }
  const { attack, gone, ran, violations } = await start(t, { route: { live: { rateLimit } } })
  for (const [name, flood, codes] of [
    ['good ones', (k: number) => click(k + 1), ['LIVE_ERR_RATE']],
    ['junk', () => 'x', ['LIVE_ERR_FRAME_JSON']],
    ['empty ones', () => '', ['LIVE_ERR_FRAME_JSON']],
  ] as const) {
    const raw = await attack()
    ran.length = 0
    violations.length = 0
    raw.write(Buffer.concat(Array.from({ length: 1000 }, (_, k) => text(flood(k)))))
    t.equal(await raw.closed(), 4429, name)
    t.ok(ran.length <= 10, `${name}: ${ran.length} handlers ran`)
    t.equal(violations.length, 3, `${name}: warned ${violations.length} times, and no more is read`)
    t.same([...new Set(violations.map(({ code }) => code))], codes)
    await gone(t, raw, name)
  }
})

t.test('D04, L1 I send pings and read nothing', async (t) => {
  const { app, attack, gone, violations } = await start(t, { route: { live: { rateLimit: { rate: 0.001, burst: 10 } } } })
  const full = 'x'.repeat(125)
  for (const [name, one] of [['pings', ping(full)], ['empty pings', ping('')], ['pongs', frame(full, { opcode: 10 })]] as const) {
    const raw = await attack()
    raw.socket.pause()
    violations.length = 0
    let most = 0
    for (const socket of app.websocketServer.clients) {
      const look = (): void => { most = Math.max(most, socket.bufferedAmount) }
      socket.on('ping', look)
      socket.on('pong', look)
      socket.on('close', look)
    }
    const rss = process.memoryUsage.rss()
    const flood = Buffer.concat(Array.from({ length: 400 }, () => one))
    raw.write(flood)
    while (violations.length === 0) await setImmediate()
    raw.socket.resume()
    t.equal(await raw.closed(), 1008, name)
    t.same(violations.map(({ code }) => code), ['LIVE_ERR_PING_RATE'], `${name}: told once`)
    await gone(t, raw, name)
    t.ok(most < 65_536, `${name}: ${most} bytes waited for a reader`)
    const grown = process.memoryUsage.rss() - rss - flood.length
    t.ok(grown < 50e6, `${name}: no memory was held for it (${grown})`)
  }
})

t.test('D04 you have closed, and I go on: you stop reading', async (t) => {
  const { attack, gone, sockets } = await start(t, { route: { live: { rateLimit: { rate: 0.001, burst: 10 } } } })
  for (const [name, flood] of [['pings', ping('')], ['frames that nobody sends', text('', { rsv: 7 })]] as const) {
    const raw = await attack()
    const theirs = sockets.find((socket) => socket.remotePort === raw.socket.localPort) as Socket
    const over = once(theirs, 'close')
    const bytes = Buffer.concat(Array.from({ length: 100_000 }, () => flood))
    for (let k = 0; k < 20; k++) raw.write(bytes)
    await over
    t.ok(theirs.bytesRead < bytes.length * 2, `${name}: ${theirs.bytesRead} of ${bytes.length * 20} bytes were read`)
    await gone(t, raw, name)
  }
})

t.test('D05 I send bytes instead of text', async (t) => {
  await table(t, await start(t), [
    ['a binary frame', frame(click(1), { opcode: 2 }), 1003],
    ['an empty binary frame', frame('', { opcode: 2 }), 1003],
    ['a binary message in fragments', [frame('["e",', { opcode: 2, fin: false }), go('1]')], 1003],
  ])
})

t.test('D06, A12 I break the rules of framing', async (t) => {
  await table(t, await start(t), [
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): Row => [`opcode ${opcode}`, frame('x', { opcode }), 1002]),
    ...[1, 2, 3, 4, 5, 6, 7].map((rsv): Row => [`reserved bits ${rsv}`, text(click(1), { rsv }), 1002]),
    ['reserved bits of a ping', ping('', { rsv: 4 }), 1002],
    ['reserved bits of a close', frame('', { opcode: 8, rsv: 1 }), 1002],
    ['reserved bits of a fragment', [begin('['), go(']', { rsv: 4 })], 1002],
    ['no mask', text(click(1), { mask: 'none' }), 1002],
    ['no mask on a ping', ping('x', { mask: 'none' }), 1002],
    ['no mask on a close', frame('', { opcode: 8, mask: 'none' }), 1002],
    ['a ping of 126 bytes', ping('x'.repeat(126)), 1002],
    ['a ping that claims a gigabyte', ping('', { length: 2 ** 30 }), 1002],
    ['half a ping', ping('x', { fin: false }), 1002],
    ['half a close', frame('', { opcode: 8, fin: false }), 1002],
    ['the end of what never began', go(click(1)), 1002],
    ['the middle of what never began', middle('['), 1002],
    ['the end of what has ended', [begin('['), go(']'), go(']')], 1002],
    ['a message inside a message', [begin('['), text(click(1))], 1002],
    ['a binary message inside a message', [begin('['), frame('x', { opcode: 2 })], 1002],
    ['a beginning inside a message', [begin('['), begin('[')], 1002],
  ])
})

t.test('D06 I write what is no UTF-8', async (t) => {
  const bad = (...bytes: number[]): Buffer => Buffer.concat([Buffer.from('["e",1,"add","click",[],0,["'), Buffer.from(bytes), Buffer.from('"]]')])
  const rows: ReadonlyArray<readonly [string, Buffer]> = [
    ['a byte that is never', bad(0xff)],
    ['a continuation alone', bad(0x80)],
    ['half a character', bad(0xe2, 0x82)],
    ['a slash in two bytes', bad(0xc0, 0xaf)],
    ['a slash in three bytes', bad(0xe0, 0x80, 0xaf)],
    ['a null in two bytes', bad(0xc0, 0x80)],
    ['half of a surrogate pair', bad(0xed, 0xa0, 0x80)],
    ['a surrogate pair', bad(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80)],
    ['beyond the last character', bad(0xf4, 0x90, 0x80, 0x80)],
    ['five bytes', bad(0xf8, 0x88, 0x80, 0x80, 0x80)],
  ]
  await table(t, await start(t), [
    ...rows.map(([name, bytes]): Row => [name, text(bytes), 1007]),
    ...rows.map(([name, bytes]): Row => [`${name}, cut in the middle`, [begin(bytes.subarray(0, 28)), go(bytes.subarray(28))], 1007]),
    ['half a character at the end', text(Buffer.from([0xe2, 0x82])), 1007],
    ['a close reason that is none', closeFrame(1000, Buffer.from([0xc0, 0xaf])), 1007],
  ])
})

t.test('D06 I close as nobody may', async (t) => {
  const started = await start(t)
  await table(t, started, [
    ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code): Row => [`with code ${code}`, closeFrame(code), 1002]),
    ['with half a code', frame('\x03', { opcode: 8 }), 1002],
    ['with a reason of 124 bytes', closeFrame(1000, 'x'.repeat(124)), 1002],
  ])
  const { attack, gone, violations, ran } = started
  for (const code of [1000, 1001, 1003, 1007, 1011, 3000, 3999, 4000, 4999, 1005]) {
    const raw = await attack()
    ran.length = violations.length = 0
    raw.write(Buffer.concat([code === 1005 ? frame('', { opcode: 8 }) : closeFrame(code, 'bye'), text(click(1)), Buffer.alloc(1000, 255)]))
    t.equal(await raw.closed(), code, `with ${code}, and then go on`)
    t.same(ran, [], 'what comes after a close is not read')
    await gone(t, raw, `after ${code}`)
    t.same(violations, [])
  }
})

t.test('D06 what is allowed is taken, however it is cut', async (t) => {
  const { attack, gone, violations } = await start(t)
  const answered = async (name: string, bytes: Buffer, packets: 'one' | 'bytes' = 'one'): Promise<void> => {
    const raw = await attack()
    if (packets === 'one') raw.write(bytes)
    else for (const byte of bytes) raw.write(Buffer.from([byte]))
    let answer = await raw.frame()
    const pongs: string[] = []
    while (answer?.opcode === 10) {
      pongs.push(String(answer.payload))
      answer = await raw.frame()
    }
    t.match(String(answer?.payload), /^\["p",1,/, name)
    t.same(pongs, name.includes('ping') ? ['hello'] : [], `${name}: pongs`)
    raw.write(closeFrame(1000))
    t.equal(await raw.closed(), 1000)
    await gone(t, raw, name)
  }
  const event = click(1)
  await answered('byte by byte', text(event), 'bytes')
  await answered('with a mask', text(event, { mask: Buffer.from([1, 2, 3, 255]) }))
  await answered('in two fragments', Buffer.concat([begin(event.slice(0, 9)), go(event.slice(9))]))
  await answered('in fragments with a ping between', Buffer.concat([begin(event.slice(0, 9)), ping('hello'), go(event.slice(9))]))
  await answered('after a pong that nobody asked for', Buffer.concat([frame('x', { opcode: 10 }), text(event)]))
  await answered('with a length in 16 bits that 7 could hold', text(event, { form: 16 }))
  await answered('with a length in 64 bits that 7 could hold', text(event, { form: 64 }))
  t.same(violations, [])
})

t.test('D06 I write into your log with frames: a socket is one line, and none of my bytes is in it', async (t) => {
  const lines: string[] = []
  const { attack, gone } = await start(t, { app: { logger: { level: 'info', stream: { write: (line: string) => { lines.push(line) } } } } })
  const raw = await attack()
  lines.length = 0
  raw.write(Buffer.concat([text('forged', { rsv: 7 }), text('forged', { rsv: 7 })]))
  t.equal(await raw.closed(), 1002)
  await gone(t, raw, 'a bad frame')
  const own = lines.filter((line) => line.includes('WS_ERR'))
  t.equal(own.length, 1)
  t.match(JSON.parse(own[0] as string), { level: 40, code: 'LIVE_ERR_FRAME_PROTOCOL', detail: 'WS_ERR_UNEXPECTED_RSV_2_3' })
  t.notMatch(lines.join(''), 'forged')
})

t.test('D06 I send bad frames to a socket of the application\'s own: it ends, and its log has the error', async (t) => {
  const lines: string[] = []
  const { app, url } = await start(t, { app: { logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } } })
  const raw = await openRaw(`${url}/own`)
  raw.write(text('x', { rsv: 7 }))
  await raw.ended
  raw.socket.destroy()
  t.match(JSON.parse(lines.join('')), { level: 50, err: { code: 'WS_ERR_UNEXPECTED_RSV_2_3' } })
  t.equal(app.websocketServer.clients.size, 1, 'the honest one')
})
