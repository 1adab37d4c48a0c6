import { withDeadline } from './deadline.ts'
import { HandlerScope } from './handler-scope.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Lifecycle } from './view.ts'

/**
 * Runs a lifecycle function of the view, under the handlers' deadline. What it throws is logged.
 * @param signal whether its abort signal ends with the function, or goes on as long as the connection
 */
export async function runLifecycle (
  connection: LiveConnection, run: Lifecycle | null, name: string, signal: 'ends' | 'stays'
): Promise<void> {
  const mount = connection.joined?.mount
  if (run === null || mount === undefined) return
  const scope = new HandlerScope(connection, mount, null)
  try {
    const work = async (): Promise<void> => connection.inTenant(() => run(scope))
    await withDeadline(work(), name, connection.route.deadlines.handler, () => { scope.abort() })
  } catch (err) {
    connection.fail(err, `live ${name} failed`)
  }
  if (signal === 'ends') scope.end()
}
