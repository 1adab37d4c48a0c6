/// <reference lib="dom" />
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { BrowserContext, Page } from 'playwright-core'
import { openDatabase } from '../../example/database.ts'
import type { Db } from '../../example/database.ts'
import { demoUsers } from '../../example/seed.ts'
import { buildApp } from '../../example/server.ts'
import { plantSecrets } from '../helpers/example-secrets.ts'
import { findSecrets } from '../helpers/find-secrets.ts'
import { recordBytes } from '../helpers/record-bytes.ts'

export interface OpenExample {
  readonly origin: string
  readonly restart: (between?: () => Promise<void>) => Promise<void>
  /** Fails where the policy has refused anything in any page until then. */
  readonly close: () => Promise<void>
  /** The secrets in the database that were in anything the server has sent so far, and how many bytes that was. */
  readonly leaked: () => { found: string[], bytes: number }
}

/** The example application on a port and a database file of its own; a restart keeps both. `wrap` comes between the two. */
export async function openExample (orders = 400, wrap: (db: Db) => Db = (db) => db): Promise<OpenExample> {
  const folder = mkdtempSync(join(tmpdir(), 'live-example-'))
  const records: Array<() => Buffer> = []
  let secrets: readonly string[] | undefined
  const build = async (): Promise<FastifyInstance> => {
    const db = openDatabase(join(folder, 'example.sqlite'))
    const app = await buildApp({ db: wrap(db), secret: 'a secret of forty characters for the tests', seed: { orders, customers: 60 } })
    secrets ??= await plantSecrets(db)
    records.push(recordBytes(app.server))
    return app
  }
  let app = await build()
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return {
    origin,
    async restart (between) {
      await app.close()
      await between?.()
      app = await build()
      await app.listen({ host: '127.0.0.1', port })
    },
    async close () {
      await app.close()
      rmSync(folder, { recursive: true })
      if (violations.length > 0) throw new Error(`refused by the policy:\n${takeViolations().join('\n')}`)
    },
    leaked () {
      const bytes = Buffer.concat(records.map((record) => record()))
      return { found: findSecrets(bytes, secrets ?? []), bytes: bytes.length }
    }
  }
}

const violations: string[] = []
const watched = new WeakSet<BrowserContext>()

/** What the policy has refused since this was asked last. */
export function takeViolations (): string[] {
  return violations.splice(0)
}

/**
 * Collects what the policy refuses in all pages of a context: what scripts are told of, and what the browser itself says, also
 * where no script has run or may run.
 */
export async function watchPolicy (context: BrowserContext): Promise<void> {
  if (watched.has(context)) return
  watched.add(context)
  context.on('console', (message) => {
    if (/Content Security Policy|Trusted ?(?:Type|HTML|Script)/i.test(message.text())) violations.push(message.text())
  })
  await context.exposeBinding('policyViolation', (_source, text: string) => { violations.push(text) })
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, documentURI, sample }) => {
      (globalThis as never as { policyViolation (text: string): void }).policyViolation([effectiveDirective, blockedURI, documentURI, sample].join(' '))
    }, true)
  })
}

/** Signs in through the form, as a person does, under the eyes of `watchPolicy`. */
export async function signIn (page: Page, origin: string, role: 'clerk' | 'viewer' = 'clerk'): Promise<void> {
  const user = demoUsers.find((each) => each.role === role) ?? demoUsers[0]
  await watchPolicy(page.context())
  await page.goto(`${origin}/sign-in`)
  await page.fill('#email', user.email)
  await page.fill('#password', user.password)
  await page.press('#password', 'Enter')
  await page.waitForURL('**/orders')
}

/** Waits until the page has joined over its socket. */
export async function isLive (page: Page): Promise<void> {
  await page.locator('html[data-live=live]').waitFor({ state: 'attached' })
}

/** Waits until something shows this text. */
export async function shows (page: Page, selector: string, text: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText: text }).first().waitFor()
}
