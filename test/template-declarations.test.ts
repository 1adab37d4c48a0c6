import t from 'tap'
import { isDeclared } from '../lib/template/declarations.ts'
import { analyseProgram } from '../lib/template/fields/analyse-program.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'

type Extend = (environment: TemplateEnvironment) => void

const nothing: Extend = () => {}

/** Every path that a template reads: `user.name:whole!`, the mark of exclamation where it is shown. */
function reads (main: string, extend: Extend, others: Record<string, string> = {}): string {
  const environment = new TemplateEnvironment({ main, ...others })
  extend(environment)
  const fields = analyseProgram(environment.compile('main'))
  return fields.roots().flatMap((root) => fields.paths(root)).map(({ path, marks, shown }) => `${path}:${marks.join()}${shown ? '!' : ''}`).join(' ')
}

function render (main: string, extend: Extend, data: object = {}, others: Record<string, string> = {}): string {
  const environment = new TemplateEnvironment({ main, ...others })
  extend(environment)
  return String(environment.compile('main').render(data))
}

/** A tag without a body, or with one. */
function tag (name: string, run: (context: any, ...args: any[]) => unknown): any {
  return {
    tags: [name],
    parse (parser: any, nodes: any) {
      const token = parser.nextToken()
      const args = parser.parseSignature(null, true)
      parser.advanceAfterBlockEnd(token.value)
      return new nodes.CallExtension(this, 'run', args, [])
    },
    run
  }
}

t.test('a filter that says what it reads is asked for exactly that, and it is shown where its result is', async (t) => {
  const declared: Extend = (environment) => {
    environment.addFilter('full', (user) => `${user.first} ${user.last}`, { reads: ['first', 'address.city'] })
    environment.addFilter('total', (rows) => rows.length, { reads: ['[].price', '[].parts[].cost'] })
    environment.addFilter('there', (value) => value ? 'yes' : 'no', { reads: [] })
    environment.addFilter('everything', (value) => JSON.stringify(value), { reads: 'all' })
    environment.addFilter('matrix', (value) => value[0][0], { reads: ['[][].n'] })
  }
  for (const [main, expected] of [
    ['{{ user | full }}', 'user.address.city:whole! user.first:whole!'],
    ['{% if user | full %}x{% endif %}', 'user.address.city:whole user.first:whole'],
    ['{{ orders | total }}', 'orders:iter orders[].parts:iter orders[].parts[].cost:whole! orders[].price:whole!'],
    ['{{ user | there }}', 'user:exists!'],
    ['{{ user | everything }}', 'user:whole!'],
    ['{{ grid | matrix }}', 'grid:iter grid[]:iter grid[][].n:whole!'],
    ['{{ user | full(other) }}', 'other:whole! user.address.city:whole! user.first:whole!'],
    ['{% set u = user %}{{ u | full | upper }}', 'user.address.city:whole! user.first:whole!'],
    ['{% macro m(u) %}{{ u | full }}{% endmacro %}{{ m(user) }}', 'user.address.city:whole! user.first:whole!'],
    ['{% include "part" %}', 'user.address.city:whole! user.first:whole!'],
    ['{{ { a: user } | full }}', ''],
    ['{% macro inner() %}{{ secret }}{% endmacro %}{{ inner | there }}', 'secret:whole!'],
  ] as const) t.equal(reads(main, declared, { part: '{{ user | full }}' }), expected, main)
  t.equal(reads('{{ user | full }}', (environment) => { environment.addFilter('full', String) }), 'user:whole!', 'one that says nothing may read all')
  t.equal(reads('{{ user | full }}', (environment) => { declared(environment); environment.addFilter('full', String) }), 'user:whole!', 'the last one counts')
  t.equal(reads('{{ user | upper }}', (environment) => { environment.addFilter('upper', String, { reads: ['name'] }) }), 'user.name:whole!', 'in place of a built-in one')
})

t.test('asynchronous filters can say it as well, and nunjucks\' own signature stays', async (t) => {
  const run = (user: any, cb: (error: null, text: string) => void): void => cb(null, user.name)
  const declared: Extend = (environment) => { environment.addFilter('later', run, { reads: ['name'], async: true }) }
  t.equal(reads('{{ user | later }}', declared), 'user.name:whole!')
  t.equal(render('{{ user | later }}', declared, { user: { name: 'Ada' } }), 'Ada')
  t.equal(render('{{ user | later }}', (environment) => { environment.addFilter('later', run, true) }, { user: { name: 'Ada' } }), 'Ada')
})

