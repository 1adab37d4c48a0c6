/* eslint @stylistic/max-len: 'off' -- definitions and templates are easier to read with one a line */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import { defineView, requirePermission } from '../../plugin/index.ts'
import type { Connection, LiveViewOptions } from '../../plugin/index.ts'
import { startLiveApp } from './live-app.ts'
import type { LiveAppOptions } from './live-app.ts'

/** Names of the server's insides, none of them in the text of a template. */
export const NAMES = [
  'qxbuildpath', 'qxfolder', 'qxtemplate', 'qxmacros', 'qxwaiting', 'qxview', 'qxloader', 'qxlater', 'qxguarded', 'qxfield', 'qxstate', 'qxcolumn', 'qxglobal', 'qxfilter',
  'qxhidden', 'qxproperty', 'qxpattern', 'qxenum', 'qxtitle', 'qxformat', 'qxissue', 'qxparameter', 'qxquery', 'qxpermission', 'qxtenant', 'qxidentity', 'qxrole',
  'qxerrorcode', 'qxerrorname', 'qxupstream', 'qxtag',
]
const EVENTS = [
  'fail', 'reject', 'authorize', 'permission', 'schema', 'pattern', 'choice', 'issues', 'broken', 'late', 'reload', 'nothing', 'patch', 'address', 'cycle', 'big', 'name',
  'flash', 'session', 'push', 'state', 'unheard', 'shape',
]

const templates: Readonly<Record<string, string>> = {
  'qxmacros.njk': '{% macro qxshow(x) %}{{ qxglobal("macro") }}{{ x }}{% endmacro %}',
  'qxwaiting.njk': '<em>{{ "fallback" | qxfilter }}</em>',
  'qxtemplate.njk': `{% import 'qxfolder/qxmacros.njk' as m with context %}<!doctype html><html><head><title>A page</title></head><body>
    <p>{{ qxstate | qxfilter }}</p>{% if qxstate is qxtest %}<i>odd</i>{% endif %}<p>{{ qxglobal('function') }} {{ qxthing.value }} {{ qxprinted }} {{ m.qxshow(qxstate) }}</p>
    <p>{% qxtag qxstate %}</p>
    {% for row in qxloader %}<li>{{ row.qxfield }}</li>{% endfor %}<div>{{ qxlater.qxfield }}</div><ul>{% for row in qxguarded %}<li>{{ row.qxfield }}</li>{% endfor %}</ul>
    {% if can('authorize') %}<b></b>{% endif %}
    ${EVENTS.map((name) => `<button live-click="${name}" live-value-given="x"></button>`).join('')}</body></html>`,
}

interface Test {
  teardown (close: () => unknown): unknown
}

/** What each point of an application's life does when it is its turn: nothing, but for the one that is armed. */
export type At = (point: string) => void

