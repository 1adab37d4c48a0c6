import t from 'tap'
import { withDeadline } from '../lib/view/deadline.ts'
import { Mailbox } from '../lib/view/mailbox.ts'
import type { Mount } from '../lib/view/mount.ts'
import { RetainedMounts } from '../lib/view/retained-mounts.ts'

t.test('a mailbox runs one task at a time, refuses what is too much, and stops when it is closed', async (t) => {
  const ran: string[] = []
  const mailbox = new Mailbox(2)
  let finish = (): void => {}
  mailbox.post(() => new Promise<void>((resolve) => { finish = resolve }).then(() => { ran.push('first') }))
  t.ok(mailbox.post(() => { ran.push('second') }))
  t.ok(mailbox.post(() => { ran.push('third') }))
  t.notOk(mailbox.post(() => { ran.push('too much') }))
  finish()
  await new Promise(setImmediate)
  t.same(ran, ['first', 'second', 'third'])
  mailbox.close()
  t.notOk(mailbox.post(() => { ran.push('late') }))
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
  const keep = (nonce: string, address: string, session: string | null = null): void => { retained.keep(nonce, mount(nonce), { address, session }) }
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
  retained.dropSession('s')
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
