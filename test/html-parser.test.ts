import { parse, parseFragment } from 'parse5'
import type { DefaultTreeAdapterTypes as Dom } from 'parse5'
import t from 'tap'
import { analysePlaces, placeOf } from '../lib/template/html/analyse-places.ts'
import type { Layout } from '../lib/template/layout.ts'
import type { Shape } from '../lib/template/shape.ts'
import { either, loop, templates, value, when } from './html-shapes.ts'
import type { Part } from './html-shapes.ts'

type Random = () => number

/** mulberry32: small, seeded. */
function random (seed: number): Random {
  return () => {
    seed = (seed + 0x6D2B79F5) | 0
    let n = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n
    return ((n ^ (n >>> 14)) >>> 0) / 4294967296
  }
}

const CHILDREN: Readonly<Record<string, string>> = {
  table: 'caption colgroup thead tbody tfoot tr tr tr',
  thead: 'tr',
  tbody: 'tr tr td',
  tfoot: 'tr',
  tr: 'td td th',
  colgroup: 'col',
  select: 'option option optgroup hr',
  optgroup: 'option',
  ul: 'li li li',
  ol: 'li',
  dl: 'dt dd dd',
  ruby: 'rb rt rtc rp',
  svg: 'circle g text title foreignObject a',
  g: 'circle path desc',
  math: 'mi mo mrow annotation-xml',
  mrow: 'mi mo',
  form: 'input button label',
  p: 'b i a span em'
}
const FLOW = ('div p p ul table select b i a span button form h1 h2 svg math dl pre br input textarea ruby em code nobr object ' +
  'section li td tr option details img hr label style script noscript template title strong small font dd center address').split(' ')
const VOID = ['br', 'input', 'img', 'hr', 'col']
const TEXT = ['style', 'script', 'noscript', 'title', 'textarea']

function pick<T> (next: Random, list: readonly T[]): T {
  return list[Math.floor(next() * list.length)] as T
}

/** Mostly well-formed HTML with holes, and now and then what a tired author writes. */
function content (next: Random, parent: string, depth: number): Part[] {
  const parts: Part[] = []
  for (let n = Math.floor(next() * 4); n >= 0; n--) {
    const kind = next()
    if (kind < 0.12) parts.push(pick(next, ['text', ' ', '\n', 'a &amp; b', '<!-- note -->', '<!--3-->', '<!3>', '</>']))
    else if (kind < 0.22) parts.push(value)
    else if (kind < 0.32) parts.push(when(...content(next, parent, depth - 1)))
    else if (kind < 0.36) parts.push(either(content(next, parent, depth - 1), content(next, parent, depth - 1)))
    else if (kind < 0.46) parts.push(loop(...content(next, parent, depth - 1)))
    else if (kind < 0.48) parts.push(`</${pick(next, FLOW)}>`)
    else if (depth > 0) parts.push(...element(next, parent, depth))
  }
  return parts
}

function element (next: Random, parent: string, depth: number): Part[] {
  const likely = CHILDREN[parent]
  const name = likely !== undefined && next() < 0.9 ? pick(next, likely.split(' ')) : pick(next, FLOW)
  const parts: Part[] = [`<${name}`]
  if (next() < 0.25) parts.push(' class="a ', value, '"')
  if (next() < 0.05) parts.push(' ', when('hidden'))
  if (VOID.includes(name)) return [...parts, '>']
  if (next() < 0.03) return [...parts, '/>']
  parts.push('>')
  if (TEXT.includes(name)) parts.push(next() < 0.3 ? value : 'x <b> y')
  else parts.push(...content(next, name, depth - 1))
  if (next() < 0.93 || TEXT.includes(name)) parts.push(`</${name}>`)
  return parts
}

const VALUE = '§'

