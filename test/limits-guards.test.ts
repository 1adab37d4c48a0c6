import { createRequire } from 'node:module'
import fc from 'fast-check'
import t from 'tap'
import { createConnectionCaps } from '../lib/limits/connection-caps.ts'
import type { Arriving, CapRefusal, ConnectionCaps } from '../lib/limits/connection-caps.ts'
import { createConnectionMeter } from '../lib/limits/connection-meter.ts'
import type { ConnectionPlace, PlaceHolder } from '../lib/limits/connection-place.ts'
import { createConnectionSlots } from '../lib/limits/connection-slots.ts'
import type { ConnectionSlot } from '../lib/limits/connection-slots.ts'
import { createCooldowns } from '../lib/limits/cooldowns.ts'
import { handlerKey } from '../lib/limits/handler-key.ts'
import { ipKey } from '../lib/limits/ip-key.ts'
import { keyOf } from '../lib/limits/key-of.ts'
import { createKeyedBuckets } from '../lib/limits/keyed-buckets.ts'
import { mergeLimits, normalizeEventLimit, normalizeLimits } from '../lib/limits/limit-options.ts'
import type { LimitOptions, RateLimit } from '../lib/limits/limit-options.ts'
import { TokenBucket } from '../lib/limits/token-bucket.ts'
import { createWarnings } from '../lib/limits/warnings.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)
const { normalizeIP } = createRequire(import.meta.url)('@fastify/rate-limit') as { normalizeIP (ip: string): string }

function clockAt (time = 0): { time: number, now: () => number } {
  const clock = { time, now: () => clock.time }
  return clock
}

t.test('F01 a bucket gives its burst, then its rate, exactly', async (t) => {
  const clock = clockAt(5000)
  const bucket = new TokenBucket({ rate: 10, burst: 3, now: clock.now })
  t.same([1, 2, 3, 4].map(() => bucket.take()), [true, true, true, false])
  clock.time += 99
  t.equal(bucket.take(), false)
  clock.time += 1
  t.equal(bucket.take(), true, 'one token after a tenth of a second, though it was asked in between')
  for (let k = 0; k < 100; k++) { clock.time += 1; bucket.untilFull() }
  t.equal(bucket.take(), true, 'a hundred small steps are one large one')
  clock.time += 1e9
  t.equal(bucket.untilFull(), 0)
  t.equal(bucket.take(4), false, 'never more than the burst')
  t.equal(bucket.take(3), true)
  t.equal(bucket.untilFull(), 300)
  t.equal(bucket.untilNext(), 100)
  clock.time += 60
  t.equal(bucket.untilNext(), 40)
  clock.time += 100
  t.equal(bucket.untilNext(), 0)
})

t.test('I trick the bucket with odd costs and a clock set back', async (t) => {
  const clock = clockAt(1000)
  const bucket = new TokenBucket({ rate: 1, burst: 1, now: clock.now })
  t.equal(bucket.take(), true)
  for (const cost of [-5, NaN, Infinity]) t.equal(bucket.take(cost), false)
  t.equal(bucket.take(), false, 'a negative cost filled nothing')
  clock.time = 0
  t.equal(bucket.take(), false)
  clock.time = 1000
  t.equal(bucket.take(), false, 'the same second does not count twice')
  clock.time = 2000
  t.equal(bucket.take(), true)
})

t.test('however it is asked, a bucket never gives more than burst and rate allow', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }),
    fc.array(fc.nat(200), { maxLength: 100 }), (rate, burst, steps) => {
      const clock = clockAt()
      const bucket = new TokenBucket({ rate, burst, now: clock.now })
      let given = 0
      for (const step of steps) {
        clock.time += step
        while (bucket.take()) given++
        if (given !== burst && given > burst + clock.time * rate / 1000) return false
      }
      return true
    }), { seed, numRuns: 300 })
})

