import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { createErrorId } from '../lib/security/error-id.ts'
import { hashForLog } from '../lib/security/hash-for-log.ts'
import { navigationTarget } from '../lib/security/navigation-target.ts'
import { createRefusalMessage } from '../lib/security/refusal-message.ts'
import type { RefusalReason } from '../lib/security/refusal-message.ts'
import { sanitizeForLog } from '../lib/security/sanitize-for-log.ts'
import { isCodeUrl } from '../runtime/code-url.ts'
import { samePage } from '../runtime/same-page.ts'
import { HOSTILE_URLS } from './helpers/hostile-html.ts'
import { NAVIGATION_VECTORS } from './helpers/navigation-vectors.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)

t.test('L02 I write into your log', async (t) => {
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const cycle: unknown[] = []
  cycle.push(cycle)
  const table: ReadonlyArray<readonly [name: string, sent: unknown, logged: string]> = [
    ['a line of my own', 'x\r\n{"level":30,"msg":"login ok"}', 'x  {"level":30,"msg":"login ok"}'],
    ['NEL and the Unicode separators', 'a\u0085b\u2028c\u2029d', 'a b c d'],
    ['colours', '\u001b[31mred\u001b[0m', 'red'],
    ['colours by C1', '\u009b31mred', 'red'],
    ['a window title', '\u001b]0;owned\u0007x', 'x'],
    ['a link, ended by ST', '\u001b]8;;http://evil.example\u001b\\click', 'click'],
    ['a link by C1', '\u009d8;;http://evil.example\u009cclick', 'click'],
    ['a device control string', '\u001bPq#0\u001b\\x', 'x'],
    ['a title without an end keeps its text', '\u001b]0;owned', '0;owned'],
    ['a string, a private message and a program command', '\u001bXa\u001b\\b\u001b^c\u001b\\d\u001b_e\u001b\\f', 'bdf'],
    ['the same by C1', '\u0098a\u009cb\u009ec\u009cd\u009fe\u009cf\u0090g\u009ch', 'bdfh'],
    ['a link by C1, ended by the other ST', '\u009d8;;http://evil.example\u001b\\click', 'click'],
    ['a title, ended by C1', '\u001b]0;owned\u009cx', 'x'],
    ['colours without an end', 'x\u001b[31', 'x31'],
    ['a link without an end by C1', '\u009d8;;owned', ' 8;;owned'],
    ['a reset of the terminal', '\u001bcx', 'x'],
    ['another alphabet', '\u001b(0x', 'x'],
    ['a sequence inside a sequence', '\u001b\u001b[0m[31mx', '31mx'],
    ['an escape at the end', 'x\u001b', 'x '],
    ['NUL, backspace and DEL', 'a\0b\bc\u007fd', 'a b c d'],
    ['text that runs backwards', 'user\u202enimda\u2066x\u061c', 'usernimdax'],
    ['a name with invisible letters', 'ad\u200bmin\u2060\ufeff\u00ad', 'admin'],
    ['every bidi control', '\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061cx', 'x'],
    ['fillers and joiners that nothing shows', 'a\u115f\u1160\u3164\uffa0\u034f\u17b4\u180e\ufe0fb', 'ab'],
    ['letters from the tag block', 'a\u{e0061}b', 'ab'],
    ['half a character', 'a\ud800b', 'a\ufffdb'],
    ['an invisible letter in two halves with another between', 'a\udb40\u200b\udc61b', 'a\ufffd\ufffdb'],
    ['nothing', undefined, 'undefined'],
    ['a number', 7, '7'],
    ['a symbol', Symbol('x'), 'Symbol(x)'],
    ['an object that throws', { toString () { throw new Error('no') } }, '[unprintable]'],
    ['an object without prototype', Object.create(null), '[unprintable]'],
    ['a revoked proxy', revoked, '[unprintable]'],
    ['a proxy whose traps throw', new Proxy({}, { get () { throw new Error('no') } }), '[unprintable]'],
    ['an object that becomes a symbol', { [Symbol.toPrimitive]: () => Symbol('x') }, '[unprintable]'],
    ['an object of a client\'s', JSON.parse('{"toString":1,"valueOf":2}'), '[unprintable]'],
    ['a symbol with a line', Symbol('a\nb'), 'Symbol(a b)'],
    ['a list in itself', cycle, ''],
    ['honest text', 'Zoë kauft 3 × Käse für 12 € 🧀', 'Zoë kauft 3 × Käse für 12 € 🧀']
  ]
  for (const [name, sent, logged] of table) t.equal(sanitizeForLog(sent), logged, name)
  t.equal(sanitizeForLog('x'.repeat(1e6)), `${'x'.repeat(199)}…`)
  t.equal(sanitizeForLog(`${'\u001b[0m'.repeat(1000)}x`), '', 'what stands after a long run of nothing is not even looked at')
  t.equal(sanitizeForLog('x'.repeat(200)), 'x'.repeat(200))
  t.equal(sanitizeForLog('abcdef', { maxLength: 4 }), 'abc…')
  t.equal(sanitizeForLog('abcdef', { maxLength: 1.5 }), '…')
  for (const maxLength of [0, -1, NaN, 'x' as never]) t.equal(sanitizeForLog('abcdef', { maxLength }), 'abcdef', 'no length at all')
  for (const beginning of ['\u001b[', '\u001b]', '\u009b0;', '\u009d8;', '\u001b ', '\u001b]x']) {
    const one = sanitizeForLog(beginning.repeat(1e5), { maxLength: 1e6 })
    t.ok(one.length <= 1e6, 'what is made of beginnings takes no time')
  }
  t.equal(sanitizeForLog('ab🧀def', { maxLength: 4 }), 'ab\ufffd…', 'no half character at the cut')
  const nasty = fc.string({
    unit: fc.constantFrom('\u001b', '[', ']', 'P', '0', ';', 'm', '\u0007', '\\', '\u009c', '\u009d',
      '\u009b', '\n', '\u202e', '\ud800', 'x')
  })
  fc.assert(fc.property(fc.oneof(nasty, fc.anything()), (value) => {
    const logged = sanitizeForLog(value)
    return logged.length <= 200 && !/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u.test(logged)
  }), { seed, numRuns: 1000 })
})

