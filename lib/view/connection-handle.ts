import { CLOSE_RELOAD } from './close-codes.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Connection, Identity, Tenant } from './view.ts'

/** The face that a connection shows to application code. */
export class ConnectionHandle implements Connection<never> {
  readonly #connection: LiveConnection

  constructor (connection: LiveConnection) {
    this.#connection = connection
  }

  get id (): string {
    return this.#connection.id
  }

  get view (): string {
    return this.#connection.route.compiled.view.name
  }

  get identity (): Identity | null {
    return this.#connection.joined?.mount.identity ?? null
  }

  get tenant (): Tenant | null {
    return this.#connection.joined?.mount.tenant ?? null
  }

  update (change: (state: never) => void | Promise<void>): void {
    const connection = this.#connection
    const posted = connection.post(async () => {
      const mount = connection.joined?.mount
      if (mount === undefined) return
      try {
        await change(mount.state as never)
        await connection.publisher.publish(0)
      } catch (err) {
        connection.fail(err, 'live update failed')
      }
    })
    if (!posted && connection.phase !== 'closed') connection.log.warn({}, 'live update dropped: the mailbox is full')
  }

  close (): void {
    this.#connection.close(CLOSE_RELOAD, 'closed by the application')
  }
}
