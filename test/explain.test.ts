import { Type } from '@sinclair/typebox'
import t from 'tap'
import { analyseProgram } from '../lib/template/fields/analyse-program.ts'
import type { FieldNode } from '../lib/template/fields/field-node.ts'
import type { FieldSet } from '../lib/template/fields/field-set.ts'
import type { Condition, Guard, LoadPlan, PlanBody } from '../lib/template/loading/load-plan.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { defineView } from '../lib/view/define-view.ts'
import { explainLoading } from '../lib/view/explain-loading.ts'
import { explainPayload } from '../lib/view/explain-payload.ts'
import { explainView } from '../lib/view/explain-view.ts'
import type { ViewExplanation } from '../lib/view/explain-view.ts'
import type { View } from '../lib/view/view.ts'
import { formatTable } from '../plugin/cli/format-table.ts'
import { formatViews } from '../plugin/cli/format-views.ts'
import { createPaint } from '../plugin/cli/paint.ts'

const plain = createPaint({}, {})

function explain (view: View, templates: Record<string, string>): ViewExplanation {
  const program = new TemplateEnvironment(templates).compile(view.template)
  return explainView({ view, program, fields: analyseProgram(program), trustedHtml: [] })
}

const nothing = (): null => null

t.test('a field stands with its use and every place; what is shown is told from what decides', async (t) => {
  const view = defineView({ name: 'page', template: 'page.njk', loaders: { orders: nothing, unused: nothing } })
  const { loaders } = explain(view, {
    'page.njk': '{% for o in orders %}\n<p>{{ o.total }}</p>\n{% if o.late %}<b>late</b>{% endif %}{{ o.total }}{% endfor %}'
  })
  const place = (line: number, use: string): object => ({ template: 'page.njk', line, use })
  t.match(loaders, [
    {
      name: 'orders',
      fields: [
        { path: 'orders', use: 'READ', marks: ['iter'], places: [place(1, 'READ')] },
        { path: 'orders[].late', use: 'READ', marks: ['exists'], places: [place(3, 'READ')] },
        { path: 'orders[].total', use: 'DISPLAY', marks: ['whole'], places: [place(2, 'DISPLAY'), place(3, 'DISPLAY')] },
      ]
    },
    { name: 'unused', fields: [] },
  ])
})

t.test('an object that is read whole stands with the names of its schema', async (t) => {
  const schema = Type.Object({
    id: Type.Integer(),
    address: Type.Object({ city: Type.String() }),
    tags: Type.Array(Type.Object({ name: Type.String() }))
  })
  const view = defineView({
    name: 'page', template: 'page.njk', loaders: { user: { schema, load: nothing as never }, other: { schema, load: nothing as never } }
  })
  const { loaders: [other, user] } = explain(view, { 'page.njk': '{{ user | dump }}{{ user.id }} {{ other.address | dump }} {{ other.tags | dump }}' })
  t.same(user?.fields.map(({ path, use }) => [path, use]), [
    ['user.address.city', 'DISPLAY'], ['user.id', 'DISPLAY'], ['user.tags[].name', 'DISPLAY']
  ])
  t.same(other?.fields.map(({ path }) => path), ['other.address.city', 'other.tags[].name'])

  const open = defineView({ name: 'page', template: 'page.njk', loaders: { user: { schema: { type: 'object' }, load: nothing } } })
  const [field] = explain(open, {
    'page.njk': '{% include "row.njk" %}{{ user.a.b }}{{ user.a.c[0] | dump }}{% include "a.njk" %}{% include "z.njk" %}',
    'row.njk': '{{ user.a.b }}',
    'a.njk': '{{ user.a.b }}',
    'z.njk': '{{ user.a.b }}'
  }).loaders[0]?.fields ?? []
  t.match(field, { path: 'user.a.b', places: [{ template: 'a.njk' }, { template: 'page.njk' }, { template: 'row.njk' }, { template: 'z.njk' }] })

  const list = defineView({ name: 'page', template: 'page.njk', loaders: { users: { schema: Type.Array(schema), load: nothing as never } } })
  const { loaders: [users] } = explain(list, { 'page.njk': '{% for user in users %}{{ user.tags[0] | dump }}{% endfor %}' })
  t.same(users?.fields.map(({ path }) => path), ['users', 'users[].tags[].name'])
})

