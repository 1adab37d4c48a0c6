import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import t from 'tap'
import liveView, { defineView, page } from '../plugin/index.ts'
import type { LiveViewOptions, View } from '../plugin/index.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { startLiveApp } from './helpers/live-app.ts'
import { Visitor } from './helpers/live-client.ts'

const templates = { 'x.njk': '<p>{{ x }}</p>', 'button.njk': '<button live-click="go">x</button>' }

async function boot (options: object, routes: (app: ReturnType<typeof Fastify>) => void = () => {}): Promise<void> {
  const app = Fastify()
  try {
    await app.register(liveView, { templates, ...options } as LiveViewOptions)
    routes(app)
    await app.ready()
  } finally {
    await app.close()
  }
}

t.test('every option is checked at boot, and the error names option, value and what is allowed', async (t) => {
  const cases: Array<[object, string, RegExp]> = [
    [{ templates: undefined }, 'LIVE_ERR_OPTION', /'templates' is undefined; allowed: a folder/],
    [{ orgins: [] }, 'LIVE_ERR_OPTION', /'orgins' is \[\]; allowed: no such option; options are clientPath, /],
    [{ origins: ['https://app.example.com/'] }, 'LIVE_ERR_ORIGINS', /origins\[0\] is 'https:\/\/app.example.com\/'/],
    [{ identify: 1 }, 'LIVE_ERR_OPTION', /'identify' is 1; allowed: a function/],
    [{ eventSecurity: 'lax' }, 'LIVE_ERR_OPTION', /'eventSecurity' is 'lax'; allowed: 'strict', 'warn', 'open'/],
    [{ signInUrl: '//evil.example' }, 'LIVE_ERR_OPTION', /'signInUrl' is/],
    [{ clientPath: 'live.js' }, 'LIVE_ERR_OPTION', /'clientPath' is 'live.js'/],
    [{ views: {} }, 'LIVE_ERR_OPTION', /'views' is {}; allowed: an array/],
    [{ globalNames: 'csrf' }, 'LIVE_ERR_OPTION', /'globalNames' is 'csrf'; allowed: an array of names/],
    [{ globalNames: [1] }, 'LIVE_ERR_OPTION', /'globalNames' is \[ 1 \]/],
    [{ verifyReloads: 'yes' }, 'LIVE_ERR_OPTION', /'verifyReloads' is 'yes'; allowed: true or false/],
    [{ secret: 'short' }, 'LIVE_ERR_SECRETS', /secret\[0\].*32 bytes/],
    [{ rateLimit: { rate: 0 } }, 'LIVE_ERR_LIMITS', /rateLimit.rate is 0/],
    [{ maxMessageSize: 1e9 }, 'LIVE_ERR_LIMITS', /maxMessageSize/],
  ]
  for (const [options, code, message] of cases) await t.rejects(boot(options), { code, message })
  await boot({ templates: new TemplateEnvironment(templates), secret: ['x'.repeat(32), 'y'.repeat(40)], signInUrl: '/in', prefix: '' })
})

t.test('a name that means nothing in a template ends the boot, where all names are known', async (t) => {
  const unknown = { templates: { 'y.njk': '{{ x }}{{ csrf }}' }, views: [view('y', { template: 'y.njk' })] }
  const globals = (): object => ({ csrf: 1 })
  await t.rejects(boot(unknown), { code: 'LIVE_ERR_UNKNOWN_ROOT', message: /'csrf'/ })
  await t.rejects(boot({ ...unknown, globals, globalNames: ['nonce'] }), { code: 'LIVE_ERR_UNKNOWN_ROOT' })
  await boot({ ...unknown, globals, globalNames: ['csrf'] })
  await boot({ ...unknown, globals })
})

t.test('A01 in production the origins have to be named', async (t) => {
  const before = process.env['NODE_ENV']
  process.env['NODE_ENV'] = 'production'
  t.teardown(() => { if (before === undefined) delete process.env['NODE_ENV']; else process.env['NODE_ENV'] = before })
  await t.rejects(boot({}), { code: 'LIVE_ERR_OPTION', message: /'origins' is undefined/ })
})

const view = (name: string, rest: object = {}): View => defineView({ name, template: 'x.njk', state: () => ({ x: 1 }), ...rest })