t.test('tests and functions say what they read of what they are given first', async (t) => {
  const declared: Extend = (environment) => {
    environment.addTest('adult', (user) => user.age > 17, { reads: ['age'] })
    environment.addGlobal('label', (user: any) => user.name, { reads: ['name'] })
    environment.addGlobal('version', 7)
  }
  t.equal(reads('{% if user is adult %}x{% endif %}', declared), 'user.age:whole')
  t.equal(reads('{% for u in users | select("adult") %}{{ u.name }}{% endfor %}', declared), 'users:iter users[]:exists users[].age:whole users[].name:whole!')
  t.equal(reads('{% if user is adult(limit) %}x{% endif %}', declared), 'limit:whole user.age:whole')
  t.equal(reads('{{ label(user) }}', declared), 'label:exists! user.name:whole!')
  t.equal(reads('{{ label(user, user.id) }}{{ label() }}', declared), 'label:exists! user.id:whole! user.name:whole!')
  t.equal(reads('{% set label = other %}{{ label(user) }}', declared), 'other:whole! user:whole!', 'a template may bind the name itself')
  t.equal(reads('{{ user.label(user.id) }}{{ version }}', declared), 'user:whole! user.id:whole! version:whole!', 'a member of that name is another function')
  t.equal(render('{{ label(user) }}{{ "x" if user is adult }}', declared, { user: { name: 'Ada', age: 36 } }), 'Adax')
  t.equal(reads('{% for n in range(count) %}{{ n }}{% endfor %}', (environment) => { environment.addGlobal('range', () => [], { reads: ['a'] }) }), 'count.a:whole! range:exists!')
})

t.test('tags say what they read of the page, and find that and nothing else in their context', async (t) => {
  const greet = tag('greet', (context) => `${context.lookup('user').name} ${context.ctx.user.name} ${context.getVariables().user.name}`)
  const declared: Extend = (environment) => { environment.addExtension('greet', greet, { reads: ['user.name'] }) }
  t.equal(reads('{% greet %}', declared), 'user.name:whole!')
  t.equal(reads('{% greet title %}', declared), 'title:whole! user.name:whole!')
  t.equal(render('{% greet %}', declared, { user: { name: 'Ada' } }), 'Ada Ada Ada')
  const curious: Extend = (environment) => { environment.addExtension('greet', tag('greet', (context) => context.lookup('secret')), { reads: ['user.name'] }) }
  t.throws(() => render('a\n{% greet %}', curious, { secret: 1 }), { code: 'LIVE_ERR_TEMPLATE_CONTEXT', template: 'main', message: /tag 'greet' looks up 'secret'; it has declared user\. Declare it too/ })
  const broad: Extend = (environment) => { environment.addExtension('greet', tag('greet', (context) => Object.keys(context.getVariables()).join()), { reads: ['user.name'] }) }
  t.equal(render('{% greet %}', broad, { user: {}, secret: 1 }), 'user')
  const silent: Extend = (environment) => { environment.addExtension('greet', tag('greet', (context) => context.lookup('secret')), { reads: [] }) }
  t.throws(() => render('{% greet %}', silent), { code: 'LIVE_ERR_TEMPLATE_CONTEXT', message: /it has declared nothing/ })
})

