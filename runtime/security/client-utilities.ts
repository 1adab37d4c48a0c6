/** The entry `fastify-live-view/client`: for scripts of the application. The runtime of live pages has none of it. */
export { sanitizeForLog } from '../../lib/security/sanitize-for-log.ts'
export type { SanitizeOptions } from '../../lib/security/sanitize-for-log.ts'
export { safeObjectAssign } from './safe-object-assign.ts'
export { safeSetInnerHTML } from './safe-set-inner-html.ts'
export type { SafeHtmlOptions } from './safe-set-inner-html.ts'
