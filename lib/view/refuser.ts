import type { Reason, Refusal } from '../chain/refusal.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import { createWarnings } from '../limits/warnings.ts'
import type { Warnings } from '../limits/warnings.ts'
import { createErrorId } from '../security/error-id.ts'
import { createRefusalMessage } from '../security/refusal-message.ts'
import { CLOSE_LIMIT } from './close-codes.ts'
import type { LiveConnection } from './live-connection.ts'
import { reportRefusal } from './report-refusal.ts'

/** What honest people come to, and attackers who try forms and denied actions until one gives way. */
const BUDGETED: ReadonlySet<Reason> = new Set<Reason>(['stale', 'denied', 'invalid', 'busy'])
/** Refusals a second, and at once. Somebody who clicks on a page that has changed, or fills in a form wrongly, needs a few. */
const BUDGET = { rate: 2, burst: 30 }
/** Milliseconds that typing over it waits. */
const PAUSE = 1000

/** Tells of one connection's refusals: the log, the application's hook, the browser, and the warnings that end a connection. */
export class Refuser {
  readonly #connection: LiveConnection
  readonly #warnings: Warnings
  readonly #budget: TokenBucket

  constructor (connection: LiveConnection, maxWarnings: number) {
    this.#connection = connection
    const { now } = connection.route
    this.#warnings = createWarnings({ maxWarnings, now })
    this.#budget = new TokenBucket({ ...BUDGET, now })
  }

  refuse (given: Refusal, ref: number, event: string | null): void {
    const connection = this.#connection
    const refused = this.#budgeted(given)
    const { route, address, log, handle } = connection
    const { code, reason, weight, detail } = refused
    const id = refused.id ?? createErrorId()
    reportRefusal(route, log, { code, reason, weight, detail, view: route.compiled.view.name, event, address }, handle, id)
    if (weight === 'close') {
      connection.close(refused.close, code)
      return
    }
    if (ref > 0) connection.send(createRefusalMessage(ref, reason, id, refused.wait))
    if (weight === 'warning' && this.#warnings.warn()) connection.close(CLOSE_LIMIT, 'too many violations')
  }

  #budgeted (refused: Refusal): Refusal {
    const { reason, weight, beyond, detail } = refused
    if (weight !== 'none' || !BUDGETED.has(reason) || this.#budget.take()) return refused
    const over = { ...refused, detail: `${detail}, over the budget of refusals` }
    return beyond === 'limit' ? { ...over, reason: 'limit', wait: PAUSE } : { ...over, weight: 'warning' }
  }
}
