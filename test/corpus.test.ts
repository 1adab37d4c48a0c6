import { isDeepStrictEqual } from 'node:util'
import { parse } from 'parse5'
import type { DefaultTreeAdapterTypes as Dom } from 'parse5'
import t from 'tap'
import { diffTree } from '../lib/render/diff-tree.ts'
import { NOT_SENT, treeValue } from '../lib/render/encode-tree.ts'
import { renderPage } from '../lib/render/render-page.ts'
import { TemplateEnvironment } from '../lib/template/template-environment.ts'
import type { Tree } from '../lib/template/tree.ts'
import { ClientTree } from './helpers/client-tree.ts'
import { HONEST_TEMPLATE, OPEN_PLACES, itemOf } from './helpers/honest-template.ts'
import type { Item } from './helpers/honest-template.ts'
import { HOSTILE_VALUES } from './helpers/hostile-values.ts'
import { pageTree, wireTree } from './helpers/page-tree.ts'

// The whole way, from a value to what a browser reads: one honest template, and everything that people write into it. What
// each place has to say is worked out here from the same page with harmless words in the place of the value.

const program = new TemplateEnvironment({ ...HONEST_TEMPLATE }).compile('page.njk')
const render = (item: Item): Tree => program.render({ data: { version: 1, one: item, items: [item] } }) as Tree
/** As it goes over the wire and is parsed: half characters do not survive UTF-8. */
const documentOf = (page: string): Dom.Document => parse(Buffer.from(page).toString())
const [VALUE, TEXT] = ['harmlessvalue', 'harmlesstext']
const HARMLESS = render(itemOf(1, VALUE, TEXT))
const MIRROR = flat(documentOf(renderPage(HARMLESS)))
const BASE = 'https://app.example/orders/1'

interface Line { readonly says: string, readonly place: string, readonly key: string, readonly value: string }

/** Every element, attribute, text and comment in document order; what stands in open places is left out. */
function flat (root: Dom.ParentNode): Line[] {
  const lines: Line[] = []
  const visit = (node: Dom.ChildNode, place: string): void => {
    if ('value' in node) lines.push({ says: 'text', place, key: '', value: node.value })
    else if ('data' in node) lines.push({ says: `comment ${node.data}`, place, key: '', value: '' })
    if (!('attrs' in node)) return
    const here = node.attrs.find(({ name }) => name === 'data-place')?.value ?? place
    lines.push({ says: `<${node.namespaceURI.slice(-4)}:${node.nodeName}>`, place: here, key: '', value: '' })
    for (const { prefix, name, value } of node.attrs) {
      const key = prefix ? `${prefix}:${name}` : name
      lines.push({ says: `${node.nodeName} ${key}=`, place: here, key, value })
    }
    if (!OPEN_PLACES.includes(here)) for (const child of node.childNodes) visit(child, here)
    lines.push({ says: `</${node.nodeName}>`, place, key: '', value: '' })
  }
  for (const node of root.childNodes) visit(node, '')
  return withoutEmptyTexts(lines)
}

/** A value that is an empty text, or that the parser drops whole, makes no text node. */
function withoutEmptyTexts (lines: readonly Line[]): Line[] {
  const all: Line[] = []
  for (const line of lines) {
    // Beside each tag and comment stands a text, if an empty one.
    if (line.says !== 'text' && all.at(-1)?.says !== 'text' && !line.says.endsWith('=')) all.push({ ...line, says: 'text', value: '' })
    all.push(line)
  }
  return all
}

/** What parsers and UTF-8 change in a text that is otherwise the same. */
const same = (text: string): string => Buffer.from(text).toString().replace(/\r\n?/g, '\n').replace(/[\0\ufffd]/g, '')

/** As JavaScript converts a value, and what has no conversion as what converts. */
function shown (value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join()
  return typeof value === 'object' ? '[object Object]' : String(value)
}

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const LINK = /^(?:https?|mailto|tel):$/
const PICTURE = /^data:image\/(?:png|gif|jpeg|webp|avif)[;,]/i
const LIKE_A_SCHEME = /^[\p{Cc}\s]*[a-z][a-z0-9+.\p{Cc}-]*:/iu

/** Whether a browser follows it to what may run or open nothing. */
function leadsNowhereBad (address: string, kind: 'link' | 'picture'): boolean {
  if (!URL.canParse(address, BASE)) return true
  const { protocol, href } = new URL(address, BASE)
  return (LINK.test(protocol) && (kind === 'link' || protocol.startsWith('http'))) || (kind === 'picture' && PICTURE.test(href))
}

/** An address is the value, or `#unsafe` where the value is or looks like one that is not followed. */
function address (got: string, value: string, kind: 'link' | 'picture'): boolean {
  if (!leadsNowhereBad(got, kind)) return false
  return same(got) === same(value) || (got === '#unsafe' && LIKE_A_SCHEME.test(value))
}

