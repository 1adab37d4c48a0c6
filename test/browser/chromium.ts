import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

/** A page, and everything that went wrong in it: errors, failed requests, violations of its content security policy. */
export interface Watched {
  readonly page: Page
  readonly problems: string[]
  readonly warnings: string[]
}

export interface Launched {
  readonly browser: Browser
  /** A fresh context with one page. */
  open (options?: BrowserContextOptions): Promise<Watched>
}

// What the package passes for a one-process sandbox in the cloud: it crashes on a second page, or switches off what tests
// must prove.
const REFUSED = new RegExp('^--(?:' + [
  'single-process', 'no-zygote', 'disable-web-security', 'disable-site-isolation-trials', 'allow-running-insecure-content',
  'disable-features', 'headless'
].join('|') + ')')

/** A Chromium that whoever asked for it closes. */
export async function launchChromium (): Promise<Browser> {
  const { path, args, env } = await unpacked()
  return chromium.launch({ executablePath: path, args, env, headless: true })
}

/** One Chromium a test file, gone when the test is. */
export async function launch (test: { teardown (close: () => Promise<void>): unknown }): Promise<Launched> {
  const browser = await launchChromium()
  test.teardown(() => browser.close())
  return {
    browser,
    async open (options) {
      const context = await browser.newContext(options)
      return watch(await context.newPage())
    }
  }
}

/** Collects what a page complains about from now on. */
export function watch (page: Page): Watched {
  const problems: string[] = []
  const warnings: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
    if (message.type() === 'warning') warnings.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  return { page, problems, warnings }
}

/**
 * Unpacked into a folder of its own and renamed when complete: test files start at the same time, and none may run a
 * binary that another is still writing.
 */
async function unpacked (): Promise<{ path: string, args: string[], env: Record<string, string> }> {
  // Read when the package is first imported: only then does it bring the libraries that a bare machine lacks.
  process.env['AWS_LAMBDA_JS_RUNTIME'] = 'nodejs22.x'
  const { default: packed } = await import('@sparticuz/chromium')
  const home = join(tmpdir(), 'fastify-live-view-chromium-147')
  if (!existsSync(home)) {
    const before = process.env['TMPDIR']
    const own = await mkdtemp(`${home}-`)
    process.env['TMPDIR'] = own
    try {
      await packed.executablePath()
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
    const fonts = join(own, 'fonts', 'fonts.conf')
    await writeFile(fonts, (await readFile(fonts, 'utf8')).replaceAll('/tmp/', `${home}/`))
    await rename(own, home).catch(() => rm(own, { recursive: true }))
  }
  return {
    path: join(home, 'chromium'),
    args: packed.args.filter((argument) => !REFUSED.test(argument)),
    env: {
      ...process.env as Record<string, string>,
      LD_LIBRARY_PATH: join(home, 'al2023', 'lib'),
      FONTCONFIG_PATH: join(home, 'fonts')
    }
  }
}
