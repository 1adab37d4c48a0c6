import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CommandError } from './command-error.ts'

/** The application's file: what was given, else main of the nearest package.json. */
export function findFile (given: string | undefined, cwd: string): string {
  if (given !== undefined) {
    const file = resolve(cwd, given)
    if (!isFile(file)) throw new CommandError(`there is no file '${given}'`)
    return file
  }
  const folder = packageFolder(cwd)
  const main = folder === null ? undefined : (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { main?: unknown }).main
  const file = typeof main === 'string' ? resolve(folder as string, main) : null
  if (file !== null && isFile(file)) return file
  throw new CommandError('which file is the application? package.json names no main that exists; give it: ' +
    'npx fastify-live-view explain app.js')
}

/** The nearest folder upwards that has a package.json. */
export function packageFolder (from: string): string | null {
  if (existsSync(join(from, 'package.json'))) return from
  const above = dirname(from)
  return above === from ? null : packageFolder(above)
}

function isFile (path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
