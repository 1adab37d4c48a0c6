import type { FastifyRequest } from 'fastify'
import { LIVE_ERR_DENIED, LIVE_ERR_SIGN_IN } from '../lib/view/errors.ts'
import type { Identity, RouteValues, Tenant, View } from '../lib/view/view.ts'
import type { LiveViewSettings, ReadOnlySession } from './options.ts'

/** Who is at the other end: worked out anew by the GET, by the join, and at every re-check. */
export interface Visitor {
  readonly identity: Identity | null
  readonly identityKey: string | null
  readonly tenant: Tenant | null
  readonly tenantKey: string | null
}

export async function identifyVisitor (
  settings: LiveViewSettings, request: FastifyRequest, session: ReadOnlySession
): Promise<Visitor> {
  const identity = await settings.identify({ session, request }) ?? null
  const tenant = await settings.tenant({ session, request }) ?? null
  return {
    identity,
    identityKey: identity === null ? null : settings.identityKey(identity),
    tenant,
    tenantKey: tenant === null ? null : String(tenant),
  }
}

/**
 * Throws LIVE_ERR_SIGN_IN where nobody is signed in and somebody should be, LIVE_ERR_DENIED where the one who is may not.
 * Anything but `true` from a rule denies.
 */
export async function checkAccess (
  settings: LiveViewSettings, view: View, visitor: Visitor, { params, query }: { params: RouteValues, query: RouteValues }
): Promise<void> {
  const { access } = view
  const { identity, tenant } = visitor
  if (access === 'public') return
  if (typeof access === 'function') {
    if (await access({ identity, tenant, params, query }) === true) return
    throw identity === null ? new LIVE_ERR_SIGN_IN() : new LIVE_ERR_DENIED()
  }
  if (identity === null) throw new LIVE_ERR_SIGN_IN()
  if (access === 'user') return
  if (await settings.hasPermission(identity, access) !== true) throw new LIVE_ERR_DENIED()
}
