import t from 'tap'
import { NOTHING } from '../lib/template/fields/abstract-value.ts'
import { Analysis } from '../lib/template/fields/analysis.ts'
import { expressions } from '../lib/template/fields/expressions.ts'
import { filterRules } from '../lib/template/fields/filter-rules.ts'
import { statements } from '../lib/template/fields/statements.ts'
import { changeGuard, dropped, emptied, guardsOf, inverted } from './fuzz/change-load-plan.ts'
import { compareLoad, planOfCase, prepareLoad } from './fuzz/compare-load.ts'
import type { PreparedCase } from './fuzz/compare-load.ts'
import { loadCases } from './fuzz/load-cases.ts'

type Table = Record<string, (...given: any[]) => any>

const tables = { statements, expressions, filterRules } as unknown as Record<string, Table>
const rules = Object.entries(tables).flatMap(([table, entries]) => Object.keys(entries).map((name) => `${table}.${name}`))

/** Rules that have nothing to forget. */
const READS_NOTHING: Record<string, string> = {
  'expressions.Literal': 'it stands in the template',
  'expressions.TemplateData': 'it stands in the template',
}

const ELEMENTS = 'what is read of the elements brings the list'
const KEYS = 'reading the keys brings a list as well, with its length'
const RESULT = 'the left side is the result where it stops: who uses the result reads it'

/** Marks that another one beside them always covers. */
const COVERED: Record<string, string> = {
  'expressions.And:exists': RESULT,
  'expressions.Or:exists': RESULT,
  'expressions.FunCall:exists': 'a function that is declared is no data',
  'expressions.FunCall:iter': ELEMENTS,
  'statements.CallExtension:show': 'what is given away is read: that it is shown is for `explain` to tell',
  'statements.AsyncEach:iter': KEYS,
  'statements.AsyncAll:iter': KEYS,
  'filterRules.length:iter': KEYS,
  'filterRules.list:iter': KEYS,
  'filterRules.select:iter': ELEMENTS,
  'filterRules.reject:iter': ELEMENTS,
  'filterRules.selectattr:iter': ELEMENTS,
  'filterRules.rejectattr:iter': ELEMENTS,
  'filterRules.groupby:iter': ELEMENTS,
  'filterRules.join:iter': ELEMENTS,
  'filterRules.sort:iter': ELEMENTS,
  'filterRules.sum:iter': ELEMENTS,
}

/** What the analysis is made to forget. */
let forgotten: string | null = null
/** What it came by. */
const used = new Set<string>()
const running: string[] = []

function instrument (t: { teardown (undo: () => void): void }): void {
  for (const [tableName, table] of Object.entries(tables)) {
    for (const [name, rule] of Object.entries(table)) {
      const id = `${tableName}.${name}`
      table[name] = (...given) => {
        used.add(id)
        if (forgotten === id) return tableName === 'statements' ? undefined : NOTHING
        running.push(id)
        const result = rule(...given)
        running.pop()
        return result
      }
      t.teardown(() => { table[name] = rule })
    }
  }
  const methods = Analysis.prototype as unknown as Table
  for (const name of ['read', 'show', 'readDeep', 'giveAway', 'callAll'] as const) {
    const method = methods[name] as (...given: any[]) => any
    methods[name] = function (this: unknown, ...given) {
      const id = `${String(running.at(-1))}:${name === 'read' ? String(given[1]) : name}`
      used.add(id)
      if (forgotten !== id) method.apply(this, given)
    }
    t.teardown(() => { methods[name] = method })
  }
}

interface UsedCase {
  readonly name: string
  readonly prepared: PreparedCase
  /** The rules and marks that its analysis takes. */
  readonly uses: ReadonlySet<string>
}

async function prepareAll (): Promise<UsedCase[]> {
  const all: UsedCase[] = []
  for (const [name, one] of loadCases) {
    const prepared = await prepareLoad(one)
    used.clear()
    const wrong = await compareLoad(prepared)
    if (wrong !== null) throw new Error(`${name}: ${wrong}`)
    all.push({ name, prepared, uses: new Set(used) })
  }
  return all
}

/** The first case whose page differs. */
async function caughtBy (id: string, cases: readonly UsedCase[]): Promise<string | null> {
  forgotten = id
  try {
    for (const { name, prepared, uses } of cases) if (uses.has(id) && await compareLoad(prepared) !== null) return name
    return null
  } finally {
    forgotten = null
    running.length = 0
  }
}

t.test('every case shows the same page with its fields only, and loaded by rounds, as with everything', async (t) => {
  for (const [name, one] of loadCases) {
    const prepared = await prepareLoad(one)
    t.notOk(prepared.expected.some((text) => text === '' || text.startsWith('ERROR')), `${name} shows something`)
    t.equal(await compareLoad(prepared), null, name)
  }
})

t.test('every rule of the analysis that is left out makes a page wrong', async (t) => {
  instrument(t)
  const cases = await prepareAll()
  for (const rule of rules) {
    const isUsed = cases.some(({ uses }) => uses.has(rule))
    t.ok(isUsed, `${rule} is used by a case`)
    const caught = await caughtBy(rule, cases)
    if (rule in READS_NOTHING) t.equal(caught, null, `${rule} reads nothing: ${String(READS_NOTHING[rule])}`)
    else t.type(caught, 'string', `without ${rule} a page is wrong`)
  }
})

t.test('every kind of read that a rule makes and that is left out makes a page wrong', async (t) => {
  instrument(t)
  const cases = await prepareAll()
  const marks = new Set(cases.flatMap(({ uses }) => [...uses]).filter((id) => id.includes(':')))
  for (const mark of marks) {
    const caught = await caughtBy(mark, cases)
    if (mark in COVERED) t.equal(caught, null, `${mark} is covered: ${String(COVERED[mark])}`)
    else t.type(caught, 'string', `without ${mark} a page is wrong`)
  }
  t.ok(Object.keys(COVERED).every((mark) => marks.has(mark)), 'each exception is one')
  t.ok(marks.size > 120, `${marks.size} kinds of reads`)
})

t.test('a guard of the plan may be dropped; emptied or inverted, it makes a page wrong', async (t) => {
  let caught = 0
  for (const [name, one] of loadCases) {
    const prepared = await prepareLoad(one)
    for (const [number, guard] of guardsOf(planOfCase(prepared)).entries()) {
      const what = `${name}: ${guard.kind === 'loop' ? guard.list.text : guard.condition.text}`
      t.equal(await compareLoad(prepared, (plan) => changeGuard(plan, number, dropped)), null, `${what}, dropped`)
      // With these data nothing that stands behind it is shown.
      if (await compareLoad(prepared, (plan) => changeGuard(plan, number, emptied)) === null) continue
      caught++
      if (guard.kind === 'loop') continue
      t.not(await compareLoad(prepared, (plan) => changeGuard(plan, number, inverted)), null, `${what}, inverted`)
    }
  }
  t.ok(caught >= 60, `${caught} guards`)
})