t.test('D04 pings, junk and bytes are metered before they are read', async (t) => {
  const clock = clockAt()
  const meter = createConnectionMeter({ rate: 10, burst: 5, maxMessageSize: 1000, now: clock.now })
  let taken = 0
  while (meter.frame(0)) taken++
  t.equal(taken, 20, 'four times the burst: what is well-formed is counted again, more kindly')
  clock.time += 1000
  taken = 0
  while (meter.frame(0)) taken++
  t.equal(taken, 20, 'what 40 a second refill, up to the burst')
  clock.time += 10_000
  taken = 0
  while (meter.frame(1000)) taken++
  t.equal(taken, 4, 'four messages of the largest size')
  clock.time += 1000
  t.equal(meter.frame(1000), true)
  t.equal(meter.frame(1), false)
})

t.test('D13 the third warning is the last, one is forgiven a minute', async (t) => {
  const clock = clockAt()
  const warnings = createWarnings({ maxWarnings: 3, now: clock.now })
  t.same([warnings.warn(), warnings.warn(), warnings.warn()], [false, false, true])
  const slow = createWarnings({ maxWarnings: 3, now: clock.now })
  for (let k = 0; k < 100; k++) {
    t.equal(slow.warn(), false)
    clock.time += 60_000
  }
  t.equal(slow.count(), 0)
  slow.warn()
  slow.warn()
  clock.time += 59_999
  t.equal(slow.count(), 2)
  clock.time += 1
  t.equal(slow.count(), 1)
  clock.time += 59_999
  t.equal(slow.count(), 1, 'the minute of the second began with the first\'s end')
  clock.time += 1
  t.equal(slow.count(), 0)
  clock.time += 30_000
  t.equal(slow.warn(), false)
  clock.time += 59_999
  t.equal(slow.count(), 1, 'a quiet half minute is no advance')
})

t.test('A10 I come from every address of my network', async (t) => {
  const keys = new Set(Array.from({ length: 256 }, (_, k) => ipKey(`2001:db8:1:2:${k.toString(16)}::${k}`)))
  t.same([...keys], ['2001:db8:1:2::'])
  const table: ReadonlyArray<readonly [string, string]> = [
    ['127.0.0.1', '127.0.0.1'], ['::ffff:192.0.2.1', '192.0.2.1'], ['::FFFF:C000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:c000:201', '192.0.2.1'], ['::1', '::'], ['::', '::'],
    ['2001:0DB8:ABCD:0012:0000:0000:0000:0001', '2001:db8:abcd:12::'], ['1:2:3:4:5:6:7:8', '1:2:3:4::'], ['1::8', '1::'],
    ['2001:db8:0:1::1', '2001:db8:0:1::'],
    ['0:0:3:4::', '0:0:3:4::'], ['64:ff9b::192.0.2.1', '64:ff9b::'], ['fe80::1', 'fe80::']
  ]
  for (const [ip, key] of table) {
    t.equal(ipKey(ip), key, ip)
    t.equal(normalizeIP(ip), key, `${ip}: as @fastify/rate-limit`)
  }
  for (const zone of ['fe80::1%eth0', 'fe80::2%1']) t.equal(ipKey(zone), 'fe80::', zone)
  for (const odd of [undefined, null, 7, {}, '', 'not-an-ip', '"><script>', '1.2.3', '1.2.3.4.5', '010.0.0.1', '1.2.3.4:80',
    '[::1]', '::1]', '1.2.3.4\n', 'x'.repeat(1e5)]) {
    t.equal(ipKey(odd), 'unknown', String(odd).slice(0, 20))
  }
  fc.assert(fc.property(fc.ipV6(), (ip) => ipKey(ip) === normalizeIP(ip)), { seed, numRuns: 300 })
})

t.test('F06 I open one socket too many, and close one twice', async (t) => {
  const slots = createConnectionSlots()
  const first = slots.take('a', 2) as ConnectionSlot
  const second = slots.take('a', 2) as ConnectionSlot
  t.equal(slots.take('a', 2), null)
  t.type((slots.take('b', 2) as ConnectionSlot).release, 'function', 'another address has its own')
  first.release()
  first.release()
  t.equal(slots.open('a'), 1, 'a place is given back once')
  const third = slots.take('a', 2) as ConnectionSlot
  t.equal(slots.take('a', 2), null)
  t.equal(slots.take('b', 1), null, 'a route may allow fewer')
  second.release()
  third.release()
  t.equal(slots.open('a'), 0)
  t.equal(slots.size(), 1, 'only the other address is remembered')
})

