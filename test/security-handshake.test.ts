import { createRequire } from 'node:module'
import fc from 'fast-check'
import t from 'tap'
import { cameFromCookie } from '../lib/security/came-from-cookie.ts'
import { checkFetchMetadata, createOriginCheck } from '../lib/security/check-origin.ts'
import { deriveKey } from '../lib/security/derive-key.ts'
import { createPageTokens } from '../lib/security/page-token.ts'
import type { PageTokens, TokenBinding } from '../lib/security/page-token.ts'
import { probeSession } from '../lib/security/session-probe.ts'
import type { ReadableSessionStore } from '../lib/security/session-probe.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
const require = createRequire(import.meta.url)

t.test('A01 I open your socket from my own page', async (t) => {
  const check = createOriginCheck({
    origins: ['https://app.example.com', 'HTTP://Localhost:3000',
      'https://shop.example.com:443']
  })
  const refused: ReadonlyArray<readonly [name: string, header: string | undefined | string[], reason: string]> = [
    ['from evil.example', 'https://evil.example', 'origin-not-allowed'],
    ['from a domain that ends in yours', 'https://evilapp.example.com', 'origin-not-allowed'],
    ['from a domain that begins with yours', 'https://app.example.com.evil.example', 'origin-not-allowed'],
    ['from a subdomain', 'https://x.app.example.com', 'origin-not-allowed'],
    ['from another port', 'https://app.example.com:8443', 'origin-not-allowed'],
    ['over http', 'http://app.example.com', 'origin-not-allowed'],
    ['from a sandboxed frame', 'null', 'origin-null'],
    ['with a trailing dot', 'https://app.example.com.', 'origin-not-allowed'],
    ['with your name as user', 'https://app.example.com@evil.example', 'origin-malformed'],
    ['with a user before your name', 'https://evil@app.example.com', 'origin-malformed'],
    ['with a path', 'https://app.example.com/', 'origin-malformed'],
    ['with a query', 'https://app.example.com?x', 'origin-malformed'],
    ['with a fragment', 'https://app.example.com#x', 'origin-malformed'],
    ['with backslashes', 'https:\\\\app.example.com', 'origin-malformed'],
    ['from a blob', 'blob:https://app.example.com/1', 'origin-malformed'],
    ['with a tab inside', 'https://app.exa\tmple.com', 'origin-malformed'],
    ['with a newline at the end', 'https://app.example.com\n', 'origin-malformed'],
    ['with a soft hyphen inside', 'https://a\u00adpp.example.com', 'origin-malformed'],
    ['with a port that is none', 'https://app.example.com:99999', 'origin-malformed'],
    ['with a name of a megabyte', `https://${'a'.repeat(1e6)}.example.com`, 'origin-malformed'],
    ['with javascript:', 'javascript:alert(1)', 'origin-malformed'],
    ['with two Origin headers', 'https://app.example.com, https://evil.example', 'origin-multiple'],
    ['with a list of headers', ['https://app.example.com', 'https://evil.example'], 'origin-multiple'],
    ['with no Origin at all (A02)', undefined, 'origin-missing'],
    ['with an empty Origin', '', 'origin-missing']
  ]
  for (const [name, header, reason] of refused) t.equal(check(header), reason, name)
  for (const honest of ['https://app.example.com', 'HTTPS://APP.EXAMPLE.COM', 'https://app.example.com:443',
    'http://localhost:3000',
    'https://shop.example.com']) {
    t.equal(check(honest), null, honest)
  }
})

t.test('origins that are no exact origins end the boot, with the way out', async (t) => {
  for (const entry of ['*', 'https://*.example.com', 'app.example.com', 'https://app.example.com/', 'https://app.example.com/a',
    'null', '',
    'https://a@b.example', 'ftp://files.example.com', 'https://', 'https://b\u00fccher.example',
    'https://app.example.com:99999', 7, undefined]) {
    t.throws(() => createOriginCheck({ origins: ['https://ok.example', entry as string] }),
      { code: 'LIVE_ERR_ORIGINS', message: /^origins\[1\] is .*Allowed: one exact http or https origin.*such as/ }, String(entry))
  }
  for (const origins of [[], undefined, 'https://app.example.com']) {
    t.throws(() => createOriginCheck({ origins: origins as string[] }),
      { code: 'LIVE_ERR_ORIGINS', message: /at least one origin/ })
  }
})

