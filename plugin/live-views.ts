import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createConnectionCaps } from '../lib/limits/connection-caps.ts'
import type { ConnectionCaps } from '../lib/limits/connection-caps.ts'
import type { ConnectionPlace } from '../lib/limits/connection-place.ts'
import { createKeyedBuckets } from '../lib/limits/keyed-buckets.ts'
import type { KeyedBuckets } from '../lib/limits/keyed-buckets.ts'
import { createRefusalLog } from '../lib/security/refusal-log.ts'
import { compilePayloads } from '../lib/view/compiled-view.ts'
import type { CompiledView } from '../lib/view/compiled-view.ts'
import { DEADLINES } from '../lib/view/connection-settings.ts'
import type { RouteSettings } from '../lib/view/connection-settings.ts'
import { Counters } from '../lib/view/counters.ts'
import type { Counts } from '../lib/view/counters.ts'
import { createHandlerBudgets } from '../lib/view/handler-budgets.ts'
import type { MountInput } from '../lib/view/mount-input.ts'
import { RetainedMounts } from '../lib/view/retained-mounts.ts'
import type { View } from '../lib/view/view.ts'
import { CompiledViews } from './compiled-views.ts'
import { fits, readFilter } from './connection-filter.ts'
import type { ConnectionFilter } from './connection-filter.ts'
import { Connections } from './connections.ts'
import { startHeartbeat } from './heartbeat.ts'
import { schemaCompilerOf } from './live-route.ts'
import type { LiveRoute } from './live-route.ts'
import type { LiveViewSettings } from './options.ts'
import { noteOverDelivery } from './over-delivery.ts'
import { PendingUpgrades } from './pending-upgrades.ts'
import { createRequestOriginCheck } from './request-origin-check.ts'
import type { RequestOriginCheck } from './request-origin-check.ts'
import { createRequestRefuser } from './request-refuser.ts'
import type { RequestRefuser } from './request-refuser.ts'
import { RouteTokens } from './route-tokens.ts'
import { SessionSweep } from './session-sweep.ts'
import { noteSlowRender } from './slow-render.ts'
import { noteForwarded } from './trust-proxy.ts'
import { createUndeclaredNotice } from './warnings.ts'
import { WatchedStores } from './watched-stores.ts'

/** What there is now, and what has been counted since the start. */
export interface LiveCounts extends Counts {
  /** Open sockets, those that have not joined yet included. */
  readonly connections: number
  /** Pages that were shown and whose sockets have not come yet. */
  readonly retained: number
}

/** `app.liveViews`: the view registry, and what all live routes of the application share. */
export class LiveViews {
  /** @internal */
  readonly settings: LiveViewSettings
  /** @internal */
  readonly websocket: 'ours' | 'theirs'
  /** @internal */
  readonly clientUrl: string
  /** @internal */
  readonly connections: Connections = new Connections()
  /** @internal */
  readonly sweep: SessionSweep = new SessionSweep()
  /** @internal */
  readonly stores: WatchedStores = new WatchedStores((session) => { this.disconnect({ session }) })
  /** @internal */
  readonly counters: Counters = new Counters()
  /** @internal Pages whose sockets have not come yet. */
  readonly retained: RetainedMounts
  /** @internal */
  readonly caps: ConnectionCaps
  /** @internal */
  readonly pageBuckets: KeyedBuckets
  /** @internal */
  readonly tokens: RouteTokens
  /** @internal */
  readonly compiled: CompiledViews
  /** @internal Sockets that are not WebSockets yet. */
  readonly upgrades: PendingUpgrades
  /** @internal The reply of an upgrade, for `globals`: the websocket handler does not get it. */
  readonly replies: WeakMap<FastifyRequest, FastifyReply> = new WeakMap()
  /** @internal What an upgrade's connection takes of what is limited. */
  readonly places: WeakMap<FastifyRequest, ConnectionPlace> = new WeakMap()
  /** @internal */
  readonly checkOrigin: RequestOriginCheck
  /** @internal */
  readonly refuseRequest: RequestRefuser
  /** @internal */
  readonly noteForwarded: (request: FastifyRequest) => void = noteForwarded()
  /** @internal In development: tells what a loader returned and nothing asked for. */
  readonly overDelivered: MountInput['overDelivered']
  /** @internal */
  readonly slowRender: NonNullable<MountInput['slowRender']>
  readonly #app: FastifyInstance
  readonly #now: () => number = () => performance.now()
  readonly #budgets = createHandlerBudgets(this.#now)
  readonly #refusals = createRefusalLog({ now: this.#now })
  readonly #onUndeclared = createUndeclaredNotice(this.counters)
  #stopHeart: () => void = () => {}

