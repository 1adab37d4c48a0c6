import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { createConnectionCaps } from '../lib/limits/connection-caps.ts'
import type { ConnectionCaps } from '../lib/limits/connection-caps.ts'
import type { ConnectionPlace } from '../lib/limits/connection-place.ts'
import { ipKey } from '../lib/limits/ip-key.ts'
import { createKeyedBuckets } from '../lib/limits/keyed-buckets.ts'
import type { KeyedBuckets } from '../lib/limits/keyed-buckets.ts'
import type { Reason } from '../lib/chain/refusal.ts'
import { createErrorId } from '../lib/security/error-id.ts'
import { createOriginCheck } from '../lib/security/check-origin.ts'
import type { OriginCheck, OriginRefusal } from '../lib/security/check-origin.ts'
import { createRefusalLog } from '../lib/security/refusal-log.ts'
import { createPageTokens } from '../lib/security/page-token.ts'
import type { PageTokens, TokenBinding, TokenVerdict } from '../lib/security/page-token.ts'
import { createNameCheck } from '../lib/template/fields/name-check.ts'
import type { NameCheck } from '../lib/template/fields/name-check.ts'
import { compilePayloads, compileView } from '../lib/view/compiled-view.ts'
import type { CompiledView } from '../lib/view/compiled-view.ts'
import { DEADLINES } from '../lib/view/connection-settings.ts'
import type { RouteSettings } from '../lib/view/connection-settings.ts'
import { Counters } from '../lib/view/counters.ts'
import type { Counts } from '../lib/view/counters.ts'
import type { Mount, MountInput } from '../lib/view/mount.ts'
import { reportRefusal } from '../lib/view/report-refusal.ts'
import { RetainedMounts } from '../lib/view/retained-mounts.ts'
import { stateKeysOf } from '../lib/view/state-keys.ts'
import { ViewRegistry } from '../lib/view/view-registry.ts'
import type { View } from '../lib/view/view.ts'
import { fits, readFilter } from './connection-filter.ts'
import type { ConnectionFilter } from './connection-filter.ts'
import { Connections } from './connections.ts'
import { startHeartbeat } from './heartbeat.ts'
import { listeningOrigins } from './listening-origins.ts'
import { schemaCompilerOf } from './live-route.ts'
import type { LiveRoute } from './live-route.ts'
import type { LiveViewSettings } from './options.ts'
import { pageDigest } from './page.ts'
import { PendingUpgrades } from './pending-upgrades.ts'
import { watchSessionStore } from './session-access.ts'
import type { SessionStore } from './session-access.ts'
import { SessionSweep } from './session-sweep.ts'
import { noteOverDelivery } from './over-delivery.ts'
import { noteForwarded } from './trust-proxy.ts'
import { noteSlowRender } from './slow-render.ts'
import type { Visitor } from './visitor.ts'
import { createUndeclaredNotice } from './warnings.ts'

const TOKEN_LIFETIME = 3600

/** What templates of views have besides. */
const TEMPLATE_NAMES = ['can', 'flash']

/** What there is now, and what has been counted since the start. */
export interface LiveCounts extends Counts {
  /** Open sockets, those that have not joined yet included. */
  readonly connections: number
  /** Pages that were shown and whose sockets have not come yet. */
  readonly retained: number
}

interface Holder {
  readonly session: string | null
  readonly visitor: Visitor
}

