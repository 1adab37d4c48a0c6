import type { EventMessage } from '../security/envelope.ts'
import type { LiveConnection } from '../view/live-connection.ts'
import { verifyReloads } from '../view/verify-reloads.ts'
import { refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { runChain } from './run-chain.ts'
import { TURN } from './turn.ts'
import type { Turn } from './turn.ts'

/** An event at its turn. */
export function runEvent (connection: LiveConnection, message: EventMessage): void | Promise<void> {
  const turn: Turn = { connection, message, event: null, binding: null, payload: null, scope: null, failed: false }
  // A validator or a key of the application may throw where no step expects it: that fails this event, not the process.
  const broken = (err: unknown): Refusal =>
    ({ ...refusal('LIVE_ERR_CHAIN', 'error', `event '${message.event}'`), id: connection.fail(err, 'live event failed') })
  try {
    const outcome = runChain(TURN, turn)
    if (outcome instanceof Promise) return outcome.catch(broken).then((refused) => { finish(refused, turn) })
    finish(outcome, turn)
  } catch (err) {
    finish(broken(err), turn)
  }
}

function finish (refused: Refusal | null, { connection, message, scope, failed }: Turn): void {
  scope?.end()
  if (connection.isClosed()) return
  if (refused === null) {
    if (connection.route.verifyReloads) connection.insist(() => verifyReloads(connection, message.event))
    return
  }
  connection.refuse(refused, message.ref, message.event)
  // A handler that failed may have changed the state before: the page shows what the state is, whatever became of the event.
  if (failed) connection.publishLater()
}
