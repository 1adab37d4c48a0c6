import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A client of docs/protocol.md without a browser: it opens the page, joins, clicks and counts bytes. */
export interface LiveClient {
  readonly html: string
  /** The answer to the join: 0 for "the page is current". */
  readonly joined: readonly unknown[]
  readonly bytes: { up: number, down: number }
  /** Clicks the first control of the page that has this event; resolves with the patch message, rejects when refused. */
  click (event: string): Promise<readonly unknown[]>
  /** The rest of an event message after its ref. */
  fire (...message: readonly unknown[]): Promise<readonly unknown[]>
  close (): void
}

interface Page {
  readonly html: string
  readonly cookie: string
}

export async function openLive (url: string, cookie: string = ''): Promise<LiveClient> {
  const page = await getPage(url, cookie)
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'live.v1', {
    origin: new URL(url).origin,
    headers: page.cookie === '' ? {} : { cookie: page.cookie }
  })
  const waiting: Array<(message: readonly unknown[]) => void> = []
  const bytes = { up: 0, down: 0 }
  let closed: Error | null = null
  const refused: Array<(error: Error) => void> = []
  socket.on('message', (data: Buffer) => {
    bytes.down += data.length
    refused.shift()
    waiting.shift()?.(JSON.parse(String(data)) as unknown[])
  })
  socket.on('close', (code, reason) => {
    closed = new Error(`the socket closed with ${code} ${String(reason)}`)
    for (const reject of refused.splice(0)) reject(closed)
  })
  await once(socket, 'open')

  const send = (message: readonly unknown[]): Promise<readonly unknown[]> => new Promise((resolve, reject) => {
    if (closed !== null) return reject(closed)
    const text = JSON.stringify(message)
    bytes.up += Buffer.byteLength(text)
    waiting.push(resolve)
    refused.push(reject)
    socket.send(text)
  })

  const joined = await send(['j', meta(page.html, 'live-token'), markersDigest(page.html), 1])
  let ref = 0
  const fire = async (...message: readonly unknown[]): Promise<readonly unknown[]> => {
    const answer = await send(['e', ++ref, ...message])
    if (answer[0] !== 'p') throw new Error(`${String(message[0])} was refused: ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    html: page.html,
    joined,
    bytes,
    fire,
    click: (event) => fire(event, 'click', [], elementOf(page.html, event)),
    close: () => { socket.close() }
  }
}

async function getPage (url: string, cookie: string): Promise<Page> {
  const headers = { accept: 'text/html', cookie, 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }
  const response = await fetch(url, { headers })
  const html = await response.text()
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${html}`)
  const fresh = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]).join('; ')
  return { html, cookie: fresh === '' ? cookie : fresh }
}

function meta (html: string, name: string): string {
  const content = new RegExp(`<meta name="${name}" content="([^"]*)"`).exec(html)?.[1]
  if (content === undefined) throw new Error(`the page has no meta ${name}: ${html.slice(0, 500)}`)
  return content
}

/** The number behind `@` of the first element of the root body with this live-click. */
function elementOf (html: string, event: string): number {
  const tag = /<[a-z][^>]*>/g
  for (const [text] of html.matchAll(tag)) {
    const number = text.includes(`live-click="${event}"`) ? /\slive-at="[^"]*@(\d+)/.exec(text)?.[1] : undefined
    if (number !== undefined) return Number(number)
  }
  throw new Error(`no control of the page has live-click="${event}"`)
}

const markers = /<!--(?:(?<text>\d+)|(?<open>[[{(])(?<part>\d+)(?:[^\d>][^>]*?)?|(?<row>,)|(?<end>\]))-->|\slive-at="(?<items>[^"]*)"/g
const kinds: Readonly<Record<string, number>> = { '[': 1, '{': 2, '(': 3 }

/** docs/protocol.md, "Digest of the markers". */
export function markersDigest (html: string): number {
  let hash = 2166136261
  const feed = (n: number) => { hash = Math.imul(hash ^ n, 16777619) }
  for (const { groups = {} } of html.matchAll(markers)) {
    if (groups['text'] !== undefined) feed(Number(groups['text']) * 8)
    else if (groups['open'] !== undefined) feed(Number(groups['part']) * 8 + (kinds[groups['open']] as number))
    else if (groups['row'] !== undefined) feed(4)
    else if (groups['end'] !== undefined) feed(5)
    else feed((groups['items'] ?? '').split(' ').length * 8 + 6)
  }
  return hash >>> 0
}
