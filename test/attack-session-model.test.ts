import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import t from 'tap'
import { Visitor } from './helpers/live-client.ts'
import type { LiveSocket } from './helpers/live-client.ts'
import { clocks, idOf, settled, startSessions } from './helpers/session-life.ts'

const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
t.comment(`fast-check seed ${seed}`)

const NAMES = ['', 'Ann', 'Bob'] as const

const MOST = 1_000_000
const UNLIMITED = {
  rate: MOST,
  burst: MOST,
  maxConnections: MOST,
  maxJoinsPerSecond: MOST,
  maxPagesPerIp: MOST,
  maxConnectionsPerIp: MOST,
  maxSignedInPerIp: MOST,
  maxConnectionsPerSession: MOST,
  maxConnectionsPerIdentity: MOST,
}

/** What the server keeps about a person outside of sessions. */
interface Person { admin: boolean, disabled: boolean }

/** All that is to be known of one browser and its session to tell whether an event's handler may run. */
interface Model {
  now: number
  /** Who has signed in, with which of the sessions; null where nobody has. `gone` where another process has ended it. */
  session: { number: number, person: number, gone: boolean } | null
  sessions: number
  /** For whom and for which session the page was made whose token the browser has. */
  page: { session: number, person: number } | null
  socket: { session: NonNullable<Model['session']>, lookedAt: number, admin: boolean } | null
}

type Step =
  | { readonly do: 'signIn', readonly person: 1 | 2 }
  | { readonly do: 'promote' | 'demote' | 'disable' | 'enable', readonly person: 1 | 2 }
  | { readonly do: 'pass', readonly seconds: number }
  | { readonly do: 'signOut' | 'page' | 'join' | 'drop' | 'add' | 'admin' | 'write' | 'beat' | 'endElsewhere' | 'disconnect' }

const person = fc.constantFrom(1 as const, 2 as const)
type Plain = 'signOut' | 'page' | 'join' | 'drop' | 'add' | 'admin' | 'write' | 'beat' | 'endElsewhere' | 'disconnect'
const plain = (...names: Plain[]): fc.Arbitrary<Step> => fc.constantFrom(...names).map((name) => ({ do: name }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('signIn' as const), person }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('promote' as const, 'demote' as const, 'disable' as const, 'enable' as const), person }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(1, 14, 16, 61) }) },
  { weight: 8, arbitrary: plain('add', 'admin', 'write', 'page', 'join') },
  { weight: 3, arbitrary: plain('signOut', 'drop', 'beat', 'endElsewhere', 'disconnect') }
)

/** A model that is wrong would wait for ever. */
async function soon<T> (outcome: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((resolve, reject) => { timer = setTimeout(() => { reject(new Error(`not ${what}`)) }, 8000) })
  return await Promise.race([outcome, late]).finally(() => { clearTimeout(timer) })
}

