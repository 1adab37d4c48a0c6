import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { openLive } from '../benchmark/live-client.ts'
import type { View } from '../lib/view/view.ts'
import liveView from '../plugin/index.ts'
import { Visitor } from './helpers/live-client.ts'
import { codeBlock } from './package/readme.ts'

const plugin = fileURLToPath(new URL('../plugin/index.ts', import.meta.url))
const root = fileURLToPath(new URL('..', import.meta.url))

/** Loads code of the README as a module, with the package's source in place of the package. */
async function loadBlock (t: Test, file: string, code: string): Promise<Record<string, unknown>> {
  return await loadFile(t.testdir({}), file, code)
}

async function loadFile (folder: string, file: string, code: string): Promise<Record<string, unknown>> {
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

t.test('the view with loaders, payloads and a list shows and finishes the tasks of who has signed in', async (t) => {
  const folder = t.testdir({ views: { 'tasks.njk': codeBlock('Views', 'html') } })
  const load = (file: string, code: string) => loadFile(folder, file, code)
  await load('tasks.ts', codeBlock('Views', 'ts'))
  process.env['PORT'] = '0'
  const code = codeBlock('Who is there', 'ts').replace('{ logger: true }', '{}').replace("'./views'", JSON.stringify(join(folder, 'views')))
  const { app } = await load('app.ts', `${code}export { app }\n`) as { app: FastifyInstance }
  t.teardown(() => app.close())

  const ann = new Visitor(addressOf(app))
  t.equal((await ann.page('/tasks')).status, 401, 'an identity is required unless the view says otherwise')
  await ann.fetch('/sign-in-as/ann')
  const live = await ann.open('/tasks')
  t.match(live.html, /Water the plants[^]*Write to Bo/)
  t.notMatch(live.html, 'Feed the cat')
  live.send(['e', 1, 'finish', 'click', [2, 0], 0, ['1']])
  t.same(await live.next(), ['p', 1, [1, 1, 2, [0, 0, 1]]])
  live.send(['e', 2, 'search', 'input', [], 0, [], { q: 'cat' }])
  t.same(await live.next(), ['p', 2, [0, 'cat', 1, 0, 2, [0, 0, 1]]])
  await ann.fetch('/sign-out')
  t.equal(await live.closed, 4401, 'signing out ends the socket')
})

t.test('the clock is pushed', async (t) => {
  const { clock } = await loadBlock(t, 'clock.ts', codeBlock('Handlers', 'ts')) as { clock: View }
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(liveView, { templates: { 'clock.njk': '<!doctype html><title>Clock</title><body><p>{{ time }}</p>' } })
  app.live('/', clock)
  await app.listen({ port: 0 })
  const live = await new Visitor(addressOf(app)).open('/')
  t.match(await live.next(), ['p', 0, [0, /^\d\d:\d\d:\d\d$/]])
  live.ws.close()
})

t.test('docs/errors.md has every code, and none that there is not', async (t) => {
  const told = codesIn(readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8'))
  const sources = ['lib', 'plugin'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(root, folder, name), 'utf8')))
  t.same(told, codesIn(sources.join('')))
})

function codesIn (text: string): string[] {
  return [...new Set(text.match(/LIVE_ERR_[A-Z_]+[A-Z]/g))].sort()
}

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
