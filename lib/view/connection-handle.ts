import { CLOSE_RELOAD } from './close-codes.ts'
import { withDeadline } from './deadline.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Mount } from './mount.ts'
import type { Connection, Identity, Tenant } from './view.ts'

type Change = (state: never) => void | Promise<void>

/** The face that a connection shows to application code. */
export class ConnectionHandle implements Connection<never> {
  readonly #connection: LiveConnection
  #changes: Change[] = []

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

  update (change: Change): void {
    const connection = this.#connection
    if (connection.phase !== 'live') return
    // All that have gathered by their turn are applied together and rendered once: a burst costs one rendering, takes
    // no place from events in the mailbox, and loses nothing.
    this.#changes.push(change)
    if (this.#changes.length === 1) connection.insist(() => this.#apply())
  }

  close (): void {
    this.#connection.close(CLOSE_RELOAD, 'closed by the application')
  }

  async #apply (): Promise<void> {
    const connection = this.#connection
    const { state } = connection.joined?.mount as Mount
    const changes = this.#changes
    this.#changes = []
    for (const change of changes) {
      if (connection.isClosed()) return
      try {
        const run = async (): Promise<void> => change(state as never)
        await withDeadline(run(), 'update', connection.route.deadlines.handler, () => {})
      } catch (err) {
        connection.fail(err, 'live update failed')
      }
    }
    await connection.publisher.publish(0)
  }
}