t.test('logs carry a hash of an id, people an id of an error', async (t) => {
  t.equal(hashForLog('sid'), hashForLog('sid'))
  t.not(hashForLog('sid'), hashForLog('sie'))
  t.match(hashForLog('sid'), /^[0-9a-f]{16}$/)
  t.match(createErrorId(), /^[0-9a-f]{12}$/)
  t.not(createErrorId(), createErrorId())
})

t.test('L01 a refusal says nothing of the server', async (t) => {
  for (const reason of ['stale', 'denied', 'invalid', 'limit', 'busy', 'error'] as const) {
    const [r, ref, given, text, id] = createRefusalMessage(3, reason, 'abc')
    t.same([r, ref, given, id], ['r', 3, reason, 'abc'])
    t.match(text, /^[A-Z][a-z ,]+\.( [A-Z][a-z ]+\.)?$/)
  }
  const leak = 'ECONNREFUSED 10.0.0.7' as RefusalReason
  t.same(createRefusalMessage(1, leak, 'x').slice(2, 4), createRefusalMessage(1, 'error', 'x').slice(2, 4))
  t.same(createRefusalMessage(1, 'constructor' as RefusalReason, 'x')[2], 'error')
})

t.test('refusals are what the golden messages say', async (t) => {
  const golden = JSON.parse(readFileSync(new URL('./fixtures/refusals.json', import.meta.url), 'utf8')) as unknown[][]
  for (const message of golden) {
    const [, ref, reason, , id, wait] = message as ['r', number, RefusalReason, string, string, number?]
    t.strictSame(createRefusalMessage(ref, reason, id, wait), message)
  }
})

t.test('E10 I make the server send people to my site', async (t) => {
  const refused: unknown[] = [`/${'a'.repeat(2048)}`, null, undefined, 7, {}, ['/a'], { toString: () => '/a' }]
  for (const path of refused) t.equal(navigationTarget(path), null, encodeURIComponent(String(path)).slice(0, 60))
  const base = 'https://app.example.com/where?it=is'
  for (const [path, target] of NAVIGATION_VECTORS) {
    const name = encodeURIComponent(JSON.stringify(path)).slice(0, 60)
    t.equal(navigationTarget(path), target, name)
    if (target === null) t.ok(path.length > 2048 || samePage(path, base) === null, `${name}, nor would the browser`)
    else t.equal(samePage(target, base), `https://app.example.com${target}`, `${name}, and the browser goes there`)
  }
  const tricky = fc.string({
    unit: fc.constantFrom('/', '\\', '.', '\t', '\n', ' ', ':', '@', 'a', '%2e', '%2f', '?', '#',
      'evil.example', '\u00ad', '。', '／')
  })
  fc.assert(fc.property(tricky, (path) => {
    const target = navigationTarget(path)
    // The browser's own check, asked without the server's.
    const gone = samePage(path, 'https://app.example.com')
    if (gone !== null && new URL(gone).origin !== 'https://app.example.com') return false
    if (target === null) return true
    if (samePage(target, 'https://app.example.com') !== `https://app.example.com${target}`) return false
    const there = new URL(target, 'https://app.example.com')
    return there.origin === 'https://app.example.com' && new URL(there.pathname,
      'https://app.example.com').origin === there.origin
  }), { seed, numRuns: 2000 })
})

t.test('H02 I write a URL that runs in other ways: the browser drops what its own parser would run', async (t) => {
  for (const url of HOSTILE_URLS) {
    for (const [tag, name] of [['a', 'href'], ['iframe', 'src'], ['button', 'formaction'], ['input', 'formaction'], ['animate', 'to'], ['use', 'href'], ['link', 'data']] as const) {
      t.ok(isCodeUrl(tag, name, url), `${tag} ${name} ${encodeURIComponent(url)}`)
    }
  }
  for (const url of ['', '#', '/orders?javascript:1', './javascript:x', 'https://example.com/javascript:', 'mailto:a@example.com', 'tel:+1', 'javascript', 'a javascript:1',
    '0 0 10', '//example.com', 'http://[', 'HTTPS://[']) t.notOk(isCodeUrl('a', 'href', url), url)
  for (const [tag, name] of [['img', 'src'], ['IMG'.toLowerCase(), 'SRC'], ['image', 'xlink:href'], ['link', 'href'], ['video', 'src']] as const) {
    t.notOk(isCodeUrl(tag, name, 'data:image/png;base64,AA=='), `${tag} ${name}`)
    t.ok(isCodeUrl(tag, name, 'java\nscript:1'), `${tag} ${name}`)
  }
  const letters = fc.string({ unit: fc.constantFrom('java', 'script', 'vb', 'data', ':', '\t', '\n', '\r', ' ', '\0', '\u0001', '\u001f', '\u00a0', 'J', 'S', '/', '\\', '//', '[', '#', 'x', '\u017f') })
  fc.assert(fc.property(letters, (text) => {
    if (!URL.canParse(text, 'https://app.example.com/a/')) return true
    const { protocol } = new URL(text, 'https://app.example.com/a/')
    return isCodeUrl('a', 'href', text) === ['javascript:', 'vbscript:', 'data:'].includes(protocol)
  }), { seed, numRuns: 5000 })
})