t.test('F07 who used up the warnings waits, and no longer than that', async (t) => {
  const clock = clockAt()
  const cooldowns = createCooldowns({ now: clock.now, maxKeys: 2 })
  t.equal(cooldowns.left('a'), 0)
  cooldowns.add('a', 5)
  t.equal(cooldowns.left('a'), 5)
  cooldowns.add('a', 1)
  clock.time += 4001
  t.equal(cooldowns.left('a'), 1, 'a shorter one shortens nothing, asking extends nothing')
  clock.time += 999
  t.equal(cooldowns.left('a'), 0)
  t.equal(cooldowns.size(), 0, 'and is forgotten')
  cooldowns.add('a', 5)
  cooldowns.add('a', 60)
  t.equal(cooldowns.left('a'), 60, 'a longer one replaces a shorter one')
  for (const [key, seconds] of [['x', 30], ['y', 61], ['z', 62]] as const) cooldowns.add(key, seconds)
  t.same(['a', 'x', 'y', 'z'].map((key) => cooldowns.left(key)), [0, 0, 61, 62], 'bounded: whose time is over first is let off')
  cooldowns.add('z', 63)
  t.same(['y', 'z'].map((key) => cooldowns.left(key)), [61, 63], 'who offends again lets nobody off')
  const crowd = createCooldowns({ now: clock.now, maxKeys: 100 })
  for (let k = 0; k < 100; k++) crowd.add(`k${k}`, k === 80 ? 1 : 60)
  crowd.add('new', 60)
  t.same([crowd.left('k0'), crowd.left('k80')], [0, 1], 'the search ends after 64')
})

/** An arrival of a stranger, unless told otherwise. */
function arriving (address: string, rest: Partial<Arriving> = {}): Arriving {
  return { address, session: null, isStranger: true, limits: normalizeLimits().rateLimit, ...rest }
}

function capsOf (clock: { now: () => number }, rateLimit: Partial<RateLimit> = {}) {
  const limits = normalizeLimits({ rateLimit }).rateLimit
  const caps = createConnectionCaps({ limits, now: clock.now })
  const admit = (address: string, rest: Partial<Arriving> = {}): ConnectionPlace => {
    const place = caps.admit(arriving(address, { limits, ...rest }))
    if ('reason' in place) throw new Error(`${place.status} ${place.reason}`)
    return place
  }
  return { caps, admit, limits }
}

function placesOf ({ open, anonymous, signedIn, sessions, identities }: ConnectionCaps): number[] {
  return [open(), ...[anonymous, signedIn, sessions, identities].map((slots) => slots.size())]
}

const nobody: PlaceHolder = { session: null, identity: null, tenant: null }
const FULL = { code: 'LIVE_ERR_TOO_MANY_CONNECTIONS', weight: 'close', close: 1013 } as const

t.test('F06 process, address and gate each refuse with their own status, and the refused leave nothing behind', async (t) => {
  const clock = clockAt()
  const { caps, admit } = capsOf(clock, { maxConnections: 3, maxConnectionsPerIp: 2, maxJoinsPerSecond: 4 })
  const places = [admit('a'), admit('a')]
  t.throws(() => admit('a'), { message: '429 address' })
  t.equal(caps.open(), 2)
  places.push(admit('b'))
  t.throws(() => admit('c'), { message: '503 process' })
  const refused = caps.admit(arriving('c')) as CapRefusal
  t.ok(refused.retryAfter >= 5 && refused.retryAfter <= 7)
  for (const place of places) place.release()
  for (const place of places) place.release()
  t.equal(caps.open(), 0)
  admit('c').release()
  t.throws(() => admit('c'), { message: '503 joins' })
  t.throws(() => admit('c', { session: 's', isStranger: false }), { message: '503 joins' })
  t.same(placesOf(caps), [0, 0, 0, 0, 0])
  clock.time += 250
  admit('c').release()
  t.throws(() => admit('c'), { message: '503 joins' }, 'four a second')
})

