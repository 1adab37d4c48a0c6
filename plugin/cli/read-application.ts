import { fork } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ViewExplanation } from '../../lib/view/explain-view.ts'
import { CommandError } from './command-error.ts'

/** What the process that boots the application answers. */
export interface ApplicationReport {
  readonly fastifyLiveView:
    | { readonly views: readonly ViewExplanation[] }
    | { readonly failure: string, readonly stack: string | null }
}

const CHILD = fileURLToPath(new URL(`./application-process${extname(import.meta.url)}`, import.meta.url))

/**
 * Boots the application in a process of its own: what it logs goes to standard error and cannot mix with the answer, and
 * whatever it leaves open, or does to its process, ends with that process.
 */
export async function readApplication (file: string, timeout: number): Promise<readonly ViewExplanation[]> {
  const child = fork(CHILD, [file], { stdio: ['ignore', 2, 2, 'ipc'] })
  let report: ApplicationReport['fastifyLiveView'] | null = null
  let late = false
  // An application may send messages of its own, as for process managers.
  child.on('message', (message: Partial<ApplicationReport> | null) => { report ??= message?.fastifyLiveView ?? null })
  const timer = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, timeout)
  const code = await new Promise<number | null>((resolve) => { child.on('exit', resolve) })
  clearTimeout(timer)
  return viewsOf(report, late ? `it was not ready after ${timeout / 1000} s (--timeout)` : `its process ended with exit code ${code}`)
}

function viewsOf (report: ApplicationReport['fastifyLiveView'] | null, ending: string): readonly ViewExplanation[] {
  if (report === null) throw new CommandError(`the application did not boot: ${ending}`)
  if ('failure' in report) throw new CommandError(`the application did not boot: ${report.failure}`, report.stack)
  return report.views
}
