/// <reference lib="dom" />
import type { Page } from 'playwright-core'

/** What the page shows, without what only the live page or only the token of one rendering has. Runs in the browser. */
function snapshot (): string[] {
  const lines: string[] = []
  const own = /^(?:live-at|data-live.*|aria-busy)$/
  const show = (parent: Node, depth: string): void => {
    let text = ''
    const flush = (): void => {
      if (text) lines.push(`${depth}"${text}"`)
      text = ''
    }
    const each = (node: Node): void => {
      for (const child of Array.from(node.childNodes)) {
        if (child instanceof Text) text += child.data
        // What a translation tool has put around a text.
        else if (child instanceof Element && child.localName === 'font' && child.hasAttribute('data-translated')) each(child)
        else if (child instanceof Element && child.getAttribute('data-live-status') === null) {
          flush()
          element(child, depth)
        }
      }
    }
    each(parent)
    flush()
  }
  const element = (one: Element, depth: string): void => {
    if (one.matches('meta[name=live-token], script[src]')) return
    const attributes = Array.from(one.attributes, ({ name, value }) =>
      own.test(name) ? '' : `${name}=${name === 'style' ? value.replace(/[\s;]/g, '') : value}`)
    const shown: string[] = []
    if (one instanceof HTMLInputElement) shown.push(`value ${one.value}`, `checked ${one.checked}`)
    if (one instanceof HTMLTextAreaElement || one instanceof HTMLSelectElement) shown.push(`value ${one.value}`)
    if (one instanceof HTMLOptionElement) shown.push(`selected ${one.selected}`)
    if (one instanceof HTMLDetailsElement || one instanceof HTMLDialogElement) shown.push(`open ${one.open}`)
    lines.push(`${depth}<${one.namespaceURI?.slice(-4)}:${one.localName} ${attributes.filter(Boolean).sort().join(' ')}> ${shown.join(' ')}`)
    show(one, depth + '  ')
  }
  element(document.documentElement, '')
  return lines
}

/** What the page shows now, normalised: elements, attributes, text, namespaces and what fields show. */
export function shownBy (page: Page): Promise<string[]> {
  return page.evaluate(snapshot)
}

/**
 * The page as it now is, and the page that the server gives to somebody who asks for it now, both normalised. The test's state
 * has to be one that a fresh page shows too.
 */
export async function withFresh (page: Page, url: string = page.url()): Promise<{ live: string[], fresh: string[] }> {
  const other = await page.context().newPage()
  try {
    // Without the runtime: what the server rendered and the parser made of it.
    await other.route('**/live-view.js', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }))
    await other.goto(url)
    return { live: await shownBy(page), fresh: await shownBy(other) }
  } finally {
    await other.close()
  }
}