t.test('values besides loaders stand with where they come from, functions of templates do not', async (t) => {
  const environment = new TemplateEnvironment({
    'page.njk': '{% for m in flash %}{{ m.text }}{% endfor %}{{ site.name }}{{ q }}{% if can("go") %}{% set later = 1 %}{% endif %}' +
      '{{ later }}{% for n in range(3) %}{{ n }}{% endfor %}'
  })
  environment.addGlobal('site', { name: 'ours' })
  const view = defineView({ name: 'page', template: 'page.njk', events: { go: { run () {} } } })
  const program = environment.compile(view.template)
  const { values } = explainView({ view, program, fields: analyseProgram(program), trustedHtml: [] })
  t.same(values.map(({ name, source }) => [name, source]), [
    ['flash', 'flash'], ['later', 'template'], ['q', 'page'], ['site', 'environment']
  ])
})

t.test('access is a word, or the name of a permission', async (t) => {
  const access = (access?: 'public' | 'orders:read' | (() => boolean)): string =>
    explain(defineView({ name: 'page', template: 'page.njk', ...access && { access: access as 'user' } }), { 'page.njk': '' }).access
  t.same([access(), access('public'), access('orders:read'), access(() => true)], ['user', 'public', 'permission orders:read', 'function'])
})

t.test('a payload is told as a programmer would write its type', async (t) => {
  const Line = Type.Object({ id: Type.Integer({ minimum: 1 }), note: Type.Optional(Type.String({ maxLength: 80 })) })
  t.same(explainPayload(Line), { id: 'integer (min 1)', 'note?': 'string (max 80)' })
  t.equal(explainPayload(null), null)
  t.same(explainPayload({ '~standard': { version: 1, vendor: 'zod' } }), { '*': 'checked by zod' })
  t.same(explainPayload(Type.Object({ by: Type.Union([Type.Literal(1), Type.Literal('up')]), mode: { enum: ['a', 2] } as never })),
    { by: "1 | 'up'", mode: "'a' | 2" })
  t.same(explainPayload({
    properties: {
      lines: Type.Array(Line, { maxItems: 9 }),
      ids: { type: 'array', items: { type: ['integer', 'null'] } },
      any: { type: 'array' },
      on: { type: 'string', format: 'date', minLength: 3, maxLength: 9 },
      code: { type: 'string', pattern: '^a' },
      deep: { properties: { a: { properties: { b: { properties: { c: {} } } } } } },
      both: { allOf: [{ $ref: '#/a' }, { oneOf: [{ type: 'boolean' }, true] }] },
      open: { type: 'object' },
      free: {},
    },
    additionalProperties: true,
  }), {
    'lines?': '{ id: integer (min 1), note?: string (max 80) }[] (max 9)',
    'ids?': '(integer | null)[]',
    'any?': 'any[]',
    'on?': 'string (date) (3..9)',
    'code?': 'string /^a/',
    'deep?': '{ a?: { b?: object } }',
    'both?': '#/a & boolean | any',
    'open?': 'object',
    'free?': 'any',
    '*': 'any',
  })
  t.same(explainPayload({ anyOf: [Type.Object({ a: Type.Null() }), { type: 'object', properties: {} }] }), { '*': '{ a: null } | {  }' })
})

const reads = '{{ user.name }}{{ user.admin }}{{ user.team }}{% for o in orders %}{{ o.id }}{% endfor %}{{ orders.length }}{{ audit.note }}{{ audit.by }}'
const program = new TemplateEnvironment({ 'page.njk': reads }).compile('page.njk')
const fields: FieldSet = analyseProgram(program)

/** A plan as the analysis makes them, of parts that name paths. */
function planOf (make: (body: (paths: string[], guards?: Guard[]) => PlanBody) => PlanBody): LoadPlan {
  const all: Array<LoadPlan['reads'][number]> = []
  const body = make((paths, guards = []) => ({
    reads: paths.map((path) => {
      const [root, ...rest] = path.split('.') as [string, ...string[]]
      const node = rest.reduce<FieldNode | undefined>((at, name) => at?.children.get(name), fields.node(root))
      all.push({ id: all.length, root, node: node as FieldNode, mark: 'whole' })
      return all.length - 1
    }),
    guards
  }))
  return { roots: ['audit', 'orders', 'user'], reads: all, body }
}

const position = { template: 'page.njk', line: 3, column: 7 }
const condition = (text: string, reads: PlanBody): Condition => ({ text, position, reads, evaluate: () => true })
const none: PlanBody = { reads: [], guards: [] }

function told (plan: LoadPlan, eager: string[] = []): string[] {
  return explainLoading(plan, fields, new Set(eager)).map(({ round, when, asks }) => `${round}` +
    when.map(({ kind, text }) => ` ${kind} ${text}`).join('') + ': ' +
    asks.map(({ loader, paths, again }) => `${loader}${again ? ' again' : ''} ${paths.join()}`).join('; '))
}

