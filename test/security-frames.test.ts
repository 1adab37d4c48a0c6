import fc from 'fast-check'
import t from 'tap'
import { copyPlain } from '../lib/security/copy-plain.ts'
import { decodeEnvelope } from '../lib/security/envelope.ts'
import { isSafeEventName } from '../lib/security/is-safe-event-name.ts'
import { scanJson } from '../lib/security/json-guard.ts'
import { parseFrame } from '../lib/security/parse-frame.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)

t.test('E01 only plain lower-case names are event names', async (t) => {
  for (const name of ['a', 'save', 'save_all_2', 'x'.repeat(64)]) t.equal(isSafeEventName(name), true, name)
  for (const name of ['', 'x'.repeat(65), 'Save', 'saveAll', '_save', '2save', 'save-all', 'save.all', 'save\n', '\nsave',
    ' save', 'save ', 's\u0430ve',
    '__proto__', 'toString', 'hasOwnProperty', 'onDestroy', 'save\0', 'ſave', 'x'.repeat(1e6), null, undefined, 7, {}, ['save'],
    { toString: () => 'save' }, Object('save'), Symbol('save')]) {
    t.equal(isSafeEventName(name), false, JSON.stringify(name)?.slice(0, 40) ?? typeof name)
  }
})

t.test('D07 I send JSON that is small on the wire and large in memory', async (t) => {
  const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth)
  const object = (count: number): string => `{${Array.from({ length: count }, (_, k) => `"k${k}":1`).join()}}`
  const list = (count: number): string => `[${Array(count).fill('1').join()}]`
  const refused: ReadonlyArray<readonly [string, string, string]> = [
    ['30 000 arrays in each other', nested(30_000), 'depth'],
    ['17 arrays in each other', nested(17), 'depth'],
    ['17 objects in each other', `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`, 'depth'],
    ['30 000 that are never closed', '['.repeat(30_000), 'depth'],
    ['9 000 keys', object(9000), 'keys'],
    ['101 keys', object(101), 'keys'],
    ['101 keys of one name', `{${Array(101).fill('"a":1').join()}}`, 'keys'],
    ['1001 items', list(1001), 'items'],
    ['1001 items of nothing', `[${','.repeat(1000)}]`, 'items'],
    ['2001 tokens', `[${list(999)},${list(999)},1]`, 'tokens'],
    ['a string of 16 KB and one', JSON.stringify(['x'.repeat(16_385)]), 'string'],
    ['a key of 65', JSON.stringify({ ['k'.repeat(65)]: 1 }), 'key'],
    ['a key of 65 behind nested values', JSON.stringify({ a: [{}], ['k'.repeat(65)]: 1 }), 'key'],
    ['brackets that do not match', '[}', 'malformed'],
    ['a bracket that closes nothing', ']', 'malformed'],
    ['a string without an end', '["x', 'malformed'],
    ['a string that ends in a backslash', '["x\\', 'malformed']
  ]
  for (const [name, text, reason] of refused) t.same(scanJson(text), { ok: false, reason }, name)
  for (const [name, text] of refused) t.match(parseFrame(text), { ok: false }, name)

  const accepted: ReadonlyArray<readonly [string, string]> = [
    ['16 deep', nested(16)],
    ['100 keys', object(100)],
    ['1000 items', list(1000)],
    ['2000 tokens', `[${list(999)},${list(998)}]`],
    ['16 KB of quotes, each escaped', JSON.stringify(['"'.repeat(16_384)])],
    ['16 KB of escapes by number', `["${'\\u0041'.repeat(16_384)}"]`],
    ['a key of 64 escapes', `[{"${'\\u0041'.repeat(64)}":1}]`],
    ['brackets and commas inside a string', JSON.stringify(['[{,:"\\]}'.repeat(20)])],
    ['white space and colons', ' [ {"a" : {"b":[1 , 2]} , "c":"d"}, true ]\n'],
    ['a long value behind a short key', JSON.stringify([{ a: 'x'.repeat(1000) }])],
    ['a long string among array items in an object',
      JSON.stringify({ a: ['y'.repeat(100), 'x'.repeat(100)], b: 'z'.repeat(100) })]
  ]
  for (const [name, text] of accepted) t.match(parseFrame(text), { ok: true, value: JSON.parse(text) }, name)
})

