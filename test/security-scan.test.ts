import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { readAudit } from './security/audit-step.ts'
import { trackedFiles } from './security/git-files.ts'
import { lintFolder } from './security/lint-step.ts'
import { isAllowedLicence } from './security/licence.ts'
import { checkLock } from './security/lock-step.ts'
import type { Lock, LockedPackage } from './security/lock-step.ts'
import { runSteps } from './security/run-steps.ts'
import { problemsOfBom, writeSbom } from './security/sbom-step.ts'
import type { Bom } from './security/sbom-step.ts'
import { scanSecrets } from './security/secret-step.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const MANIFEST = readFileSync(join(root, 'package.json'), 'utf8')
const LOCK = readFileSync(join(root, 'package-lock.json'), 'utf8')

// Put together here, so that the scan of this file finds nothing.
const GITHUB_TOKEN = 'gh' + 'p_' + 'aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA1b2C'
const PRIVATE_KEY = '-----BEGIN ' + 'PRIVATE KEY-----'
const RANDOM = 'k3J9' + 'fQ7z' + 'Lw2M' + 'x8Vb' + 'T5nR'

/** What can hurt, with the rule that has to find it there. */
const HURTS: ReadonlyArray<readonly [file: string, source: string, rule: string]> = [
  ['lib/eval.ts', "eval(process.argv[2] ?? '')", 'no-eval'],
  ['lib/timer.ts', "setTimeout('run()', 1)", 'no-implied-eval'],
  ['plugin/function.ts', "export const made = new Function('a', 'return a')", 'no-new-func'],
  ['plugin/script-url.ts', "export const link = 'javascript:void 0'", 'no-script-url'],
  ['benchmark/shell.ts', "import { execSync } from 'node:child_process'", 'live-security/no-shell'],
  ['test/shell.ts', 'export const run = (cp: any, name: string) => cp.execSync(`ls ${name}`)', 'live-security/no-shell'], // eslint-disable-line no-template-curly-in-string
  ['example/spawn.ts', "export const run = (spawn: any, name: string) => spawn('ls', [name], { shell: true })", 'live-security/no-shell'],
  ['lib/vm.ts', "import { runInNewContext } from 'node:vm'", 'live-security/no-vm'],
  ['plugin/import.ts', 'export const load = async (name: string) => await import(name)', 'live-security/no-computed-import'],
  ['lib/require.ts', 'export const load = (require: any, name: string) => require(name)', 'live-security/no-computed-import'],
  ['lib/pattern.ts', 'export const made = (text: string) => new RegExp(text)', 'live-security/no-computed-regexp'],
  ['lib/exponential.ts', 'export const slow = /^(?:\\s|\\ufeff)*$/', 'regexp/no-dupe-disjunctions'],
  ['lib/polynomial.ts', 'export const slow = (text: string) => /^\\d+\\w*\\d+x$/.test(text)', 'regexp/no-super-linear-backtracking'],
  ['runtime/quadratic.ts', "export const slow = (text: string) => text.replace(/ +$/, '')", 'regexp/no-super-linear-move'],
  ['lib/mac.ts', 'export const holds = (given: string, mac: string) => given === mac', 'live-security/no-secret-comparison'],
  ['plugin/token.ts', 'export const holds = (frame: any, csrfToken: string) => frame.given !== csrfToken', 'live-security/no-secret-comparison'],
  ['lib/security/random.ts', 'export const id = () => Math.random()', 'live-security/no-weak-random'],
  ['runtime/sink.ts', 'export const show = (element: Element, text: string) => { element.innerHTML = text }', 'no-unsanitized/property'],
  ['example/adjacent.ts', "export const show = (element: Element, text: string) => element.insertAdjacentHTML('beforeend', text)", 'no-unsanitized/method'],
  ['lib/vm.mts', "import { runInNewContext } from 'node:vm'", 'live-security/no-vm'],
  ['plugin/eval.cts', "eval('1')", 'no-eval'],
  ['example/eval.cjs', "eval('1')", 'no-eval'],
  ['plugin/html.ts', 'export const page = (name: string) => `<p>${name}</p>`', 'live-security/no-html-template'] // eslint-disable-line no-template-curly-in-string
]

const HARMLESS = [
  "import { execFile } from 'node:child_process'",
  "export const load = async () => await import('node:fs')",
  "export const same = (token: unknown, mac?: string) => typeof token === 'string' && token === '' && mac === undefined",
  'export const page = (html: any, name: string) => html`<p>${name}</p>`', // eslint-disable-line no-template-curly-in-string
  'export const text = (a: number, b: number) => `${a} < ${b}`', // eslint-disable-line no-template-curly-in-string
  "execFile('ls', ['.'], { shell: false })",
  'export const quick = /^[a-z]+(?:-[a-z]+)*$/',
  ''
].join('\n')

