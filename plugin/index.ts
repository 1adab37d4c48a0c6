import type { FastifyInstance, FastifyPluginAsync, FastifyRequest, RouteOptions, RouteShorthandOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import { tenantKey } from '../lib/limits/tenant-key.ts'
import { defineView } from '../lib/view/define-view.ts'
import { requirePermission } from '../lib/view/require-permission.ts'
import { currentTenant } from '../lib/view/tenant-scope.ts'
import { tenantScoped } from '../lib/view/tenant-scoped.ts'
import type { View } from '../lib/view/view.ts'
import { acceptSocket } from './accept-socket.ts'
import { serveClientScript } from './client-script.ts'
import { answerError } from './error-answers.ts'
import { guardUpgrade } from './guard-upgrade.ts'
import { LIVE_ERR_ROUTE, readLiveRoute } from './live-route.ts'
import type { LiveRoute, LiveRouteOptions } from './live-route.ts'
import { LiveViews } from './live-views.ts'
import { normalizeOptions } from './options.ts'
import type { LiveViewOptions } from './options.ts'
import { page } from './page.ts'
import { addPageHeaders } from './page-headers.ts'
import { warnSessionOrder } from './session-warnings.ts'
import { watchUpgrades } from './pending-upgrades.ts'
import { checkTrustProxy } from './trust-proxy.ts'
import { warnOpenServer } from './warn-open-server.ts'
import { ensureWebsocket, SOCKET_LIMITS } from './websocket.ts'

export { currentTenant, defineView, page, requirePermission, tenantKey, tenantScoped }
export type { PermissionRule } from '../lib/view/require-permission.ts'
export type { TenantLoadContext, TenantScoped } from '../lib/view/tenant-scoped.ts'
export type { LiveViewOptions, ReadOnlySession, VisitContext } from './options.ts'
export type { LiveRouteOptions } from './live-route.ts'
export type { FrameAncestors } from './frame-ancestors.ts'
export type { ConnectionFilter } from './connection-filter.ts'
export type { LiveCounts, LiveViews } from './live-views.ts'
export type { OnViolation, Violation } from '../lib/view/connection-settings.ts'
export type { Counts } from '../lib/view/counters.ts'
export type { EventSecurity } from '../lib/view/compiled-view.ts'
export type {
  Access, AccessContext, Connection, EventContext, EventDefinition, EventLimit, HandlerContext, Identity, Register, StateContext,
  Tenant, View, ViewDefinition,
} from '../lib/view/view.ts'
export type { GuardContext, LoadContext, Loader, LoaderOptions } from '../lib/view/loader-types.ts'
export type { FieldSelection } from '../lib/view/field-selection.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The view registry and the open connections. */
    liveViews: LiveViews
    /** A live route: the page and its socket on one URL, under this scope's prefix and hooks. */
    live (url: string, view: View | string, options?: LiveOptions): FastifyInstance
  }
  interface FastifyContextConfig {
    /** @internal */
    liveRoute?: LiveRoute
    /** @internal */
    liveUpgrade?: true
  }
  interface RouteShorthandOptions {
    live?: LiveRouteOptions
  }
  interface RouteOptions {
    live?: LiveRouteOptions
  }
}

/** Options of `app.live()`: a route's own, and in `live` those that are not the view. */
export type LiveOptions = Omit<RouteShorthandOptions, 'live'> & { readonly live?: Omit<LiveRouteOptions, 'view'> }

/** Milliseconds that hooks and handler of a live route have, page and upgrade alike, where neither route nor server says. */
const HANDLER_TIMEOUT = 15_000

