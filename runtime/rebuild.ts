import { setAttribute } from './attributes.ts'
import type { Body, TreeValue } from './body.ts'
import {
  attributeNames, bodyOf, createElement, findAll, firstOf, focused, getAttribute, headOf, insertBefore, localName, matches,
  nextOf, removeNode, rootOf, setText, typeOf
} from './native.ts'
import { parseInto, sourceOf } from './parse.ts'
import { setBody } from './patch.ts'
import { clean } from './safe.ts'
import { rootBody, walk } from './walk.ts'

// Not to be made anew by a patch, and in force already. JSON is data, and is made anew.
const HELD = 'script:not([type$=json]),base,meta[http-equiv]'

/** Builds the whole document anew: the page's markup is not the server's (a minifier, an extension, a deployment). */
export function rebuild ({ s, v }: TreeValue): Body {
  const source = sourceOf(s)
  const active = focused(document)
  const id = active && getAttribute(active, 'id')
  // A template's document is inert: nothing loads and nothing runs in it.
  const inert = (createElement('template') as HTMLTemplateElement).content.ownerDocument
  const fresh = inert.createElement('html')
  parseInto(fresh, source)
  for (const script of findAll(fresh, 'script:not([type$=json])')) removeNode(script)
  clean(fresh)

  const root = rootOf(document)
  // The parser takes the tag itself away where it is asked for a fragment.
  const tag = /<html((?:"[^"]*"|'[^']*'|[^>"'])*)>/i.exec(source)
  const holder = inert.createElement('div')
  parseInto(holder, `<i ${tag?.[1] ?? ''}></i>`)
  takeAttributes(root, firstOf(holder) as Element)

  for (const parent of [document, root]) for (const child of childrenOf(parent)) if (typeOf(child) === 8) removeNode(child)
  let next: Node | null = headOf(document)
  for (const child of childrenOf(fresh)) {
    const name = typeOf(child) === 1 ? localName(child as Element) : ''
    const own = name === 'head' ? headOf(document) : name === 'body' ? bodyOf(document) : null
    if (!own) insertBefore(root, child, next)
    else {
      takeAttributes(own, child as Element)
      if (name === 'head') takeHead(own, child)
      else {
        setText(own, '')
        for (const inner of childrenOf(child)) insertBefore(own, inner, null)
      }
      next = nextOf(own)
    }
  }
  const body = rootBody()
  walk(document, body)
  setBody(body, v, 'build')
  const again = id && findAll(document, '#' + CSS.escape(id))[0]
  if (again) HTMLElement.prototype.focus.call(again)
  return body
}

function childrenOf (parent: Node): Node[] {
  const nodes: Node[] = []
  for (let child = firstOf(parent); child; child = nextOf(child)) nodes.push(child)
  return nodes
}

function takeAttributes (target: Element, from: Element): void {
  const names = attributeNames(from)
  for (const name of attributeNames(target)) {
    if (!names.includes(name) && !/^(?:data-)?live|^style$/.test(name)) setAttribute(target, name, null)
  }
  for (const name of names) setAttribute(target, name, getAttribute(from, name))
}

/** Style sheets that stay are not touched: taken out and put back they would load again, and the page flash unstyled. */
function takeHead (head: Element, fresh: Node): void {
  const kept = new Map<Node, Node>()
  const news = childrenOf(fresh)
  for (const old of childrenOf(head)) {
    const equal = news.find((node) => typeOf(node) === 1 && !kept.has(node) && node.isEqualNode(old))
    if (equal) kept.set(equal, old)
    else if (typeOf(old) !== 1 || !matches(old as Element, HELD)) removeNode(old)
  }
  let next = firstOf(head)
  for (const node of news) {
    const old = kept.get(node)
    if (old) next = nextOf(old)
    else insertBefore(head, node, next)
  }
}