/** HTML 4.8.4.3.10, for the addresses alone. */
function candidates (srcset: string): string[] {
  const found: string[] = []
  for (let rest = srcset; ;) {
    rest = rest.replace(/^[\t\n\f\r ,]+/, '')
    const [url] = /^[^\t\n\f\r ]*/.exec(rest) as RegExpExecArray
    if (url === '') return found
    found.push(url.replace(/,+$/, ''))
    rest = rest.slice(url.length)
    if (url.endsWith(',')) continue
    let depth = 0
    let end = 0
    for (; end < rest.length; end++) {
      if (rest[end] === '(') depth = 1
      else if (rest[end] === ')') depth = 0
      else if (rest[end] === ',' && depth === 0) break
    }
    rest = rest.slice(end)
  }
}

/** A style's value stays where it stands; a string and an address say what the value says, in escapes. */
function css (got: string, mirrored: string, value: string): boolean {
  const [before, after] = mirrored.split(VALUE) as [string, string]
  if (!got.startsWith(before) || !got.endsWith(after)) return false
  const part = got.slice(before.length, got.length - after.length)
  if (!/['"]$|url\($/.test(before)) return part === 'unsafe' || (part === value && !/[;:{}()<>\\/*@!"'\p{Cc}\u2028\u2029]/u.test(part))
  if (!/^(?:[^\\"'()\s;{}<>\p{Cc}]|\\[0-9a-f]{1,6} )*$/u.test(part)) return false
  const says = part.replace(/\\([0-9a-f]+) /g, (_, code: string) => String.fromCodePoint(parseInt(code, 16)))
  return before.includes('url(') ? address(says, value, 'picture') : same(says) === same(value)
}

/** What other places say than the value with what stands around it. */
const OTHER: Readonly<Record<string, (got: string, value: unknown, text: string) => boolean>> = {
  'a text changed': (got, _, text) => same(got) === same(text.replaceAll('<', '[')),
  'a text cut': (got, _, text) => same(got) === same(text.length > 20 ? `${text.slice(0, 20)}...` : text),
  'a text in capitals': (got, _, text) => same(got) === same(text.toUpperCase()),
  // That it is a text and no element is all that counts.
  'a text without tags': () => true,
  'a text in an address': (got, _, text) => got.startsWith('/find?q=') && /^[\w\-.~!'()*%]*$/.test(got.slice(8)) &&
    same(decodeURIComponent(got.slice(8))) === same(text),
  'JSON in an attribute': (got, value) => isDeepStrictEqual(JSON.parse(got), json(value)),
  JSON: (got, value, text) => isDeepStrictEqual(JSON.parse(got), {
    value: typeof value === 'boolean' || Number.isFinite(value) ? value : shown(value),
    in: `(${shown(value)})`,
    dump: json(value),
    list: [text, text]
  })
}

function says (got: Line, mirrored: Line, value: unknown, text: string): boolean {
  const { key, place } = mirrored
  if (!mirrored.value.toLowerCase().includes('harmless')) return got.value === mirrored.value
  const other = OTHER[place]
  if (other !== undefined) return other(got.value, value, text)
  const whole = shown(value)
  const written = mirrored.value.replaceAll(VALUE, () => whole).replaceAll(TEXT, () => text)
  switch (key) {
    case 'style': return css(got.value, mirrored.value, whole)
    case 'srcset': return candidates(got.value).every((url) => leadsNowhereBad(url, 'picture')) && (/#unsafe/.test(got.value) || same(got.value) === same(written))
    case 'ping': return got.value.split(/\s+/).every((url) => leadsNowhereBad(url, 'link')) && (/#unsafe/.test(got.value) || same(got.value) === same(written))
    case 'src': case 'poster': return address(got.value, whole, 'picture')
    case 'href': case 'xlink:href': case 'action': case 'formaction': case 'cite':
      return mirrored.value === VALUE ? address(got.value, whole, 'link') : same(got.value) === same(written) && leadsNowhereBad(got.value, 'link')
    default: return same(got.value) === same(written)
  }
}

/** Lines of Unicode and control characters would cut the report. */
const visible = (text: string): string => text.replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** What a look says, or what it could not read. */
function read<T> (look: () => T): T | string {
  try {
    return look()
  } catch (error) {
    return String(error)
  }
}

/** What is not as it should be. */
function wrongIn (page: Dom.Document, value: unknown, text: string): string[] {
  const lines = flat(page)
  const wrong: string[] = []
  lines.forEach((got, k) => {
    const mirrored = MIRROR[k]
    if (got.says !== mirrored?.says) wrong.push(`${got.place}: ${got.says} instead of ${String(mirrored?.says)}`)
    else if (read(() => says(got, mirrored, value, text)) !== true) wrong.push(`${got.place}: ${got.says} ${visible(got.value.slice(0, 200))}`)
  })
  if (lines.length !== MIRROR.length) wrong.push(`${lines.length} instead of ${MIRROR.length} things`)
  // Where the first is of another kind, all that follow are.
  return wrong.slice(0, 5)
}

const CLEAN = new Set(['abbr', 'b', 'br', 'cite', 'code', 'del', 'dfn', 'em', 'i', 'ins', 'kbd', 'mark', 'q', 's', 'samp', 'small', 'span',
  'strong', 'sub', 'sup', 'time', 'u', 'var', 'wbr', 'blockquote', 'dd', 'div', 'dl', 'dt', 'figcaption', 'figure', 'h1', 'h2', 'h3', 'h4',
  'h5', 'h6', 'hr', 'li', 'ol', 'p', 'pre', 'ul', 'caption', 'col', 'colgroup', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr', 'a', 'img'])
const PLAIN = /^(?:dir|lang|title|href|rel|src|alt|width|height|loading|start|reversed|type|span|colspan|rowspan|scope|datetime)$/

/** What stands in the two open places and should not. */
function wrongInside (node: Dom.ParentNode, place: string): string[] {
  return node.childNodes.flatMap((child): string[] => {
    if (!('attrs' in child)) return 'data' in child && place !== '' && !/^(?:\(\d+|\])$/.test(child.data) ? [`${place}: comment ${child.data}`] : []
    const name = child.attrs.find(({ name }) => name === 'data-place')?.value ?? place
    const here = OPEN_PLACES.includes(name) ? name : ''
    const wrong = wrongInside('content' in child ? (child as Dom.Template).content : child, here)
    if (place === '') return wrong
    if (place === 'lines' ? child.nodeName !== 'br' : !CLEAN.has(child.nodeName)) wrong.push(`${place}: <${child.nodeName}>`)
    for (const { name, value } of child.attrs) {
      if (!PLAIN.test(name)) wrong.push(`${place}: ${name}`)
      if (/^(?:href|src)$/.test(name) && !leadsNowhereBad(value, 'link')) wrong.push(`${place}: ${value}`)
    }
    return wrong
  })
}

/** What markers say of the page, and what the wire says of the tree, as far as parsers leave it alone. */
const told = (tree: unknown): unknown => JSON.parse(JSON.stringify(tree), (_, value: unknown) => typeof value === 'string' ? same(value) : value)

t.test('the looks at a page find what is wrong in it', async (t) => {
  const page = renderPage(HARMLESS)
  t.same(wrongIn(documentOf(page), VALUE, TEXT), [])
  const [whole] = [page.match(/<p data-place="text">.*?<\/p>/)?.[0] as string]
  for (const [from, to] of [
    [whole, whole.replace(VALUE, '<b></b>')], ['<textarea', '<textarea onfocus="x"'], ['<!--1-->', '<!--1--><!--2-->'], ['href="harmlessvalue"', 'href="java\tscript:x"'],
    ['color: harmlessvalue', 'color: x(1)'], ['&#39;harmlessvalue&#39;', '&#39;x&#39;y&#39;'], ['url(harmlessvalue)', 'url(javascript:x)'], ['/a.png 1x, harmlessvalue', '/a.png 1x, x,javascript:x, javascript:y'],
    ['"dump": "harmlessvalue"', '"dump": "harmless"'], ['live-value-text="harmlesstext"', 'live-value-text="x"'], [' id="harmlessvalue"', ' id="harmlessvalue" hidden'], ['/a harmlessvalue', '/a data:x']
  ] as const) {
    t.ok(page.includes(from), from)
    t.not(wrongIn(documentOf(page.replace(from, () => to)), VALUE, TEXT).length, 0, to)
  }
  for (const inside of ['<script></script>', '<b onclick="x">b</b>', '<a href="javascript:x">x</a>', '<!--3-->']) {
    t.not(wrongInside(documentOf(page.replace('"HTML that was cleaned">', (start) => start + inside)), '').length, 0, inside)
  }
  t.not(wrongInside(documentOf(page.replace('"lines">', '"lines"><b></b>')), '').length, 0)
})

t.test('H01 H02 K01 whatever I am called, each place of a page says it and no more, at first and when it changes', async (t) => {
  t.ok(HOSTILE_VALUES.length >= 300)
  for (const [name, value] of HOSTILE_VALUES) {
    const item = itemOf(1, value)
    const tree = render(item)
    const page = renderPage(tree)
    const parsed = documentOf(page)
    const wrong = [...wrongIn(parsed, value, item.text), ...wrongInside(parsed, '')]
    // A page that is open already: what a patch makes of it is what the page says.
    const client = new ClientTree(json(treeValue(HARMLESS, NOT_SENT)))
    const { patch, shapes } = diffTree(HARMLESS, tree, new Set())
    if (patch !== null) client.apply(json(patch), json(shapes) as Record<string, string> | null)
    if (!isDeepStrictEqual(client.toValue(), json(treeValue(tree, NOT_SENT)))) wrong.push('the patch makes another tree')
    if (!isDeepStrictEqual(read(() => told(pageTree(Buffer.from(page).toString(), tree.shape.id))), told(wireTree(tree)))) wrong.push('page and patch differ')
    t.same(wrong, [], name)
  }
})
