import { createElement, findAll, getAttribute, insertBefore, isConnected, rootOf, setText, styleOf, writeAttribute } from './native.ts'

const TEXTS = {
  offline: 'Connection lost. Reconnecting…',
  unsure: 'Connection lost. Your last action may not have gone through. Reconnecting…',
  back: 'Connected again.',
  unsent: 'You are offline. This was not sent.',
  stale: 'This is no longer on the page.',
  fast: 'That was too fast. Please wait a moment.',
  ended: 'Your session has ended.',
  stuck: 'This page cannot be kept up to date. Please reload it later.'
}

let region: Element | null = null
let timer = 0
/** What is shown again after a passing message: while the connection is lost, that it is. */
let lasting = ''

/** The page's own `live-status` element, else one outside the body, where no patch and no wiping reaches it. */
function statusRegion (): Element {
  if (region && isConnected(region)) return region
  region = findAll(document, '[live-status]')[0] ?? null
  if (!region) {
    region = createElement('div')
    writeAttribute(region, 'data-live-status', '')
    insertBefore(rootOf(document), region, null)
    styleOf(region).cssText = 'position:fixed;inset:auto 0 0;z-index:2147483647;text-align:center;' +
      'background:#222;color:#fff;font:16px/1.4 system-ui,sans-serif'
  }
  writeAttribute(region, 'role', 'status')
  writeAttribute(region, 'aria-live', 'polite')
  return region
}

/** Shows a message and has it read out; for good where no time is given. An empty one takes the last away. */
export function announce (text: string, milliseconds: number): void {
  if (!milliseconds) lasting = text
  const element = statusRegion()
  setText(element, text)
  if (getAttribute(element, 'data-live-status') !== null) styleOf(element).padding = text && '.6em 1em'
  clearTimeout(timer)
  if (milliseconds) timer = setTimeout(() => announce(lasting, 0), milliseconds)
}

/** One of the runtime's own messages; `<html live-text-offline="...">` says it in the page's language. */
export function tell (message: keyof typeof TEXTS, milliseconds: number): void {
  announce(getAttribute(rootOf(document), 'live-text-' + message) ?? TEXTS[message], milliseconds)
}