function folder (t: Test, files: Readonly<Record<string, string>>): string {
  const place = mkdtempSync(join(tmpdir(), 'security scan '))
  t.teardown(() => { rmSync(place, { recursive: true, force: true }) })
  write(place, files)
  return place
}

function write (place: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true })
    writeFileSync(join(place, name), text)
  }
}

t.test('D12 code that can hurt is found where it stands, by its rule, in each folder', async (t) => {
  const place = folder(t, {
    ...Object.fromEntries(HURTS.map(([file, source]) => [file, `// a line before\n${source}\n`])),
    'lib/harmless.ts': HARMLESS,
    'lib/allowed.ts': '// eslint-disable-next-line no-eval -- a test\neval(\'1\')\n',
    'lib/unexplained.ts': '// eslint-disable-next-line no-eval\neval(\'1\')\n',
    'lib/switched.ts': ['/*', 'eslint no-eval: 0 */\neval(\'1\')\n'].join(' '),
    'lib/explained.ts': ['/*', 'eslint no-eval: 0 -- a test */\neval(\'1\')\n'].join(' ')
  })
  const { findings, note } = await lintFolder(place)
  for (const [file, source, rule] of HURTS) {
    t.ok(findings.some((found) => found.file === file && found.line === 2 && found.column > 0 && found.message.includes(`(${rule})`)), `${rule}: ${source}`)
  }
  t.same(findings.filter(({ file }) => file === 'lib/harmless.ts'), [])
  t.same(findings.filter(({ file }) => file === 'lib/allowed.ts'), [], 'a place that is allowed')
  t.match(findings.find(({ file }) => file === 'lib/unexplained.ts')?.message, /no-eval is allowed without a reason/)
  t.match(findings.find(({ file }) => file === 'lib/switched.ts'), { line: 1, message: /no-eval is set for the whole file without a reason/ })
  t.same(findings.filter(({ file }) => file === 'lib/explained.ts'), [])
  t.match(note, `${HURTS.length + 5} files, 2 places`)
})

t.test('M03 a seeded secret is found in any file, said without itself, and allowed only with a reason', async (t) => {
  const sources = [
    { path: 'lib/a b.ts', text: `const a = 1\nconst github = '${GITHUB_TOKEN}'\n` },
    { path: 'test/fixtures/key.txt', text: `one\n\n${PRIVATE_KEY}\n` },
    { path: 'example/config.ts', text: `export const session = {\n  cookieSecret: '${RANDOM}'\n}\n` },
    { path: 'example/.env', text: 'PORT=1\n' },
    { path: 'deploy/server.pem', text: 'x' },
    { path: 'lib/unexplained.ts', text: `const github = '${GITHUB_TOKEN}' // secret-scan: allow\n` },
    { path: 'windows.txt', text: Buffer.from(`\ufeffone\ntoken ${GITHUB_TOKEN}\n`, 'utf16le').toString() }
  ]
  const { findings } = await scanSecrets(sources)
  t.same(findings.map(({ file, line }) => `${file}:${line}`),
    ['lib/a b.ts:2', 'test/fixtures/key.txt:3', 'example/config.ts:2', 'example/.env:1', 'deploy/server.pem:1', 'lib/unexplained.ts:1', 'windows.txt:2'])
  for (const { message } of findings) {
    t.match(message, /Take it out and make it invalid/)
    t.notOk(message.includes(GITHUB_TOKEN) || message.includes(RANDOM), message)
  }
  const clean = await scanSecrets([
    { path: 'lib/a.ts', text: `// secret-scan: allow -- made up\nconst github = '${GITHUB_TOKEN}'\n` },
    { path: 'lib/b.ts', text: "const token = 'a-name-of-something-1'\nconst password = process.env['PASSWORD_OF_THE_DATABASE']\n" },
    { path: 'test/a.test.ts', text: `const secret = '${RANDOM}'\n` },
    { path: '.env.example', text: 'PORT=1\n' }
  ])
  t.same(clean.findings, [])
  const archive = folder(t, { 'lib/a.ts': 'one', 'node_modules/b/c.js': 'two', 'dist/d.js': 'three' })
  t.same(trackedFiles(archive), [{ path: 'lib/a.ts', text: 'one' }], 'an unpacked archive has no git')
})

