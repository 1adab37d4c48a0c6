import type { Refusal } from '../chain/refusal.ts'
import { createWarnings } from '../limits/warnings.ts'
import type { Warnings } from '../limits/warnings.ts'
import { createErrorId } from '../security/error-id.ts'
import { createSafeErrorResponse } from '../security/safe-error.ts'
import { sanitizeForLog } from '../security/sanitize-for-log.ts'
import { CLOSE_LIMIT } from './close-codes.ts'
import type { Violation } from './connection-settings.ts'
import { isThenable } from './is-thenable.ts'
import type { LiveConnection } from './live-connection.ts'

/** Tells of one connection's refusals: the log, the application's hook, the browser, and the warnings that end a connection. */
export class Refuser {
  readonly #connection: LiveConnection
  readonly #warnings: Warnings

  constructor (connection: LiveConnection, maxWarnings: number) {
    this.#connection = connection
    this.#warnings = createWarnings({ maxWarnings, now: connection.route.now })
  }

  refuse (refused: Refusal, ref: number, event: string | null): void {
    const connection = this.#connection
    const { code, reason, weight, detail } = refused
    const id = refused.id ?? createErrorId()
    const bindings = { code, reason, detail: sanitizeForLog(detail), event: sanitizeForLog(event ?? ''), errorId: id }
    if (weight === 'none') connection.log.debug(bindings, 'live event refused')
    else connection.log.warn(bindings, 'live frame refused')
    connection.route.counters.refused(code)
    this.#tell({ code, reason, weight, detail, view: connection.route.compiled.view.name, event, address: connection.address })
    if (weight === 'close') {
      connection.close(refused.close, code)
      return
    }
    if (ref > 0) connection.send(createSafeErrorResponse(ref, reason, id, refused.wait))
    if (weight === 'warning' && this.#warnings.warn()) connection.close(CLOSE_LIMIT, 'too many violations')
  }

  #tell (violation: Violation): void {
    const { log, route, handle } = this.#connection
    const failed = (err: unknown): void => { log.error({ err }, 'onViolation failed') }
    try {
      const outcome = route.onViolation(violation, handle)
      if (isThenable(outcome)) outcome.then(undefined, failed)
    } catch (err) {
      failed(err)
    }
  }
}
