import t from 'tap'
import { getEventListeners } from 'node:events'
import { Type } from '@sinclair/typebox'
import { analyseFields } from '../lib/template/fields/analyse-fields.ts'
import type { FieldTree } from '../lib/template/fields/field-tree.ts'
import { Environment, parse } from '../lib/template/nunjucks.ts'
import { createNeeds, loadRound } from '../lib/view/load-round.ts'
import type { LoadOutcome, LoadRequest, RoundOptions } from '../lib/view/load-round.ts'
import type { LoaderDefinition } from '../lib/view/loader-definition.ts'
import { readLoaderSchema } from '../lib/view/loader-schema.ts'

const EMPTY: FieldTree = { name: 'none', marks: new Set(), children: new Map() }

type Options = Partial<Omit<LoaderDefinition, 'schema'>> & { readonly schema?: object }

function requestsOf (template: string, loaders: Readonly<Record<string, Options | LoaderDefinition['load']>>, context: object = {}): LoadRequest[] {
  const fields = analyseFields({ ast: (name) => name === 'main' ? parse(template, new Environment([])) : null }, 'main')
  return Object.entries(loaders).map(([name, given]) => {
    const { schema, ...options } = typeof given === 'function' ? { load: given } as Options : given
    const loader: LoaderDefinition = {
      name,
      eager: false,
      deferred: false,
      fallback: null,
      guard: null,
      load: () => null,
      ...options,
      schema: schema === undefined ? null : readLoaderSchema(schema, name, (problem) => { throw new Error(problem) }),
    }
    return { loader, needs: createNeeds(fields.node(name) ?? EMPTY, loader), context }
  })
}

function run (requests: readonly LoadRequest[], options: Partial<RoundOptions> = {}): Promise<LoadOutcome[]> {
  return loadRound(requests, { view: 'shop', deadline: 1000, signal: new AbortController().signal, overDelivered: null, ...options })
}

async function one (template: string, loader: Options | LoaderDefinition['load'], context: object = {}): Promise<LoadOutcome> {
  return (await run(requestsOf(template, { a: loader }, context)))[0] as LoadOutcome
}

function plain (value: unknown): unknown {
  return structuredClone(value)
}

t.test('loaders run in parallel, each asked for its fields, with its own signal; what they return is cut to that', async (t) => {
  const asked: Record<string, unknown> = {}
  const signals = new Set<AbortSignal>()
  let release = (): void => {}
  const both = new Promise<void>((resolve) => { release = resolve })
  const meet = (): Promise<void> => {
    if (signals.size === 2) release()
    return both
  }
  const outcomes = await run(requestsOf('{{ user.name }}{% for o in orders %}{{ o.id }}{% endfor %}{{ now }}', {
    async user ({ fields, state, signal }) {
      asked['user'] = [fields.columns, state.page]
      signals.add(signal)
      await meet()
      return { name: 'n', password: 'p' }
    },
    async orders ({ fields, signal }) {
      asked['orders'] = fields.columns
      signals.add(signal)
      await meet()
      return [{ id: 1, secret: 's' }]
    },
    now: () => 5,
  }, { state: { page: 2 } }))
  t.same(asked, { user: [['name'], 2], orders: ['id'] })
  t.same(plain(outcomes), [
    { name: 'user', data: { name: 'n' }, error: null }, { name: 'orders', data: [{ id: 1 }], error: null }, { name: 'now', data: 5, error: null },
  ])
  t.equal(signals.size, 2)
  t.notOk([...signals].some((signal) => signal.aborted))
  t.same(await run([]), [])
  const { signal } = new AbortController()
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  for (let round = 0; round < 3; round++) await run(requestsOf('{{ a }}', { a: async () => 1 }), { signal })
  t.equal(getEventListeners(signal, 'abort').length, 0, 'nothing of a round is left at the signal of a long connection')
  t.equal(timers(), before)
})