t.test('G03 I alone connect and connect: the gate stays open for everybody else', async (t) => {
  const clock = clockAt()
  const { admit, caps, limits } = capsOf(clock, { maxJoinsPerSecond: 50 })
  for (let k = 0; k < 40; k++) admit('me').release()
  t.throws(() => admit('me'), { message: '429 handshakes' })
  t.throws(() => admit('me', { limits: { ...limits, maxConnectionsPerIp: 5 } }), { message: '429 handshakes' }, 'on another route neither')
  for (let k = 0; k < 8; k++) admit(`other${k}`).release()
  clock.time += 1000
  for (let k = 0; k < 10; k++) admit('me').release()
  t.throws(() => admit('me'), { message: '429 handshakes' }, 'ten a second')
  t.equal(caps.open(), 0)
})

t.test('G03 I connect and connect, with my session too: my colleagues at the same address come in', async (t) => {
  const { admit } = capsOf(clockAt(), { maxJoinsPerSecond: 1000 })
  const shake = (times: number, session: string | null): void => {
    for (let k = 0; k < times; k++) admit('a', { session, isStranger: false }).release()
  }
  shake(40, null)
  t.throws(() => { shake(1, null) }, { message: '429 handshakes' })
  shake(80, 'mine')
  t.throws(() => { shake(1, 'mine') }, { message: '429 handshakes' }, 'four seconds of twenty')
  for (let k = 0; k < 20; k++) shake(1, `colleague${k}`)
  t.throws(() => { shake(1, 'colleague20') }, { message: '429 handshakes' }, 'a hundred of one address at once')
})

t.test('F06 who signs in leaves the strangers\' places, and has those of session and identity', async (t) => {
  const { caps, admit } = capsOf(clockAt(), {
    maxConnectionsPerIp: 2, maxSignedInPerIp: 4, maxConnectionsPerSession: 2, maxConnectionsPerIdentity: 3
  })
  const ann = (session: string | null) => ({ session, identity: 'ann', tenant: 't' })
  const [one, two] = [admit('a'), admit('a')]
  t.equal(one.settle(ann('s1')), null)
  t.same([caps.anonymous.open('a'), caps.signedIn.open('a')], [1, 1])
  t.equal(two.settle(ann('s1')), null)
  const third = admit('a')
  t.match(third.settle(ann('s1')), { ...FULL, detail: /the session may have/ })
  t.equal(third.settle({ session: 's2', identity: 'ann', tenant: 'u' }), null, 'a user of the same name elsewhere is somebody else')
  const fourth = admit('b')
  t.equal(fourth.settle(ann('s3')), null)
  const fifth = admit('b')
  t.match(fifth.settle(ann('s4')), { ...FULL, detail: /the identity may have/ }, 'wherever it comes from')
  t.same([caps.sessions.open('s4'), caps.anonymous.open('b'), caps.signedIn.open('b')], [0, 1, 1], 'all places or none')
  const sixth = admit('a')
  t.equal(sixth.settle({ session: null, identity: 'bob', tenant: 't' }), null)
  const seventh = admit('a')
  t.match(seventh.settle({ session: 's9', identity: 'cid', tenant: 't' }), { ...FULL, detail: /the address may have/ })
  t.same([caps.sessions.open('s9'), caps.anonymous.open('a'), caps.signedIn.open('a')], [0, 1, 4])
  for (const place of [one, two, third, fourth, fifth, sixth, seventh]) place.release()
  t.same(placesOf(caps), [0, 0, 0, 0, 0])
})

t.test('F06 strangers fill their places, and people with sessions still come in; a session is no identity', async (t) => {
  const clock = clockAt()
  const { caps, admit } = capsOf(clock, { maxConnectionsPerIp: 2, maxSignedInPerIp: 3 })
  const strangers = [admit('a'), admit('a')]
  t.throws(() => admit('a'), { message: '429 address' })
  const guest = admit('a', { session: 's1', isStranger: false })
  t.equal(caps.signedIn.open('a'), 1)
  t.match(guest.settle({ ...nobody, session: 's1' }), { ...FULL, detail: /the address may have/ })
  strangers[0]?.release()
  t.equal(guest.settle({ ...nobody, session: 's1' }), null)
  t.same([caps.anonymous.open('a'), caps.signedIn.open('a'), caps.sessions.size()], [2, 0, 1])
  clock.time += 1000
  for (let k = 0; k < 3; k++) admit('a', { session: `s${k}`, isStranger: false })
  clock.time += 1000
  t.throws(() => admit('a', { session: 's4', isStranger: false }), { message: '429 address' })
})

