import t from 'tap'
import { openDatabase } from '../example/database.ts'
import { buildApp } from '../example/server.ts'
import { csrfOf, listen, postForm, signedIn, use } from './helpers/example-client.ts'
import { plantSecrets } from './helpers/example-secrets.ts'
import { findSecrets } from './helpers/find-secrets.ts'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'
import { findControl, pageControls } from './helpers/page-controls.ts'
import { recordBytes } from './helpers/record-bytes.ts'

t.test('the search for secrets finds them in every form', async (t) => {
  const secret = 'ünlikely/secret+words?'
  const raw = Buffer.from(secret)
  const inBase64 = (before: string): string => Buffer.concat([Buffer.from(before), raw]).toString('base64')
  for (const form of [secret, raw.toString('hex').toUpperCase(), encodeURIComponent(secret), inBase64(''), inBase64('a'), inBase64('ab'),
    raw.toString('base64url'), `<p>${secret.slice(0, 12)}`,
    [...raw].map((byte) => `&#${byte};`).join(''), [...raw].map((byte) => `&#x${byte.toString(16)};`).join(''), [...raw].map((byte) => `\\u00${byte.toString(16)}`).join('')]) {
    t.equal(findSecrets(Buffer.from(`xx ${form} yy`), [secret]).length, 1, form)
  }
  t.equal(findSecrets(Buffer.from(secret, 'utf16le'), [secret]).length, 1)
  t.same(findSecrets(Buffer.from('nothing of that'), [secret]), [])
  t.throws(() => findSecrets(Buffer.from(''), ['short']), /too short/)
})

t.test('J01, J02 a full tour of the example sends none of its secrets, in no byte', async (t) => {
  const db = openDatabase(':memory:')
  const app = await buildApp({ db, secret: 'a secret of forty characters for the tests', attempts: { address: 100, account: 100 }, seed: { orders: 60, customers: 10 } })
  t.teardown(() => app.close())
  const secrets = await plantSecrets(db)
  // Still open after the first of them has been moved on.
  await db.updateTable('orders').set({ status: 'open' }).where('id', 'in', [57, 58, 59, 60]).execute()
  const sent = recordBytes(app.server)
  const url = await listen(app)

  // Signing in, in all ways that fail.
  const nobody = new Visitor(url)
  const { html: form } = await nobody.page('/sign-in')
  const _csrf = csrfOf(form)
  await postForm(nobody, '/sign-in', { _csrf, email: 'clerk@example.com', password: 'guess' })
  await postForm(nobody, '/sign-in', { _csrf, email: 'clerk@example.com', password: '' })
  await postForm(nobody, '/sign-in', { email: 'clerk@example.com', password: 'orders-and-tea' })
  for (const path of ['/', '/orders', '/nowhere', '/orders?q=a&q=b', '/%', '/style.css', '/icon.svg']) await (await nobody.fetch(path)).text()
  await nobody.socket('/orders').catch(() => {})

  for (const role of ['clerk', 'viewer'] as const) {
    const visitor = await signedIn(url, role)
    const paths = ['/orders', '/orders?cities=shown&open=60', '/orders?page=2', '/orders?sort=total', '/orders?sort=password_hash', '/orders?status=open',
      '/orders?open=61', '/orders?q=%25&cities=shown', '/orders?q=XQ', '/orders?q=a&q=b', '/orders?page=99', '/nowhere', '/sign-in']
    for (const path of paths) await visitor.page(path)

    const live = await visitor.open('/orders')
    t.same(live.joined, ['j', 0])
    const done = new Set<string>()
    await useAll(live, done)
    t.same(await refused(live), ['stale', 'stale', 'invalid', 'invalid'])
    for (const path of ['/orders?open=57&cities=shown', '/orders?page=2']) await useAll(await visitor.open(path), done)
    const all = ['cities', 'filter', 'move', 'quantity', 'search', 'show', 'sort', 'turn']
    t.same([...done].sort(), role === 'clerk' ? all : all.filter((name) => name !== 'move' && name !== 'quantity'))

    // A reconnect whose rendering is gone: the whole tree is sent anew.
    const { html, token } = await visitor.page('/orders?q=n-100')
    for (const pristine of [1, 0]) {
      const again = await visitor.socket('/orders?q=n-100')
      again.send(['j', token, pageDigest(html), pristine])
      t.equal((await again.next())[0], 'j')
      again.close()
    }
    const wrong = await visitor.socket('/orders')
    wrong.send(['j', 'no token', 1, 1])
    await wrong.closed

    const closed = live.closed
    await postForm(visitor, '/sign-out', { _csrf: csrfOf(html) })
    t.equal(await closed, 4401)
    await visitor.page('/orders')
  }

  const bytes = sent()
  const text = bytes.toString()
  t.match(text, 'HTTP/1.1 101 ', 'the record holds upgrades')
  t.notMatch(text, 'permessage-deflate', 'frames are readable')
  t.match(text, '["p",1,', 'and they are there')
  for (const shown of ['Clara Winter', 'Victor Lund', 'N-10060', 'There is no such page', 'E-mail address or password is wrong']) {
    t.ok(text.includes(shown), `it holds ${shown}`)
  }
  t.ok(bytes.length > 300_000, `${bytes.length} bytes`)
  t.same(findSecrets(bytes, secrets), [])
})

/** Uses every control that a page shows, with what a person might give it; notes which events were carried out. */
async function useAll (live: LiveSocket, done: Set<string>): Promise<void> {
  const used = new Set<string>()
  // The rows before the list becomes another one.
  const first = ['sort', 'turn', 'move', 'show', 'quantity']
  const controls = pageControls(live.html).sort((a, b) => first.indexOf(b.event) - first.indexOf(a.event))
  for (const control of controls) {
    const { event, kind, seen } = control
    // Of the rows, one.
    const name = ['show', 'move', 'quantity'].includes(event) ? event : `${event} ${kind} ${seen.join()}`
    if (used.has(name)) continue
    used.add(name)
    const data = { search: { q: 'XQ' }, quantity: { quantity: '3' } }[event]
    const answer = await use(live, control, kind === 'click' ? undefined : data)
    if (answer[0] === 'p') done.add(event)
  }
}

/** Events that are refused, each for another reason; answers the reasons. */
async function refused (live: LiveSocket): Promise<string[]> {
  const sort = findControl(live.html, 'sort')
  const box = findControl(live.html, 'search')
  const answers = [
    await use(live, { ...sort, seen: ['password_hash'] }),
    await use(live, { ...sort, event: 'show' }),
    await live.event('search', 'submit', box.path, box.element, box.seen, { q: 'x'.repeat(500) }),
    await use(live, { ...sort, event: 'admin_notes' })
  ]
  return answers.map((answer) => answer[2] as string)
}
