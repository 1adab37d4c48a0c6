import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { CommandError } from '../plugin/cli/command-error.ts'
import { describeFailure } from '../plugin/cli/describe-failure.ts'
import { explainApplication } from '../plugin/cli/explain-application.ts'
import { isEntry } from '../plugin/cli/is-entry.ts'
import { readApplication } from '../plugin/cli/read-application.ts'
import { runCommand } from '../plugin/cli/run-command.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const plugin = JSON.stringify(join(root, 'plugin/index.ts'))
const fastify = JSON.stringify(join(root, 'node_modules/fastify/fastify.js'))

const page = '<p>{{ user.name }}</p>\n<button live-click="go">x</button>\n'

/** An application around what it exports. `app` is made, `register` is the plugin with its view. */
function source (exported: string, logger = 'false'): string {
  return `import { fileURLToPath } from 'node:url'
import Fastify from ${fastify}
import liveView, { defineView } from ${plugin}
const view = defineView({ name: 'page', template: 'page.njk', access: 'public', loaders: { user: () => ({}) }, events: { go: { run () {} } } })
async function register (app) {
  await app.register(liveView, { templates: fileURLToPath(new URL('./views', import.meta.url)), origins: ['http://localhost'] })
  app.live('/', view)
}
const make = () => Fastify({ logger: ${logger} })
${exported}
`
}

interface Outcome { readonly code: number | string | null, readonly out: string, readonly err: string }

/** The command in a process of its own. */
function command (cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const words = ['--import', join(root, 'node_modules/tsx/dist/loader.mjs'), join(root, 'plugin/cli/main.ts'), ...args]
  // Not measured: coverage of one file by two compilers cannot be added up. tap would start measuring in spite of NODE_OPTIONS.
  const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...own } = process.env
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd, env: { ...own, _TAPJS_PROCESSINFO_COVERAGE_: '0', ...env } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : error.code ?? null, out, err })
    })
  })
}

/** The command in this process. */
async function inProcess (cwd: string, args: readonly string[], read: Parameters<typeof runCommand>[1]['read'] = async () => []): Promise<Outcome> {
  let out = ''
  let err = ''
  const code = await runCommand(args, {
    out: { write: (text: string) => { out += text } }, err: { write: (text: string) => { err += text } }, env: {}, cwd, read
  })
  return { code, out, err }
}

const leaking = `export default async () => {
  const app = make()
  await register(app)
  console.log('a line of its own')
  process.send?.('ready')
  app.log.info('a line of the log')
  setInterval(() => {}, 1000)
  return app
}`

t.test('explains an application that logs and leaves handles open; a field that is shown anew is found', async (t) => {
  const folder = t.testdir({ 'package.json': '{ "type": "module", "main": "app.js" }', 'app.js': source(leaking, 'true'), views: { 'page.njk': page } })
  const json = await command(folder, ['explain', '--json'])
  t.equal(json.code, 0)
  t.match(json.err, /a line of its own[^]*a line of the log/)
  const { version, views } = JSON.parse(json.out) as { version: number, views: Array<{ name: string }> }
  t.same([version, views.map(({ name }) => name)], [1, ['page']])
  t.match(await command(folder, ['exposure', '--write']), { code: 0, out: 'live-exposure.json: written\n' })
  writeFileSync(join(folder, 'views/page.njk'), `${page}<i>{{ user.mail }}</i>\n`)
  const check = await command(folder, ['exposure', '--check', 'app.js'])
  t.match(check, { code: 1, out: /\+ {2}shows user\.mail {2}page\.njk:3\n/ })
  t.match(check.out, 'npx fastify-live-view exposure --write app.js')
})

t.test('an application that does not boot is told with code and place, with its stack only on request', async (t) => {
  const folder = t.testdir({
    'app.mjs': source('export const app = make()\nawait register(app)'),
    views: { 'page.njk': '<p>\n  <script>{{ user.name }}</script>' }
  })
  const { code, out, err } = await command(folder, ['explain', 'app.mjs'])
  t.same([code, out], [2, ''])
  t.match(err, /^fastify-live-view: the application did not boot: LIVE_ERR_HTML_PLACE: page\.njk:2:11: /)
  t.notMatch(err, /\n {4}at /)
  const failed = (): never => { throw new CommandError('no', 'Error: no\n    at line') }
  t.match(await inProcess(folder, ['explain', 'app.mjs'], failed), { code: 2, err: 'fastify-live-view: no\n' })
  t.match(await inProcess(folder, ['explain', 'app.mjs', '--verbose'], failed), { code: 2, err: 'fastify-live-view: no\n\nError: no\n    at line\n' })
})