t.test('what is asked of a loader is one object', async (t) => {
  const [request] = requestsOf('{{ a.x }}', { a: () => null })
  const { loader, needs } = request as LoadRequest
  t.equal(createNeeds(needs.tree, loader), needs)
  t.not(createNeeds(needs.tree, { ...loader }), needs)
  t.ok(Object.isFrozen(needs))
})

t.test('what was one object in a round stays one, across loaders', async (t) => {
  const shared = { id: 1, name: 'n', secret: 's' }
  const [a, b] = await run(requestsOf('{{ a | dump }}{{ b.first | dump }}', { a: () => shared, b: () => ({ first: shared }) }))
  t.equal((b as any).data.first, a?.data)
  const [c, d] = await run(requestsOf('{{ a.id }}{{ b[0].name }}', { a: () => shared, b: () => [shared] }))
  t.same([c, d].map((outcome) => plain(outcome?.data)), [{ id: 1 }, [{ name: 'n' }]], 'and is two where other fields are read of it')
})

t.test('a place that looks at all of an object does not get what only another place reads of it', async (t) => {
  const shared = { id: 1, name: 'n', secret: 's' }
  const schema = Type.Object({ id: Type.Number(), name: Type.String() })
  const seen = async (template: string, a: Options, b: LoaderDefinition['load']): Promise<unknown> =>
    (await run(requestsOf(template, { a, b }))).map((outcome) => plain(outcome.data))
  const cut = { id: 1, name: 'n' }
  const one = { schema, load: () => shared }
  t.same(await seen('{{ a | dump }}{% if b.secret %}{% endif %}', one, () => shared), [cut, { secret: 's' }])
  t.same(await seen('{% for k, v in a %}{{ k }}={{ v }}{% endfor %}{% if b.secret %}{% endif %}', one, () => shared), [cut, { secret: 's' }], 'by its keys')
  const list = { schema: Type.Array(schema), load: () => [shared] }
  const rows = '{{ a | dump }}{% for r in b %}{% if r.secret %}{% endif %}{% endfor %}'
  t.same(await seen(rows, list, () => [shared]), [[cut], [{ secret: 's' }]], 'in lists')
  const [second, first] = await run(requestsOf(rows, { b: { load: () => [shared] }, a: list }))
  t.same([first, second].map((outcome) => plain(outcome?.data)), [[cut], [{ secret: 's' }]], 'whichever is first')
  const pair = { schema: Type.Object({ me: Type.Any(), pub: schema }), load: () => ({ me: shared, pub: shared }) }
  t.same(await seen('{{ a.pub | dump }}{% if a.me.secret %}{% endif %}', pair, () => null), [{ me: { secret: 's' }, pub: cut }, null], 'of one loader')
})

t.test('a loader that throws, rejects or runs late fails by itself, and the others go on', async (t) => {
  const cause = new Error('no such table')
  let signal: AbortSignal | undefined
  const requests = requestsOf('{{ a }}{{ b }}{{ c }}{{ d }}{{ e }}', {
    a: () => { throw cause },
    // eslint-disable-next-line prefer-promise-reject-errors
    b: () => Promise.reject('text'),
    // eslint-disable-next-line prefer-promise-reject-errors
    c: () => Promise.reject(null),
    d: (input) => {
      signal = input.signal
      return new Promise((resolve, reject) => input.signal.addEventListener('abort', () => reject(new Error('too late to matter'))))
    },
    e: () => 'shown',
  })
  const [a, b, c, d, e] = await run(requests, { deadline: 5 })
  t.match(a, { name: 'a', data: undefined, error: { code: 'LIVE_ERR_LOADER', statusCode: 500, message: "view 'shop': loader 'a' failed: no such table" } })
  t.equal(a?.error?.cause, cause)
  t.match(b?.error?.message, /'b' failed: text$/)
  t.match(c?.error?.message, /'c' failed: it threw something that is no error$/)
  t.match(d?.error, { code: 'LIVE_ERR_LOADER', statusCode: 503, message: /'d' failed: loader 'd' of view 'shop' took longer than 5 ms/, cause: { code: 'LIVE_ERR_DEADLINE' } })
  t.equal(signal?.aborted, true)
  t.same(e, { name: 'e', data: 'shown', error: null })
})