/** The page as docs/protocol.md has it, with every branch and two rows of every loop; collects what should be found. */
function serialise (body: Shape, found: string[], choice: number): string {
  const { page, parts, partOf, marks } = body.layout as Layout
  let html = page[0] as string
  const marked = marks.values()
  const elementsUpTo = (hole: number | null): void => {
    for (const mark of marked) {
      if (mark === hole) return
      found.push(`element ${-mark}`)
    }
  }
  body.slots.forEach((slot, k) => {
    const n = partOf[k] as number
    const part = parts[n]!
    if (part.kind === 'hole') {
      elementsUpTo(n)
      const path = placeOf(body, k)!.state.stack.map((open) => open.name).join('/')
      const filling = slot.bodies[choice % slot.bodies.length]
      if (slot.kind === 'loop') {
        html += `<!--{${n}:${filling!.id}-->`
        found.push(`{${n} in ${path}`)
        for (const row of [0, 1]) {
          found.push(`row ${row} in ${path}`)
          html += '<!--,-->' + serialise(filling as Shape, found, choice)
        }
        html += '<!--]-->'
        found.push(`] in ${path}`)
      } else if (filling !== undefined) {
        found.push(`[${n} in ${path}`)
        html += `<!--[${n}:${filling.id}-->${serialise(filling, found, choice)}<!--]-->`
        found.push(`] in ${path}`)
      } else {
        found.push(`${n}${part.textless ? '' : VALUE} in ${path}`)
        html += `<!--${n}-->${part.textless ? '' : VALUE}${part.closed ? '' : '<!--/-->'}`
      }
    } else {
      html += slot.bodies[0]?.statics[0] ?? VALUE
    }
    html += page[k + 1] as string
  })
  elementsUpTo(null)
  return html
}

function childrenOf (node: Dom.Node): Dom.ChildNode[] {
  return 'content' in node ? (node.content as Dom.DocumentFragment).childNodes : 'childNodes' in node ? node.childNodes : []
}

