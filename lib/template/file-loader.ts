import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import { Loader } from './nunjucks.ts'
import type { LoaderSource } from './nunjucks.ts'
import { pathIn } from './path-in.ts'

/**
 * Templates from folders, none from outside of them. nunjucks' own loader compares path prefixes without the separator, so
 * that `../views-secret/x.html` is served for the folder `views`, and follows symbolic links anywhere.
 */
export class FileLoader extends Loader {
  readonly folders: readonly string[]
  /** Full path -> the names under which it was asked for. */
  readonly #names = new Map<string, Set<string>>()

  constructor (folders: readonly string[]) {
    super()
    this.folders = folders.map((folder) => resolve(folder))
  }

  override getSource (name: string): LoaderSource | null {
    if (!isInside(name)) return null
    for (const folder of this.folders) {
      const path = pathIn(folder, name)
      const src = path === null ? null : readFile(path)
      if (path === null || src === null) continue
      this.#names.set(path, (this.#names.get(path) ?? new Set()).add(name))
      // The name, not the path: error messages and shape ids must not depend on where an application is installed.
      const source: LoaderSource = { src, path: name }
      this.emit('load', name, source)
      return source
    }
    return null
  }

  override resolve (from: string, to: string): string {
    return posix.join(posix.dirname(from), to)
  }

  /** Says that a file changed: templates made from it are compiled anew when they are next asked for. */
  update (path: string): void {
    for (const name of this.#names.get(path) ?? []) this.emit('update', name, path)
  }
}

/**
 * Names that mean the same on every system, whatever this one makes of them: a colon is a drive or a stream in Windows, where a
 * backslash leads to other folders and `.. /` leads up, since dots and spaces at the end of a part count for nothing.
 */
function isInside (name: string): boolean {
  // eslint-disable-next-line no-control-regex -- NUL ends a path for the system, and not for JavaScript
  if (/[\u0000-\u001f\\:]/.test(name) || posix.isAbsolute(name)) return false
  return name.split('/').every((part) => part === '.' || !/^$|[. ]$/.test(part))
}

/**
 * What is asked and what is read is one and the same open file. It is opened by its real path, the last part of which may not
 * have become a link since; and without waiting, as a named pipe would have it.
 */
function readFile (path: string): string | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return null
  }
  try {
    return fstatSync(file).isFile() ? readFileSync(file, 'utf8') : null
  } finally {
    closeSync(file)
  }
}
