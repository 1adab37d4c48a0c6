import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { analyseProgram } from '../lib/template/fields/analyse-program.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import { defineView } from '../lib/view/define-view.ts'
import { explainView } from '../lib/view/explain-view.ts'
import type { ViewExplanation } from '../lib/view/explain-view.ts'
import type { View } from '../lib/view/view.ts'
import { CommandError } from '../plugin/cli/command-error.ts'
import { compareExposure } from '../plugin/cli/compare-exposure.ts'
import { exposureOf } from '../plugin/cli/exposure.ts'
import { formatComparison } from '../plugin/cli/format-comparison.ts'
import { placeNames } from '../plugin/cli/format-places.ts'
import { createPaint } from '../plugin/cli/paint.ts'
import { runCommand } from '../plugin/cli/run-command.ts'

const page = '<p>{{ user.name }}</p>\n{% if user.admin %}<b>!</b>{% endif %}\n<button live-click="move" live-value-id="{{ user.id }}">x</button>'

interface Parts {
  readonly access?: 'public' | 'user' | 'orders:read' | 'orders:write' | (() => boolean)
  readonly template?: string
  readonly move?: object
  readonly guard?: readonly string[]
}

function viewOf ({ access = 'user', move = {}, guard = [] }: Parts): View {
  return defineView({
    name: 'page',
    template: 'page.njk',
    access: access as 'user',
    loaders: { user: { ...guard.length > 0 && { guard: { columns: guard, check: () => true } }, load: () => null } },
    events: {
      move: { payload: Type.Object({ id: Type.Integer() }), authorize: () => true, ...move, run () {} },
      drop: { run () {} }
    }
  })
}

function explain (parts: Parts = {}): ViewExplanation {
  const view = viewOf(parts)
  const program = new TemplateEnvironment({ 'page.njk': parts.template ?? page }).compile(view.template)
  return explainView({ view, program, fields: analyseProgram(program), trustedHtml: [] })
}

const before = [explain()]

function findings (now: Parts, then: readonly ViewExplanation[] = before): string[] {
  return compareExposure(exposureOf(then), [explain(now)]).findings
    .map(({ sign, what, places }) => `${sign} ${what} @ ${placeNames(places)}`)
}

function outdated (now: Parts, then: readonly ViewExplanation[] = before): readonly string[] {
  const { findings, outdated } = compareExposure(exposureOf(then), [explain(now)])
  t.same(findings, [])
  return outdated
}

t.test('one fact stands on one line, sorted, without places', async (t) => {
  t.equal(JSON.stringify(exposureOf(before), null, 2), `{
  "version": 1,
  "views": {
    "page": {
      "access": "user",
      "shows": [
        "user.id",
        "user.name"
      ],
      "reads": [
        "user.admin (whether)"
      ],
      "guards": {},
      "events": {
        "move": {
          "authorize": true,
          "rateLimit": null,
          "payload": {
            "id": "integer"
          },
          "payloadDigest": "52ae9b42467a"
        }
      }
    }
  }
}`)
})

t.test('what is shown anew is found, with its places', async (t) => {
  t.same(findings({ template: `${page}\n{{ user.mail }}{{ user.mail }}` }), ['+ shows user.mail @ page.njk:4'])
  t.same(findings({ template: `{{ user.admin }}${page}` }), ['+ shows user.admin @ page.njk:1'])
  t.same(findings({ template: `${page}\n{{ title }}{{ user.names }}` }), ['+ shows user.names @ page.njk:4', '+ shows title @ page.njk:4'])
  t.same(findings({ template: `{{ user.name }}\n${page}` }), [], 'another place of the same field exposes nothing')
  const rows = '{% for o in user.list %}x{% endfor %}'
  const counted = [explain({ template: page + rows })]
  t.same(findings({ template: `${page}\n${rows}{{ user.list | length }}` }, counted), ['+ shows user.list (rows, names) @ page.njk:4'])
  const decided = [explain({ template: `${page}{% if user.mail == "a" %}{% endif %}` })]
  t.same(findings({ template: `${page}\n{{ user.mail }}` }, decided), ['+ shows user.mail, which it only read @ page.njk:4'])
})

