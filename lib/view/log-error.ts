import type { Logger } from './view.ts'

/**
 * Logs what application code threw, whatever that is. Loggers look at an error's parts, and one with an accessor or a proxy that
 * throws would end the process instead of being logged.
 */
export function logError (log: Logger, line: { readonly err: unknown, readonly [name: string]: unknown }, message: string, level: 'error' | 'info' = 'error'): void {
  try {
    log[level](line, message)
  } catch {
    log[level]({ ...line, err: new Error('it threw an error that throws when it is looked at') }, message)
  }
}
