/**
 * What a reader of the README gets: packs the package, installs it in an empty folder as "Install" says, pastes the
 * quickstart, and runs it on the oldest and the newest Node that are promised. Each run is driven over the wire, one in Chromium.
 */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openLive } from '../../benchmark/live-client.ts'
import { launch } from '../browser/chromium.ts'
import { codeBlock } from './readme.ts'

const versions = ['20.19.0', '22', '24']
const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'live-view-package-'))

try {
  const app = installAsTold()
  for (const version of versions) {
    const node = installNode(version)
    requireWorks(node, app)
    explainsTheQuickstart(node, app)
    importsTheUtilities(node, app)
    const server = await startQuickstart(node, app)
    try {
      await countsOverTheWire(server.url)
      if (version === versions.at(-1)) await countsInChromium(server.url)
    } finally {
      server.child.kill()
      await once(server.child, 'exit')
    }
    console.log(`ok: the packed quickstart counts on Node ${run(node, ['--version'], app).trim()}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** The empty folder of the README: its install command with the tarball in place of the package's name. */
function installAsTold (): string {
  run('npm', ['pack', '--silent', '--pack-destination', folder], root)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  assert(tarball, 'npm pack wrote no tarball')
  const app = join(folder, 'app')
  mkdirSync(app)
  const [command, ...words] = codeBlock('Install', 'sh').trim().split(' ')
  assert.equal(command, 'npm')
  run('npm', words.map((word) => word === 'fastify-live-view' ? join(folder, tarball) : word), app)
  writeFileSync(join(app, 'counter.mjs'), codeBlock('Quickstart', 'js'))
  return app
}

/** Node's own binaries as npm packages: no install script, no other download. */
function installNode (version: string): string {
  const home = join(folder, `node-${version}`)
  mkdirSync(home)
  writeFileSync(join(home, 'package.json'), '{}')
  const name = `node-${process.platform}-${process.arch}`
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${version}`], home)
  return join(home, 'node_modules', name, 'bin', 'node')
}

function requireWorks (node: string, app: string): void {
  const script = "const live = require('fastify-live-view'); console.log(typeof live, typeof live.defineView, " +
    "typeof require('fastify-live-view/template').TemplateEnvironment)"
  assert.equal(run(node, ['--no-warnings', '-e', script], app).trim(), 'function function function')
}

/** The command as npm installed it, on the quickstart as it stands: it listens, and exports nothing. */
function explainsTheQuickstart (node: string, app: string): void {
  const command = join(app, 'node_modules', '.bin', 'fastify-live-view')
  accessSync(command, constants.X_OK)
  const env = { ...process.env, PORT: '0' }
  const explain = (...words: string[]): string => run(node, [command, ...words], app, env)
  assert.match(explain('explain', 'counter.mjs'), /\n {4}count {2}DISPLAY {2}counter\.njk:3\n[^]*\n {2}add\n {4}from {8}click of <button> counter\.njk:3\n/)
  explain('exposure', '--write', 'counter.mjs')
  assert.equal(explain('exposure', '--check', 'counter.mjs'), 'live-exposure.json: nothing new is exposed\n')
}

/** Both entries from the packed files, by their names: they run, and a program against their types is accepted. */
function importsTheUtilities (node: string, app: string): void {
  const program = `import { createSafeErrorResponse, formatHtml, isSafeEventName, jsonForScript, safeAssign, safeSet, sanitizeForLog } from 'fastify-live-view/security'
import { safeObjectAssign, safeSetInnerHTML, sanitizeForLog as inBrowser } from 'fastify-live-view/client'
const target = { name: '', role: 'user' }
const names = [...safeAssign(target, JSON.parse('{"name":"x","role":"admin"}'), ['name']), ...safeObjectAssign(target, { name: 'y' }, ['name'])]
console.log(String(formatHtml\`<b>\${'<'}</b>\`), jsonForScript('<'), sanitizeForLog('a\\nb'), inBrowser('a\\nb'), names.join(), target.role,
  safeSet(target, 'role', 'admin', ['name']), isSafeEventName('add'), createSafeErrorResponse({ kind: 'not_found' }).statusCode, typeof safeSetInnerHTML)
`
  writeFileSync(join(app, 'utilities.mjs'), program)
  assert.equal(run(node, ['utilities.mjs'], app).trim(), '<b>&lt;</b> "\\u003c" a b a b name,name user false true 404 function')
  // Without types everything would be any, and nothing an error.
  writeFileSync(join(app, 'utilities.mts'), `${program}
// @ts-expect-error not a field of the target
safeAssign(target, {}, ['nobody'])
// @ts-expect-error not a field of the target
safeObjectAssign(target, {}, ['nobody'])
`)
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--lib', 'es2023,dom']
  run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'utilities.mts'], app)
}

async function startQuickstart (node: string, app: string): Promise<{ child: ChildProcess, url: string }> {
  const port = await freePort()
  const child = spawn(node, ['counter.mjs'], {
    cwd: app,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => { if (String(chunk).includes(`:${port}`)) resolve() })
    child.on('exit', (code) => { reject(new Error(`the quickstart ended with ${code} before it listened`)) })
  })
  return { child, url: `http://localhost:${port}` }
}

async function countsOverTheWire (url: string): Promise<void> {
  const client = await openLive(`${url}/`)
  assert.deepEqual(client.joined, ['j', 0])
  const [kind, ref, patch] = await client.click('add')
  assert.deepEqual([kind, ref, patch], ['p', 1, [0, 1]])
  client.close()
}

async function countsInChromium (url: string): Promise<void> {
  const closing: Array<() => Promise<void>> = []
  const { open } = await launch({ teardown: (close) => closing.push(close) })
  try {
    const { page, problems } = await open()
    await page.goto(url)
    for (const count of ['1', '2', '3']) {
      await page.getByRole('button', { name: 'Add one' }).click()
      await page.locator('p', { hasText: new RegExp(`^${count}$`) }).waitFor()
    }
    assert.deepEqual(problems, [])
  } finally {
    for (const close of closing) await close()
  }
  console.log('ok: the packed quickstart counts in Chromium')
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

function run (command: string, words: string[], cwd: string, env: NodeJS.ProcessEnv = process.env): string {
  return execFileSync(command, words, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}