t.test('the whole of something covers its parts, the number of its rows does not', async (t) => {
  t.same(findings({}, [explain({ template: `${page}{{ user | dump }}` })]), [])
  const counted = [explain({ template: '{{ user.list | length }}<button live-click="move">x</button>' })]
  t.same(findings({ template: '\n{% for o in user.list %}{{ o.mail }}{% endfor %}' }, counted), ['+ shows user.list[].mail @ page.njk:2'])
})

t.test('a computed template name shows everything', async (t) => {
  const dynamic: ViewExplanation = { ...explain(), everything: true, dynamicNames: [{ template: 'page.njk', line: 4, column: 1 }] }
  const { findings: found } = compareExposure(exposureOf(before), [dynamic])
  t.match(found, [{ sign: '+', what: /^can show everything/, places: [{ line: 4 }] }])
  t.same(compareExposure(exposureOf([dynamic]), [dynamic]).findings, [])
})

t.test('an event that a control calls anew is found with its guards; one that is only declared is not', async (t) => {
  t.same(findings({ template: `${page}\n<a live-click="drop">d</a>` }), ['+ receives drop (no payload; no authorize; no rate limit) @ page.njk:4'])
  const none = [explain({ template: '{{ user.name }}{{ user.id }}' })]
  t.same(findings({ move: { rateLimit: { rate: 2, burst: 3 } } }, none), ['+ receives move (id: integer; authorize; 2/s, burst 3) @ page.njk:3'])
})

t.test('a guard that is gone or another is found', async (t) => {
  t.same(findings({ move: { authorize: undefined } }), ['! move lost authorize @ page.njk:3'])
  t.same(findings({ move: { payload: Type.Object({ id: Type.String(), at: Type.Optional(Type.Null()) }) } }),
    ['! move takes at?: null @ page.njk:3', '! move took id: integer and takes id: string @ page.njk:3',
      '! move payload changed: review it @ page.njk:3'])
  const limited = [explain({ move: { rateLimit: { rate: 2, burst: 3 } } })]
  t.same(findings({}, limited), ['! move lost its rate limit of 2/s, burst 3 @ page.njk:3'])
  t.same(findings({ move: { rateLimit: { rate: 9, burst: 3 } } }, limited), ['! move had the rate limit 2/s, burst 3 and has 9/s, burst 3 @ page.njk:3'])
})

t.test('a payload that lets more through is found where its summary stays the same', async (t) => {
  const at = (p: object, more: object = {}): Parts =>
    ({ move: { payload: { type: 'object', properties: { p }, required: ['p'], ...more } } })
  const deepOf = (properties: object): object =>
    ({ type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'object', properties } } } } })
  const cases: ReadonlyArray<readonly [string, Parts, Parts]> = [
    ['below three objects', at(deepOf({ c: { type: 'string' } })), at(deepOf({ c: { type: 'string' }, admin: { type: 'boolean' } }))],
    ['exclusiveMaximum', at({ type: 'integer', exclusiveMaximum: 5 }), at({ type: 'integer' })],
    ['not', at({ type: 'string', not: { const: 'admin' } }), at({ type: 'string' })],
    ['nullable', at({ type: 'string' }), at({ type: 'string', nullable: true })],
    ['limits beside anyOf', at({ anyOf: [{ type: 'string' }], maxLength: 5 }), at({ anyOf: [{ type: 'string' }] })],
    ['additional properties of a nested object', at({ type: 'object', additionalProperties: { type: 'string' } }), at({ type: 'object', additionalProperties: true })],
    ['tuples', at({ type: 'array', items: [{ type: 'string' }] }), at({ type: 'array', items: [{ type: 'object' }] })],
    ['what a reference leads to', at({ $ref: '#/$defs/x' }, { $defs: { x: { type: 'integer' } } }), at({ $ref: '#/$defs/x' }, { $defs: { x: {} } })],
    ['a condition on the whole', at({ type: 'string' }, { not: { required: ['p'] } }), at({ type: 'string' })],
    ['numbers that JSON does not know', at({ type: 'number', exclusiveMaximum: -Infinity }), at({ type: 'number', exclusiveMaximum: Infinity })],
  ]
  for (const [name, then, now] of cases) t.same(findings(now, [explain(then)]), ['! move payload changed: review it @ page.njk:3'], name)
  const described = at({ type: 'string', maxLength: 5 }, { [Symbol('kind')]: 1, transform: () => 1 })
  t.same(findings({ move: { payload: { required: ['p'], properties: { p: { maxLength: 5, type: 'string' } }, type: 'object' } } }, [explain(described)]), [],
    'order, symbols and functions say nothing')
  const standard = (vendor: string): Parts => ({ move: { payload: { '~standard': { version: 1, vendor, validate: () => ({ value: 1 }) } } } })
  t.same(findings(standard('zod'), [explain(standard('zod'))]), [])
  t.match(findings(standard('valibot'), [explain(standard('zod'))]), [/^! move took \*/, /^! move payload changed/])
  t.same(findings({ move: { payload: { type: 'object', properties: {} } } }, [explain({ move: { payload: undefined } })]),
    ['! move payload changed: review it @ page.njk:3'], 'where there was none')
})

