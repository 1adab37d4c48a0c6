import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = new URL('../', import.meta.url)

function sources (folder: string): string[] {
  const names = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts')).map((name) => join(folder, name)).sort()
  // What fastify's types gain stands in the entry.
  return [...files.filter((file) => file === 'plugin/index.ts'), ...files.filter((file) => file !== 'plugin/index.ts')]
}

function imports (file: string): string[] {
  const source = readFileSync(new URL(file, root), 'utf8')
  const specifiers = source.matchAll(/^(?:import|export)[^'"]*?from '([^']+)'|import\('([^']+)'\)/gm)
  return [...specifiers].map((match) => (match[1] ?? match[2]) as string)
}

// A file that no test loads would be missing from the coverage instead of lowering it.
for (const folder of ['lib', 'plugin']) {
  t.test(`every module of ${folder} loads on its own`, async (t) => {
    for (const file of sources(folder)) await t.resolves(import(new URL(file, root).href), file)
  })
}

t.test('the engine knows neither fastify nor the plugin', async (t) => {
  for (const file of sources('lib')) {
    for (const name of imports(file)) {
      t.notMatch(name, /^fastify($|-plugin)|^@fastify\/(?!error$)|\/plugin\/|\/runtime\/|\/test\//, `${file} imports ${name}`)
    }
  }
})

t.test('the browser runtime has no dependencies and nothing of the server', async (t) => {
  for (const file of sources('runtime').filter((name) => !name.startsWith('runtime/security/'))) {
    for (const name of imports(file)) t.match(name, /^\.\/(?!security)[^.]/, `${file} imports ${name}`)
  }
})

t.test('the utilities for browsers have nothing of Node, and only what is shared of the server', async (t) => {
  const shared = ['../../lib/security/assign-fields.ts', '../../lib/security/sanitize-for-log.ts']
  for (const file of sources('runtime/security')) {
    for (const name of imports(file)) t.ok(/^\.\/[^.]/.test(name) || shared.includes(name), `${file} imports ${name}`)
  }
  for (const file of shared.map((name) => name.slice(6))) {
    for (const name of imports(file)) t.equal(name, './copy-plain.ts', `${file} imports ${name}`)
  }
  t.same(imports('lib/security/copy-plain.ts'), [])
})

t.test('nothing outside of test/ imports from it', async (t) => {
  for (const file of ['benchmark', 'example', 'lib', 'plugin', 'runtime'].flatMap(sources)) {
    for (const name of imports(file)) t.notMatch(name, /\/test\//, `${file} imports ${name}`)
  }
})
