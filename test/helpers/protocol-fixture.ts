import { parse, serialize } from 'parse5'
import type { DefaultTreeAdapterTypes as Dom } from 'parse5'
import { diffTree } from '../../lib/render/diff-tree.ts'
import { renderPage } from '../../lib/render/render-page.ts'
import type { ProtocolCase } from './protocol-cases.ts'

/** One golden file: what both sides must do with a page and the messages that follow. */
export interface ProtocolFixture {
  readonly name: string
  /** Every shape that the messages bring. */
  readonly shapes: Readonly<Record<string, string>>
  /** The GET's HTML with markers. */
  readonly page: string
  readonly messages: readonly (readonly unknown[])[]
  /** After each message: the body's innerHTML without markers (`live-at`, the protocol's comments), attributes sorted by name. */
  readonly expected: readonly string[]
  /** After each message: the document's title. */
  readonly titles: readonly string[]
}

const MARKER = /^(?:\d+|[[{]\d+:\w+|\(\d+|[\],/])$/

/** What the server makes of the case. */
export function protocolFixture ({ name, trees }: ProtocolCase): ProtocolFixture {
  const [first, ...later] = trees() as [ReturnType<typeof trees>[number], ...ReturnType<typeof trees>]
  const sent = new Set<string>()
  const all: Record<string, string> = {}
  const messages: unknown[][] = []
  const shown: { body: string, title: string }[] = []
  const page = renderPage(first, { head: '<meta name="live-token" content="t">' })
  let previous = first
  for (const next of later) {
    const { patch, shapes } = diffTree(previous, next, sent)
    previous = next
    if (patch === null) continue
    messages.push(shapes === null ? ['p', 0, patch] : ['p', 0, patch, shapes])
    Object.assign(all, shapes)
    shown.push(withoutMarkers(renderPage(next)))
  }
  return { name, shapes: all, page, messages, expected: shown.map(({ body }) => body), titles: shown.map(({ title }) => title) }
}

/** JSON with a message a line. */
export function fixtureText (fixture: ProtocolFixture): string {
  const fields = Object.entries(fixture).map(([name, value]: [string, unknown]) => {
    if (!Array.isArray(value) || value.length === 0) return `  "${name}": ${JSON.stringify(value)}`
    return `  "${name}": [\n${value.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`
  })
  return `{\n${fields.join(',\n')}\n}\n`
}

/** Body and title of a page, as the parser reads it, without what the protocol added. */
export function withoutMarkers (page: string): { body: string, title: string } {
  const root = (parse(page).childNodes.find(({ nodeName }) => nodeName === 'html')) as Dom.Element
  strip(root)
  const [head, body] = root.childNodes.filter((node) => node.nodeName === 'head' || node.nodeName === 'body') as Dom.Element[]
  const title = head?.childNodes.find(({ nodeName }) => nodeName === 'title') as Dom.Element | undefined
  return { body: serialize(body as Dom.Element), title: title === undefined ? '' : serialize(title) }
}

function strip (element: Dom.Element): void {
  element.attrs = element.attrs.filter(({ name }) => name !== 'live-at').sort((a, b) => a.name < b.name ? -1 : 1)
  element.childNodes = element.childNodes.filter((node) => !('data' in node) || !MARKER.test(node.data))
  for (const node of element.childNodes) if ('attrs' in node) strip(node)
}