t.test('views and routes that do not fit end the boot', async (t) => {
  const button = view('button', { template: 'button.njk', events: { goo: { run () {} } } })
  await t.rejects(boot({ views: [button] }), { code: 'LIVE_ERR_EVENT_UNKNOWN', message: "button.njk:1:1: 'go' is not an event of the view. Did you mean 'goo'?" })
  await t.rejects(boot({ views: [view('none', { template: 'button.njk' })] }), { message: /Events of 'none': none/ })
  await t.rejects(boot({ views: [view('none', { template: 'missing.njk' })] }), { code: 'LIVE_ERR_TEMPLATE_MISSING' })
  await t.rejects(boot({ views: [view('a'), view('a')] }), { code: 'LIVE_ERR_VIEW_DUPLICATE' })
  await t.rejects(boot({}, (app) => app.live('/a', 'a')), { code: 'LIVE_ERR_VIEW_UNKNOWN', message: /'a'; registered: none/ })
  await t.rejects(boot({ views: [view('bare', { events: { go () {} } })] }), { code: 'LIVE_ERR_EVENT_UNDECLARED', message: /go: { run: / })
  const route = (live: unknown) => boot({ views: [view('a')] }, (app) => app.get('/a', { live } as object, page))
  await t.rejects(route(null), { code: 'LIVE_ERR_OPTION', message: /live of route '\/a'' is null/ })
  await t.rejects(route({ vew: 'a' }), { code: 'LIVE_ERR_OPTION', message: /vew/ })
  await t.rejects(route({ view: 1 }), { code: 'LIVE_ERR_OPTION', message: /view' is 1; allowed: a view's name/ })
  await t.rejects(route({ view: 'a', rateLimit: { burst: -1 } }), { code: 'LIVE_ERR_LIMITS' })
  await t.rejects(route({ view: 'a', onViolation: 'log' }), { code: 'LIVE_ERR_OPTION', message: /onViolation' is 'log'; allowed: a function/ })
  await route({ view: 'a' })
})

t.test('a view is checked where it is defined', async (t) => {
  const define = (definition: unknown) => () => defineView(definition as Parameters<typeof defineView>[0])
  const cases: Array<[unknown, RegExp]> = [
    [null, /definition is null/],
    [{ name: 'Orders', template: 'x' }, /its name is 'Orders'. Allowed: a lower-case letter/],
    [{ name: 'a', template: '' }, /template is ''/],
    [{ name: 'a', template: 'x', stat: 1 }, /no option 'stat'. Did you mean 'state'\? Options: name, /],
    [{ name: 'a', template: 'x', includes: 'y' }, /includes is 'y'. Give an array/],
    [{ name: 'a', template: 'x', includes: ['y', ''] }, /includes is \[ 'y', '' \]/],
    [{ name: 'a', template: 'x', access: 5 }, /access is 5/],
    [{ name: 'a', template: 'x', state: {} }, /state is {}. Give a function/],
    [{ name: 'a', template: 'x', loaders: [] }, /loaders is \[\]/],
    [{ name: 'a', template: 'x', loaders: { 'a-b': () => 1 } }, /cannot be named in a template/],
    [{ name: 'a', template: 'x', loaders: { a: 1 } }, /loader 'a' is 1/],
    [{ name: 'a', template: 'x', loaders: { a: { lod: 1 } } }, /no option 'lod'. Did you mean 'load'\?/],
    [{ name: 'a', template: 'x', loaders: { a: { load () {}, zzzzzz: true } } }, /no option 'zzzzzz'. Options: schema, load/],
    [{ name: 'a', template: 'x', events: { __proto__x: { run () {} } } }, /name that is not allowed/],
    [{ name: 'a', template: 'x', events: { go: 1 } }, /event 'go' is 1/],
    [{ name: 'a', template: 'x', events: { go: { rn: 1 } } }, /no option 'rn'/],
    [{ name: 'a', template: 'x', events: { go: { run: 'x'.repeat(200) } } }, /run 'xxx.*\.\.\./],
    [{ name: 'a', template: 'x', events: { go: { run () {}, authorize: true } } }, /authorize true/],
    [{ name: 'a', template: 'x', events: { go: { run () {}, payload: 'string' } } }, /payload 'string'/],
    [{ name: 'a', template: 'x', events: { go: { run () {}, reloads: ['x'] } } }, /Its loaders: none/],
  ]
  for (const [definition, message] of cases) t.throws(define(definition), { code: 'LIVE_ERR_VIEW', message })
  t.throws(define({ name: 'a', template: 'x', events: { go: { run () {}, reloads: 'x' } } }), { code: 'LIVE_ERR_OPTION' })
  t.throws(define({ name: 'a', template: 'x', events: { go: { run () {}, rateLimit: { rate: 1 } } } }), { code: 'LIVE_ERR_LIMITS', message: /a.events.go.rateLimit.burst/ })
  t.throws(define({ name: 'a', template: 'x', loaders: () => 1 }), { message: /loaders is a function/ })
})

t.test('bare functions are undeclared events: warned once, or let pass', async (t) => {
  const bare = () => view('bare', { template: 'button.njk', access: 'public', events: { go () {} } })
  const warnings: string[] = []
  const listen = (warning: Error): void => { warnings.push(warning.message) }
  process.on('warning', listen)
  t.teardown(() => { process.off('warning', listen) })
  for (const eventSecurity of ['warn', 'open'] as const) {
    const { url } = await startLiveApp(t, { live: { templates, eventSecurity }, routes: (app) => app.live('/bare', bare()) })
    const live = await new Visitor(url).open('/bare')
    t.same(await live.event('go', 'click'), ['p', 1])
    t.same(await live.event('go', 'click'), ['p', 2])
    live.close()
  }
  await new Promise(setImmediate)
  t.equal(warnings.filter((message) => message.includes("event 'go' of live view 'bare' is a bare function")).length, 1)
})

t.test('a view added later is compiled at once; the registry knows views by name', async (t) => {
  const { app } = await startLiveApp(t, { live: { templates, views: [view('first')] }, routes: () => {} })
  app.liveViews.add(view('second'))
  t.equal(app.liveViews.get('second').name, 'second')
  t.throws(() => app.liveViews.get('third'), { code: 'LIVE_ERR_VIEW_UNKNOWN', message: /registered: first, second/ })
  t.throws(() => app.liveViews.add(view('broken', { template: 'missing.njk' })), { code: 'LIVE_ERR_TEMPLATE_MISSING' })
})

t.test('payloads are compiled by the validator compiler of the route\'s own scope', async (t) => {
  const form = defineView({
    name: 'form',
    template: 'form.njk',
    access: 'public',
    state: () => ({ x: '' }),
    events: { go: { payload: Type.Object({ x: Type.String() }), run: ({ state, payload }) => { state.x = payload.x } } }
  })
  const standard = defineView({
    name: 'standard',
    template: 'form.njk',
    access: 'public',
    state: () => ({ x: '' }),
    events: {
      go: {
        payload: {
          '~standard': {
            version: 1,
            vendor: 'test',
            validate: async (value: unknown) => (value as { x?: string }).x === 'good' ? { value: { x: 'GOOD' } } : { issues: [{ message: 'not good' }] },
            types: undefined as unknown as { input: unknown, output: { x: string } }
          }
        },
        run: ({ state, payload }) => { state.x = payload.x }
      }
    }
  })
  const compiled: string[] = []
  const { url } = await startLiveApp(t, {
    live: { templates: { 'form.njk': '<p>{{ x }}</p><form live-submit="go"></form>' } },
    routes: (app) => app.register(async (child) => {
      child.setValidatorCompiler(({ httpPart }) => {
        compiled.push(String(httpPart))
        return (value: unknown) => (value as { x: string }).x === 'good' ? true : { error: new Error('no') }
      })
      child.live('/form', form)
      child.live('/standard', standard)
    })
  })
  for (const [path, good] of [['/form', 'good'], ['/standard', 'GOOD']] as const) {
    const live = await new Visitor(url).open(path)
    t.match(await live.event('go', 'submit', [], 0, [], { x: 'bad' }), ['r', 1, 'invalid'])
    t.same(await live.event('go', 'submit', [], 0, [], { x: 'good' }), ['p', 2, [0, good]])
    live.close()
  }
  t.same([...new Set(compiled)], ['querystring'], 'as texts')
})

t.test('an identity without id needs an identityKey', async (t) => {
  const live = (rest: object) => ({ templates, identify: () => ({ mail: 'a@example.com' }) as never, ...rest })
  const { url } = await startLiveApp(t, { live: live({}), routes: (app) => app.live('/x', view('x')) })
  t.match(await (await fetch(`${url}/x`)).text(), /identityKey.*mail/)
  const keyed = await startLiveApp(t, { live: live({ identityKey: ({ mail }: { mail: string }) => mail }), routes: (app) => app.live('/x', view('x')) })
  const socket = await new Visitor(keyed.url).open('/x')
  t.same(socket.joined, ['j', 0])
  socket.close()
})
