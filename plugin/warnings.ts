import processWarning from 'process-warning'

const seen = new Set<string>()

/** Once for each undeclared event that runs under `eventSecurity: 'warn'`. */
export function warnUndeclared (view: string, event: string): void {
  const name = `${view}.${event}`
  if (seen.has(name)) return
  seen.add(name)
  const warn = processWarning.createDeprecation({
    code: `LIVE_DEP_UNDECLARED_${seen.size}`,
    message: `event '${event}' of live view '${view}' is a bare function; declare it as an object with run, then set eventSecurity: 'strict'`,
  })
  warn()
}
