import type { FastifyRequest } from 'fastify'
import { withDeadline } from '../lib/view/deadline.ts'
import { LIVE_ERR_DENIED, LIVE_ERR_IDENTITY, LIVE_ERR_SIGN_IN } from '../lib/view/errors.ts'
import { show } from '../lib/view/show-value.ts'
import { inTenant } from '../lib/view/tenant-scope.ts'
import type { AccessContext, Identity, RouteValues, Tenant, View } from '../lib/view/view.ts'
import type { LiveViewSettings, ReadOnlySession } from './options.ts'

/** Who is at the other end: worked out anew by the GET, by the join, and at every re-check. */
export interface Visitor {
  readonly identity: Identity | null
  readonly identityKey: string | null
  readonly tenant: Tenant | null
  readonly tenantKey: string | null
}

/** Milliseconds that `identify`, `tenant` and the access rules may take, each. */
const DEADLINE = 5000

/** As nobody's work: a look at a page that is open comes in the midst of its tenant's, whose answer is yet to be found. */
export function identifyVisitor (
  settings: LiveViewSettings, request: FastifyRequest, session: ReadOnlySession
): Promise<Visitor> {
  return inTenant(null, () => identify(settings, request, session))
}

async function identify (settings: LiveViewSettings, request: FastifyRequest, session: ReadOnlySession): Promise<Visitor> {
  const context = { session, request }
  const identity = await inTime('identify', async () => settings.identify(context)) ?? null
  // `session.user && ...` easily gives false or '': taken for somebody, it would pass every view that wants a user.
  if (identity !== null && typeof identity !== 'object') throw new LIVE_ERR_IDENTITY('identify', show(identity), 'an object, null or undefined')
  const tenant = await inTime('tenant', async () => settings.tenant(context)) ?? null
  return {
    identity,
    identityKey: identity === null ? null : keyOf('identityKey', settings.identityKey(identity)),
    tenant,
    tenantKey: tenant === null ? null : keyOf('tenant', tenant),
  }
}

/** Objects would all be `[object Object]`, and every tenant the same one. */
function keyOf (option: string, key: unknown): string {
  if ((typeof key === 'string' && key !== '') || Number.isSafeInteger(key)) return String(key)
  throw new LIVE_ERR_IDENTITY(option, show(key), 'a text that is not empty, or a whole number')
}

async function inTime<T> (option: string, ask: () => Promise<T>): Promise<T> {
  return await withDeadline(ask(), option, DEADLINE, () => {})
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
    const hasPermission: AccessContext['hasPermission'] = (name) => identity === null ? false : settings.hasPermission(identity, name)
    const ask = async (): Promise<boolean> => access({ identity, tenant, params, query, hasPermission })
    if (await inTenant(tenant, () => inTime('access', ask)) === true) return
    throw identity === null ? new LIVE_ERR_SIGN_IN() : new LIVE_ERR_DENIED()
  }
  if (identity === null) throw new LIVE_ERR_SIGN_IN()
  if (access === 'user') return
  const has = async (): Promise<boolean> => settings.hasPermission(identity, access)
  if (await inTenant(tenant, () => inTime('hasPermission', has)) !== true) throw new LIVE_ERR_DENIED()
}