t.test('what stands under no condition is asked for at once', async (t) => {
  t.same(told(planOf((body) => body(['user.name', 'orders.*.id', 'user.admin', 'user.name']))),
    ['1: orders orders[].id; user user.admin,user.name'])
})

t.test('conditions on state cost no round, conditions on data the next one', async (t) => {
  const plan = planOf((body) => body(['user.admin'], [
    { kind: 'branch', condition: condition('q', none), truthy: body(['audit.note']), falsy: none },
    {
      kind: 'branch',
      condition: condition('user.admin', body(['user.admin'])),
      truthy: body(['audit.by', 'user.team'], [
        // The same condition again: known since the first round, so no further one.
        { kind: 'branch', condition: condition('user.admin', body(['user.admin'])), truthy: body(['orders.*.id']), falsy: none },
        { kind: 'branch', condition: condition('audit.by', body(['audit.by'])), truthy: none, falsy: body(['orders.length']) },
      ]),
      falsy: body(['user.name']),
    },
  ]))
  t.same(told(plan), [
    '1: user user.admin',
    '1 when q: audit audit.note',
    '2 when user.admin: audit audit.by; user again user.team',
    '2 unless user.admin: user again user.name',
    '2 when user.admin when user.admin: orders orders[].id',
    '3 when user.admin unless audit.by: orders orders.length',
  ])
  t.same(explainLoading(plan, fields, new Set())[1]?.when, [{ kind: 'when', text: 'q', position }])
})

t.test('a condition that stops early is known when its last part is', async (t) => {
  const plan = planOf((body) => {
    const right = (): Guard => ({ kind: 'branch', condition: condition('user.admin', body(['user.admin'])), truthy: body(['audit.note']), falsy: none })
    return body(['user.admin'], [
      right(),
      { kind: 'branch', condition: condition('user.admin and audit.note', body(['user.admin'], [right()])), truthy: body(['orders.length']), falsy: none },
    ])
  })
  t.same(told(plan), [
    '1: user user.admin',
    '2 when user.admin: audit audit.note',
    '3 when user.admin and audit.note: orders orders.length',
  ])
})

t.test('a loop asks for what its body reads when its list is known', async (t) => {
  const plan = planOf((body) => {
    const loop = (paths: string[]): Guard => ({ kind: 'loop', list: condition('orders', body(['orders'])), row: 0, body: body(paths) })
    return body(['orders'], [
      loop(['audit.note']),
      { kind: 'branch', condition: condition('any', body([], [loop(['audit.note'])])), truthy: body(['user.name']), falsy: none },
    ])
  })
  t.same(told(plan), ['1: orders orders', '2 for orders: audit audit.note', '3 when any: user user.name'])
})

t.test('an eager loader is asked for everything in the first round', async (t) => {
  const plan = planOf((body) => body(['user.admin'], [
    { kind: 'branch', condition: condition('user.admin', body(['user.admin'])), truthy: body(['audit.by', 'orders.length']), falsy: none },
  ]))
  t.same(told(plan, ['audit']), ['1: audit audit.by; user user.admin', '2 when user.admin: orders orders.length'])
})

const tasks = defineView({
  name: 'tasks',
  template: 'tasks.njk',
  access: 'public',
  loaders: {
    tasks: { eager: true, guard: { columns: ['tenant'], check: () => true }, load: nothing },
    news: { deferred: true, fallback: 'wait.njk', load: nothing },
    never: nothing,
  },
  events: {
    finish: {
      payload: Type.Object({ id: Type.Integer() }), authorize: () => true, rateLimit: { rate: 5, burst: 3 }, reloads: ['tasks'], run () {}
    },
    hidden: { run () {} },
    bare () {},
  },
})
const templates = {
  'wait.njk': '<i>{{ wait_text }} {{ unavailable.why }}</i>',
  'tasks.njk': `<p>{{ q }} {{ tasks.length }}</p>
{% for task in tasks %}<p live-key="{{ task.id }}">{{ task.title }}
<button live-click="finish" live-value-id="{{ task.id }}">Done</button>{% if task.id %}!{% endif %}</p>
{% endfor %}<p>{{ news.text }}</p><button live-click="bare">x</button>
{% if task_with_a_name_that_is_long.and_goes_on.further_down %}<b>!</b>{% endif %}`
}

