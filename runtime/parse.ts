import { clean } from './safe.ts'
import { createElement, findAll, firstOf, getAttribute, insertBefore, localName, namespaceOf } from './native.ts'

interface Policy { createHTML (html: string): string }

let source = ''
// Whatever else gets hold of the policy makes nothing of its own with it.
const rules: Policy = { createHTML: () => source }
let policy = rules

/** Throws where the page's headers do not allow the policy, or another script has made one of its name. */
export function createPolicy (): void {
  const factory = (window as { trustedTypes?: { createPolicy (name: string, rules: Policy): Policy } }).trustedTypes
  // In browsers without trusted types it may be an <img name="trustedTypes">.
  if (typeof factory?.createPolicy === 'function') policy = factory.createPolicy('fastify-live-view', rules)
}

/** The only place where a string becomes HTML. The element is never in a document that runs scripts or shows anything. */
export function parseInto (element: Element, html: string): void {
  source = html
  // eslint-disable-next-line no-unsanitized/property -- the one sink, under the policy
  element.innerHTML = policy.createHTML('')
  source = ''
}

function parse (html: string): DocumentFragment {
  const template = createElement('template') as HTMLTemplateElement
  parseInto(template, html)
  return template.content
}

/** SVG and MathML have namespaces of their own, which the parser only gives inside them. */
function namespaceAt (parent: Node): 'svg' | 'math' | '' {
  if (!(parent instanceof Element)) return ''
  const found = /svg$|Math/.exec(namespaceOf(parent) ?? '')
  if (!found || /^(?:foreignObject|desc|title|annotation-xml)$/.test(localName(parent))) return ''
  return found[0] === 'svg' ? 'svg' : 'math'
}

/** The HTML as nodes that fit into this parent: rows, options and cells as well as shapes of a drawing. */
export function parseFor (parent: Node, html: string): DocumentFragment {
  const wrapper = namespaceAt(parent)
  const fragment = parse(wrapper ? `<${wrapper}>${html}</${wrapper}>` : html)
  if (wrapper) {
    const root = firstOf(fragment) as Element
    for (let child = firstOf(root); child; child = firstOf(root)) insertBefore(fragment, child, root)
    root.remove()
  }
  clean(fragment)
  return fragment
}

const sources = new Map<string, string>()
const parsed = new Map<string, DocumentFragment>()

/** Keeps the shapes that a message brought. */
export function addShapes (shapes: Record<string, string> | 0 | undefined): void {
  for (const [id, html] of Object.entries(shapes || {})) sources.set(id, html)
}

export function sourceOf (id: string): string {
  const source = sources.get(id)
  if (source === undefined) throw new Error('unknown shape ' + id)
  return source
}

// Dynamic attributes stand empty in a shape, and `<circle r="">` is an error, `<img src="">` a request. Those of events stay,
// their order counts.
function withoutEmpty (html: string): string {
  return html.replace(/<[a-z](?:"[^"]*"|'[^']*'|[^>"'])*>/gi, (tag) => {
    const marks = / live-at="([^"]*)"/.exec(tag)?.[1] ?? ''
    for (const [, name] of marks.matchAll(/\d:(?!live-)(\S+)/g)) tag = tag.replace(` ${name}=""`, '')
    return tag
  })
}

/** A fresh clone of a shape, for this parent. */
export function cloneShape (id: string, parent: Node): DocumentFragment {
  const key = namespaceAt(parent) + ' ' + id
  let fragment = parsed.get(key)
  if (!fragment) parsed.set(key, fragment = parseFor(parent, withoutEmpty(sourceOf(id))))
  return Document.prototype.importNode.call(document, fragment, true) as DocumentFragment
}

/** What HTML source says as text: in an attribute, or in an element whose content is text. */
export function decode (source: string, tag: string): string {
  if (!source.includes('&') || tag === 'script') return source
  if (tag) return (firstOf(parse(`<${tag}>${tag === 'textarea' ? '\n' : ''}${source}`)) as Element).textContent as string
  return getAttribute(findAll(parse(`<i title="${source.replace(/"/g, '&quot;')}">`), 'i')[0] as Element, 'title') as string
}