t.test('a process that ends, fails or hangs before the application is ready is told', async (t) => {
  const folder = t.testdir({
    'late.mjs': "setTimeout(() => { throw new Error('nobody waits') }, 1)\nexport default new Promise(() => { setInterval(() => {}, 1000) })",
    'gone.mjs': 'process.exit(7)',
    'hangs.mjs': 'export default new Promise(() => { setInterval(() => {}, 1000) })',
    'throws.mjs': 'throw new Error("broken")',
    'app.mjs': source('process.send?.("ready")\nprocess.send?.(null)\nexport const app = make()\nawait register(app)'),
    views: { 'page.njk': page }
  })
  t.match(await readApplication(join(folder, 'app.mjs'), 60_000), [{ name: 'page', access: 'public' }])
  await t.rejects(readApplication(join(folder, 'late.mjs'), 60_000), { message: 'the application did not boot: nobody waits', details: /at / })
  await t.rejects(readApplication(join(folder, 'throws.mjs'), 60_000), { message: 'the application did not boot: broken', details: /at / })
  await t.rejects(readApplication(join(folder, 'gone.mjs'), 60_000), { message: 'the application did not boot: its process ended with exit code 7' })
  await t.rejects(readApplication(join(folder, 'hangs.mjs'), 500), { message: 'the application did not boot: it was not ready after 0.5 s (--timeout)' })
})

t.test('TypeScript that Node cannot load is refused with the way out', async (t) => {
  const error = (code: string): Error => Object.assign(new TypeError('Unknown file extension ".ts"'), { code })
  t.match(describeFailure(error('ERR_UNKNOWN_FILE_EXTENSION'), 'app.ts').failure, /^Node [\d.]+ cannot load this TypeScript .*NODE_OPTIONS='--import tsx' npx/)
  t.match(describeFailure(error('ERR_UNKNOWN_FILE_EXTENSION'), 'app.js').failure, 'ERR_UNKNOWN_FILE_EXTENSION: Unknown file extension ".ts"')
  t.same(describeFailure('a text', 'app.ts'), { failure: 'a text', stack: null })
  const bare = new Error('')
  delete bare.stack
  t.same(describeFailure(bare, 'app.ts'), { failure: 'Error', stack: null })
})

const forms: Record<string, string> = {
  'an instance by default': 'const app = make()\nawait register(app)\nexport default app',
  'an instance called app': 'export const app = make()\nawait register(app)',
  'a promise': 'export default (async () => { const app = make(); await register(app); return app })()',
  'a builder': 'export async function buildApp (options) { const app = make(); await register(app); return app }',
  'a builder called build that is not async': 'export function build () { const app = make(); app.register(register); return app }',
  'a plugin': 'export default async function (app) { await register(app) }',
  'a plugin with options': 'export const app = (app, options, done) => { register(app).then(() => done(), done) }',
  'a plugin of fastify-plugin': "register[Symbol.for('skip-override')] = true\nexport const build = register",
  'compiled CommonJS': 'export default { __esModule: true, default: () => { const app = make(); app.register(register); return app } }',
  'CommonJS with a name': 'export default { build: () => { const app = make(); app.register(register); return app } }',
  'nothing, but makes an instance': 'const app = make()\nawait register(app)\nexport const other = 1',
  'an instance with the plugin in a scope of its own': 'export const app = make()\napp.register(async (scope) => { await register(scope) })',
}

t.test('an application is found as', async (t) => {
  for (const [name, exported] of Object.entries(forms)) {
    t.test(name, async (t) => {
      const folder = t.testdir({ 'app.mjs': source(exported), views: { 'page.njk': page } })
      const { views, close } = await explainApplication(join(folder, 'app.mjs'))
      await close()
      t.match(views, [{ name: 'page', loaders: [{ name: 'user' }], events: [{ name: 'go', controls: [{ line: 2 }] }] }])
    })
  }
})

t.test('what is no application is refused with what would be one', async (t) => {
  const refused: Array<[string, RegExp]> = [
    ['export const other = 1', /exports no application\. Give it a default export, or one named app, buildApp, build/],
    ['export const other = [make(), make()]', /exports no application/],
    ['export default null', /exports no application/],
    ['export default Promise.resolve(null)', /its export default gives null, and not a Fastify instance/],
    ['export const build = () => 5', /its export build\(\) gives number/],
    ['export default make()', /it has no live views: is fastify-live-view registered/],
    ["const app = make()\napp.decorate('liveViews', {})\nexport default app", /fastify-live-view is another version/],
  ]
  for (const [exported, message] of refused) {
    const folder = t.testdir({ 'app.mjs': source(exported) })
    writeFileSync(join(folder, `${message.source.length}-${exported.length}.mjs`), readFileSync(join(folder, 'app.mjs')))
    await t.rejects(explainApplication(join(folder, `${message.source.length}-${exported.length}.mjs`)), { message })
  }
})

