import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SourceFile } from './finding.ts'

const MOST = 2 ** 28

/** Never part of a repository, and large. */
const MADE = /(?:^|\/)(?:node_modules|dist|coverage|\.tap|\.git)\//

/** What git would hand on: the tracked files as they are in the checkout. In an unpacked archive, all that is there. */
export function trackedFiles (folder: string): SourceFile[] {
  // By their bytes: a name need not be UTF-8, and a file that cannot be found would pass.
  return namesIn(folder).map((name) => ({ name, place: Buffer.from(`${Buffer.from(join(folder, '/')).toString('latin1')}${name}`, 'latin1') }))
    .filter(({ place }) => lstatSync(place, { throwIfNoEntry: false })?.isFile())
    .map(({ name, place }) => ({ path: Buffer.from(name, 'latin1').toString(), text: readFileSync(place, 'utf8') }))
}

function namesIn (folder: string): string[] {
  try {
    return git(folder, ['ls-files', '-z']).toString('latin1').split('\0').filter(Boolean)
  } catch {
    return readdirSync(folder, { recursive: true, encoding: 'latin1' }).filter((name) => !MADE.test(name))
  }
}

/** What is about to be committed, as it is in the index: what was changed after `git add` does not count. */
export function stagedFiles (folder: string): SourceFile[] {
  const fields = git(folder, ['diff', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--diff-filter=ACMT']).toString().split('\0')
  const entries: Array<{ readonly path: string, readonly id: string }> = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [, mode, , id] = (fields[i] as string).split(' ') as [string, string, string, string]
    // Regular files: a link or a submodule has no text of its own.
    if (mode.startsWith('100')) entries.push({ path: fields[i + 1] as string, id })
  }
  const texts = blobs(folder, entries.map(({ id }) => id))
  return entries.map(({ path }, i) => ({ path, text: texts[i] as string }))
}

/** The names of all that a commit would change, also of what it would remove. */
export function stagedNames (folder: string): string[] {
  return git(folder, ['diff', '--cached', '--name-only', '-z', '--no-renames']).toString().split('\0').filter(Boolean)
}

/** A file as it is in the index; empty where it is not. */
export function indexedText (folder: string, path: string): string {
  const id = git(folder, ['ls-files', '--stage', '-z', '--', path]).toString().split(' ')[1]
  return id === undefined ? '' : blobs(folder, [id])[0] as string
}

/** One process for all: by their ids, so that no name has to be quoted. */
function blobs (folder: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return []
  const output = git(folder, ['cat-file', '--batch'], ids.join('\n') + '\n')
  let at = 0
  return ids.map(() => {
    const headEnd = output.indexOf('\n', at)
    const size = Number(output.toString('latin1', at, headEnd).split(' ')[2])
    at = headEnd + 1 + size + 1
    return output.toString('utf8', headEnd + 1, at - 1)
  })
}

function git (folder: string, words: readonly string[], input = ''): Buffer {
  return execFileSync('git', words, { cwd: folder, input, maxBuffer: MOST, stdio: 'pipe' })
}
