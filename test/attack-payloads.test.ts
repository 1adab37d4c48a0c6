import { Type } from '@sinclair/typebox'
import fc from 'fast-check'
import t from 'tap'
import type { Test } from 'tap'
import { defineView } from '../plugin/index.ts'
import type { LiveViewOptions, Violation } from '../plugin/index.ts'
import { startLiveApp } from './helpers/live-app.ts'
import type { LiveAppOptions } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)

const templates = {
  'form.njk': `<html><head></head><body><p>{{ text }}</p>
    <form live-submit="save"><input name="v"><input name="other"></form>
    <form live-submit="bare"><input name="v"></form>
    <form live-submit="whole"><input name="v"></form>
    <ul>{% for row in rows %}<li>{{ row }}</li>{% endfor %}</ul></body></html>`
}
const form = { save: 0, bare: 1, whole: 2 }

/** Room for tables of attacks: budgets have tests of their own. */
const roomy = { burst: 10_000, rate: 10_000, maxWarnings: 1000, reconnectCooldown: 0 }

type Form = keyof typeof form

/** A form whose field `v` is what `schema` says; answers what its handlers were given. */
async function start (
  t: Test, schema: object = Type.String(), live: Partial<LiveViewOptions> = {}, rest: Partial<LiveAppOptions> = {}
) {
  const given: unknown[] = []
  const violations: Violation[] = []
  const note = ({ payload }: { payload: unknown }): void => { given.push(payload) }
  const view = defineView({
    name: 'form',
    template: 'form.njk',
    access: 'public',
    state: () => ({ text: 'one' as unknown, rows: [] as unknown }),
    events: {
      save: { payload: Type.Object({ v: schema as ReturnType<typeof Type.String> }), run: note },
      bare: { run: note },
      whole: { payload: Type.Object({ v: Type.String() }), run: ({ state, payload }) => { state.rows = payload.v } }
    }
  })
  const { app, url } = await startLiveApp(t, {
    live: { templates, rateLimit: roomy, onViolation: (violation) => { violations.push(violation) }, ...live },
    routes: (app) => app.live('/form', view),
    ...rest
  })
  const visitor = new Visitor(url)
  const open = async (): Promise<LiveSocket> => await visitor.open('/form')
  const socket = await open()
  let ref = 1000
  /** Answers of frames before it are passed over. */
  const send = async (data: object, name: Form = 'save'): Promise<string> => {
    const own = ++ref
    socket.send(['e', own, name, 'submit', [], form[name], [], data])
    for (;;) {
      const [kind, answered, reason] = await socket.next()
      if (answered === own) return kind === 'p' ? 'done' : reason as string
    }
  }
  /** An event behind them shows that they have been read, and that the connection lives. Answers what they were refused for. */
  const sendRaw = async (frames: readonly string[]): Promise<string[]> => {
    const before = violations.length
    for (const frame of frames) socket.send(frame)
    await send({ v: 'still here' }, 'bare')
    given.pop()
    return violations.slice(before).map(({ code, detail }) => `${code} ${detail}`)
  }
  return { app, given, violations, socket, send, sendRaw, open }
}

const event = (data: string, ref = 1): string => `["e",${ref},"bare","submit",[],1,[],${data}]`

t.test('D07 I send JSON that is small on the wire and large in memory, over the socket', async (t) => {
  const { sendRaw, given, socket } = await start(t)
  const many = (count: number, item: string): string => Array(count).fill(item).join()
  t.same(await sendRaw([
    '['.repeat(30_000), `{"a":${'['.repeat(17)}${']'.repeat(17)}}`, `[${many(1001, '1')}]`, `[[${many(999, '1')}],[${many(999, '1')}],1]`, '["e"', '["x]'
  ]), ['depth', 'depth', 'items', 'tokens', 'malformed', 'malformed'].map((reason) => `LIVE_ERR_FRAME_JSON ${reason}`))
  const keys = Array.from({ length: 101 }, (_, k) => `"k${k}":"1"`).join()
  const long: Array<[string, string]> = [['string', `{"v":"${'x'.repeat(16_385)}"}`], ['keys', `{${keys}}`], ['key', `{"${'k'.repeat(65)}":"1"}`]]
  for (const [index, [reason, data]] of long.entries()) {
    socket.send(event(data, 5000 + index))
    t.match(await socket.next(), ['r', 5000 + index, 'invalid'], `${reason}: a person's form is answered`)
  }
  t.same(given, [])
})