type Change = (lock: { lockfileVersion: number, packages: Record<string, Mutable> }, manifest: Record<string, any>) => void
type Mutable = { -readonly [Key in keyof LockedPackage]: any }

const LOCK_CHANGES: ReadonlyArray<readonly [change: Change, message: RegExp]> = [
  [({ packages }) => { packages['node_modules/ws']!.version = '8.17.0' }, /ws 8\.17\.0 is older than 8\.23\.0: CVE-/],
  [({ packages }) => { packages['node_modules/x/node_modules/ws'] = { ...packages['node_modules/ws'], version: '7.5.0' } }, /ws 7\.5\.0 is older/],
  [({ packages }) => { packages['node_modules/alias'] = { ...packages['node_modules/ws'], name: 'ws', version: '7.5.0' } }, /ws 7\.5\.0 is older/],
  [({ packages }) => { packages['node_modules/nunjucks']!.version = '3.2.5' }, /nunjucks 3\.2\.5 is not 3\.2\.4/],
  [(_, manifest) => { manifest['dependencies'].nunjucks = '^3.2.4' }, /nunjucks has to be exactly 3\.2\.4/],
  [(_, manifest) => { manifest['dependencies'].ws = '^8.0.0' }, /ws \^8\.0\.0 allows versions below 8\.23\.0/],
  [(_, manifest) => { manifest['peerDependencies'].fastify = '^5.0.0' }, /fastify \^5\.0\.0 allows versions below/],
  ...['github:a/b', 'git+ssh://git@host/a.git', 'file:../a', 'https://host/a.tgz', '*', 'latest', '>=1.0.0', '1.x'].map((range): [Change, RegExp] =>
    [(_, manifest) => { manifest['dependencies'].asap = range }, /asap: ".*" is none of 1\.2\.3/]),
  [({ packages }) => { packages['node_modules/duplexify']!.dependencies = { a: 'github:a/b' } }, /duplexify takes a from "github:a\/b"/],
  [({ packages }) => { packages['node_modules/duplexify']!.dependencies = { a: 'a/b' } }, /duplexify takes a from "a\/b"/],
  [({ packages }) => { packages['node_modules/asap']!.resolved = 'git+ssh://git@host/a.git#1' }, /asap comes from "git\+ssh/],
  [({ packages }) => { packages['node_modules/asap']!.resolved = 'https://host/asap-2.0.6.tgz' }, /asap is bound to one address/],
  [({ packages }) => { packages['node_modules/asap']!.resolved = 'http://host/asap-2.0.6.tgz' }, /asap comes from "http:/],
  [({ packages }) => { packages['node_modules/asap'] = { ...packages['node_modules/asap'], link: true } }, /asap is a folder/],
  [({ packages }) => { packages['node_modules/asap']!.integrity = undefined }, /asap has no sha512 checksum/],
  [({ packages }) => { packages['node_modules/asap']!.integrity = 'sha1-' + 'a'.repeat(27) + '=' }, /asap has no sha512 checksum/],
  [({ packages }) => { packages['node_modules/asap']!.hasInstallScript = true }, /asap runs a script while it is installed/],
  [({ packages }) => { packages['node_modules/asap']!.license = 'GPL-3.0-only' }, /asap is under GPL-3\.0-only, .* install with this package/],
  [({ packages }) => { packages['node_modules/asap']!.license = 'MPL-2.0' }, /asap is under MPL-2\.0/],
  [({ packages }) => { packages['node_modules/asap']!.license = undefined }, /asap names no licence/],
  [({ packages }) => { packages['node_modules/tap']!.license = 'AGPL-3.0' }, /tap is under AGPL-3\.0, which is not allowed here/],
  [(lock) => { lock.lockfileVersion = 2 }, /lockfileVersion has to be 3/],
  [(_, manifest) => { manifest['dependencies'].left = '^1.0.0' }, /dependencies is not what package\.json says/],
  [({ packages }, manifest) => { manifest['dependencies'].left = packages['']!.dependencies.left = '^1.0.0' }, /left is missing, package\.json asks for \^1\.0\.0/],
  [({ packages }) => { packages['node_modules/fastify-plugin']!.version = '7.0.0' }, /fastify-plugin is 7\.0\.0, package\.json asks for/]
]

t.test('M01 the lock: each thing that must not be in it is found, at its line', async (t) => {
  t.same(checkLock(MANIFEST, LOCK).findings, [], 'the lock as it is')
  for (const [change, message] of LOCK_CHANGES) {
    const [lock, manifest] = [JSON.parse(LOCK), JSON.parse(MANIFEST)]
    change(lock, manifest)
    const { findings } = checkLock(JSON.stringify(manifest, null, 2), JSON.stringify(lock, null, 2))
    t.ok(findings.some((found) => message.test(found.message) && found.line > 1 && found.column > 1), String(message))
  }
  t.match(checkLock(MANIFEST, '{').findings, [{ file: 'package-lock.json', message: /no JSON/ }])
  t.match(checkLock('', '').findings.map(({ file }) => file), ['package.json', 'package-lock.json'], 'both are missing')
})

t.test('M01 I bring a lock of my own', async (t) => {
  const { findings } = checkLock(MANIFEST, LOCK, ['package.json', 'npm-shrinkwrap.json'])
  t.match(findings, [{ file: 'npm-shrinkwrap.json', message: /installs by this file/ }])
})

t.test('M03 licences are read as expressions, and what is not understood is not allowed', async (t) => {
  const allowed = new Set(['MIT', 'ISC'])
  for (const expression of ['MIT', '(MIT)', 'MIT OR GPL-3.0', '(GPL-3.0 OR (MIT AND ISC))', 'GPL-2.0 AND MIT OR ISC']) {
    t.ok(isAllowedLicence(expression, allowed), expression)
  }
  for (const expression of ['', 'GPL-3.0', 'MIT AND GPL-3.0', '(GPL-3.0 OR ISC) AND GPL-2.0', 'MIT WITH x', 'MIT ISC', '(MIT', 'SEE LICENSE IN MIT', 'UNLICENSED']) {
    t.notOk(isAllowedLicence(expression, allowed), expression)
  }
})

t.test('M02 the SBOM lists every package that is delivered, and nothing else', async (t) => {
  const place = folder(t, { 'package.json': MANIFEST, 'package-lock.json': LOCK })
  t.same((await writeSbom(place)).findings, [])
  const lock = JSON.parse(LOCK) as Lock
  const bom = JSON.parse(readFileSync(join(place, 'dist/sbom.cdx.json'), 'utf8')) as Required<Bom>
  t.equal(bom.metadata.component?.name, 'fastify-live-view')
  t.same(bom.dependencies.find(({ ref }) => ref.startsWith('fastify-live-view@'))?.dependsOn?.map((ref) => ref.replace(/@[^@]+$/, '')).sort(),
    Object.keys(JSON.parse(MANIFEST).dependencies).sort())
  t.notOk(bom.components.some(({ name }) => name === 'tap'))
  const [first, ...rest] = bom.components
  t.same(problemsOfBom({ ...bom, components: rest }, lock), [`${first?.name}@${first?.version} is missing`])
  t.match(problemsOfBom({ ...bom, components: [{ ...first, purl: 'pkg:npm/x@1' }, ...rest] }, lock), [/ is at pkg:npm\/x@1 instead of /])
  t.match(problemsOfBom({ ...bom, components: [{ ...first, licenses: [] }, ...rest] }, lock), [/ has no checksum, or no licence/])
  t.match(problemsOfBom({ ...bom, specVersion: '1.0' }, lock), [/no CycloneDX document/])
})

t.test('M01 an advisory is a finding; a registry without advisories, or none at all, is said and no failure', async (t) => {
  const advisory = { title: 'Slow', url: 'advisory 1' }
  const vulnerabilities = { ws: { severity: 'high', range: '<8.23.0', via: [advisory] }, y: { severity: 'low', range: '*', via: ['ws'] } }
  const { findings } = readAudit(JSON.stringify({ auditReportVersion: 2, vulnerabilities }))
  t.match(findings.map(({ message }) => message), [/ws <8\.23\.0, high: Slow advisory 1\. Run npm audit fix/, /y \*, low: by ws/])
  t.same(readAudit(JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} })).findings, [])
  t.same(readAudit(JSON.stringify({ statusCode: 405 })), { findings: [], note: 'not available from this registry: it answers 405' })
  for (const none of ['', '{"error":{"code":"ENOTFOUND"}}']) t.match(readAudit(none), { findings: [], note: /out of reach/ })
})