t.test('A03 the browser itself says that the socket is another site\'s', async (t) => {
  t.equal(checkFetchMetadata({}), null)
  t.equal(checkFetchMetadata({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'websocket' }), null)
  for (const site of ['cross-site', 'same-site', 'none', '', 'SAME-ORIGIN', 'same-origin, cross-site']) {
    t.equal(checkFetchMetadata({ 'sec-fetch-site': site, 'sec-fetch-mode': 'websocket' }), 'fetch-site', site)
  }
  t.equal(checkFetchMetadata({ 'sec-fetch-site': ['same-origin', 'same-origin'] }), 'fetch-site')
  for (const mode of ['cors', 'no-cors', 'navigate', '']) {
    t.equal(checkFetchMetadata({ 'sec-fetch-mode': mode }), 'fetch-mode',
      mode)
  }
})

const secret = 'a secret that is long enough, yes'
const other = 'another secret that is long enough'
const bound: TokenBinding = {
  session: 'sid-1',
  identity: 'u1',
  tenant: 't1',
  view: 'orders',
  route: '/orders/:id',
  params: { id: '7', tab: 'x' },
  query: { q: 'a' },
  shape: 'k3j2'
}
const digest = 'x9_-AZ'

function tokensAt (clock: { time: number }, secrets: string[] = [secret], lifetime?: number): PageTokens {
  return createPageTokens({ secrets, now: () => clock.time, ...(lifetime === undefined ? {} : { lifetime }) })
}

t.test('a token is good for its page, its session and its hour', async (t) => {
  const clock = { time: 1_700_000_000_500 }
  const tokens = tokensAt(clock)
  const token = tokens.issue(bound, digest)
  t.ok(token.length <= 120 && tokens.issue(bound, 'd'.repeat(32)).length <= 120)
  const verdict = tokens.verify(token, bound)
  t.match(verdict, { ok: true, digest, issuedAt: 1_700_000_000_000, nonce: /^[\w-]{22}$/ })
  t.not(tokens.issue(bound, digest), token, 'no two are alike')
  t.equal(tokens.verify(token, { ...bound, params: { tab: 'x', id: '7' } }).ok, true, 'the order of params means nothing')
  clock.time += 3600_000
  t.equal(tokens.verify(token, bound).ok, true)
  clock.time += 1000
  t.same(tokens.verify(token, bound), { ok: false, reason: 'expired' })
  clock.time = 1_700_000_000_500 - 30_000
  t.equal(tokens.verify(token, bound).ok, true, 'another machine\'s clock may be a little behind')
  clock.time -= 1000
  t.same(tokens.verify(token, bound), { ok: false, reason: 'expired' }, 'but not more')
  t.match(createPageTokens({ secrets: [Buffer.from(secret)] }).verify(createPageTokens({ secrets: [secret] }).issue(bound,
    digest), bound), { ok: true })
})

t.test('C03 I use a token where it was not issued', async (t) => {
  const tokens = tokensAt({ time: 0 })
  const token = tokens.issue(bound, digest)
  const { query, ...withoutQuery } = bound
  const elsewhere: ReadonlyArray<readonly [string, TokenBinding]> = [
    ['on another session', { ...bound, session: 'sid-2' }],
    ['without the session', { ...bound, session: null }],
    ['as another user', { ...bound, identity: 'u2' }],
    ['signed out', { ...bound, identity: null }],
    ['as a user called null', { ...bound, identity: 'null' }],
    ['in another tenant', { ...bound, tenant: 't2' }],
    ['in no tenant', { ...bound, tenant: null }],
    ['for another view', { ...bound, view: 'admin' }],
    ['on another route', { ...bound, route: '/admin/:id' }],
    ['for another id', { ...bound, params: { id: '8', tab: 'x' } }],
    ['for an id of another type', { ...bound, params: { id: 7, tab: 'x' } }],
    ['with a param more', { ...bound, params: { id: '7', tab: 'x', y: '1' } }],
    ['with a param less', { ...bound, params: { id: '7' } }],
    ['with another query', { ...bound, query: { q: 'b' } }],
    ['without its query', withoutQuery],
    ['after a deployment', { ...bound, shape: 'k3j3' }],
    ['with a border moved', { ...bound, identity: 'u1t', tenant: '1' }],
    ['with a border moved by hand', { ...bound, identity: 'u1","t1', tenant: 'orders' }],
    ['with half a character for another', { ...bound, identity: '\ud800' }]
  ]
  for (const [name, binding] of elsewhere) t.same(tokens.verify(token, binding), { ok: false, reason: 'mismatch' }, name)
  t.same(tokens.verify(tokens.issue({ ...bound, identity: '\ud800' }, digest), { ...bound, identity: '\ud801' }),
    { ok: false, reason: 'mismatch' })
})