t.test('the document tells a view from access to events, aligned and wrapped', async (t) => {
  t.equal(formatViews([explain(tasks, templates)], { width: 64, paint: plain }), `tasks
=====
  access     public: no identity is required
  templates  tasks.njk, wait.njk

Data that the templates read of loaders
  never  (never runs: no template reads it)
  news  (deferred: not in the first rendering; fallback wait.njk)
    news.text      DISPLAY  tasks.njk:4
  tasks  (eager; guarded by tenant)
    tasks (rows)   READ     tasks.njk:2
    tasks.length   DISPLAY  tasks.njk:1
    tasks[].id     DISPLAY  tasks.njk:2, tasks.njk:3
    tasks[].title  DISPLAY  tasks.njk:2

Other values that they read
  state or global
    q                                             DISPLAY  tasks.njk:1
    task_with_a_name_that_is_long.and_goes_on.further_down (whether)
                                                  READ     tasks.njk:5
    wait_text                                     DISPLAY  wait.njk:1
  why a fallback stands there
    unavailable.why                               DISPLAY  wait.njk:1

Loading
  round 1, at once
    always
      news (over the socket)  text
      tasks                   id, title

Events
  bare  (undeclared: a bare function)
    from        click of <button> tasks.njk:4
    payload     empty, whatever is sent
    authorize   no: whoever the page shows it to
    rate limit  the connection's
  finish
    from        click of <button> tasks.njk:3
    payload     id: integer
    authorize   yes
    rate limit  5 a second, 3 at once
    reloads     tasks
  hidden
    from        no control in the templates: always refused
    payload     empty, whatever is sent
    authorize   no: whoever the page shows it to
    rate limit  the connection's
`)
})

t.test('rounds stand with their conditions; what runs again says so', async (t) => {
  const step = { template: 'page.njk', line: 3, column: 1 }
  const view: ViewExplanation = {
    ...explain(defineView({ name: 'page', template: 'page.njk' }), { 'page.njk': '' }),
    access: 'permission orders:read',
    everything: true,
    dynamicNames: [step],
    loading: [
      { round: 1, when: [], asks: [{ loader: 'user', paths: ['user.admin'], again: false }] },
      { round: 2, when: [{ kind: 'when', text: 'user.admin', position: step }], asks: [{ loader: 'user', paths: ['user.team'], again: true }] },
      {
        round: 2,
        when: [{ kind: 'unless', text: 'q', position: step }, { kind: 'for', text: 'rows', position: step }],
        asks: [{ loader: 'orders', paths: ['orders', 'orders.length', 'orders[]'], again: false }]
      },
    ]
  }
  t.equal(formatViews([view, { ...view, name: 'other', access: 'user', everything: false, loading: [] }], { width: 100, paint: plain }), `page
====
  access     permission orders:read
  templates  page.njk
  reads      everything: a template's name is computed at page.njk:3

Data that the templates read of loaders
  none

Other values that they read
  none

Loading
  round 1, at once
    always
      user                admin
  round 2, when the rounds before have come
    if user.admin page.njk:3
      user (again, with)  team
    unless q page.njk:3
    and for each of rows page.njk:3
      orders              whether it is there, how many rows

Events
  none

other
=====
  access     user: an identity is required
  templates  page.njk

Data that the templates read of loaders
  none

Other values that they read
  none

Loading
  none

Events
  none
`)
})

t.test('a place that shows a field and one that only reads it stand apart', async (t) => {
  const view = explain(defineView({ name: 'page', template: 'page.njk', loaders: { user: nothing } }), {
    'page.njk': '{{ user.name }}\n{% if user.name %}{% endif %}\n{% set n = user.list | length %}{{ n }}'
  })
  t.match(formatViews([view], { width: 100, paint: plain }), `
    user.list (rows, names)  DISPLAY  page.njk:3
    user.name                DISPLAY  page.njk:1
                             READ     page.njk:2
`)
})

t.test('colours are for terminals whose reader wants them, and do not count as width', async (t) => {
  const coloured = createPaint({ isTTY: true }, {})
  t.equal(coloured.bold('a') + coloured.dim('b') + coloured.alert('c'), '\u001b[1ma\u001b[22m\u001b[2mb\u001b[22m\u001b[33mc\u001b[39m')
  for (const [out, env] of [[{ isTTY: false }, {}], [{ isTTY: true }, { NO_COLOR: '1' }], [{ isTTY: true }, { TERM: 'dumb' }]] as const) {
    t.equal(createPaint(out, env).bold('a'), 'a')
  }
  t.equal(formatTable([['a', 'one two three four five six']], { indent: 0, width: 20, widest: 9 }), 'a  one two three four five\n   six\n')
  t.equal(formatTable([[coloured.alert('!'), 'x'], ['+', 'y']], { indent: 1, width: 80, widest: 9 }), ' \u001b[33m!\u001b[39m  x\n +  y\n')
})