t.test('M03 a step that cannot run has not found nothing', async (t) => {
  const lines: string[] = []
  const print = (line: string): void => { lines.push(line) }
  const step = { name: 'one', what: 'something', run: async () => { throw new Error('no such file') } }
  t.equal(await runSteps([step], print), 1)
  t.match(lines.join('\n'), /package\.json:1:1 {2}the step could not run: no such file[^]*Found: one 1\./)
  t.equal(await runSteps([{ ...step, run: async () => ({ findings: [], note: 'all' }) }], print), 0)
})

t.test('M01 M03 D12 the hook looks at what is staged: a seeded secret, slow pattern, old package stop the commit', async (t) => {
  const place = folder(t, {})
  for (const name of ['.ci/hooks', '.gitignore', 'eslint.config.js', 'package.json', 'package-lock.json', 'test/security', 'tsconfig.json']) {
    cpSync(join(root, name), join(place, name), { recursive: true })
  }
  const link = (from: string): void => { symlinkSync(join(root, 'node_modules'), join(from, 'node_modules')) }
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a' }
  const git = (cwd: string, ...words: string[]): string => execFileSync('git', words, { cwd, env, encoding: 'utf8', stdio: 'pipe' })
  const commit = (cwd: string, ...words: string[]) => spawnSync('git', ['commit', '-q', '-m', 'a', ...words], { cwd, env, encoding: 'utf8' })
  git(place, 'init', '-q')
  execFileSync('npm', ['run', '--silent', 'hooks'], { cwd: place, env, stdio: 'pipe' })
  git(place, 'add', '.')

  const uninstalled = commit(place)
  t.equal(uninstalled.status, 1)
  t.match(uninstalled.stderr, /run "npm ci" here first/)
  link(place)
  t.equal(commit(place, '--no-verify').status, 0, 'the known way out')

  const inner = join(place, 'lib', 'a folder')
  write(inner, {
    'my secret.ts': `export const key = '${GITHUB_TOKEN}'\n`,
    'slow.ts': 'export const slow = (text: string) => /^\\d+\\w*\\d+x$/.test(text)\n',
    'sink.ts': 'export const show = (element: Element, text: string) => { element.innerHTML = text }\n'
  })
  write(place, { 'npm-shrinkwrap.json': '{}\n' })
  writeFileSync(join(place, 'package-lock.json'), LOCK.replace(/("node_modules\/ws": \{\s+"version": )"[^"]+"/, '$1"8.17.0"'))
  git(inner, 'add', '.', '../../package-lock.json', '../../npm-shrinkwrap.json')
  // What is changed after `git add` is not what would be committed.
  write(place, { 'package-lock.json': LOCK, 'lib/a folder/my secret.ts': '', 'lib/a folder/slow.ts': '', 'lib/a folder/sink.ts': '' })
  const refused = commit(inner)
  t.equal(refused.status, 1)
  for (const found of [/lib\/a folder\/my secret\.ts:1:\d+ .*github/i, /slow\.ts:1:\d+ .*no-super-linear-backtracking/, /sink\.ts:1:\d+ .*no-unsanitized/,
    /package-lock\.json:\d+:\d+ .*ws 8\.17\.0 is older/, /npm-shrinkwrap\.json:1:1 .*Remove it/, /Not committed\./, /--no-verify/]) t.match(refused.stderr, found)
  t.notMatch(refused.stderr, GITHUB_TOKEN)
  t.equal(git(place, 'rev-list', '--count', 'HEAD').trim(), '1')

  const worktree = join(folder(t, {}), 'work tree')
  git(place, 'worktree', 'add', '-q', '-b', 'other', worktree)
  link(worktree)
  write(worktree, { 'docs/a.md': 'text\n', 'lib/clean.ts': 'export const one = 1\n' })
  git(worktree, 'add', 'docs', 'lib')
  write(worktree, { 'lib/clean.ts': `export const key = '${GITHUB_TOKEN}'\n`, 'lib/untracked.ts': 'eval("1")' })
  const { status, stderr } = commit(join(worktree, 'docs'))
  t.equal(status, 0, 'a clean commit passes, whatever is not part of it')
  t.equal(stderr, '')
  git(place, 'reset', '-q', '--hard')
  const odd = Buffer.concat([Buffer.from(join(place, 'a ')), Buffer.from([0xff])])
  writeFileSync(odd, 'odd')
  git(place, 'add', '.')
  t.ok(trackedFiles(place).some(({ text }) => text === 'odd'), 'a name that is no UTF-8')
  t.ok(trackedFiles(place).some(({ path, text }) => path === 'package.json' && text === MANIFEST), 'the scan of the whole reads the checkout')
})

t.test('M03 who finds something reads which versions are supported, and how to report it', async (t) => {
  const text = readFileSync(join(root, 'SECURITY.md'), 'utf8')
  const [major, minor] = (JSON.parse(MANIFEST) as { readonly version: string }).version.split('.')
  t.match(text, `| ${major}.${minor}.x | yes |`)
  for (const said of [/no public issue/, /privately through the\s+advisory form/, /first answer within 48 hours/]) t.match(text, said)
  t.match(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'), '\nnpm run hooks\n')
})
