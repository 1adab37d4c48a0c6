import t from 'tap'
import { FieldNode } from '../lib/template/fields/field-node.ts'
import type { Mark } from '../lib/template/fields/field-node.ts'
import type { FieldSet } from '../lib/template/fields/field-set.ts'
import type { Condition, LoadPlan, PlanBody, PlannedRead } from '../lib/template/loading/load-plan.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { compileView } from '../lib/view/compiled-view.ts'
import { defineView } from '../lib/view/define-view.ts'
import { Mount } from '../lib/view/mount.ts'
import { NeedsFinder } from '../lib/view/needs-finder.ts'
import type { RootNeeds } from '../lib/view/needs-finder.ts'

const position = { template: 'v.njk', line: 1, column: 1 }
const nothing: PlanBody = { reads: [], guards: [] }
const input = { params: {}, query: {}, identity: null, tenant: null, globals: {}, deadline: 1000, overDelivered: null }
const mounting = { deferred: 'now', failure: 'throws', signal: new AbortController().signal, failed: () => 'id' } as const

interface Planned { readonly fields: FieldSet, readonly finder: NeedsFinder }

/** A plan by hand, over paths such as `user.role:whole`. */
function planned (paths: readonly string[], body: (id: (path: string) => number) => PlanBody): Planned {
  const roots = new Map<string, FieldNode>()
  const reads: PlannedRead[] = paths.map((text, id) => {
    const [path, mark] = text.split(':') as [string, Mark]
    const [root, ...names] = path.split('.') as [string, ...string[]]
    const top = roots.get(root) ?? new FieldNode(root, null, { marks: 0, cut () {} })
    roots.set(root, top)
    let node = top
    for (const name of names) node = node.child(name, position)
    node.mark({ mark, shown: false, position })
    return { id, root, node, mark }
  })
  const plan: LoadPlan = { roots: [...roots.keys()], reads, body: body((path) => paths.indexOf(path)) }
  const fields = { plan: () => plan, node: (root: string) => roots.get(root) } as unknown as FieldSet
  const view = defineView({ name: 'v', template: 'v.njk', loaders: Object.fromEntries([...roots.keys()].map((name) => [name, () => null])) })
  return { fields, finder: new NeedsFinder(fields, view.loaders) }
}

function condition (evaluate: Condition['evaluate'], reads: PlanBody = nothing): Condition {
  return { position, text: 'a condition', reads, evaluate }
}

function columns (needs: ReadonlyMap<string, RootNeeds>): Record<string, readonly string[]> {
  return Object.fromEntries([...needs].map(([root, { selection }]) => [root, selection.columns]))
}

function have (needs: ReadonlyMap<string, RootNeeds>): Map<string, { needs: RootNeeds }> {
  return new Map([...needs].map(([root, own]) => [root, { needs: own }]))
}

t.test('a condition waits for all that it reads, on the side it takes', async (t) => {
  const { finder } = planned(['a.x:whole', 'b.y:whole', 'c.z:whole', 'd.w:whole'], (id) => {
    const left = condition(({ a }) => (a as { x: boolean }).x, { reads: [id('a.x:whole')], guards: [] })
    const both = condition(({ a, b }) => (a as { x: boolean }).x && (b as { y: boolean } | undefined)?.y, {
      reads: [id('a.x:whole')],
      guards: [{ kind: 'branch', condition: left, truthy: { reads: [id('b.y:whole')], guards: [] }, falsy: nothing }],
    })
    return {
      reads: [id('a.x:whole')],
      guards: [
        { kind: 'branch', condition: left, truthy: { reads: [id('b.y:whole')], guards: [] }, falsy: nothing },
        { kind: 'branch', condition: both, truthy: { reads: [id('c.z:whole')], guards: [] }, falsy: { reads: [id('d.w:whole')], guards: [] } },
      ],
    }
  })
  const first = finder.find(() => ({}), new Map())
  t.same(columns(first), { a: ['x'] })
  t.same(columns(finder.find(() => ({ a: { x: false } }), have(first))), { a: ['x'], d: ['w'] }, 'b is not asked where a decides')
  const other = new Map([['a', { needs: { ...first.get('a') as RootNeeds, covers: new Set<number>() } }]])
  t.same(columns(finder.find(() => ({ a: { x: true } }), other)), { a: ['x'] }, 'nor while other data of a is there than the condition reads')
  const second = finder.find(() => ({ a: { x: true } }), have(first))
  t.same(columns(second), { a: ['x'], b: ['y'] })
  t.same(columns(finder.find(() => ({ a: { x: true }, b: { y: true } }), have(second))), { a: ['x'], b: ['y'], c: ['z'] })
  t.equal(finder.find(() => ({}), new Map()), first, 'equal needs are one object')
})

