import { hashForLog } from '../security/hash-for-log.ts'
import type { RefusalLog } from '../security/refusal-log.ts'
import { sanitizeForLog } from '../security/sanitize-for-log.ts'
import type { OnViolation, Violation } from './connection-settings.ts'
import type { Counters } from './counters.ts'
import { isThenable } from './is-thenable.ts'
import { logError } from './log-error.ts'
import type { Connection, Logger } from './view.ts'

/** Whom refusals concern besides the browser. */
export interface RefusalAudience {
  readonly counters: Counters
  readonly refusals: RefusalLog
  readonly onViolation: OnViolation
}

/**
 * Counts a refusal, writes it to the log and tells the application's hook. Never throws: a refusal that fails on its way to
 * the log must refuse all the same.
 * @param connection null where a page or an upgrade was refused
 */
export function reportRefusal (
  audience: RefusalAudience, log: Logger, refused: Violation, connection: Connection | null, errorId: string
): void {
  const { counters, refusals, onViolation } = audience
  // A client's text is cleaned for the hook as well, which logs it in its turn.
  const event = refused.event === null ? null : sanitizeForLog(refused.event)
  const violation: Violation = { ...refused, event, detail: sanitizeForLog(refused.detail) }
  const { code, reason, detail, view } = violation
  counters.refused(code)
  const level = levelOf(violation)
  const suppressed = refusals.admit(`${code} ${level}`)
  if (suppressed !== null) {
    // One message for all, so that a search finds them; nothing of what the client sent but names, cleaned.
    const line = { code, reason, detail, view, event, address: hashForLog(violation.address), errorId }
    log[level](suppressed === 0 ? line : { ...line, suppressed }, 'live refused')
  }
  const failed = (err: unknown): void => {
    const missed = refusals.admit('onViolation')
    if (missed !== null) logError(log, { err, suppressed: missed }, 'onViolation failed')
  }
  try {
    const outcome = onViolation(violation, connection)
    if (isThenable(outcome)) outcome.then(undefined, failed)
  } catch (err) {
    failed(err)
  }
}

/** A stale click is nobody's concern; a denied action is for an audit (ASVS 16.3.2); the rest no honest browser sends often. */
function levelOf ({ weight, reason }: Violation): 'debug' | 'info' | 'warn' {
  if (weight !== 'none') return 'warn'
  return reason === 'denied' ? 'info' : 'debug'
}
