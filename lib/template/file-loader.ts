import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join, posix, resolve, sep } from 'node:path'
import { Loader } from './nunjucks.ts'
import type { LoaderSource } from './nunjucks.ts'

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
      const path = fileIn(folder, name)
      if (path === null) continue
      this.#names.set(path, (this.#names.get(path) ?? new Set()).add(name))
      // The name, not the path: error messages and shape ids must not depend on where an application is installed.
      const source: LoaderSource = { src: readFileSync(path, 'utf8'), path: name }
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

function isInside (name: string): boolean {
  return !/[\0\\]/.test(name) && !posix.isAbsolute(name) && !/^[a-z]:/i.test(name) && !name.split('/').includes('..')
}

function fileIn (folder: string, name: string): string | null {
  try {
    const root = realpathSync(folder)
    const path = realpathSync(join(root, name))
    // A symbolic link may lead out of the folder.
    return path.startsWith(root.endsWith(sep) ? root : root + sep) && statSync(path).isFile() ? path : null
  } catch {
    return null
  }
}
