import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { renderPage } from '../lib/render/render-page.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Tree } from '../lib/template/tree.ts'

const text = readFileSync('docs/output.md', 'utf8')
const blocks = (language: string): string[] =>
  [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].filter(([, of]) => of === language).map(([, , code]) => code as string)

let loaded = 0

/** Loads a block as a module, with the sources in place of the package. */
async function load (t: Test, code: string): Promise<Record<string, unknown>> {
  const folder = t.testdir({})
  const sources: ReadonlyArray<readonly [string, string]> = [
    ["'fastify-live-view/security'", `'${relative(folder, fileURLToPath(new URL('../plugin/security.ts', import.meta.url)))}'`],
    ["import.meta.resolve('fastify-live-view/client')", `'${pathToFileURL('dist/runtime/security/client-utilities.js').href}'`],
  ]
  const file = join(folder, `block-${++loaded}.ts`)
  writeFileSync(file, sources.reduce((code, [name, source]) => code.replaceAll(name, source), code))
  return await import(pathToFileURL(file).href) as Record<string, unknown>
}

function blockWith (language: string, part: string): string {
  const found = blocks(language).filter((code) => code.includes(part))
  if (found.length !== 1) throw new Error(`docs/output.md has ${found.length} ${language} blocks with ${part}`)
  return found[0] as string
}

/** The page of one template. */
function page (source: string, data: object, trustedHtml: readonly string[] = []): string {
  const program = new TemplateEnvironment({ page: source }).compile('page', { trustedHtml })
  return renderPage(program.render(data) as Tree).replaceAll(/<!--.*?-->| live-at="[^"]*"/g, '')
}

t.test('docs/output.md: each place encodes as its table says', async (t) => {
  const rows: ReadonlyArray<readonly [written: string, value: string, shown: string]> = [
    ['<p>{{ x }}</p>', '<b>"', '<p>&lt;b&gt;&quot;</p>'],
    ['<title>{{ x }}</title>', '</title><script>', '<title>&lt;/title&gt;&lt;script&gt;</title>'],
    ['<p title="{{ x }}">', '" onclick="y', '<p title="&quot; onclick=&quot;y">'],
    ['<a href="{{ x }}">a</a>', 'tel:1', '<a href="tel:1">a</a>'],
    ['<a href="{{ x }}">a</a>', 'java\tscript:y', '<a href="#unsafe">a</a>'],
    ['<a href="{{ x }}">a</a>', 'data:image/png;base64,AA', '<a href="#unsafe">a</a>'],
    ['<form action="{{ x }}"></form>', 'vbscript:y', '<form action="#unsafe"></form>'],
    ['<img src="{{ x }}">', 'data:image/png;base64,AA', '<img src="data:image/png;base64,AA">'],
    ['<img src="{{ x }}">', 'mailto:a@example.com', '<img src="#unsafe">'],
    ['<img srcset="{{ x }}">', '/a.png 1x, javascript:y 2x', '<img srcset="/a.png 1x, #unsafe 2x">'],
    ['<a ping="{{ x }}" href="/a">a</a>', '/p javascript:y', '<a ping="/p #unsafe" href="/a">a</a>'],
    ['<script src="/assets/{{ x }}/app.js"></script>', 'v1', '<script src="/assets/v1/app.js"></script>'],
    ['<script src="/assets/{{ x }}/app.js"></script>', '../uploads', '<script src="#unsafe"></script>'],
    ['<p style="width: {{ x }}%">', '12.5', '<p style="width: 12.5%">'],
    ['<p style="width: {{ x }}%">', '1; color: red', '<p style="width: unsafe%">'],
    ['<p style="color: rgb({{ x }}, 2, 3)">', '255', '<p style="color: rgb(255, 2, 3)">'],
    ['<p style="{% if x %}display: none{% endif %}">', '1', '<p style="display: none">'],
    ['<input {{ "checked" if x }}>', '1', '<input checked="">'],
    ['<a href="/search?q={{ x | urlencode }}">a</a>', 'a&b', '<a href="/search?q=a%26b">a</a>'],
    ['<a href="{{ x }}">a</a>', '//elsewhere.example', '<a href="//elsewhere.example">a</a>'],
    ["<p style=\"background: url('{{ x }}')\">", 'javascript:y', '<p style="background: url(&#39;#unsafe&#39;)">'],
    ['<script type="application/json">{"name": {{ x }}}</script>', '</script>"', '<script type="application/json">{"name": "\\u003c/script\\u003e\\""}</script>'],
    ['<script type="application/json">"Hello {{ x }}"</script>', '"', '<script type="application/json">"Hello \\""</script>'],
    ['<script type="application/json">{{ x | dump }}</script>', 'a', '<script type="application/json">"a"</script>'],
    ['<p>{{ x | escape }}</p>', '<b>', '<p>&lt;b&gt;</p>'],
  ]
  for (const [written, x, shown] of rows) t.equal(page(written, { x }), shown, `${written} with ${x}`)
})

