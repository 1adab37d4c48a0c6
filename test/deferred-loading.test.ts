import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { defineView } from '../plugin/index.ts'
import type { View } from '../plugin/index.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import { LoaderData } from '../lib/view/loader-data.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'
import { pageDigest } from './helpers/page-digest.ts'
import type { LiveSocket } from './helpers/live-client.ts'

/** One run of a loader that answers when the test says so. */
interface Run {
  readonly input: unknown
  readonly signal: AbortSignal
  answer (data: unknown): void
  fail (message: string): void
}

interface SlowLoader {
  load (context: any): Promise<unknown>
  /** The run that begins next, or the first one that nobody has asked for. */
  next (): Promise<Run>
  count (): number
}

/** A loader whose runs wait for the test; `input` says what a run has read before it began to wait. */
function slowLoader (input: (context: any) => unknown): SlowLoader {
  const started: Run[] = []
  const waiting: Array<(run: Run) => void> = []
  let count = 0
  return {
    load (context) {
      count++
      return new Promise((resolve, reject) => {
        const fail = (message: string): void => { reject(new Error(message)) }
        const run = { input: input(context), signal: context.signal, answer: resolve, fail }
        const waiter = waiting.shift()
        if (waiter === undefined) started.push(run)
        else waiter(run)
      })
    },
    async next () {
      return started.shift() ?? await new Promise((resolve) => { waiting.push(resolve) })
    },
    count: () => count
  }
}

interface Opened {
  readonly app: FastifyInstance
  readonly live: LiveSocket
  readonly logs: any[]
  click (event: string): Promise<string>
}

async function open (t: Parameters<typeof startLiveApp>[0], view: View, body: string): Promise<Opened> {
  const names = [...view.events.keys()]
  const buttons = names.map((name) => `<button live-click="${name}"></button>`).join('')
  const logs: any[] = []
  const { app, url } = await startLiveApp(t, {
    live: {
      templates: {
        'v.njk': `<html><head></head><body>${buttons}${body}</body></html>`,
        'wait.njk': "<p>{{ 'gone' if unavailable.why == 'failed' else 'wait' }}</p>"
      }
    },
    logger: { level: 'info', stream: { write: (line: string) => { logs.push(JSON.parse(line)) } } } as any,
    routes: (app) => app.live('/v', view),
  })
  const live = await new Visitor(url).open('/v')
  return { app, live, logs, click: async (event) => JSON.stringify(await live.event(event, 'click', [], names.indexOf(event))) }
}

const detail = '<div>{% if open %}{% for h in history %}<i>{{ h.text }}</i>{% endfor %}{% endif %}</div>{{ open }}'
const events = {
  second: { run: ({ state }: any) => { state.open = 2 } },
  none: { run: ({ state }: any) => { state.open = 0 } },
  again: { reloads: ['history'], run: () => {} },
}

/** A view that opens with the first order's history on its way. */
function historyView (load: (context: any) => unknown, others: object = {}): View {
  return defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ open: 1 }),
    loaders: { history: { deferred: true, fallback: 'wait.njk', load }, ...others },
    events
  }) as View
}

const history = (): SlowLoader => slowLoader(({ state }) => state.open)

t.test('an answer for what was open before is not shown: the one for what is open now is asked for', async (t) => {
  const slow = history()
  const { live, click } = await open(t, historyView(slow.load), detail)
  const first = await slow.next()
  t.equal(first.input, 1)
  t.equal(await click('second'), '["p",1,[1,2]]', 'the event is answered at once')
  t.equal(slow.count(), 1)
  first.answer([{ text: 'history of 1' }])
  const second = await slow.next()
  t.equal(second.input, 2)
  second.answer([{ text: 'history of 2' }])
  const shown = JSON.stringify(await live.next())
  t.match(shown, 'history of 2')
  t.notMatch(shown, 'history of 1')
  live.close()
})

t.test('what is closed while it loads is neither shown nor kept for another', async (t) => {
  const slow = history()
  const { live, click } = await open(t, historyView(slow.load), detail)
  const first = await slow.next()
  t.notMatch(await click('none'), 'history')
  first.answer([{ text: 'history of 1' }])
  const opened = click('second')
  const second = await slow.next()
  t.equal(second.input, 2)
  second.answer([{ text: 'history of 2' }])
  t.match(await opened, 'history of 2', 'the next message is the answer to the event: nothing was sent in between')
  t.notMatch(await opened, 'history of 1')
  t.equal(slow.count(), 2)
  live.close()
})