t.test('F06 I hang up while it is being found out who I am: nothing is taken for me', async (t) => {
  const { caps, admit } = capsOf(clockAt())
  const place = admit('a')
  place.release()
  t.match(place.settle({ session: 's', identity: 'i', tenant: null }), FULL)
  t.same([caps.open(), caps.signedIn.size(), caps.sessions.size(), caps.identities.size()], [0, 0, 0, 0])
})

t.test('F07 I am sent away: my session and I wait everywhere, strangers at my address too, my colleagues do not', async (t) => {
  const clock = clockAt()
  const { caps, admit } = capsOf(clock, { reconnectCooldown: 5 })
  const own = (session: string): Partial<Arriving> => ({ session, isStranger: false })
  const me = { session: 's1', identity: 'me', tenant: 't' }
  const place = admit('a', own('s1'))
  t.equal(place.settle(me), null)
  place.cool()
  place.release()
  t.throws(() => admit('a'), { message: '429 cooling' })
  t.throws(() => admit('b', own('s1')), { message: '429 cooling' }, 'my session from elsewhere')
  t.match(admit('b', own('s2')).settle({ ...me, session: 's2' }), { ...FULL, detail: 'cooling down' }, 'a new session of mine')
  t.match(admit('b').settle({ ...nobody, session: 's1' }), FULL, 'a session that was not known at the upgrade')
  t.match(admit('a', { isStranger: false }).settle(nobody), FULL, 'nobody, as it turned out')
  t.equal(admit('a', own('s3')).settle({ session: 's3', identity: 'colleague', tenant: 't' }), null)
  t.equal(admit('a', own('s4')).settle({ ...me, session: 's4', tenant: 'u' }), null, 'my namesake in another tenant')
  t.equal(admit('b').settle(nobody), null, 'strangers elsewhere')
  t.equal((caps.admit(arriving('a')) as CapRefusal).retryAfter, 5)
  clock.time += 5000
  t.equal(admit('a', own('s1')).settle(me), null, 'asking in between extended nothing')

  const stranger = admit('c')
  stranger.cool()
  t.throws(() => admit('c'), { message: '429 cooling' })
  t.equal(caps.cooldowns.size(), 2, 'the new one, and the identity, which nobody has asked for since')
})

t.test('F08 two hundred thousand addresses, sessions and identities leave nothing but the bound', async (t) => {
  const clock = clockAt()
  const { caps, admit } = capsOf(clock, { maxJoinsPerSecond: 1_000_000 })
  for (let k = 0; k < 67_000; k++) {
    clock.time += 2
    const place = admit(`a${k}`, { session: k % 2 === 0 ? null : `s${k}`, isStranger: false })
    place.settle({ session: `s${k}`, identity: `i${k}`, tenant: null })
    place.cool()
    place.release()
  }
  t.equal(caps.cooldowns.size(), 10_000)
  t.same(Object.values(caps.handshakes).map((buckets) => buckets.size()), [10_000, 10_000, 10_000])
  t.same(placesOf(caps), [0, 0, 0, 0, 0])
})

t.test('F02, F04 more sockets give no more budget, and fresh keys do not wash out an empty bucket', async (t) => {
  const clock = clockAt()
  const buckets = createKeyedBuckets({ rate: 1, burst: 5, now: clock.now, maxKeys: 100 })
  t.equal(buckets.take('me', 5), true)
  t.equal(buckets.take('me'), false)
  t.equal(buckets.take('you'), true)
  for (let flood = 0; flood < 3; flood++) {
    clock.time += 1000
    for (let k = 0; k < 99; k++) buckets.take(`${flood}-${k}`)
    t.equal(buckets.size(), 100)
  }
  t.equal(buckets.take('me', 4), false, 'three seconds, three tokens')
  t.equal(buckets.take('me', 3), true)
})