t.test('an error that throws when it is looked at fails its loader, and nothing else', async (t) => {
  const traps = ['message', 'statusCode', 'stack', 'code', 'cause'].map((key) => Object.defineProperty(new Error('x'), key, { get () { throw new Error('trap') } }))
  const proxy = new Proxy({}, { get () { throw new Error('trap') }, getPrototypeOf () { throw new Error('trap') } })
  for (const trap of [...traps, proxy]) {
    const guard = { columns: [], check: () => { throw trap } }
    const [a, b, c] = await run(requestsOf('{{ a }}{{ b }}{{ c.x }}', { a: () => { throw trap }, b: async () => { throw trap }, c: { guard, load: () => ({ x: 1 }) } }))
    for (const outcome of [a, b, c]) t.match(outcome?.error, { code: 'LIVE_ERR_LOADER', statusCode: 500, message: /failed: it threw an error that throws when it is looked at$/ })
    t.not(a?.error?.cause, trap, 'and the log does not look at it again')
  }
})

t.test('a thenable whose then throws has failed at once; one that has answered has answered', async (t) => {
  const broken = new Error('then!')
  const deadline = 60_000
  t.equal((await run(requestsOf('{{ a }}', { a: () => ({ then () { throw broken } }) }), { deadline }))[0]?.error?.cause, broken)
  const answers = (): object => ({ then (resolve: (data: unknown) => void) { resolve(5); throw broken } })
  t.same(await run(requestsOf('{{ a }}', { a: answers }), { deadline }), [{ name: 'a', data: 5, error: null }])
  const late = (): object => ({ then (resolve: (data: unknown) => void) { setImmediate(resolve, 5); throw broken } })
  const [a, b] = await run(requestsOf('{{ a }}{{ b }}', { a: late, b: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve, 6))) }), { deadline })
  t.equal(a?.error?.cause, broken)
  t.equal(b?.data, 6)
})

t.test('promises that nobody awaits end no process', async (t) => {
  const unheard: unknown[] = []
  const note = (error: unknown): void => { unheard.push(error) }
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  const fails = async (): Promise<never> => { throw new Error('unheard') }
  const slow = (): Promise<number> => new Promise((resolve) => setImmediate(() => setImmediate(resolve, 1)))
  const guard = { columns: ['tenant'], check: () => true }
  const rows = '{% for r in a %}{{ r.x }}{% endfor %}{{ b }}'
  const refused = async (a: Options | LoaderDefinition['load'], code = 'LIVE_ERR_LOADER_SHAPE'): Promise<void> => {
    const [outcome] = await run(requestsOf(rows, { a, b: slow }))
    t.match(outcome?.error, { code })
  }
  await refused(() => [fails(), fails()])
  await run(requestsOf('{{ a.x }}{{ b }}', { a: () => ({ x: fails(), y: fails(), bytes: new Uint8Array(1), proxy: new Proxy({}, {}) }), b: slow }))
  await refused(async () => {
    await slow()
    await slow()
    const row: any = { x: fails(), y: [{ z: fails() }, null, fails, new Uint8Array(1), new Proxy({}, {})] }
    row.y.push(row)
    return [row]
  })
  await refused({ guard, load: () => [fails()] }, 'LIVE_ERR_LOADER_GUARD')
  // One that cannot be listened to is the application's own; what is beside it is no reason to fail in another way.
  const odd = Object.defineProperty(Promise.resolve(1), 'constructor', { get () { throw new Error('trap') } })
  await refused(() => [odd], 'LIVE_ERR_LOADER')
  await new Promise((resolve) => setImmediate(resolve))
  t.same(unheard, [])
})

