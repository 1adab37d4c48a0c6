import type { Refusal } from '../chain/refusal.ts'
import { createWarnings } from '../limits/warnings.ts'
import type { Warnings } from '../limits/warnings.ts'
import { createErrorId } from '../security/error-id.ts'
import { createSafeErrorResponse } from '../security/safe-error.ts'
import { CLOSE_LIMIT } from './close-codes.ts'
import type { LiveConnection } from './live-connection.ts'
import { reportRefusal } from './report-refusal.ts'

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
    const { route, address, log, handle } = connection
    const { code, reason, weight, detail } = refused
    const id = refused.id ?? createErrorId()
    reportRefusal(route, log, { code, reason, weight, detail, view: route.compiled.view.name, event, address }, handle, id)
    if (weight === 'close') {
      connection.close(refused.close, code)
      return
    }
    if (ref > 0) connection.send(createSafeErrorResponse(ref, reason, id, refused.wait))
    if (weight === 'warning' && this.#warnings.warn()) connection.close(CLOSE_LIMIT, 'too many violations')
  }
}