t.test('names that look like other facts are not taken for them', async (t) => {
  const of = (source: string): Parts => ({ template: source })
  const known = [explain(of('{{ user.a }}'))]
  for (const name of ['a (x)', 'a.b', 'a[]', 'a ', 'a-b', '', 'a\u200bb', 'a\u3164', 'a\u{e0041}']) {
    const [found] = findings(of(`{{ user["${name}"] }}`), known)
    t.match(found, /^\+ shows user\["[ -~]*"\] @ page\.njk:1$/, JSON.stringify(name))
  }
  t.same(findings(of('{{ user["größe"] }}{{ user.$x }}'), known), ['+ shows user.$x @ page.njk:1', '+ shows user.größe @ page.njk:1'])
  t.same(findings(of('{{ user["a.b"].c }}'), [explain(of('{{ user["a.b"] }}'))]), [], 'the whole of it covers its parts')
  t.same(findings({ guard: ['a, b'] }, [explain({ guard: ['a', 'b'] })]), ['! user was guarded by a, b and is by "a, b" @ page.njk:1'])
})

t.test('names cannot write over what the command prints', async (t) => {
  const evil = '\u001b[1A\u001b[2K\r\nnothing new is exposed\n\u009b2J\u202e'
  const view = defineView({ name: 'page', template: `p${evil}`, access: 'public', loaders: { users: { guard: { columns: [evil], check: () => true }, load: () => [] } } })
  const program = new TemplateEnvironment({
    [view.template]: `{% for u in users %}{{ u["${evil}"] }}{% endfor %}{% if q == "${evil}" %}{{ users.length }}{% endif %}{% include "x${evil}" %}`,
    [`x${evil}`]: '{{ q }}'
  }).compile(view.template)
  const views = [explainView({ view, program, fields: analyseProgram(program), trustedHtml: [] })]
  const unprintable = /[^\P{C}\n]|\p{Zl}|\p{Zp}/u
  const quiet = (text: string): void => {
    t.notMatch(text, unprintable)
    t.notMatch(text, /^nothing new is exposed/m)
  }
  quiet(formatComparison(compareExposure({ version: 1, views: {} }, views), { name: 'lock', command: 'x', width: 100, paint: createPaint({}, {}) }))
  const folder = t.testdir({ 'app.js': '', 'package.json': '{ "main": "app.js" }' })
  quiet((await run(folder, views, '--check'))[1])
  quiet((await run(folder, views, '--write'))[1])
  quiet(readFileSync(join(folder, 'live-exposure.json'), 'utf8'))
  t.same((await run(folder, views, '--check'))[0], 0)
  for (const args of [['explain'], ['explain', '--json']]) {
    let text = ''
    const out = { write (more: string): void { text += more } }
    await runCommand(args, { out, err: out, env: {}, cwd: folder, read: async () => views })
    t.match(text, 'users')
    quiet(text)
  }
  const fails = async (): Promise<never> => { throw new CommandError(`no${evil}`, `Error: no${evil}    at it`) }
  let text = ''
  const err = { write (more: string): void { text += more } }
  t.equal(await runCommand(['explain', '--verbose'], { out: err, err, env: {}, cwd: folder, read: fails }), 2)
  t.match(text, 'fastify-live-view: no')
  quiet(text)
})