t.test('D08 I reach for Object.prototype, at any depth and however it is written', async (t) => {
  const { sendRaw, send, given } = await start(t)
  const poison = ['{"__proto__":{"admin":"1"}}', '{"v":{"__proto__":"1"}}', '{"v":[[{"constructor":{"prototype":{"admin":"1"}}}]]}', '{"prototype":"1"}',
    '{"constructor":"1"}', '{"\\u005f_proto__":"1"}', '{"constr\\u0075ctor":"1"}']
  t.same(await sendRaw(poison.map((data) => event(data))), poison.map(() => 'LIVE_ERR_FRAME_JSON poison'))
  t.equal(({} as { admin?: string }).admin, undefined)
  t.equal(await send({ v: '__proto__' }), 'done', 'as a value it is only text')
  t.equal(Object.getPrototypeOf(given[0]), null)
  t.same(given, [{ v: '__proto__' }])
})

t.test('D08 I send thousands of random messages: nothing throws, and Object.prototype stays as it was', async (t) => {
  const { socket, send, given, open } = await start(t, Type.String(), {}, { logger: false })
  const before = Reflect.ownKeys(Object.prototype).join()
  const other = await open()
  const names = fc.constantFrom('__proto__', 'constructor', 'prototype', 'v', 'toString', 'key')
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 3 }).map((entries) => Object.fromEntries(entries)))
  }))
  const frames = fc.tuple(fc.constantFrom('e', 'a', 'x', null), fc.oneof(fc.nat(), value), fc.constantFrom('save', 'bare', 'nothing', '__proto__'),
    fc.constantFrom('submit', 'click', 'load'), fc.oneof(fc.constant([]), value), fc.oneof(fc.nat(4), value), fc.oneof(fc.constant([]), value), value)
  // A budget of warnings for each socket, and a new one when it is used up, as an attacker would.
  let attacker = await open()
  let read = 0
  for (const [index, frame] of fc.sample(frames, { seed, numRuns: 2000 }).entries()) {
    const text = JSON.stringify(frame)
    attacker.send(text.length % 7 === 0 ? text.slice(0, -1) : text)
    if (index % 200 !== 199) continue
    attacker.ws.ping()
    const answer = await Promise.race([attacker.closed, new Promise((resolve) => { attacker.ws.once('pong', () => { resolve('pong') }) })])
    if (answer === 'pong') read++
    else attacker = await open()
  }
  t.equal(read >= 8, true, 'they were read to the end')
  attacker.close()
  await attacker.closed
  t.equal(await send({ v: 'fine' }), 'done')
  t.same(await other.event('bare', 'submit', [], form.bare), ['p', 1])
  t.equal(Reflect.ownKeys(Object.prototype).join(), before)
  t.ok(given.every((payload) => Object.getPrototypeOf(payload) === null))
  socket.close()
})

t.test('D09 I send messages that are nearly of the protocol', async (t) => {
  const { sendRaw } = await start(t)
  const refused: Array<[string, string]> = [
    ['ref', '["e","1","bare","submit"]'], ['ref', '["e",1.5,"bare","submit"]'], ['ref', '["e",-1,"bare","submit"]'], ['ref', '["e",1e300,"bare","submit"]'],
    ['event', '["e",1,{"toString":"bare"},"submit"]'], ['event', `["e",1,"${'x'.repeat(65)}","submit"]`], ['kind', '["e",1,"bare","destroy"]'],
    ['path', '["e",1,"bare","submit",{"length":0}]'], ['path', '["e",1,"bare","submit",["0"]]'], ['element', '["e",1,"bare","submit",[],"1"]'],
    ['seen', '["e",1,"bare","submit",[],1,[{}]]'], ['length', '["e",1,"bare","submit",[],1,[],{},{}]'], ['type', '["ee",1]'], ['type', '[]'],
    ['frame', '{"0":"e","length":4}'], ['frame', 'null'], ['frame', '"e"'], ['count', '["a",0]'], ['count', '["a","1"]']
  ]
  t.same(await sendRaw(refused.map(([, frame]) => frame)), refused.map(([reason]) => `LIVE_ERR_FRAME_ENVELOPE ${reason}`))
})

t.test('D10 I send numbers, truths and objects where a form has texts: nothing is made of them', async (t) => {
  for (const schema of [Type.String(), Type.Integer(), Type.Boolean(), Type.Null(), Type.Array(Type.String()), Type.Any()]) {
    const { sendRaw, given, socket } = await start(t, schema)
    const forged = ['1', 'true', 'null', '{}', '{"toString":"1"}', '[1]', '[null]', '["a",["b"]]', '-0']
    const frames = forged.map((value) => `["e",1,"save","submit",[],0,[],{"v":${value}}]`)
    t.same(await sendRaw(frames), forged.map(() => 'LIVE_ERR_FRAME_ENVELOPE data'))
    t.same(await sendRaw(['1e999', '-1e999'].map((value) => event(`{"v":${value}}`))), Array(2).fill('LIVE_ERR_FRAME_JSON number'))
    t.same(await sendRaw([event('{"v":NaN}'), event('{"v":"a","v":"b"}')]), ['LIVE_ERR_FRAME_JSON malformed', 'LIVE_ERR_FRAME_JSON duplicate'])
    t.same(given, [], 'no handler has seen any')
    socket.close()
  }
})

