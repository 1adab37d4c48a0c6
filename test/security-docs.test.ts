import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { GUARDED } from './guards/all-guards.ts'
import { readGuardTable } from './guards/guard-table.ts'

const text = readFileSync('docs/security.md', 'utf8')

/** The controls by id: groups and how many each has. */
const GROUPS = { A: 13, B: 10, C: 7, D: 13, E: 10, F: 15, G: 12, H: 7, I: 4, J: 6, K: 4, L: 5, M: 3 }

/** Titles of the tests of a file, `attack-frames` or `browser/honest-mobile`. */
function titlesOf (name: string): string[] {
  const source = readFileSync(`test/${name}.test.ts`, 'utf8')
  return [...source.matchAll(/\.test\((['"`])(.*?)\1,/g)].map(([, , title]) => title as string)
}

t.test('every control of the security document is proved by a test that names it, or says why it is not ours', async (t) => {
  const rows = [...text.matchAll(/^\| ([A-M]\d\d) \| (.*) \|$/gm)].map(([, id, rest]) => ({ id: id as string, cells: (rest as string).split(' | ') }))
  const ids = Object.entries(GROUPS).flatMap(([group, count]) =>
    Array.from({ length: count }, (_, index) => `${group}${String(index + 1).padStart(2, '0')}`))
  t.same(rows.map(({ id }) => id), ids, 'all of them, each once, in their order')
  for (const { id, cells } of rows) {
    const proof = cells.at(-1) as string
    const files = [...proof.matchAll(/`([\w/-]+)`/g)].map(([, name]) => name as string)
    if (files.length === 0) {
      t.match(proof, /^not (?:ours|yet): \w/, `${id} says why it is not proved`)
      continue
    }
    for (const name of files) {
      if (!existsSync(`test/${name}.test.ts`)) t.fail(`${id}: no test/${name}.test.ts`)
      else t.ok(titlesOf(name).some((title) => title.includes(id)), `${id} is in a title of ${name}`)
    }
  }
})

t.test('the table of guards has every guard, with a test that is there, and no other', async (t) => {
  const table = readGuardTable(text)
  const listed = Object.entries(GUARDED).flatMap(([file, { guards }]) => guards.map(([name]) => `${file}: ${name}`))
  const written = [...table].flatMap(([file, guards]) => [...guards.keys()].map((name) => `${file}: ${name}`))
  t.same(written.filter((guard) => !listed.includes(guard)), [], 'none that is no more')
  t.same(listed.filter((guard) => !written.includes(guard)), [], 'none that nothing notices: npx tsx test/gate-off.ts --write')
  for (const [file, guards] of table) {
    for (const [name, test] of guards) if (!existsSync(`test/${test}.test.ts`)) t.fail(`${file}: ${name}: no test/${test}.test.ts`)
  }
})

t.test('each guard is a text that stands once in its file', async (t) => {
  for (const [file, { tests, guards }] of Object.entries(GUARDED)) {
    const source = readFileSync(file, 'utf8')
    for (const [name, search] of guards) if (source.split(search).length !== 2) t.fail(`${file}: ${name}`)
    for (const test of tests.split(' ')) if (!existsSync(`test/${test}.test.ts`)) t.fail(`${file}: no test/${test}.test.ts`)
  }
  t.pass()
})
