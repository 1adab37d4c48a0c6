import { parse } from 'parse5'
import type { DefaultTreeAdapterTypes as Dom } from 'parse5'

/** The digest of a page's markers, counted from its DOM as docs/protocol.md tells a browser to. */
export function pageDigest (page: string): number {
  let hash = 2166136261
  const feed = (value: number): void => { hash = Math.imul(hash ^ value, 16777619) }

  function children (nodes: readonly Dom.ChildNode[]): void {
    let opaque = false
    for (const node of nodes) {
      if ('data' in node) {
        const [, kind, part] = /^([[{(]?)(\d+)(?::\w+)?$/.exec(node.data) ?? []
        if (node.data === ']') {
          feed(5)
          opaque = false
        } else if (opaque) continue
        else if (node.data === ',') feed(4)
        else if (part !== undefined) feed(Number(part) * 8 + ['', '[', '{', '('].indexOf(kind as string))
        if (kind === '(') opaque = true
      } else if (!opaque && 'attrs' in node) {
        const at = node.attrs.find(({ name }) => name === 'live-at')
        if (at !== undefined) feed(at.value.split(' ').length * 8 + 6)
        children(node.childNodes)
      }
    }
  }

  children(parse(page).childNodes as Dom.ChildNode[])
  return hash >>> 0
}
