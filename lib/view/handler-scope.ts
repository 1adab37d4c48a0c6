import { createActions } from './handler-actions.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Mount } from './mount.ts'
import type { AnyEventContext, Connection, Identity, Logger, RouteValues, Tenant } from './view.ts'

/**
 * What handlers and lifecycle functions receive. Functions are own properties, since handlers take them out by
 * destructuring; the abort signal is made when it is first asked for (an AbortController costs more than most handlers).
 */
export class HandlerScope implements AnyEventContext {
  readonly #connection: LiveConnection
  #controller: AbortController | null = null
  #over = false
  #ended = false
  readonly state: object
  readonly data: Record<string, unknown>
  readonly params: RouteValues
  readonly query: RouteValues
  readonly identity: Identity
  readonly tenant: Tenant | null
  readonly hasPermission: AnyEventContext['hasPermission']
  readonly connection: Connection<object>
  readonly log: Logger
  readonly payload: unknown
  readonly reload: (name: string) => void
  readonly patchUrl: AnyEventContext['patchUrl']
  readonly navigate: (path: string) => void
  readonly flash: (kind: string, text: string) => void
  readonly pushEvent: (name: string, data: unknown) => void
  readonly updateSession: AnyEventContext['updateSession']

  constructor (connection: LiveConnection, mount: Mount, payload: unknown) {
    this.#connection = connection
    this.state = mount.state
    this.data = mount.data
    this.params = mount.params
    this.query = mount.query
    // A view that lets nobody anonymous in is typed so; the others are typed with null at their declaration.
    this.identity = mount.identity as Identity
    this.tenant = mount.tenant
    this.hasPermission = mount.hasPermission
    this.connection = connection.handle as Connection<object>
    this.log = connection.log
    this.payload = payload
    const actions = createActions(connection, () => this.#over)
    this.reload = actions.reload
    this.patchUrl = actions.patchUrl
    this.navigate = actions.navigate
    this.flash = actions.flash
    this.pushEvent = actions.pushEvent
    this.updateSession = actions.updateSession
  }

  get signal (): AbortSignal {
    if (this.#controller === null) {
      if (this.#ended && !this.#over) return this.#connection.signal
      this.#controller = new AbortController()
      if (this.#over || this.#connection.phase === 'closed') this.#controller.abort()
      else this.#connection.scopes.add(this)
    }
    return this.#controller.signal
  }

  /** The function has ended in time: its signal is aborted no more. */
  end (): void {
    this.#ended = true
    this.#connection.scopes.delete(this)
  }

  /** The deadline has passed, or the connection ended. */
  abort (): void {
    this.#over = true
    this.#controller?.abort()
  }
}