/** `app.liveViews`: the view registry, and what all live routes of the application share. */
export class LiveViews {
  readonly settings: LiveViewSettings
  readonly connections: Connections = new Connections()
  readonly sweep: SessionSweep = new SessionSweep()
  readonly retained: RetainedMounts
  readonly caps: ConnectionCaps
  readonly counters: Counters = new Counters()
  readonly pageBuckets: KeyedBuckets
  /** The reply of an upgrade, for `globals`: the websocket handler does not get it. */
  readonly replies: WeakMap<FastifyRequest, FastifyReply> = new WeakMap()
  /** What an upgrade's connection takes of what is limited. */
  readonly places: WeakMap<FastifyRequest, ConnectionPlace> = new WeakMap()
  readonly noteForwarded: (request: FastifyRequest) => void = noteForwarded()
  /** Sockets that are not WebSockets yet. */
  readonly upgrades: PendingUpgrades
  readonly websocket: 'ours' | 'theirs'
  readonly clientUrl: string
  /** In development: tells what a loader returned and nothing asked for. */
  readonly overDelivered: MountInput['overDelivered']
  readonly slowRender: NonNullable<MountInput['slowRender']>
  readonly #app: FastifyInstance
  readonly #registry = new ViewRegistry()
  readonly #compiled = new Map<View, CompiledView>()
  readonly #budgets = new Map<View, ReadonlyMap<string, KeyedBuckets>>()
  readonly #tokens: PageTokens
  readonly #now: () => number = () => performance.now()
  readonly #refusals = createRefusalLog({ now: this.#now })
  readonly #watched = new Map<SessionStore, () => void>()
  readonly #names = new Map<CompiledView, NameCheck>()
  readonly #originCheck: OriginCheck | null
  readonly #onUndeclared = createUndeclaredNotice(this.counters)
  #ready = false
  #stopHeart: () => void = () => {}

  constructor (app: FastifyInstance, settings: LiveViewSettings, websocket: 'ours' | 'theirs', clientUrl: string) {
    this.#app = app
    this.settings = settings
    this.websocket = websocket
    this.clientUrl = clientUrl
    this.slowRender = noteSlowRender(app.log)
    this.overDelivered = settings.production ? null : noteOverDelivery(app.log)
    const now = this.#now
    this.upgrades = new PendingUpgrades(now)
    this.retained = new RetainedMounts({ now })
    this.caps = createConnectionCaps({ limits: settings.limits.rateLimit, now })
    const pages = settings.limits.rateLimit.maxPagesPerIp
    this.pageBuckets = createKeyedBuckets({ rate: pages, burst: 4 * pages, now })
    this.#tokens = createPageTokens({ secrets: settings.secrets ?? [randomBytes(32)], lifetime: TOKEN_LIFETIME })
    this.#originCheck = settings.origins === null ? null : createOriginCheck({ origins: settings.origins })
    for (const view of settings.views) this.add(view)
  }