const MARK = /^(?:(\d+)|([[{]\d+):(\w+)|\]|,)$/

/** What a browser finds, in document order. */
function find (node: Dom.Node, path: string, found: string[], rows: number[]): void {
  for (const [i, child] of childrenOf(node).entries()) {
    if (child.nodeName === '#comment') {
      const data = (child as Dom.CommentNode).data
      const mark = MARK.exec(data)
      if (mark === null) continue
      const next = childrenOf(node)[i + 1]
      const text = next?.nodeName === '#text' && (next as Dom.TextNode).value === VALUE ? VALUE : ''
      if (mark[1] !== undefined) found.push(`${data}${text} in ${path}`)
      else if (data === ',') found.push(`row ${rows[rows.length - 1]!++} in ${path}`)
      else found.push(`${mark[2] ?? ']'} in ${path}`)
      if (mark[2] !== undefined) rows.push(0)
      if (data === ']') rows.pop()
    } else if ('tagName' in child) {
      const at = child.attrs.find((attribute) => attribute.name === 'live-at')
      if (at !== undefined) found.push(`element ${at.value.split(' ').length}`)
      find(child, path === '' ? child.tagName.toLowerCase() : `${path}/${child.tagName.toLowerCase()}`, found, rows)
    }
  }
}

/** Nodes as text, what stands in holes left out. */
function outline (nodes: readonly Dom.ChildNode[]): string {
  let text = ''
  let inside = 0
  for (const node of nodes) {
    const data = node.nodeName === '#comment' ? (node as Dom.CommentNode).data : ''
    if (/^[[{]\d+/.test(data) && inside++ === 0) text += `<!--${/\d+/.exec(data)![0]}-->`
    else if (data === ']') inside--
    else if (inside > 0 || data === '/') continue
    else if (data !== '') text += `<!--${data}-->`
    else if (node.nodeName === '#text') text += (node as Dom.TextNode).value.replaceAll(VALUE, '')
    else if ('tagName' in node) {
      const at = node.attrs.find(({ name }) => name === 'live-at')?.value ?? ''
      text += `<${node.tagName} ${at}>${at.includes('=') ? '' : outline(childrenOf(node))}</>`
    }
  }
  return text
}

/** Foreign elements that hold HTML. */
const HTML_INSIDE = /^(?:mi|mo|mn|ms|mtext|foreignObject|desc|title)$/

/** Every body between its markers, by shape id, with the namespace it stands in. */
function bodies (node: Dom.Node, result: Map<string, [string, string]>): void {
  const nodes = childrenOf(node)
  nodes.forEach((child, i) => {
    const id = child.nodeName === '#comment' ? /^[[{]\d+:(\w+)$/.exec((child as Dom.CommentNode).data) : null
    if (id !== null) {
      const isList = (child as Dom.CommentNode).data[0] === '{'
      let depth = 0
      const inner: Dom.ChildNode[] = []
      for (const next of nodes.slice(i + (isList ? 2 : 1))) {
        const data = next.nodeName === '#comment' ? (next as Dom.CommentNode).data : ''
        if (depth === 0 && (data === ']' || data === ',')) break
        if (/^[[{]\d+:/.test(data)) depth++
        if (data === ']') depth--
        inner.push(next)
      }
      result.set(id[1] as string, [outline(inner), 'tagName' in node && !HTML_INSIDE.test(node.tagName) ? node.namespaceURI : ''])
    }
    bodies(child, result)
  })
}

function asTemplate (html: string, namespace: string): string {
  const kind = /svg/.test(namespace) ? 'svg' : /Math/.test(namespace) ? 'math' : null
  const template = parseFragment(`<template>${kind === null ? html : `<${kind}>${html}</${kind}>`}</template>`).childNodes[0] as Dom.Template
  return outline(childrenOf(kind === null ? template : template.content.childNodes[0] as Dom.Node))
}

function shapes (body: Shape): Shape[] {
  return [body, ...body.slots.flatMap((slot) => slot.bodies.flatMap(shapes))]
}

/** Anything else is a bare fragment, which gets the head and <body> from the server. */
const DOCUMENT = /^(?:\s|<!-- [^>]*-->|<\/[a-z]*>)*<(?:!doctype|html|head|body|title|meta|link|style|script|base|template|noscript)\b/

/** Null where page and templates give what the analysis says, else what differs. */
function check (root: Shape, choice: number): string | null {
  const expected: string[] = []
  const html = serialise(root, expected, choice)
  const page = DOCUMENT.test(html) ? html : `<meta name="live-token"><body>${html}`
  const document = parse(page)
  const found: string[] = []
  find(document, '', found, [])
  if (found.join('\n') !== expected.join('\n')) {
    const i = expected.findIndex((line, k) => line !== found[k])
    return `${page}\nexpected ${expected[i]}, found ${found[i]}`
  }
  const inPage = new Map<string, [string, string]>()
  bodies(document, inPage)
  for (const body of shapes(root)) {
    const [inside, namespace] = inPage.get(body.id) ?? []
    if (inside === undefined || body.layout === null) continue
    const alone = asTemplate(body.layout.html, namespace as string)
    if (alone !== inside) return `${page}\ntemplate ${body.layout.html}\nalone   ${alone}\nin page ${inside}`
  }
  return null
}

t.test('what is accepted stands where a browser\'s parser puts it, in the page and in templates', async (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 7)
  const runs = Number(process.env['FUZZ_RUNS'] ?? 1500)
  t.comment(`seed ${seed}`)
  let accepted = 0
  let holes = 0
  let shortest = ''
  for (let run = 0; run < runs; run++) {
    const next = random(seed + run)
    const inner = content(next, 'div', 4)
    const parts: Part[] = next() < 0.5 ? ['<!doctype html><html><head>', when('<meta name="a">'), '</head><body>', ...inner, '</body></html>'] : inner
    const source = templates({ 'page.njk': { root: parts } })
    try {
      analysePlaces(source, 'page.njk')
    } catch (error) {
      if (!String((error as { code?: string }).code).startsWith('LIVE_ERR_HTML_')) throw error
      continue
    }
    accepted++
    const root = source.shape('page.njk')
    holes += root.slots.length
    const wrong = check(root, 0) ?? check(root, 1)
    if (wrong !== null && (shortest === '' || wrong.length < shortest.length)) shortest = `FUZZ_SEED=${seed + run}: ${wrong}`
  }
  t.equal(shortest, '', 'the shortest of what differs')
  t.comment(`accepted ${accepted} of ${runs}, ${holes} holes at the top`)
  t.ok(accepted > runs / 10, 'enough is accepted to mean something')
})
