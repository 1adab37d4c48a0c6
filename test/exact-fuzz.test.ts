// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import t from 'tap'
import { expressions } from '../lib/template/fields/expressions.ts'
import { filterRules } from '../lib/template/fields/filter-rules.ts'
import { statements } from '../lib/template/fields/statements.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import { defineView } from '../lib/view/define-view.ts'
import { Mount } from '../lib/view/mount.ts'
import { compareLoading } from './fuzz/compare-loading.ts'

const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)
// About 20 ms each; `npm run fuzz` is the long run.
const programs = Number(process.env['PROGRAMS'] ?? 150)

t.test(`a page that is loaded exactly is the page with everything, after every event (${programs} programs, SEED=${seed})`, async (t) => {
  const counts = { compared: 0, renderings: 0, errors: 0, runs: 0, inVain: 0, rounds: 0, exact: 0 }
  for (let number = 0; number < programs; number++) {
    const { templates, mismatch, refused, isFree, runs, inVain, renderings, errors, rounds } = await compareLoading(seed + number)
    if (mismatch !== null) return t.fail(`SEED=${mismatch.seed}: ${mismatch.what}`, { templates } as any)
    if (refused !== null) continue
    counts.compared++
    counts.renderings += renderings
    counts.errors += errors
    counts.runs += runs
    counts.inVain += inVain.length
    counts.rounds = Math.max(counts.rounds, rounds)
    if (isFree) continue
    counts.exact += runs
    t.same(inVain, [], `SEED=${seed + number}: no loader runs whose data nothing looks into`)
  }
  t.comment(JSON.stringify(counts))
  t.ok(counts.compared > programs * 0.8, `${counts.compared} programs are accepted`)
  t.ok(counts.errors < counts.renderings * 0.15, `${counts.errors} of ${counts.renderings} pages fail`)
  t.ok(counts.exact > programs, `${counts.exact} of ${counts.runs} loads must be needed`)
  t.ok(counts.inVain < counts.runs * 0.1, `${counts.inVain} of ${counts.runs} loads are in vain`)
  t.ok(counts.rounds <= 8, `${counts.rounds} rounds at most`)
})

t.test('the comparison notices a rule of the analysis that forgets what it reads', async (t) => {
  const tables: Array<[Record<string, any>, string]> =
    [[statements, 'If'], [statements, 'Macro'], [expressions, 'InlineIf'], [expressions, 'And'], [expressions, 'Compare'], [filterRules, 'default'], [filterRules, 'selectattr']]
  for (const [table, name] of tables) {
    const rule = table[name]
    t.teardown(() => { table[name] = rule })
    table[name] = table === statements ? () => {} : () => expressions['Literal']?.(null as never, null as never, null as never)
    let tried = 0
    // A fixed seed: how many it takes is known.
    while (tried < 100 && (await compareLoading(5000 + tried)).mismatch === null) tried++
    table[name] = rule
    t.ok(tried < 100, `${name}, noticed after ${tried} programs`)
  }
})

t.test('a part of data that is looked up and not used is neither loaded nor missed', async (t) => {
  const cases = {
    'an alias above a closed branch': '{% set customer = order.customer %}{{ user.name }}{% if open %}{{ customer.name }}{% endif %}',
    'an alias that nothing uses': '{% set customer = order.customer %}{{ user.name }}',
    'an argument that the macro does not use': '{% macro m(x, y) %}{{ x }}{% if open %}{{ y }}{% endif %}{% endmacro %}{{ m(user.name, order.total) }}',
    'an element of a list that is not the one': '{{ [order.total, user.name][1] }}',
    'a list above a closed branch': '{% set x = [order.total, order][0] %}{% set y = { a: order.total }.a %}{{ user.name }}{% if open %}{{ x }}{{ y }}{% endif %}',
  }
  for (const [name, main] of Object.entries(cases)) {
    const runs: string[] = []
    const view = defineView({
      name: 'v',
      template: 'main',
      state: () => ({ open: false }),
      loaders: {
        user: ({ fields }) => { runs.push(`user ${fields.paths.join()}`); return { name: 'Uma' } },
        order: ({ fields }) => { runs.push(`order ${fields.paths.join()}`); return { total: 3, customer: { name: 'Cora' } } },
      },
    })
    const compiled = compileView(view, new TemplateEnvironment({ main }), 'strict')
    const input = { params: {}, query: {}, identity: null, tenant: null, globals: {}, deadline: 60_000, overDelivered: null }
    const given = { signal: new AbortController().signal, failed: (error: Error): string => { throw error } }
    const mount = await Mount.create(compiled, input, { ...given, deferred: 'now', failure: 'throws' })
    t.same([String(mount.tree), runs.splice(0)], ['Uma', ['user name']], name)
    Object.assign(mount.state, { open: true })
    await mount.load(mount.wanted(new Set()), given)
    const opened = String(await mount.render(given))
    if (main.includes('open')) t.match([opened, runs], [/^Uma(Cora|3|33)$/, [/^order /]], `${name}, opened`)
  }
})

t.test('a case that is not compared, since one before it fits, asks for nothing', async (t) => {
  const runs: string[] = []
  const load = (name: string) => ({ fields }: { fields: { paths: readonly string[] } }) => {
    runs.push(`${name} ${fields.paths.join()}`)
    return { n: 2, name: `${name}!` }
  }
  const view = defineView({
    name: 'v', template: 'main', state: () => ({ q: 1 }), loaders: { u: load('u'), v: load('v'), w: load('w') },
  })
  const main = '{% switch q %}{% case 1 %}one{% case u.n %}{{ u.name }}{% case v.n %}{{ v.name }}{% default %}{{ w.name }}{% endswitch %}'
  const compiled = compileView(view, new TemplateEnvironment({ main }), 'strict')
  const input = { params: {}, query: {}, identity: null, tenant: null, globals: {}, deadline: 60_000, overDelivered: null }
  const given = { signal: new AbortController().signal, failed: (error: Error): string => { throw error } }
  const mount = await Mount.create(compiled, input, { ...given, deferred: 'now', failure: 'throws' })
  const pages: unknown[] = [[String(mount.tree), runs.splice(0)]]
  for (const q of [2, 3]) {
    Object.assign(mount.state, { q })
    await mount.load(mount.wanted(new Set()), given)
    pages.push([String(await mount.render(given)), runs.splice(0)])
  }
  t.same(pages, [['one', []], ['u!', ['u n', 'u n,name']], ['w!', ['v n', 'w name']]])
})