/** An application with code of its own at every point that there is; each asks `at` first. */
export async function startLeakyApp (
  t: Test, at: At, options: { readonly live?: Partial<LiveViewOptions>, readonly routes?: (app: FastifyInstance) => void } & Pick<LiveAppOptions, 'logger' | 'before'> = {}
): Promise<{ app: FastifyInstance, url: string, connections: Array<Connection<any>> }> {
  const folder = join(mkdtempSync(join(tmpdir(), 'qxbuildpath-')))
  mkdirSync(join(folder, 'qxfolder'))
  for (const [name, source] of Object.entries(templates)) writeFileSync(join(folder, 'qxfolder', name), source)
  const environment = new TemplateEnvironment(folder)
  const told = (point: string) => (value: unknown): unknown => {
    at(value === 'fallback' ? 'fallback' : point)
    return value
  }
  environment.addFilter('qxfilter', told('filter')).addTest('qxtest', (() => { at('test'); return true }) as never)
  environment.addGlobal('qxglobal', ((point: string) => { at(point); return '' }) as never)
  environment.addExtension('qxtag', {
    tags: ['qxtag'],
    parse (parser: any, nodes: any) {
      const token = parser.nextToken()
      const args = parser.parseSignature(null, true)
      parser.advanceAfterBlockEnd(token.value)
      return new nodes.CallExtension(this, 'run', args, [])
    },
    run: () => { at('tag'); return '' },
  } as never)

  const connections: Array<Connection<any>> = []
  const load = (point: string) => ({ state, query }: any): unknown => {
    at(point)
    // A promise that nobody awaits, and rows that are not what was asked for.
    if (state.qxstate === 'unheard') return [Promise.reject(new Error('qxupstream'))]
    if (state.qxstate === 'shape') return [{ qxfield: new Map([['qxcolumn', 'qxupstream']]) }]
    return [{ qxfield: `${state.qxstate} ${query.n ?? ''}`, qxcolumn: 1 }]
  }
  const standard = (validate: (value: unknown) => unknown): never => ({ '~standard': { version: 1, vendor: 'own', validate } }) as never
  const view = (name: string, access: any = () => { at('access'); return true }) => defineView({
    name,
    template: 'qxfolder/qxtemplate.njk',
    access,
    state: () => {
      at('state')
      return { qxstate: 1 }
    },
    loaders: {
      qxloader: load('loader'),
      qxlater: { deferred: true, fallback: 'qxfolder/qxwaiting.njk', load: ({ state }: any) => { at('deferred loader'); return { qxfield: state.qxstate } } },
      qxguarded: { guard: { columns: ['qxcolumn'], check: () => { at('guard'); return true } }, load: load('guarded loader') },
    } as any,
    events: {
      fail: { run: ({ state }: any) => { state.qxstate++; at('run') } },
      reject: { run: async () => { at('rejected run') } },
      authorize: { authorize: () => { at('authorize'); return true }, run () {} },
      permission: { authorize: requirePermission('qxpermission'), run () {} },
      schema: { payload: Type.Object({ qxproperty: Type.String({ title: 'qxtitle' }) }), run () {} },
      pattern: { payload: Type.Object({ given: Type.String({ pattern: '^qxpattern$' }) }), run () {} },
      choice: { payload: { type: 'object', properties: { given: { enum: ['qxenum'] }, qxproperty: { type: 'string' } } } as never, run () {} },
      issues: { payload: standard(() => ({ issues: [{ message: 'qxissue', path: ['qxproperty'] }] })), run () {} },
      broken: { payload: standard(() => { at('validate'); return { value: {} } }), run () {} },
      late: { payload: standard(async () => { at('rejected validate'); return { value: {} } }), run () {} },
      reload: { reloads: ['qxloader', 'qxguarded'], run () {} },
      nothing: { run: ({ reload }: any) => { at('any'); reload('qxnothing') } },
      patch: { run: ({ patchUrl }: any) => { patchUrl({ n: { toString: () => { at('patchUrl'); return 'n' } } }) } },
      address: { run: ({ navigate }: any) => { navigate('javascript:qxupstream') } },
      cycle: { run: ({ pushEvent }: any) => { const knot: any = { qxproperty: 1 }; knot.knot = knot; pushEvent('x', knot) } },
      big: { run: ({ pushEvent }: any) => { pushEvent('x', { qxproperty: 1n }) } },
      name: { run: ({ pushEvent }: any) => { pushEvent('qxupstream name', 1) } },
      flash: { run: ({ flash }: any) => { flash('info', { toString: () => { at('flash'); return 'x' } }) } },
      session: { run: ({ updateSession }: any) => updateSession(() => { at('updateSession') }) },
      push: { run: ({ connection }: any) => { connection.update(() => { at('update') }) } },
      state: { run: ({ state }: any) => { state.qxstate = { get toString () { at('toString of state'); return () => 'x' } } } },
      unheard: { reloads: ['qxloader'], run: ({ state }: any) => { state.qxstate = 'unheard' } },
      shape: { reloads: ['qxloader'], run: ({ state }: any) => { state.qxstate = 'shape' } },
      qxhidden: { run () {} },
    } as any,
    onConnect: ({ connection }: any) => { connections.push(connection); at('onConnect') },
    onParams: () => { at('onParams') },
    onDisconnect: () => { at('onDisconnect') },
  })
  const { app, url } = await startLiveApp(t, {
    ...options.logger === undefined ? {} : { logger: options.logger },
    server: { trustProxy: '127.0.0.1' },
    before: async (app) => {
      await options.before?.(app)
      for (const hook of ['onRequest', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onError', 'onResponse'] as const) {
        app.addHook(hook as 'onRequest', async (request, reply) => {
          at(hook)
          if (request.headers['x-answered'] !== undefined && hook === 'preHandler') {
            reply.send('answered')
            at('after the answer')
          }
        })
      }
      let store: any = null
      app.addHook('preHandler', async (request) => {
        // Once a session has been there: sign-in comes before all points.
        if (store === null) store = failing((request as any).sessionStore, at)
        const session = (request as any).session
        if (request.headers['x-session'] === 'change') session.set('changed', true)
        if (request.headers['x-session'] === 'end') await session.destroy()
      })
      app.addHook('preHandler', async (request, reply) => {
        if (request.headers['x-status'] === undefined) return
        reply.code(402).header('retry-after', '7').header('www-authenticate', 'Basic')
        at('with a status')
      })
    },
    live: {
      templates: environment,
      secret: 'qxsigningsecret of forty characters or so, for the tests',
      origins: ['http://a.example'],
      identify: ({ session }) => {
        at('identify')
        return session?.person as never ?? { id: 'qxidentity', qxrole: 'qxrole' }
      },
      identityKey: (identity) => { at('identityKey'); return String(identity.id) },
      tenant: () => { at('tenant'); return 'qxtenant' },
      hasPermission: () => { at('hasPermission'); return true },
      nonce: () => { at('nonce'); return undefined },
      onViolation: () => { at('onViolation') },
      globals: () => {
        at('globals')
        return { qxthing: { get value () { at('getter'); return 1 } }, qxprinted: { toString () { at('toString'); return 'x' } } }
      },
      rateLimit: { maxPagesPerIp: 10_000, rate: 10_000, burst: 10_000, maxConnectionsPerIp: 1000, maxSignedInPerIp: 1000, maxConnectionsPerIdentity: 1000, maxJoinsPerSecond: 10_000 },
      ...options.live,
    },
    routes: (app) => {
      const query = { querystring: { type: 'object', properties: { qxquery: { type: 'string', enum: ['qxenum'] } } } }
      const params = { params: { type: 'object', properties: { qxparameter: { type: 'integer' } } } }
      app.live('/page/:qxparameter', view('qxview'), { schema: { ...query, ...params } })
      app.live('/permission', view('qxview-permission', 'qxpermission'))
      app.live('/denied', view('qxview-denied', () => false))
      app.get('/static/:qxparameter', async (request, reply) => reply.callNotFound())
      options.routes?.(app)
    },
  })
  return { app, url, connections }
}

/** A session store whose calls may fail, by their callbacks. */
function failing (store: any, at: At): unknown {
  for (const name of ['get', 'set', 'destroy']) {
    const original = store[name]
    store[name] = function (...args: any[]) {
      try {
        at(`store ${name}`)
      } catch (err) {
        args.at(-1)(err)
        return
      }
      return original.apply(this, args)
    }
  }
  return store
}