  /** @internal */
  constructor (app: FastifyInstance, settings: LiveViewSettings, websocket: 'ours' | 'theirs', clientUrl: string) {
    this.#app = app
    this.settings = settings
    this.websocket = websocket
    this.clientUrl = clientUrl
    this.checkOrigin = createRequestOriginCheck(app, settings.origins)
    const { onViolation } = settings
    this.refuseRequest = createRequestRefuser({ counters: this.counters, refusals: this.#refusals, onViolation })
    this.slowRender = noteSlowRender(app.log)
    this.overDelivered = settings.production ? null : noteOverDelivery(app.log)
    const now = this.#now
    this.upgrades = new PendingUpgrades(now)
    this.retained = new RetainedMounts({ now })
    this.caps = createConnectionCaps({ limits: settings.limits.rateLimit, now })
    const pages = settings.limits.rateLimit.maxPagesPerIp
    this.pageBuckets = createKeyedBuckets({ rate: pages, burst: 4 * pages, now })
    this.tokens = new RouteTokens(settings.secrets)
    this.compiled = new CompiledViews(settings)
    for (const view of settings.views) this.add(view)
  }

  /** Registers a view. Before the application is ready it is compiled with the others, later at once. */
  add (view: View): void {
    this.compiled.add(view)
  }

  /** Throws LIVE_ERR_VIEW_UNKNOWN for a name that is not registered. */
  get (name: string): View {
    return this.compiled.get(name)
  }

  /**
   * Ends the connections that fit all of the filter, with 4401: their pages are wiped. Answers how many they were; those that
   * are still joining end as soon as it is known that they fit.
   */
  disconnect (filter: ConnectionFilter): number {
    const wanted = readFilter(filter)
    this.retained.dropOwned((owner) => fits(wanted, owner) === 'yes')
    return this.connections.disconnect(wanted)
  }

  /** @internal The views as they were compiled, for `explain`: none before the application is ready. */
  compiledViews (): readonly CompiledView[] {
    return this.compiled.all()
  }

  /** @internal Makes a route's settings; throws where its view is not registered or a schema does not compile. */
  prepare (route: LiveRoute): void {
    if (typeof route.view !== 'string') this.add(route.view)
    const view = typeof route.view === 'string' ? this.get(route.view) : route.view
    const { settings } = this
    route.settings = Object.freeze({
      compiled: this.compiled.of(view),
      payloads: compilePayloads(view, schemaCompilerOf(route)),
      limits: route.limits,
      deadlines: DEADLINES,
      handlerBuckets: this.#budgets(view),
      now: this.#now,
      onViolation: route.onViolation ?? settings.onViolation,
      counters: this.counters,
      refusals: this.#refusals,
      onUndeclared: settings.eventSecurity === 'warn' ? this.#onUndeclared : null,
      verifyReloads: settings.verifyReloads,
    })
  }

  /** @internal */
  settingsOf (route: LiveRoute): RouteSettings {
    // Prepared before the application was ready: no request comes earlier, no route later.
    return route.settings as RouteSettings
  }

  /** What there is now, and what has been counted since the start. */
  counts (): LiveCounts {
    return { connections: this.connections.size, retained: this.retained.size, ...this.counters.counts() }
  }

  /** @internal Starts the one periodic task. */
  start (): void {
    this.#stopHeart = startHeartbeat(() => { this.beat() }, (err) => { this.#app.log.error({ err }, 'live beat failed') })
  }

  /** @internal What is looked at every five seconds: dead peers, slow readers, what has been kept too long. */
  beat (): void {
    this.upgrades.sweep()
    this.retained.expire()
    for (const connection of [...this.connections.all()]) connection.beat()
    this.sweep.beat(this.connections.all())
  }

  /** @internal */
  close (): void {
    this.#stopHeart()
    this.connections.closeAll()
    this.retained.clear()
    this.stores.close()
  }
}