t.test('an event that reloads what is still loading gets what is there after it', async (t) => {
  const slow = history()
  const { live, click } = await open(t, historyView(slow.load), detail)
  const first = await slow.next()
  t.equal(await click('again'), '["p",1]')
  t.equal(await click('again'), '["p",2]')
  first.answer([{ text: 'before' }])
  ;(await slow.next()).answer([{ text: 'after' }])
  const shown = JSON.stringify(await live.next())
  t.match(shown, 'after')
  t.notMatch(shown, 'before')
  t.equal(await click('none').then(() => slow.count()), 2, 'twice asked for is once reloaded')
  live.close()
})

for (const event of ['again', 'second']) {
  t.test(`a failure shows once, and heals with '${event}'`, async (t) => {
    const slow = history()
    const { live, logs, click } = await open(t, historyView(slow.load), detail)
    ;(await slow.next()).fail('the words of 1')
    t.match(JSON.stringify(await live.next()), 'gone')
    t.equal(slow.count(), 1, 'showing that it failed does not try again')
    t.equal(logs.filter(({ err }) => err?.message.includes('the words of 1')).length, 1)
    const healed = click(event)
    ;(await slow.next()).answer([{ text: 'healed' }])
    t.match(await healed, 'healed')
    live.close()
  })
}

for (const [event, input] of [['second', 2], ['again', 1]] as const) {
  t.test(`a failure that '${event}' has overtaken is not shown`, async (t) => {
    const slow = history()
    const { live, click } = await open(t, historyView(slow.load), detail)
    const first = await slow.next()
    await click(event)
    first.fail('the words of 1')
    const next = await slow.next()
    t.equal(next.input, input)
    next.answer([{ text: 'the right one' }])
    const shown = JSON.stringify(await live.next())
    t.match(shown, 'the right one')
    t.notMatch(shown, 'gone')
    live.close()
  })
}

t.test('of several, each shows when it is there', async (t) => {
  const [slow, slower] = [history(), slowLoader(() => null)]
  const view = historyView(slow.load, { news: { deferred: true, load: slower.load } })
  const { live, logs } = await open(t, view, `${detail}<b>{{ news.text }}</b>`)
  ;(await slow.next()).answer([{ text: 'history of 1' }])
  t.match(JSON.stringify(await live.next()), 'history of 1')
  ;(await slower.next()).fail('no news')
  const failed = JSON.stringify(await live.next())
  t.match(failed, 'live-error')
  t.notMatch(failed, 'history', 'the other stays as it is')
  t.equal(slow.count(), 1)
  t.equal(logs.filter(({ err }) => err?.message.includes('no news')).length, 1)
  live.close()
})

t.test('nothing of it is shown while a handler runs, nor before its own turn', async (t) => {
  const slow = history()
  let finish: () => void = () => {}
  const seen: unknown[] = []
  const began = new Promise<void>((resolve) => {
    Object.assign(events, {
      long: {
        run: async ({ data }: any) => {
          seen.push('history' in data)
          resolve()
          await new Promise<void>((resolve) => { finish = resolve })
          seen.push('history' in data)
        }
      }
    })
  })
  const { live, click } = await open(t, historyView(slow.load), detail)
  const first = await slow.next()
  const answered = click('long')
  await began
  first.answer([{ text: 'history of 1' }])
  await new Promise((resolve) => { setImmediate(resolve) })
  finish()
  t.equal(await answered, '["p",1]')
  t.same(seen, [false, false])
  t.match(JSON.stringify(await live.next()), 'history of 1')
  live.close()
})

t.test('what a branch has come to need meanwhile is asked for before anything is shown', async (t) => {
  const slow = slowLoader(({ fields }) => fields.columns.join())
  const { live, click } = await open(t, historyView(slow.load),
    '{% for h in history %}<p>{{ h.text }}{% if open == 2 %}<i>{{ h.note }}</i>{% endif %}</p>{% endfor %}')
  const first = await slow.next()
  t.equal(first.input, 'text')
  await click('second')
  first.answer([{ text: 'narrow', note: 'x' }])
  const second = await slow.next()
  t.equal(second.input, 'note,text')
  second.answer([{ text: 'wide', note: 'the note' }])
  const shown = JSON.stringify(await live.next())
  t.match(shown, /wide.*the note/)
  t.notMatch(shown, 'narrow')
  live.close()
})