t.test('what is no JSON is malformed, not an exception', async (t) => {
  for (const text of ['', ' ', 'x', '{', '[1,]', '["a" "b"]', '{"a"}', "['a']", '[NaN]', '[01]', '\ufeff[1]', '["\\u12"]',
    '["\\x"]', '["a\nb"]', 'tru', '[1]]']) {
    t.same(parseFrame(text), { ok: false, reason: 'malformed' }, JSON.stringify(text))
  }
  t.same(parseFrame('["e",1]'), { ok: true, value: ['e', 1] })
})

t.test('D08 I reach for Object.prototype', async (t) => {
  const corpus = ['{"__proto__":{"admin":true}}', '[{"__proto__":null}]', '[[[{"a":{"__proto__":1}}]]]',
    '{"constructor":{"prototype":{"admin":true}}}',
    '{"constructor":1}', '[{"x":{"constructor":"y"}}]', '{"prototype":{}}', '{"\\u005f_proto__":1}',
    '{"\\u005f\\u005f\\u0070roto\\u005f_":{}}',
    '{"constr\\u0075ctor":{}}', '{"proto\\u0074ype":1}', '{"__proto__" : {}}']
  for (const text of corpus) t.same(parseFrame(text), { ok: false, reason: 'poison' }, text)
  t.equal(parseFrame('["__proto__", {"proto":1, "__proto":2, "Constructor":3}]').ok, true,
    'as a value, or nearly, it is only text')
  const parsed = parseFrame('[{"a":{"b":[{}]}}]')
  const outer = (parsed as unknown as { value: [{ a: { b: [object] } }] }).value[0]
  for (const object of [outer, outer.a, outer.a.b[0]]) t.equal(Object.getPrototypeOf(object), null)
  t.equal((outer as { toString?: unknown }).toString, undefined)
})

t.test('D10 numbers that are none and keys that come twice', async (t) => {
  t.same(parseFrame('[1e999]'), { ok: false, reason: 'number' })
  t.same(parseFrame('[{"a":[-1e999]}]'), { ok: false, reason: 'number' })
  t.same(parseFrame('[{"a":1,"a":2}]'), { ok: false, reason: 'duplicate' })
  t.same(parseFrame('[{"a":1,"\\u0061":2}]'), { ok: false, reason: 'duplicate' })
  t.equal(parseFrame('[{"a":1},{"a":2}]').ok, true)
})

t.test('only JSON data is copied', async (t) => {
  const deep: unknown[] = []
  let inner = deep
  for (let k = 0; k < 100_000; k++) inner.push(inner = [])
  t.same(copyPlain(deep), { ok: false, reason: 'depth' })
  for (const value of [undefined, () => 1, 1n, Symbol('x'), new Date(), new Map(), [undefined], { a: /x/ }]) {
    t.same(copyPlain(value), { ok: false, reason: 'type' })
  }
  t.same(copyPlain({ a: [1, { b: null }], c: true }), { ok: true, value: { a: [1, { b: null }], c: true }, keys: 3 })
})

t.test('the three messages of the protocol', async (t) => {
  t.same(decodeEnvelope(['j', 'v1.x', 4294967295, 1]),
    { ok: true, message: { type: 'join', token: 'v1.x', digest: 4294967295, pristine: true } })
  t.match(decodeEnvelope(['j', '', 0, 0]), { ok: true, message: { pristine: false } })
  t.same(decodeEnvelope(['a', 3]), { ok: true, message: { type: 'ack', count: 3 } })
  t.same(decodeEnvelope(['e', 1, 'save', 'click']), {
    ok: true, message: { type: 'event', ref: 1, event: 'save', kind: 'click', path: [], element: 0, seen: [], data: null }
  })
  const full = decodeEnvelope(['e', 2 ** 31, 'save', 'submit', [2, 17], 65535, ['7', ''], { tags: ['a', 'b\0'], none: [], half: 'x\ud83d' }])
  t.match(full, {
    ok: true,
    message: {
      ref: 2 ** 31,
      path: [2, 17],
      element: 65535,
      seen: ['7', ''],
      data: { tags: ['a', 'b\ufffd'], none: [], half: 'x\ufffd' }
    }
  })
  const { data } = (full as unknown as { message: { data: object } }).message
  t.equal(Object.getPrototypeOf(data), null)
  for (const kind of ['click', 'submit', 'change', 'input', 'keydown', 'focus',
    'blur']) t.equal(decodeEnvelope(['e', 1, 'x', kind]).ok, true, kind)
})