t.test("a loader's own refusal of the request stays one; its other errors are the server's", async (t) => {
  const status = async (error: unknown): Promise<unknown> =>
    ((await one('{{ a }}', () => { throw error })).error as { statusCode?: number }).statusCode
  t.same(await Promise.all([404, 403, 400, 399, 503, 200, '404'].map((statusCode) => status(Object.assign(new Error('x'), { statusCode })))),
    [404, 403, 400, 500, 500, 500, 500])
  t.equal(await status({ statusCode: 404 }), 404)
})

t.test('the caller can give up, and a loader that does not listen holds nothing up', async (t) => {
  const controller = new AbortController()
  const seen: unknown[] = []
  const requests = requestsOf('{{ a }}{{ b }}', {
    a: ({ signal }) => new Promise((resolve, reject) => signal.addEventListener('abort', () => { seen.push(signal.reason); reject(signal.reason) })),
    b: () => new Promise(() => {}),
  })
  const loading = run(requests, { signal: controller.signal })
  const reason = new Error('connection ended')
  controller.abort(reason)
  for (const { error } of await loading) t.match(error, { code: 'LIVE_ERR_LOADER', message: /connection ended/, cause: reason })
  t.same(seen, [reason])
  const never = requestsOf('{{ a }}', { a: () => t.fail('started') })
  t.match((await run(never, { signal: controller.signal }))[0]?.error, { cause: reason }, 'nor does it start afterwards')
})

t.test('what answers only to the abort comes too late', async (t) => {
  const later: Array<() => AbortSignal> = []
  // A thenable of the application's own can answer in the middle of the abort.
  const late = (answer: 'resolve' | 'reject') => ({ signal }: { signal: AbortSignal }) => ({
    then: (resolve: (data: unknown) => void, reject: (cause: unknown) => void) => {
      signal.addEventListener('abort', () => { ({ resolve, reject })[answer]('too late') })
    }
  })
  const loaders = {
    a: late('resolve'),
    b: late('reject'),
    c: (input: { signal: AbortSignal }) => {
      later.push(() => input.signal)
      return new Promise(() => {})
    }
  }
  for (const { error } of await run(requestsOf('{{ a }}{{ b }}{{ c }}', loaders), { deadline: 1 })) t.match(error, { cause: { code: 'LIVE_ERR_DEADLINE' } })
  const controller = new AbortController()
  const ended = run(requestsOf('{{ a }}{{ b }}{{ c }}', loaders), { signal: controller.signal })
  const reason = new Error('connection ended')
  controller.abort(reason)
  for (const { error } of await ended) t.equal(error?.cause, reason)
  const [afterDeadline, afterEnd] = later.map((signalOf) => signalOf())
  t.equal(afterDeadline?.aborted, true, 'a signal that is asked for only then is aborted')
  t.equal(afterEnd?.reason, reason)
  const signals: Array<() => AbortSignal> = []
  const one = new AbortController()
  await run(requestsOf('{{ a }}', { a: (input: { signal: AbortSignal }) => { signals.push(() => input.signal) } }), { signal: one.signal })
  one.abort(reason)
  t.equal(signals[0]?.().reason, reason, 'also by a loader that goes on in the background')
})

t.test('a loader whose data has another shape fails, not the page', async (t) => {
  const [a, b] = await run(requestsOf('{{ a.x.y }}{{ b.x }}', { a: () => ({ x: 'secret' }), b: () => ({ x: 1 }) }))
  t.match(a, { data: undefined, error: { code: 'LIVE_ERR_LOADER_SHAPE', statusCode: 500, message: "view 'shop': loader 'a' returned a string at 'a.x'; allowed: an object with y, null and undefined" } })
  t.same(plain(b?.data), { x: 1 })
  const proxy = new Proxy({}, { getOwnPropertyDescriptor: () => { throw new Error('trap') } })
  t.match((await one('{{ a.x }}', () => proxy)).error, { code: 'LIVE_ERR_LOADER', message: /trap/ })
  const schema = { type: 'array', items: { type: 'object' } }
  t.match((await one('{{ a | dump }}', { schema, load: () => ({ rows: [] }) })).error, { code: 'LIVE_ERR_LOADER_SHAPE', message: /an object at 'a'; allowed: an array/ })
})

