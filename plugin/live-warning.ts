import processWarning from 'process-warning'

/** A warning of the process, given once however often it is called. Its code is in docs/errors.md. */
export function liveWarning (code: `LIVE_WARN_${string}`, message: string): (...values: string[]) => void {
  return processWarning.createWarning({ name: 'LiveViewWarning', code, message })
}