t.test('docs/output.md: HTML from data is cleaned or has two keys', async (t) => {
  const [cleaned, trusted] = blocks('html') as [string, string]
  const body = '<p class="x">Hi<script>x()</script> <a href="javascript:x()">a</a></p>'
  t.equal(page(cleaned, { post: { body } }).trim(), '<article><p>Hi <a rel="nofollow noopener noreferrer ugc">a</a></p></article>')
  const [, list] = /trustedHtml: (\[.*?\])/.exec(blockWith('ts', 'trustedHtml')) as unknown as [string, string]
  const names = JSON.parse(list.replaceAll("'", '"')) as string[]
  t.equal(page(trusted, { article: { html: '<b>x</b>' } }, names).trim(), '<article><b>x</b></article>')
  t.throws(() => page(trusted, {}), { code: 'LIVE_ERR_HTML_TRUST' })
  t.throws(() => page('<p>{{ article.html }}</p>', {}, names), { code: 'LIVE_ERR_HTML_TRUST' })
  t.throws(() => page("<p>{{ article.html | replace('x', name) | safe }}</p>", {}, names), { code: 'LIVE_ERR_HTML_TRUST' })
  t.equal(page('<p title="{{ article.html | safe }}">', { article: { html: '<b>' } }), '<p title="&lt;b&gt;">')
  const rows = '{% for comment in comments %}<div>{{ comment.html | safe }}</div>{% endfor %}'
  t.equal(page(rows, { comments: [{ html: '<i>a</i>' }] }, ['comments[].html']), '<div><i>a</i></div>')
})

t.test('docs/output.md: its own HTML, JSON, fields and log lines are what it says', async (t) => {
  const code = blockWith('ts', 'formatHtml`')
  const made = await load(t, code)
  const said = [...code.matchAll(/^export const (\w+) = .*\n\/\/ (.*)$/gm)]
  t.equal(said.length, 7, 'each has its result')
  for (const [, name, result] of said) {
    const value = made[name as string]
    t.equal(Array.isArray(value) ? `[${value.map((item) => `'${item}'`).join(', ')}]` : String(value), result as string, name as string)
  }
  t.same(made['user'], { name: 'Zoë', email: '', role: 'user' })
})

t.test('docs/output.md: its error handler tells an id, and the file of its utilities is served', async (t) => {
  const { app } = await load(t, blockWith('ts', 'setErrorHandler')) as { app: FastifyInstance }
  t.teardown(() => app.close())
  app.get('/', () => { throw new Error('a secret') })
  const answer = await app.inject('/')
  t.equal(answer.statusCode, 500)
  t.match(answer.json(), { error: /went wrong/, errorId: /^[0-9a-f]{12}$/ })
  t.notMatch(answer.body, /secret/)
  const { app: files } = await load(t, blockWith('ts', 'live-view-utilities.js')) as { app: FastifyInstance }
  t.teardown(() => files.close())
  const file = await files.inject('/live-view-utilities.js')
  t.match([file.statusCode, file.headers['content-type']], [200, /^text\/javascript/])
  t.match(file.body, /safeSetInnerHTML/)
})
