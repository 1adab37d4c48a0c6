const BEGIN = '<!-- guards: written by test/gate-off.ts --write -->'
const END = '<!-- /guards -->'
const BETWEEN_NAMES = ' · '
const BETWEEN_TESTS = '<br>'

/** Which test noticed that a guard was off: file -> guard -> test. */
export type GuardTable = Map<string, Map<string, string>>

/** Reads the table that stands in a document. */
export function readGuardTable (document: string): GuardTable {
  const table: GuardTable = new Map()
  for (const row of bodyOf(document).split('\n')) {
    const cells = /^\| `([^`]+)` \| (.*) \|$/.exec(row)
    if (cells === null) continue
    const [, file, proofs] = cells as unknown as [string, string, string]
    table.set(file, new Map(proofs.split(BETWEEN_TESTS).flatMap((proof) => {
      const [, test, names] = /^`([^`]+)`: (.*)$/.exec(proof) as unknown as [string, string, string]
      return names.split(BETWEEN_NAMES).map((name): [string, string] => [name, test])
    })))
  }
  return table
}

/** The document with this table in the place of its own. */
export function writeGuardTable (document: string, table: GuardTable): string {
  const rows = [...table].map(([file, guards]) => {
    const tests = [...new Set(guards.values())]
    const namesOf = (test: string): string[] => [...guards.keys()].filter((name) => guards.get(name) === test)
    const proofs = tests.map((test) => `\`${test}\`: ${namesOf(test).join(BETWEEN_NAMES)}`)
    return `| \`${file}\` | ${proofs.join(BETWEEN_TESTS)} |`
  })
  const text = ['', '| file | the test that fails: when which guard is off |', '|---|---|', ...rows, ''].join('\n')
  return document.replace(`${BEGIN}${bodyOf(document)}${END}`, () => `${BEGIN}${text}${END}`)
}

function bodyOf (document: string): string {
  const from = document.indexOf(BEGIN)
  const to = document.indexOf(END)
  if (from < 0 || to < from) throw new Error(`the document has no ${BEGIN} … ${END}`)
  return document.slice(from + BEGIN.length, to)
}
