import type { ClientMessage } from '../security/envelope.ts'
import { CLOSE_POLICY } from '../view/close-codes.ts'
import type { Arrival } from './arrival.ts'
import { fatal, refusal } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import { runEvent } from './run-event.ts'

/** The end of the arrival: a join first and once, events into the mailbox with rising refs (a repeated one acts once). */
export function deliver ({ connection, message }: Arrival): Refusal | null {
  const { type } = message as ClientMessage
  if (message?.type === 'join') {
    return connection.join(message) ? null : fatal('LIVE_ERR_JOIN_TWICE', CLOSE_POLICY, 'a second join on one socket')
  }
  if (connection.phase !== 'live') return fatal('LIVE_ERR_JOIN_FIRST', CLOSE_POLICY, `'${type}' before the join was answered`)
  if (message?.type === 'ack') {
    connection.publisher.acknowledge(message.count)
    return null
  }
  if (message?.type !== 'event' || message.ref <= connection.lastRef) return null
  connection.lastRef = message.ref
  return connection.post(() => runEvent(connection, message)) ? null : refusal('LIVE_ERR_MAILBOX', 'busy', 'the mailbox is full')
}