t.test('a condition that fails, and one with a loop in it, decide nothing', async (t) => {
  const { finder } = planned(['a:whole', 'b:whole'], () => ({
    reads: [],
    guards: [
      { kind: 'branch', condition: condition(() => { throw new Error('as the rendering will') }), truthy: { reads: [0], guards: [] }, falsy: { reads: [0], guards: [] } },
      {
        kind: 'branch',
        condition: condition(() => true, { reads: [], guards: [{ kind: 'loop', list: condition(() => []), row: 0, body: nothing }] }),
        truthy: { reads: [1], guards: [] },
        falsy: nothing,
      },
      { kind: 'loop', list: condition(() => 'no list'), row: 0, body: { reads: [1], guards: [] } },
    ]
  }))
  t.same([...finder.find(() => ({}), new Map()).keys()], [])
  t.same([...finder.all().keys()], ['a', 'b'])
})

t.test('data covers what was asked for, and all below what was asked for whole', async (t) => {
  const paths = ['o:iter', 'o:keys', 'o.*:whole', 'o.a:exists', 'o.b.c:whole', 'o.b:keys', 'p:keys', 'p.*.x:whole', 'p.k.x:whole', 'p.k.y:whole']
  const { finder } = planned(paths, () => ({
    reads: [],
    guards: paths.map((_, id) => ({
      kind: 'branch' as const, condition: condition(({ only }) => only === id), truthy: { reads: [id], guards: [] }, falsy: nothing,
    })),
  }))
  const covered = (path: string): string[] => {
    const [needs] = finder.find(() => ({ only: paths.indexOf(path) }), new Map()).values()
    return paths.filter((_, id) => needs?.covers.has(id) === true)
  }
  t.same(covered('o:iter'), ['o:iter'])
  t.same(covered('o.*:whole'), ['o:keys', 'o.*:whole', 'o.a:exists', 'o.b.c:whole', 'o.b:keys'])
  t.same(covered('o.b.c:whole'), ['o.b.c:whole'])
  t.same(covered('o.a:exists'), ['o.a:exists'])
  t.same(covered('p.*.x:whole'), ['p:keys', 'p.*.x:whole', 'p.k.x:whole'])
  t.same(covered('p.k.y:whole'), ['p.k.y:whole'])
})

t.test('rows are not asked on once the first has shown that all is needed', async (t) => {
  let asked = 0
  const rows = Array.from({ length: 10_000 }, (_, id) => id)
  const { finder } = planned(['a.x:whole', 'b.y:whole'], () => ({
    reads: [],
    guards: [{
      kind: 'loop',
      list: condition(() => rows),
      row: 0,
      body: {
        reads: [0],
        guards: [{ kind: 'branch', condition: condition((_, [row]) => { asked++; return row === 2 }), truthy: { reads: [1], guards: [] }, falsy: nothing }],
      },
    }],
  }))
  t.same([...finder.find(() => ({}), new Map()).keys()], ['a', 'b'])
  t.equal(asked, 3)
})