t.test('B02 B04 B05 B06 I join, act, drop, come back, sign in and out, as others and with other roles, in any order', async (t) => {
  const clock = clocks(t)
  const people: Record<number, Person> = {}
  let ran = 0
  let refused = 0
  const { url, app, log, store } = await startSessions(t, {
    live: {
      identify: ({ session }) => {
        const who = session?.person
        const known = people[who?.id ?? 0]
        return who === undefined || known === undefined || known.disabled ? null : { ...who, admin: known.admin }
      },
      rateLimit: UNLIMITED,
    },
    shown: 'always',
  })

  async function run (steps: readonly Step[]): Promise<void> {
    people[1] = { admin: false, disabled: false }
    people[2] = { admin: true, disabled: false }
    const visitor = new Visitor(url)
    const model: Model = { now: 0, session: null, sessions: 0, page: null, socket: null }
    let token = ''
    let live: LiveSocket | null = null
    let ref = 0

    /** The socket of before is to have ended, with this code. */
    const ended = async (code: number): Promise<void> => {
      assert.equal(await soon((live as LiveSocket).closed, `closed ${code}`), code)
      live = null
      model.socket = null
    }
    const knows = (who: number): boolean => people[who]?.disabled === false
    /** What a look at the socket's session finds: the code with which it ends, or null. */
    const look = (): number | null => {
      const { socket } = model
      if (socket === null) return null
      if (socket.session.gone || !knows(socket.session.person)) return 4401
      socket.lookedAt = model.now
      socket.admin = people[socket.session.person]?.admin === true
      return null
    }
    const count = (runs: boolean): void => { if (runs) ran++; else refused++ }
    const act = async (event: string, element: number): Promise<void> => {
      const { socket } = model
      if (live === null || socket === null) return
      log.length = 0
      live.send(['e', ++ref, event, 'click', [], element])
      const code = model.now - socket.lookedAt > 15 ? look() : null
      if (code !== null) {
        await ended(code)
        count(false)
        assert.deepEqual(log, [], `${event} of one who is out`)
        return
      }
      const runs = event !== 'drop' || socket.admin
      count(runs)
      assert.deepEqual((await soon(live.next(), event)).slice(0, 2), [runs ? 'p' : 'r', ref])
      assert.deepEqual(log, runs ? [event] : [], event)
      if (event === 'write') {
        const after = look()
        if (after === null) await settled(live)
        else await ended(after)
      }
    }
    /** The session ends in this process: its socket ends with it. */
    const endSession = async (): Promise<void> => {
      const { session, socket } = model
      if (session === null) return
      session.gone = true
      model.session = null
      if (socket?.session === session) await ended(4401)
    }

    for (const { do: what, ...rest } of steps) {
      const who = (rest as { person?: 1 | 2 }).person ?? 1
      const someone = people[who] as Person
      if (what === 'signIn') {
        // One that was ended elsewhere is nobody's here either: there is nothing to end.
        const alive = model.session !== null && !model.session.gone
        await visitor.signIn({ id: who, name: NAMES[who] })
        if (alive) await endSession()
        model.session = { number: ++model.sessions, person: who, gone: false }
      } else if (what === 'signOut') {
        const alive = model.session !== null && !model.session.gone
        const id = idOf(visitor)
        await visitor.fetch('/sign-out', { method: 'POST' })
        if (alive) await endSession()
        assert(!store().store.has(id), 'what was signed out stays out')
      } else if (what === 'endElsewhere') {
        if (model.session === null) continue
        model.session.gone = true
        store().store.delete(idOf(visitor))
      } else if (what === 'promote' || what === 'demote') someone.admin = what === 'promote'
      else if (what === 'disable' || what === 'enable') someone.disabled = what === 'disable'
      else if (what === 'pass') {
        const { seconds } = rest as { seconds: number }
        clock.pass(seconds * 1000)
        model.now += seconds
      } else if (what === 'page') {
        const { session } = model
        const shown = session !== null && !session.gone && knows(session.person)
        const page = await visitor.page('/v')
        assert.equal(page.status, shown ? 200 : 401)
        if (!shown) continue
        token = page.token
        model.page = { session: session.number, person: session.person }
      } else if (what === 'drop' || what === 'join') {
        if (live !== null) {
          live.ws.terminate()
          await live.closed
        }
        live = null
        model.socket = null
        if (what === 'drop' || model.page === null) continue
        const { session, page } = model
        live = await visitor.socket('/v')
        ref = 0
        live.send(['j', token, 0, 0])
        if (session === null || session.gone || !knows(session.person)) await ended(4401)
        else if (session.number !== page.session) await ended(4409)
        else {
          assert.equal((await soon(live.next(), 'joined'))[0], 'j')
          model.socket = { session, lookedAt: model.now, admin: people[session.person]?.admin === true }
        }
      } else if (what === 'add') await act('add', 1)
      else if (what === 'admin') await act('drop', 0)
      else if (what === 'write') await act('write', 3)
      else if (what === 'beat') {
        app.liveViews.beat()
        if (live === null || model.socket === null) continue
        const code = model.now - model.socket.lookedAt > 60 ? look() : null
        if (code !== null) await ended(code)
        else await settled(live)
      } else {
        app.liveViews.disconnect({ identity: '1' })
        if (model.socket?.session.person === 1) await ended(4401)
      }
    }
    live?.ws.terminate()
    await live?.closed
  }

  let runs = 0
  // Often enough the page is loaded and joined in one go: else most sequences would never come to act.
  const visit: fc.Arbitrary<Step[]> = fc.constant([{ do: 'page' }, { do: 'join' }])
  const few = fc.oneof({ weight: 4, arbitrary: step.map((one) => [one]) }, { weight: 1, arbitrary: visit })
  const steps = fc.array(few, { minLength: 4, maxLength: 24 })
  const start: Step[] = [{ do: 'signIn', person: 1 }, { do: 'page' }, { do: 'join' }, { do: 'add' }]
  // As many as there is time for: a busy machine tries fewer.
  const property = fc.asyncProperty(steps, async (rest) => {
    await run([...start, ...rest.flat()])
    runs++
  })
  await fc.assert(property, { seed, numRuns: 60, interruptAfterTimeLimit: 6_000 })
  t.comment(`${runs} sequences: ${ran} handlers ran, ${refused} events were refused`)
  t.ok(ran >= runs)
})
