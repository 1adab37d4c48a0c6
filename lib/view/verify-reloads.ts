import type { Joined } from './connection-settings.ts'
import type { LiveConnection } from './live-connection.ts'

/** Development only: data that an event changed without saying so stays as it was on every open page. */
export async function verifyReloads (connection: LiveConnection, event: string): Promise<void> {
  const loaders = await (connection.joined as Joined).mount.changedUnnoticed(connection)
  for (const loader of loaders) {
    connection.log.warn({ event, loader }, `event '${event}' changed what loader '${loader}' gives, and the page still shows what it gave before: ` +
      `add reloads: ['${loader}'] to the event, or call reload('${loader}')`)
  }
}
