/*
 * Proves that each guard is needed by a test: switches one off at a time, in a copy of the checkout, and runs the tests that
 * should notice. Prints guard -> failing test file; exits with 1 where a guard can go unnoticed, or is no longer found here.
 *
 *     npx tsx test/gate-off.ts [--write] [--new] [parts of files' or guards' names]
 *
 * With --write the outcome goes into the table of docs/security.md; tests that noticed last time are asked first. With --new
 * only guards are tried that the table does not have.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import type { Plugin } from 'esbuild'
import { GUARDED } from './guards/all-guards.ts'
import { readGuardTable, writeGuardTable } from './guards/guard-table.ts'
import type { GuardTable } from './guards/guard-table.ts'
import type { Guard } from './guards/guarded.ts'

const DOCUMENT = 'docs/security.md'
const PATIENCE = 8000

/** Where bundles of tests run: the browser runtime, the packages and what tests read are found from here as from the checkout. */
const place = mkdtempSync(join(tmpdir(), 'gate-off-'))
mkdirSync(join(place, 'dist'))
cpSync('dist/client.js', join(place, 'dist/client.js'))
mkdirSync(join(place, 'test'))
const LINKS = [['node_modules', 'node_modules'], ['README.md', 'README.md'], ['example/views', 'test/views'], ['test/fixtures', 'test/fixtures']] as const
for (const [from, to] of LINKS) {
  symlinkSync(resolve(from), join(place, to))
}

/** Puts one file's changed text in the place of its own, in memory: the checkout stays as it is. */
function instead (file: string, text: string): Plugin {
  const filter = new RegExp(`/${file.replaceAll('.', '\\.')}$`)
  return { name: 'instead', setup: ({ onLoad }) => { onLoad({ filter }, () => ({ contents: text, loader: 'ts' })) } }
}

type Notice = 'fails' | 'hangs'

/** Tenths of a second that a process has had of the processors; nothing where that cannot be seen. */
function workedFor (pid: number | undefined): number {
  try {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ').slice(11, 13)
    return Math.floor((Number(user) + Number(system)) / 10)
  } catch {
    return 0
  }
}

/**
 * How a test notices, null where it does not; one that hangs has noticed.
 * It is ended with its first failure, which leaves sockets open.
 */
async function notices (test: string, file: string, text: string, lane: number): Promise<Notice | null> {
  const outfile = join(place, 'test', `${lane}.mjs`)
  const entryPoints = [`test/${test}.test.ts`]
  const plugins = [instead(file, text)]
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'silent', plugins })
  const child = spawn(process.execPath, [outfile], { cwd: place, stdio: ['ignore', 'pipe', 'ignore'] })
  let how: Notice | null = null
  const end = (reason: Notice): void => {
    how = reason
    child.kill('SIGKILL')
  }
  // No test is silent for seconds, but on a busy machine: one that still works is waited for, for a while.
  let silence: NodeJS.Timeout
  const listen = (patience: number): void => {
    clearTimeout(silence)
    const worked = workedFor(child.pid)
    silence = setTimeout(() => {
      if (patience > 0 && workedFor(child.pid) > worked) listen(patience - 1)
      else end('hangs')
    }, PATIENCE)
  }
  listen(10)
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    listen(10)
    if (/^ *not ok/m.test(chunk)) end('fails')
  })
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(silence)
      resolve(how ?? (code === 0 ? null : 'fails'))
    })
  })
}

const sound = new Map<string, Promise<boolean>>()

/** Whether a test passes with every guard on, found out once: one that does not proves nothing by failing. */
function isSound (test: string, lane: number): Promise<boolean> {
  const found = sound.get(test) ?? notices(test, 'none', '', lane).then((how) => how === null)
  sound.set(test, found)
  return found
}

async function firstFailure ({ file, tests, guard: [name, search, off] }: Job, lane: number): Promise<string> {
  const source = readFileSync(file, 'utf8')
  if (source.split(search).length !== 2) return 'NOT FOUND ONCE'
  const text = source.replace(search, () => off)
  // What noticed last time, then what has noticed most of this file.
  const last = (known.get(file) ?? new Map<string, string>()).get(name)
  const noticed = [...found.get(file)?.values() ?? []]
  const chance = (test: string): number => test === last ? Infinity : noticed.filter((one) => one === test).length
  const broken: string[] = []
  for (const test of tests.split(' ').sort((a, b) => chance(b) > chance(a) ? 1 : chance(b) < chance(a) ? -1 : 0)) {
    const how = await notices(test, file, text, lane)
    if (how === null) continue
    if (await isSound(test, lane)) return found.set(file, (found.get(file) ?? new Map()).set(name, test)) && `${test} ${how}`
    broken.push(test)
  }
  lost.add(`${file}: ${name}`)
  return broken.length > 0 ? `UNNOTICED: WITH EVERY GUARD ON FAILS ${broken.join(' ').toUpperCase()}` : 'UNNOTICED'
}

/** Puts what was found by now into the document, over what it says meanwhile; in the order of the guards' own lists. */
function write (): void {
  const document = readFileSync(DOCUMENT, 'utf8')
  const written = readGuardTable(document)
  const table = new Map(Object.entries(GUARDED).map(([file, { guards }]) => [file, new Map(guards.flatMap(([name]) => {
    const test = found.get(file)?.get(name) ?? (lost.has(`${file}: ${name}`) ? undefined : written.get(file)?.get(name))
    return test === undefined ? [] : [[name, test] as const]
  }))] as const).filter(([, tests]) => tests.size > 0))
  // At once: another such run may read it meanwhile.
  writeFileSync(`${DOCUMENT}.${process.pid}`, writeGuardTable(document, table))
  renameSync(`${DOCUMENT}.${process.pid}`, DOCUMENT)
}

interface Job { readonly file: string, readonly tests: string, readonly guard: Guard }

const known = readGuardTable(readFileSync(DOCUMENT, 'utf8'))
const found: GuardTable = new Map()
const lost = new Set<string>()
const given = process.argv.slice(2)
const wanted = given.filter((argument) => !argument.startsWith('--'))
const jobs = Object.entries(GUARDED).flatMap(([file, { tests, guards }]) => guards.map((guard): Job => ({ file, tests, guard })))
  .filter(({ file, guard }) => !given.includes('--new') || known.get(file)?.has(guard[0]) !== true)
  .filter(({ file, guard }) => wanted.length === 0 || wanted.some((part) => `${file}: ${guard[0]}`.includes(part)))
const count = jobs.length
let bad = 0
// One lane more than processors: some wait for tests that hang.
try {
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, async (_, lane) => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const outcome = await firstFailure(job, lane).catch((error: Error) => `CANNOT BE TRIED: ${error.message}`.toUpperCase())
      if (outcome === outcome.toUpperCase()) bad++
      console.log(`${job.file}: ${job.guard[0]} -> ${outcome}`)
      if (given.includes('--write')) write()
    }
  }))
} finally {
  rmSync(place, { recursive: true })
}
console.log(`${count} guards, ${bad} without a test`)
process.exitCode = bad === 0 ? 0 : 1