t.test('what says nothing sees no data behind its arguments, and is told the way out', async (t) => {
  const data = { secret: 'hidden', call: function (this: any) { return this.ctx.secret } }
  const uses = [
    ['filter', '{{ 1 | spy }}', (environment: TemplateEnvironment, spy: any) => environment.addFilter('spy', spy), /as an argument/],
    ['test', '{% if 1 is spy %}x{% endif %}', (environment: TemplateEnvironment, spy: any) => environment.addTest('spy', spy), /as an argument/],
    ['test', '{{ [1] | select("spy") }}', (environment: TemplateEnvironment, spy: any) => environment.addTest('spy', spy), /as an argument/],
    ['function', '{{ spy() }}', (environment: TemplateEnvironment, spy: any) => environment.addGlobal('spy', spy), /as an argument/],
    ['function', '{% if spy() %}x{% endif %}', (environment: TemplateEnvironment, spy: any) => environment.addGlobal('spy', spy), /as an argument/],
    ['tag', '{% spy %}', (environment: TemplateEnvironment, spy: any) => environment.addExtension('spy', tag('spy', (context) => spy.call(context))), /declare it: addExtension/],
  ] as const
  const looks: ReadonlyArray<readonly [string, (context: any) => unknown]> = [
    ['ctx', (context) => context.ctx.secret], ['lookup', (context) => context.lookup('secret')], ['getVariables', (context) => context.getVariables()],
    ['getExported', (context) => context.getExported()], ['exported', (context) => context.exported], ['setVariable', (context) => context.setVariable('a', 1)],
    ...['blocks', 'addBlock', 'addExport', 'getBlock', 'getSuper'].map((member) => [member, (context: any) => context[member]] as const),
  ]
  // nunjucks gives its nodes of custom tags no position.
  for (const [kind, main, add, wayOut] of uses) {
    for (const [member, look] of looks) {
      const extend: Extend = (environment) => { add(environment, function (this: unknown) { return look(this) }) }
      const expected = { code: 'LIVE_ERR_TEMPLATE_CONTEXT', line: kind === 'tag' ? 1 : 2, message: new RegExp(`${kind} 'spy' uses '${member}'`) }
      t.throws(() => render(`\n${main}`, extend, data), expected, `${main} ${member}`)
    }
    const useEnv = function (this: any): unknown { return this.env.getFilter('upper')('fine') }
    t.doesNotThrow(() => render(main, (environment) => { add(environment, useEnv) }), `${main} env`)
    const useData = function (this: any): unknown { return this.ctx }
    t.throws(() => render(main, (environment) => { add(environment, useData) }), { message: wayOut })
  }
  t.throws(() => render('{{ call() }}', nothing, data), { code: 'LIVE_ERR_TEMPLATE_CONTEXT', message: /function 'call'/ }, 'data that is a function')
  t.equal(render('{% macro m() %}{{ secret }}{{ caller() }}{% endmacro %}{% call m() %}c{% endcall %}{% import "part" as p %}{{ p.m() }}{{ p.m() | upper }}', nothing, data, { part: '{% macro m() %}m{% endmacro %}' }), 'hiddencmM', 'macros')
  t.equal(render('{{ [{ g: 2, n: 1 }, { g: 1, n: 2 }] | sort(attribute="g") | join(",", "n") }}{% for g, l in [{ g: 1 }] | groupby("g") %}{{ g }}{% endfor %}{{ [1, 2] | select("odd") }}', nothing), '2,111', "nunjucks' own")
})

t.test('in compatible mode everything has its Context', async (t) => {
  const environment = new TemplateEnvironment({ main: '{{ 1 | f }}{{ g() }}{% h %}{{ "x" if 1 is i }}' }, { compatible: true })
  const look = function (this: any): unknown { return this.ctx.secret }
  environment.addFilter('f', look).addGlobal('g', look).addTest('i', function (this: any) { return this.lookup('secret') === 's' })
  environment.addExtension('h', tag('h', (context) => context.lookup('secret')))
  t.equal(environment.render('main', { secret: 's' }), 'sssx')
})

t.test('what is declared can be looked at; what is declared wrongly is refused at once', async (t) => {
  const environment = new TemplateEnvironment({})
  environment.addFilter('a', String, { reads: ['x', '[].y.z'] }).addTest('b', Boolean, { reads: 'all' }).addGlobal('c', String, { reads: [] })
  environment.addExtension('d', tag('d', String), { reads: ['user'] })
  t.same([...environment.declarations.filters], [['a', [['x'], ['*', 'y', 'z']]]])
  t.same([...environment.declarations.tags], [['d', [['user']]]])
  t.ok(isDeclared(environment.declarations, 'filters', 'a') && isDeclared(environment.declarations, 'tests', 'b') && isDeclared(environment.declarations, 'globals', 'c'))
  t.notOk(isDeclared(environment.declarations, 'filters', 'upper'))
  t.notOk(isDeclared(undefined, 'filters', 'a'))
  t.same([...environment.customGlobals], ['c'])
  for (const [wrong, message] of [
    ['name', /filter 'f' cannot be added: its reads is 'name'. Give the paths.*'all'/], [null, /reads is null/], [[undefined], /reads has undefined/], [() => 1, /reads is a function/], [[1], /reads has 1/],
    [['a..b'], /reads has 'a..b'/], [[''], /reads has ''/], [['a[0]'], /reads has/], [['[]a'], /reads has/], [['a '], /reads has/], [['a.constructor'], /which no template may read/],
  ] as const) {
    t.throws(() => environment.addFilter('f', String, { reads: wrong as never }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message }, String(wrong))
  }
  t.throws(() => environment.addTest('f', Boolean, { reads: 'some' as never }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /test 'f'/ })
  t.throws(() => environment.addGlobal('f', String, { reads: ['-'] }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /function 'f'/ })
  t.throws(() => environment.addGlobal('f', 1, { reads: ['a'] }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /'f'.*is no function/ })
  t.throws(() => environment.addExtension('f', tag('f', String), { reads: 'all' }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /tag 'f'.*Give the paths that it reads of the page/ })
  t.throws(() => environment.addExtension('f', tag('f', String), { reads: ['[].a'] }), { code: 'LIVE_ERR_TEMPLATE_OPTION', message: /names nothing of the page/ })
})
