/// <reference lib="dom" />
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance } from 'fastify'
import type { BrowserContextOptions, Page } from 'playwright-core'
import type { Test } from 'tap'
import { defineView } from '../../plugin/index.ts'
import type { Connection, LiveViewOptions, Violation } from '../../plugin/index.ts'
import { startLiveApp } from '../helpers/live-app.ts'
import { strictPolicy } from '../helpers/page-server.ts'
import { withFresh } from '../helpers/same-as-fresh.ts'
import type { Launched } from './chromium.ts'
import type { Network } from './slow-network.ts'

export interface LiveEvent {
  readonly payload?: object
  readonly rateLimit?: { readonly rate: number, readonly burst: number }
  readonly run?: (payload: any) => unknown
}

export interface LiveOptions<M> {
  /** What stands in the body; or all templates, of which `page.njk` is the page. */
  readonly template: string | Readonly<Record<string, string>>
  /** Fields that the template prints by `| safe`. */
  readonly trustedHtml?: readonly string[]
  /** What the template reads as `data`: one object that all pages show, and that handlers change. */
  readonly data: M
  readonly events?: Readonly<Record<string, LiveEvent>>
  readonly live?: Partial<LiveViewOptions>
  readonly before?: (app: FastifyInstance) => unknown
  readonly sessions?: 'none' | 'memory'
  /** What stands between the browser and the server. */
  readonly network?: Network
  readonly context?: BrowserContextOptions
}

export interface LivePage<M> {
  readonly page: Page
  readonly url: string
  readonly problems: string[]
  /** Every event that reached its handler, with its payload. */
  readonly handled: [event: string, payload: unknown][]
  readonly data: M
  /** What was refused: in honest hands never with a warning. */
  readonly refused: Violation[]
  /** Changes the data from outside a handler; resolves when the page shows it. */
  change (how: (data: M) => void): Promise<void>
  /** Does something that ends in one accepted event; resolves when the page shows the answer. */
  act (what: () => Promise<unknown>): Promise<void>
  /** Stops the server, does something meanwhile, starts it on the same port, and waits until the page has joined again. */
  restart (meanwhile?: () => Promise<unknown>): Promise<void>
  /** No error in the page, nobody warned, no violation of its policy, and the same DOM as a page that is loaded now. */
  end (): Promise<void>
}

export const isLive = (page: Page): Promise<void> => page.locator('html[data-live=live]').waitFor({ state: 'attached' })

/** What the browser's own translation does to a page, but for the words. */
export function translate (page: Page): Promise<void> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    const texts: Text[] = []
    while (walker.nextNode()) {
      const text = walker.currentNode as Text
      if (text.data.trim() && !text.parentElement?.closest('font,option,textarea,svg')) texts.push(text)
    }
    for (const text of texts) {
      const [outer, inner] = [document.createElement('font'), document.createElement('font')]
      for (const font of [outer, inner]) {
        font.style.verticalAlign = 'inherit'
        font.setAttribute('data-translated', '')
      }
      text.replaceWith(outer)
      outer.append(inner)
      inner.append(text.data)
    }
  })
}

/** A document of which the version tells that a patch has arrived. */
export function documentOf (body: string, head = '<title>Test</title>'): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">${head}</head><body>` +
    `<i id="version">{{ data.version }}</i>${body}</body></html>`
}

/** A page of the real plugin under a strict policy, joined; what it shows is the test's own object. */
export async function openLive<M extends object> (t: Test, { open }: Launched, options: LiveOptions<M>): Promise<LivePage<M>> {
  const { template, data } = options
  const handled: [string, unknown][] = []
  const refused: Violation[] = []
  const connections = new Set<Connection<{ round: number }>>()
  let version = 0
  const events = Object.fromEntries(Object.entries(options.events ?? {}).map(([name, { run, ...rest }]) => [name, {
    ...rest,
    run: async ({ state, payload }: { state: { round: number }, payload: unknown }) => {
      handled.push([name, payload])
      await run?.(payload)
      version++
      state.round++
    }
  }]))
  const view = defineView({
    name: 'page',
    template: 'page.njk',
    access: 'public',
    trustedHtml: options.trustedHtml ?? [],
    state: () => ({ round: 0 }),
    // What it reads of the state changes with every round, so it runs in every round.
    loaders: { data: ({ state }) => state.round >= 0 && structuredClone({ ...data, version }) },
    events,
    onConnect: ({ connection }) => { connections.add(connection as Connection<{ round: number }>) },
    onDisconnect: ({ connection }) => { connections.delete(connection as Connection<{ round: number }>) }
  })
  const start = (port: number): ReturnType<typeof startLiveApp> => startLiveApp(t as never, {
    port,
    sessions: options.sessions ?? 'none',
    live: {
      onViolation: (violation) => { refused.push(violation) },
      ...options.network && { origins: [options.network.url] },
      templates: typeof template === 'string' ? { 'page.njk': documentOf(template) } : { ...template },
      ...options.live
    },
    before: async (app) => {
      app.addHook('onSend', async (_request, reply) => { reply.header('content-security-policy', strictPolicy) })
      app.get('/favicon.ico', async (_request, reply) => reply.code(204).send())
      await options.before?.(app)
    },
    routes: (app) => { app.live('/', view) }
  })
  const first = await start(0)
  let { app } = first
  const port = Number(new URL(first.url).port)
  if (options.network) options.network.port = port
  const url = options.network?.url ?? first.url
  const { page, problems } = await open({ viewport: { width: 800, height: 600 }, ...options.context })
  page.setDefaultTimeout(5000)
  t.teardown(() => page.context().close())
  await page.goto(url)
  await isLive(page)
  const shown = (): Promise<void> => page.locator('#version', { hasText: new RegExp(`^${version}$`) }).waitFor({ state: 'attached' })
  return {
    page,
    url,
    problems,
    handled,
    data,
    refused,
    async change (how) {
      how(data)
      version++
      for (const connection of connections) connection.update((state) => { state.round++ })
      await shown()
    },
    async act (what) {
      const next = version + 1
      await what()
      await page.locator('#version', { hasText: new RegExp(`^${next}$`) }).waitFor({ state: 'attached' })
    },
    async restart (meanwhile) {
      await app.close()
      await page.locator('html[data-live=offline]').waitFor({ state: 'attached' })
      // The browser reports what it could not reach.
      await meanwhile?.()
      app = (await start(port)).app
      await isLive(page)
      problems.splice(0)
    },
    async end () {
      t.same(problems.splice(0), [], 'no error in the page')
      t.same(refused.filter(({ weight }) => weight !== 'none'), [], 'nobody was warned')
      let both = await withFresh(page)
      // What was refused for its budget is sent again a moment later, between the two looks perhaps.
      for (let again = 0; again < 5 && !isDeepStrictEqual(both.live, both.fresh); again++) both = await withFresh(page)
      t.same(both.live, both.fresh, 'the page is what the server would give now')
    }
  }
}
