import { realpathSync } from 'node:fs'
import { join, sep } from 'node:path'

/** The file's real path, null where it is not inside of the real folder: a symbolic link may lead out of it. */
export function pathIn (folder: string, name: string): string | null {
  try {
    const root = realpathSync(folder)
    const path = realpathSync(join(root, name))
    return path.startsWith(root.endsWith(sep) ? root : root + sep) ? path : null
  } catch {
    return null
  }
}
