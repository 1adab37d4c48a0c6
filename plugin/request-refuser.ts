import type { FastifyRequest } from 'fastify'
import type { Reason } from '../lib/chain/refusal.ts'
import { ipKey } from '../lib/limits/ip-key.ts'
import { createErrorId } from '../lib/security/error-id.ts'
import { reportRefusal } from '../lib/view/report-refusal.ts'
import type { RefusalAudience } from '../lib/view/report-refusal.ts'

/**
 * Logs, counts and tells the hook that a page or a handshake goes no further; the caller refuses it. Never throws.
 * @param detail for the log and the hook; text of the client's in it is cleaned there
 */
export type RequestRefuser = (request: FastifyRequest, code: string, reason: Reason, detail: string) => void

/** @param audience the application's; a live route's own hook is told in place of its own */
export function createRequestRefuser (audience: RefusalAudience): RequestRefuser {
  return (request, code, reason, detail) => {
    const settings = request.routeOptions.config.liveRoute?.settings
    const { onViolation } = settings ?? audience
    const view = settings?.compiled.view.name ?? null
    const address = ipKey(request.ip)
    // People open links that are not for them, and come once too often.
    const weight = request.ws ? 'close' : 'none'
    const violation = { code, reason, weight, detail, view, event: null, address } as const
    reportRefusal({ ...audience, onViolation }, request.log, violation, null, createErrorId())
  }
}
