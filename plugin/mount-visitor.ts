import type { FastifyReply, FastifyRequest } from 'fastify'
import { DEADLINES } from '../lib/view/connection-settings.ts'
import { Mount } from '../lib/view/mount.ts'
import type { MountOptions } from '../lib/view/mount-input.ts'
import { inTenant } from '../lib/view/tenant-scope.ts'
import type { LiveRoute } from './live-route.ts'
import type { LiveViews } from './live-views.ts'
import { valuesOf } from './route-values.ts'
import type { Visitor } from './visitor.ts'

/** Mounts a route's view for who is there: one way for the page and for a socket that comes without what its page mounted. */
export async function mountVisitor (
  liveViews: LiveViews, route: LiveRoute, request: FastifyRequest, reply: FastifyReply, visitor: Visitor, options: MountOptions
): Promise<Mount> {
  const { settings, overDelivered, slowRender } = liveViews
  const { hasPermission } = settings
  const { identity, tenant } = visitor
  const { maxStateSize } = route.limits
  const globals = await inTenant(tenant, () => settings.globals({ request, reply }))
  const who = { ...valuesOf(request), identity, tenant, hasPermission, globals }
  const input = { ...who, deadline: DEADLINES.mount, maxStateSize, overDelivered, slowRender }
  return Mount.create(liveViews.settingsOf(route).compiled, input, options)
}
