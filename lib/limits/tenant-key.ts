import { LIVE_ERR_TENANT_KEY } from './errors.ts'
import { keyOf } from './key-of.ts'

/**
 * A key for what is kept by tenant: in a cache, as a topic, as the name of a file. No other tenant and no other segments
 * give it, `'a'` with `'b:c'` never meets `'a:b'` with `'c'`, and no segment leads out of a folder. Throws without a tenant: what
 * lost sight of its tenant would share one key with all others that did.
 */
export function tenantKey (tenant: string | number | null, ...segments: ReadonlyArray<string | number>): string {
  return keyOf(textOf(tenant, 'tenant'), ...segments.map((segment) => textOf(segment, 'a segment')))
}

function textOf (part: unknown, what: string): string {
  // Objects would all be `[object Object]`.
  if (Number.isSafeInteger(part) || (typeof part === 'string' && (part !== '' || what !== 'tenant'))) return String(part)
  throw new LIVE_ERR_TENANT_KEY(what, what === 'tenant' ? 'a text that is not empty, or a whole number' : 'texts and whole numbers')
}