async function plugin (app: FastifyInstance, options: LiveViewOptions): Promise<void> {
  const settings = normalizeOptions(options)
  checkTrustProxy(app, settings.production)
  const pageHeaders = addPageHeaders(app, settings.framing)
  const sessionsFirst = app.hasRequestDecorator('session')
  const routes: LiveRoute[] = []
  let liveViews: LiveViews | null = null
  // Hooks and handlers run once everything is registered.
  const views = (): LiveViews => liveViews as LiveViews

  // Before @fastify/websocket is registered: its own onRoute hook, which takes the route's wsHandler, has to come after ours.
  app.addHook('onRoute', function (this: FastifyInstance, route: RouteOptions) {
    if (route.websocket === true || route.wsHandler !== undefined) route.config = { ...route.config, liveUpgrade: true }
    const liveRoute = readLiveRoute(route, this, settings.limits)
    if (liveRoute === null) return
    routes.push(liveRoute)
    route.config = { ...route.config, liveRoute }
    pageHeaders.seal(route)
    if (settings.production) route.errorHandler ??= answerError as NonNullable<RouteOptions['errorHandler']>
    // Hooks of an upgrade have no other time limit: requestTimeout ends with the request's last byte.
    if ((this.initialConfig as { handlerTimeout?: number }).handlerTimeout === 0) route.handlerTimeout ??= HANDLER_TIMEOUT
    // A scope without a schema has no validator compiler, and payloads are compiled with the scope's own.
    if (this.validatorCompiler === undefined && liveRoute.querySchema === 'none') route.schema = { ...route.schema, querystring: {} }
    if (route.wsHandler === undefined) {
      if (views().websocket === 'theirs') {
        throw new LIVE_ERR_ROUTE(route.url, 'has the option live, and @fastify/websocket was registered before fastify-live-view: ' +
          'let fastify-live-view register it, or write app.live(url, view, options)')
      }
      route.wsHandler = wsHandlerOf(views)
    }
    // The last hook before the socket is made, in the same tick: the one server takes our limits for it, and the route's size.
    const hooks = route.preHandler === undefined ? [] : [route.preHandler].flat()
    route.preHandler = [...hooks, function (request, reply, done) {
      if (request.ws) {
        views().replies.set(request, reply)
        const { options } = request.server.websocketServer
        const before = { ...options }
        Object.assign(options, SOCKET_LIMITS, { maxPayload: liveRoute.limits.maxMessageSize })
        try {
          done()
        } finally {
          Object.assign(options, before)
        }
        return
      }
      done()
    }]
  })

  // Registered before the websocket plugin's own, which closes without a code: browsers learn that a restart is meant.
  app.addHook('preClose', async () => {
    liveViews?.close()
  })

  const websocket = await ensureWebsocket(app, settings.limits.maxMessageSize)
  const clientUrl = serveClientScript(app, settings.clientPath, settings.production ? { errorHandler: answerError as never } : {})
  liveViews = new LiveViews(app, settings, websocket, clientUrl)
  watchUpgrades(app, liveViews.upgrades)
  app.decorate('liveViews', liveViews)
  app.decorate('live', function (this: FastifyInstance, url: string, view: View | string, given: LiveOptions = {}) {
    const { live, ...rest } = given
    return this.route({
      ...rest as RouteShorthandOptions,
      method: 'GET',
      url,
      live: { ...live, view },
      handler: page as RouteOptions['handler'],
      wsHandler: wsHandlerOf(views),
    })
  })
  app.addHook('onRequest', async (request, reply) => { guardUpgrade(views(), request, reply) })
  app.addHook('onReady', async () => {
    views().compiled.compileAll()
    for (const route of routes) views().prepare(route)
    views().start()
    if (!sessionsFirst && app.hasRequestDecorator('session')) warnSessionOrder()
    // In production there are some: the options have been checked.
    if (settings.production) warnOpenServer(app, settings.origins as readonly string[])
  })
}

function wsHandlerOf (liveViews: () => LiveViews): (socket: WebSocket, request: FastifyRequest) => void {
  return (socket, request) => { acceptSocket(liveViews(), request.routeOptions.config.liveRoute as LiveRoute, socket, request) }
}

const others: {
  readonly defineView: typeof defineView
  readonly page: typeof page
  readonly tenantScoped: typeof tenantScoped
  readonly tenantKey: typeof tenantKey
  readonly currentTenant: typeof currentTenant
  readonly requirePermission: typeof requirePermission
} = { defineView, page, tenantScoped, tenantKey, currentTenant, requirePermission }

type LiveViewPlugin = FastifyPluginAsync<LiveViewOptions> & typeof others

/** Secure live views for Fastify 5. The other exports hang on it too, since `require()` gives this function. */
const liveView: LiveViewPlugin = Object.assign(
  fp(plugin as FastifyPluginAsync<LiveViewOptions>, { fastify: '5.x', name: 'fastify-live-view' }), others
)

export default liveView
export { liveView, liveView as 'module.exports' }