t.test('a page that is left while it loads aborts it, and nothing is logged', async (t) => {
  const slow = history()
  const { live, logs, app } = await open(t, historyView(slow.load), detail)
  const { signal } = await slow.next()
  const aborted = new Promise((resolve) => { signal.addEventListener('abort', resolve) })
  live.close()
  await aborted
  await app.close()
  t.same(logs.filter(({ level }) => level >= 40), [])
  t.equal(slow.count(), 1)
})

t.test('one that nothing shows at first does not run, and runs with the event that shows it', async (t) => {
  const slow = history()
  const { live, logs, click } = await open(t, defineView({
    name: 'v',
    template: 'v.njk',
    access: 'public',
    state: () => ({ open: 0 }),
    loaders: { history: { deferred: true, fallback: 'wait.njk', load: slow.load } },
    events
  }) as View, detail)
  t.equal(slow.count(), 0)
  const opened = click('second')
  ;(await slow.next()).answer([{ text: 'history of 2' }])
  t.match(await opened, 'history of 2')
  t.same(logs.filter(({ level }) => level >= 40), [])
  live.close()
})

t.test('a failure that comes with what reloads it is tried again before it is shown', async (t) => {
  let runs = 0
  const view = historyView(() => { runs++; throw new Error('down') })
  const { needs } = compileView(view, new TemplateEnvironment({ 'v.njk': detail, 'wait.njk': '<p></p>' }), 'strict')
  const around = { state: { open: 1 }, query: {}, context: () => ({}), page: () => ({ open: 1 }) }
  const data = new LoaderData(needs, view.loaders, around)
  data.defer()
  t.same([...data.wanted(new Set()).keys()], [])
  const given = { view: 'v', deadline: 1000, overDelivered: null, signal: new AbortController().signal, failed: () => 'id' }
  for (const taken of data.startDeferred(given)) (await taken)()
  t.equal(runs, 1)
  t.same([...data.wanted(new Set(['history'])).keys()], ['history'])
})

t.test('a page that reconnects before it was filled in waits again; one that was, joins with its data', async (t) => {
  const slow = history()
  const { url } = await startLiveApp(t, {
    live: { templates: { 'v.njk': `<html><head></head><body>${detail}</body></html>`, 'wait.njk': '<p>wait</p>' } },
    routes: (app) => app.live('/v', historyView(slow.load)),
  })
  const visitor = new Visitor(url)
  const { html, token } = await visitor.page('/v')
  t.match(html, 'wait')
  const join = async (pristine: 0 | 1): Promise<LiveSocket> => {
    const live = await visitor.socket('/v')
    live.send(['j', token, pageDigest(html), pristine])
    return live
  }
  const first = await join(1)
  t.same(await first.next(), ['j', 0])
  await slow.next()
  first.close()
  await first.closed
  const second = await join(1)
  t.same(await second.next(), ['j', 0], 'it still shows what the server would')
  ;(await slow.next()).answer([{ text: 'history of 1' }])
  t.match(JSON.stringify(await second.next()), 'history of 1')
  second.close()
  await second.closed
  const third = await join(0)
  ;(await slow.next()).answer([{ text: 'history of 1, later' }])
  const joined = JSON.stringify(await third.next())
  t.match(joined, 'history of 1, later')
  t.notMatch(joined, 'wait')
  third.close()
})

t.test('I lose my role while it loads for me: I get what I may see by then', async (t) => {
  const slow = slowLoader(({ identity }) => identity.admin)
  let admin = true
  const view = defineView({
    name: 'v',
    template: 'v.njk',
    loaders: { secret: { deferred: true, load: slow.load } },
  })
  const { app, url } = await startLiveApp(t, {
    live: {
      templates: { 'v.njk': '<html><head></head><body><p>{{ secret.text }}</p></body></html>' },
      identify: ({ session }) => session?.person === undefined ? null : { ...(session.person as { id: number }), admin }
    },
    routes: (app) => app.live('/v', view),
  })
  const visitor = new Visitor(url)
  await visitor.signIn({ id: 1, name: 'Ann' })
  const live = await visitor.open('/v')
  const first = await slow.next()
  t.equal(first.input, true)
  admin = false
  for (const connection of app.liveViews.connections.all()) connection.session.checkedAt -= 20_000
  first.answer({ text: 'for admins' })
  const second = await slow.next()
  t.equal(second.input, false)
  second.answer({ text: 'for all' })
  const shown = JSON.stringify(await live.next())
  t.match(shown, 'for all')
  t.notMatch(shown, 'for admins')
  live.close()
})