t.test('no row is shown that the guard does not let through', async (t) => {
  const rows = '{% for o in a %}{{ o.id }}{% endfor %}'
  const guard = { columns: ['tenant'], check: (row: any, context: any) => row.tenant === context.tenant }
  const load = (data: unknown, check: unknown = guard.check): Options =>
    ({ load: () => data, guard: { ...guard, check: check as typeof guard.check } })
  const asked: unknown[] = []
  const good = await one(rows, {
    guard,
    load: ({ fields }) => {
      asked.push(fields.columns)
      return [{ id: 1, tenant: 't' }, null, { id: 2, tenant: 't' }]
    },
  }, { tenant: 't' })
  t.same(plain(good.data), [{ id: 1 }, null, { id: 2 }], 'the column is dropped')
  t.same(asked, [['id', 'tenant']])
  t.same(plain((await one('{{ a.id }}{{ a.tenant }}', load({ id: 1, tenant: 't' }), { tenant: 't' })).data), { id: 1, tenant: 't' }, 'unless it is read')
  for (const nothing of [null, undefined]) t.same(await one(rows, load(nothing)), { name: 'a', data: nothing, error: null })
  const cases: ReadonlyArray<readonly [unknown, unknown, RegExp]> = [
    [[{ id: 1, tenant: 't' }, { id: 2, tenant: 'secret' }], guard.check, /check did not answer true \(columns: tenant\)$/],
    [[{ id: 1 }], guard.check, /its column 'tenant' is missing\. Select fields\.columns/],
    [{ rows: [{ id: 1, tenant: 't' }] }, guard.check, /column 'tenant' is missing/],
    [[Object.create({ tenant: 't' })], guard.check, /column 'tenant' is missing/],
    [['secret'], guard.check, /a row is a string, not an object$/],
    [Object.assign(new Set([{ id: 'secret' }]), { tenant: 't' }), guard.check, /a row is an object of the class Set, which may hold rows of its own\. Return plain objects/],
    [[Object.assign([{ id: 'secret' }], { tenant: 't' })], guard.check, /a row is an array, which may hold rows of its own/],
    [[new Proxy({ id: 1, tenant: 't' }, {})], guard.check, /a row is a proxy/],
    [new Proxy([{ id: 1, tenant: 't' }], {}), guard.check, /a proxy is not rows/],
    [(function * () { yield { tenant: 't' } })(), guard.check, /a row is an object of the class Generator/],
    [[{ id: 1, get tenant () { return 't' } }], guard.check, /its column 'tenant' is computed by an accessor/],
    [[{ tenant: 't' }], () => 'yes', /did not answer true/],
    [[{ tenant: 't' }], async () => { throw new Error('unheard') }, /check answers a promise/],
  ]
  for (const [data, check, message] of cases) {
    const { error } = await one(rows, load(data, check), { tenant: 't' })
    t.match(error, { code: 'LIVE_ERR_LOADER_GUARD', message })
    t.match(error?.message, /^view 'shop': loader 'a' returned a row that its guard does not let through: /)
    t.notMatch(error?.message, /secret/)
  }
  class Rows extends Array { override * [Symbol.iterator] (): any {} }
  const list = (id: number, tenant: string): unknown[] => { const made = new Rows(); made.push({ id, tenant }); return made }
  t.same(plain((await one(rows, load(list(1, 't')), { tenant: 't' })).data), [{ id: 1 }], 'a list of a class of its own, as drivers of databases give')
  t.match((await one(rows, load(list(1, 'other')), { tenant: 't' })).error, { code: 'LIVE_ERR_LOADER_GUARD' }, 'whose iterator is not asked')
  for (const good of [1, 2, 3, 4]) {
    let looks = 0
    const changing = Object.defineProperty([], '0', { enumerable: true, get: () => looks++ < good ? { id: 1, tenant: 't' } : { id: 2, tenant: 'other' } })
    const { data } = await one(rows, load(changing), { tenant: 't' })
    t.notMatch(plain(data), [{ id: 2 }], 'what is shown is what was checked')
  }
  t.match((await one(rows, load([{ tenant: 't' }], () => { throw new Error('broken check') }))).error, { code: 'LIVE_ERR_LOADER', message: /broken check/ })
})

