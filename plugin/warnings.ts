import processWarning from 'process-warning'
import type { Counters } from '../lib/view/counters.ts'

/**
 * For each undeclared event that runs under `eventSecurity: 'warn'`: every run is counted, the first is warned of. One code
 * for all of them, so that it can be looked for. What has been warned of goes with the application, and is no more than
 * its views have events.
 */
export function createUndeclaredNotice (counters: Counters): (view: string, event: string) => void {
  const warned = new Set<string>()
  return (view, event) => {
    counters.undeclared(view, event)
    const name = `${view}.${event}`
    if (warned.has(name)) return
    warned.add(name)
    processWarning.createDeprecation({
      code: 'LIVE_DEP_UNDECLARED',
      message: `event '${event}' of live view '${view}' is a bare function; declare it as an object with run, then set eventSecurity: 'strict'`,
    })()
  }
}
