import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import cookie from '@fastify/cookie'
import session from '@fastify/session'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { openLive } from '../benchmark/live-client.ts'
import type { View } from '../lib/view/view.ts'
import liveView from '../plugin/index.ts'
import { codeBlock } from './package/readme.ts'

const plugin = fileURLToPath(new URL('../plugin/index.ts', import.meta.url))

/** Loads code of the README as a module, with the package's source in place of the package. */
async function loadBlock (t: Test, file: string, code: string): Promise<Record<string, unknown>> {
  const folder = t.testdir({})
  const source = relative(folder, plugin).replaceAll('\\', '/')
  writeFileSync(join(folder, file), code.replaceAll("'fastify-live-view'", `'${source}'`))
  return await import(pathToFileURL(join(folder, file)).href) as Record<string, unknown>
}

function addressOf (app: FastifyInstance): string {
  return `http://localhost:${(app.server.address() as AddressInfo).port}`
}

t.test('the quickstart counts', async (t) => {
  const code = codeBlock('Quickstart', 'js')
  t.ok(code.trim().split('\n').length < 30, 'it has fewer than 30 lines')
  process.env['PORT'] = '0'
  const quiet = code.replace('{ logger: true }', '{}')
  const { app } = await loadBlock(t, 'counter.mjs', `${quiet}export { app }\n`) as { app: FastifyInstance }
  t.teardown(() => app.close())
  const client = await openLive(`${addressOf(app)}/`)
  t.same(client.joined, ['j', 0], 'the page is current when the socket joins')
  t.same((await client.click('add')).slice(0, 3), ['p', 1, [0, 1]])
  t.same((await client.click('add')).slice(0, 3), ['p', 2, [0, 2]])
  client.close()
})

t.test('the view with loaders, payloads and a list shows and finishes the tasks of its user', async (t) => {
  const { taskList } = await loadBlock(t, 'tasks.ts', codeBlock('Views', 'ts')) as { taskList: View }
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least thirty-two characters', cookie: { secure: 'auto' } })
  await app.register(liveView, { templates: { 'tasks.njk': codeBlock('Views', 'html') } })
  app.get('/sign-in', (request, reply) => {
    request.session.set('user' as never, { id: 'ann' } as never)
    return reply.send('signed in')
  })
  app.live('/tasks', taskList)
  await app.listen({ port: 0 })

  t.equal((await fetch(`${addressOf(app)}/tasks`)).status, 401, 'an identity is required unless the view says otherwise')
  const signedIn = await fetch(`${addressOf(app)}/sign-in`)
  const client = await openLive(`${addressOf(app)}/tasks`, String(signedIn.headers.getSetCookie()[0]).split(';')[0])
  t.match(client.html, /Water the plants[^]*Write to Bo/)
  t.notMatch(client.html, 'Feed the cat')
  t.same((await client.fire('finish', 'click', [2, 0], 0, ['1'])).slice(0, 3), ['p', 1, [1, 1, 2, [0, 0, 1]]])
  t.same((await client.fire('search', 'input', [], 0, [], { q: 'cat' })).slice(0, 3), ['p', 2, [0, 'cat', 1, 0, 2, [0, 0, 1]]])
  client.close()
})

t.test('the browser runtime is as small as the README says', async (t) => {
  const [, kilobytes] = /one file of (\d+) KB gzipped/.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8')) ?? []
  const script = readFileSync(new URL('../dist/client.js', import.meta.url))
  t.equal(Math.round(gzipSync(script, { level: 9 }).length / 1024), Number(kilobytes))
})

t.test('the options table lists the options that there are', async (t) => {
  const table = /\n## Options\n[^]*?\n## /.exec(readFileSync(new URL('../README.md', import.meta.url), 'utf8'))?.[0] ?? ''
  const told = new Set([...table.matchAll(/^\| `(\w+)/gm)].map((match) => match[1] as string))
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => { await app.register(liveView, { templates: {}, none: 1 } as never) }, {
    message: new RegExp(`options are ${[...told].sort().join(', ')}$`)
  })
})