t.test('a crowd of empty buckets does not hide the full ones behind it', async (t) => {
  const clock = clockAt()
  const buckets = createKeyedBuckets({ rate: 1, burst: 5, now: clock.now, maxKeys: 200 })
  for (let k = 0; k < 100; k++) buckets.take(`empty${k}`, 5)
  for (let k = 0; k < 100; k++) buckets.take(`full${k}`)
  clock.time += 1000
  for (let k = 0; k < 50; k++) buckets.take(`new${k}`)
  let forgotten = 0
  for (let k = 0; k < 100; k++) if (buckets.take(`empty${k}`, 2)) forgotten++
  t.equal(forgotten, 1, 'the first search found none, the next ones looked further')
})

t.test('F08 a million keys take no more room than the bound', async (t) => {
  const clock = clockAt()
  const buckets = createKeyedBuckets({ rate: 1, burst: 2, now: clock.now, maxKeys: 10 })
  for (let k = 0; k < 1000; k++) {
    clock.time++
    buckets.take(`k${k}`, 2)
  }
  t.equal(buckets.size(), 10, 'even where none is full')
  t.equal(buckets.untilNext('k999'), 1000)
  t.equal(buckets.untilNext('never seen'), 0)
  const standard = createKeyedBuckets({ rate: 1, burst: 2, now: clock.now })
  for (let k = 0; k < 10_100; k++) standard.take(`k${k}`)
  t.equal(standard.size(), 10_000)
})

t.test('J04 I choose names so that two keys meet', async (t) => {
  t.not(keyOf('a', 'b:c'), keyOf('a:b', 'c'))
  t.not(keyOf('a', ''), keyOf('a'))
  t.not(keyOf(null), keyOf('null'))
  t.not(keyOf(null), keyOf(''))
  t.not(keyOf(null), keyOf('%'))
  t.not(keyOf('\ud800'), keyOf('\ud801'))
  t.not(keyOf(':a'), keyOf('\u03aa'))
  t.equal(keyOf('shop', 'orders', 'cancel'), 'shop:orders:cancel')
  t.match(keyOf('*?[x]{tag}\\:', 'ü'), /^[A-Za-z0-9_.%-]+:[A-Za-z0-9_.%-]+$/, 'no Redis pattern, no hash tag')
  const segments = fc.array(fc.option(fc.string({
    unit: fc.constantFrom(':', '%', '*', '{', '}', 'a', '0', '\ud800', '\udc00',
      'ü')
  })), { minLength: 1, maxLength: 4 })
  fc.assert(fc.property(segments, segments, (a, b) => {
    const key = (parts: Array<string | null>): string => keyOf(parts[0] as string | null, ...parts.slice(1))
    return (key(a) === key(b)) === (JSON.stringify(a) === JSON.stringify(b))
  }), { seed, numRuns: 2000 })
})

t.test('a handler\'s budget belongs to the identity, else to the address', async (t) => {
  const caller = { tenant: 't', view: 'v', event: 'e', identity: 'u1', ip: '192.0.2.1' }
  t.equal(handlerKey(caller), handlerKey({ ...caller, ip: '192.0.2.2' }))
  t.equal(handlerKey({ ...caller, identity: null, ip: '2001:db8::1' }),
    handlerKey({ ...caller, identity: null, ip: '2001:db8::2' }))
  t.not(handlerKey({ ...caller, identity: null }), handlerKey({ ...caller, identity: '192.0.2.1' }),
    'a user called like an address')
  for (const change of [{ tenant: 'x' }, { tenant: null }, { view: 'x' }, { event: 'x' },
    { identity: 'x' }]) t.not(handlerKey({ ...caller, ...change }), handlerKey(caller))
})

