import { WebSocket } from 'ws'
import { ClientTree } from './client-tree.ts'
import { pageDigest } from './page-digest.ts'

type Message = [kind: string, ...rest: any[]]

/** What one browser keeps between requests. */
export class Visitor {
  readonly url: string
  cookie: string = ''

  constructor (url: string) {
    this.url = url
  }

  async fetch (path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
    const headers = { ...init.headers, ...this.cookie === '' ? {} : { cookie: this.cookie } }
    const response = await fetch(this.url + path, { redirect: 'manual', ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';') as [string]
      this.cookie = pair
    }
    return response
  }

  async signIn (user: object): Promise<void> {
    await this.fetch('/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(user) })
  }

  async page (path: string): Promise<{ status: number, html: string, token: string }> {
    const response = await this.fetch(path)
    const html = await response.text()
    return { status: response.status, html, token: /name="live-token" content="([^"]+)"/.exec(html)?.[1] ?? '' }
  }

  /** Opens the socket; rejects with the HTTP status where the upgrade is refused. */
  async socket (path: string, headers: Record<string, string> = {}): Promise<LiveSocket> {
    const own = { origin: this.url, ...this.cookie === '' ? {} : { cookie: this.cookie } }
    const ws = new WebSocket(this.url.replace('http', 'ws') + path, 'live.v1', { headers: { ...own, ...headers } })
    return await new Promise((resolve, reject) => {
      const live = new LiveSocket(ws)
      ws.on('open', () => { resolve(live) })
      ws.on('unexpected-response', (request, response) => { reject(new Error(`status ${response.statusCode}`)); request.destroy() })
      ws.on('error', reject)
    })
  }

  /** What a browser does: the page, the socket, the join. */
  async open (path: string): Promise<LiveSocket> {
    const { html, token } = await this.page(path)
    const live = await this.socket(path)
    live.html = html
    live.send(['j', token, pageDigest(html), 1])
    live.joined = await live.next()
    return live
  }
}

/** One socket, its messages in the order in which they come. */
export class LiveSocket {
  readonly ws: WebSocket
  readonly closed: Promise<number>
  readonly #messages: Message[] = []
  readonly #waiting: Array<(message: Message) => void> = []
  html: string = ''
  joined: Message = ['']
  #ref = 0

  constructor (ws: WebSocket) {
    this.ws = ws
    this.closed = new Promise((resolve) => { ws.on('close', (code) => { resolve(code) }) })
    ws.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      const waiting = this.#waiting.shift()
      if (waiting === undefined) this.#messages.push(message)
      else waiting(message)
    })
  }

  send (frame: unknown): void {
    this.ws.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  async next (): Promise<Message> {
    const message = this.#messages.shift()
    if (message !== undefined) return message
    return await new Promise((resolve, reject) => {
      this.#waiting.push(resolve)
      this.closed.then((code) => { reject(new Error(`closed ${code}`)) }, reject)
    })
  }

  /** Sends an event and gives the answer. */
  async event (
    event: string, kind: string, path: number[] = [], element: number = 0, seen: string[] = [], data?: object
  ): Promise<Message> {
    this.send(['e', ++this.#ref, event, kind, path, element, seen, ...data === undefined ? [] : [data]])
    return await this.next()
  }

  close (): void {
    this.ws.close()
  }
}

export { ClientTree }