t.test('an anonymous token outlives the first cookie, never a change of who it is', async (t) => {
  const tokens = tokensAt({ time: 0 })
  const anonymous = { ...bound, session: null, identity: null }
  const token = tokens.issue(anonymous, digest)
  t.equal(tokens.verify(token, anonymous).ok, true)
  t.equal(tokens.verify(token, { ...anonymous, session: 'sid-1' }).ok, true, 'a cookie appeared')
  t.equal(tokens.verify(token, { ...anonymous, session: 'sid-1', identity: 'u1' }).ok, false, 'someone signed in')
  const signedIn = tokens.issue({ ...anonymous, identity: 'u1' }, digest)
  t.equal(tokens.verify(signedIn, { ...anonymous, identity: 'u1', session: 'sid-9' }).ok, true)
  t.equal(tokens.verify(signedIn, { ...anonymous, identity: 'u2', session: 'sid-9' }).ok, false)
})

t.test('C05 secrets rotate: the newest signs, all verify, a removed one is worth nothing', async (t) => {
  const clock = { time: 0 }
  const before = tokensAt(clock, [secret])
  const during = tokensAt(clock, [other, secret])
  const after = tokensAt(clock, [other])
  t.equal(during.verify(before.issue(bound, digest), bound).ok, true)
  t.equal(after.verify(during.issue(bound, digest), bound).ok, true)
  t.same(after.verify(before.issue(bound, digest), bound), { ok: false, reason: 'mismatch' })
  t.notSame(deriveKey(secret, 'page-token v1'), deriveKey(secret, 'page-token v2'), 'another purpose has another key')
})

t.test('C01, C06 I forge a token', async (t) => {
  const tokens = tokensAt({ time: 1_700_000_000_000 })
  const token = tokens.issue(bound, digest)
  const [, issued, nonce, , mac] = token.split('.') as [string, string, string, string, string]
  const malformed = [undefined, null, 7, {}, [], [token], '', 'v1', token.slice(0, -1), `${token}x`, `${token}\n`, ` ${token}`,
    token.toUpperCase(),
    `v2${token.slice(2)}`, `v1.${issued}.${nonce}.${digest}`, `v1.${issued}.${nonce}..${mac}`, 'v1.'.repeat(1e6),
    'x'.repeat(1e6), `${token}.${'x'.repeat(1e6)}`]
  for (const bad of malformed) t.same(tokens.verify(bad, bound), { ok: false, reason: 'malformed' }, String(bad).slice(0, 60))
  t.same(tokens.verify(`v1.0${issued}.${nonce}.${digest}.${mac}`, bound), { ok: false, reason: 'mismatch' },
    'a zero more before the time')
  t.same(tokens.verify(`v1.zzzzzz.${nonce}.${digest}.${mac}`, bound), { ok: false, reason: 'mismatch' }, 'for ever')
  t.same(tokens.verify(`v1.${issued}.${nonce}.${digest}x.${mac}`, bound), { ok: false, reason: 'mismatch' }, 'another digest')

  t.comment(`fast-check seed ${seed}`)
  fc.assert(fc.property(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), (index, mask) => {
    const bytes = Buffer.from(token, 'latin1')
    bytes[index] = (bytes[index] as number) ^ mask
    return !tokens.verify(bytes.toString('latin1'), bound).ok
  }), { seed, numRuns: 1000 })
  for (let index = 0; index < token.length; index++) {
    const flipped = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1)
    if (tokens.verify(flipped, bound).ok) t.fail(`character ${index} is not covered`)
  }
  fc.assert(fc.property(fc.anything(), (value) => !tokens.verify(value, bound).ok), { seed, numRuns: 300 })
})

t.test('short secrets, odd lifetimes and digests end with a coded error that shows no secret', async (t) => {
  t.throws(() => createPageTokens({ secrets: [secret, 'hunter2'] }),
    { code: 'LIVE_ERR_SECRETS', message: /^secrets\[1\] is 7 bytes long\. Allowed: .*32 bytes/ })
  t.throws(() => createPageTokens({ secrets: [] }), { code: 'LIVE_ERR_SECRETS', message: /^secrets is empty/ })
  t.throws(() => createPageTokens({ secrets: secret as unknown as string[] }),
    { code: 'LIVE_ERR_SECRETS', message: /^secrets is of type string/ })
  t.throws(() => createPageTokens({ secrets: [7 as unknown as string] }),
    { code: 'LIVE_ERR_SECRETS', message: /^secrets\[0\] is 'number'/ })
  try { createPageTokens({ secrets: ['hunter2'] }) } catch (error) { t.notMatch((error as Error).message, 'hunter2') }
  for (const lifetime of [0, 59, 86401, NaN, Infinity, '60' as unknown as number]) {
    t.throws(() => createPageTokens({ secrets: [secret], lifetime }), { code: 'LIVE_ERR_TOKEN_LIFETIME', message: /60 to 86400/ })
  }
  for (const odd of ['', 'a.b', 'x'.repeat(33)]) {
    t.throws(() => tokensAt({ time: 0 }).issue(bound, odd),
      { code: 'LIVE_ERR_TOKEN_DIGEST' })
  }
})

