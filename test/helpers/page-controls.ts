import { parse } from 'parse5'
import type { DefaultTreeAdapterTypes as Dom } from 'parse5'

/** A control of a page, and what a browser would name it by in an event. */
export interface PageControl {
  readonly event: string
  readonly kind: string
  readonly path: number[]
  readonly element: number
  readonly seen: string[]
}

/** The controls of a page as its markers say, in document order: docs/protocol.md, "Markers in the page". */
export function pageControls (page: string): PageControl[] {
  const controls: PageControl[] = []

  function siblings (nodes: readonly Dom.ChildNode[], outer: readonly number[]): void {
    const paths: number[][] = [[...outer]]
    let opaque = false
    for (const node of nodes) {
      const path = paths.at(-1) as number[]
      if ('data' in node) {
        const [, kind, part] = /^([[{(])(\d+)(?::\w+)?$/.exec(node.data) ?? []
        if (node.data === ']') {
          if (!opaque) paths.pop()
          opaque = false
        } else if (opaque) continue
        else if (kind === '(') opaque = true
        else if (kind === '[') paths.push([...path, Number(part)])
        // Before the first row.
        else if (kind === '{') paths.push([...path, Number(part), -1])
        else if (node.data === ',') path.push(path.pop() as number + 1)
      } else if (!opaque && 'attrs' in node) {
        element(node, path)
        siblings(node.childNodes, path)
      }
    }
  }

  function element ({ attrs }: Dom.Element, path: readonly number[]): void {
    const number = /@(\d+)/.exec(attrs.find(({ name }) => name === 'live-at')?.value ?? '')?.[1]
    if (number === undefined) return
    const seen = attrs.filter(({ name }) => name.startsWith('live-value-')).map(({ value }) => value)
    for (const { name, value } of attrs) {
      const kind = /^live-(click|submit|change|input|keydown|focus|blur)$/.exec(name)?.[1]
      if (kind !== undefined) controls.push({ event: value, kind, path: [...path], element: Number(number), seen })
    }
  }

  siblings(parse(page).childNodes as Dom.ChildNode[], [])
  return controls
}

/** The first control for an event, that shows these values where they are given. */
export function findControl (page: string, event: string, ...values: string[]): PageControl {
  const found = pageControls(page).find((one) => one.event === event && values.every((value, k) => one.seen[k] === value))
  if (found === undefined) throw new Error(`the page has no control for ${event} ${values.join()}`)
  return found
}