t.test('D09 I send what the runtime never would', async (t) => {
  const numbers = [-1, 1.5, '1', null, true, [], {}, NaN, Infinity, 2 ** 53]
  const refused: ReadonlyArray<readonly [reason: string, frames: readonly unknown[]]> = [
    ['frame', [undefined, null, 7, 'j', {}, { 0: 'a', 1: 1, length: 2 }, () => 1]],
    ['type', [[], ['x'], ['J', '', 0, 0], [['j'], '', 0, 0], [null], ['__proto__'], ['r', 1], ['p', 0]]],
    ['length', [['j'], ['j', '', 0], ['j', '', 0, 0, 0], ['a'], ['a', 1, 1], ['e', 1, 'x'],
      ['e', 1, 'x', 'click', [], 0, [], {}, 0]]],
    ['token', [['j', 7, 0, 0], ['j', null, 0, 0], ['j', ['t'], 0, 0], ['j', 'x'.repeat(121), 0, 0]]],
    ['digest', [...numbers, 2 ** 32].map((n) => ['j', '', n, 0])],
    ['pristine', [-1, 2, '1', true, null].map((n) => ['j', '', 0, n])],
    ['ref', [...numbers, 0, 2 ** 31 + 1].map((n) => ['e', n, 'x', 'click'])],
    ['event', [null, 7, 'x'.repeat(65), ['x'], { toString: 'x' }].map((name) => ['e', 1, name, 'click'])],
    ['kind', [null, 0, '', 'Click', 'dblclick', 'toString', ['click']].map((kind) => ['e', 1, 'x', kind])],
    ['path', [null, 0, '', {}, { length: 1 }, ...numbers.map((n) => [n]),
      Array(65).fill(0)].map((path) => ['e', 1, 'x', 'click', path])],
    ['element', [...numbers, 65536].map((n) => ['e', 1, 'x', 'click', [], n])],
    ['seen', [null, 0, 'a', {}, [7], [null], [['a']], [{ toString: 'x' }],
      Array(65).fill('')].map((seen) => ['e', 1, 'x', 'click', [], 0, seen])],
    ['data', [null, 0, '', 'x', [], true, { a: undefined }, { a: Infinity }, { constructor: '1' },
      new Date(), { a: 1 }, { a: true }, { a: null }, { a: { b: 'c' } }, { a: ['b', 1] }, { a: [['b']] }].map((data) => ['e', 1, 'x', 'click', [], 0, [], data])],
    ['count', [...numbers, 0, 2 ** 31 + 1].map((n) => ['a', n])]
  ]
  for (const [reason, frames] of refused) {
    for (const frame of frames) {
      t.same(decodeEnvelope(frame), { ok: false, reason },
      `${reason}: ${String(JSON.stringify(frame)).slice(0, 60)}`)
    }
  }
})

t.test('whatever comes, nothing throws and Object.prototype stays as it was', async (t) => {
  const before = Reflect.ownKeys(Object.prototype).join()
  const names = fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', 'toString')
  const json = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, fc.string(), fc.double(), fc.boolean(), fc.constant(null),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)))
  })).value
  const texts = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.string({
      unit: fc.constantFrom('[', ']', '{', '}', '"', ',', ':', '\\', 'u', '0', '1', 'e', ' ', '-', '__proto__',
        '\ud800')
    }),
    fc.tuple(json, fc.nat(), fc.string({ maxLength: 3 })).map(([value, at, insert]) => {
      const text = JSON.stringify(value)
      return text.slice(0, at % (text.length + 1)) + insert + text.slice(at % (text.length + 1))
    }))
  fc.assert(fc.property(texts, (text) => {
    const frame = parseFrame(text)
    // The guard is never laxer than the parser: what it lets through is what JSON.parse reads.
    if (frame.ok && JSON.stringify(frame.value) !== JSON.stringify(JSON.parse(text))) return false
    if (!frame.ok && frame.reason === 'malformed') {
      try { JSON.parse(text); return false } catch { /* as it should be */ }
    }
    decodeEnvelope(frame.ok ? frame.value : frame)
    return true
  }), { seed, numRuns: 2000 })
  fc.assert(fc.property(fc.oneof(fc.anything(), fc.tuple(fc.constantFrom('j', 'e', 'a'), fc.anything(), fc.anything(),
    fc.anything()),
  fc.tuple(fc.constant('e'), fc.constant(1), fc.constant('x'), fc.constant('click'), fc.anything(), fc.anything(),
    fc.anything(), fc.anything())),
  (frame) => typeof decodeEnvelope(frame).ok === 'boolean'), { seed, numRuns: 2000 })
  t.equal(Reflect.ownKeys(Object.prototype).join(), before)
  t.equal(({} as { admin?: boolean }).admin, undefined)
})