t.test('B01 a session id counts only where the client\'s own cookie brought it', async (t) => {
  const { Signer } = require('@fastify/cookie') as { Signer: new (secret: string | string[]) => { sign (id: string): string } }
  const cookie = new Signer(secret).sign('my-id')
  t.equal(cameFromCookie({ cookie, encryptedId: cookie }), true)
  t.equal(cameFromCookie({ cookie, encryptedId: new Signer([other, secret]).sign('my-id') }), true, 'signed with the old secret')
  t.equal(cameFromCookie({ cookie, encryptedId: new Signer(secret).sign('fresh-id') }), false, 'deleted, expired or regenerated')
  t.equal(cameFromCookie({ cookie: 'my-id.forged', encryptedId: new Signer(secret).sign('random') }), false, 'forged')
  t.equal(cameFromCookie({ cookie: undefined, encryptedId: cookie }), false, 'no cookie, and yet a session id')
  t.equal(cameFromCookie({ cookie, encryptedId: undefined }), false, 'outside the cookie\'s path')
  t.equal(cameFromCookie({ cookie: '', encryptedId: '' }), false)
  t.equal(cameFromCookie({ cookie: '.x', encryptedId: '.y' }), false, 'an empty id names nothing')
  t.equal(cameFromCookie({ cookie: `s:${cookie}`, encryptedId: cookie, prefix: 's:' }), true)
  t.equal(cameFromCookie({ cookie, encryptedId: cookie, prefix: 's:' }), false)
  t.equal(cameFromCookie({ cookie: `x:${cookie}`, encryptedId: cookie, prefix: 's:' }), false)
})

function storeOf (answer: (callback: (error: unknown, session?: unknown) => void) => void): ReadableSessionStore {
  return { get: (_id, callback) => answer(callback) }
}

t.test('B02, B03 a session that ended is seen to have ended', async (t) => {
  const now = (): number => 1000
  const gone = { alive: false, data: null, expires: null }
  const probe = (session: unknown, error: unknown = null): Promise<unknown> => probeSession(storeOf((done) => done(error,
    session)), 'id', now)
  t.same(await probe(undefined), gone)
  t.same(await probe(null), gone)
  t.same(await probe('junk'), gone)
  t.same(await probe(undefined, Object.assign(new Error('no file'), { code: 'ENOENT' })), gone)
  t.same(await probe({ user: 'u1', cookie: { expires: new Date(1001) } }), { alive: true, data: { user: 'u1' }, expires: 1001 })
  t.same(await probe({ user: 'u1', cookie: { expires: '1970-01-01T00:00:01.001Z' } }),
    { alive: true, data: { user: 'u1' }, expires: 1001 })
  t.same(await probe({ user: 'u1', cookie: { expires: new Date(1000) } }), gone)
  t.same(await probe({ user: 'u1', cookie: { expires: '1970-01-01T00:00:00Z' } }), gone)
  t.same(await probe({ user: 'u1', cookie: { expires: 'whenever' } }), gone, 'an end that cannot be read')
  for (const cookie of [undefined, {}, { expires: null }, { expires: false }]) {
    t.match(await probe({ user: 'u1', cookie }),
      { alive: true, expires: null })
  }
  const failure = new Error('store down')
  await t.rejects(probe(undefined, failure), failure)
  await t.rejects(probeSession(storeOf(() => { throw failure }), 'id'), failure)
  t.match(await probeSession(storeOf((done) => done(undefined, { cookie: { expires: new Date(Date.now() + 60_000) } })), 'id'),
    { alive: true })
})

t.test('B06 what the probe hands out is no session object and pins no request', async (t) => {
  const live = {
    user: 'u1',
    cookie: {},
    [Symbol('request')]: { socket: true },
    get sessionId () { return 'id' },
    ['__proto__']: { admin: true }
  }
  const { data } = await probeSession(storeOf((done) => done(null, live)), 'id')
  t.same(Reflect.ownKeys(data as object).filter((name) => typeof name === 'symbol'), [])
  t.not(data, live)
  t.throws(() => { (data as { user: string }).user = 'admin' }, TypeError)
  t.equal((data as { admin?: boolean }).admin, undefined)
})