t.test('wrong usage ends with 2, what is wrong and the usage', async (t) => {
  const folder = t.testdir({ 'app.js': '' })
  const wrong: Array<[string[], string]> = [
    [[], 'there is no command'],
    [['explane'], "there is no command 'explane'"],
    [['toString'], "there is no command 'toString'"],
    [['explain', '--jsn'], "Unknown option '--jsn'"],
    [['explain', '--write'], 'explain has no option --write'],
    [['exposure', 'app.js', '--json', '--check'], 'exposure has no option --json'],
    [['exposure', 'app.js'], 'exposure needs --write or --check, one of them'],
    [['exposure', 'app.js', '--write', '--check'], 'exposure needs --write or --check, one of them'],
    [['explain', 'app.js', 'b.js', 'c.js'], "one file is enough: 'b.js', 'c.js'"],
    [['explain', 'app.js', '--timeout', 'x'], "--timeout is 'x'; a number of seconds is allowed"],
  ]
  for (const [args, message] of wrong) {
    const { code, out, err } = await inProcess(folder, args)
    t.same([code, out], [2, ''])
    t.ok(err.startsWith(`fastify-live-view: ${message}`), err)
    t.match(err, /\n\nUsage\n {2}fastify-live-view explain \[file\]/)
  }
})

t.test('help and version go to standard output', async (t) => {
  t.match(await inProcess('/', ['--help']), { code: 0, out: /^Usage\n/, err: '' })
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  t.same(await inProcess('/', ['explain', '--version']), { code: 0, out: `${version}\n`, err: '' })
})

t.test('without a file it is main of package.json, if that exists', async (t) => {
  const asked: string[] = []
  const read = async (file: string): Promise<never[]> => { asked.push(file); return [] }
  const folder = t.testdir({
    good: { 'package.json': '{ "main": "./app.js" }', 'app.js': '', inner: {} },
    gone: { 'package.json': '{ "main": "./app.js" }' },
    none: { 'package.json': '{}' },
  })
  t.match(await inProcess(join(folder, 'good/inner'), ['explain'], read), { code: 0 })
  t.same(asked, [join(folder, 'good/app.js')])
  for (const name of ['gone', 'none']) t.match(await inProcess(join(folder, name), ['explain'], read), { code: 2, err: /which file is the application\?/ })
  t.match(await inProcess('/', ['explain'], read), { code: 2, err: /which file is the application\?/ })
  t.match(await inProcess(folder, ['explain', 'none'], read), { code: 2, err: "there is no file 'none'" })
})

t.test('only the views that are asked for', async (t) => {
  const folder = t.testdir({ 'app.js': '' })
  const view = { access: 'user', template: 'a.njk', templates: [], everything: false, dynamicNames: [], trustedHtml: [], loaders: [], values: [], loading: [], events: [] }
  const read = async (): Promise<any[]> => [{ name: 'a', ...view }, { name: 'b', ...view }]
  const names = async (...args: string[]): Promise<string[]> => {
    const { out } = await inProcess(folder, ['explain', 'app.js', '--json', ...args], read)
    return (JSON.parse(out) as { views: Array<{ name: string }> }).views.map(({ name }) => name)
  }
  t.same(await names(), ['a', 'b'])
  t.same(await names('--view', 'b'), ['b'])
  t.same(await inProcess(folder, ['explain', 'app.js', '--view', 'c'], read),
    { code: 2, out: '', err: "fastify-live-view: there is no view 'c'; views are a, b\n" })
  t.match(await inProcess(folder, ['explain', 'app.js', '--view', 'b'], read), { code: 0, out: /^b\n=\n/ })
})

t.test('an error of the command itself is not hidden', async (t) => {
  const folder = t.testdir({ 'app.js': '' })
  await t.rejects(inProcess(folder, ['explain', 'app.js'], async () => { throw new TypeError('a defect') }), { message: 'a defect' })
})

t.test('a module knows whether the process was started with it, by a link too', async (t) => {
  const folder = t.testdir({ 'main.js': '' })
  symlinkSync(join(folder, 'main.js'), join(folder, 'link'))
  const url = new URL(`file://${folder}/main.js`).href
  t.same([join(folder, 'link'), join(folder, 'main.js'), join(folder, 'none'), fileURLToPath(import.meta.url), undefined].map((script) => isEntry(url, script)),
    [true, true, false, false, isEntry(url)])
})