t.test('D10 what people type is coerced as fastify coerces a query, and to nothing that JSON could not hold', async (t) => {
  const matrix: Array<[schema: object, Array<[sent: string | string[], given: unknown]>]> = [
    [Type.String(), [['7', '7'], ['', ''], [['a'], 'a'], [['a', 'b'], 'invalid'], ['a\0b', 'a\ufffdb'], ['\ud83d', '\ufffd'], ['🧀', '🧀']]],
    [Type.Integer(), [['7', 7], ['-0', -0], ['1.5', 'invalid'], ['', 'invalid'], ['seven', 'invalid'], ['NaN', 'invalid'], ['Infinity', 'invalid'],
      ['1e999', 'invalid'], ['-Infinity', 'invalid'], [['7'], 7], [['7', '8'], 'invalid'], ['__proto__', 'invalid']]],
    [Type.Number(), [['1.5', 1.5], ['1e999', 'invalid'], ['-1e999', 'invalid'], ['Infinity', 'invalid']]],
    [Type.Array(Type.Number()), [['1', [1]], [['1', '2'], [1, 2]], [['1', 'Infinity'], 'invalid'], [[], []]]],
    [Type.Boolean(), [['true', true], ['false', false], ['1', 'invalid'], ['yes', 'invalid']]],
    [Type.Union([Type.Null(), Type.String()]), [['', null], ['null', 'null']]],
    [Type.Array(Type.String()), [['a', ['a']], [['a', 'b'], ['a', 'b']], [[], []]]],
    [Type.Object({}), [['a', 'invalid'], ['{}', 'invalid'], [['a'], 'invalid']]]
  ]
  for (const [schema, rows] of matrix) {
    const { send, given, socket } = await start(t, schema)
    for (const [sent, expected] of rows) {
      const outcome = await send({ v: sent })
      t.same(outcome === 'done' ? (given.pop() as { v: unknown }).v : outcome, expected, `${JSON.stringify(schema)} of ${JSON.stringify(sent)}`)
    }
    socket.close()
  }
})

t.test('D10 I send a payload to an event that declares none: it gets none', async (t) => {
  const { send, given } = await start(t)
  t.equal(await send({ v: 'one' }, 'bare'), 'done')
  t.same(given, [{}])
  t.equal(await send({ v: 'one', other: 'two' }), 'done')
  t.same(given[1], { v: 'one' }, 'nor what its schema does not name')
})

t.test('D10 the validator compiler of the scope decides, and may answer with what it made of the payload', async (t) => {
  const parts: unknown[] = []
  const made = await start(t, Type.String(), {}, {
    before: (app) => {
      app.setValidatorCompiler(({ httpPart, schema }) => {
        parts.push([httpPart, (schema as { type?: string }).type])
        return (payload: { v?: string }) => {
          if (payload.v === 'no') return { error: new Error('no') }
          // Joi answers with both.
          return payload.v === 'almost' ? { value: payload, error: new Error('almost') } : { value: { v: `${payload.v}!` } }
        }
      })
    }
  })
  t.equal(await made.send({ v: 'yes' }), 'done')
  t.equal(await made.send({ v: 'no' }), 'invalid')
  t.equal(await made.send({ v: 'almost' }), 'invalid')
  t.same(made.given, [{ v: 'yes!' }])
  t.ok(parts.every((part) => (part as string[])[0] === 'querystring'))
})

t.test('D11 I send texts that are methods elsewhere: they are shown as text, and where rows are expected nothing breaks', async (t) => {
  const { send, socket } = await start(t)
  for (const v of ['toString', 'constructor', 'valueOf', 'length', '{{ 7 * 7 }}', '<script>']) {
    t.equal(await send({ v }, 'whole'), 'done')
  }
  t.equal(await send({ v: 'fine' }), 'done', 'the connection goes on')
  socket.close()
})

t.test('D12 I send the longest texts that you take, made to make patterns slow', async (t) => {
  const { send, sendRaw } = await start(t, Type.String({ maxLength: 16_384 }), { maxMessageSize: 2 ** 22 })
  const worst = ['a', '\\', '"', '[', '{', ',', ' ', '\0', '\u001b', '\u001b[', '\u001b]', '\u009d',
    '\ud800', 'é', '/', '-', '.', '&', '<', "'", '\u2028', '0', '!']
  const began = performance.now()
  for (const piece of worst) {
    const text = piece.repeat(16_384 / piece.length)
    t.equal(await send({ v: text }), 'done', `of ${encodeURI(piece.replace('\ud800', 'half'))}`)
    const name = JSON.stringify(['e', 1, text.slice(0, 64), 'submit'])
    await sendRaw([text, name, `["e",1,${text}`, JSON.stringify(['j', text, 0, 0])])
  }
  t.comment(`${worst.length * 5} messages of 16 KB in ${Math.round(performance.now() - began)} ms`)
})