  /** Registers a view. Before the application is ready it is compiled with the others, later at once. */
  add (view: View): void {
    this.#registry.add(view)
    if (this.#ready) this.#compile(view)
  }

  /** Throws LIVE_ERR_VIEW_UNKNOWN for a name that is not registered. */
  get (name: string): View {
    return this.#registry.get(name)
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

  /** Compiles all views: whatever is wrong with one ends the boot. */
  compileAll (): void {
    for (const view of this.#registry) this.#compile(view)
    this.#ready = true
  }

  /** The views as they were compiled, for `explain`: none before the application is ready. */
  compiledViews (): readonly CompiledView[] {
    return [...this.#compiled.values()]
  }

  /** Makes a route's settings; throws where its view is not registered or a schema does not compile. */
  prepare (route: LiveRoute): void {
    if (typeof route.view !== 'string') this.add(route.view)
    const view = typeof route.view === 'string' ? this.get(route.view) : route.view
    const { settings } = this
    route.settings = Object.freeze({
      compiled: this.#compile(view),
      payloads: compilePayloads(view, schemaCompilerOf(route)),
      limits: route.limits,
      deadlines: DEADLINES,
      handlerBuckets: this.#budgetsOf(view),
      now: this.#now,
      onViolation: route.onViolation ?? settings.onViolation,
      counters: this.counters,
      refusals: this.#refusals,
      onUndeclared: settings.eventSecurity === 'warn' ? this.#onUndeclared : null,
      verifyReloads: settings.verifyReloads,
    })
  }

  settingsOf (route: LiveRoute): RouteSettings {
    // Prepared before the application was ready: no request comes earlier, no route later.
    return route.settings as RouteSettings
  }

  /** What there is now, and what has been counted since the start. */
  counts (): LiveCounts {
    return { connections: this.connections.size, retained: this.retained.size, ...this.counters.counts() }
  }

  /**
   * Logs, counts and tells the hook that a page or a handshake goes no further; the caller refuses it. Never throws.
   * @param detail for the log and the hook; text of the client's in it is cleaned there
   */
  refuseRequest (request: FastifyRequest, code: string, reason: Reason, detail: string): void {
    const { liveRoute } = request.routeOptions.config
    const { settings } = liveRoute ?? {}
    const { onViolation } = settings ?? this.settings
    const view = settings?.compiled.view.name ?? null
    const address = ipKey(request.ip)
    // People open links that are not for them, and come once too often.
    const weight = request.ws ? 'close' : 'none'
    const violation = { code, reason, weight, detail, view, event: null, address } as const
    const audience = { counters: this.counters, refusals: this.#refusals, onViolation }
    reportRefusal(audience, request.log, violation, null, createErrorId())
  }

  checkOrigin (request: FastifyRequest): OriginRefusal | null {
    return (this.#originCheck ?? this.#checkListening(request))(request.headers.origin)
  }

  /** Throws where a template names something that nothing gives; looks at what was not known at boot, outside of production. */
  checkNames (mount: Mount): void {
    if (!this.settings.production) this.#names.get(mount.compiled)?.atMount(Object.keys(mount.state), Object.keys(mount.globals))
  }

  /** Sessions that end in this store end their connections at once. */
  watch (store: SessionStore): void {
    if (this.#watched.has(store)) return
    this.#watched.set(store, watchSessionStore(store, (session) => { this.disconnect({ session }) }))
  }

  /** Starts the one periodic task. */
  start (): void {
    this.#stopHeart = startHeartbeat(() => { this.beat() }, (err) => { this.#app.log.error({ err }, 'live beat failed') })
  }

  /** What is looked at every five seconds: dead peers, slow readers, what has been kept too long. */
  beat (): void {
    this.upgrades.sweep()
    this.retained.expire()
    for (const connection of [...this.connections.all()]) connection.beat()
    this.sweep.beat(this.connections.all())
  }

  close (): void {
    this.#stopHeart()
    this.connections.closeAll()
    this.retained.clear()
    for (const unwatch of this.#watched.values()) unwatch()
  }

  issueToken (route: LiveRoute, request: FastifyRequest, holder: Holder, mount: Mount): string {
    return this.#tokens.issue(this.#binding(route, request, holder), pageDigest(mount))
  }

  verifyToken (route: LiveRoute, request: FastifyRequest, holder: Holder, token: string): TokenVerdict {
    return this.#tokens.verify(token, this.#binding(route, request, holder))
  }

  /** A token past half its life is renewed over the socket. */
  isAging (issuedAt: number): boolean {
    return Date.now() - issuedAt > TOKEN_LIFETIME * 500
  }

  /** In development: where the server listens, known only once it does. */
  #checkListening ({ protocol }: FastifyRequest): OriginCheck {
    return createOriginCheck({ origins: listeningOrigins(protocol, this.#app.addresses() as unknown as AddressInfo[]) })
  }

  #binding (route: LiveRoute, request: FastifyRequest, { session, visitor }: Holder): TokenBinding {
    const { compiled } = this.settingsOf(route)
    return {
      session,
      identity: visitor.identityKey,
      tenant: visitor.tenantKey,
      view: compiled.view.name,
      route: route.url,
      params: request.params as Record<string, unknown>,
      shape: compiled.build,
    }
  }

  #compile (view: View): CompiledView {
    let compiled = this.#compiled.get(view)
    if (compiled === undefined) {
      compiled = compileView(view, this.settings.environment, this.settings.eventSecurity)
      this.#compiled.set(view, compiled)
      this.#names.set(compiled, createNameCheck({
        fields: compiled.fields,
        state: stateKeysOf(view),
        loaders: Object.keys(view.loaders),
        globals: [...TEMPLATE_NAMES, ...Object.keys(this.settings.environment.globals)],
        requestGlobals: this.settings.globalNames,
      }))
    }
    return compiled
  }

  // One budget a view and event, whatever the number of routes that show it.
  #budgetsOf (view: View): ReadonlyMap<string, KeyedBuckets> {
    let budgets = this.#budgets.get(view)
    if (budgets === undefined) {
      const limited = [...view.events.values()].filter((event) => event.rateLimit !== null)
      budgets = new Map(limited.map(({ name, rateLimit }) => {
        const { rate, burst } = rateLimit as { rate: number, burst: number }
        return [name, createKeyedBuckets({ rate, burst, now: this.#now })]
      }))
      this.#budgets.set(view, budgets)
    }
    return budgets
  }
}
