import { execFile } from 'node:child_process'

/** What npm prints, also where it fails: it reports what it found by its exit code too. */
export async function npm (folder: string, ...words: readonly string[]): Promise<string> {
  return await new Promise((resolve) => {
    execFile('npm', words, { cwd: folder, timeout: 20_000, maxBuffer: 2 ** 26 }, (_error, stdout) => { resolve(stdout) })
  })
}