t.test('limits have defaults, are frozen, and a route has its own', async (t) => {
  const base = normalizeLimits()
  t.same(base, {
    rateLimit: {
      rate: 100,
      burst: 20,
      maxWarnings: 3,
      maxConnectionsPerIp: 10,
      maxSignedInPerIp: 100,
      maxConnectionsPerSession: 20,
      maxConnectionsPerIdentity: 50,
      maxConnections: 10_000,
      maxJoinsPerSecond: 200,
      reconnectCooldown: 5,
      maxPagesPerIp: 50
    },
    maxMessageSize: 65536,
    maxStateSize: 262144
  })
  t.ok(Object.isFrozen(base) && Object.isFrozen(base.rateLimit))
  const route = mergeLimits(base, { rateLimit: { rate: 0.5, burst: 1 }, maxMessageSize: 128 }, 'live')
  t.same(route, { ...base, rateLimit: { ...base.rateLimit, rate: 0.5, burst: 1 }, maxMessageSize: 128 })
  t.ok(Object.isFrozen(route) && Object.isFrozen(route.rateLimit))
  t.same(mergeLimits(route, {}), route)
  const rateLimit = {
    rate: 1,
    burst: 2,
    maxWarnings: 3,
    maxConnectionsPerIp: 4,
    maxSignedInPerIp: 5,
    maxConnectionsPerSession: 6,
    maxConnectionsPerIdentity: 7,
    reconnectCooldown: 8,
  }
  t.match(mergeLimits(base, { rateLimit, maxMessageSize: 129, maxStateSize: 2048 }, 'live'), { rateLimit, maxMessageSize: 129, maxStateSize: 2048 })
  for (const name of ['maxConnections', 'maxJoinsPerSecond', 'maxPagesPerIp']) {
    t.throws(() => mergeLimits(base, { rateLimit: { [name]: 5 } }, 'live'),
      { code: 'LIVE_ERR_LIMITS', message: `live.rateLimit.${name} is 5. Allowed: only among the plugin's options, since it counts for all routes together` })
    t.equal(normalizeLimits({ rateLimit: { [name]: 5 } }).rateLimit[name as keyof RateLimit], 5)
  }
  t.same(normalizeLimits({ rateLimit: undefined, maxMessageSize: undefined }), base)
  t.equal(normalizeLimits({ maxMessageSize: 16 * 1024 * 1024 }).maxMessageSize, 16777216)
  t.equal(normalizeLimits({ rateLimit: { reconnectCooldown: 0 } }).rateLimit.reconnectCooldown, 0)
  t.equal(normalizeEventLimit(undefined, 'events.x.rateLimit'), null)
  const event = normalizeEventLimit({ rate: 5, burst: 3 }, 'events.x.rateLimit')
  t.same(event, { rate: 5, burst: 3 })
  t.ok(Object.isFrozen(event))
})

t.test('L04 a limit that limits nothing ends the boot, with path, value and range', async (t) => {
  const junk = [0, -1, NaN, Infinity, '5', null, {}, true, 1e9]
  for (const name of ['rate', 'burst', 'maxWarnings', 'maxConnectionsPerIp', 'reconnectCooldown', 'maxPagesPerIp']) {
    for (const value of name === 'reconnectCooldown' ? junk.slice(1) : junk) {
      t.throws(() => normalizeLimits({ rateLimit: { [name]: value } } as LimitOptions),
        { code: 'LIVE_ERR_LIMITS', message: new RegExp(`^rateLimit\\.${name} is .+\\. Allowed: a (whole )?number from`) },
          `${name} ${String(value)}`)
    }
  }
  for (const name of ['burst', 'maxWarnings',
    'maxConnectionsPerIp']) t.throws(() => normalizeLimits({ rateLimit: { [name]: 1.5 } }), { message: /whole number/ })
  for (const maxMessageSize of [0, 127, 128.5, 16777217, NaN, '64kb', null]) {
    t.throws(() => mergeLimits(normalizeLimits(), { maxMessageSize } as LimitOptions, 'live'),
      { message: /^live\.maxMessageSize is .* from 128 to 16777216/ })
  }
  for (const rateLimit of [null, false, 5, [], 'off']) {
    t.throws(() => normalizeLimits({ rateLimit } as unknown as LimitOptions),
      { message: /^rateLimit is .*an object with rate, burst/ })
  }
  t.throws(() => normalizeLimits({ rateLimit: { brust: 5 } } as LimitOptions),
    { message: /^rateLimit\.brust is 5\. Allowed: no such option; an object with rate, burst/ })
  for (const value of [null, {}, { rate: 5 }, { burst: 5 }, { rate: 5, burst: 5, maxWarnings: 3 }]) {
    t.throws(() => normalizeEventLimit(value, 'events.search.rateLimit'),
      { code: 'LIVE_ERR_LIMITS', message: /^events\.search\.rateLimit/ })
  }
})