t.test('a guard of rows that is gone or another is found, where the loader is read at all', async (t) => {
  const guarded = [explain({ guard: ['tenant'] })]
  t.same(findings({}, guarded), ['! user lost its guard of rows by tenant @ page.njk:1'])
  t.same(findings({ guard: ['team', 'tenant'] }, guarded), ['! user was guarded by tenant and is by team, tenant @ page.njk:1'])
  t.same(findings({ guard: ['tenant'] }, guarded), [])
  t.same(findings({ template: '' }, guarded), [])
  t.same(outdated({ guard: ['tenant'] }), ['page user is guarded'])
})

t.test('access that lets in others is found', async (t) => {
  const rule = (): boolean => true
  const changes: Array<[NonNullable<Parts['access']>, NonNullable<Parts['access']>, boolean]> = [
    ['user', 'public', true], ['orders:read', 'user', true], ['orders:read', 'orders:write', true], ['user', rule, true], [rule, 'user', true],
    ['public', 'user', false], ['public', rule, false], ['user', 'orders:read', false], ['user', 'user', false],
  ]
  for (const [before, after, weaker] of changes) {
    const [then, now] = [{ access: before }, { access: after }]
    const found = findings(now, [explain(then)])
    t.equal(found.length, weaker ? 1 : 0, `${String(before)} -> ${String(after)}`)
    if (weaker) t.match(found[0], /^! access was \S.* and is \S.* @ page\.njk:1$/)
  }
})

t.test('a new view is found with all that it exposes', async (t) => {
  t.match(compareExposure(exposureOf([]), [{ ...explain(), name: 'constructor' }]).findings, [{ what: 'is new, access: user' }], 'whatever its name is')
  t.same(findings({}, []), [
    '+ is new, access: user @ page.njk:1',
    '+ shows user.id @ page.njk:3',
    '+ shows user.name @ page.njk:1',
    '+ receives move (id: integer; authorize; no rate limit) @ page.njk:3'
  ])
})

t.test('what is exposed no longer, or only read now, is told and is no finding', async (t) => {
  t.same(outdated({}), [])
  t.same(outdated({ template: '{% if user.name %}{{ user.id }}{% endif %}{% if user.note %}{% endif %}' }), [
    'page no longer shows user.name',
    'page no longer only reads user.admin (whether)',
    'page reads user.name (whether)',
    'page reads user.note (whether)',
    'page no longer receives move',
  ])
  t.same(outdated({ access: 'user' }, [explain({ access: 'public' })]), ['page access is user'])
  const loose = [explain({ move: { authorize: undefined } })]
  t.same(outdated({ move: { payload: undefined, rateLimit: { rate: 1, burst: 1 } } }, loose),
    ['page move no longer takes id', 'page move has authorize', 'page move has a rate limit'])
  t.match(compareExposure(exposureOf(before), []).outdated, ['page is gone'])
})

/** Runs a command on views in a folder; gives the exit code with all that it wrote. */
async function run (folder: string, views: readonly ViewExplanation[], ...args: string[]): Promise<[number, string]> {
  let text = ''
  const write = (more: string): void => { text += more }
  const read = async (): Promise<readonly ViewExplanation[]> => views
  const code = await runCommand(['exposure', ...args], { out: { write }, err: { write }, env: {}, cwd: folder, read })
  return [code, text]
}

