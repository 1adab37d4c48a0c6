import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** True where the process was started with this module. npm starts commands by a symbolic link, so paths are resolved. */
export function isEntry (url: string, script: string | undefined = process.argv[1]): boolean {
  try {
    return realpathSync(script as string) === fileURLToPath(url)
  } catch {
    return false
  }
}