t.test('what was delivered and not asked for is told once, by names only', async (t) => {
  const told: unknown[] = []
  const overDelivered = (loader: string, paths: readonly string[]): void => { told.push([loader, paths]) }
  const surplus = async (template: string, data: unknown, options: Options = {}): Promise<unknown> => {
    told.length = 0
    const requests = requestsOf(template, { a: { ...options, load: () => data } })
    await run(requests, { overDelivered })
    await run(requests, { overDelivered })
    return told.length === 0 ? null : told.length === 1 ? (told[0] as unknown[])[1] : told
  }
  const rows = '{% for o in a %}{{ o.id }}{{ o.customer.name }}{% for l in o.lines %}{{ l.sku }}{% endfor %}{% endfor %}'
  const row = { id: 1, customer: { name: 'n', rebate: 5 }, lines: [{ sku: 1, cost: 2 }], password: 'secret' }
  t.same(await surplus(rows, [null, row, { other: 1 }]), ['customer.rebate', 'lines.cost', 'password'], 'of the first record of each list')
  t.equal(told.length, 1)
  t.same(await surplus(rows, []), null)
  t.same(await surplus(rows, [{ id: 1, customer: null, lines: [] }]), null)
  const guard = { columns: ['tenant'], check: () => true }
  t.same(await surplus('{{ a.id }}', { id: 1, tenant: 't' }, { guard }), null, 'not guard columns')
  t.same(await surplus('{{ a.c.id }}', { tenant: 't', c: { id: 1, tenant: 't' } }, { guard }), ['c.tenant'])
  t.same(await surplus('{{ a | dump }}', row), null, 'where all is asked, nothing is too much')
  t.same(await surplus('{{ a | dump }}', row, { schema: Type.Object({ id: Type.Number() }) }), ['customer', 'lines', 'password'])
  t.same(await surplus('{{ a.length }}', [{ present: 1 }]), null, 'a query has to select something')
  t.same(await surplus('{{ a.length }}', [{ id: 1, password: 's' }]), ['id', 'password'])
  t.same(await surplus('{{ a | length }}', { x: 1, y: 2 }), null, 'its keys are read')
  t.same(await surplus('{% for k, v in a %}{{ v.id }}{% endfor %}', { x: { id: 1, s: 2 } }), null)
  t.same(await surplus('{{ a.when }}', { when: new Date(0) }), null)
  const computed = Object.defineProperty({ s: 1 }, 'x', { get: () => t.fail('run') })
  t.same(await surplus('{{ a.x.y }}', computed), ['s'])
  const cycle: any = { id: 1, s: 1 }
  cycle.next = cycle
  t.same(await surplus('{{ a.id }}{{ a.next.next.id }}', cycle), ['s'])
  const wide = Object.fromEntries(Array.from({ length: 80 }, (none, n) => [`c${n}`, n]))
  t.equal((await surplus('{{ a.id }}', wide) as string[]).length, 50)
  told.length = 0
  let columns = 1
  const requests = requestsOf('{{ a.id }}', { a: () => Object.fromEntries(Array.from({ length: columns }, (none, n) => [`c${n}`, n])) })
  for (columns = 1; columns < 40; columns++) await run(requests, { overDelivered })
  t.equal(told.length, 20, 'and it comes to an end')
  await run(requestsOf('{{ a.x.y }}', { a: () => ({ x: 1, s: 1 }) }), { overDelivered })
  t.equal(told.length, 20, 'not of data that is refused')
})