t.test('as many needs as are in use are remembered, not as many as a client can think of', async (t) => {
  const paths = Array.from({ length: 10 }, (_, k) => `a.f${k}:whole`)
  const { finder } = planned(paths, () => ({
    reads: [],
    guards: paths.map((_, id) => ({
      kind: 'branch' as const, condition: condition(({ bits }) => (bits as number) >> id & 1), truthy: { reads: [id], guards: [] }, falsy: nothing,
    })),
  }))
  const find = (bits: number): RootNeeds | undefined => finder.find(() => ({ bits }), new Map()).get('a')
  const first = find(1)
  t.equal(find(1), first)
  for (let bits = 2; bits < 1000; bits++) find(bits)
  t.not(find(1), first, 'forgotten meanwhile')
  t.same(find(5)?.selection.columns, ['f0', 'f2'])
})

t.test('a rendering that needs more than the plan foresaw loads everything, and is logged', async (t) => {
  for (const template of ['<p>{{ a.x }}</p>', '{% asyncEach i in [1] %}<p>{{ a.x }}</p>{% endeach %}']) {
    const runs: string[] = []
    const view = defineView({ name: 'v', template: 'v.njk', access: 'public', loaders: { a: ({ fields }) => { runs.push(fields.columns.join()); return { x: 'here' } } } })
    const compiled = compileView(view, new TemplateEnvironment({ 'v.njk': template }), 'strict')
    const { fields } = planned(['a.x:whole'], () => ({
      reads: [], guards: [{ kind: 'branch', condition: condition(() => false), truthy: { reads: [0], guards: [] }, falsy: nothing }]
    }))
    const logged: Error[] = []
    const mount = await Mount.create({ ...compiled, needs: new NeedsFinder(fields, view.loaders) }, input,
      { ...mounting, failed: (error) => { logged.push(error); return 'id' } })
    t.equal(String(mount.tree), '<p>here</p>')
    t.same(runs, ['x'])
    t.match(logged, [/'a'/])
  }
})

t.test('needs that no data answers come to an end', async (t) => {
  let runs = 0
  const view = defineView({ name: 'v', template: 'v.njk', access: 'public', loaders: { a: () => { runs++; return { x: 'here' } } } })
  const compiled = compileView(view, new TemplateEnvironment({ 'v.njk': '<p>{{ a.x }}</p>' }), 'strict')
  const needs = [...compiled.needs.all()].map(([root, need]) => [root, { ...need, covers: new Set<number>() }] as const)
  const finder = { find: () => new Map(needs.map(([root, need]) => [root, { ...need }])), all: () => finder.find() }
  const mount = await Mount.create({ ...compiled, needs: finder as unknown as NeedsFinder }, input, mounting)
  t.equal(String(mount.tree), '<p>here</p>')
  t.ok(runs < 10, `${runs} runs`)
})

t.test('conditions that open one another are answered one by one, and what is deeper than that is loaded whole', async (t) => {
  const asked: number[] = []
  const depth = 14
  const row = Object.fromEntries(Array.from({ length: depth }, (_, k) => [`c${k}`, true]))
  const view = defineView({ name: 'v', template: 'v.njk', access: 'public', loaders: { a: ({ fields }) => { asked.push(fields.columns.length); return row } } })
  const nest = (k: number): string => k === depth ? 'deep' : `{% if a.c${k} %}${nest(k + 1)}{% endif %}`
  const mount = await Mount.create(compileView(view, new TemplateEnvironment({ 'v.njk': nest(0) }), 'strict'), input, mounting)
  t.equal(String(mount.tree), 'deep')
  t.same(asked, [1, 2, 3, 4, 5, 6, 7, 8, depth])
})

t.test('a rendering that fails for another reason loads nothing more', async (t) => {
  const view = defineView({ name: 'v', template: 'v.njk', access: 'public', loaders: { a: () => t.fail('not needed') } })
  const compiled = compileView(view, new TemplateEnvironment({ 'v.njk': '{% if no %}{{ a.x }}{% endif %}{{ broken() }}' }), 'strict')
  const globals = { broken: () => { throw new Error('as it is') } }
  const failed = (error: Error): string => t.fail(error.message) as never
  await t.rejects(Mount.create(compiled, { ...input, globals }, { ...mounting, failed }), /as it is/)
})
