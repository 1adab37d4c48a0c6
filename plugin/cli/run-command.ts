import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { ViewExplanation } from '../../lib/view/explain-view.ts'
import { CommandError } from './command-error.ts'
import { checkExposure, writeExposure } from './exposure-command.ts'
import { formatViews } from './format-views.ts'
import { findFile, packageFolder } from './find-file.ts'
import { createPaint } from './paint.ts'
import { printableJson, printableLines } from './printable.ts'
import { USAGE } from './usage.ts'

export interface Output {
  write (text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** What a command sees of its process. */
export interface CommandContext {
  readonly out: Output
  readonly err: Output
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Boots the application of that file and describes its views. */
  readonly read: (file: string, timeout: number) => Promise<readonly ViewExplanation[]>
}

const OPTIONS = {
  view: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  write: { type: 'boolean' },
  check: { type: 'boolean' },
  lock: { type: 'string' },
  timeout: { type: 'string', default: '60' },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

const OPTIONS_OF: Readonly<Record<string, readonly string[]>> = { explain: ['view', 'json'], exposure: ['write', 'check', 'lock'] }
const SHARED = ['timeout', 'verbose']

/** Runs one command line; answers the exit code. */
export async function runCommand (args: readonly string[], context: CommandContext): Promise<number> {
  const { out, err } = context
  try {
    const { values, positionals } = parse(args)
    if (values.help === true) return say(out, USAGE)
    if (values.version === true) return say(out, `${packageVersion()}\n`)
    const [command, given, ...rest] = positionals
    if (command === undefined || !Object.hasOwn(OPTIONS_OF, command)) {
      throw new UsageError(command === undefined ? 'there is no command' : `there is no command '${command}'`)
    }
    if (rest.length > 0) throw new UsageError(`one file is enough: '${rest.join("', '")}'`)
    const allowed = [...OPTIONS_OF[command] as string[], ...SHARED]
    for (const name of Object.keys(values)) {
      if (!allowed.includes(name)) throw new UsageError(`${command} has no option --${name}`)
    }
    const timeout = Number(values.timeout)
    if (!(timeout > 0)) throw new UsageError(`--timeout is '${values.timeout}'; a number of seconds is allowed`)
    if (command === 'exposure' && values.write === values.check) throw new UsageError('exposure needs --write or --check, one of them')

    const file = findFile(given, context.cwd)
    const views = await context.read(file, timeout * 1000)
    if (command === 'explain') return say(out, explain(views, values.view, values.json === true ? null : out, context.env))
    const shown = { file: given ?? null, lock: values.lock ?? null }
    return values.write === true ? writeExposure(views, file, shown, context) : checkExposure(views, file, shown, context)
  } catch (error) {
    if (error instanceof UsageError) {
      err.write(`fastify-live-view: ${error.message}\n\n${USAGE}`)
      return 2
    }
    if (!(error instanceof CommandError)) throw error
    err.write(`fastify-live-view: ${printableLines(error.message)}\n`)
    if (error.details !== null && args.includes('--verbose')) err.write(`\n${printableLines(error.details)}\n`)
    return 2
  }
}

class UsageError extends Error {}

function parse (args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS, allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The document, for a terminal or, where that is null, as JSON. */
function explain (
  views: readonly ViewExplanation[], names: readonly string[] | undefined, out: Output | null, env: CommandContext['env']
): string {
  for (const name of names ?? []) {
    if (views.some((view) => view.name === name)) continue
    throw new CommandError(`there is no view '${name}'; views are ${views.map((view) => view.name).join(', ')}`)
  }
  const chosen = names === undefined ? views : views.filter((view) => names.includes(view.name))
  if (out === null) return printableJson({ version: 1, views: chosen })
  return formatViews(chosen, { width: out.columns ?? 100, paint: createPaint(out, env) })
}

function say (out: Output, text: string): number {
  out.write(text)
  return 0
}

function packageVersion (): string {
  const folder = packageFolder(dirname(fileURLToPath(import.meta.url))) as string
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version
}
