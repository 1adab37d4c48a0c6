import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import type { ViewExplanation } from '../../lib/view/explain-view.ts'
import { CommandError } from './command-error.ts'
import { compareExposure } from './compare-exposure.ts'
import { exposureOf, isExposure } from './exposure.ts'
import type { Exposure } from './exposure.ts'
import { packageFolder } from './find-file.ts'
import { formatComparison } from './format-comparison.ts'
import { createPaint } from './paint.ts'
import { printableJson } from './printable.ts'
import type { CommandContext } from './run-command.ts'

/** What was typed, for the command that is proposed. */
export interface GivenPaths {
  readonly file: string | null
  readonly lock: string | null
}

/** Writes down what the views expose; a second time changes nothing. */
export function writeExposure (
  views: readonly ViewExplanation[], file: string, { lock }: GivenPaths, { out, cwd }: CommandContext
): number {
  const path = lockPath(file, lock, cwd)
  const text = printableJson(exposureOf(views))
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null
  if (text !== before) writeFileSync(path, text)
  const done = before === null ? 'written' : before === text ? 'unchanged' : 'changed; review the difference'
  out.write(`${relative(cwd, path)}: ${done}\n`)
  return 0
}

/** 1 where something is exposed that is not written down, or nothing is. */
export function checkExposure (
  views: readonly ViewExplanation[], file: string, given: GivenPaths, { out, env, cwd }: CommandContext
): number {
  const path = lockPath(file, given.lock, cwd)
  const name = relative(cwd, path)
  const command = ['npx fastify-live-view exposure --write', given.file, given.lock === null ? null : `--lock ${given.lock}`]
    .filter((word) => word !== null).join(' ')
  const written = readLock(path, name)
  if (written === null) {
    out.write(`There is no ${name}. Write it, look through it and commit it:\n  ${command}\n`)
    return 1
  }
  const comparison = compareExposure(written, views)
  out.write(formatComparison(comparison, { name, command, width: out.columns ?? 100, paint: createPaint(out, env) }))
  return comparison.findings.length > 0 ? 1 : 0
}

function lockPath (file: string, lock: string | null, cwd: string): string {
  return lock === null ? join(packageFolder(dirname(file)) ?? dirname(file), 'live-exposure.json') : resolve(cwd, lock)
}

function readLock (path: string, name: string): Exposure | null {
  if (!existsSync(path)) return null
  const wayOut = 'restore it, or delete it and write it anew with exposure --write'
  let written: unknown
  try {
    written = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new CommandError(`${name} is no JSON (${(error as Error).message}): ${wayOut}`)
  }
  if (!isExposure(written)) throw new CommandError(`${name} is no exposure of version 1: ${wayOut}`)
  return written
}