t.test('without its file a check fails and says how to write it; written, it passes', async (t) => {
  const folder = t.testdir({ 'package.json': '{}', src: { 'app.js': '' } })
  const write = 'npx fastify-live-view exposure --write src/app.js'
  t.same(await run(folder, before, '--check', 'src/app.js'),
    [1, `There is no live-exposure.json. Write it, look through it and commit it:\n  ${write}\n`])
  t.same(await run(folder, before, '--write', 'src/app.js'), [0, 'live-exposure.json: written\n'])
  t.same(await run(folder, before, '--write', 'src/app.js'), [0, 'live-exposure.json: unchanged\n'])
  t.same(await run(folder, before, '--check', 'src/app.js'), [0, 'live-exposure.json: nothing new is exposed\n'])
  t.notMatch(readFileSync(join(folder, 'live-exposure.json'), 'utf8'), folder)

  const move = { authorize: undefined, rateLimit: { rate: 1, burst: 1 } }
  const now = [explain({ access: 'public', template: `${page}\n{{ user.mail }}`, move })]
  const [code, text] = await run(folder, now, '--check', 'src/app.js')
  t.equal(code, 1)
  t.equal(text, `The views expose what live-exposure.json does not have:

page
  !  access was user and is public  page.njk:1
  +  shows user.mail                page.njk:4
  !  move lost authorize            page.njk:3

Not in step with live-exposure.json, without exposing more:
  - page move has a rate limit

Is that meant? Then accept it, and let the change of live-exposure.json be reviewed:
  ${write}
`)
  t.same(await run(folder, now, '--write', 'src/app.js'), [0, 'live-exposure.json: changed; review the difference\n'])
  t.equal((await run(folder, now, '--check', 'src/app.js'))[0], 0)
})

t.test('a file that can be tightened passes, and the check says so', async (t) => {
  const folder = t.testdir({ 'app.js': '', 'package.json': '{ "main": "app.js" }' })
  await run(folder, before, '--write', '--lock', 'ours.json')
  t.ok(existsSync(join(folder, 'ours.json')))
  t.same(await run(folder, [explain({ template: `${page.replace('name', 'id')}` })], '--check', '--lock', 'ours.json'),
    [0, `ours.json: nothing new is exposed

Not in step with ours.json, without exposing more:
  - page no longer shows user.name

To bring the file in step: npx fastify-live-view exposure --write --lock ours.json
`])
  const [code, text] = await run(folder, [explain({ template: `${page}{{ user.mail }}` })], '--check', '--lock', 'ours.json')
  t.equal(code, 1)
  t.notMatch(text, 'Not in step')
})

t.test('where there is no package.json, the file lies beside the application', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'live-exposure-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  writeFileSync(join(folder, 'app.js'), '')
  t.same(await run(folder, before, '--write', 'app.js'), [0, 'live-exposure.json: written\n'])
})

t.test('a file that is none of ours is refused with the way out', async (t) => {
  const whole = exposureOf(before)
  const parts = [{ access: 1 }, { shows: [1] }, { reads: 'user.name' }, { guards: [] }, { events: null }, { events: { move: null } }, { events: { move: { payload: null } } }]
  const damaged = [{ ...whole, version: 2 }, ...parts.map((part) => ({ version: 1, views: { page: { ...whole.views['page'], ...part } } }))]
  const folder = t.testdir({ 'app.js': '', 'package.json': '{ "main": "app.js" }' })
  for (const [content, message] of [['{', /live-exposure\.json is no JSON/], ['{"version":2}', /no exposure of version 1/], ['null', /no exposure of version 1/],
    ...damaged.map((exposure) => [JSON.stringify(exposure), /no exposure of version 1/] as const)] as const) {
    writeFileSync(join(folder, 'live-exposure.json'), content)
    const [code, text] = await run(folder, before, '--check')
    t.equal(code, 2)
    t.match(text, message)
    t.match(text, 'write it anew with exposure --write')
  }
})
